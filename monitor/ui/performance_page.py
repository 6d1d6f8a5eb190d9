"""The page Performance: is the model still right, since when not, and how much?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from monitor.analyses.splits import splits_offered
from monitor.charts import Chart, on_one_scale
from monitor.export.finding_sections import metric_chart
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.performance import JudgedPerformance
from monitor.registry import find_analysis, screen_answer
from monitor.stats.performance.catalogue import Metric
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one, picked
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.metric_figures import metric_figures
from monitor.ui.opened import workspace
from monitor.ui.performance_behind import show_behind
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.vocabulary import Status, Task
from monitor.wording import count_text, number_text, share_text, window_unit

PAGE = "performance"
ALL_ROWS = "all rows together"
FIRST: Mapping[Task, str] = {Task.BINARY: "roc_auc", Task.MULTICLASS: "accuracy", Task.REGRESSION: "bias"}
"""The metric that is shown where nothing was found and none is chosen."""
MOST_FIGURES = 4
MOST_PARTS = 6
"""Segments that are drawn beside all rows together."""
ALONE, TOGETHER, PART = 300, 150, 90
"""Pixels that a plot is high: of one alone, of all rows above their segments, of a segment."""


def performance_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "Whether the model is right cannot be said here.")
        empty_state(lacking, "Labels may also come as a file of their own: name it as labels in [data] of case.toml.", page="setup")
        return
    head = st.container()
    choices = st.container(horizontal=True, vertical_alignment="bottom")
    with choices:
        by = _choose_by(current)
    judged, made = judged_of(current, PAGE, by=by), judged_key(current, PAGE, by=by)
    with head:
        said = screen_answer(judged)
        page_head(PAGE, said.headline, said.doubt)
        show_cautions(current, judged)
        _figures(judged)
    with choices:
        metric, segment = _choose(judged, by)
    charts = {f"{metric.id}-by-window": _timeline(current, judged, metric, (made, segment))}
    parts = {} if by is None or segment else _by_segment(current, judged, metric, made)
    drawn, found = st.columns([0.64, 0.36], gap="medium")
    with drawn:
        show_chart(charts[f"{metric.id}-by-window"], key="performance_timeline", height=TOGETHER if parts else ALONE)
        _show_parts(judged, parts)
    charts |= {f"{metric.id}-{place + 1}": chart for place, chart in enumerate(parts.values())}
    with found:
        if judged.findings:
            findings_list(current, judged, PAGE, _look, note=_told_of(judged))
        else:
            empty_state("No metric changed beyond chance.", "Limits of each window stand in the download; smaller windows may tell more.")
    charts |= show_behind(current, judged, made)
    _table(judged, segment)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="performance_files")
    evidence(judged.provenance, facts=_facts(judged, metric), key="performance_evidence")


def _choose_by(current: View) -> str | None:
    names = {current.case.label(name): name for name in splits_offered(workspace(current), current.case)}
    if not names:
        picked("performance_by", [ALL_ROWS], ALL_ROWS)
        return None
    return names.get(ask_one("performance_by", "By", [ALL_ROWS, *names], usual=ALL_ROWS, width=300))


def _titles(judged: JudgedPerformance) -> dict[str, str]:
    """Return title -> id of the metrics that were measured of all classes, in the order of the catalogue."""
    known = set(judged.table.loc[judged.table["class"].isna(), "metric"])
    return {one.title: one.id for one in judged.result.catalogue.values() if one.id in known}


def _choose(judged: JudgedPerformance, by: str | None) -> tuple[Metric, str]:
    """Ask for the metric (that of the first finding where none is chosen), and for the rows that it is shown of."""
    titles = _titles(judged)
    usual = judged.leading[0].method if judged.findings else FIRST[judged.result.task]
    usual = usual if usual in titles.values() else next(iter(titles.values()))
    segments = [name for name in dict.fromkeys(judged.table["segment"]) if isinstance(name, str)]
    title = ask_one("performance_metric", "Metric", list(titles), usual=judged.result.catalogue[usual].title, width=300)
    if by is None:
        picked("performance_segment", [ALL_ROWS], ALL_ROWS)
        return judged.result.catalogue[titles[title]], ""
    segment = ask_one("performance_segment", "Rows", [ALL_ROWS, *segments], usual=ALL_ROWS, width=300)
    return judged.result.catalogue[titles[title]], "" if segment == ALL_ROWS else segment


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _told_of(judged: JudgedPerformance) -> str:
    """Say what the two values of a run are: means of windows, which for a metric that ranks differ from the value of all rows at once."""
    fine = judged.result.fine
    if fine is None:
        return "Values of a run are means of its windows, by their labelled rows."
    unit = window_unit(fine.windows.ids[0])
    return (
        f"Values of a run are means of its {unit}s, beside the mean of {judged.called.a}'s own {unit}s: what ranks rows or fits a line, "
        f"such as ROC AUC and calibration, is another within a {unit} than over a window or over {judged.called.a} as a whole."
    )


def _rows(judged: JudgedPerformance, metric: str, segment: str) -> pd.DataFrame:
    table = judged.table
    of = table["segment"].eq(segment) if segment else table["segment"].isna()
    return table[of & table["class"].isna() & table["metric"].eq(metric)]


def _timeline(current: View, judged: JudgedPerformance, metric: Metric, shown: tuple[tuple[Any, ...], str]) -> Chart:
    made, segment = shown
    track = next(one for one in judged.result.tracks if one.metric == metric.id and one.segment == segment and not one.klass)
    names, notes = chart_names(judged.called), annotation_table(current.case)
    key = ("timeline", made, track.name, current.theme)
    return kept(key, lambda: metric_chart(judged, track.name, names=names, annotations=notes, theme=current.theme))


def _by_segment(current: View, judged: JudgedPerformance, metric: Metric, made: tuple[Any, ...]) -> dict[str, Chart]:
    """Return the metric of each of the segments with the most labelled rows, all on one scale."""
    table = judged.table
    mine = table[table["metric"].eq(metric.id) & table["class"].isna() & table["segment"].notna()]
    most = mine.groupby("segment", sort=False)["n_labelled"].sum().sort_values(ascending=False, kind="stable").index[:MOST_PARTS]
    charts = {str(one): _timeline(current, judged, metric, (made, str(one))) for one in most}
    return kept(("parts", made, metric.id, current.theme), lambda: on_one_scale(charts))


def _show_parts(judged: JudgedPerformance, parts: Mapping[str, Chart]) -> None:
    if not parts:
        return
    known = judged.table["segment"].nunique()
    if known > len(parts):
        st.caption(f"{count_text(len(parts))} of {count_text(known)}, those with the most labelled rows; choose others under Rows.")
    for first in range(0, len(parts), 2):
        for place, (name, chart) in zip(st.columns(2, gap="small"), list(parts.items())[first : first + 2], strict=False):
            with place:
                show_chart(chart, key=f"performance_part_{list(parts).index(name)}", height=PART)


def _figures(judged: JudgedPerformance) -> None:
    rows = max(int(judged.result.rows.sum()), 1)
    labels = KeyFigure("Labels in", share_text(judged.result.labelled.sum() / rows), f"of {count_text(rows)} rows")
    key_figures([*metric_figures(judged, MOST_FIGURES), labels])


def _table(judged: JudgedPerformance, segment: str) -> None:
    """Show every metric of the last mature window beside the reference, folded."""
    folded = st.expander(
        "All metrics, all mature windows beside the reference", icon=":material/table:", key="performance_all", on_change="rerun"
    )
    if not folded.open:
        return
    found = []
    for metric in judged.result.catalogue.values():
        rows = _rows(judged, metric.id, segment)
        if rows.empty:
            continue
        known = rows[rows["mature"] & rows["value"].notna()]
        alarms = int(rows["status"].isin([Status.ALERT, Status.WARNING]).sum())
        found.append(
            {
                "Metric": metric.title, "Reference": rows["reference_value"].iloc[0], "Lowest": known["value"].min(),
                "Highest": known["value"].max(), "Rests on": metric.of, "Windows that alarm": alarms, "Windows": len(known),
            }
        )  # fmt: skip
    with folded:
        st.dataframe(pd.DataFrame(found), hide_index=True)


def _facts(judged: JudgedPerformance, metric: Metric) -> dict[str, str]:
    summary = judged.summary
    hours = ", ".join(f"{share} after {number_text(value, 2)} h" for share, value in summary["hours_until_labelled"].items())
    return {
        "Metric": f"{metric.title}; rests on {metric.of}" + (f" ({metric.source})" if metric.source else ""),
        "Interval": "95 %; rows of one stretch of time that hang together count as fewer (cluster-robust variance, pooled over windows)",
        "Limit": "how much the metric varies between the reference's own windows beyond its sampling, all runs and metrics allowed for",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over {len(judged.result.judged)} metrics",
        "Labels": hours or "nothing says when labels came; the last windows with few labels wait for theirs",
        "Compared with": str(judged.provenance.settings.get("against")),
    }
