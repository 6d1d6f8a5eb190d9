"""A first draft of a story: what people who decide ask, in their order, from what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from monitor.errors import ColumnMissingError, KindError, MethodError
from monitor.export.deck import Statement
from monitor.export.files import plain, provenance_record
from monitor.export.pins import ANSWER, Pin, new_pin
from monitor.export.results import as_result
from monitor.export.story import Slide, slide_of
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.story import NEXT, story_of
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.registry.catalogue import find_analysis
from monitor.registry.goals import goals_of
from monitor.registry.live import GOALS, Source, answer_statement, finding_statement, goals_statement

MOST_INCIDENTS = 5
"""Incidents that have a slide: with the answer, the goals, the model, the challenger and what comes next, ten slides."""
ANSWERS = ("performance", "shadow")
"""Analyses whose answer stands on a slide of its own: is the model right, and would another be better?"""
NEXT_STEPS = "What happens next"


@dataclass(frozen=True, slots=True)
class Draft:
    """Pins that are to be kept, and the slides that name them."""

    pins: tuple[Pin, ...]
    slides: tuple[Slide, ...]


def draft_story(source: Source, found: Mapping[str, Judged], *, windows: str) -> Draft:
    """Return a first draft: what happened in short, the goals, the incidents that matter most, whether the model is right, whether
    another would be better, what happens next.

    Parameters
    ----------
    found : what each analysis found, by its name.
    windows : the window size that the addresses of the pins name.
    """
    made: list[tuple[Pin, Slide]] = []
    incidents = found.get("incidents")
    if incidents is not None:
        made.append(_answer(incidents, windows))
    if source.workspace.case.kpis:
        made += _goals(source, found)
    if isinstance(incidents, JudgedIncidents):
        made += [_incident(one, incidents, source, windows) for one in _leading(incidents)]
    made += [_answer(found[name], windows) for name in ANSWERS if name in found]
    slides = [slide for _, slide in made]
    if isinstance(incidents, JudgedIncidents) and incidents.incidents:
        slides.append(slide_of(heading=NEXT_STEPS, words=_next(incidents)))
    return Draft(tuple(pin for pin, _ in made), tuple(slides))


def _leading(judged: JudgedIncidents) -> Sequence[Incident]:
    """Return the incidents that a story tells: those that last first, the most severe of either first."""
    told = [one for one in judged.incidents if one.record is None or not one.record.known_as]
    return sorted(told, key=lambda one: one.settled)[:MOST_INCIDENTS]


def _pinned(statement: Statement, judged: Judged, finding: Mapping[str, object], view: str) -> Pin:
    provenance = provenance_record(as_result(judged).provenance)
    charts = () if statement.chart is None else (statement.chart,)
    return new_pin(
        case=judged.case, analysis=judged.analysis, title=statement.title, sentence=statement.sentence, finding=finding, view=view,
        provenance=provenance, charts=charts,
    )  # fmt: skip


def _answer(judged: Judged, windows: str, notes: str = "") -> tuple[Pin, Slide]:
    statement = answer_statement(judged)
    finding = {"kind": ANSWER, "what": "", "status": statement.status}
    pin = _pinned(statement, judged, finding, urlencode({"win": windows}))
    return pin, slide_of(pin.id, notes=notes)


def _incident(one: Incident, judged: JudgedIncidents, source: Source, windows: str) -> tuple[Pin, Slide]:
    finding: Finding = next(each for each in judged.findings if each.what == one.id)
    look = {name: text for name, text in find_analysis("incidents").look(finding).items() if text}
    pin = _pinned(finding_statement(finding, judged, source), judged, plain(asdict(finding)), urlencode({"win": windows, **look}))
    lines = story_of(one, judged).lines
    told = "\n".join(f"{name}: {text}" for name, text in lines.items() if name not in ("Impact", "Said", "Next"))
    return pin, slide_of(pin.id, words=f"Next: {NEXT[one.cause]}", notes=told)


def _goals(source: Source, found: Mapping[str, Judged]) -> list[tuple[Pin, Slide]]:
    """Return the slide of the goals; none where they cannot be read, which their page says."""
    try:
        tree = goals_of(source.workspace, source.question, source.judge)
    except (ColumnMissingError, KindError, MethodError):
        return []
    judged = found.get("performance") or found.get("operations")
    statement = goals_statement(tree)
    if judged is None:
        return []
    pin = replace(_pinned(statement, judged, {"kind": ANSWER, "what": "", "status": statement.status}, ""), analysis=GOALS)
    return [
        (pin, slide_of(pin.id, notes="\n".join(f"{one.section.name}: {text}" for one in tree.goals if (text := tree.contribution(one)))))
    ]


def _next(judged: JudgedIncidents) -> str:
    lines = []
    for number, one in enumerate(_leading(judged), start=1):
        owner = (one.record.owner if one.record is not None else "") or judged.result.owner or "nobody is named yet"
        lines.append(f"{number}. {one.claim}: {NEXT[one.cause]} Owner: {owner}.")
    shown = {one.id for one in _leading(judged)}
    lines += [f"Not on a slide: {one.title}." for one in judged.incidents if one.id not in shown]
    return "\n".join(lines)
