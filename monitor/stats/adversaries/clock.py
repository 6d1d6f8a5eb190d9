"""Which columns the clock tells: hour of the day, weekday, and what follows from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SAME = 0.99
"""Share of rows whose value is the commonest one of their moment, from which the clock tells it."""
FEWEST = 5.0
"""Rows that a moment holds on average at least; with fewer any column would follow from it."""
MINUTE = 60_000_000
DAY = 1440
TAKEN = 200_000
"""Rows that are looked at."""


def told_by_clock(codes: NDArray[np.int16], moment: Ints) -> bool:
    """Say whether a column (n,) follows from the hour, the minute of the day or the weekday of `moment` (n,), in microseconds.

    >>> hours = np.arange(2400)
    >>> told_by_clock((hours % 24).astype(np.int16), hours * 60 * MINUTE), told_by_clock((hours % 7).astype(np.int16), hours * 60 * MINUTE)
    (True, False)
    """
    step = max(len(moment) // TAKEN, 1)
    value, minute = np.unique(codes[::step], return_inverse=True)[1], moment[::step] // MINUTE
    usual = np.bincount(value).max(initial=0) / max(len(value), 1)
    if usual >= SAME:
        return False
    return any(_tells(value, time) for time in (minute % DAY // 60, minute // DAY % 7, minute % DAY))


def _tells(value: Ints, time: Ints) -> bool:
    place = np.unique(time, return_inverse=True)[1]
    width = int(value.max()) + 1
    if len(value) < FEWEST * (int(place.max()) + 1):
        return False
    pair, count = np.unique(place * width + value, return_counts=True)
    most = np.zeros(int(place.max()) + 1, dtype=np.int64)
    np.maximum.at(most, pair // width, count)
    return bool(most.sum() >= SAME * len(value))
