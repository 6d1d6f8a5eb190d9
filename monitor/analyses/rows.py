"""The rows behind a count: a deterministic sample of one window, or of one cell of a column in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from monitor.analyses.drift_result import DriftResult
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Selection, Workspace, sample
from monitor.errors import SelectionError
from monitor.vocabulary import WHOLE
from monitor.wording import window_moment

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


def selection_of_windows(selection: Selection, first: str, last: str, *, size: WindowSize, timezone: str) -> Selection:
    """Narrow a selection to the calendar windows from one id to another.

    >>> found = selection_of_windows(Selection(), "2013-04-21", "2013-04-22", size=WindowSize(1, "day"), timezone="UTC")
    >>> found.describe()
    'production from 2013-04-21 00:00 to 2013-04-23 00:00 UTC'

    Raises
    ------
    SelectionError
        One of them is no window of time, or the second lies before the first.
    """
    moments = [window_moment(one) for one in (first, last)]
    if not size.calendar or moments[0] is None or moments[1] is None:
        raise SelectionError("Rows are shown for windows of time; these windows are none. Choose a window size such as '1 day'.")
    zone = ZoneInfo(timezone)
    start, end = (moment.replace(tzinfo=zone).astimezone(UTC) for moment in (moments[0], _after(moments[1], size)))
    begins = max((bound for bound in (start, selection.start) if bound is not None), default=start)
    ends = min((bound for bound in (end, selection.end) if bound is not None), default=end)
    if begins >= ends:
        raise SelectionError(f"From window '{first}' to '{last}' there is no time of the rows that are looked at. Choose other windows.")
    return replace(selection, start=begins, end=ends)


def _after(start: datetime, size: WindowSize) -> datetime:
    """Return the end of a calendar window on the local clock."""
    step = pd.DateOffset(months=size.count) if size.unit == "month" else pd.Timedelta(hours=float(size.hours or 0))
    return pd.Timestamp(pd.Timestamp(start) + step).to_pydatetime()
