"""What people who decide read first in a report: what happened, since when, how bad, what is done, who answers, where it is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from monitor.case import Case
from monitor.export.pin import Pin
from monitor.incidents.board import NOTHING_DONE, done_text
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.next_step import next_steps
from monitor.judgement.finding import Finding, State
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.window_texts import period_of
from monitor.vocabulary import Status
from monitor.wording import list_text, number_text, plural

OWNER = "Owner"
STATES: Mapping[State, str] = {State.NEW: "new, going on", State.ONGOING: "going on", State.OVER: "over"}
NOTHING_SAID = "nothing is written down yet: what is said of a pinned finding stands here"
HERE = "http://localhost:8501"
"""Where `driftscope app` serves a machine's own user unless a port is given (the default of Streamlit)."""
SEVERE: Mapping[str, str] = {Status.ALERT.value: "Alert", Status.WARNING.value: "Warning"}
"""What a severity is called at the start of a line."""


def first_page(
    case: Case, lead: tuple[Judged, Finding, Mapping[str, str | None]] | None, pins: Sequence[Pin], *, app: str = ""
) -> dict[str, str]:
    """Return name and text of each line; `lead` is the finding that leads, with what the address of its page says to look at it, `app` the
    address at which the app is reached (empty: not known)."""
    told = {} if lead is None else {**_of_finding(*lead[:2]), "Where to see it": _way(case, page_address(case, lead, app), app)}
    done = _done(pins) or (_about(*lead[:2]) if lead is not None else "")
    return {**told, "What we do": done or NOTHING_SAID, OWNER: case.owner or "nobody is named"}


def _of_finding(judged: Judged, finding: Finding) -> dict[str, str]:
    one = judged.incident(finding.what) if isinstance(judged, JudgedIncidents) else None
    when = period_of(judged, finding) if one is None or not one.when else one.when
    told = when.removeprefix("since ")
    return {
        "What": sentence(finding, judged.names, judged.against),
        "Since when": f"{told} ({one.lasts if one is not None and one.lasts else STATES[finding.state]})",
        "How bad": _badness(judged, finding) if one is None else f"{one.severity.value.capitalize()}: {list_text(one.reasons)}",
    }


def _badness(judged: Judged, finding: Finding) -> str:
    severe = SEVERE.get(finding.status, finding.status)
    strength = f"{severe}: {number_text(finding.strength, 2)} times as far as it takes to alarm"
    rest = len(judged.findings) - 1
    return f"{strength}; {plural(rest, 'further finding')} of the same kind" if rest else strength


def page_address(case: Case, lead: tuple[Judged, Finding, Mapping[str, str | None]], app: str = "") -> str:
    """Return the address of the page that shows the finding that leads, on this machine where that of the app is not known."""
    judged, _, look = lead
    asked = {"case": case.root.name, "win": str(judged.provenance.settings.get("windows", "")), **look}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{(app or HERE).rstrip('/')}/{judged.analysis}?{query}"


def _way(case: Case, page: str, app: str) -> str:
    """Return the address of a page; where that of the app is not known, how it is opened."""
    return page if app else f"Start Driftscope (driftscope app {case.root.name}), then open {page}"


def _done(pins: Sequence[Pin]) -> str:
    said = [f"{' '.join(one.comment.split())} ({one.title})" for one in pins if one.comment.strip()]
    return "; ".join(said)


def _about(judged: Judged, finding: Finding) -> str:
    """Return what is done about an incident, or what is done first with such a cause; empty of any other finding."""
    one = judged.incident(finding.what) if isinstance(judged, JudgedIncidents) else None
    if one is None:
        return ""
    done = done_text(one.record)
    return f"{done} First with such a cause: {next_steps(one)}" if done == NOTHING_DONE else done
