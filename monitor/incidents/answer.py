"""The state of all incidents in a headline and a doubt."""

from __future__ import annotations

from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.sentences import headline
from monitor.wording import list_text, plural


def incidents_answer(judged: JudgedIncidents, about: Incident | None = None) -> Answer:
    """Say what goes on, the most severe first, or what is asked `about`; in the doubt how many are over, and what was not looked at."""
    unseen = sorted({one.what for one in judged.skipped})
    left = f" Not looked at: {list_text(unseen)}." if unseen else ""
    if not judged.incidents:
        return Answer("No incident: nothing that was found asks for anybody's attention.", left.strip())
    lasting = [one for one in judged.incidents if not one.settled]
    first = about or (lasting or list(judged.incidents))[0]
    told = next(one for one in judged.findings if one.what == first.id)
    over = len(judged.incidents) - len(lasting)
    counted = f"{plural(len(lasting), 'incident')} open, {over} over or settled, of {plural(judged.summary['findings'], 'finding')}."
    return Answer(f"{headline(told, judged.names, judged.against)}.", f"{counted}{left}")
