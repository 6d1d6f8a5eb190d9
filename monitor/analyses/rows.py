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
    workspace: Workspace,
    result: DriftResult,
    question: Question,
    window: str,
    *,
    last: str = "",
    where: str | None = None,
    columns: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Return up to 200 rows of production in a window, or to the window `last`, (and meeting `where`), the same ones each time.

    Raises
    ------
    SelectionError
        The window is not on the screen, is a block of rows (which no time bounds), or has no such row.
    """
    selection = window_selection(result, question.production, window, last)
    both = " AND ".join(f"({part}\n)" for part in (selection.where, where) if part)
    table = sample(
        workspace, replace(selection, where=both or None), list(columns or workspace.columns), rows=MOST_ROWS, seed=question.seed
    )
    return pd.DataFrame(table.to_pandas())


def window_selection(result: DriftResult, production: Selection, window: str, last: str = "") -> Selection:
    """Return the rows of a production window, or from it to the window `last`, as a selection."""
    windows, last = result.sides.production.windows, last or window
    if window not in windows.ids or last not in windows.ids:
        raise SelectionError(f"There is no window '{window}' on this screen.")
    if window == WHOLE:
        return production
    if not result.sides.size.calendar:
        raise SelectionError("Rows are shown for windows of time; these windows are blocks of rows. Choose a window size such as '1 day'.")
    start, end = _moment(windows.start[windows.ids.index(window)]), _moment(windows.end[windows.ids.index(last)])
    begins = max((bound for bound in (start, production.start) if bound is not None), default=start)
    ends = min((bound for bound in (end, production.end) if bound is not None), default=end)
    return replace(production, start=begins, end=ends)


def _moment(value: np.datetime64) -> datetime:
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
