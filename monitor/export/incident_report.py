"""One incident as a page to read: the story, the chart that proves it, what it was not; what was found follows as an appendix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.case import Case
from monitor.charts import Chart, Theme, proof_chart, range_chart
from monitor.export.charts import to_vega_lite
from monitor.export.files import provenance_record
from monitor.export.incident_timeline import stretches_of
from monitor.export.report import APPENDIX, Figures, Report, Section, written
from monitor.export.results import as_result
from monitor.incidents.cause import Cause
from monitor.incidents.evidence import Evidence, Timing
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.picture import UNDONE, picture_of
from monitor.incidents.scene import Scene
from monitor.incidents.story import Story, story_of, whole_windows
from monitor.incidents.told import time_of, told_evidence
from monitor.incidents.words import segment_text
from monitor.judgement.window_texts import with_windows
from monitor.wording import plural

FOUND = f"{APPENDIX}: what was found"
FURTHER: Mapping[str, str] = {"With it": "what came with it", "Time": "when it was known and dealt with", "Silent": "what showed no sign"}
"""Lines that a first page can do without, by what they tell."""
TIMES: Mapping[Timing, str] = {
    Timing.WITHIN: "Belongs to it",
    Timing.LONGER: "Lasts longer than it",
    Timing.BEFORE: "Began before it, and so not only from it",
}
"""What findings are called by how their time lies to that of the incident."""
BEFORE_WHERE = ("Cause", "Failure", "Impact")
"""Lines that stand before where it happened."""


def incident_report(one: Incident, judged: JudgedIncidents, case: Case, scene: Scene, *, then: str = "") -> Report:
    """Return the report of one incident; `scene` holds the rows that its picture is drawn of, `then` is what follows from remedies that
    were tried."""
    charts = [to_vega_lite(chart) for chart in (proof_of(one, judged, scene), stretches_of(one, judged)) if chart is not None]
    story = story_of(one, judged, then=then)
    beaten, lines = {row["Cause"]: row["Why not"] for row in story.beaten}, _lines(one, story, judged)
    return Report(
        title=f"Incident {one.id}: {case.name}",
        answer=f"{one.title}.",
        decide={**{name: text for name, text in lines.items() if name not in FURTHER}, "Written": written()},
        facts=beaten or {"No other cause": "could be ruled out by its rows"},
        told_by="What it was not",
        sections=(*_found(one, judged, tuple(charts[1:])), *_further(lines)),
        charts=tuple(charts[:1]),
        one_page=True,
        skipped=tuple(dict.fromkeys(f"{each.what}: {each.message}" for each in judged.skipped)),
        computed={"Incidents": provenance_record(as_result(judged).provenance)},
    )


def _lines(one: Incident, story: Story, judged: JudgedIncidents) -> Mapping[str, str]:
    """Return the lines of a story, with where it happened behind what it did."""
    first = {name: story.lines[name] for name in BEFORE_WHERE if name in story.lines}
    causes = [each.hypothesis for each in (one.alone or one, *one.absorbed)]
    places = [segment_text(each.segment, judged.result.labels, each.beside) or "in no segment alone" for each in causes]
    place = {} if one.cause is Cause.UNKNOWN and not any(each.segment for each in causes) else {"Where": "; ".join(dict.fromkeys(places))}
    return {**first, **place, **{name: text for name, text in story.lines.items() if name not in first}}


def _found(one: Incident, judged: JudgedIncidents, charts: tuple[Mapping[str, Any], ...]) -> Iterator[Section]:
    """Yield what was found, by how its time lies to that of the incident; `charts` are drawn with the first."""
    told = told_evidence(one, judged)
    for time, title in TIMES.items():
        mine = {text: each for text, each in told.items() if time_of(each, one, judged) is time}
        whole = whole_windows(mine.values(), one, judged) if time is Timing.WITHIN else ""
        if mine:
            name = f"{title} ({whole})" if whole else title
            told_as = f"{name}: {plural(len(mine), 'finding')}"
            yield Section(title=told_as, sentence="", figures=_table(mine), asked=FOUND, charts=charts)
            charts = ()


def _further(lines: Mapping[str, str]) -> Iterator[Section]:
    """Yield what else the story tells, where it tells anything else."""
    rows = tuple((f"{told[:1].upper()}{told[1:]}", lines[name]) for name, told in FURTHER.items() if name in lines)
    if rows:
        yield Section(title="Further about it", sentence="", figures=Figures(("What", "Told"), rows), asked=FOUND)


def _table(found: Mapping[str, Evidence]) -> Figures:
    rows = tuple((each.finding.status.capitalize(), each.analysis.replace("_", " ").capitalize(), text) for text, each in found.items())
    return Figures(("Verdict", "Found on", "Finding"), rows)


def proof_of(one: Incident, judged: JudgedIncidents, scene: Scene, theme: Theme = "light") -> Chart | None:
    """Draw what proves the cause of an incident; None where there is nothing to draw."""
    picture = picture_of(scene, one.hypothesis)
    if picture is None:
        return None
    where = segment_text(one.hypothesis.segment, judged.result.labels, one.hypothesis.beside)
    title = f"{picture.label} where {where}" if where else picture.label
    if picture.windows is not None:
        rows = with_windows(picture.windows, judged)
        return range_chart(rows, label=picture.label, share=picture.share, title=f"{title} by window", theme=theme)
    if picture.cells is None:
        return None
    undone = ", and undone" if picture.cells["side"].eq(UNDONE).any() else ""
    return proof_chart(picture.cells, title=f"{title}: before, now{undone}", label=picture.label, theme=theme)
