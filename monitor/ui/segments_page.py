"""The page Segments: where did the model get worse than elsewhere?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from monitor.charts import Chart, contribution_chart
from monitor.export.finding_sections import segment_chart
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.segments import JudgedSegments
from monitor.registry import find_analysis, screen_answer
from monitor.stats.performance.losses import LOSSES
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import chart_names, downloads, empty_state, evidence, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.wording import count_text, number_text

PAGE = "segments"
BARS = 12
"""Segments that the picture shows; all stand in the table and the download."""


def segments_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "Whether the model is right anywhere cannot be said here.")
        empty_state(lacking, "Labels may also come as a file of their own: name it as labels in [data] of case.toml.", page="setup")
        return
    judged: JudgedSegments = judged_of(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    show_cautions(current, judged)
    if judged.table.empty:
        empty_state("There is nothing to rank.", "Segments need 100 labelled rows on each side. Choose a longer period.")
        skipped_note(judged)
        return
    charts = _shown(current, judged)
    _table(judged)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="segments_files")
    evidence(judged.provenance, facts=_facts(judged), key="segments_evidence")


def ranked(judged: JudgedSegments) -> pd.DataFrame:
    """Return one row per segment, in order of rank: what it adds in the windows whose labels are in, and its most severe verdict."""
    rows = []
    usable = set(np.array(judged.windows.ids, dtype=object)[judged.result.usable].tolist())
    for label, part in judged.table.groupby("label", sort=False):
        told = [one for one in judged.findings if one.what == label]
        held = part[part["window"].isin(usable)] if not told else part.iloc[told[0].first : told[0].last + 1]
        weight = (held["n"] / held["share_rows"]).fillna(0.0)
        total = max(float(weight.sum()), 1e-9)
        added = float((held["contribution"].fillna(0.0) * weight).sum()) / total
        half = float(np.sqrt((((held["upper"] - held["lower"]).fillna(0.0) / 2 * weight) ** 2).sum())) / total
        rows.append(
            {
                "label": str(part["called"].iloc[0]), "metric": LOSSES[str(part["metric"].iloc[0])].title, "added": added,
                "lower": added - half, "upper": added + half, "share": float(held["n"].sum()) / total,
                "status": told[0].status if told else "stable",
                "value": float((held["value"].fillna(0.0) * held["n"]).sum()) / max(float(held["n"].sum()), 1e-9),
                "reference": float(part["reference_value"].iloc[0]), "q_value": float(part["q_value"].iloc[0]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _shown(current: View, judged: JudgedSegments) -> dict[str, Chart]:
    made = judged_key(current, PAGE)
    labels = dict(zip(judged.table["called"], judged.table["label"], strict=True))
    chosen = labels[ask_one("segments_segment", "Segment", list(labels), usual=next(iter(labels)))]
    bars = kept(("bars", made, current.theme), lambda: contribution_chart(ranked(judged).head(BARS), label="metric", theme=current.theme))
    line = kept(("line", made, chosen, current.theme), lambda: _line(current, judged, chosen))
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        show_chart(line, key="segments_line")
    with right:
        if judged.findings:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("No segment moved beyond chance.", "Below: what each of the farthest ones adds, with its interval.")
    show_chart(bars, key="segments_bars")
    return {"segment-by-window": line, "contributions": bars}


def _line(current: View, judged: JudgedSegments, chosen: str) -> Chart:
    names, notes = chart_names(judged.called), annotation_table(current.case)
    return segment_chart(judged, chosen, names=names, annotations=notes, theme=current.theme)


def _look(finding: Finding) -> None:
    here.choose({"segments_segment": finding.label})


def _table(judged: JudgedSegments) -> None:
    """Show the segments as a table, folded."""
    folded = st.expander("All segments that are told of", icon=":material/table:", key="segments_all", on_change="rerun")
    if not folded.open:
        return
    found = ranked(judged)
    names: dict[str, Any] = {
        "label": "Segment", "metric": "Metric", "reference": "Reference", "value": "Now", "added": "Adds", "lower": "From", "upper": "To",
        "share": "Share of rows", "q_value": "q", "status": "Verdict",
    }  # fmt: skip
    with folded:
        st.dataframe(found[list(names)].rename(columns=names), hide_index=True)


def _facts(judged: JudgedSegments) -> dict[str, str]:
    result = judged.result
    return {
        "Number": "mean of the metric in the segment minus that of all other rows, beside the same of the whole reference",
        "Looked at": f"{count_text(result.singles)} segments of one column, {count_text(result.pairs)} of two (100 labelled rows)",
        "Cut points": "numbers at eighths of the reference and every range of these (pairs: quarters and halves); the 20 commonest levels",
        "Ranked by": "share of rows times how far it moved, shrunk by what chance explains; what alarms comes first",
        "Interval": "95 %; rows of one stretch of time that hang together count as fewer",
        "Searched": "a segment that the case does not name is told where at least three windows say so",
        "Limit": "how the segment varies between the reference's own windows, all runs allowed for and all segments that were looked at",
        "q": "Benjamini-Hochberg over all of them; the larger of Student's law and the reference's own farthest runs",
        "Correction": f"a third of {number_text(judged.thresholds.q)} each: segments that the case names, others of one column, of two",
    }
