"""How complete the labels of a window are: the curve of their arrival, from rows that have one and rows that still wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MATURE = 0.95
"""Part of the labels that will come from which a window is mature."""
STEPS = 400
"""Delays that the curve is kept at."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a triangle of counts will come to: `factor` (a - 1,) from one age to the next; `ultimate` (w,) of each window with its standard
    error `error`, and how much of it is there (`maturity`, 0..1)."""

    factor: Floats
    ultimate: Floats
    error: Floats
    maturity: Floats


def chain_ladder(triangle: Floats) -> Ladder:
    """Return what cumulative counts will come to when all ages are in, with Mack's (1993) standard errors.

    Parameters
    ----------
    triangle : (w, a) cumulative counts by window and age, nan where that age is not reached; ages end where no window has reached more.

    Notes
    -----
    Factors are volume-weighted. The variance of the last one cannot be estimated; it is the smallest of what the two before it suggest.

    Examples
    --------
    >>> found = chain_ladder(np.array([[40, 60, 66, 66], [44, 68, 74, np.nan], [50, 72, np.nan, np.nan], [60, np.nan, np.nan, np.nan]]))
    >>> found.factor.round(6).tolist(), found.ultimate.round(4).tolist()
    ([1.492537, 1.09375, 1.0], [66.0, 74.0, 78.75, 97.9478])
    >>> found.maturity.round(4).tolist()
    [1.0, 1.0, 0.9143, 0.6126]
    """
    ages = triangle.shape[1]
    both = [np.isfinite(triangle[:, k]) & np.isfinite(triangle[:, k + 1]) for k in range(ages - 1)]
    base = np.array([float(triangle[rows, k].sum()) for k, rows in enumerate(both)])
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.array([triangle[rows, k + 1].sum() for k, rows in enumerate(both)]) / base
    factor = np.where(np.isfinite(factor), factor, 1.0)
    sigma = _sigma(triangle, both, factor)
    reached = np.isfinite(triangle).sum(axis=1) - 1
    now = np.where(reached >= 0, triangle[np.arange(len(triangle)), np.maximum(reached, 0)], np.nan)
    ultimate = np.array([value * np.prod(factor[max(at, 0) :]) for value, at in zip(now, reached, strict=True)])
    error = np.array([_error(value, int(at), factor, sigma, base) for value, at in zip(now, reached, strict=True)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return Ladder(factor, ultimate, error, np.where(ultimate > 0, now / ultimate, np.nan))


def _sigma(triangle: Floats, both: list[NDArray[np.bool_]], factor: Floats) -> Floats:
    """Return the variance of each factor in parts of its base (Mack 1993, equation 5)."""
    found = np.full(len(factor), np.nan)
    for k, rows in enumerate(both):
        c, n = triangle[rows, k], int(rows.sum())
        some = c > 0
        if n > 1 and some.any():
            found[k] = float((c[some] * (triangle[rows, k + 1][some] / c[some] - factor[k]) ** 2).sum() / (n - 1))
    for k in np.flatnonzero(np.isnan(found)).tolist():
        before = found[max(k - 2, 0) : k]
        found[k] = 0.0 if len(before) < 2 else min(before[1] ** 2 / before[0] if before[0] > 0 else 0.0, before[0], before[1])
    return found


def _error(value: float, at: int, factor: Floats, sigma: Floats, base: Floats) -> float:
    """Return the standard error of what one row will come to (Mack 1993, theorem 3)."""
    total, c = 0.0, value
    for k in range(max(at, 0), len(factor)):
        if c > 0 and base[k] > 0 and factor[k] > 0:
            total += sigma[k] / factor[k] ** 2 * (1 / c + 1 / base[k])
        c *= factor[k]
    return float(np.sqrt(total) * c)


@dataclass(frozen=True, slots=True)
class Arrival:
    """`share` (k,) of the labels that ever come which are there after `delay` (k,) hours."""

    delay: Floats
    share: Floats

    def at(self, age: Floats) -> Floats:
        """Return the share of labels that are there for rows of an age (hours), nan where nothing is known of rows so old.

        Between two delays no label came: of labels that are confirmed after sixty days, none are there after fifty-nine.
        """
        if not len(self.delay):
            return np.full(len(age), np.nan)
        passed = np.searchsorted(self.delay, np.nan_to_num(age, nan=np.inf), side="right")
        return np.where(np.isnan(age), np.nan, np.append(0.0, self.share)[passed])

    def delay_of(self, share: float) -> float:
        """Return the hours after which that share of the labels is there."""
        return float(self.delay[int(np.searchsorted(self.share, share))]) if len(self.delay) else float("nan")


def arrival(delay: Floats, waited: Floats) -> Arrival:
    """Return the curve of arrival (Kaplan and Meier 1958, with rows that never get a label).

    Parameters
    ----------
    delay : (n,) hours from a row to its label.
    waited : (m,) hours that rows without a label have waited.

    Notes
    -----
    Rows that never get a label make the curve end below 1; its last height is what "all" means.

    Examples
    --------
    >>> curve = arrival(np.array([1.0, 2.0, 2.0, 8.0]), np.array([4.0]))
    >>> curve.at(np.array([0.5, 2.0, 8.0])).tolist()
    [0.0, 0.6, 1.0]
    """
    if not len(delay):
        return Arrival(np.zeros(0), np.zeros(0))
    found = scipy.stats.ecdf(scipy.stats.CensoredData(uncensored=delay, right=waited)).cdf
    at, share = np.asarray(found.quantiles), np.asarray(found.probabilities)
    levels = np.linspace(share[0], share[-1], STEPS)  # each step of the height, so that many that come at once come at their time
    kept = np.unique(np.searchsorted(share, levels)) if len(at) > STEPS else np.arange(len(at))
    return Arrival(at[kept], share[kept] / max(float(share[-1]), 1e-12))
