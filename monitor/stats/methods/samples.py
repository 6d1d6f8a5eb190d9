"""Tests and distances on raw values: exact, at the price of fetching and sorting one column.

Every function takes `reference` (n,) and `production` (m,) numbers; nan and infinite values are left out (`missing_share` answers for
them). An empty side gives nan. Most are the functions of `monitor.stats.methods.ecdf` with one cell per distinct value, after one sort.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from monitor.stats.methods import ecdf as ordered
from monitor.stats.methods import moments
from monitor.stats.methods.null_distributions import kolmogorov_p
from monitor.stats.methods.outcomes import Outcome, Outcomes

Floats = NDArray[np.float64]

SCIPY_EXACT = 10_000
"""Largest sample for which scipy counts lattice paths to get the exact Kolmogorov-Smirnov p-value."""
SMALL = 8
"""Smaller sample up to which the exact null distribution of Mann-Whitney's U is used (when there are no ties)."""
MMD_ROWS = 500
MMD_PERMUTATIONS = 500


def finite(values: ArrayLike) -> Floats:
    """Return the finite values as floats, (n,)."""
    numbers = np.asarray(values, dtype=float)
    return np.asarray(numbers[np.isfinite(numbers)])


@dataclass(frozen=True, slots=True)
class _Tallies:
    """Counts of both sides on their pooled distinct values `positions` (k,), ascending."""

    positions: Floats
    reference: NDArray[np.int64]
    production: NDArray[np.int64]


def _tally(reference: ArrayLike, production: ArrayLike) -> _Tallies:
    left, right = finite(reference), finite(production)
    pooled, index = np.unique(np.concatenate([left, right]), return_inverse=True)
    k = max(len(pooled), 1)
    positions = pooled if len(pooled) else np.zeros(1)
    return _Tallies(positions, np.bincount(index[: len(left)], minlength=k), np.bincount(index[len(left) :], minlength=k))


def _only(outcomes: Outcomes) -> Outcome:
    return Outcome(float(outcomes.score[0]), float(outcomes.p_value[0]))


def ks_statistic(reference: ArrayLike, production: ArrayLike) -> float:
    """Return the two-sample Kolmogorov-Smirnov statistic D in [0, 1], by one sort of each side."""
    left, right = np.sort(finite(reference)), np.sort(finite(production))
    if min(len(left), len(right)) == 0:
        return float("nan")
    both = np.concatenate([left, right])
    gaps = np.searchsorted(left, both, side="right") / len(left) - np.searchsorted(right, both, side="right") / len(right)
    return float(np.abs(gaps).max())


def ks(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the two-sample Kolmogorov-Smirnov statistic D and its two-sided p-value, exact where scipy can (10,000 rows a side)."""
    left, right = finite(reference), finite(production)
    n, m = len(left), len(right)
    d = ks_statistic(left, right)
    if min(n, m) == 0 or max(n, m) > SCIPY_EXACT:
        return Outcome(d, float(kolmogorov_p([d], [n * m / max(n + m, 1)])[0]))
    from scipy import stats

    with warnings.catch_warnings():  # scipy says so when it falls back to the asymptotic law
        warnings.simplefilter("ignore", RuntimeWarning)
        return Outcome(d, float(stats.ks_2samp(left, right).pvalue))


def kuiper(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return Kuiper's statistic V = D+ + D- and its p-value."""
    tallies = _tally(reference, production)
    return _only(ordered.kuiper(tallies.reference, tallies.production))


def cramer_von_mises(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the two-sample Cramer-von Mises statistic T and its asymptotic p-value; two equal constants give 0 and 1."""
    tallies = _tally(reference, production)
    return _only(ordered.cramer_von_mises(tallies.reference, tallies.production))


def anderson_darling(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the standardised two-sample Anderson-Darling statistic and its p-value, not clipped to [.001, .25]."""
    tallies = _tally(reference, production)
    return _only(ordered.anderson_darling(tallies.reference, tallies.production))


def mann_whitney(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return U (pairs in which production is larger) and the two-sided p-value; exact for up to 8 rows without ties."""
    tallies = _tally(reference, production)
    smaller = min(tallies.reference.sum(), tallies.production.sum())
    if 0 < smaller <= SMALL and (tallies.reference + tallies.production).max() == 1:
        from scipy import stats

        result = stats.mannwhitneyu(finite(production), finite(reference), method="exact")
        return Outcome(float(result.statistic), float(result.pvalue))
    return _only(ordered.mann_whitney(tallies.reference, tallies.production))


def welch_t(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return Welch's t (positive: production is larger) and its two-sided p-value."""
    left, right = finite(reference), finite(production)
    if min(len(left), len(right)) == 0:
        return Outcome(float("nan"))
    before, now = (np.array([len(x), x.mean(), x.std()]) for x in (left, right))
    return _only(moments.welch_t(*np.hsplit(before, 3), *np.hsplit(now, 3)))


def epps_singleton(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the Epps-Singleton statistic W2 (characteristic functions at .4 and .8) and its p-value; discrete values are welcome.

    Undefined below 5 rows a side, where the middle half of the pooled values is constant and where neither side varies.
    Source: Epps and Singleton (1986), J. Stat. Computation and Simulation 26.
    """
    left, right = finite(reference), finite(production)
    if min(len(left), len(right)) < 5 or np.ptp(left) == np.ptp(right) == 0 or half_range(left, right) == 0:
        return Outcome(float("nan"))
    return characteristic_distance(left, right)


def half_range(left: Floats, right: Floats) -> float:
    """Return the width of the middle half of the pooled values."""
    low, high = np.percentile(np.concatenate([left, right]), [25, 75])
    return float(high - low)


def characteristic_distance(left: Floats, right: Floats) -> Outcome:
    """Return W2 and its p-value for samples whose `half_range` is positive."""
    n, m = len(left), len(right)
    at = np.array([0.4, 0.8]) / (half_range(left, right) / 2)
    waves = [np.vstack([np.cos(np.outer(at, side)), np.sin(np.outer(at, side))]) for side in (left, right)]
    covariance = (n + m) / n * np.cov(waves[0], bias=True) + (n + m) / m * np.cov(waves[1], bias=True)
    inverse = np.linalg.pinv(covariance)
    gap = waves[0].mean(axis=1) - waves[1].mean(axis=1)
    w = float((n + m) * gap @ inverse @ gap)
    if max(n, m) < 25:
        w /= 1 + (n + m) ** -0.45 + 10.1 * (n**-1.7 + m**-1.7)
    return Outcome(w, float(special.chdtrc(np.linalg.matrix_rank(inverse), max(w, 0.0))))


def wasserstein(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the Wasserstein (earth mover's) distance in units of the column."""
    tallies = _tally(reference, production)
    return Outcome(float(ordered.wasserstein(tallies.reference, tallies.production, tallies.positions)[0]))


def wasserstein_sd(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the Wasserstein distance in reference standard deviations (see `moments.scale` for a constant reference)."""
    left, right = finite(reference), finite(production)
    if min(len(left), len(right)) == 0:
        return Outcome(float("nan"))
    unit = moments.scale(left.mean(), left.std(), right.mean(), right.std())
    return Outcome(wasserstein(left, right).score / float(unit))


def energy(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the energy distance sqrt(2 integral (F - G)^2), in square roots of the column's unit."""
    tallies = _tally(reference, production)
    return Outcome(float(ordered.energy(tallies.reference, tallies.production, tallies.positions)[0]))


def quantile_shift(reference: ArrayLike, production: ArrayLike) -> Outcome:
    """Return the signed shift of the decile that moved farthest, in reference standard deviations."""
    left, right = finite(reference), finite(production)
    if min(len(left), len(right)) == 0:
        return Outcome(float("nan"))
    deciles = [np.quantile(x, ordered.DECILES, method="inverted_cdf") for x in (left, right)]
    unit = moments.scale(left.mean(), left.std(), right.mean(), right.std())
    return Outcome(float(ordered.farthest((deciles[1] - deciles[0])[None, :])[0] / unit))


def mmd(
    reference: ArrayLike, production: ArrayLike, *, rows: int = MMD_ROWS, permutations: int = MMD_PERMUTATIONS, seed: int = 0
) -> Outcome:
    """Return the maximum mean discrepancy (RBF kernel, median heuristic) and its permutation p-value.

    The score is the square root of the biased estimate, 0 to sqrt(2); at most `rows` rows a side, drawn with `seed`.
    Source: Gretton et al. (2012), JMLR 13.
    """
    left, right = (_drawn(finite(side), rows, seed) for side in (reference, production))
    n, m = len(left), len(right)
    if min(n, m) == 0:
        return Outcome(float("nan"))
    squares = np.subtract.outer(np.concatenate([left, right]), np.concatenate([left, right])) ** 2
    middle = float(np.median(squares[np.triu_indices(n + m, 1)]))
    kernel = np.exp(-squares / (middle if middle > 0 else 1.0))
    signs = np.repeat([1 / n, -1 / m], [n, m])
    generator = np.random.default_rng(seed)
    shuffled = np.array([generator.permutation(signs) for _ in range(permutations)])
    observed = float(signs @ kernel @ signs)
    null = np.einsum("pi,pi->p", shuffled @ kernel, shuffled)
    p_value = (1 + int((null >= observed - 1e-12).sum())) / (1 + permutations)
    return Outcome(float(np.sqrt(max(observed, 0.0))), p_value)


def _drawn(values: Floats, rows: int, seed: int) -> Floats:
    if len(values) <= rows:
        return values
    return np.asarray(np.random.default_rng(seed).choice(values, size=rows, replace=False))
