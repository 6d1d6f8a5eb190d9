"""Two models on the same rows: differences of metrics whose variance knows that the rows are the same.

Differences are those of the challenger less the model in charge. Rankings: DeLong et al. (1988); decisions: McNemar (1947), exact where
few rows tell the two apart; losses and money: the mean of the differences of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.inference.intervals import LEVEL, Z
from monitor.stats.performance.binary import worth_of
from monitor.stats.performance.estimates import FEWEST, TOO_FEW
from monitor.stats.performance.labelled import Bools, Floats, Labelled
from monitor.stats.performance.ranking import ONE_CLASS, placements

Objects = NDArray[np.object_]
NO_ROWS, SAME = "no_rows", "answers_are_the_same"


@dataclass(frozen=True, slots=True)
class Paired:
    """One metric of two models by window, (w,) each: `value` of the model in charge, that of the `challenger`, their `difference` with its
    `variance`, 95 % interval and two-sided `p_value`, `n` rows that it rests on, and the `reason` why nothing can be said of it ("" where
    something can)."""

    value: Floats
    challenger: Floats
    difference: Floats
    variance: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    n: Floats
    reason: Objects

    def at(self, window: int) -> dict[str, float]:
        """Return the numbers of one window."""
        names = ("value", "challenger", "difference", "variance", "lower", "upper", "p_value", "n")
        return {name: float(getattr(self, name)[window]) for name in names}


def _told(values: tuple[Floats, Floats], variance: Floats, reach: Floats, p_value: Floats, n: Floats, why: str) -> Paired:
    value, challenger = values
    difference = challenger - value
    same = (variance <= 0) & (difference == 0)
    reason = np.select([n <= 0, n < FEWEST, ~np.isfinite(difference), same], [why, TOO_FEW, why, SAME], "").astype(object)
    return Paired(value, challenger, difference, variance, difference - reach, difference + reach, p_value, n, reason)


def _p_normal(difference: Floats, sd: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(sd > 0, 2 * special.ndtr(-np.abs(difference) / sd), np.where(difference == 0, 1.0, 0.0)))


def paired_auc(rows: Labelled, label: Bools, first: Floats, second: Floats) -> Paired:
    """Return the areas under the ROC curves of two scores (n,) of the same rows, with DeLong's variance of their difference.

    Examples
    --------
    >>> y = np.arange(10) < 4
    >>> rows = Labelled(np.zeros(10, dtype=int), 1, np.arange(10))
    >>> one = np.array([0.9, 0.8, 0.4, 0.6, 0.7, 0.3, 0.2, 0.5, 0.4, 0.1])
    >>> two = np.array([0.8, 0.9, 0.3, 0.5, 0.6, 0.4, 0.1, 0.7, 0.2, 0.35])
    >>> found = paired_auc(rows, y, one, two)
    >>> round(float(found.difference[0]), 6), round(float(found.p_value[0]), 6)
    (-0.104167, 0.258736)
    """
    counts = rows.total(label), rows.total(~label)
    own = np.where(label, counts[0][rows.window], counts[1][rows.window])
    areas, moved = [], np.zeros(rows.size)
    for sign, score in ((-1.0, first), (1.0, second)):
        place, area = placements(rows, label, score)
        areas.append(area)
        with np.errstate(invalid="ignore", divide="ignore"):
            moved += sign * np.nan_to_num((place - area[rows.window]) / own * np.sqrt(own / (own - 1)), posinf=0.0, neginf=0.0)
    variance = rows.variance(moved)
    difference, sd = areas[1] - areas[0], np.sqrt(variance)
    return _told((areas[0], areas[1]), variance, Z * sd, _p_normal(difference, sd), np.minimum(*counts), ONE_CLASS)


def paired_share(rows: Labelled, first: Bools, second: Bools, whole: Bools, *, why: str = NO_ROWS) -> Paired:
    """Return two shares of the same rows: `first` and `second` (n,) say which of the `whole` count.

    Notes
    -----
    Only rows that one counts and the other does not tell the two apart (McNemar): the p-value is that of as many fair coins, never
    smaller than that of a normal law which lets rows of one stretch of time hang together. The interval is Bonett and Price's (2012),
    which is never empty because no row tells them apart.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        n = rows.total(whole)
        more, fewer = rows.total(second & ~first & whole), rows.total(first & ~second & whole)
        values = rows.total(first & whole) / n, rows.total(second & whole) / n
        difference = (more - fewer) / n
        moved = ((second.astype(float) - first) - np.nan_to_num(difference)[rows.window]) * whole / np.maximum(n, 1.0)[rows.window]
        alone = rows.total(moved**2)
        factor = np.where(alone > 0, rows.variance(moved) / alone, 1.0)
        up, down = (more + 1) / (n + 2), (fewer + 1) / (n + 2)
        adjusted = (up + down - (up - down) ** 2) / (n + 2) * factor
    variance = np.maximum(np.nan_to_num(rows.variance(moved)), np.nan_to_num(adjusted))
    coins = np.array([_coins(round(float(a)), round(float(b))) for a, b in zip(np.nan_to_num(more), np.nan_to_num(fewer), strict=True)])
    p_value = np.maximum(coins, np.where(factor > 1, _p_normal(difference, np.sqrt(rows.variance(moved))), 0.0))
    return _told(values, variance, Z * np.sqrt(variance), p_value, n, why)


def _coins(more: int, fewer: int) -> float:
    """Return the two-sided p-value of so many heads and tails (McNemar's exact test)."""
    from scipy import stats  # heavy: only what compares models waits for it

    return float(stats.binomtest(more, more + fewer, 0.5).pvalue) if more + fewer else 1.0


def paired_ratio(rows: Labelled, first: tuple[Floats, Floats], second: tuple[Floats, Floats], *, why: str = NO_ROWS) -> Paired:
    """Return two ratios of sums over the same rows; each is (numerator, denominator), (n,) each."""
    values, moved, n = [], np.zeros(rows.size), np.full(rows.windows, np.inf)
    for sign, (above, below) in ((-1.0, first), (1.0, second)):
        total = rows.total(below)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = rows.total(above) / total
            moved += sign * np.nan_to_num((above - np.nan_to_num(value)[rows.window] * below) / total[rows.window])
        values.append(value)
        n = np.minimum(n, rows.total(below != 0))
    return _of_influence(rows, (values[0], values[1]), moved, n, why)


def paired_mean(rows: Labelled, first: Floats, second: Floats, *, why: str = NO_ROWS) -> Paired:
    """Return the means of two numbers (n,) of the same rows; rows where one is nan do not count."""
    known = np.isfinite(first) & np.isfinite(second)
    rows, first, second = rows.take(known), first[known], second[known]
    every = np.ones(rows.size)
    return paired_ratio(rows, (first, every), (second, every), why=why)


def paired_worth(rows: Labelled, label: Bools, first: Bools, second: Bools, worth: Floats) -> Paired:
    """Return what decisions (n,) of two models are worth on average; `worth` (4, n) of each row as `worth_of` has it.

    Notes
    -----
    Rows that both decide alike tell nothing of what the next other decision costs. As with shares (Bonett and Price), one decision more
    each way is added to the variance, once for positives and once for negatives, with the mean square of what is at stake there.
    """
    values = worth_of(label, first, worth), worth_of(label, second, worth)
    known = np.isfinite(values[0]) & np.isfinite(values[1])
    rows, label = rows.take(known), label[known]
    stake = np.where(label, worth[0] - worth[2], worth[1] - worth[3])[known]
    means, moved, n = [], (values[1] - values[0])[known], rows.rows
    more = np.zeros((2, rows.windows))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [rows.total(one[known]) / n for one in values]
        moved = (moved - np.nan_to_num(means[1] - means[0])[rows.window]) / n[rows.window]
        for part in (label, ~label):
            held = np.nan_to_num([rows.total(np.where(part, stake**power, 0.0)) / rows.total(part) / n**power for power in (2, 4)])
            more += 2 * held
    return _of_influence(rows, (means[0], means[1]), moved, n, NO_ROWS, more=(more[0], more[1]))


def _of_influence(
    rows: Labelled,
    values: tuple[Floats, Floats],
    moved: Floats,
    n: Floats,
    why: str,
    *,
    more: tuple[Floats | float, Floats | float] = (0.0, 0.0),
) -> Paired:
    """Put a difference together. Where few rows carry its variance, as few large losses do, the interval is that of Student's law with as
    many degrees of freedom as rows alike would carry it alike: (sum of squares)^2 / sum of fourth powers. `more` is added to both sums."""
    from scipy import stats  # heavy: only what compares models waits for it

    with np.errstate(invalid="ignore", divide="ignore"):
        variance = rows.variance(moved) * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0) + more[0]
        squares, fourths = rows.total(moved**2) + more[0], rows.total(moved**4) + more[1]
        free = np.maximum(np.nan_to_num(squares**2 / fourths, nan=1.0) - 1, 1.0)
        sd, difference = np.sqrt(variance), values[1] - values[0]
        p_value = np.where(sd > 0, 2 * stats.t.sf(np.abs(difference) / sd, free), np.where(difference == 0, 1.0, 0.0))
    return _told(values, variance, stats.t.ppf((1 + LEVEL) / 2, free) * sd, p_value, n, why)
