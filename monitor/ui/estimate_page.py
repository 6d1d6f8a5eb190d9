"""The page Estimated: how right is the model where labels are missing, and how far can that be believed?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.estimate_choice import METHODS
from monitor.charts import Chart
from monitor.export.finding_sections import estimate_chart, estimate_rows
from monitor.export.results import as_result
from monitor.judgement.estimate import GAP, JudgedEstimate
from monitor.judgement.finding import Finding
from monitor.judgement.window_texts import with_windows
from monitor.registry import find_analysis, screen_answer
from monitor.stats.performance.catalogue import METRICS, Metric
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.label_plan import show_label_plan
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.vocabulary import Task
from monitor.wording import number_text, plural, share_text

PAGE = "estimate"
FIRST = {Task.BINARY: "roc_auc", Task.MULTICLASS: "accuracy", Task.REGRESSION: "mae"}
"""The metric that is shown where nothing was found and none is chosen."""
WHY = {
    "too_different": "its rows differ too much from the reference",
    "too_few_rows": "too few rows",
    "not_defined": "not defined for these rows",
    "labels_not_at_random": "rows of some scores have no labels",
    "labels_of_one_kind": "only some kinds of labels have had time to come",
    "labels_only_where_positive": "labels exist only where the model decided positive",
    "labels_only_where_negative": "labels exist only where the model decided negative",
}
"""What the reasons of missing numbers mean."""
MEANS = "Values of a run are means of its windows, by their rows; the page Performance takes those of shorter windows where it has them."


def estimate_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "Nothing can be estimated here.")
        empty_state(lacking, "Estimates learn from the labels of the reference; production needs none.", page="setup")
        return
    head = st.container()
    choices = st.container(horizontal=True, vertical_alignment="bottom")
    judged, made = judged_of(current, PAGE), judged_key(current, PAGE)
    with choices:
        metric = _choose(judged)
    with head:
        said = screen_answer(judged)
        page_head(PAGE, said.headline, said.doubt)
        show_cautions(current, judged)
        _figures(judged, metric)
    charts = {f"{metric.id}-estimated": _timeline(current, judged, metric, made)}
    drawn, found = st.columns([0.64, 0.36], gap="medium")
    with drawn:
        show_chart(charts[f"{metric.id}-estimated"], key="estimate_timeline")
        _silent(judged, metric)
    with found:
        if judged.findings:
            findings_list(current, judged, PAGE, _look, note=MEANS)
        else:
            empty_state("No estimate changed beyond chance, and no label contradicts one.", "The scoreboard below says how good they were.")
    _scoreboard(judged)
    _windows(judged, metric)
    show_label_plan(current, judged)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="estimate_files")
    evidence(judged.provenance, facts=_facts(judged, metric), key="estimate_evidence")


def _choose(judged: JudgedEstimate) -> Metric:
    """Ask for the metric; that of the first finding where none is chosen."""
    titles = {METRICS[name].title: name for name in METRICS if name in judged.result.lines}
    first = judged.leading[0].what.removesuffix(GAP) if judged.findings else FIRST[judged.result.task]
    usual = first if first in titles.values() else next(iter(titles.values()))
    return METRICS[titles[ask_one("estimate_metric", "Metric", list(titles), usual=METRICS[usual].title, width=300)]]


def _look(finding: Finding) -> None:
    here.choose({"estimate_metric": METRICS[finding.what.removesuffix(GAP)].title})


def _timeline(current: View, judged: JudgedEstimate, metric: Metric, made: tuple[Any, ...]) -> Chart:
    names, notes = chart_names(judged.called), annotation_table(current.case)
    key = ("timeline", made, metric.id, current.theme)
    return kept(key, lambda: estimate_chart(judged, metric.id, names=names, annotations=notes, theme=current.theme))


def _figures(judged: JudgedEstimate, metric: Metric) -> None:
    """Show the number of record of the last whole window, how far estimates were off, and what is withheld."""
    rows = estimate_rows(judged, metric.id)
    write = share_text if metric.is_share else number_text
    figures = []
    told = rows[rows["estimated"].notna() | rows["blended"].notna()]
    whole = told[~np.isin(told["window"], np.array(judged.windows.ids)[judged.partial])]
    last = whole if len(whole) else told
    if len(last):
        one = last.iloc[-1]
        mixed = bool(pd.notna(one["blended"]))
        value = float(one["blended"] if mixed else one["estimated"])
        between = f"{write(float(one['lower']))} to {write(float(one['upper']))}"
        name = f"{metric.title}, {'labels and estimate' if mixed else 'estimated'}"
        figures.append(KeyFigure(name, write(value), between, help=f"{one['when']}, the last whole window, with its 95 % interval"))
    figures.append(
        KeyFigure(
            f"{judged.called.a.removeprefix('the ').capitalize()}", write(float(judged.result.lines[metric.id].whole)), "by its labels"
        )
    )
    both = rows.dropna(subset=["estimated", "realised"])
    if len(both):
        off = float(np.mean(np.abs(both["estimated"] - both["realised"])))
        inside = float(np.mean((both["realised"] >= both["lower"]) & (both["realised"] <= both["upper"])))
        figures.append(
            KeyFigure("Off on average", write(off), f"{share_text(inside)} of {plural(len(both), 'window')} within the interval")
        )
    waiting = int((~judged.result.complete).sum())
    figures.append(KeyFigure("Windows without all labels", str(waiting), f"of {plural(len(judged.windows), 'window')}"))
    key_figures(figures)


def _silent(judged: JudgedEstimate, metric: Metric) -> None:
    """Say which windows have no number, and why."""
    table = judged.table[(judged.table["metric"] == metric.id) & judged.table["reason"].notna()]
    own = table[table["method"].isin([judged.result.method, "blend"])]
    for reason, rows in own.groupby("reason"):
        what = "no blend" if bool(rows["method"].eq("blend").all()) else "no estimate"
        st.caption(f":material/info: {plural(len(rows), 'window')}, {what}: {WHY.get(str(reason), str(reason))}.")


def _scoreboard(judged: JudgedEstimate) -> None:
    """Show how far each method was off, in the reference and where labels of production are in."""
    board = judged.result.scoreboard
    st.markdown("#### Scoreboard: how far estimates were off")
    chosen = (
        f"{METHODS[judged.result.method].capitalize()} ({judged.result.method}) is this case's own choice, by {judged.result.chosen_by}."
    )
    st.caption(chosen)
    rows = [
        {
            "Method": f"{row.method}: {METHODS[str(row.method)]}", "Metric": METRICS[str(row.metric)].title,
            "Off in production": row.error, "Too high by": row.bias, "Windows with labels": row.windows,
            "Off in the reference": row.reference_error, "Own choice": bool(row.default),
        }
        for row in board.itertuples()
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _windows(judged: JudgedEstimate, metric: Metric) -> None:
    """Show the rows of one metric by window, folded: labels so far, estimate, both as one, realised."""
    folded = st.expander(f"{metric.title} by window", icon=":material/table:", key="estimate_all", on_change="rerun")
    if not folded.open:
        return
    found = with_windows(estimate_rows(judged, metric.id), judged)
    shown = {
        "when": "Window", "estimated": "Estimated", "labels_only": "Labels so far", "blended": "Both as one", "lower": "From",
        "upper": "To", "realised": "Realised", "failed": "Estimate failed", "status": "Status",
    }  # fmt: skip
    with folded:
        st.dataframe(found[list(shown)].rename(columns=shown), hide_index=True)


def _facts(judged: JudgedEstimate, metric: Metric) -> dict[str, str]:
    settings = judged.provenance.settings
    return {
        "Metric": f"{metric.title}; rests on {metric.of}",
        "Default": f"{judged.result.method}, chosen by {judged.result.chosen_by}: cbpe unless another was clearly better",
        "Interval": "95 %: what labels may do, past errors in the reference and in earlier windows with labels, how far methods lie apart",
        "Trusted": str(settings.get("trusted")),
        "Both as one": "labels so far and the estimate, each as far as it is sure; a label counts for those of its kind that are late",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over {2 * len(judged.result.judged)} numbers",
        "Compared with": "the estimate of the reference's own windows, out of fold",
    }
