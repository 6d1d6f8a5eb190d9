"""One column of the page Explanations close up: what it adds by value, by window, and by the levels of a segment."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from monitor.charts import Chart, contribution_bar_chart
from monitor.export.explained import column_picture, dependence_picture, fall_of, level_rows, unit_title
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.narration.explained import signed
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.present import chart_names, empty_state, show_chart
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import number_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Maybe:
    """A chart, or none where there is nothing to draw: what is kept is always something."""

    chart: Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the page looks at: `kept` (w,) the windows, None: all; `raw`: the waterfall in the unit of the model."""

    current: View
    judged: JudgedExplanations
    key: tuple[Hashable, ...]
    klass: str
    window: str
    kept: NDArray[np.bool_] | None
    raw: bool
    column: str

    def keep(self, name: tuple[Hashable, ...], build: Callable[[], T]) -> T:
        """Return what was made for this look before, or make it."""
        return kept(("explained", *self.key, *name), build)

    @property
    def label(self) -> str:
        """What people call the column."""
        return self.judged.result.label(self.column)


def close_up(looked: Looked) -> dict[str, Chart]:
    """Show the chosen column."""
    result = looked.judged.result
    with st.container(border=True, key="explanations_close_up"):
        columns = list(result.attributions.columns)
        head, by = st.columns([0.6, 0.4], vertical_alignment="bottom")
        with by, st.container(horizontal=True, vertical_alignment="bottom"):
            ask_one("explanations_column", "Column", columns, usual=looked.column, format_func=result.label, width=260)
        with head:
            _said(looked)
        return _pictures(looked)


def _said(looked: Looked) -> None:
    result = looked.judged.result
    j = result.attributions.columns.index(looked.column)
    fall = fall_of(looked.judged, looked.klass, looked.kept)
    table = looked.judged.table
    row = table[table["column"].eq(looked.column) & table["class"].fillna("").eq(looked.klass)]
    signs = "" if row.empty else _sign_text(float(row["sign_reference"].iloc[0]), float(row["sign_production"].iloc[0]))
    ends = f"{signed(float(fall.lower[j]))} to {signed(float(fall.upper[j]))}"
    added = f"Adds {signed(float(fall.contributions[j]))} to the mean {unit_title(looked.judged)} ({ends} with 95 % confidence)."
    st.markdown(f"#### {md_escape(looked.label)}  \n{md_escape(added)} {md_escape(signs)}")


def _sign_text(before: float, after: float) -> str:
    """Say which way larger values push, and whether that turned."""
    if not np.isfinite(before) or not np.isfinite(after):
        return ""
    way = {True: "raise", False: "lower"}
    told = f"rank correlation {number_text(after, 2)}, {number_text(before, 2)} before"
    if before * after < 0 and min(abs(before), abs(after)) > TURNED:
        return f"Larger values {way[after > 0]} predictions now and {'raised' if before > 0 else 'lowered'} them before ({told})."
    return f"Larger values mostly {way[after > 0]} predictions ({told})." if abs(after) > TURNED else ""


TURNED = 0.2
"""Rank correlation from which values are said to push one way."""


def _pictures(looked: Looked) -> dict[str, Chart]:
    judged, theme, names = looked.judged, looked.current.theme, chart_names(looked.judged.called)
    charts: dict[str, Chart] = {}
    left, right = st.columns(2, gap="medium")
    with left:
        found = looked.keep(
            ("dependence", looked.column),
            lambda: Maybe(dependence_picture(judged, looked.klass, looked.column, looked.kept, names=names, theme=theme)),
        ).chart
        if found is None:
            empty_state("The values of this column are not in the data.", "Only its attributions are: see them by window.")
        else:
            charts["dependence"] = found
            show_chart(found, key="explanations_dependence")
    with right:
        shown = looked.column in judged.result.columns
        if shown and len(judged.windows) > 1:
            notes = annotation_table(looked.current.case)
            charts["column"] = looked.keep(
                ("column", looked.column),
                lambda: column_picture(judged, looked.klass, looked.column, names=names, annotations=notes, theme=theme),
            )
            show_chart(charts["column"], key="explanations_column_chart")
    charts |= _levels(looked)
    return charts


def _levels(looked: Looked) -> dict[str, Chart]:
    """Cut the part of the column by the levels of a segment column."""
    frame = looked.judged.result.sides[1].frame
    options = [name for name in looked.current.case.roles.segments if name in frame] or [
        name for name in looked.judged.result.attributions.columns if name in frame
    ]
    if not options:
        return {}
    usual = next((name for name in options if name != looked.column), options[0])
    by = ask_one("explanations_by", "Where: by level of", options, usual=usual, format_func=looked.current.case.label, width=260)
    rows = looked.keep(("levels", looked.column, by), lambda: level_rows(looked.judged, looked.klass, looked.column, by, looked.kept))
    if rows is None or rows.empty:
        return {}
    title = f"Where {looked.label} adds to the mean: by {looked.current.case.label(by)}"
    chart = looked.keep(
        ("levels chart", looked.column, by),
        lambda: contribution_bar_chart(
            rows, value_title=f"Adds to the mean {unit_title(looked.judged)}", limit=12, title=title, theme=looked.current.theme
        ),
    )
    show_chart(chart, key="explanations_levels")
    return {"levels": chart}
