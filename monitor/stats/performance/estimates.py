"""What is known of one metric by window: its value with an interval, what it rests on, and why it is missing where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.intervals import Z, wilson
from monitor.stats.performance.labelled import Bools, Floats, Labelled

Objects = NDArray[np.object_]
Interval = Callable[[Floats, Floats], tuple[Floats, Floats]]

FEWEST = 10
"""Rows in the denominator below which a metric is not told: intervals of fewer do not hold (benchmarks/performance.py)."""
TOO_FEW = "too_few_rows"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One metric by window, (w,) each: `value`, its `variance` and 95 % interval, `n` rows that it rests on (its own denominator), the
    `reason` why it is nan where it is ("" where it is not), and `raw`, the value also where it rests on too few rows."""

    value: Floats
    variance: Floats
    lower: Floats
    upper: Floats
    n: Floats
    reason: Objects
    raw: Floats


def weighted(value: Floats, variance: Floats, n: Floats, weights: Bools) -> Estimate:
    """Return the mean of windows (w,) that are put together in k ways, by the rows that they rest on; nan where there is none.

    Parameters
    ----------
    weights : (k, w) which windows count.

    Examples
    --------
    >>> weighted(np.array([0.2, 0.4]), np.array([0.1, 0.1]), np.array([10.0, 30.0]), np.array([[True, True], [False, True]])).value.tolist()
    [0.35, 0.4]
    """
    known = np.isfinite(value) & np.isfinite(variance)
    part = weights * np.where(known, n, 0.0)
    total = part.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_, spread = part @ np.where(known, value, 0.0) / total, part**2 @ np.where(known, variance, 0.0) / total**2
    reach = Z * np.sqrt(spread)
    reason = np.where(total > 0, "", "no_windows_before").astype(object)
    return Estimate(mean_, spread, mean_ - reach, mean_ + reach, total, reason, mean_)


def told(
    value: Floats,
    ends: tuple[Floats, Floats],
    n: Floats,
    *,
    why: str,
    low: float = -np.inf,
    high: float = np.inf,
    fewest: int | None = None,
) -> Estimate:
    """Put an estimate together: it is missing, `why`, where its denominator is empty, and too few where that is below `fewest` (FEWEST).

    The variance is that of a normal law with an interval as wide, which is never 0 because all rows agree.
    """
    least = FEWEST if fewest is None else fewest
    reason = np.select([n <= 0, n < least, ~np.isfinite(value)], [why, TOO_FEW, why], "").astype(object)
    known = reason == ""
    lower, upper = (np.where(known, np.clip(end, low, high), np.nan) for end in ends)
    variance = np.where(known, ((ends[1] - ends[0]) / (2 * Z)) ** 2, np.nan)
    return Estimate(np.where(known, value, np.nan), variance, lower, upper, n, reason, np.where(n > 0, value, np.nan))


def share(
    rows: Labelled, part: Bools | Floats, whole: Bools | Floats, *, why: str, count: Bools | Floats | None = None, fewest: int | None = None
) -> Estimate:
    """Return the ratio of two sums over the rows of each window, a share of its denominator, with a Wilson interval.

    Parameters
    ----------
    part, whole : (n,) what each row adds to numerator and denominator.
    count : (n,) what it adds to the rows that the share rests on; default `whole`.
    """
    above, below = rows.total(part), rows.total(whole)
    n = below if count is None else rows.total(count)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = above / below
        influence = (np.asarray(part, dtype=float) - np.nan_to_num(value)[rows.window] * whole) / np.maximum(below, 1e-300)[rows.window]
        worth = np.where((value > 0) & (value < 1), value * (1 - value) / rows.variance(influence), below)
    return told(value, wilson(value * worth, worth), n, why=why, low=0.0, high=1.0, fewest=fewest)


def ratio(rows: Labelled, part: Floats, whole: Floats, *, why: str) -> Estimate:
    """Return the ratio of two sums over the rows of each window, whatever they are made of; rows where one is nan do not count. A share of
    whole rows has a Wilson interval, anything else a normal one (delta method)."""
    known = np.isfinite(part) & np.isfinite(whole)
    rows, part, whole = rows.take(known), part[known], whole[known]
    if np.isin(part, (0, 1)).all() and np.isin(whole, (0, 1)).all() and (part <= whole).all():
        return share(rows, part, whole, why=why)
    above, below, n = rows.total(part), rows.total(whole), rows.total(whole != 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(below != 0, above / below, np.nan)
        influence = (part - np.nan_to_num(value)[rows.window] * whole) / np.where(below != 0, below, 1.0)[rows.window]
    reach = Z * np.sqrt(rows.variance(influence) * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0))
    return told(value, (value - reach, value + reach), n, why=why)


def mean(rows: Labelled, values: Floats, interval: Interval, *, why: str, low: float = -np.inf) -> Estimate:
    """Return the mean of values (n,) by window; nan values do not count."""
    known = np.isfinite(values)
    n = rows.total(known)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = rows.total(filled) / n
    influence = np.where(known, filled - np.nan_to_num(value)[rows.window], 0.0) / np.maximum(n, 1.0)[rows.window]
    more = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
    return told(value, interval(value, np.sqrt(rows.variance(influence) * more)), n, why=why, low=low)
