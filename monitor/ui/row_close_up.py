"""One row close up: beside the reference rows that are nearest to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.neighbours import nearest_rows
from monitor.analyses.sides import Question
from monitor.engine import RowPage, Selection, rows_at
from monitor.errors import MethodError, SelectionError
from monitor.stats.multivariate.encoding import LIMIT
from monitor.ui import here
from monitor.ui.explained_row import row_waterfall
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state, show_chart
from monitor.ui.rows_told import Told, leading
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import list_text, number_text, plural

LONGEST = 60
"""Letters of a value that are shown."""
NAMED = 3


def row_close_up(current: View, question: Question, shown: tuple[Selection, str], columns: list[str], page: RowPage, told: Told) -> None:
    """Show the row that the address names, else the first of the page; `shown` are the selected rows and the side that they are of."""
    asked, (selection, side) = here.asked("rows_row"), shown
    file, row = (int(part) for part in asked.split("-")) if asked else (int(one) for one in page.place[0])
    opened, chosen = workspace(current), question.reference if side == "a" else question.production
    prints = tuple(opened.fingerprint(one.data) for one in (question.reference, chosen))
    key = ("near", prints, current.case.key(judged=False), question.reference, chosen, file, row)
    st.markdown("#### " + ("The chosen row" if asked else "The first row") + " beside the nearest rows of A")
    try:
        near = kept(key, lambda: nearest_rows(opened, question, chosen, (file, row)))
    except (SelectionError, MethodError) as error:
        empty_state(str(error), "Choose a row in the table above.")
        return
    if reason := _reason(told, (file, row)):
        st.markdown(md_escape(reason))
    names = [current.case.label(name) for name in near.apart[:NAMED]]
    _explained(current, told, (file, row))
    over = f"Over {plural(len(near.distance), 'near row')} it differs most in {list_text(names)}. "
    said = over if names else "They are alike in every column. "
    far = f"distances {', '.join(number_text(float(one), 2) for one in near.distance)}" if len(near.distance) else "no other row"
    st.caption(
        md_escape(
            f"{said}Looked at {plural(near.among, 'row')} of A: {far}, on the scale of each column's middle half, where no number "
            f"counts for more than {LIMIT:g}."
        )
    )
    st.dataframe(_beside(current, question, selection, columns, (file, row), near.place, near.apart), hide_index=True, height=420)


def _reason(told: Told, place: tuple[int, int]) -> str:
    """Return why a row is unlike the others; empty where it is not, or nobody looked."""
    if told.outliers is None:
        return ""
    table = told.outliers.table
    mine = table[(table["file"] == place[0]) & (table["row"] == place[1])]
    return "" if mine.empty else str(mine["reason"].iloc[0])


def _explained(current: View, told: Told, place: tuple[int, int]) -> None:
    """Show what made the prediction of a row, where rows are explained."""
    at = told.at(place)
    if told.explained is not None and at is not None:
        show_chart(row_waterfall(told.explained, at, leading(told.explained), theme=current.theme), key="rows_row_chart")


def _beside(
    current: View,
    question: Question,
    selection: Selection,
    columns: list[str],
    place: tuple[int, int],
    near: np.ndarray,
    apart: tuple[str, ...],
) -> pd.DataFrame:
    """Return one line per column: the row, then those near it; columns that differ most come first."""
    opened = workspace(current)
    both = [name for name in columns if question.reference.data in opened.columns[name].types]
    ordered = [*(name for name in apart if name in both), *(name for name in both if name not in apart)]
    one = rows_at(opened, selection.data, np.array([place], dtype=np.int64), ordered, longest=LONGEST)
    others = rows_at(opened, question.reference.data, near, ordered, longest=LONGEST)
    told = {"Column": [current.case.label(name) for name in ordered], "This row": [column[0].as_py() for column in one.columns]}
    told |= {f"Near {i + 1}": [column[i].as_py() for column in others.columns] for i in range(len(near))}
    return pd.DataFrame(told).fillna("missing")
