"""The state of all incidents in a headline and a doubt."""

from __future__ import annotations

from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.sentences import headline
from monitor.wording import list_text, plural


def incidents_answer(judged: JudgedIncidents, about: Incident | None = None) -> Answer:
    """Say what goes on, the most severe first, or what is asked `about`; in the doubt how many are over, and what was not looked at."""
    if not judged.incidents:
        return Answer("No incident: nothing that was found asks for anybody's attention.", _left(judged))
    lasting = [one for one in judged.incidents if not one.settled]
    first = about or (lasting or list(judged.incidents))[0]
    told = next(one for one in judged.findings if one.what == first.id)
    made_of = f", of {plural(judged.summary['findings'], 'finding')}"
    return Answer(f"{headline(told, judged.names, judged.against)}.", incidents_doubt(judged, made_of))


def incidents_doubt(judged: JudgedIncidents, made_of: str = "") -> str:
    """Say how many incidents are open and how many over, what they are `made_of`, and what was not looked at."""
    if not judged.incidents:
        return _left(judged)
    lasting = sum(not one.settled for one in judged.incidents)
    counted = f"{plural(lasting, 'incident')} open, {len(judged.incidents) - lasting} over or settled{made_of}."
    return f"{counted} {_left(judged)}".strip()


def _left(judged: JudgedIncidents) -> str:
    unseen = sorted({one.what for one in judged.skipped})
    return f"Not looked at: {list_text(unseen)}." if unseen else ""
