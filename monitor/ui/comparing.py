"""The drift screen, used for features and for predictions: heat map with a table beside it, and one column in one window close up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from monitor.analyses.ends import cut_heavy_ends
from monitor.analyses.own import own_methods_of
from monitor.analyses.rows import MOST_ROWS, rows_of_window
from monitor.analyses.text_drift import CLASSIFIER
from monitor.case import Case
from monitor.charts import Chart, distribution_chart, drift_heatmap_chart, score_distribution_chart, series_chart, statistic_timeline_chart
from monitor.engine import cells_predicate
from monitor.errors import SelectionError
from monitor.export.charts import to_vega_lite
from monitor.export.pins import drift_pin, pin
from monitor.export.results import Judged
from monitor.judgement.details import cell_members, cell_table
from monitor.judgement.drift import FIXED, JudgedDrift
from monitor.judgement.findings import ALARMS, Finding
from monitor.judgement.seeing import chance_sentence, seen_sentence
from monitor.judgement.sentences import answer, baseline_words, sentence
from monitor.judgement.thresholds import DriftThresholds
from monitor.stats.method import Method
from monitor.ui.annotations import annotation_table
from monitor.ui.cautions import show_cautions
from monitor.ui.column_table import severity_order, table_beside
from monitor.ui.drift_evidence import show_evidence
from monitor.ui.measuring import Screen, question_of, screen
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, chart_names, empty_state, key_figures, page_head, selected, show_chart
from monitor.ui.state import View
from monitor.ui.status import status_badge
from monitor.ui.text import md_escape
from monitor.ui.words import ALL_ROWS, rows_with_word, show_words, words_in_words, words_of
from monitor.ui.work import kept
from monitor.vocabulary import Role
from monitor.wording import count_text, number_text, plural, share_text, window_text

VERDICT = "Verdict"
METHODS_OF_VERDICT = "Jensen–Shannon distance, Wasserstein distance, missing share, new and lost levels"
PROFILES: Mapping[str, str] = {"As evidently": "evidently", "As NannyML": "nannyml"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Method and smallest effect chosen on the page: what is measured, what is shown, how it is judged."""

    title: str
    method: str
    methods: tuple[str, ...]
    thresholds: DriftThresholds


def titles_of(case: Case) -> dict[str, str]:
    """Return title -> id of every method, those of the case's own included; a title that is taken has the id behind it."""
    found: dict[str, str] = {}
    for method in own_methods_of(case).catalogue:
        taken = method.title in (*found, VERDICT, *PROFILES)
        found[f"{method.title} ({method.id})" if taken else method.title] = method.id
    return found


def choose_method(view: View, *, page: str) -> Choice:
    """Show the method picker with its explanation and the slider of the smallest effect that matters."""
    base = DriftThresholds.of(view.case.thresholds)
    if view.presenting:
        return Choice(VERDICT, "js", ("default",), base)
    own = own_methods_of(view.case)
    titles, base = titles_of(view.case), base.with_own(own.catalogue)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        options = [VERDICT, *titles, *PROFILES]
        title = st.selectbox("Method", options, key=f"{page}_method", bind="query-params", width=300) or VERDICT
        method = titles.get(title, "js")
        thresholds = base if title == VERDICT else replace(base, method={"*": method})
        if title not in PROFILES:
            thresholds = _floor(base, thresholds, own.catalogue.method(method), page)
        with st.popover("About the method", icon=":material/help:"):
            _explain(title, own.catalogue.method(method))
            for one in own.refused:
                st.warning(md_escape(one.message), icon=":material/block:")
    return Choice(title, method, ("default",) if title == VERDICT else ("default", PROFILES.get(title, method)), thresholds)


def _floor(base: DriftThresholds, thresholds: DriftThresholds, method: Method, page: str) -> DriftThresholds:
    usual = base.floor_of(method.id)
    top = max(0.5, 4 * usual) if method.high <= 1 else max(2.0, 4 * usual)
    chosen = st.slider(
        "Smallest effect that matters", 0.0, float(top), float(usual), step=float(top) / 100, key=f"{page}_floor_{method.id}",
        help="Smaller changes raise no alarm, however sure they are. 2.5 times this makes an alert of a warning.", width=320,
    )  # fmt: skip
    return replace(thresholds, floors={**thresholds.floors, method.id: float(chosen)}) if chosen != usual else thresholds


def _explain(title: str, method: Method) -> None:
    if title == VERDICT:
        st.markdown(
            "Each column is judged by several methods: the Jensen–Shannon distance between the two distributions, how far values moved, "
            "the missing share, and new or lost categories; texts by how well their words tell them apart. "
            "The colour shows the Jensen–Shannon distance (0 alike, 1 nothing in common), "
            "the mark the most severe verdict.\n\nA change raises an alarm only if it is **large enough to matter**, **beyond what the "
            "reference's own windows show**, and **survives a correction** for all the columns and windows looked at (Benjamini–Hochberg)."
        )
        return
    if title in PROFILES:
        st.markdown(
            f"Scores, thresholds and verdicts exactly as {md_escape(title[3:])} would give them by default, for teams that move here."
        )
        return
    st.markdown(f"**{md_escape(method.title)}**\n\n{md_escape(method.summary)}")
    unit = method.unit or "no unit"
    st.caption(md_escape(f"Unit: {unit}. Range: {number_text(method.low)} to {number_text(method.high)}. Source: {method.citation}."))


def shown_rows(result: JudgedDrift, choice: Choice) -> pd.DataFrame:
    """Return one row per column and window: of the chosen method, with the verdict of all judging methods where none was chosen."""
    table = result.table
    if choice.title in PROFILES:
        prefix = PROFILES[choice.title] + "."
        return table[table["method"].str.startswith(prefix)]
    rows = table[table["method"] == choice.method]
    if choice.title != VERDICT:
        return rows
    rows = pd.concat([rows, _as_distance(table[table["method"] == CLASSIFIER])]) if (table["method"] == CLASSIFIER).any() else rows
    verdicts = result.primary.set_index(["column", "window"])[["status", "strength"]]
    told = verdicts.reindex(pd.MultiIndex.from_frame(rows[["column", "window"]]))
    return rows.assign(status=told["status"].to_numpy(), strength=told["strength"].to_numpy())


def _as_distance(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the vocabulary classifier's AUC on a scale from 0 (texts cannot be told apart) to 1 (always), as distances are."""
    return rows.assign(**{name: np.clip(2 * rows[name].to_numpy(dtype=float) - 1, 0, 1) for name in ("score", "expected")})


def _verdict_name(rows: pd.DataFrame) -> str:
    texts = " (texts: how well told apart, 0 to 1)" if (rows["method"] == CLASSIFIER).any() else ""
    return f"Jensen–Shannon distance{texts}"


def figures(shown: Screen) -> None:
    """Show the key figures of a drift screen."""
    result, found = shown.judged, shown.found
    primary = result.primary
    alarmed = primary[primary["status"].isin(ALARMS)]
    sides, called = result.result.sides, result.result.called
    windows = plural(len(sides.production.windows), "window")
    few = int((primary["status"] == "too_few_rows").sum())
    key_figures(
        [
            KeyFigure("Columns changed", f"{len(found)} of {primary['column'].nunique()}", "beyond their expectation"),
            KeyFigure(
                "Column-windows alarmed", f"{count_text(len(alarmed))} of {count_text(result.family)}",
                f"≤ {number_text(result.expected_false_alarms, 2)} of them by chance",
                help="Among all alarms on this screen, at most this many are expected to be false (false discovery rate).",
            ),
            KeyFigure(called.rows_b, count_text(int(sides.production.rows.sum())), f"in {windows}"),
            KeyFigure(called.rows_a, count_text(int(sides.blocks.rows.sum())), f"in {plural(len(sides.groups), 'window')} of its own"),
            *([KeyFigure("Too few rows", count_text(few), "column-windows not judged")] if few else []),
        ]
    )  # fmt: skip


def heat_map(
    shown: Screen, rows: pd.DataFrame, order: list[str], choice: Choice, view: View, *, noun: str = "column"
) -> tuple[str, str] | None:
    """Show the heat map and the table beside it; return the cell that is looked at (column, window). `noun` is what a row is."""
    page = shown.judged.result.analysis
    picked = _picked(rows, order)
    name = _verdict_name(rows) if choice.title == VERDICT else choice.title
    title = _heat_title(rows, name, noun)
    chart = kept(
        ("heat map", shown.key, choice.title, picked, view.theme),
        lambda: drift_heatmap_chart(
            rows, method=name, order=order, selected=picked, annotations=annotation_table(view.case), title=title, theme=view.theme
        ),
    )
    left, right = st.columns([0.51, 0.49], gap="medium")
    with left:
        show_chart(chart, key=f"{page}_heat", on_select=lambda: _from_chart(page), param="cell")
    with right:
        speaking_rows = shown.judged.primary if choice.title == VERDICT else rows
        table_beside(speaking_rows, order, page, noun)
    return picked


def _heat_title(rows: pd.DataFrame, name: str, noun: str) -> str:
    alarmed = rows[rows["status"].isin(ALARMS)]
    columns, alerts = alarmed["column"].nunique(), alarmed[alarmed["status"] == "alert"]["column"].nunique()
    if not columns:
        return f"{name} of each {noun} by window: no alarm"
    return f"{name} by window: {plural(columns, noun)} raised alarms, {alerts} of them alerts"


def _picked(rows: pd.DataFrame, order: list[str]) -> tuple[str, str] | None:
    """Return the cell in the address if it is on this screen, else the worst one."""
    asked = st.query_params.get("cell", "")
    column, _, window = asked.rpartition("~")
    known = set(zip(rows["column"], rows["window"], strict=True))
    if (column, window) in known:
        return column, window
    if asked:
        st.caption(md_escape(f"{column} in {window_text(window)} is not on this screen any more; the worst cell is shown."))
    if rows.empty:
        return None
    first = order[0] if order else str(rows["column"].iloc[0])
    mine = rows[rows["column"] == first]
    alarmed = mine[mine["status"].isin(ALARMS)]
    pool = alarmed if len(alarmed) else mine
    if pool.empty:
        return None
    best = pool.iloc[int(np.argmax(np.nan_to_num(pool["strength"].to_numpy(dtype=float))))]
    return str(best["column"]), str(best["window"])


def _from_chart(page: str) -> None:
    cells = selected(f"{page}_heat")
    if isinstance(cells, list) and cells:
        st.query_params["cell"] = f"{cells[0]['column']}~{cells[0]['window']}"


def speaking(result: JudgedDrift, choice: Choice, rows: pd.DataFrame, cell: tuple[str, str]) -> tuple[Choice, pd.DataFrame]:
    """Return the method that raised the alarm in a cell, where no method was chosen, with its rows; else what was shown."""
    primary = result.primary
    here = primary[(primary["column"] == cell[0]) & (primary["window"] == cell[1])]
    catalogue = result.result.catalogue
    if choice.title != VERDICT or here.empty or here["method"].iloc[0] not in catalogue.ids:
        return choice, rows
    method = str(here["method"].iloc[0])
    mine = result.table[(result.table["column"] == cell[0]) & (result.table["method"] == method)]
    return replace(choice, title=catalogue.method(method).title, method=method), mine


def close_up(view: View, shown: Screen, choice: Choice, rows: pd.DataFrame, cell: tuple[str, str]) -> dict[str, Chart]:
    """Show one column in one window: verdict, the two distributions, the statistic by window, what is missing or new, the rows behind."""
    result = shown.judged
    column, window = cell
    label = result.result.labels.get(column, column)
    choice, rows = speaking(result, choice, rows, cell)
    here = rows[(rows["column"] == column) & (rows["window"] == window)].iloc[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {md_escape(label)}, {md_escape(window_text(window))}")
        status_badge(str(here["status"]))
        if here["threshold_from"] == FIXED:
            st.badge("fixed threshold", icon=":material/straighten:", color="gray")
    st.markdown(md_escape(_in_words(here, choice, result)))
    if could := seen_sentence(here):
        st.caption(md_escape(could))
    charts = kept(("close up", shown.key, choice.title, cell, view.theme), lambda: _charts(view, result, choice, rows, cell))
    left, right = st.columns(2, gap="medium")
    with left:
        if column in result.result.texts:
            show_words(words_of(result, column, window), key=f"{result.result.analysis}_words")
        else:
            show_chart(charts["distribution"], key=f"{result.result.analysis}_distribution")
    with right:
        show_chart(charts["by-window"], key=f"{result.result.analysis}_timeline")
    if "missing" in charts:
        show_chart(charts["missing"], key=f"{result.result.analysis}_missing")
    _levels(result, column, window)
    _rows_behind(view, result, cell)
    return charts


def _in_words(row: pd.Series, choice: Choice, result: JudgedDrift) -> str:
    name, catalogue = str(row["method"]), result.result.catalogue
    title = catalogue.method(name).title if name in catalogue.ids else name
    if str(row["column"]) in result.result.texts:
        return words_in_words(row, title)
    parts = [f"{title} {number_text(float(row['score']))}"]
    if np.isfinite(row["expected"]):
        parts.append(f"expected up to {number_text(float(row['expected']))} without change")
    if row["threshold_from"] == FIXED:
        parts.append(f"fixed threshold {number_text(float(row['threshold']))}")
    elif np.isfinite(row["q_value"]):
        parts.append(f"q {number_text(float(row['q_value']), 2)}")
    rows = f"{share_text(row['moved_to'])} of {count_text(int(row['n_production']))} rows"
    moved = f"{rows} are in “{row['moved_cell']}”, {share_text(row['moved_from'])} before"
    why = chance_sentence(row, result.family)
    return f"{', '.join(parts)}. Direction: {row['direction']}. {moved}.{' ' + why if why else ''}"


def _charts(view: View, result: JudgedDrift, choice: Choice, rows: pd.DataFrame, cell: tuple[str, str]) -> dict[str, Chart]:
    column = cell[0]
    label, mine = result.result.labels.get(column, column), rows[rows["column"] == column]
    name = "Jensen–Shannon distance" if choice.title == VERDICT else choice.title
    title = _fixed_title(mine, label, name)
    if title is None and not mine["status"].isin(ALARMS).any():
        title = f"{label}: {name}, no window beyond what chance explains"
    charts = {} if column in result.result.texts else {"distribution": _distribution(view, result, cell)}
    charts["by-window"] = statistic_timeline_chart(
        _with_lines(mine, result, choice), label=label, method=name, annotations=annotation_table(view.case), title=title, theme=view.theme
    )
    missing = mine[["window", "missing_share_production", "missing_share_reference"]]
    if (missing["missing_share_production"] > 0).any() or (missing["missing_share_reference"] > 0).any():
        charts["missing"] = series_chart(
            missing.rename(columns={"missing_share_production": "value"}),
            label=f"{label}: missing share", reference=float(missing["missing_share_reference"].iloc[0]), share=True,
            annotations=annotation_table(view.case), theme=view.theme,
        )  # fmt: skip
    return charts


def _fixed_title(rows: pd.DataFrame, label: str, name: str) -> str | None:
    """Say how often a column reaches the analyst's fixed threshold; None where the expectation decides."""
    if rows.empty or not rows["threshold_from"].eq(FIXED).all():
        return None
    reached = plural(int(rows["status"].isin(ALARMS).sum()), "window")
    return f"{label}: {name} reaches the fixed threshold of {number_text(float(rows['threshold'].iloc[0]))} in {reached} of {len(rows)}"


def _distribution(view: View, result: JudgedDrift, cell: tuple[str, str]) -> Chart:
    column, window = cell
    part, names = result.result.sides.part(column), chart_names(result.result.called)
    question, cells = part.narrowed(question_of(view)), cell_table(result, column, window).assign(column=part.column)
    cells = cut_heavy_ends(workspace(view), result.result, question, window, cells)
    if view.case.roles.of(part.column) is Role.SCORE and column in result.result.sides.production.columns:
        return score_distribution_chart(cells, threshold=view.case.roles.threshold, names=names, theme=view.theme)
    return distribution_chart(cells, names=names, theme=view.theme)


def _with_lines(rows: pd.DataFrame, result: JudgedDrift, choice: Choice) -> pd.DataFrame:
    """Add the score from which a change matters, and, for the AUC, the lower end of what is expected."""
    if choice.title in PROFILES:
        return rows.assign(threshold=np.nan)
    none = result.result.catalogue.method(choice.method).none
    floor = np.where(rows["threshold_from"] == FIXED, rows["threshold"], result.thresholds.floor_of(choice.method))
    lined = rows.assign(threshold=floor + (0.0 if np.isnan(none) else none))
    return lined.assign(lower=1 - lined["expected"]) if choice.method == CLASSIFIER else lined


def _levels(result: JudgedDrift, column: str, window: str) -> None:
    """Name the levels that the reference never had, and its levels that are gone."""
    counts = result.result.sides.production.columns.get(column)
    if counts is None or counts.cells.numeric:
        return
    position = result.result.sides.production.windows.ids.index(window)
    new = counts.new_levels[position]
    gone = [level for level, n in zip(counts.cells.levels, counts.counts[position], strict=False) if n == 0]
    if new:
        named = ", ".join(f"{level} ({count_text(n)})" for level, n in sorted(new.items(), key=lambda one: -one[1])[:10])
        st.markdown(f"**Not in {result.result.called.a}:** {md_escape(named)}" + (f" and {len(new) - 10} more" if len(new) > 10 else ""))
    if gone:
        st.markdown(
            f"**Absent in this window:** {md_escape(', '.join(gone[:10]))}" + (f" and {len(gone) - 10} more" if len(gone) > 10 else "")
        )


def _rows_behind(view: View, result: JudgedDrift, cell: tuple[str, str]) -> None:
    column, window = cell
    folded = st.expander("Rows behind this", icon=":material/table_rows:", key=f"{result.result.analysis}_rows", on_change="rerun")
    if not folded.open:
        return
    with folded:
        try:
            where = _rows_chosen(view, result, cell, key=f"{result.result.analysis}_rows_cell")
            question = result.result.sides.part(column).narrowed(question_of(view))
            found = rows_of_window(workspace(view), result.result, question, window, where=where)
        except SelectionError as error:
            empty_state(str(error), "Choose other rows or another window.")
            return
        st.dataframe(found, column_config=dict(view.case.labels_text), hide_index=True, height=320, alt="Rows behind the chosen cell")
        st.caption(f"{count_text(len(found))} rows, at most {MOST_ROWS}: the same ones every time.")


def _rows_chosen(view: View, result: JudgedDrift, cell: tuple[str, str], *, key: str) -> str | None:
    """Let a cell of the column, or a word of a text, be chosen; return the condition for its rows, None for all rows."""
    if cell[0] in result.result.texts:
        return rows_with_word(view, result, *cell, key=key)
    table = cell_table(result, *cell)
    chosen = st.selectbox("Which rows", [ALL_ROWS, *table["cell"]], key=key, width=320)
    if chosen in (None, ALL_ROWS):
        return None
    members = cell_members(result, cell[0])[int(np.flatnonzero(table["cell"] == chosen)[0])]
    return cells_predicate(workspace(view), result.result.sides.production.columns[cell[0]].cells, members, "production")


def pin_button(view: View, result: JudgedDrift, found: tuple[Finding, ...], cell: tuple[str, str], charts: Mapping[str, Chart]) -> None:
    """Offer to keep the finding on the column that is looked at."""
    mine = next((one for one in found if one.column == cell[0]), None)
    if mine is None or view.presenting:
        return
    with st.popover("Pin this finding", icon=":material/push_pin:", key=f"{result.result.analysis}_pin"):
        st.markdown(md_escape(sentence(mine, against=baseline_words(result))))
        with st.form(f"{result.result.analysis}_pin_form", border=False):
            comment = st.text_area("Comment", placeholder="What do you make of it?", max_chars=4000)
            if st.form_submit_button("Pin", type="primary"):
                specs = [to_vega_lite(chart) for chart in charts.values()]
                query = urlencode(st.query_params.to_dict() | {"win": str(view.windows), "cell": "~".join(cell)})
                pin(view.case, drift_pin(mine, result, view=query, comment=comment, charts=specs))
                st.toast("Pinned. It is on the page Findings.", icon=":material/push_pin:")


def drift_evidence(result: JudgedDrift, choice: Choice, charts: Mapping[str, Chart]) -> None:
    """Show how the numbers came about, and offer them as files."""
    show_evidence(result, choice.method, METHODS_OF_VERDICT if choice.title == VERDICT else choice.title, charts)


def skipped_note(result: Judged) -> None:
    """Say what was not judged and why."""
    if result.skipped:
        with st.expander(f"Not measured: {plural(len(result.skipped), 'thing')}", icon=":material/block:"):
            for one in result.skipped:
                st.markdown(f"- **{md_escape(one.what)}**: {md_escape(one.message)}")


def drift_screen(view: View, *, analysis: str, head: DeltaGenerator) -> None:
    """Show a page of drift: the answer and its key figures in `head`, then everything to its end."""
    choice = choose_method(view, page=analysis)
    shown = screen(view, analysis, choice.methods, choice.thresholds)
    result, found = shown.judged, shown.found
    rows = kept(("rows", shown.key, choice.title), lambda: shown_rows(result, choice))
    with head:
        page_head(analysis, kept(("answer", shown.key), lambda: answer(result)))
        show_cautions(view, result)
        figures(shown)
    if rows.empty:
        empty_state(
            "No column can be measured by this method.", "Choose another method, or check kinds and roles on the page Set-up.", page="setup"
        )
        skipped_note(result)
        return
    order = severity_order(rows, found)
    cell = heat_map(shown, rows, order, choice, view)
    charts: dict[str, Chart] = {}
    if cell is not None:
        with st.container(border=True):
            charts = close_up(view, shown, choice, rows, cell)
            pin_button(view, result, found, cell, charts)
    skipped_note(result)
    drift_evidence(result, choice, charts)
