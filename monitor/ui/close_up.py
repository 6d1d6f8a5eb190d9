"""One column close up, in a run of windows or in one of them: in words, before and after, by window, and the rows behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.ends import cut_heavy_ends
from monitor.analyses.rows import MOST_ROWS, rows_of_window
from monitor.charts import Chart, daily_chart, distribution_chart, score_distribution_chart, series_chart, statistic_timeline_chart
from monitor.engine import cells_predicate
from monitor.errors import SelectionError
from monitor.judgement.daily import hours_table, peaks_by_window
from monitor.judgement.details import cell_members, cell_table
from monitor.judgement.drawn import with_limit_line
from monitor.judgement.drift import FIXED, JudgedDrift
from monitor.judgement.finding import FindingKind
from monitor.judgement.findings import ALARMS
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.narration.timing import onset_doubt
from monitor.judgement.seeing import seen_text
from monitor.judgement.window_texts import text_of, with_windows
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one, ask_two
from monitor.ui.choice import VERDICT, Choice, title_of
from monitor.ui.findings_list import STATES
from monitor.ui.looking import Looked
from monitor.ui.measuring import Screen, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import chart_names, empty_state, show_chart
from monitor.ui.rows_behind import NARROWING
from monitor.ui.state import View
from monitor.ui.status import status_badge
from monitor.ui.text import md_escape
from monitor.ui.words import ALL_ROWS, rows_with_word, show_words, texts_compared, words_of
from monitor.ui.work import kept
from monitor.vocabulary import Role, Status
from monitor.wording import count_text, number_text, plural, share_text

PLOT = 96
"""Pixels that a plot of the close-up is high: it is seen beside the map without scrolling."""

LINE, LEVELS = 17, 8
"""Pixels of a level's two bars, and how many levels are drawn: those that changed most."""


def close_up(
    view: View, shown: Screen, choice: Choice, rows: pd.DataFrame, looked: Looked, *, beside: Callable[[Mapping[str, Chart]], None]
) -> Mapping[str, Chart]:
    """Show what is looked at and return its charts; `beside` shows what is done with them."""
    result = shown.judged
    choice, rows = speaking(result, choice, rows, looked)
    here = rows[(rows["column"] == looked.column) & (rows["window"] == looked.window)].iloc[0]
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        looked = _span(result, looked)
        key = ("close up", shown.key, choice.title, looked.cell, looked.first, looked.last, view.theme)
        charts = kept(key, lambda: _charts(view, result, choice, rows, looked))
        beside(charts)
    with head:
        _head(result, looked, here)
        _words(result, looked, here)
    _two_charts(result, looked, charts)
    if "missing" in charts:
        show_chart(charts["missing"], key=f"{result.result.analysis}_missing", height=PLOT)
    if looked.column in result.result.sides.production.columns:
        _levels(result, looked)
    return charts


def speaking(result: JudgedDrift, choice: Choice, rows: pd.DataFrame, looked: Looked) -> tuple[Choice, pd.DataFrame]:
    """Return the method that speaks for what is looked at, where no method was chosen, with its rows; else what was shown."""
    if choice.title != VERDICT:
        return choice, rows
    here = rows[(rows["column"] == looked.column) & (rows["window"] == looked.window)]
    method = looked.finding.method if looked.finding is not None else str(here["method"].iloc[0])
    mine = result.table[(result.table["column"] == looked.column) & (result.table["method"] == method)]
    if not (mine["window"] == looked.window).any():
        method, mine = str(here["method"].iloc[0]), rows[rows["column"] == looked.column]
    return replace(choice, title=title_of(result, method), method=method), with_windows(mine, result)


def _span(result: JudgedDrift, looked: Looked) -> Looked:
    """Let one window of a run be looked at alone."""
    if looked.finding is None or looked.first == looked.last:
        return looked
    whole, one = f"All {result.names.count(looked.finding.windows)}", text_of(result, looked.window).removeprefix("the ")
    one = f"{one[:1].upper()}{one[1:]}"
    return looked.alone() if ask_two(f"{result.result.analysis}_span", "Windows", whole, {"one": one}) == "one" else looked


def _head(result: JudgedDrift, looked: Looked, here: pd.Series) -> None:
    label = result.result.labels.get(looked.column, looked.column)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {md_escape(label)}, {md_escape(looked.when(result))}")
        status_badge(looked.finding.status if looked.finding is not None else str(here["status"]))
        if looked.finding is not None:
            st.badge(STATES[looked.finding.state], color="gray")
        if here["threshold_from"] == FIXED:
            st.badge("fixed threshold", icon=":material/straighten:", color="gray")


def _words(result: JudgedDrift, looked: Looked, here: pd.Series) -> None:
    """Say what was found, or what would have been seen; then the figures behind it."""
    primary = result.primary
    mine = primary[(primary["column"] == looked.column) & (primary["window"] == looked.window)].iloc[0]
    if looked.finding is None:
        said = seen_text(mine, result.against)
    else:
        doubt = onset_doubt(looked.finding, result.names)
        said = f"{sentence(looked.finding, result.names, result.against)} {doubt}".rstrip()
    if said:
        st.markdown(md_escape(said))
    st.caption(md_escape(_figures(result, looked, here)))


def _figures(result: JudgedDrift, looked: Looked, here: pd.Series) -> str:
    title, finding = title_of(result, str(here["method"])), looked.finding
    if looked.column not in result.result.sides.production.columns and looked.column not in result.result.texts:
        return "There is nothing to compare: one side has no such column."
    if finding is not None and finding.kind is FindingKind.CLOCK:
        moved = f"A cosine of 24 hours peaks {number_text(abs(finding.score), 2)} hours {'later' if finding.score > 0 else 'earlier'}"
        return f"{moved}, where {number_text(abs(finding.limit), 2)} alarm; {plural(finding.rows, 'row')} concerned."
    if finding is not None and looked.first != looked.last:
        pooled = f"{title} {number_text(finding.score)} over all rows of the run, where {number_text(finding.limit)} alarms"
        said = f"{pooled}; {plural(finding.rows, 'row')} concerned."
        texts = f" In {text_of(result, looked.window)}: {texts_compared(here)}" if looked.column in result.result.texts else ""
        return f"{said}{texts}"
    parts = [f"{title} {number_text(float(here['score']))}"]
    limit = float(here["run_limit"] if here["run"] is not None and np.isfinite(here["run_limit"]) else here["limit"])  # the line drawn
    if np.isfinite(limit):
        word = "the fixed threshold is" if here["threshold_from"] == FIXED else "a window alone alarms from"
        parts.append(f"{word} {number_text(limit)}")
    elif here["status"] == Status.STABLE and looked.column not in result.result.texts:
        parts.append("no score of this window alone alarms")
    said = f"{'; '.join(parts)}."
    if looked.column in result.result.texts:
        return f"{said} {texts_compared(here)}"
    if not here["moved_cell"] or not np.isfinite(here["moved_to"]):
        return f"{said} {plural(int(here['n_production']), 'row')}."
    of = f"{share_text(here['moved_to'])} of {plural(int(here['n_production']), 'row')}"
    return f"{said} Changed most: {of} in “{here['moved_cell']}”, {share_text(here['moved_from'])} before."


def _two_charts(result: JudgedDrift, looked: Looked, charts: Mapping[str, Chart]) -> None:
    """Show before and after above what was measured by window."""
    if not charts:
        return
    page = result.result.analysis
    if looked.column in result.result.texts:
        show_words(words_of(result, looked.column, looked.window), key=f"{page}_words")
    else:
        show_chart(charts["distribution"], key=f"{page}_distribution", height=_plot(charts["distribution"]))
    show_chart(charts["by-window"], key=f"{page}_timeline", height=PLOT)


def _plot(chart: Chart) -> int:
    """Return how high a distribution is drawn: levels stand below each other and need room for their names."""
    bars = "level" in chart.data.columns
    return max(PLOT, LINE * min(len(chart.data), LEVELS)) if bars else PLOT


def _charts(view: View, result: JudgedDrift, choice: Choice, rows: pd.DataFrame, looked: Looked) -> dict[str, Chart]:
    column = looked.column
    label, mine = result.result.labels.get(column, column), rows[rows["column"] == column]
    counted = column in result.result.sides.production.columns
    if not counted and column not in result.result.texts:
        return {}
    charts = {"distribution": _before_and_after(view, result, looked)} if counted else {}
    charts["by-window"] = _by_window(view, result, choice, mine, looked)
    missing = mine[["window", "when", "units", "partial", "missing_share_production", "missing_share_reference"]]
    if (missing["missing_share_production"] > 0).any() or (missing["missing_share_reference"] > 0).any():
        charts["missing"] = series_chart(
            missing.rename(columns={"missing_share_production": "value"}),
            label=f"{label}: missing share", reference=float(missing["missing_share_reference"].iloc[0]), share=True,
            annotations=annotation_table(view.case), theme=view.theme,
        )  # fmt: skip
    return charts


def _by_window(view: View, result: JudgedDrift, choice: Choice, mine: pd.DataFrame, looked: Looked) -> Chart:
    """Draw the method by window, or the hour of the peak where that is what moved."""
    label, notes, finding = result.result.labels.get(looked.column, looked.column), annotation_table(view.case), looked.finding
    if finding is None or finding.kind is not FindingKind.CLOCK:
        return statistic_timeline_chart(
            with_limit_line(mine, result.result), label=label, method=choice.title, annotations=notes,
            title=_fixed_title(mine, label, choice.title), theme=view.theme,
        )  # fmt: skip
    usual, peaks = peaks_by_window(result.result, looked.column)
    drawn = mine[["window", "when", "units", "partial"]].assign(value=mine["window"].map(peaks))
    return series_chart(drawn, label=f"{label}: hour of the peak", reference=usual, annotations=notes, theme=view.theme)


def _fixed_title(rows: pd.DataFrame, label: str, name: str) -> str | None:
    """Say how often a column reaches the analyst's fixed threshold; None where the expectation decides."""
    if rows.empty or not rows["threshold_from"].eq(FIXED).all():
        return None
    reached = plural(int(rows["status"].isin(ALARMS).sum()), "window")
    return f"{label}: {name} reaches the fixed threshold of {number_text(float(rows['limit'].iloc[0]))} in {reached} of {len(rows)}"


def _before_and_after(view: View, result: JudgedDrift, looked: Looked) -> Chart:
    """Draw both sides by value, or by hour of the day where that is what moved."""
    finding = looked.finding
    if finding is None or finding.kind is not FindingKind.CLOCK:
        return _distribution(view, result, looked)
    names = chart_names(result.result.called)
    return daily_chart(hours_table(result.result, finding), label=finding.label, names=names, theme=view.theme)


def _distribution(view: View, result: JudgedDrift, looked: Looked) -> Chart:
    part, names = result.result.sides.part(looked.column), chart_names(result.result.called)
    question = part.narrowed(question_of(view))
    cells = cell_table(result, looked.column, looked.first, looked.last).assign(column=part.column)
    cells = cut_heavy_ends(workspace(view), result.result, question, looked.first, cells, looked.last)
    if view.case.roles.of(part.column) is Role.SCORE:
        return score_distribution_chart(cells, threshold=view.case.roles.threshold, names=names, theme=view.theme)
    return distribution_chart(cells, names=names, levels=LEVELS, theme=view.theme)


def _levels(result: JudgedDrift, looked: Looked) -> None:
    """Name the levels that the reference never had, and its levels that are gone."""
    counts, ids = result.result.sides.production.columns[looked.column], result.windows.ids
    if counts.cells.numeric:
        return
    part = slice(ids.index(looked.first), ids.index(looked.last) + 1)
    new: dict[str, int] = {}
    for window in counts.new_levels[part]:
        for level, rows in window.items():
            new[level] = new.get(level, 0) + rows
    gone = [level for level, n in zip(counts.cells.levels, counts.counts[part].sum(axis=0), strict=False) if n == 0]
    if new:
        named = [f"{level} ({count_text(n)})" for level, n in sorted(new.items(), key=lambda one: -one[1])]
        st.markdown(f"**Not in {result.result.called.a}:** {md_escape(_first_ten(named))}")
    if gone:
        st.markdown(f"**Absent here:** {md_escape(_first_ten(gone))}")


def _first_ten(names: list[str]) -> str:
    more = f" and {count_text(len(names) - 10)} more" if len(names) > 10 else ""
    return f"{', '.join(names[:10])}{more}"


def rows_behind(view: View, result: JudgedDrift, looked: Looked) -> None:
    """Offer the rows behind what is looked at, folded."""
    page = result.result.analysis
    if looked.finding is not None and here.asked(f"{page}_span") == "one":
        looked = looked.alone()
    opened = here.asked(f"{page}_rows_cell") is not None
    folded = st.expander("Rows behind this", opened, icon=":material/table_rows:", key=f"{page}_rows", on_change="rerun")
    if not folded.open:
        return
    with folded:
        try:
            where = _rows_chosen(view, result, looked, key=f"{page}_rows_cell")
            question = result.result.sides.part(looked.column).narrowed(question_of(view))
            found = rows_of_window(workspace(view), result.result, question, looked.first, last=looked.last, where=where)
        except SelectionError as error:
            empty_state(str(error), "Choose other rows or another window.")
            return
        st.dataframe(found, column_config=dict(view.case.labels_text), hide_index=True, height=320, alt="Rows behind the chosen cell")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{count_text(len(found))} rows, at most {MOST_ROWS}: the same ones every time.")
            if not view.presenting and not result.result.sides.part(looked.column).segment:
                here.link("rows", label="All of them", changes=_rows_address(result, looked))


def _rows_address(result: JudgedDrift, looked: Looked) -> dict[str, str | None]:
    """Return what the address of the page Rows says to show the rows behind: their windows, and the cell that was chosen."""
    asked, timed = here.asked(f"{result.result.analysis}_rows_cell"), result.result.sides.size.calendar
    found: dict[str, str | None] = dict.fromkeys(NARROWING)
    found |= {"rows_from": looked.first if timed else None, "rows_to": looked.last if timed else None}
    if asked in (None, ALL_ROWS) or looked.column in result.result.texts:
        return found
    names = cell_table(result, looked.column, looked.first, looked.last)["cell"].astype(str).tolist()
    if asked not in names:
        return found
    members = ",".join(str(one) for one in cell_members(result, looked.column)[names.index(asked)])
    return {**found, "rows_column": looked.column, "rows_cells": members}


def _rows_chosen(view: View, result: JudgedDrift, looked: Looked, *, key: str) -> str | None:
    """Let a cell of the column, or a word of a text, be chosen; return the condition for its rows, None for all rows."""
    if looked.column in result.result.texts:
        return rows_with_word(view, result, *looked.cell, key=key)
    table = cell_table(result, looked.column, looked.first, looked.last)
    chosen = ask_one(key, "Which rows", [ALL_ROWS, *(str(cell) for cell in table["cell"])], usual=ALL_ROWS, width=320)
    if chosen == ALL_ROWS:
        return None
    members = cell_members(result, looked.column)[int(np.flatnonzero(table["cell"].astype(str) == chosen)[0])]
    return cells_predicate(workspace(view), result.result.sides.production.columns[looked.column].cells, members, "production")
