"""The page Challengers: would another model be better, where, and what would that be worth?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.arms import Arms
from monitor.analyses.left_out import WrongRows
from monitor.charts import Chart, segment_difference_chart
from monitor.export.challengers import arms_chart_of, shadow_chart_of
from monitor.export.results import as_result
from monitor.judgement.challenger_answer import decision_text, rests_on
from monitor.judgement.challenger_arms import unchecked_text
from monitor.judgement.challenger_bursts import without_text
from monitor.judgement.challenger_versions import asked_of, deciding
from monitor.judgement.finding import Finding
from monitor.judgement.judged_shadow import JudgedShadow, Row, judged_metrics
from monitor.judgement.narration.challengers import SHARES, money
from monitor.judgement.narration.figures import number
from monitor.registry import find_analysis, screen_answer
from monitor.registry.wrong_rows import INCIDENTS
from monitor.stats.performance.catalogue import METRICS
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one, ask_part
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import number_text, plural, share_text

PAGE = "shadow"
MOST_FIGURES, MOST_LINKS = 4, 4
ROWS = ("Without rows of incidents", "All rows as they stand")
FIGURES = ("value", "roc_auc", "mae", "brier", "recall", "precision", "accuracy", "log_loss")
"""Metrics that are key figures, the first that there are."""


def shadow_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "There is no other model to compare with.")
        empty_state(
            lacking,
            "A challenger answers the same rows in the shadow; an experiment gives each row an arm. Name the columns.",
            page="setup",
        )
        return
    head = st.container()
    judged, made = _asked_rows(judged_of(current, PAGE), judged_key(current, PAGE))
    said = screen_answer(judged)
    with head:
        page_head(PAGE, said.headline, decision_text(judged))
        if rests := rests_on(judged):
            st.markdown("\n".join(f"- :small[{md_escape(text)}]" for text in rests))
        _incident_links(judged.result.wrong)
    show_cautions(current, judged)
    _figures(judged)
    known = judged.together[judged.together["reason"].isna()]["metric"].tolist()
    charts: dict[str, Chart] = {}
    drawn, found = st.columns([0.6, 0.4], gap="medium")
    with drawn:
        if known:
            charts |= _shadow(current, judged, known, made)
        elif judged.result.shadowed:
            empty_state("No metric of the two models is known yet.", "Labels are still coming in, or too few rows have one.")
        if judged.result.arms is not None and judged.result.arms.pairs:
            charts |= _arms(current, judged, judged.result.arms, made)
    with found:
        if judged.findings:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("No difference that matters is beyond chance.", "More rows with a label tell smaller differences apart.")
        if charts.get("segments") is not None:
            show_chart(charts["segments"], key="shadow_segments")
    _table(judged)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="shadow_files")
    evidence(judged.provenance, facts=_facts(judged), key="shadow_evidence")


def _asked_rows(judged: JudgedShadow, key: tuple[object, ...]) -> tuple[JudgedShadow, tuple[object, ...]]:
    """Ask whether rows that incidents made wrong count, where there are such; return what is shown, and what it depends on."""
    if judged.with_them is None:
        return judged, key
    rows = ask_part("shadow_rows", "Rows that incidents made wrong", ROWS, usual=ROWS[0])
    return (judged.with_them if rows == ROWS[1] else judged), (*key, rows)


def _incident_links(wrong: WrongRows | None) -> None:
    """Lead to the incidents that made rows wrong, or to where they are looked for."""
    if wrong is None:
        here.link(INCIDENTS, label="Look for incidents")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for one in wrong.parts[:MOST_LINKS]:
            here.link(INCIDENTS, label=f"Incident of {plural(one.n, 'row')}", changes={"incident": one.id})


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _figures(judged: JudgedShadow) -> None:
    figures: list[KeyFigure] = []
    of = f" of {asked_of(judged)}" if asked_of(judged) else ""
    for name in FIGURES:
        row = deciding(judged, name)
        if row is None or row["reason"] is not None or len(figures) == MOST_FIGURES:
            continue
        if name == "value":
            currency = f" {judged.result.currency}" if judged.result.currency else ""
            low, middle, high = (float(row[one]) * int(row["n"]) for one in ("lower", "difference", "upper"))
            text = f"95 %: {_signed(low)} to {_signed(high)}{currency}{without_text(judged, row)}"
            figures.append(KeyFigure(f"Worth more or less, {row['n']:,d} rows{of}", f"{_signed(middle)}{currency}", text))
        else:
            told = f"{asked_of(judged) or 'in charge'}: {_write(name, row['value'])}"
            text = f"Difference {_write(name, row['lower'])} to {_write(name, row['upper'])} (95 %), {row['n']:,d} {METRICS[name].of}"
            figures.append(KeyFigure(f"{METRICS[name].title}, challenger", _write(name, row["challenger_value"]), told, help=text))
    if figures:
        key_figures(figures)


def _signed(amount: float) -> str:
    return f"{'−' if amount < 0 else '+'}{money(abs(amount))}"


def _write(metric: str, value: float) -> str:
    return share_text(value) if metric in SHARES else number(value)


def _shadow(current: View, judged: JudgedShadow, known: list[str], made: object) -> dict[str, Chart]:
    """Ask for a metric and draw it by window; return the charts, the one of segments undrawn."""
    titles = {METRICS[one].title: one for one in known}
    usual = METRICS[judged.lead or known[0]].title
    metric = titles[ask_one("shadow_metric", "Metric", list(titles), usual=usual, width=300)]
    notes = annotation_table(current.case)

    def build() -> dict[str, Chart]:
        chart = shadow_chart_of(judged, metric, annotations=notes, theme=current.theme)
        parts = _segments(judged, metric)
        return ({} if chart is None else {"by-window": chart}) | (
            {} if parts.empty else {"segments": segment_difference_chart(parts, label=METRICS[metric].title, theme=current.theme)}
        )

    charts: dict[str, Chart] = kept((PAGE, made, metric, current.theme), build)
    if "by-window" in charts:
        show_chart(charts["by-window"], key="shadow_by-window")
        if waiting := int((~judged.result.mature).sum()):
            st.caption(f"{plural(waiting, 'window')} still waiting for labels: not drawn.")
    return charts


def _segments(judged: JudgedShadow, metric: str) -> pd.DataFrame:
    """Return what each segment says of a metric, the best for the challenger first."""
    rows = judged.by_segment(metric)
    rows = rows[rows["reason"].isna()]
    named = rows["status"].eq(Status.WARNING.value)
    worse = [METRICS[metric].worse(a, b) for a, b in zip(rows["value"], rows["challenger_value"], strict=True)]
    words = np.where(~named, "no difference", np.where(np.array(worse, dtype=bool), "worse", "better"))
    down = METRICS[metric].worse(0.0, 1.0) is True
    return rows.assign(better=words).sort_values("difference", ascending=down, kind="stable")


def _arms(current: View, judged: JudgedShadow, arms: Arms, made: object) -> dict[str, Chart]:
    """Show the arms of an experiment: their sizes, and one metric day by day."""
    st.markdown("**Experiment**")
    st.caption(md_escape(_arms_text(judged, arms)))
    options = {f"{track.meaning.title}, {pair.treatment}": (track, pair) for pair in arms.pairs for track in pair.tracks}
    asked = judged_metrics(judged.result)
    able = [name for name, (track, _) in options.items() if np.isfinite(track.looks.reach[-1])]
    usual = next((name for name in able if options[name][0].metric in asked), (able or list(options))[0])
    track, pair = options[ask_one("shadow_arm", "Metric of the experiment", list(options), usual=usual, width=300)]
    if not np.isfinite(track.looks.reach[-1]):
        empty_state("Too few rows for an interval that holds.", "Both arms need about twenty rows that carry the metric.")
        return {}
    chart: Chart = kept((PAGE, made, "arms", track.metric, pair.name, current.theme), lambda: arms_chart_of(track, pair, current.theme))
    show_chart(chart, key="shadow_arms")
    st.caption("All days up to each together. The intervals hold however often one looks: the first that leaves out 0 decides.")
    return {"arms": chart}


def _arms_text(judged: JudgedShadow, arms: Arms) -> str:
    sizes = "; ".join(
        f"{name}: {n:,d} rows" + (f", {arms.units[name]:,d} of {arms.unit}" if arms.unit else "") for name, n in arms.rows.items()
    )
    given = f"Arms were given by {arms.unit}." if arms.unit else "Arms were given row by row, as far as columns show."
    if judged.split is None:
        return f"{sizes}. {given} {unchecked_text(arms, None, judged.thresholds.split)}"
    told = "not as planned" if judged.split.mismatch else "as planned"
    return f"{sizes}. {given} Their sizes are {told} (p = {number_text(judged.split.p_value, 2)})."


def _table(judged: JudgedShadow) -> None:
    """Show every metric of all rows together, folded."""
    folded = st.expander("All metrics, all rows whose labels are in", icon=":material/table:", key="shadow_all", on_change="rerun")
    if not folded.open:
        return
    table = judged.table
    whole = table["window"].eq("whole")
    rows = pd.concat([table[whole & table["segment"].isna()], *(judged.by_version(one) for one in judged.result.judged)])
    told = [
        {
            "Compared": _compared(judged, row),
            "Metric": METRICS[row["metric"]].title if row["metric"] in METRICS else row["metric"].replace("_", " "),
            "In charge": number(row["value"]), "Other": number(row["challenger_value"]), "Difference": number(row["difference"]),
            "From": number(row["lower"]), "To": number(row["upper"]), "p-value": number_text(row["p_value"], 2), "Rows": row["n"],
        }
        for row in rows.to_dict("records")
    ]  # fmt: skip
    with folded:
        st.dataframe(pd.DataFrame(told), hide_index=True)


def _compared(judged: JudgedShadow, row: Row) -> str:
    """Name what a row of the table compares."""
    if row["comparison"] != PAGE:
        return str(row["comparison"])
    return "challenger" if row["segment"] is None else f"challenger and {judged.result.parts[row['segment']].level}"


def _facts(judged: JudgedShadow) -> dict[str, str]:
    return {
        "Compared": "both models on the same rows whose labels are in; of an experiment the rows of each arm",
        "Tests": "ranking: paired DeLong; shares: McNemar; money and losses: mean of differences; rows of one time hang together",
        "Money": "decisions that few rows show are allowed for: one more each way, with what is at stake in a usual row",
        "Experiment": "intervals of the mixture sequential ratio test (Robbins; Johari et al.), rows of what was given an arm together",
        "Versions": "where several served, the one that serves now is asked first: a decision would replace it",
        "Judged": ", ".join(METRICS[one].title for one in judged_metrics(judged.result))
        + f", at {number_text(judged.thresholds.q)} (Holm)",
    }
