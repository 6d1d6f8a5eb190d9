"""The page Joint drift: do columns still belong together as they did?"""

from __future__ import annotations

from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from monitor.charts import Chart, statistic_timeline_chart
from monitor.errors import MethodError
from monitor.export.charts import to_vega_lite
from monitor.export.pins import joint_pin, pin
from monitor.export.results import as_result
from monitor.judgement.findings import ALARMS
from monitor.judgement.joint_findings import JointFinding, find_joint, joint_answer, joint_sentence
from monitor.judgement.multivariate import JudgedMultivariate, MultivariateThresholds
from monitor.stats.multivariate.catalogue import DEFAULT, JOINT, METHODS
from monitor.ui.annotations import annotation_table
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.joint_closeup import PARTS, Close
from monitor.ui.measuring import judged_together, result_key
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.status import status_mark, worst
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import count_text, number_text, plural, window_text

PAGE = "multivariate"
FIRST = "gaussian_distance"
TITLES = {method.title: method.id for method in sorted(METHODS, key=lambda one: one.id != FIRST)}


def multivariate_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    try:
        result = judged_together(current)
    except MethodError as error:
        with head:
            page_head(PAGE, "There is nothing to look at together.")
        empty_state(str(error), "Check which columns are features on the page Set-up.", page="setup")
        return
    found = find_joint(result)
    with head:
        page_head(PAGE, joint_answer(result))
        show_cautions(current, result)
        _figures(result)
    chosen, method = _choose(current, result)
    rows = chosen.of(method)
    if rows.empty:
        empty_state(f"{JOINT[method].title} was not measured.", "See below why, or choose another method.")
        skipped_note(chosen)
        return
    window = _window(current, rows)
    charts = {"by-window": _timeline(current, chosen, method, rows)}
    _overview(result, chosen, method, charts["by-window"])
    charts |= _close_up(current, result, chosen, (method, window))
    skipped_note(chosen)
    _footer(current, chosen, found, method, charts)


def _figures(result: JudgedMultivariate) -> None:
    table, sides, called = result.table, result.result.sides, result.result.called
    alarmed = table[table["status"].isin(ALARMS)]
    windows, total = plural(len(sides.windows), "window"), count_text(len(sides.windows))
    chance = f"≤ {number_text(result.expected_false_alarms, 2)} of {count_text(len(alarmed))} alarms by chance"
    whole = alarmed[alarmed["method"] != "rules"]["window"].nunique()
    told = "Windows with an alarm by at least one of the methods below, broken rules left out: these may concern few rows."
    figures = [KeyFigure("Windows alarmed", f"{count_text(whole)} of {total}", chance, help=told)]
    pairs = result.pairs
    if len(pairs):
        number = len(pairs) // max(len(sides.windows), 1)
        changed = pairs[pairs["changed"]].groupby(["first_column", "second_column"]).ngroups
        figures.append(KeyFigure("Pairs changed", f"{count_text(changed)} of {count_text(number)}", "in some window, beyond chance"))
    rules = result.result.evidence.get("rules")
    if rules is not None and len(rules):
        known = plural(int((rules["kind"] != "range").sum()), "rule")
        broke = count_text(int((alarmed["method"] == "rules").sum()))
        told = "Windows in which more rows than usual have values that are usual one by one, but not together: rules of two columns."
        figures.append(KeyFigure("Rules broken", f"{broke} of {total}", f"windows; {known}", help=told))
    figures.append(
        KeyFigure(
            called.rows_b,
            count_text(int(sides.production.rows.sum())),
            f"{called.a.removeprefix('the ')}: {count_text(int(sides.reference.rows.sum()))}",
            help=f"{plural(len(sides.names), 'column')} together. {called.b[:1].upper()}{called.b[1:]} in {windows}, "
            f"{called.a} in {plural(sides.count, 'window')} of its own.",
        )
    )
    key_figures(figures)


def _choose(current: View, result: JudgedMultivariate) -> tuple[JudgedMultivariate, str]:
    """Show the method picker with its explanation; a slow method is measured when it is chosen."""
    if current.presenting:
        return result, FIRST
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.selectbox("Method", list(TITLES), key=f"{PAGE}_method", bind="query-params", width=320)
        method = TITLES.get(title or "", FIRST)
        with st.popover("About the method", icon=":material/help:"):
            _explain(method)
    return (result if method in DEFAULT else judged_together(current, (method,))), method


def _explain(method: str) -> None:
    one = JOINT[method]
    st.markdown(f"**{md_escape(one.title)}**\n\n{md_escape(one.summary)}")
    st.caption(md_escape(f"Unit: {one.unit}. Source: {one.citation}."))
    if method.startswith("nannyml."):
        return
    st.markdown(
        "The band is what the reference's own windows do when each is compared with the others, for a window of as many rows. A window "
        "raises an alarm if it leaves the band, **survives a correction** for all windows looked at, and is **large enough to matter**."
    )


def _timeline(current: View, chosen: JudgedMultivariate, method: str, rows: pd.DataFrame) -> Chart:
    floor = chosen.thresholds.floor_of(method)

    def build() -> Chart:
        table = rows.rename(columns={"upper": "expected"}).assign(threshold=floor if floor > rows["upper"].min() else np.nan)
        return statistic_timeline_chart(
            table, label="all columns together", method=f"{JOINT[method].title} ({JOINT[method].unit})",
            annotations=annotation_table(current.case), title=_timeline_title(method, rows), theme=current.theme,
        )  # fmt: skip

    return kept((*_key(current, chosen), method, "timeline", current.theme), build)


def _timeline_title(method: str, rows: pd.DataFrame) -> str:
    out = rows[rows["status"].isin(ALARMS)]
    if out.empty:
        return f"{JOINT[method].title} stays within its expectation"
    many = f"{count_text(len(out))} of {plural(len(rows), 'window')}"
    return f"{JOINT[method].title} left its expectation in {many}, first: {window_text(str(out['window'].iloc[0]))}"


def _key(current: View, chosen: JudgedMultivariate) -> tuple[object, ...]:
    methods = tuple(chosen.result.provenance.settings["methods"])
    return (*result_key(workspace(current), current, PAGE, methods), repr(chosen.thresholds))


def _overview(result: JudgedMultivariate, chosen: JudgedMultivariate, method: str, chart: Chart) -> None:
    """Show the timeline of the method and, beside it, what every method says."""
    left, right = st.columns([0.52, 0.48], gap="medium")
    with left:
        show_chart(chart, key=f"{PAGE}_timeline")
    with right:
        st.markdown("**What each method says**  \n:small[:gray[Choose one to see it by window]]")
        tables = [result.table] if chosen is result else [chosen.of(method), result.table]
        _methods_table(pd.concat(tables, ignore_index=True), result.thresholds)


def _methods_table(table: pd.DataFrame, thresholds: MultivariateThresholds) -> None:
    ids = list(dict.fromkeys(table["method"]))
    rows = []
    for method in ids:
        mine = table[table["method"] == method]
        known = mine["strength"].to_numpy(dtype=float)
        top = mine.iloc[int(np.nanargmax(known)) if np.isfinite(known).any() else 0]
        alarms = int(mine["status"].isin(ALARMS).sum())
        rows.append(
            {
                "Method": JOINT[method].title,
                "Verdict": status_mark(worst(mine["status"].tolist()) if alarms else _calm(mine)),
                "Alarms": alarms,
                "Furthest": top["score"],
                "Expected": max(top["upper"], thresholds.floor_of(method)) if top["score"] >= top["center"] else top["lower"],
            }
        )
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows), key=f"{PAGE}_methods", hide_index=True, selection_mode="single-row", on_select=lambda: _from_table(ids),
        alt="Methods with their verdict, alarmed windows and the score furthest from its expectation",
        column_config={
            "Method": column.TextColumn(width=204),
            "Verdict": column.TextColumn(width=72),
            "Alarms": column.NumberColumn(help="Windows with a warning or an alert", width=46),
            "Furthest": column.NumberColumn(format="%.3g", width=58, help="Score of the window furthest from its expectation"),
            "Expected": column.NumberColumn(format="%.3g", width=58, help="End of the band in that window, or the smallest effect"),
        },
    )  # fmt: skip


def _calm(rows: pd.DataFrame) -> str:
    statuses = set(rows["status"])
    return Status.STABLE.value if Status.STABLE.value in statuses else str(rows["status"].iloc[0])


def _from_table(ids: list[str]) -> None:
    event = st.session_state.get(f"{PAGE}_methods")
    picked = event["selection"]["rows"] if event else []
    if picked and picked[0] < len(ids):
        st.session_state[f"{PAGE}_method"] = JOINT[ids[picked[0]]].title


def _window(current: View, rows: pd.DataFrame) -> str:
    """Return the window that is looked at closely: the one of the address, else the worst."""
    asked = st.query_params.get("window", "")
    known = rows["window"].tolist()
    if asked in known:
        return str(asked)
    if asked and not current.presenting:
        st.caption(md_escape(f"{window_text(asked)} is not on this screen any more; the worst window is shown."))
    alarmed = rows[rows["status"].isin(ALARMS)]
    pool = alarmed if len(alarmed) else rows
    return str(pool["window"].iloc[int(np.argmax(np.nan_to_num(pool["strength"].to_numpy(dtype=float))))])


def _close_up(current: View, result: JudgedMultivariate, chosen: JudgedMultivariate, at: tuple[str, str]) -> dict[str, Chart]:
    """Show one window from several sides, one at a time."""
    method, window = at
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            words = window_text(window)
            st.markdown(f"#### {md_escape(words[:1].upper() + words[1:])}")
            if not current.presenting:
                _window_picker(result, window)
        key = (*_key(current, chosen), at, current.theme)
        close = Close(current, result, chosen, method, window, lambda name, build: kept((*key, name), build))
        parts = [title for title, part in PARTS.items() if part.needs in (*result.result.evidence, *chosen.result.evidence)]
        if not parts:
            return {}
        usual = next((title for title in parts if method in PARTS[title].methods), parts[0])
        picked = st.segmented_control(
            "Look at", parts, default=usual, key=f"{PAGE}_part_{method}", bind="query-params", label_visibility="collapsed", required=True
        )
        return PARTS[picked if picked in PARTS else usual].show(close)


def _window_picker(result: JudgedMultivariate, window: str) -> None:
    ids = list(result.result.sides.windows.ids)
    key = f"{PAGE}_window"
    st.session_state[key] = window

    def go() -> None:
        st.query_params["window"] = st.session_state[key]

    st.selectbox("Window", ids, key=key, format_func=window_text, on_change=go, width=220)


def _footer(current: View, chosen: JudgedMultivariate, found: tuple[JointFinding, ...], method: str, charts: dict[str, Chart]) -> None:
    mine = next((one for one in (*find_joint(chosen), *found) if one.method == method), None)
    sides, thresholds = chosen.result.sides, chosen.thresholds
    with st.container(horizontal=True):
        if mine is not None and not current.presenting:
            _pin_button(current, chosen, mine, charts)
        downloads(as_result(chosen), charts, name=PAGE, key=f"{PAGE}_files")
    sampled = chosen.provenance.settings["sampled_rows"]
    facts = {
        "Method": f"{JOINT[method].title}: {JOINT[method].summary}",
        "Compared with": sides.against,
        "Expectation": f"{plural(sides.count, 'window')} of {chosen.result.called.a}, each compared with the others, for as many rows",
        "Rows": "components, covariances: all rows; associations, cells, rules, map, classifier: a sample of "
        f"{count_text(sampled['reference'])} and {count_text(sampled['production'])} rows, the same ones every time",
        "Correction": f"Benjamini–Hochberg at {number_text(thresholds.level_of(method))} over {plural(len(sides.windows), 'window')}",
        "Smallest effect": f"{number_text(thresholds.floor_of(method))} ({JOINT[method].unit})",
        "Alert": f"from {number_text(thresholds.alert)} times the reach of the band on",
        "Thresholds from": "[thresholds] of case.toml (multivariate.q, .levels, .floors, .alert, .min_rows), else the defaults",
    }
    evidence(chosen.provenance, facts=facts, key=f"{PAGE}_evidence")


def _pin_button(current: View, chosen: JudgedMultivariate, finding: JointFinding, charts: dict[str, Chart]) -> None:
    with st.popover("Pin this finding", icon=":material/push_pin:", key=f"{PAGE}_pin"):
        st.markdown(md_escape(joint_sentence(finding)))
        with st.form(f"{PAGE}_pin_form", border=False):
            comment = st.text_area("Comment", placeholder="What do you make of it?", max_chars=4000)
            if st.form_submit_button("Pin", type="primary"):
                query = urlencode(st.query_params.to_dict() | {"win": str(current.windows)})
                specs = [to_vega_lite(chart) for chart in charts.values()]
                pin(current.case, joint_pin(finding, chosen, view=query, comment=comment, charts=specs))
                st.toast("Pinned. It is on the page Findings.", icon=":material/push_pin:")
