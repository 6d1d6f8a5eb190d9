"""The rows behind a count: a deterministic sample of one window, or of one cell of a column in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from monitor.analyses.drift import DriftResult
from monitor.analyses.sides import Question
from monitor.engine import Selection, Workspace, sample
from monitor.errors import SelectionError
from monitor.vocabulary import WHOLE

MOST_ROWS = 200


def rows_of_window(
    workspace: Workspace, result: DriftResult, question: Question, window: str, *, where: str | None = None, columns: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return up to 200 rows of production in a window (and meeting `where`), the same ones each time.

    Raises
    ------
    SelectionError
        The window is not on the screen, is a block of rows (which no time bounds), or has no such row.
    """
    selection = window_selection(result, question.production, window)
    both = " AND ".join(f"({part}\n)" for part in (selection.where, where) if part)
    table = sample(
        workspace, replace(selection, where=both or None), list(columns or workspace.columns), rows=MOST_ROWS, seed=question.seed
    )
    return pd.DataFrame(table.to_pandas())


def window_selection(result: DriftResult, production: Selection, window: str) -> Selection:
    """Return the rows of a production window as a selection."""
    windows = result.sides.production.windows
    if window not in windows.ids:
        raise SelectionError(f"There is no window '{window}' on this screen.")
    if window == WHOLE:
        return production
    if not result.sides.size.calendar:
        raise SelectionError("Rows are shown for windows of time; these windows are blocks of rows. Choose a window size such as '1 day'.")
    position = windows.ids.index(window)
    start, end = _moment(windows.start[position]), _moment(windows.end[position])
    first = max((bound for bound in (start, production.start) if bound is not None), default=start)
    last = min((bound for bound in (end, production.end) if bound is not None), default=end)
    return replace(production, start=first, end=last)


def _moment(value: np.datetime64) -> datetime:
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
