"""One incident as a page to read: the story, when each finding lasted, what belongs to it, what it was not."""

from __future__ import annotations

from monitor.case import Case
from monitor.charts import Chart, Theme, proof_chart, range_chart
from monitor.export.charts import to_vega_lite
from monitor.export.files import provenance_record
from monitor.export.incident_timeline import stretches_of
from monitor.export.report import Report, Section, written
from monitor.export.results import as_result
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.picture import UNDONE, picture_of
from monitor.incidents.scene import Scene
from monitor.incidents.story import beside_text, story_of, told_evidence
from monitor.incidents.words import segment_text
from monitor.judgement.narration.sentences import headline
from monitor.judgement.window_texts import with_windows


def incident_report(one: Incident, judged: JudgedIncidents, case: Case, scene: Scene, *, then: str = "") -> Report:
    """Return the report of one incident; `scene` holds the rows that its picture is drawn of, `then` is what follows from remedies that
    were tried."""
    proof, stretches = proof_of(one, judged, scene), stretches_of(one, judged)
    story = story_of(one, judged, then=then)
    beaten = {row["Cause"]: row["Why not"] for row in story.beaten}
    return Report(
        title=f"Incident {one.id}: {case.name}",
        answer=f"{one.title}.",
        decide=story.lines,
        facts={**beaten, "Written": written()},
        told_by="What it was not",
        sections=tuple(
            Section(
                title=f"{headline(each.finding, judged.names, judged.against)}{beside_text(each, one, judged)}",
                sentence=text,
                status=each.finding.status,
            )
            for text, each in told_evidence(one, judged).items()
        ),
        charts=tuple(to_vega_lite(chart) for chart in (proof, stretches) if chart is not None),
        skipped=tuple(dict.fromkeys(f"{each.what}: {each.message}" for each in judged.skipped)),
        computed={"Incidents": provenance_record(as_result(judged).provenance)},
    )


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
