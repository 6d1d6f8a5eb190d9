"""Experiments that are looked at every day: intervals that hold at every look, and whether arms are as large as they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALPHA = 0.05
MISMATCH = 0.001
"""P-value below which arms are not as large as they should be: customary, for it is looked at every day."""


def always_valid(variance: Floats, spread: float, *, alpha: float = ALPHA) -> Floats:
    """Return how far an estimate may lie from the truth, at whatever look, in all but a share `alpha` of experiments.

    Parameters
    ----------
    variance : (k,) of the estimate at each look.
    spread : standard deviation of the differences that are thought of, in the unit of the estimate: the smallest that matters. Whatever
        it is the interval holds; it is narrowest for differences of about that size.

    Notes
    -----
    The mixture sequential probability ratio test (Robbins 1970; Johari et al. 2022) of an estimate that is normal: the mixture of
    likelihood ratios over normal differences is a martingale, and by Ville's inequality exceeds 1 / alpha with probability alpha at most.

    Examples
    --------
    >>> always_valid(np.array([1.0, 0.01]), 0.5).round(3).tolist()
    [5.574, 0.31]
    """
    total = variance + spread**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(variance * total / spread**2 * (2 * np.log(1 / alpha) + np.log(total / variance))))


def always_valid_p(difference: Floats, variance: Floats, spread: float) -> Floats:
    """Return the p-value at each look (k,) that holds however often one looks: the smallest so far of 1 / the mixed likelihood ratio."""
    total = variance + spread**2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = np.sqrt(variance / total) * np.exp(difference**2 * spread**2 / (2 * variance * total))
    p_value = np.where(np.isfinite(ratio), np.minimum(1.0, 1.0 / np.maximum(ratio, 1e-300)), np.where(ratio == np.inf, 0.0, 1.0))
    return np.asarray(np.minimum.accumulate(p_value))


def more_looks(variance: float, spread: float, needed: float, *, alpha: float = ALPHA) -> float:
    """Return how many times as many rows it takes for the interval to reach no farther than `needed`; 1 where it does already.

    Examples
    --------
    >>> round(more_looks(1.0, 1.0, 1.0), 1)
    9.2
    """
    low, high = 1.0, 1e9
    if variance <= 0 or float(always_valid(np.array([variance]), spread, alpha=alpha)[0]) <= needed:
        return 1.0
    for _ in range(80):
        middle = float(np.sqrt(low * high))
        far = float(always_valid(np.array([variance / middle]), spread, alpha=alpha)[0]) > needed
        low, high = (middle, high) if far else (low, middle)
    return high


@dataclass(frozen=True, slots=True)
class Split:
    """Whether arms are as large as they should be: units by arm, as `counted` and as `expected`; `p_value` of a chi-square test."""

    counted: Mapping[str, int]
    expected: Mapping[str, float]
    p_value: float

    @property
    def mismatch(self) -> bool:
        """Whether they are not."""
        return self.p_value < MISMATCH


def sample_ratio(counted: Mapping[str, int], share: Mapping[str, float]) -> Split:
    """Compare the units of each arm with their planned shares (Fabijan et al. 2019).

    Examples
    --------
    >>> sample_ratio({"a": 500, "b": 400}, {"a": 1, "b": 1}).mismatch, sample_ratio({"a": 500, "b": 490}, {"a": 1, "b": 1}).mismatch
    (True, False)
    """
    from scipy import stats  # heavy: only what compares models waits for it

    many, whole = sum(counted.values()), sum(share[name] for name in counted)
    expected = {name: many * share[name] / whole for name in counted}
    if len(counted) < 2 or not many or min(expected.values()) <= 0:
        return Split(counted, expected, 1.0)
    found = stats.chisquare(list(counted.values()), list(expected.values()))
    return Split(counted, expected, float(found.pvalue))


def steady_split(counts: Ints) -> float:
    """Return the p-value of arms having the same shares on every day; counts (days, arms)."""
    from scipy import stats  # heavy: only what compares models waits for it

    kept = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    return float(stats.chi2_contingency(kept).pvalue) if min(kept.shape) > 1 else 1.0
