"""Moments of rows, on the clock of a case, and moments that are told, in UTC."""

from __future__ import annotations

import numpy as np
import pandas as pd


def to_utc(moment: np.datetime64, timezone: str) -> np.datetime64:
    """Return a moment of a case's clock in UTC; of an hour that the clock has twice, the first.

    >>> to_utc(np.datetime64("2026-07-01T12:00"), "Europe/Tallinn")
    np.datetime64('2026-07-01T09:00:00.000000')
    """
    return _moved(moment, timezone, "UTC")


def to_clock(moment: np.datetime64, timezone: str) -> np.datetime64:
    """Return a moment in UTC on a case's clock.

    >>> to_clock(np.datetime64("2026-07-01T09:00"), "Europe/Tallinn")
    np.datetime64('2026-07-01T12:00:00.000000')
    """
    return _moved(moment, "UTC", timezone)


def _moved(moment: np.datetime64, source: str, target: str) -> np.datetime64:
    if np.isnat(moment):
        return np.datetime64("NaT", "us")
    zoned = pd.Timestamp(moment).tz_localize(source, ambiguous=True, nonexistent="shift_forward")
    return zoned.tz_convert(target).tz_localize(None).as_unit("us").to_datetime64()
