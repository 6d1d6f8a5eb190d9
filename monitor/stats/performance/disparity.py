"""How far a metric of one group of rows lies from that of other rows: differences and ratios, each with its interval.

Intervals are made of those of the two metrics, which rest on their own denominators: of differences by Newcombe (1998), of ratios by Donner
and Zou (2012). Both keep what a Wilson interval knows of small counts, so that none is an upper bound of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from monitor.stats.inference.intervals import Z
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Bools, Floats, Ints


class Scale(StrEnum):
    """How groups are compared by a metric."""

    RATIO = "ratio"
    """One value in parts of the other; unfair beyond the band."""
    ODDS = "odds"
    """The difference of two log-odds: the logarithm of a ratio of odds, unfair beyond the band."""
    DIFFERENCE = "difference"
    """Shown, not judged: there is no customary band."""


@dataclass(frozen=True, slots=True)
class Fair:
    """How a metric is judged between groups: `gives` says whose metric of fairness it belongs to ("" none)."""

    scale: Scale
    gives: str = ""


DEMOGRAPHIC_PARITY, EQUALIZED_ODDS, CALIBRATION = "demographic_parity", "equalized_odds", "calibration"
JUDGED: Mapping[str, Fair] = {
    "selection_rate": Fair(Scale.RATIO, DEMOGRAPHIC_PARITY),
    "recall": Fair(Scale.RATIO, EQUALIZED_ODDS),
    "false_positive_rate": Fair(Scale.RATIO, EQUALIZED_ODDS),
    "calibration_intercept": Fair(Scale.ODDS, CALIBRATION),
    "mae": Fair(Scale.RATIO),
}
"""Metrics that are judged between groups without being asked for: who is chosen, who of those with the same label, whether a score means
the same in each group, and how wrong predictions are. The others say what these say, or have no customary band."""
BETWEEN_OF: Mapping[str, str] = {metric: fair.gives for metric, fair in JUDGED.items() if fair.gives}
"""What of all groups together a judged metric belongs to."""
BETWEEN: Mapping[str, str] = {
    DEMOGRAPHIC_PARITY: "Demographic parity",
    EQUALIZED_ODDS: "Equalized odds",
    CALIBRATION: "Calibration within groups",
}
"""What is told of all groups of an attribute together, by its id."""
_RATIOS = frozenset(
    {
        "selection_rate", "base_rate", "accuracy", "balanced_accuracy", "precision", "recall", "specificity", "false_positive_rate",
        "false_negative_rate", "f1", "roc_auc", "average_precision", "brier", "log_loss", "ece", "macro_precision", "macro_recall",
        "macro_f1", "weighted_f1", "roc_auc_ovr_macro", "mae", "mse", "rmse", "mape", "smape", "rmsle", "median_ae",
    }
)  # fmt: skip
"""Metrics that are never negative: one may be told in parts of another."""


def scale_of(metric: str) -> Scale:
    """Return how groups are compared by a metric.

    >>> scale_of("recall").value, scale_of("bias").value
    ('ratio', 'difference')
    """
    if metric in JUDGED:
        return JUDGED[metric].scale
    return Scale.RATIO if metric in _RATIOS else Scale.DIFFERENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far one metric lies from another by window, (w,) each: `difference` and `ratio` (nan where a metric may be negative) with their
    95 % intervals, and `size` with its `variance`: the logarithm of the ratio (of odds where the metric is one of log-odds), 0 where both
    are the same; the difference where there is no ratio."""

    difference: Floats
    difference_lower: Floats
    difference_upper: Floats
    ratio: Floats
    ratio_lower: Floats
    ratio_upper: Floats
    size: Floats
    variance: Floats


def gap(one: Estimate, other: Estimate, scale: Scale) -> Gap:
    """Return how far a metric of some rows lies from that of other rows.

    Parameters
    ----------
    one, other : the metric by window, of rows that have none in common.
    scale : how it is compared.

    Notes
    -----
    Where one of them rests on too few rows, difference and ratio are told without an interval, and nothing is said of their size.

    Examples
    --------
    >>> from monitor.stats.performance.estimates import told
    >>> from monitor.stats.inference.intervals import wilson
    >>> rates = [told(np.array([k / n]), wilson([k], [n]), np.array([n * 1.0]), why="") for k, n in ((56, 70), (48, 80))]
    >>> found = gap(*rates, Scale.RATIO)
    >>> [round(float(end[0]), 4) for end in (found.difference, found.difference_lower, found.difference_upper)]
    [0.2, 0.0524, 0.3339]
    """
    down, up = _spread(one, other)
    difference = one.raw - other.raw
    if scale is Scale.DIFFERENCE:
        none = np.full(len(difference), np.nan)
        ends = none, none, none
        size, variance = one.value - other.value, one.variance + other.variance
    elif scale is Scale.ODDS:
        size, variance = one.value - other.value, one.variance + other.variance
        ends = np.exp(difference), np.exp(difference - down), np.exp(difference + up)
    else:
        ends = _ratio(one, other)
        size, variance = _log_ratio(one, other)
    return Gap(
        difference=difference,
        difference_lower=difference - down,
        difference_upper=difference + up,
        ratio=ends[0],
        ratio_lower=ends[1],
        ratio_upper=ends[2],
        size=size,
        variance=variance,
    )


def _spread(one: Estimate, other: Estimate) -> tuple[Floats, Floats]:
    """Return how far the interval of a difference reaches below and above it (Newcombe 1998, method 10)."""
    down = np.sqrt((one.value - one.lower) ** 2 + (other.upper - other.value) ** 2)
    up = np.sqrt((one.upper - one.value) ** 2 + (other.value - other.lower) ** 2)
    return down, up


def _ratio(one: Estimate, other: Estimate) -> tuple[Floats, Floats, Floats]:
    """Return a ratio with its interval (Donner and Zou 2012, equation 9)."""
    p, q = one.value, other.value
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((other.raw > 0) | (one.raw > 0), one.raw / other.raw, np.nan)
        both = (p * q) ** 2
        below = other.upper * (2 * q - other.upper)
        lower = (p * q - np.sqrt(np.maximum(both - one.lower * (2 * p - one.lower) * below, 0.0))) / below
        above = other.lower * (2 * q - other.lower)
        upper = (p * q + np.sqrt(np.maximum(both - one.upper * (2 * p - one.upper) * above, 0.0))) / above
    known = np.isfinite(p) & np.isfinite(q)
    lower = np.where(known & ~np.isfinite(lower), 0.0, np.maximum(lower, 0.0))
    return ratio, np.where(known, lower, np.nan), np.where(known & (other.lower <= 0), np.inf, upper)


def _log_ratio(one: Estimate, other: Estimate) -> tuple[Floats, Floats]:
    """Return the logarithm of a ratio and its variance; a share of 0 counts as half a row, so that it is not infinitely far."""
    parts = []
    for part in (one, other):
        kept = np.where(part.value > 0, part.value, 0.5 / (part.n + 1))
        parts.append((np.where(np.isfinite(part.value), np.log(kept), np.nan), part.variance / kept**2))
    return parts[0][0] - parts[1][0], parts[0][1] + parts[1][1]


def pooled(found: Estimate, windows: Bools) -> Estimate:
    """Return a metric of some windows as one, (1,): the mean of those that have it, weighted by the rows that it rests on.

    Parameters
    ----------
    windows : (w,) which of them count.
    """
    n = np.where((found.reason == "") & np.isfinite(found.variance), found.n, 0.0) * windows
    total = float(n.sum())
    if total <= 0:
        none = np.full(1, np.nan)
        return Estimate(none, none, none, none, np.zeros(1), np.array(["no_rows"], dtype=object), none)
    value = float(np.nan_to_num(found.value) @ n / total)
    variance = float(np.nan_to_num(found.variance) @ n**2 / total**2)
    reach = Z * np.sqrt(variance)
    one, least = np.array([value]), 0.0 if np.nanmin(found.lower) >= 0 else -np.inf
    return Estimate(
        one, np.array([variance]), np.maximum(one - reach, least), one + reach, np.array([total]), np.array([""], dtype=object), one
    )


@dataclass(frozen=True, slots=True)
class Between:
    """All groups of an attribute together by window, (w,) each: the largest difference, the smallest ratio, the rows of the smaller of the
    two groups that they are of, and which two (`high`, `low`: positions)."""

    gap: Gap
    n: Floats
    high: Ints
    low: Ints
    few: Bools


def between(groups: list[Estimate], scale: Scale) -> Between:
    """Return how far the groups with the highest and the lowest value of a metric lie apart (the largest difference, the smallest ratio:
    what fairlearn calls between groups). Groups of too few rows count only where fewer than two others are there; then it is `few`."""
    value, raw = (np.array([getattr(one, name) for one in groups]) for name in ("value", "raw"))
    few = np.isfinite(value).sum(axis=0) < 2
    chosen = np.where(few, raw, value)
    high = np.argmax(np.where(np.isfinite(chosen), chosen, -np.inf), axis=0)
    low = np.argmin(np.where(np.isfinite(chosen), chosen, np.inf), axis=0)
    first, second = (_taken(groups, at) for at in (high, low))
    found = gap(first, second, scale)
    turned = gap(second, first, scale)
    return Between(
        Gap(
            difference=found.difference,
            difference_lower=found.difference_lower,
            difference_upper=found.difference_upper,
            ratio=turned.ratio,
            ratio_lower=turned.ratio_lower,
            ratio_upper=turned.ratio_upper,
            size=found.size,
            variance=found.variance,
        ),
        np.minimum(first.n, second.n),
        high,
        low,
        few,
    )


def _taken(groups: list[Estimate], at: Ints) -> Estimate:
    """Return in each window the metric of the group at a position."""
    w = np.arange(len(at))
    parts = {name: np.array([getattr(one, name) for one in groups])[at, w] for name in Estimate.__slots__}
    return Estimate(**parts)
