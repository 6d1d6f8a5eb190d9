"""Numbers that usually stand in one order, such as a departure and an arrival: in which share of rows they do not, window by window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from monitor.stats.multivariate.rows import Floats, Ints, Rows

SELDOM = 0.05
"""Share of the reference's rows up to which the wrong order of two numbers is seldom."""
CROSSING = 0.1
"""Share of rows paired at random that would have the wrong order, at least: else the ranges of the columns already say it."""
FEWEST = 100
"""Rows of the reference with both numbers."""


@dataclass(frozen=True, slots=True)
class UsualOrder:
    """The number at position `smaller` seldom exceeds the one at `larger`: in `share` of the reference's rows."""

    smaller: int
    larger: int
    share: float


def usual_orders(reference: Rows) -> tuple[UsualOrder, ...]:
    """Return the pairs of numbers that seldom, but sometimes, stand in the wrong order; what never happens is a rule."""
    found = []
    for i, j in permutations(range(len(reference.numeric_names)), 2):
        a, b = _both(reference, i, j)
        share = float(np.mean(a > b)) if len(a) >= FEWEST else 0.0
        if 0 < share <= SELDOM and np.mean(np.searchsorted(np.sort(b), a)) / len(b) >= CROSSING:
            found.append(UsualOrder(i, j, share))
    return tuple(found)


def _both(rows: Rows, i: int, j: int) -> tuple[Floats, Floats]:
    known = np.isfinite(rows.numeric[:, i]) & np.isfinite(rows.numeric[:, j])
    return rows.numeric[known, i], rows.numeric[known, j]


def wrong_order(rows: Rows, order: UsualOrder) -> tuple[Floats, Ints]:
    """Return the share of the rows of each window in the wrong order, nan where no row has both numbers, and how many have, (w,) each."""
    a, b = rows.numeric[:, order.smaller], rows.numeric[:, order.larger]
    known = np.isfinite(a) & np.isfinite(b)
    n = np.bincount(rows.window[known], minlength=rows.windows)
    wrong = np.bincount(rows.window[known & (a > b)], minlength=rows.windows)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(wrong / n), n
