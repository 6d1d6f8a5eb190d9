"""What a drift screen looks at closely: a cell of the heat map, and the run that it belongs to; both stand in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding
from monitor.judgement.window_texts import period_of, text_of
from monitor.ui.text import md_escape
from monitor.wording import window_text

CELL, RUN = "cell", "run"
"""Parameters of the address: column and window ("weight~2013-W15"), and the finding where a cell belongs to several."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A column in a window, the finding that holds it if one does, and the windows that are shown together: `first` to `last`."""

    column: str
    window: str
    finding: Finding | None
    first: str
    last: str

    @property
    def cell(self) -> tuple[str, str]:
        """Column and window."""
        return self.column, self.window

    def alone(self) -> Looked:
        """Return the same without the other windows of its run."""
        return Looked(self.column, self.window, self.finding, self.window, self.window)

    def when(self, judged: JudgedDrift) -> str:
        """Write what is shown: the period of the run, or the window."""
        whole = self.finding is not None and (self.first, self.last) == (self.finding.window, self.finding.last_window)
        return period_of(judged, self.finding) if whole and self.finding is not None else text_of(judged, self.window)


def looked_at(judged: JudgedDrift, rows: pd.DataFrame, order: Sequence[str]) -> Looked | None:
    """Return what the address asks for if it is on this screen, else the window that moved farthest in the strongest finding."""
    asked = st.query_params.get(CELL, "")
    column, _, window = asked.rpartition("~")
    if ((rows["column"] == column) & (rows["window"] == window)).any():
        return _look(judged, column, window, st.query_params.get(RUN, ""))
    if asked:
        told = text_of(judged, window) if window in judged.windows.ids else window_text(window)
        st.caption(md_escape(f"{column} in {told} is not on this screen any more; the strongest finding is shown."))
    shown = set(rows["column"])
    first = next((one for one in judged.findings if one.what in shown), None)
    if first is not None:
        return _look(judged, first.what, first.worst or first.window, first.id)
    return _strongest(judged, rows, order)


def _strongest(judged: JudgedDrift, rows: pd.DataFrame, order: Sequence[str]) -> Looked | None:
    mine = rows[rows["column"] == order[0]] if order else rows
    if mine.empty:
        return None
    best = mine.iloc[int(np.argmax(np.nan_to_num(mine["strength"].to_numpy(dtype=float))))]
    return _look(judged, str(best["column"]), str(best["window"]), "")


def _look(judged: JudgedDrift, column: str, window: str, run: str) -> Looked:
    position = judged.windows.ids.index(window)
    here = [one for one in judged.findings if one.what == column and one.first <= position <= one.last]
    finding = next((one for one in here if one.id == run), max(here, key=lambda one: one.strength, default=None))
    if finding is None:
        return Looked(column, window, None, window, window)
    return Looked(column, window, finding, finding.window, finding.last_window)


def look_at(column: str, window: str, run: str = "") -> None:
    """Write into the address what to look at."""
    st.query_params[CELL] = f"{column}~{window}"
    if run:
        st.query_params[RUN] = run
    elif RUN in st.query_params:
        del st.query_params[RUN]
