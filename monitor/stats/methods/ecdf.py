"""Tests and distances on ordered cells: counts of rows by interval of values, lowest first.

`reference` (k,) or (w, k) and `production` (w, k) hold the regular cells only: rows without a finite value have no place in an
order and are left out (`missing_share` answers for them). Results are exact for data rounded to their cells, and exact without
qualification where each cell is one value; otherwise KS, Kuiper, Cramer-von Mises and Anderson-Darling are at most a cell's share
away from the value on raw data. Rows of one cell are ties. A side without rows gives nan. `positions` (k,), ascending, are
values that stand for the cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from monitor.stats.methods.divergences import shares
from monitor.stats.methods.null_distributions import anderson_darling_p, cramer_von_mises_p, kolmogorov_p, kuiper_p
from monitor.stats.methods.outcomes import Outcomes

Floats = NDArray[np.float64]

DECILES = np.arange(1, 10) / 10


@dataclass(frozen=True, slots=True)
class _Pooled:
    """Both sides as floats of one shape (w, k), their rows n, m (w, 1), and how many rows share each cell."""

    reference: Floats
    production: Floats
    n: Floats
    m: Floats

    @property
    def total(self) -> Floats:
        return self.n + self.m

    @property
    def both(self) -> Floats:
        return self.reference + self.production

    @property
    def usable(self) -> NDArray[np.bool_]:
        return np.asarray(((self.n > 0) & (self.m > 0))[:, 0])


def _pooled(reference: ArrayLike, production: ArrayLike) -> _Pooled:
    right = np.atleast_2d(np.asarray(production, dtype=float))
    left = np.broadcast_to(np.atleast_2d(np.asarray(reference, dtype=float)), right.shape)
    return _Pooled(left, right, left.sum(axis=1, keepdims=True), right.sum(axis=1, keepdims=True))


def _gaps(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Distribution function of the reference minus that of production at each cell's upper end, (w, k)."""
    return np.asarray(np.cumsum(shares(reference), axis=1) - np.cumsum(shares(production), axis=1))


def _effective(pooled: _Pooled) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((pooled.n * pooled.m / pooled.total)[:, 0])


def ks(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return the two-sample Kolmogorov-Smirnov statistic D in [0, 1] and its two-sided p-value (conservative under ties)."""
    d = np.abs(_gaps(reference, production)).max(axis=1)
    return Outcomes(d, kolmogorov_p(d, _effective(_pooled(reference, production))))


def kuiper(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return Kuiper's statistic V = D+ + D- in [0, 1], as sensitive in the tails as in the middle, and its p-value."""
    gaps = _gaps(reference, production)
    v = np.maximum(gaps.max(axis=1), 0.0) - np.minimum(gaps.min(axis=1), 0.0)
    return Outcomes(v, kuiper_p(v, _effective(_pooled(reference, production))))


def cramer_von_mises(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return the two-sample Cramer-von Mises statistic T = n m / N^2 sum h (F - G)^2 >= 0 (h: pooled rows of a cell), p-value.

    Without ties it is Anderson's (1962) T. With ties the mid-rank formula in common use is not 0 for equal samples (two equal constants
    get p = 1.7e-9); this form is 0 there, and conservative.
    """
    x = _pooled(reference, production)
    gaps = _gaps(reference, production)
    with np.errstate(invalid="ignore", divide="ignore"):
        product, total = (x.n * x.m)[:, 0], x.total[:, 0]
        t = product / total**2 * (x.both * gaps**2).sum(axis=1)
        mean = (1 + 1 / total) / 6
        sizes = 4 * product * total - 3 * ((x.n**2 + x.m**2)[:, 0]) - 2 * product
        variance = (total + 1) * sizes / (180 * total**2 * product)
        p = cramer_von_mises_p(1 / 6 + (t - mean) / np.sqrt(45 * variance))
    return Outcomes(np.asarray(t), np.where((variance > 0) | ~x.usable, p, 1.0))


def anderson_darling(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return the standardised two-sample Anderson-Darling statistic (mean 0, sd 1 under no drift), ties by mid-ranks, and its p-value.

    The statistic is that of `scipy.stats.anderson_ksamp`; the p-value is not clipped to [.001, .25]. Undefined below 4 rows.
    Source: Scholz and Stephens (1987), J. Am. Stat. Assoc. 82.
    """
    x = _pooled(reference, production)
    below = np.cumsum(x.both, axis=1) - x.both / 2
    weight = below * (x.total - below) - x.total * x.both / 4
    a2 = np.zeros(len(x.n))
    with np.errstate(invalid="ignore", divide="ignore"):
        for side, rows in ((x.reference, x.n), (x.production, x.m)):
            rank = np.cumsum(side, axis=1) - side / 2
            inner = x.both / x.total * (x.total * rank - below * rows) ** 2 / weight
            a2 += (np.where(weight > 0, inner, 0.0).sum(axis=1, keepdims=True) / rows)[:, 0]
        a2 *= ((x.total - 1) / x.total)[:, 0]
        sd = np.array([_anderson_darling_sd(int(n), int(m)) for n, m in zip(x.n[:, 0], x.m[:, 0], strict=True)])
        score = (a2 - 1) / sd
    limit_sd = np.sqrt(2 * (np.pi**2 - 9) / 3)
    return Outcomes(np.asarray(score), anderson_darling_p(1 + score * limit_sd))


@lru_cache(maxsize=4096)
def _anderson_darling_sd(n: int, m: int) -> float:
    """Return the standard deviation of A2 for two samples (Scholz and Stephens, equation 4); nan below 4 rows."""
    total = n + m
    if min(n, m) < 1 or total < 4:
        return float("nan")
    h_inverse = 1 / n + 1 / m
    h, g = _harmonics(total)
    a = (4 * g - 6) + (10 - 6 * g) * h_inverse
    b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * h_inverse - 8 * h + 4 * g - 6
    c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * h_inverse + 4 * h
    d = (2 * h + 6) * 4 - 8 * h
    return float(np.sqrt((a * total**3 + b * total**2 + c * total + d) / ((total - 1.0) * (total - 2.0) * (total - 3.0))))


@lru_cache(maxsize=4096)
def _harmonics(total: int) -> Floats:
    """Return h = sum 1/i and g = sum sum 1/((N - i) j) of the paper; above 100,000 rows their limits are as good."""
    if total > 100_000:
        return np.array([special.digamma(total) + np.euler_gamma, np.pi**2 / 6])
    partial = np.cumsum(1 / np.arange(total - 1, 1, -1))
    return np.array([partial[-1] + 1, (partial / np.arange(2, total)).sum()])


def mann_whitney(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return U, the number of (production, reference) pairs in which production is larger (ties count half), and the two-sided p-value.

    Normal approximation with tie and continuity correction; U = n m / 2 when neither side tends to be larger.
    """
    x = _pooled(reference, production)
    u = (x.production * (np.cumsum(x.reference, axis=1) - x.reference / 2)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        product, total = (x.n * x.m)[:, 0], x.total[:, 0]
        ties = (x.both**3 - x.both).sum(axis=1) / (total * np.maximum(total - 1, 1))
        sd = np.sqrt(np.maximum(product / 12 * (total + 1 - ties), 0.0))
        z = np.maximum(np.abs(u - product / 2) - 0.5, 0.0) / sd
    p = np.where(sd > 0, np.minimum(2 * special.ndtr(-z), 1.0), 1.0)
    return Outcomes(np.where(x.usable, u, np.nan), np.where(x.usable, p, np.nan))


def wasserstein(reference: ArrayLike, production: ArrayLike, positions: Floats) -> Floats:
    """Return the Wasserstein (earth mover's) distance in units of the column, with the rows of a cell at its position."""
    return np.asarray((np.abs(_gaps(reference, production))[:, :-1] * np.diff(positions)).sum(axis=1)) + _undefined(reference, production)


def energy(reference: ArrayLike, production: ArrayLike, positions: Floats) -> Floats:
    """Return the energy distance sqrt(2 integral (F - G)^2), in square roots of the column's unit, rows of a cell at its position.

    Source: Szekely and Rizzo (2013), J. Statistical Planning and Inference 143.
    """
    squares = (_gaps(reference, production)[:, :-1] ** 2 * np.diff(positions)).sum(axis=1)
    return np.asarray(np.sqrt(2 * squares)) + _undefined(reference, production)


def _undefined(reference: ArrayLike, production: ArrayLike) -> Floats:
    """0 where both sides have rows, nan elsewhere, (w,)."""
    return np.where(_pooled(reference, production).usable, 0.0, np.nan)


def quantiles(counts: ArrayLike, positions: Floats, at: Floats = DECILES) -> Floats:
    """Return the quantiles `at` (j,) of counts (w, k) at their positions (k,) or (w, k), (w, j): the first with that share at or below."""
    below = np.cumsum(shares(counts), axis=1)
    reached = below[:, None, :] >= at[None, :, None] - 1e-12
    found = np.take_along_axis(np.broadcast_to(positions, below.shape), np.argmax(reached, axis=2), axis=1)
    return np.where(np.isnan(below[:, :1]), np.nan, found)


def quantile_shift(reference: ArrayLike, production: ArrayLike, positions: Floats, positions_now: Floats | None = None) -> Floats:
    """Return the signed shift of the decile (10 % to 90 %) that moved farthest, in units of the column, (w,)."""
    now = positions if positions_now is None else positions_now
    return farthest(quantiles(production, now) - quantiles(reference, positions))


def farthest(shifts: Floats) -> Floats:
    """Return, of each row of shifts (w, j), the one of the largest size with its sign, (w,)."""
    largest = np.argmax(np.abs(shifts), axis=1)
    return np.asarray(np.take_along_axis(shifts, largest[:, None], axis=1)[:, 0])
