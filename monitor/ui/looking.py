"""What a drift screen looks at closely: a cell of the heat map, and the run that it belongs to; both stand in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding
from monitor.judgement.window_texts import period_of, text_of
from monitor.registry import find_analysis
from monitor.ui import here
from monitor.wording import window_text

CELL = {"drift": "cell", "predictions": "predictions_cell"}
RUN = {"drift": "run", "predictions": "predictions_run"}
"""Parameters of the address by page: column and window ("weight~2013-W15"), and the finding where a cell belongs to several."""


NO_CELL = "The address does not name a cell as column~window; the strongest finding is shown."


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
    page = judged.result.analysis
    asked = here.asked(CELL[page]) or ""
    column, window = _parts(asked or _old_link(rows))
    if _on_screen(rows, column, window):
        return _asked_for(judged, column, window)
    if asked:
        told = text_of(judged, window) if window in judged.windows.ids else window_text(window)
        why = f"{column} in {told} is not on this screen any more; the strongest finding is shown." if column else NO_CELL
        here.refuse(CELL[page], why, also=(RUN[page],))
    shown = set(rows["column"])
    first = next((one for one in judged.leading if one.what in shown), None)
    if first is not None:
        return _look(judged, first.what, first.worst or first.window, first.id)
    return _strongest(judged, rows, order)


def _parts(asked: str) -> tuple[str, str]:
    column, _, window = asked.rpartition("~")
    return column, window


def _on_screen(rows: pd.DataFrame, column: str, window: str) -> bool:
    return bool(((rows["column"] == column) & (rows["window"] == window)).any())


def _old_link(rows: pd.DataFrame) -> str:
    """Return the cell of a link of an older version, in which all pages shared one name for it; empty if it is another page's."""
    asked = here.asked(CELL["drift"]) or ""
    return asked if _on_screen(rows, *_parts(asked)) else ""


def _asked_for(judged: JudgedDrift, column: str, window: str) -> Looked:
    name = RUN[judged.result.analysis]
    run = here.asked(name) or ""
    found = _look(judged, column, window, run)
    if run and (found.finding is None or found.finding.id != run):
        here.refuse(name, "The run that the address asks for is not found any more; what stands there now is shown.")
    return found


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


def look_at(page: str, column: str, window: str, run: str = "") -> None:
    """Look at a cell of a page; for callbacks."""
    here.choose(_changes(page, column, window, run))


def look_link(page: str, finding: Finding) -> None:
    """Show a link to a finding on its page."""
    here.link(page, label="See it", icon=":material/arrow_forward:", changes=find_analysis(page).look(finding))


def _changes(page: str, column: str, window: str, run: str) -> dict[str, str | None]:
    return {CELL[page]: f"{column}~{window}", RUN[page]: run or None}
