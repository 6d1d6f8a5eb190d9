"""Numbers that usually stand in one order, such as a departure and an arrival: in which share of rows they do not, window by window."""

from __future__ import annotations

from dataclasses import dataclass

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
    share = _wrong_shares(reference)
    return tuple(
        UsualOrder(i, j, float(share[i, j])) for i, j in np.argwhere((share > 0) & (share <= SELDOM)).tolist() if _cross(reference, i, j)
    )


def _wrong_shares(rows: Rows) -> Floats:
    """Return in which share of the rows with both the number at i exceeds the one at j, (p, p); 0 where too few rows have both."""
    columns = np.ascontiguousarray(np.where(np.isfinite(rows.numeric), rows.numeric, np.nan).T)
    known = np.isfinite(columns).astype(float)
    both = known @ known.T
    above = np.array([(one > columns).sum(axis=1) for one in columns]).reshape(both.shape)
    return np.where(both >= FEWEST, above / np.maximum(both, 1), 0.0)


def _cross(rows: Rows, i: int, j: int) -> bool:
    """Say whether the ranges of two columns overlap so far that their order is not said by them."""
    known = np.isfinite(rows.numeric[:, i]) & np.isfinite(rows.numeric[:, j])
    a, b = rows.numeric[known, i], rows.numeric[known, j]
    return bool(np.mean(np.searchsorted(np.sort(b), a)) / len(b) >= CROSSING)


def wrong_order(rows: Rows, order: UsualOrder) -> tuple[Floats, Ints]:
    """Return the share of the rows of each window in the wrong order, nan where no row has both numbers, and how many have, (w,) each."""
    a, b = rows.numeric[:, order.smaller], rows.numeric[:, order.larger]
    known = np.isfinite(a) & np.isfinite(b)
    n = np.bincount(rows.window[known], minlength=rows.windows)
    wrong = np.bincount(rows.window[known & (a > b)], minlength=rows.windows)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(wrong / n), n
