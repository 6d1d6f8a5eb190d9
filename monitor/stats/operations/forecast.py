"""What a month will cost, from its days so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from monitor.stats.inference.intervals import Z

LEAST_DAYS = 3
"""Days from which a forecast is made."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Cost of a month: `so_far` in `days` of `length`, `value` at its end with a 95 % interval, `by` how many of the last days."""

    so_far: float
    days: int
    length: int
    value: float
    lower: float
    upper: float
    by: int


def month_end(costs: ArrayLike, length: int, *, since: int = 0) -> Forecast | None:
    """Return what a month of so many days will cost: each day to come as the mean of those so far, days independent; None of too few days.

    Of days `since` a change there are few: that their mean is itself an estimate widens the interval (of left days: left + left^2 / n
    times the variance of one), which that of the run rate leaves out (golden E11).

    Examples
    --------
    >>> found = month_end([100, 102, 98, 101, 99, 120, 125, 103, 101, 100], 30)
    >>> round(found.value, 6), round(found.upper - found.value, 1)
    (3147.0, 82.9)
    >>> round(month_end([100, 100, 100, 199, 201, 200, 200], 30, since=3).value, 6)
    5700.0
    """
    known = np.asarray(costs, dtype=float)
    told = known[since:]
    if len(told) < LEAST_DAYS or len(known) > length or not np.isfinite(known).all():
        return None
    left = length - len(known)
    so_far = float(known.sum())
    half = Z * float(told.std(ddof=1)) * math.sqrt(left + (left**2 / len(told) if since else 0.0))
    value = so_far + left * float(told.mean())
    lower = max(value - half, so_far) if (known >= 0).all() else value - half
    return Forecast(so_far, len(known), length, value, lower, value + half, len(told))
