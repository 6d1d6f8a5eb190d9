"""The heat map of a drift screen with what was found beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from monitor.charts import drift_heatmap_chart
from monitor.ui.annotations import annotation_table
from monitor.ui.choice import Choice
from monitor.ui.column_table import column_table
from monitor.ui.findings_list import findings_list
from monitor.ui.looking import Looked, look_at, looked_at
from monitor.ui.measuring import Screen
from monitor.ui.present import selected, show_chart
from monitor.ui.state import View
from monitor.ui.work import kept
from monitor.wording import plural


def heat_map(shown: Screen, rows: pd.DataFrame, order: Sequence[str], choice: Choice, view: View, *, noun: str = "column") -> Looked | None:
    """Show the heat map and the findings beside it; return what is looked at. `noun` is what a row is."""
    page, judged = shown.judged.result.analysis, shown.judged
    looked = looked_at(judged, rows, order)
    picked = looked.cell if looked is not None else None
    chart = kept(
        ("heat map", shown.key, choice.title, picked, view.theme),
        lambda: drift_heatmap_chart(
            rows, method=choice.title, noun=noun, order=order, selected=picked, annotations=annotation_table(view.case), theme=view.theme
        ),
    )
    left, right = st.columns([0.56, 0.44], gap="medium")
    with left:
        show_chart(chart, key=f"{page}_heat", on_select=lambda: _from_chart(page), param="cell")
    with right:
        if judged.findings:
            findings_list(view, judged, page, lambda one: look_at(page, one.what, one.worst or one.window, one.id))
        else:
            column_table(judged, rows, order, page, noun)
    if judged.findings:
        _every_column(shown, rows, order, noun)
    return looked


def _every_column(shown: Screen, rows: pd.DataFrame, order: Sequence[str], noun: str) -> None:
    page = shown.judged.result.analysis
    quiet = rows["column"].nunique() - len({one.what for one in shown.judged.findings} & set(rows["column"]))
    title = f"Every {noun}: {plural(quiet, noun)} without change, and what could have been seen in each"
    folded = st.expander(title, icon=":material/visibility:", key=f"{page}_columns", on_change="rerun")
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
