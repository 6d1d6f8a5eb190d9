"""The page Joint drift: do columns still belong together as they did?"""

from __future__ import annotations

from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from monitor.charts import Chart, statistic_timeline_chart
from monitor.errors import MethodError
from monitor.export.charts import to_vega_lite
from monitor.export.finding_pins import joint_pin
from monitor.export.results import as_result
from monitor.judgement.finding import Direction, Finding, FindingKind, State
from monitor.judgement.findings import ALARMS
from monitor.judgement.joint_screen import FAMILIES
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.window_texts import text_of, texts_of, with_windows
from monitor.registry import screen_answer
from monitor.stats.multivariate.catalogue import DEFAULT, JOINT, METHODS
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one, ask_part
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.joint_closeup import PARTS
from monitor.ui.joint_pairs import Close
from monitor.ui.measuring import judged_together, result_key
from monitor.ui.opened import workspace
from monitor.ui.pinning import keep, pin_drawer, pin_form, pin_key
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.status import status_mark, worst
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import count_text, number_text, plural, window_text

PAGE = "multivariate"
METHOD, WINDOW, PART = f"{PAGE}_method", "window", f"{PAGE}_part"
"""Parameters of the address."""
FIRST = "gaussian_distance"
TITLES = {method.title: method.id for method in sorted(METHODS, key=lambda one: one.id != FIRST)}
PLOT = 150
"""Pixels that the plot of the timeline is high: what was found is seen below it, and the close-up beside, without scrolling."""


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
    with head:
        said = screen_answer(result)
        page_head(PAGE, said.headline, said.doubt)
        show_cautions(current, result)
        _figures(result)
    chosen, method = _choose(current, result)
    rows = chosen.of(method)
    if rows.empty:
        empty_state(f"{JOINT[method].title} was not measured.", "See below why, or choose another method.")
        skipped_note(chosen)
        return
    window = _window(current, chosen, rows)
    charts = {"by-window": _timeline(current, chosen, method, rows)}
    left, right = st.columns([0.46, 0.54], gap="medium")
    with left:
        _overview(current, result, chosen, method, charts["by-window"])
    with right:
        charts |= _close_up(current, result, chosen, (method, window))
    if result.findings:
        _every_method(result, chosen, method)
    skipped_note(chosen)
    _footer(current, result, chosen, method, charts)


def _figures(result: JudgedMultivariate) -> None:
    sides, called = result.result.sides, result.result.called
    pairs = {one.what for one in result.findings if one.kind is FindingKind.RELATION}
    methods = {one.method for one in result.findings if one.kind is not FindingKind.RELATION}
    chance = f"≤ {number_text(result.expected_false_alarms, 2)} by chance"
    known = result.result.evidence.get("rules")
    rules = plural(0 if known is None else int((known["kind"] != "range").sum()), "rule")
    going = sum(one.state is not State.OVER for one in result.findings)
    key_figures(
        [
            KeyFigure("Pairs of columns changed", f"{count_text(len(pairs))} of {count_text(len(result.result.pairs))}", chance),
            KeyFigure("Rules broken", "more than before" if "rules" in methods else "as before", f"{rules} of two columns"),
            KeyFigure(
                "Methods over all that moved", f"{len(methods - {'rules'})} of {len(set(result.table['method']) - {'rules'})}", chance
            ),
            KeyFigure("Runs found", count_text(len(result.findings)), f"{count_text(going)} going on"),
            KeyFigure(
                called.rows_b,
                count_text(int(sides.production.rows.sum())),
                f"{called.a.removeprefix('the ')}: {count_text(int(sides.reference.rows.sum()))}",
                help=f"{plural(len(sides.names), 'column')} together. {called.b[:1].upper()}{called.b[1:]} in "
                f"{result.names.count(len(sides.windows))}, {called.a} in {result.names.count(sides.count)} of its own.",
            ),
        ]
    )


def _choose(current: View, result: JudgedMultivariate) -> tuple[JudgedMultivariate, str]:
    """Show the method picker with its explanation; a slow method is measured when it is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = TITLES[ask_one(METHOD, "Method", list(TITLES), usual=JOINT[FIRST].title, width=320)]
        if not current.presenting:
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
        "The limit is the score from which a window alone alarms, given how much the reference's own windows vary. A run of windows "
        "alarms if its mean score is farther than any run of the reference would be, **survives a correction** for all methods and all "
        "runs looked at, and is **large enough to matter**."
    )


def _timeline(current: View, chosen: JudgedMultivariate, method: str, rows: pd.DataFrame) -> Chart:
    def build() -> Chart:
        table = with_windows(_with_limits(chosen, rows), chosen)
        return statistic_timeline_chart(
            table, label="all columns together", method=f"{JOINT[method].title} ({JOINT[method].unit})",
            annotations=annotation_table(current.case), title=_timeline_title(method, table), theme=current.theme,
        )  # fmt: skip

    return kept((*_key(current, chosen), method, "timeline", current.theme), build)


def _with_limits(chosen: JudgedMultivariate, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a method with the limit of each window above and below the usual score, or of the run that holds it."""
    ids, method = list(chosen.windows.ids), str(rows["method"].iloc[0])
    judged = rows["status"] != Status.NOT_JUDGED.value
    told = rows.assign(limit=rows["upper"].where(judged), lower=rows["lower"].where(judged)).set_index("window", drop=False)
    for one in (one for one in chosen.findings if one.what == method):
        side = "lower" if one.direction is Direction.LOWER else "limit"
        told.loc[told.index.isin(ids[one.first : one.last + 1]), side] = one.limit
    return told.reset_index(drop=True)


def _timeline_title(method: str, rows: pd.DataFrame) -> str:
    """Count what is drawn."""
    out = rows[rows["status"].isin(ALARMS)]
    if out.empty:
        return f"{JOINT[method].title}: no window beyond its limit"
    many = f"{count_text(len(out))} of {plural(len(rows), 'window')}"
    runs = plural(max(out["run"].nunique(), 1), "run")
    what = "of changed pairs" if method == "correlation" else "beyond the limit"
    return f"{JOINT[method].title}: {runs} {what}, {many}, first: {out['when'].iloc[0]}"


def _key(current: View, chosen: JudgedMultivariate) -> tuple[object, ...]:
    methods = tuple(chosen.result.provenance.settings["methods"])
    return (*result_key(workspace(current), current, PAGE, methods), repr(chosen.thresholds))


def _overview(current: View, result: JudgedMultivariate, chosen: JudgedMultivariate, method: str, chart: Chart) -> None:
    """Show the timeline of the method and, below it, what was found: pairs and rules first; the close-up stands beside both."""
    show_chart(chart, key=f"{PAGE}_timeline", height=PLOT)
    if result.findings:
        findings_list(current, result, PAGE, _look_at, pins=False)
    else:
        _methods_table(result, chosen, method)


def _every_method(result: JudgedMultivariate, chosen: JudgedMultivariate, method: str) -> None:
    folded = st.expander("What each method says", icon=":material/visibility:", key=f"{PAGE}_every", on_change="rerun")
    if folded.open:
        with folded:
            _methods_table(result, chosen, method)


def _look_at(finding: Finding) -> None:
    """Look at the window that moved farthest, by the method that found it; pairs are seen among the pairs."""
    part = "Pairs" if finding.kind is FindingKind.RELATION else None
    here.choose({**_method(finding.method), WINDOW: finding.worst or finding.window, PART: part})


def _method(method: str) -> dict[str, str | None]:
    return {METHOD: None if method == FIRST else JOINT[method].title}


def _methods_table(result: JudgedMultivariate, chosen: JudgedMultivariate, method: str) -> None:
    st.markdown("**What each method says**  \n:small[:gray[Choose one to see it by window]]")
    tables = [result.table] if chosen is result else [chosen.of(method), result.table]
    table = with_windows(pd.concat(tables, ignore_index=True), result)
    ids = list(dict.fromkeys(table["method"]))
    rows = [_method_row(one, table[table["method"] == one]) for one in ids]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows), key=f"{PAGE}_methods", hide_index=True, selection_mode="single-row", on_select=lambda: _from_table(ids),
        alt="Methods with their verdict, alarmed windows and the score farthest from the usual one",
        column_config={
            "Method": column.TextColumn(width=204),
            "Verdict": column.TextColumn(width=72),
            "Windows": column.NumberColumn(help="Windows in a run with a warning or an alert", width=62),
            "Farthest": column.NumberColumn(format="%.3g", width=62, help="Score of the window farthest from the usual one"),
            "Limit": column.NumberColumn(format="%.3g", width=58, help="Score from which that window alone would alarm"),
            "Window": column.TextColumn(width=140),
        },
    )  # fmt: skip


def _method_row(method: str, mine: pd.DataFrame) -> dict[str, object]:
    alarms = mine["status"].isin(ALARMS)
    top = mine.iloc[int(np.argmax(np.nan_to_num(mine["strength"].to_numpy(dtype=float))))]
    return {
        "Method": JOINT[method].title,
        "Verdict": status_mark(worst(mine["status"].tolist()) if alarms.any() else _calm(mine)),
        "Windows": int(alarms.sum()),
        "Farthest": top["score"],
        "Limit": top["limit"],
        "Window": top["when"],
    }


def _calm(rows: pd.DataFrame) -> str:
    statuses = set(rows["status"])
    return Status.STABLE.value if Status.STABLE.value in statuses else str(rows["status"].iloc[0])


def _from_table(ids: list[str]) -> None:
    event = st.session_state.get(f"{PAGE}_methods")
    picked = event["selection"]["rows"] if event else []
    if picked and picked[0] < len(ids):
        here.choose(_method(ids[picked[0]]))


def _window(current: View, chosen: JudgedMultivariate, rows: pd.DataFrame) -> str:
    """Return the window that is looked at closely: the one of the address, else the worst."""
    asked = here.asked(WINDOW) or ""
    known = rows["window"].tolist()
    if asked in known:
        return str(asked)
    if asked:
        told = text_of(chosen, asked) if asked in chosen.windows.ids else window_text(asked)
        here.refuse(WINDOW, f"{told} is not on this screen any more; the worst window is shown.")
    farthest = next((one.worst for one in chosen.findings if one.method == rows["method"].iloc[0] and one.worst in known), None)
    return farthest or str(rows["window"].iloc[int(np.argmax(np.nan_to_num(rows["strength"].to_numpy(dtype=float))))])


def _close_up(current: View, result: JudgedMultivariate, chosen: JudgedMultivariate, at: tuple[str, str]) -> dict[str, Chart]:
    """Show one window from several sides, one at a time."""
    method, window = at
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            words = text_of(result, window)
            st.markdown(f"#### {md_escape(words[:1].upper() + words[1:])}")
            if not current.presenting:
                _window_picker(result, window)
        key = (*_key(current, chosen), at, current.theme)
        close = Close(current, result, chosen, method, window, lambda name, build: kept((*key, name), build))
        parts = [title for title, part in PARTS.items() if part.needs in (*result.result.evidence, *chosen.result.evidence)]
        if not parts:
            return {}
        usual = next((title for title in parts if method in PARTS[title].methods), parts[0])
        return PARTS[ask_part(PART, "Look at", parts, usual=usual)].show(close)


def _window_picker(result: JudgedMultivariate, window: str) -> None:
    ids = list(result.result.sides.windows.ids)
    key = f"{PAGE}_window"
    st.session_state[key] = window

    def go() -> None:
        here.choose({WINDOW: st.session_state[key]})

    st.selectbox("Window", ids, key=key, format_func=texts_of(result).__getitem__, on_change=go, width=220)


def _footer(current: View, result: JudgedMultivariate, chosen: JudgedMultivariate, method: str, charts: dict[str, Chart]) -> None:
    every = {one.id: one for one in (*chosen.findings, *result.findings)}
    mine = [one for one in every.values() if one.method == method]
    sides, thresholds = chosen.result.sides, chosen.thresholds
    with st.container(horizontal=True):
        if mine and not current.presenting:
            _pin_button(current, chosen, mine, charts)
        downloads(as_result(chosen), charts, name=PAGE, key=f"{PAGE}_files")
    sampled = chosen.provenance.settings["sampled_rows"]
    facts = {
        "Method": f"{JOINT[method].title}: {JOINT[method].summary}",
        "Compared with": sides.against,
        "Limit": f"from {plural(sides.count, 'window')} of {chosen.result.called.a}, each compared with the others, for as many rows",
        "Rows": "components, covariances: all rows; associations, cells, rules, map, classifier: a sample of "
        f"{count_text(sampled['reference'])} and {count_text(sampled['production'])} rows, the same ones every time",
        "Correction": f"Holm at {number_text(thresholds.q / FAMILIES)} over the methods, and as much over the pairs",
        "Smallest effect": f"{number_text(thresholds.floor_of(method))} ({JOINT[method].unit})",
        "Alert": f"from {number_text(thresholds.alert)} times as far as a run has to be on",
        "Thresholds from": "[thresholds] of case.toml (multivariate.q, .floors, .alert, .min_rows), else the defaults",
    }
    evidence(chosen.provenance, facts=facts, key=f"{PAGE}_evidence")


def _pin_button(current: View, chosen: JudgedMultivariate, found: list[Finding], charts: dict[str, Chart]) -> None:
    with pin_drawer("Pin this finding", PAGE):
        said = {sentence(one, chosen.names, chosen.against): one for one in found}
        picked = st.radio("Which", list(said), format_func=md_escape, key=f"{PAGE}_pin_which") if len(said) > 1 else next(iter(said))
        if len(said) == 1:
            st.markdown(md_escape(picked))
        comment = pin_form(f"{PAGE}_pin_form")
        if comment is not None:
            query = urlencode(current.address.change({"win": str(current.windows)}).of_page(PAGE).query(), doseq=True)
            specs = [to_vega_lite(chart) for chart in charts.values()]
            keep(current.case, joint_pin(said[str(picked)], chosen, view=query, comment=comment, charts=specs), key=pin_key(PAGE))
