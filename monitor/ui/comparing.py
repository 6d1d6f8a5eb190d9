"""The drift screen, used for features and for predictions: the answer, the heat map with what was found, and one run close up."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from monitor.charts import Chart
from monitor.export.charts import to_vega_lite
from monitor.export.finding_pins import cell_pin, drift_pin
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import State
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.registry import find_analysis, screen_answer
from monitor.ui.cautions import show_cautions
from monitor.ui.choice import METHODS_OF_VERDICT, VERDICT, Choice, choose_method, shown_rows
from monitor.ui.close_up import close_up, rows_behind
from monitor.ui.drift_evidence import show_evidence
from monitor.ui.heat_map import heat_map, severity_order
from monitor.ui.looking import CELL, RUN, Looked
from monitor.ui.measuring import Screen, screen
from monitor.ui.pinning import keep, pin_drawer, pin_form, pin_key
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, number_text, plural

NO_METHOD = "Choose another method, or check kinds and roles on the page Set-up."


def figures(shown: Screen) -> None:
    """Show the key figures of a drift screen."""
    result = shown.judged
    sides, called = result.result.sides, result.result.called
    few = int((result.primary["status"] == Status.TOO_FEW_ROWS).sum())
    key_figures(
        [
            changed_figure(result, "Columns"),
            runs_figure(result),
            KeyFigure(called.rows_b, count_text(int(sides.production.rows.sum())), f"in {result.names.count(len(result.windows))}"),
            KeyFigure(called.rows_a, count_text(int(sides.blocks.rows.sum())), f"in {result.names.count(len(sides.groups))} of its own"),
            *([KeyFigure("Too few rows", count_text(few), "column-windows not judged")] if few else []),
        ]
    )


def changed_figure(result: JudgedDrift, nouns: str) -> KeyFigure:
    """Return how many columns changed, beside how many chance would name."""
    return KeyFigure(
        f"{nouns} changed", f"{count_text(len(result.found))} of {count_text(result.table['column'].nunique())}",
        f"≤ {number_text(result.expected_false_alarms, 2)} by chance",
        help="If nothing had changed, at most so many would be named: any at all on at most 5 of 100 such screens.",
    )  # fmt: skip


def runs_figure(*judged: Judged) -> KeyFigure:
    """Return how many runs of windows were found on some screens, and how many of them go on."""
    found = [one for screen in judged for one in screen.findings]
    going = sum(one.state is not State.OVER for one in found)
    fresh = sum(one.state is State.NEW for one in found)
    told = f"{count_text(going)} going on, {count_text(fresh)} of them new" if going else "all over" if found else "none"
    help_text = "A run is a stretch of consecutive windows in which one thing moved one way."
    if len(judged) > 1:
        help_text += f" Counted here: {list_text([find_analysis(one.analysis).title for one in judged])}."
    return KeyFigure("Runs found", count_text(len(found)), told, help=help_text)


def detail(view: View, shown: Screen, choice: Choice, rows: pd.DataFrame, looked: Looked) -> Mapping[str, Chart]:
    """Show what is looked at close up, offer to pin it, and return its charts."""
    result = shown.judged
    return close_up(view, shown, choice, rows, looked, beside=lambda charts: pin_button(view, result, looked, charts))


def pin_button(view: View, result: JudgedDrift, looked: Looked, charts: Mapping[str, Chart]) -> None:
    """Offer to keep what is looked at: the finding, or that there is none."""
    if view.presenting:
        return
    label = "Pin this finding" if looked.finding is not None else "Pin that nothing changed"
    with pin_drawer(label, result.result.analysis):
        if looked.finding is not None:
            st.markdown(md_escape(sentence(looked.finding, result.names, result.against)))
        comment = pin_form(f"{result.result.analysis}_pin_form")
        if comment is not None:
            _pin(view, result, looked, comment, charts)


def _pin(view: View, result: JudgedDrift, looked: Looked, comment: str, charts: Mapping[str, Chart]) -> None:
    told = {"view": pinned_view(view, result, looked), "comment": comment}
    specs = [to_vega_lite(chart) for chart in charts.values()]
    found = looked.finding
    new = cell_pin(looked.cell, result, charts=specs, **told) if found is None else drift_pin(found, result, charts=specs, **told)
    keep(view.case, new, key=pin_key(result.result.analysis))


def pinned_view(view: View, result: JudgedDrift, looked: Looked) -> str:
    """Return the address of what is looked at, without what other pages chose; the window size stands there even where it is usual."""
    page = result.result.analysis
    run = looked.finding.id if looked.finding is not None else None
    close = {"win": str(view.windows), CELL[page]: "~".join(looked.cell), RUN[page]: run}
    return urlencode(view.address.change(close).of_page(page).query(), doseq=True)


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
    result = shown.judged
    rows = kept(("rows", shown.key, choice.title), lambda: shown_rows(result, choice))
    with head:
        said = kept(("answer", shown.key), lambda: screen_answer(result))
        page_head(analysis, said.headline, said.doubt)
        show_cautions(view, result)
        figures(shown)
    if rows.empty:
        empty_state("No column can be measured by this method.", NO_METHOD, page="setup")
        skipped_note(result)
        return
    order = severity_order(rows, [one.what for one in result.found])
    drawn = heat_map(shown, rows, order, choice, view, detail=lambda looked: detail(view, shown, choice, rows, looked))
    if drawn.looked is not None and drawn.charts:
        rows_behind(view, result, drawn.looked)
    skipped_note(result)
    drift_evidence(result, choice, drawn.charts)
