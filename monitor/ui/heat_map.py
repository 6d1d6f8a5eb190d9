"""The heat map of a drift screen with what was found beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from monitor.charts import Chart, drift_heatmap_chart
from monitor.judgement.answers import UNJUDGED
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import ALARMS
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_page, ask_text, ask_two
from monitor.ui.choice import VERDICT, Choice
from monitor.ui.column_table import column_table
from monitor.ui.findings_list import findings_list
from monitor.ui.looking import Looked, look_at, looked_at
from monitor.ui.measuring import Screen
from monitor.ui.present import empty_state, selected, show_chart
from monitor.ui.state import View
from monitor.ui.work import kept
from monitor.wording import count_text, plural

Detail = Callable[[Looked], Mapping[str, Chart]]
"""Shows what is looked at and returns its charts."""
MOST_ROWS = 15
"""Rows of the map on one page: with the answer above it they are seen without scrolling."""
FEW_ROWS = 8
"""Rows that are found without a search."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a map and its close-up show: what is looked at, and the charts of it by a short name."""

    looked: Looked | None
    charts: Mapping[str, Chart]


def heat_map(
    shown: Screen, rows: pd.DataFrame, order: Sequence[str], choice: Choice, view: View, *, noun: str = "column", detail: Detail
) -> Drawn:
    """Show the heat map, beside it what is looked at by `detail`, and below what was found. `noun` is what a row is."""
    page, judged = shown.judged.result.analysis, shown.judged
    looked = looked_at(judged, rows, order)
    left, right = st.columns([0.56, 0.44], gap="medium")
    with left:
        _map(shown, rows, _on_map(page, judged, rows, order, noun), choice, view, looked, noun)
    charts: Mapping[str, Chart] = {}
    if looked is not None:
        with right, st.container(border=True, key=f"{page}_close_up"):
            charts = detail(looked)
    if judged.findings:
        findings_list(view, judged, page, lambda one: look_at(page, one.what, one.worst or one.window, one.id), pins=False)
    _every_column(shown, rows, order, noun)
    return Drawn(looked, charts)


def _map(shown: Screen, rows: pd.DataFrame, columns: Sequence[str], choice: Choice, view: View, looked: Looked | None, noun: str) -> None:
    page = shown.judged.result.analysis
    if not columns:
        asked = here.asked(f"{page}_find") or ""
        empty_state(f"No {noun} has “{asked}” in its name.", "Look for a part of another name, or clear the field.")
        return
    picked = looked.cell if looked is not None else None
    chart = kept(
        ("heat map", shown.key, choice.title, tuple(columns), picked, view.theme),
        lambda: drift_heatmap_chart(
            _counted(rows[rows["column"].isin(set(columns))], shown.judged, choice), method=choice.title, noun=noun, order=columns,
            selected=picked, annotations=annotation_table(view.case), theme=view.theme,
        ),
    )  # fmt: skip
    show_chart(chart, key=f"{page}_heat", on_select=lambda: _from_chart(page), param="cell")


def _counted(rows: pd.DataFrame, judged: JudgedDrift, choice: Choice) -> pd.DataFrame:
    """Add how many runs were found in these columns, where the map is that of the verdict."""
    columns = set(rows["column"])
    return rows.assign(found=sum(one.what in columns for one in judged.findings)) if choice.title == VERDICT else rows


def _on_map(page: str, judged: JudgedDrift, rows: pd.DataFrame, order: Sequence[str], noun: str) -> list[str]:
    """Return the columns that the map shows: those that changed unless all are asked for or a name is looked for; a page of them."""
    changed = changed_columns(judged, rows, order)
    find = ""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}_on_map"):
        everything = True
        if 0 < len(changed) < len(order):
            others = {"all": f"All {count_text(len(order))}"}
            everything = ask_two(f"{page}_show", f"Which {noun}s", f"Changed: {count_text(len(changed))}", others) == "all"
        if len(order) > FEW_ROWS or here.asked(f"{page}_find"):
            find = ask_text(
                f"{page}_find", f"Find a {noun}", placeholder=f"Find a {noun}", label_visibility="collapsed", width=180
            ).strip()  # fmt: skip
        wanted = named(find, order, judged.result.labels) if find else list(order) if everything else changed
        pages = max(math.ceil(len(wanted) / MOST_ROWS), 1)
        at = ask_page(f"{page}_page", pages) - 1
    return wanted[at * MOST_ROWS : (at + 1) * MOST_ROWS]


def changed_columns(judged: JudgedDrift, rows: pd.DataFrame, order: Sequence[str]) -> list[str]:
    """Return the columns in which something was found or that alarm by the chosen method, in their order."""
    alarmed = set(rows.loc[rows["status"].isin(ALARMS), "column"]) | {one.what for one in judged.findings}
    return [name for name in order if name in alarmed]


def named(find: str, order: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """Return the columns whose name or label holds a text, whatever its capitals."""
    text = find.casefold()
    return [name for name in order if text in name.casefold() or text in labels.get(name, "").casefold()]


def _every_column(shown: Screen, rows: pd.DataFrame, order: Sequence[str], noun: str) -> None:
    page = shown.judged.result.analysis
    quiet = set(rows["column"]) - {one.what for one in shown.judged.findings}
    stable = quiet & set(rows.loc[~rows["status"].isin(UNJUDGED), "column"])
    told = [f"{plural(len(stable), noun)} without change"] if stable or not quiet else []
    told += [f"{plural(len(quiet - stable), noun)} not judged"] if quiet - stable else []
    title = f"Every {noun}: {', '.join(told)}, and what could have been seen in each"
    folded = st.expander(title, not shown.judged.findings, icon=":material/visibility:", key=f"{page}_columns", on_change="rerun")
    if folded.open:
        with folded:
            column_table(shown.judged, rows, order, page, noun)


def _from_chart(page: str) -> None:
    cells = selected(f"{page}_heat")
    if isinstance(cells, list) and cells:
        look_at(page, str(cells[0]["column"]), str(cells[0]["window"]))


def severity_order(rows: pd.DataFrame, first: Sequence[str]) -> list[str]:
    """Return the columns, those with findings (`first`) at the top, then by how far they went."""
    strength = rows.assign(strength=np.nan_to_num(rows["strength"].to_numpy(dtype=float)))
    farthest = strength.groupby("column")["strength"].max().sort_values(ascending=False, kind="stable")
    named = [name for name in first if name in set(farthest.index)]
    return [*named, *(str(name) for name in farthest.index if name not in named)]
