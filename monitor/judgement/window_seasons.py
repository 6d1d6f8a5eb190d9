"""Where in the week, or in the day, windows lie: what they have in common with others of the same place is known, and no noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.profile import Windows

DAY = 24
"""Hours."""


def window_seasons(windows: Windows, size: WindowSize, timezone: str) -> NDArray[np.int64] | None:
    """Return the weekday of each window of one day, or the local hour at which each of several in a day begins, (w,).

    None for windows of several days, of hours that do not divide a day, of rows, and where there is no time.

    >>> six = np.array(["2025-06-30T22", "2025-07-01T04", "2025-07-01T22"], dtype="datetime64[us]")
    >>> windows = Windows(("a", "b", "c"), six, six + np.timedelta64(6, "h"))
    >>> [window_seasons(windows, WindowSize.parse(size), "Europe/Berlin") for size in ("6 hours", "5 hours", "2 days")]
    [array([0, 6, 0]), None, None]
    """
    hours = size.hours
    if hours is None or DAY % hours or np.isnat(windows.start).any():
        return None
    local = pd.DatetimeIndex(windows.start).tz_localize("UTC").tz_convert(timezone)
    return np.asarray(local.day_of_week if hours == DAY else local.hour // hours * hours, dtype=np.int64)  # a clock may skip midnight
