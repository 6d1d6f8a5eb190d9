"""A first draft of a story: what people who decide ask, in their order, from what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from monitor.case import Case
from monitor.errors import ColumnMissingError, KindError, MethodError
from monitor.export.deck import Statement
from monitor.export.files import plain, provenance_record
from monitor.export.pin import ANSWER, REMEDY, Pin, new_pin
from monitor.export.results import as_result
from monitor.export.story import Slide, slide_of
from monitor.incidents.board import board_title, terms_of
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.scene import key_of
from monitor.incidents.story import story_of
from monitor.judgement.challenger_answer import decide
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.registry.catalogue import find_analysis
from monitor.registry.goals import goals_of
from monitor.registry.live import GOALS, Source, answer_statement, finding_statement, goals_statement, next_said, remedy_of
from monitor.vocabulary import Severity
from monitor.wording import day_text, list_text, plural

MOST_INCIDENTS = 4
"""Incidents that have a slide: with the answer, which names all of them, the goals, what would help, the model or the challenger, the
decision and what comes next, ten."""
NOBODY = "nobody is named yet"
ANSWERS = ("performance", "shadow")
"""Analyses whose answer stands on a slide of its own: is the model right, and would another be better?"""
MOST_ASKED = 2
"""Open incidents that the last slide names."""
PROPOSED = "This is proposed by what was measured; who decides may know more, and changes it."
"""What is spoken of a decision that nobody took yet."""
NEXT_STEPS = "What happens next"
DAYS: Mapping[Severity, int] = {Severity.CRITICAL: 7, Severity.HIGH: 14, Severity.MEDIUM: 30, Severity.LOW: 90}
"""Days within which a decision is proposed, by severity: a proposal of ours that whoever tells the story changes."""


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
        made.append(_answer(incidents, windows, source.workspace.case))
    if source.workspace.case.kpis:
        made += _goals(source, found)
    if isinstance(incidents, JudgedIncidents):
        made += [_incident(one, incidents, source, windows) for one in _leading(incidents)]
    for name in ANSWERS:
        if name in found:
            made += _beside_incidents(found[name], incidents, source, windows)
    helps = _helps(incidents, source, windows) if isinstance(incidents, JudgedIncidents) else None
    made += [] if helps is None else [helps]
    slides = [slide for _, slide in made]
    slides += _decision(found.get("shadow"), "" if helps is None else helps[0].title)
    if isinstance(incidents, JudgedIncidents) and incidents.incidents:
        case = source.workspace.case
        today = local_today(case)
        slides.append(
            slide_of(heading=NEXT_STEPS, words=asked_of(incidents, case, today), notes=next_steps(incidents, case, today, source))
        )
    return Draft(tuple(pin for pin, _ in made), tuple(slides))


def _beside_incidents(judged: Judged, incidents: Judged | None, source: Source, windows: str) -> list[tuple[Pin, Slide]]:
    """Return the slide of what an analysis says beside the incidents: none where an incident accounts for all that it found for the worse,
    of several findings the first that none accounts for."""
    if not isinstance(incidents, JudgedIncidents) or not judged.leading or isinstance(judged, JudgedShadow):
        return [_answer(judged, windows, source.workspace.case)]
    told = {each.key for one in incidents.incidents for each in one.evidence}
    rest = [one for one in judged.leading if key_of(judged.analysis, one) not in told]
    if rest and rest[0] is judged.leading[0]:
        return [_answer(judged, windows, source.workspace.case)]
    return [_finding(one, judged, source, windows) for one in rest[:1] if one.note == "worse"]


def _finding(one: Finding, judged: Judged, source: Source, windows: str) -> tuple[Pin, Slide]:
    look = {name: text for name, text in find_analysis(judged.analysis).look(one).items() if text}
    pin = _pinned(finding_statement(one, judged, source), judged, plain(asdict(one)), urlencode({"win": windows, **look}))
    return pin, slide_of(pin.id)


def _leading(judged: JudgedIncidents) -> Sequence[Incident]:
    """Return the incidents that a story tells: those that last first, the most severe of either first."""
    return sorted(_told(judged), key=lambda one: one.settled)[:MOST_INCIDENTS]


def _told(judged: JudgedIncidents) -> list[Incident]:
    """Return the incidents that are no known thing."""
    return [one for one in judged.incidents if one.record is None or not one.record.known_as]


def _pinned(statement: Statement, judged: Judged, finding: Mapping[str, object], view: str) -> Pin:
    provenance = provenance_record(as_result(judged).provenance)
    charts = () if statement.chart is None else (statement.chart,)
    return new_pin(
        case=judged.case, analysis=judged.analysis, title=statement.title, sentence=statement.sentence, finding=finding, view=view,
        provenance=provenance, charts=charts,
    )  # fmt: skip


def _answer(judged: Judged, windows: str, case: Case) -> tuple[Pin, Slide]:
    statement = answer_statement(judged, case)
    finding = {"kind": ANSWER, "what": "", "status": statement.status}
    pin = _pinned(statement, judged, finding, urlencode({"win": windows}))
    return pin, slide_of(pin.id)


def _incident(one: Incident, judged: JudgedIncidents, source: Source, windows: str) -> tuple[Pin, Slide]:
    finding: Finding = next(each for each in judged.findings if each.what == one.id)
    look = {name: text for name, text in find_analysis("incidents").look(finding).items() if text}
    pin = _pinned(finding_statement(finding, judged, source), judged, plain(asdict(finding)), urlencode({"win": windows, **look}))
    lines = story_of(one, judged).lines
    told = "\n".join(f"{name}: {text}" for name, text in lines.items() if name not in ("Said", "Next"))
    return pin, slide_of(pin.id, words=f"Next: {next_said(one, judged, source)}", notes=told)


def _helps(judged: JudgedIncidents, source: Source, windows: str) -> tuple[Pin, Slide] | None:
    """Return the slide of what would help with the most severe incident that is open; None where none is."""
    one = next((each for each in _leading(judged) if not each.settled), None)
    if one is None:
        return None
    statement = remedy_of(one, judged, source)
    finding = {"kind": REMEDY, "what": one.id, "status": statement.status}
    pin = _pinned(statement, judged, finding, urlencode({"win": windows, "incident": one.id}))
    return pin, slide_of(pin.id)


def _decision(shadow: Judged | None, helps: str) -> list[Slide]:
    """Return the slide of what is proposed, with reasons; none where there is neither a challenger nor an open incident."""
    about = decide(shadow) if isinstance(shadow, JudgedShadow) else None
    verdict = "" if about is None else f"{'go' if about.go else 'no-go'} for the challenger"
    lines = [] if about is None else [f"{verdict[:1].upper()}{verdict[1:]}. {about.why}"]
    lines += [f"The most severe open incident: {helps[:1].lower()}{helps[1:]}"] if helps else []
    if not lines:
        return []
    return [slide_of(heading=f"Decision proposed: {verdict or 'what is done about what is open'}", words="\n".join(lines), notes=PROPOSED)]


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


def asked_of(judged: JudgedIncidents, case: Case, today: date) -> str:
    """Say in few words of whom something is asked about each open incident, and until when; what exactly is spoken (`next_steps`)."""
    terms, lasting = terms_of(case, judged), [one for one in _told(judged) if not one.settled]
    lines = [
        f"{number}. {board_title(one, terms)}: {owner_of(one, judged)}, until {day_text(today + timedelta(days=DAYS[one.severity]))}."
        for number, one in enumerate(lasting[:MOST_ASKED], start=1)
    ]
    lines += [f"{len(lasting) - MOST_ASKED} more are open."] if len(lasting) > MOST_ASKED else []
    over = sum(one.settled and (one.record is None or one.record.open) for one in _told(judged))
    lines += [f"Over, to be confirmed and closed: {plural(over, 'incident')}."] if over else []
    return "\n".join(lines or ["Nothing is open, and nothing waits to be closed."])


def next_steps(judged: JudgedIncidents, case: Case, today: date, source: Source | None = None) -> str:
    """Say of each open incident which decision is asked, of whom and until when; then which others wait to be closed."""
    terms, lasting = terms_of(case, judged), [one for one in _told(judged) if not one.settled]
    lines = []
    for number, one in enumerate(lasting, start=1):
        until = day_text(today + timedelta(days=DAYS[one.severity]))
        step = next_said(one, judged, source)
        lines.append(f"{number}. {board_title(one, terms)}. Decide: {step} Who: {owner_of(one, judged)}. Until: {until} (proposed).")
    over = [one for one in _told(judged) if one.settled and (one.record is None or one.record.open)]
    if over:
        who = list_text(list(dict.fromkeys(owner_of(one, judged) for one in over)))
        lines.append(f"Over, to be confirmed and closed: {'; '.join(board_title(one, terms) for one in over)}. Who: {who}.")
    return "\n".join(lines or ["Nothing is open, and nothing waits to be closed."])


def owner_of(one: Incident, judged: JudgedIncidents) -> str:
    """Return who deals with an incident."""
    return judged.owners.of(one) or NOBODY


def local_today(case: Case) -> date:
    """Return the day it is on the clock of a case."""
    return datetime.now(ZoneInfo(case.timezone)).date()
