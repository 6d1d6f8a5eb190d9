"""Incidents as parts of a report: those that are open in full, with their proof, those that are over in a table; what is to be decided."""

from __future__ import annotations

from datetime import timedelta

from monitor.export.charts import to_vega_lite
from monitor.export.incident_report import proof_of
from monitor.export.incident_timeline import incidents_chart, stretches_of
from monitor.export.report import WORDS, Figures, Section
from monitor.incidents.board import NOTHING_DONE, board_impact, board_title, cost_short, done_text, state_text
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.scene import Scene
from monitor.incidents.story import story_of
from monitor.registry.drafting import DAYS, local_today, owner_of
from monitor.registry.live import next_said
from monitor.registry.pieces import Material
from monitor.vocabulary import Status
from monitor.wording import count_text, day_text

EXACT = ("Cause", "Failure", "Impact", "Began", "Lasts", "Doubt", "Severity", "Owner", "Time", "Said", "Next")
"""Lines of an incident's exact story that a report for those who examine a model holds."""
MOST_OPEN = 5


def board_incidents(material: Material) -> tuple[Section, ...]:
    """Return the open incidents in the words of people who decide, and what is over in a table."""
    judged, terms = material.incidents, material.terms
    if judged is None or terms is None:
        return ()
    lasting = [one for one in judged.incidents if not one.settled]
    told = [
        Section(
            title=board_title(one, terms),
            sentence=f"{board_impact(one, terms)} {done_text(one.record)}\nNext: {next_said(one, judged, material.source)}",
            status=one.severity.value,
            charts=_proof(one, judged, material),
        )
        for one in lasting[:MOST_OPEN]
    ]
    rest = [*lasting[MOST_OPEN:], *(one for one in judged.incidents if one.settled)]
    return (*told, *_table(rest, material, "Over" if not lasting[MOST_OPEN:] else "Further incidents")) or (_none(),)


def exact_incidents(material: Material) -> tuple[Section, ...]:
    """Return all incidents in a table with when each was, then the exact story of each that is open."""
    judged = material.incidents
    if judged is None:
        return ()
    drawn = incidents_chart(judged)
    table = _table(list(judged.incidents), material, "Incidents", () if drawn is None else (to_vega_lite(drawn),))
    told = [_exact(one, judged, material) for one in judged.incidents if not one.settled][:MOST_OPEN]
    return (*table, *told) or (_none(),)


def _none() -> Section:
    return Section(title="No incident", sentence="Incidents were looked for, and none was found.")


def _exact(one: Incident, judged: JudgedIncidents, material: Material) -> Section:
    lines = story_of(one, judged, then=next_said(one, judged, material.source)).lines
    return Section(
        title=one.title,
        sentence="\n".join(f"{name}: {lines[name]}" for name in EXACT if name in lines),
        status=WORDS[Status(one.status)],
        charts=_proof(one, judged, material),
    )


def _proof(one: Incident, judged: JudgedIncidents, material: Material) -> tuple[dict[str, object], ...]:
    source = material.source
    drawn = None
    if source is not None:
        drawn = proof_of(one, judged, Scene(workspace=source.workspace, question=source.question, judged={}))
    drawn = stretches_of(one, judged) if drawn is None else drawn
    return () if drawn is None else (to_vega_lite(drawn),)


def _table(some: list[Incident], material: Material, title: str, charts: tuple[dict[str, object], ...] = ()) -> tuple[Section, ...]:
    terms = material.terms
    if not some or terms is None:
        return ()
    rows = tuple(
        (
            board_title(one, terms),
            state_text(one),
            f"{'at least ' if one.at_least else ''}{count_text(one.told.rows)}" if one.told.rows else "not known",
            cost_short(one, terms),
            "nothing written down" if done_text(one.record) == NOTHING_DONE else done_text(one.record),
        )
        for one in some
    )
    return (Section(title=title, sentence="", figures=Figures(("What", "State", "Rows", "Cost", "Done"), rows), charts=charts),)


def decision_sections(material: Material) -> tuple[Section, ...]:
    """Return what is to be decided of each open incident, by whom and until when."""
    judged, terms = material.incidents, material.terms
    if judged is None or terms is None:
        return ()
    lasting = [one for one in judged.incidents if not one.settled]
    today = local_today(material.case)
    rows = tuple(
        (
            board_title(one, terms),
            next_said(one, judged, material.source),
            owner_of(one, judged),
            f"{day_text(today + timedelta(days=DAYS[one.severity]))}",
        )
        for one in lasting
    )
    if not rows:
        return (Section(title="Decisions", sentence="No incident is open: nothing is asked to be decided."),)
    columns = ("Because", "To decide", "Who", "Until (proposed)")
    return (Section(title="Decisions", sentence="", figures=Figures(columns, rows)),)
