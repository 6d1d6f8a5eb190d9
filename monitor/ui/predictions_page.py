"""The page Predictions: does the model answer differently than before?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.splits import splits_offered
from monitor.case.model import OUTPUTS
from monitor.charts import Chart
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.window_texts import last_whole, text_of
from monitor.registry import screen_answer
from monitor.ui.asking import ask_one, picked
from monitor.ui.cautions import show_cautions
from monitor.ui.choice import Choice, choose_method, shown_rows
from monitor.ui.close_up import rows_behind
from monitor.ui.comparing import NO_METHOD, changed_figure, detail, drift_evidence, runs_figure, skipped_note
from monitor.ui.heat_map import heat_map
from monitor.ui.measuring import Screen, screen
from monitor.ui.opened import workspace
from monitor.ui.output_charts import Told, show_output, told
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.vocabulary import Role, Status, Task
from monitor.wording import count_text, number_text, plural, share_text

PAGE = "predictions"
NOTHING = "all rows together"
"""What the picker says when rows are not cut apart."""


def predictions_page() -> None:
    """Show the page."""
    current = view()
    if not workspace(current).measured(roles=OUTPUTS):
        _without_output(current)
        return
    head, output = st.container(), st.container()
    st.markdown("#### Drift of what the model answers, by window")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = _choose_by(current)
        output_shown = _choose_output(current, by)
    choice = choose_method(current, page=PAGE)
    shown = screen(current, PAGE, choice.methods, choice.thresholds, by)
    found = kept(("told", shown.key), lambda: told(current, shown))
    with head:
        said = kept(("answer", shown.key), lambda: screen_answer(shown.judged))
        page_head(PAGE, said.headline, said.doubt)
        show_cautions(current, shown.judged)
        _figures(shown, found)
    part = _part_shown(shown, output_shown)
    rows = kept(("rows", part.key, choice.title), lambda: shown_rows(part.judged, choice))
    drawn = _drift(current, part, rows, choice, by)
    with output:
        charts = show_output(current, shown, found, drawn.cell)
    skipped_note(shown.judged)
    drift_evidence(shown.judged, choice, {**charts, **drawn.charts})


def _without_output(current: View) -> None:
    if current.case.task is Task.NONE:
        page_head(PAGE, "This case watches data without a model.", "Drift and Joint drift say what changed in the data.")
        empty_state("There is no model.", "To watch one, choose its task and give a column the role prediction or score.", page="setup")
    else:
        page_head(PAGE, "The case names neither predictions nor scores.")
        empty_state("There is nothing to compare.", "Give a column the role prediction or score.", page="setup")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the lower half of the page shows: the cell that is looked at, and its charts."""

    cell: tuple[str, str] | None
    charts: Mapping[str, Chart]


def _drift(current: View, part: Screen, rows: pd.DataFrame, choice: Choice, by: str | None) -> _Drawn:
    if rows.empty:
        empty_state("No output can be measured by this method.", NO_METHOD, page="setup")
        return _Drawn(None, {})
    drawn = heat_map(
        part, rows, _order(part, rows), choice, current, noun="output" if by is None else "level",
        detail=lambda looked: detail(current, part, choice, rows, looked),
    )  # fmt: skip
    if drawn.looked is None:
        return _Drawn(None, {})
    if drawn.charts:
        rows_behind(current, part.judged, drawn.looked)
    return _Drawn(drawn.looked.cell, drawn.charts)


def _choose_by(current: View) -> str | None:
    """Ask for the column that rows are cut apart by."""
    offered = splits_offered(workspace(current), current.case)
    names = _distinct(current, offered)
    if not offered:
        picked("by", [NOTHING], NOTHING)
        if not current.presenting:
            st.caption("The case names no segment, protected column or model version to cut rows by; name them in [roles] of case.toml.")
        return None
    chosen = ask_one(
        "by", "By", [NOTHING, *names], usual=NOTHING, width=300,
        help="Cuts the rows by the levels of a column: each is compared with the same level in the reference, and all are judged together.",
    )  # fmt: skip
    return names.get(chosen)


def _distinct(current: View, offered: tuple[str, ...]) -> dict[str, str]:
    """Return the columns by their labels; by label and name where two share one."""
    labels = [current.case.label(name) for name in offered]
    return {label if labels.count(label) == 1 else f"{label} ({name})": name for label, name in zip(labels, offered, strict=True)}


def _choose_output(current: View, by: str | None) -> str | None:
    """Show the picker of the output that is shown by levels, scores first; there is none where rows are not cut apart."""
    outputs = [m for m in workspace(current).measured(roles=OUTPUTS) if m.name != by]
    if by is None or not outputs:
        return None
    outputs.sort(key=lambda one: one.role is not Role.SCORE)
    names = _distinct(current, tuple(one.name for one in outputs))
    usual = next(iter(names))
    chosen = picked("of", list(names), usual) if len(names) == 1 else ask_one("of", "Which output", list(names), usual=usual, width=300)
    return names[chosen]


def _part_shown(shown: Screen, output: str | None) -> Screen:
    """Return the part of the screen that the heat map shows: everything, or, by levels, one output in all of them."""
    if output is None:
        return shown
    sides = shown.judged.result.sides

    def build() -> Screen:
        names = {name: part for name, part in sides.parts.items() if part.column == output}
        table = shown.judged.table[shown.judged.table["column"].isin(list(names))]
        levels = {name: part.told if part.segment else "All rows" for name, part in names.items()}
        mine = tuple(one for one in shown.judged.findings if one.what in names)
        judged = replace(shown.judged, table=table.assign(label=table["column"].map(levels)), findings=mine)
        return Screen((*shown.key, output), judged)

    return kept(("part", shown.key, output), build)


def _order(part: Screen, rows: pd.DataFrame) -> list[str]:
    """Return all rows first, then levels: those with findings, then by how far their judged windows are from no change."""
    judged = np.where(rows["status"] == Status.TOO_FEW_ROWS, -1.0, rows["strength"].to_numpy(dtype=float))
    reach = rows.assign(reach=judged).groupby("column")["reach"].max().sort_values(ascending=False, kind="stable")
    known = set(reach.index)
    alarmed = [one.what for one in part.judged.found if one.what in known]
    names = [*alarmed, *(str(name) for name in reach.index if name not in alarmed)]
    return sorted(names, key=lambda name: bool(part.judged.result.sides.part(name).segment))


def _figures(shown: Screen, found: Told) -> None:
    """Show the key figures: what the model answers now, how often that lies outside the reference, what was judged."""
    judged, sides = shown.judged, shown.judged.result.sides
    figures = [*_lead_figures(judged, found)]
    figures += [changed_figure(judged, "Outputs" if not sides.parts else "Outputs and levels"), runs_figure(judged)]
    rows = int(sides.production.rows.sum())
    figures.append(KeyFigure(judged.result.called.rows_b, count_text(rows), f"compared with {count_text(int(sides.blocks.rows.sum()))}"))
    key_figures(figures[:5])


def _lead_figures(judged: JudgedDrift, found: Told) -> list[KeyFigure]:
    lead = found.lead
    if lead.empty:
        return []
    write = share_text if str(lead["measure"].iloc[0]).startswith("share") else number_text
    whole = lead[lead["window"] == last_whole(judged)]
    last, first = (whole if len(whole) else lead).iloc[-1], lead.iloc[0]
    span = f"{write(float(first['reference_low']), 2)} to {write(float(first['reference_high']), 2)}"
    outside = lead["place"].str.startswith(("below", "above"))
    what = f"Of {plural(int(last['n']), 'row')} of the last whole window"
    label = f"{found.label_of(last)}, {text_of(judged, str(last['window']))}"
    figures = [KeyFigure(label, write(float(last["value"])), f"{found.own}: {span}", help=what)]
    expected = f"about {number_text(found.by_chance * len(lead), 2)} by chance"
    help_text = (
        f"Windows below or above all {found.windows}. If nothing changed and windows were alike, a share of 2 / (windows of the reference "
        "+ 1) of them would be."
    )
    return [*figures, KeyFigure("Outside that range", f"{int(outside.sum())} of {len(lead)}", expected, help=help_text)]
