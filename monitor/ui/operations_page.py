"""The page Operations: is it up, fast, fresh and complete, and what does it cost? In the order in which a person on call asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.operations import LABELLED, OperationTrack
from monitor.analyses.splits import splits_offered
from monitor.charts import Chart
from monitor.export.finding_sections import operation_chart, operation_titles
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.narration.figures import number, share
from monitor.judgement.narration.months import month_text
from monitor.judgement.operation_facts import last_whole
from monitor.judgement.operations import JudgedOperations
from monitor.registry import find_analysis, screen_answer
from monitor.stats.operations.catalogue import Operation, Part
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.wording import number_text, plural

PAGE = "operations"
ALL_ROWS = "all rows together"
TOLD = {"alert": "Alert", "warning": "Warning", "stable": "As usual", "not_judged": "Not judged", "too_few_rows": "Too few rows"}


def operations_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    choices = st.container(horizontal=True, vertical_alignment="bottom")
    with choices:
        by = _choose_by(current)
    judged: JudgedOperations = judged_of(current, PAGE, by=by)
    made = judged_key(current, PAGE, by=by)
    with head:
        said = screen_answer(judged)
        page_head(PAGE, said.headline, said.doubt)
        show_cautions(current, judged)
        _figures(judged)
    if judged.table.empty:
        empty_state("There is nothing to show.", "Choose a longer period.")
        return
    with choices:
        name = _choose(judged)
    notes = annotation_table(current.case)
    charts = {
        "by-window": kept(
            ("operations", made, name, current.theme),
            lambda: operation_chart(judged, name, names=chart_names(judged.called), annotations=notes, theme=current.theme),
        )
    }
    _beside(current, judged, charts)
    _states(judged)
    _objectives(judged)
    _spending(judged)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="operations_files")
    evidence(judged.provenance, facts=_facts(judged), key="operations_evidence")


def _choose_by(current: View) -> str | None:
    names = {current.case.label(name): name for name in splits_offered(workspace(current), current.case)}
    return names.get(ask_one("operations_by", "By", [ALL_ROWS, *names], usual=ALL_ROWS, width=260))


def _beside(current: View, judged: JudgedOperations, charts: dict[str, Chart]) -> None:
    drawn, found = st.columns([0.64, 0.36], gap="medium")
    with drawn:
        show_chart(charts["by-window"], key="operations_timeline")
    with found:
        if judged.findings:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("Nothing is different beyond chance.", "Smaller windows tell more of short events.")


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _choose(judged: JudgedOperations) -> str:
    """Ask which metric is shown: that of the first finding where none is chosen."""
    titles = operation_titles(judged)
    first = judged.findings[0].what if judged.findings else ""
    usual = first if first in titles else next(iter(titles))
    return ask_one("operations_metric", "Metric", list(titles), usual=usual, format_func=titles.__getitem__, width=420)


def _written(metric: Operation, value: float) -> str:
    """Write a value in its unit."""
    if not np.isfinite(value):
        return "–"
    unit = f" {metric.unit}" if metric.unit in ("ms", "s", "days") else ""
    return share(value) if metric.is_share else f"{number(value)}{unit}"


def _window(judged: JudgedOperations, at: int) -> str:
    windows = judged.windows
    return judged.names.text(windows.start[at], windows.end[at], windows.ids[at])


def _state(judged: JudgedOperations, track: OperationTrack, at: int) -> str:
    """Say how a metric was in a window, or why it is not judged there."""
    if track.metric.id == LABELLED and not track.usable[at]:
        return "Labels are still to come"
    status = str(judged.rows_of(track.name)["status"].iloc[at])
    return TOLD.get(status, status) if track.metric.id in judged.result.judged else "Told, not judged"


def _figures(judged: JudgedOperations) -> None:
    """Show one figure for each question: what changed most of it, else what leads."""
    changed = [one.what for one in judged.findings]
    figures = []
    for part in Part:
        mine = [
            one
            for one in judged.result.tracks
            if one.metric.part is part and not one.segment and last_whole(judged.result, one) is not None
        ]
        mine.sort(key=lambda one: (changed.index(one.name) if one.name in changed else len(changed), not one.metric.leads))
        if mine:
            at = last_whole(judged.result, mine[0])
            figures.append(_figure(judged, mine[0], 0 if at is None else at))
    key_figures(figures)


def _figure(judged: JudgedOperations, track: OperationTrack, at: int) -> KeyFigure:
    when = _window(judged, at)
    usual = f"{judged.called.a}: {_written(track.metric, track.usual)}"
    return KeyFigure(
        f"{track.metric.title}, {when}", _written(track.metric, float(track.production.value[at])), usual, help=track.metric.part.value
    )


def _states(judged: JudgedOperations) -> None:
    """Show every metric by question: its last whole window (of what waits for labels the last that is old enough), what is usual, and
    whether it is as usual there."""
    rows: list[dict[str, Any]] = []
    for one in judged.result.tracks:
        at = last_whole(judged.result, one)
        if at is None:
            continue
        rows.append(
            {
                "Question": one.metric.part.value,
                "Metric": operation_titles(judged)[one.name],
                "Last whole window": _written(one.metric, float(one.production.value[at])),
                "Reference": _written(one.metric, one.usual),
                "State": _state(judged, one, at),
                "Window": _window(judged, at),
                "Windows that alarm": int(judged.rows_of(one.name)["status"].isin(["alert", "warning"]).sum()),
                "Rows it rests on": int(one.production.n[at]),
            }
        )
    order = [part.value for part in Part]
    rows.sort(key=lambda row: order.index(row["Question"]))
    st.markdown("**Every metric, its last whole window**")
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _objectives(judged: JudgedOperations) -> None:
    """Show what is left of each budget, and how fast it burns."""
    if not judged.result.objectives:
        return
    rows = [
        {
            "Objective": one.title,
            "Asked": f"{one.objective * 100:g}%",
            "Reference": share(one.usual, 4) if np.isfinite(one.usual) else "–",
            "Good events, last window": share(float(one.good.value[-1]), 4) if np.isfinite(one.good.value[-1]) else "–",
            "Period": plural(one.period.days, "day"),
            "Budget left": share(float(one.left[-1])) if one.left[-1] > 0 else "overspent",
            "Burns, last 6 hours": f"{number_text(one.burning, 2)} ×",
        }
        for one in judged.result.objectives
    ]
    st.markdown("**Objectives**")
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _spending(judged: JudgedOperations) -> None:
    """Say what the newest month costs and will have cost."""
    if judged.spending is not None:
        st.markdown("**The month**")
        st.caption(month_text(judged.spending))


def _facts(judged: JudgedOperations) -> dict[str, str]:
    return {
        "Quantiles": "from counts in logarithmic buckets, at most 1 % off; intervals by the rank's normal law",
        "Errors": "timeouts, words of failure, HTTP 5xx, 408 and 429; other statuses are answers",
        "Labelled in time": "within the delay by which 95 % of the reference's labels were there; windows too young are not judged",
        "Repeated ids": "rows whose id an earlier row of the same side has",
        "Usual": "what windows of the reference vary by, weekdays or hours allowed for where windows are days or hours",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over all judged metrics",
        "Objectives": "burn beyond 14.4 (1 h and 5 min) or 6 (6 h and 30 min): alert; beyond 1 (3 d and 6 h): warning; lower 95 % ends",
    }
