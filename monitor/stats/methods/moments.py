"""Changes of moments and of the range, from means, standard deviations and extremes alone; all arguments are (w,) or broadcast to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from monitor.stats.methods.outcomes import Outcomes

Floats = NDArray[np.float64]


def scale(mean: ArrayLike, sd: ArrayLike, mean_now: ArrayLike, sd_now: ArrayLike) -> Floats:
    """Return the unit of standardised shifts: the reference sd; where that is 0, the sd of both sides pooled with equal weight.

    A constant that moves to another constant is thus 2 units away, not infinitely many; two equal constants have unit 1.
    """
    spread, other = np.asarray(sd, dtype=float), np.asarray(sd_now, dtype=float)
    with np.errstate(over="ignore"):
        gap = np.asarray(mean_now, dtype=float) / 2 - np.asarray(mean, dtype=float) / 2
        pooled = np.hypot(np.hypot(spread, other) / np.sqrt(2), gap)  # no square of it: that of 1e200 is none
    unit = np.where(spread > 0, spread, pooled)
    return np.where(unit == 0, 1.0, unit)


def mean_shift(mean: ArrayLike, sd: ArrayLike, mean_now: ArrayLike, sd_now: ArrayLike) -> Floats:
    """Return (production mean - reference mean) in reference standard deviations (see `scale` for a constant reference).

    >>> mean_shift(10, 2, [10, 13], [2, 2]).tolist()
    [0.0, 1.5]
    """
    return np.asarray((np.asarray(mean_now, dtype=float) - mean) / scale(mean, sd, mean_now, sd_now))


def sd_ratio(sd: ArrayLike, sd_now: ArrayLike) -> Floats:
    """Return production sd / reference sd, 1 when neither side varies; nan (no ratio) for a constant reference that began to vary."""
    before, now = np.asarray(sd, dtype=float), np.asarray(sd_now, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = now / before
    return np.where(before > 0, ratio, np.where(now == 0, 1.0, np.nan))


def extreme_shift(extreme: ArrayLike, extreme_now: ArrayLike, unit: ArrayLike) -> Floats:
    """Return how far a minimum or maximum moved, in units of `scale`."""
    return np.asarray((np.asarray(extreme_now, dtype=float) - extreme) / np.asarray(unit, dtype=float))


def welch_t(rows: ArrayLike, mean: ArrayLike, sd: ArrayLike, rows_now: ArrayLike, mean_now: ArrayLike, sd_now: ArrayLike) -> Outcomes:
    """Return Welch's t (positive: production is larger) and its two-sided p-value, from rows, means and sds (ddof 0).

    Undefined (nan) below 2 rows a side and where neither side varies. Source: Welch (1947), Biometrika 34.
    """
    n, m = np.asarray(rows, dtype=float), np.asarray(rows_now, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        first, second = np.asarray(sd, dtype=float) ** 2 / (n - 1), np.asarray(sd_now, dtype=float) ** 2 / (m - 1)
        error = first + second
        t = (np.asarray(mean_now, dtype=float) - mean) / np.sqrt(error)
        df = error**2 / (first**2 / (n - 1) + second**2 / (m - 1))
    defined = (n > 1) & (m > 1) & (error > 0)
    t, df = np.where(defined, t, np.nan), np.where(defined, df, np.nan)
    return Outcomes(t, np.asarray(2 * special.stdtr(df, -np.abs(t))))
