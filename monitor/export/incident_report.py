"""One incident as a page to read: the story, when each finding lasted, what belongs to it, what it was not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.case import Case
from monitor.charts import Chart, Theme, proof_chart, range_chart, stretches_chart
from monitor.export.charts import to_vega_lite
from monitor.export.files import provenance_record
from monitor.export.report import Report, Section, written
from monitor.export.results import as_result
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.picture import UNDONE, picture_of
from monitor.incidents.scene import Scene
from monitor.incidents.story import story_of
from monitor.incidents.words import segment_text
from monitor.judgement.narration.dates import local
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.window_texts import with_windows
from monitor.wording import plural

MOST_DRAWN = 12


def incident_report(one: Incident, judged: JudgedIncidents, case: Case, scene: Scene) -> Report:
    """Return the report of one incident; `scene` holds the rows that its picture is drawn of."""
    proof, stretches = proof_of(one, judged, scene), stretches_of(one, judged)
    story = story_of(one, judged)
    beaten = {
        f"Not {row['Cause']}": " ".join(part for part in (f"explains {row['Explains']}", row["Proof"]) if part) for row in story.beaten
    }
    return Report(
        title=f"Incident {one.id}: {case.name}",
        answer=f"{one.title}.",
        doubt=story.doubt,
        decide=story.lines,
        facts={**beaten, "Written": written()},
        sections=tuple(
            Section(
                title=headline(each.finding, judged.names, judged.against),
                sentence=sentence(each.finding, judged.names, judged.against),
                status=each.finding.status,
            )
            for each in one.evidence
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


def stretches_of(one: Incident, judged: JudgedIncidents, theme: Theme = "light") -> Chart | None:
    """Draw when each finding lasted that belongs to an incident; the rule is its onset. None where rows alone prove it."""
    if not one.evidence:
        return None
    last, zone = judged.windows.end[-1], judged.result.timezone
    rows = [
        {
            "label": headline(each.finding, judged.names, judged.against),
            "order": order,
            "group": each.analysis,
            "start": local(judged.windows.start[each.first], zone),
            "end": local(last if each.finding.ongoing else judged.windows.end[each.last], zone),
            "status": each.finding.status,
            "strength": each.finding.strength,
            "told": sentence(each.finding, judged.names, judged.against),
            "onset": local(one.hypothesis.start, zone),
        }
        for order, each in enumerate(one.evidence)
    ]
    analyses = plural(len({each.analysis for each in one.evidence}), "analysis", "analyses")
    return stretches_chart(pd.DataFrame(rows), title=f"{plural(len(rows), 'finding')} of {analyses} belong to it.", theme=theme)


def incidents_chart(judged: JudgedIncidents, theme: Theme = "light") -> Chart | None:
    """Draw when each incident happened, the most severe first; None where none has a time."""
    last, zone = judged.windows.end[-1:], judged.result.timezone
    found = [one for one in judged.incidents if not np.isnat(one.hypothesis.start)]
    rows = [
        {
            "label": one.claim,
            "order": order,
            "group": "incidents",
            "start": local(one.hypothesis.start, zone),
            "end": local(last[0] if np.isnat(one.hypothesis.end) else one.hypothesis.end, zone),
            "status": one.status,
            "strength": max((each.finding.strength for each in one.evidence), default=float("nan")),
            "told": one.title,
            "onset": np.datetime64("NaT"),
        }
        for order, one in enumerate(found[:MOST_DRAWN])
    ]
    title = "When each incident happened" if len(found) <= MOST_DRAWN else f"When the {MOST_DRAWN} most severe incidents happened"
    return stretches_chart(pd.DataFrame(rows), title=title, theme=theme) if rows else None
