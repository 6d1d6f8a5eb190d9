"""The page Fairness: does the model treat groups alike, and did it before?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.fairness_groups import GapTrack
from monitor.charts import Chart, groups_chart
from monitor.export.finding_sections import gap_chart_of
from monitor.export.results import as_result
from monitor.judgement.fairness import JudgedFairness, group_text
from monitor.judgement.fairness_tables import groups_table, parities
from monitor.judgement.finding import Finding
from monitor.registry import find_analysis, screen_answer
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.disparity import BETWEEN, Scale
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import number_text, share_text

PAGE = "fairness"
MOST_FIGURES = 4
FIRST = ("selection_rate", "mae", "accuracy")
"""Metrics that are shown where nothing was found and none is chosen, the first that there is."""


def fairness_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "Whether groups are treated alike cannot be said here.")
        empty_state(lacking, "A protected column holds groups that a model must not treat apart, such as ages or sexes.", page="setup")
        return
    judged, made = judged_of(current, PAGE), judged_key(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    show_cautions(current, judged)
    _figures(judged)
    if not judged.result.tracks:
        empty_state("No group has a row with an answer.", "Choose other rows in the bar above.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        track = _choose(judged)
    charts = kept(("fairness", made, track.name, current.theme), lambda: _charts(current, judged, track))
    drawn, found = st.columns([0.64, 0.36], gap="medium")
    with drawn:
        for name, chart in charts.items():
            show_chart(chart, key=f"fairness_{name}")
    with found:
        if judged.findings:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("No gap lies beyond the band by more than chance.", "Larger windows tell more of small groups.")
    _table(judged, track)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="fairness_files")
    evidence(judged.provenance, facts=_facts(judged), key="fairness_evidence")


def _option(track: GapTrack) -> str:
    return group_text(f"{track.label} {track.group}", track.klass)


def _choose(judged: JudgedFairness) -> GapTrack:
    """Ask for the metric and the group: those of the first finding where none is chosen."""
    tracks, first = judged.result.tracks, judged.leading[0] if judged.findings else None
    known = {one.metric for one in tracks}
    titles = {one.title: one.id for one in METRICS.values() if one.id in known}
    usual = next((name for name in (first.method if first else "", *FIRST) if name in known), next(iter(titles.values())))
    title = ask_one("fairness_metric", "Metric", list(titles), usual=METRICS[usual].title, width=300)
    mine = {_option(one): one for one in tracks if one.metric == titles[title]}
    at = group_text(first.label, *first.carried) if first else ""
    usual_group = at if at in mine else next(iter(mine))
    return mine[ask_one("fairness_group", "Group", list(mine), usual=usual_group, width=300)]


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _charts(current: View, judged: JudgedFairness, track: GapTrack) -> dict[str, Chart]:
    metric, theme = METRICS[track.metric], current.theme
    band = None if track.scale is Scale.DIFFERENCE else (judged.thresholds.band, 1 / judged.thresholds.band)
    groups = groups_table(judged, track.attribute, track.metric, track.klass)
    title = f"{metric.title} by {track.label}, all mature windows together, beside all other rows"
    return {
        "groups": groups_chart(groups, metric=metric.title, band=band, names=chart_names(judged.called), title=title, theme=theme),
        "by-window": gap_chart_of(judged, track.name, annotations=annotation_table(current.case), theme=theme),
    }


def _figures(judged: JudgedFairness) -> None:
    """Show for each metric of fairness how far the two groups farthest apart are from each other, over all mature windows."""
    figures = []
    for one in parities(judged)[:MOST_FIGURES]:
        label = f"{group_text(BETWEEN[one.metric], one.klass)}, {one.groups[0]} beside {one.groups[1]}"
        low, high = (number_text(end, 2) for end in (one.lower, one.upper))
        text = f"{one.label}, all mature windows: the smallest ratio between two groups, {low} to {high}; 1 where all are alike"
        figures.append(KeyFigure(label, f"{number_text(one.now, 2)} ×", f"{judged.called.a}: {number_text(one.before, 2)}", help=text))
    if figures:
        key_figures(figures)


def _table(judged: JudgedFairness, track: GapTrack) -> None:
    """Show every metric of the chosen attribute by group over all mature windows, folded."""
    folded = st.expander("All metrics by group, all mature windows", icon=":material/table:", key="fairness_all", on_change="rerun")
    if not folded.open:
        return
    rows: list[dict[str, Any]] = []
    for one in judged.result.tracks:
        if (one.attribute, one.klass) == (track.attribute, track.klass):
            value, others = float(one.pooled.one.raw[0]), float(one.pooled.other.raw[0])
            metric = METRICS[one.metric]
            write = share_text if metric.is_share else number_text
            ratio = value / others if one.scale is Scale.RATIO and others else np.nan
            rows.append(
                {
                    "Metric": metric.title, "Group": one.group, "Value": write(value), "All others": write(others),
                    "Times": number_text(ratio), "Rows it rests on": int(one.pooled.one.n[0]), "Rests on": metric.of,
                }
            )  # fmt: skip
    with folded:
        st.caption(md_escape(f"{track.label}, {judged.called.b}"))
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def _facts(judged: JudgedFairness) -> dict[str, str]:
    band = judged.thresholds.band
    return {
        "Compared": "each group with all other rows of the attribute; of all groups together the two farthest apart (as fairlearn does)",
        "Intervals": "95 %; of differences Newcombe's, of ratios Donner and Zou's, each over its own denominator; rows of one stretch of "
        "time that hang together count as fewer",
        "Band": f"{number_text(band)} to {number_text(1 / band)} (four fifths); calibration: the same of a ratio of odds",
        "Alarm": f"the whole interval beyond the band,"
        f" allowed for {judged.summary['gaps_judged']} gaps at {number_text(judged.thresholds.q)}",
        "Stable": "a gap that the reference has too is a warning and no drift",
        "Rows": "how often a group is decided positive is told of all rows, everything else of rows with a label",
    }
