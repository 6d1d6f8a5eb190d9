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
    """Cost of a month: `so_far` in `days` of `length`, `value` at its end with a 95 % interval."""

    so_far: float
    days: int
    length: int
    value: float
    lower: float
    upper: float


def month_end(costs: ArrayLike, length: int) -> Forecast | None:
    """Return what a month of so many days will cost: each day to come as the mean of those so far, days independent; None of too few days.

    Examples
    --------
    >>> found = month_end([100, 102, 98, 101, 99, 120, 125, 103, 101, 100], 30)
    >>> round(found.value, 6), round(found.upper - found.value, 1)
    (3147.0, 82.9)
    """
    known = np.asarray(costs, dtype=float)
    if len(known) < LEAST_DAYS or len(known) > length or not np.isfinite(known).all():
        return None
    left = length - len(known)
    so_far, mean = float(known.sum()), float(known.mean())
    half = Z * float(known.std(ddof=1)) * math.sqrt(left)
    value = so_far + left * mean
    return Forecast(so_far, len(known), length, value, max(value - half, so_far) if (known >= 0).all() else value - half, value + half)
