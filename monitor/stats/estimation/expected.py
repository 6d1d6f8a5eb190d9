"""Metrics that are expected from how probable each label is (confidence-based performance estimation, CBPE).

A metric is a ratio of sums over rows. With the probability of a positive label, the expected sums are known, and so is how much the metric
moves with each label: the variance of what will be realised is that of independent labels (a Poisson-binomial law), linearised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from monitor.stats.performance.binary import SMALLEST_CHANCE
from monitor.stats.performance.labelled import Bools, Floats, Labelled
from monitor.stats.performance.losses import is_a_class
from monitor.stats.performance.ranking import ordered

RANKS = ("roc_auc", "average_precision")
"""Metrics of ranking: no ratio of sums over rows."""
CELLS = ("true_positive", "false_positive", "false_negative", "true_negative")
"""Cells of the confusion matrix, in rows."""


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Rows with what is believed of their labels, (n,) each: `chance` of a positive one, `decision` and `score` of the model or None."""

    rows: Labelled
    chance: Floats
    decision: Bools | None
    score: Floats | None


@dataclass(frozen=True, slots=True)
class Expected:
    """One metric by window, (w,) each: its expected `value`, the variance of what labels will make of it (`noise`), the variance of the
    expectation over samples of such rows (`spread`), and the expected rows `n` that it rests on."""

    value: Floats
    noise: Floats
    spread: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class Ratio:
    """What each row, (n,), adds to numerator and denominator if its label is positive (`one`) or negative (`zero`)."""

    one: Floats
    zero: Floats
    of_one: Floats
    of_zero: Floats

    def given(self, label: Floats) -> tuple[Floats, Floats]:
        """Return what rows add, (n,) each, given labels or the probabilities of positive ones."""
        return label * self.one + (1 - label) * self.zero, label * self.of_one + (1 - label) * self.of_zero

    def take(self, kept: Bools) -> Ratio:
        """Return some of the rows."""
        return Ratio(self.one[kept], self.zero[kept], self.of_one[kept], self.of_zero[kept])


Form = Callable[[Floats], tuple[Floats, Floats, Floats, Floats]]
_DECIDED: Mapping[str, Form] = {
    "accuracy": lambda d: (d, 1 - d, np.ones_like(d), np.ones_like(d)),
    "precision": lambda d: (d, np.zeros_like(d), d, d),
    "recall": lambda d: (d, np.zeros_like(d), np.ones_like(d), np.zeros_like(d)),
    "specificity": lambda d: (np.zeros_like(d), 1 - d, np.zeros_like(d), np.ones_like(d)),
    "false_positive_rate": lambda d: (np.zeros_like(d), d, np.zeros_like(d), np.ones_like(d)),
    "false_negative_rate": lambda d: (1 - d, np.zeros_like(d), np.ones_like(d), np.zeros_like(d)),
    "f1": lambda d: (2 * d, np.zeros_like(d), d + 1, d),
}
_SCORED: Mapping[str, Form] = {
    "brier": lambda s: ((1 - s) ** 2, s**2, np.ones_like(s), np.ones_like(s)),
    "log_loss": lambda s: (-np.log(s), -np.log1p(-s), np.ones_like(s), np.ones_like(s)),
}
_CELL: Mapping[str, Form] = {
    "true_positive": lambda d: (d, np.zeros_like(d), np.zeros_like(d), np.zeros_like(d)),
    "false_positive": lambda d: (np.zeros_like(d), d, np.zeros_like(d), np.zeros_like(d)),
    "false_negative": lambda d: (1 - d, np.zeros_like(d), np.zeros_like(d), np.zeros_like(d)),
    "true_negative": lambda d: (np.zeros_like(d), 1 - d, np.zeros_like(d), np.zeros_like(d)),
}


def ratios(decision: Bools | None, score: Floats | None, size: int) -> Iterator[tuple[str, Ratio]]:
    """Yield the ratios of sums that can be formed, by metric; scores that are no probabilities give none."""
    one, zero = np.ones(size), np.zeros(size)
    yield "base_rate", Ratio(one, zero, one, one)
    if decision is not None:
        d = decision.astype(float)
        yield "selection_rate", Ratio(d, d, one, one)
        yield from ((name, Ratio(*form(d))) for name, form in _DECIDED.items())
    if score is not None and size and score.min() >= 0 and score.max() <= 1 and not is_a_class(score):
        s = np.clip(score, SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)
        yield from ((name, Ratio(*form(s))) for name, form in _SCORED.items())


def expected_metrics(found: Beliefs) -> Iterator[tuple[str, Expected]]:
    """Yield every expected metric by its id."""
    known = dict(ratios(found.decision, found.score, found.rows.size))
    parts = {name: ratio_part(found, one) for name, one in known.items()}
    yield from ((name, told(found, part)) for name, part in parts.items())
    if found.decision is not None:
        yield "balanced_accuracy", told(found, mean_of([parts["recall"], parts["specificity"]]))
        yield from ((name, told(found, _sum(found, Ratio(*form(found.decision.astype(float)))))) for name, form in _CELL.items())
    if found.score is not None:
        yield "roc_auc", told(found, auc_part(found))
        yield "average_precision", told(found, _precision_part(found))


def expected_value(found: Beliefs, gain: Mapping[str, float]) -> Expected:
    """Return the expected sum of what each cell of the confusion matrix (`CELLS`) earns, over the rows of each window."""
    assert found.decision is not None  # noqa: S101 - asked only where there is one
    d = found.decision.astype(float)
    one = d * gain["true_positive"] + (1 - d) * gain["false_negative"]
    zero = d * gain["false_positive"] + (1 - d) * gain["true_negative"]
    none = np.zeros_like(d)
    return told(found, _sum(found, Ratio(one, zero, none, none)))


@dataclass(frozen=True, slots=True)
class Part:
    """A metric by window, `value` and `n` (w,), with the influence of each row's label (`outcome`) and of the row (`taken`) on it, (n,)."""

    value: Floats
    outcome: Floats
    taken: Floats
    n: Floats


def told(found: Beliefs, part: Part) -> Expected:
    """Return a metric with both its variances."""
    p = found.chance
    return Expected(part.value, found.rows.total(part.outcome**2 * p * (1 - p)), found.rows.variance(part.taken), part.n)


def mean_of(parts: list[Part]) -> Part:
    """Return the mean of metrics of the same rows, resting on the fewest rows of any."""
    value, outcome, taken = (np.mean([getattr(one, name) for one in parts], axis=0) for name in ("value", "outcome", "taken"))
    return Part(value, outcome, taken, np.min([one.n for one in parts], axis=0))


def _divisor(total: Floats) -> Floats:
    """Return what influences are divided by: where there is nothing, none has any."""
    return np.where(total > 0, total, np.inf)


def ratio_part(found: Beliefs, ratio: Ratio) -> Part:
    """Return the expected ratio of sums of each window."""
    rows, (above, below) = found.rows, ratio.given(found.chance)
    whole = rows.total(below)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = rows.total(above) / whole
    at, of = np.nan_to_num(value)[rows.window], _divisor(whole)[rows.window]
    outcome = ((ratio.one - ratio.zero) - at * (ratio.of_one - ratio.of_zero)) / of
    return Part(value, outcome, (above - at * below) / of, whole)


def _sum(found: Beliefs, ratio: Ratio) -> Part:
    above = ratio.given(found.chance)[0]
    rows = found.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.nan_to_num(rows.total(above) / rows.rows)
    return Part(rows.total(above), ratio.one - ratio.zero, above - usual[rows.window], rows.rows)


def auc_part(found: Beliefs) -> Part:
    """Return the expected area under the ROC curve: pairs of rows weighted by how probable it is that one is positive, the other not."""
    assert found.score is not None  # noqa: S101 - asked only where there is one
    rows, p = found.rows, found.chance
    order = ordered(rows.window, found.score)
    below, above = np.empty(rows.size), np.empty(rows.size)
    positives, negatives = rows.total(p), rows.total(1 - p)
    start = np.append(0, np.cumsum(np.bincount(rows.window, minlength=rows.windows)))[rows.window[order.order]].astype(np.int64)
    for values, total, into, low in ((1 - p, negatives, below, True), (p, positives, above, False)):
        run = np.append(0.0, np.cumsum(values[order.order]))
        upto, until = run[start + order.start] - run[start], run[start + order.stop] - run[start]
        middle = (upto + until) / 2
        into[order.order] = middle if low else total[rows.window[order.order]] - middle
    with np.errstate(invalid="ignore", divide="ignore"):
        value = rows.total(p * below) / (positives * negatives)
    pairs = _divisor(positives * negatives)[rows.window]
    at = np.nan_to_num(value)[rows.window]
    outcome = (below - above - at * (negatives - positives)[rows.window]) / pairs
    taken = (p * (below - at * negatives[rows.window]) + (1 - p) * (above - at * positives[rows.window])) / pairs
    return Part(value, outcome, taken, np.minimum(positives, negatives))


def _precision_part(found: Beliefs) -> Part:
    """Return the expected average precision: the precision at each row's score, weighted by how probably it is positive."""
    assert found.score is not None  # noqa: S101 - asked only where there is one
    rows, p = found.rows, found.chance
    order = ordered(rows.window, -found.score)
    start = np.append(0, np.cumsum(np.bincount(rows.window, minlength=rows.windows)))[rows.window[order.order]].astype(np.int64)
    run = np.append(0.0, np.cumsum(p[order.order]))
    precision = np.empty(rows.size)
    precision[order.order] = (run[start + order.stop] - run[start]) / np.maximum(order.stop, 1)
    positives = rows.total(p)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = rows.total(p * precision) / positives
    away = (precision - np.nan_to_num(value)[rows.window]) / _divisor(positives)[rows.window]
    return Part(value, away, p * away, positives)
