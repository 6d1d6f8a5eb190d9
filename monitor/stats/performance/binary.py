"""Metrics of yes-or-no decisions and of the scores behind them.

Decisions: shares of their own denominators, with Wilson intervals. What is a function of several shares (balanced accuracy, F1, Matthews'
and Cohen's coefficients) has the variance of its linear part (delta method). Ranking: DeLong et al. (1988) on the scale of log-odds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from monitor.stats.inference.intervals import on_arctanh, on_log, plain, wilson
from monitor.stats.performance.calibration import expected_calibration_error, recalibration
from monitor.stats.performance.estimates import Estimate, mean, share, told
from monitor.stats.performance.labelled import Bools, Floats, Labelled
from monitor.stats.performance.ranking import average_precision, ks_score, lift, roc_auc

NO_POSITIVES, NO_NEGATIVES, NONE_PREDICTED = "no_positives", "no_negatives", "none_predicted"
NO_LABELS, ONE_CLASS = "no_labels", "one_class"
NO_PROBABILITY, HARD_CLASS, NO_VALUE = "score_is_no_probability", "score_is_a_class", "no_value"
SMALLEST_CHANCE = 1e-15
"""Probabilities are kept this far from 0 and 1, as scikit-learn does, so that one sure error is no infinite loss."""


@dataclass(frozen=True, slots=True)
class Binary:
    """Labelled rows of a binary task, (n,) each: `label`, `decision` (None: the model makes none) and `score` (None: there is none);
    `worth` (4, n) in money of each row as true positive, false positive, false negative and true negative (None: not known)."""

    rows: Labelled
    label: Bools
    decision: Bools | None
    score: Floats | None
    worth: Floats | None = None

    def take(self, kept: Bools) -> Binary:
        """Return some of the rows."""
        decision = None if self.decision is None else self.decision[kept]
        score = None if self.score is None else self.score[kept]
        return Binary(self.rows.take(kept), self.label[kept], decision, score, None if self.worth is None else self.worth[:, kept])


def binary_metrics(found: Binary) -> Iterator[tuple[str, Estimate]]:
    """Yield every metric that can be told, by its id."""
    yield "base_rate", share(found.rows, found.label, np.ones(found.rows.size), why=NO_LABELS)
    if found.decision is not None:
        yield from decision_metrics(found.rows, found.label, found.decision)
    if found.decision is not None and found.worth is not None:
        yield "value", mean(found.rows, worth_of(found.label, found.decision, found.worth), plain, why=NO_VALUE)
    if found.score is not None:
        known = np.isfinite(found.score)
        yield from _score_metrics(found.rows.take(known), found.label[known], found.score[known])


def worth_of(label: Bools, decision: Bools, worth: Floats) -> Floats:
    """Return what each row is worth by what became of it, (n,).

    >>> worth_of(np.array([True, False]), np.array([True, True]), np.array([[9.0, 9.0], [-1.0, -1.0], [0.0, 0.0], [0.0, 0.0]])).tolist()
    [9.0, -1.0]
    """
    return np.asarray(np.where(decision, np.where(label, worth[0], worth[1]), np.where(label, worth[2], worth[3])))


def decision_metrics(rows: Labelled, label: Bools, decision: Bools) -> Iterator[tuple[str, Estimate]]:
    """Yield the metrics of decisions (n,) beside labels (n,)."""
    every, hit = np.ones(rows.size), label & decision
    yield "selection_rate", share(rows, decision, every, why=NO_LABELS)
    yield "accuracy", share(rows, label == decision, every, why=NO_LABELS)
    yield "precision", share(rows, hit, decision, why=NONE_PREDICTED)
    recall = share(rows, hit, label, why=NO_POSITIVES)
    specificity = share(rows, ~label & ~decision, ~label, why=NO_NEGATIVES)
    yield "recall", recall
    yield "specificity", specificity
    yield "false_positive_rate", share(rows, ~label & decision, ~label, why=NO_NEGATIVES)
    yield "false_negative_rate", share(rows, label & ~decision, label, why=NO_POSITIVES)
    yield "f1", share(rows, np.multiply(hit, 2.0), np.add(label, decision, dtype=np.float64), why=NO_POSITIVES, count=label | decision)
    yield "balanced_accuracy", _balanced(rows, label, decision)
    yield "mcc", _coefficient(rows, label, decision, matthews)
    yield "cohen_kappa", _coefficient(rows, label, decision, cohen)


def _balanced(rows: Labelled, label: Bools, decision: Bools) -> Estimate:
    positives, negatives = rows.total(label), rows.total(~label)
    right = label == decision
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, specificity = rows.total(right & label) / positives, rows.total(right & ~label) / negatives
        value = (recall + specificity) / 2
        own = np.where(label, np.nan_to_num(recall)[rows.window], np.nan_to_num(specificity)[rows.window])
        of = np.maximum(np.where(label, positives[rows.window], negatives[rows.window]), 1.0)
        variance = rows.variance((right - own) / of / 2)
        worth = np.where((value > 0) & (value < 1), value * (1 - value) / variance, np.minimum(positives, negatives))
    n = np.minimum(positives, negatives)
    return told(value, wilson(value * worth, worth), n, why=ONE_CLASS, low=0.0, high=1.0)


def matthews(table: Floats) -> Floats:
    """Return Matthews' correlation of shares (4, ...): true and false positives, false and true negatives; nan where a margin is empty."""
    tp, fp, fn, tn = table
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def cohen(table: Floats) -> Floats:
    """Return Cohen's kappa of shares (4, ...), as `matthews`."""
    tp, fp, fn, tn = table
    chance = (tp + fp) * (tp + fn) + (tn + fp) * (tn + fn)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((tp + tn - chance) / (1 - chance))


STEP = 1e-6
"""Change of a share from which slopes are taken."""


def _coefficient(rows: Labelled, label: Bools, decision: Bools, formula: Callable[[Floats], Floats]) -> Estimate:
    """Return a coefficient of the four cells with the variance of its linear part."""
    cells = np.array([label & decision, ~label & decision, label & ~decision, ~label & ~decision])
    n = rows.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        table = np.array([rows.total(cell) for cell in cells]) / n
    value = formula(table)
    influence = np.zeros(rows.size)
    for i, cell in enumerate(cells):
        moved = np.array([part + STEP * (j == i) for j, part in enumerate(table)]) / (1 + STEP)
        slope = np.nan_to_num((formula(moved) - value) / STEP)
        influence += cell * slope[rows.window]
    sd = np.sqrt(rows.variance(influence / np.maximum(n, 1.0)[rows.window]))
    lower, upper = on_arctanh(value, sd)
    agree = [2 * end - 1 for end in wilson((value > 0) * n, n)]  # all rows agree, or none does
    sure = np.abs(value) >= 1
    ends = np.where(sure, agree[0], lower), np.where(sure, agree[1], upper)
    smaller = np.minimum(rows.total(label), rows.total(~label))
    return told(value, ends, smaller, why=ONE_CLASS, low=-1.0, high=1.0)


def _score_metrics(rows: Labelled, label: Bools, score: Floats) -> Iterator[tuple[str, Estimate]]:
    yield "roc_auc", roc_auc(rows, label, score)
    yield "average_precision", average_precision(rows, label, score)
    yield "ks_score", ks_score(rows, label, score)
    yield "lift_top_decile", lift(rows, label, score)
    hard = bool(rows.size and ((score == 0) | (score == 1)).all())
    chance = bool(rows.size == 0 or (score.min() >= 0 and score.max() <= 1)) and not hard
    held = score if chance else np.full(rows.size, np.nan)
    kept = np.clip(held, SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)
    why = NO_LABELS if chance else HARD_CLASS if hard else NO_PROBABILITY
    yield "log_loss", mean(rows, -np.log(np.where(label, kept, 1 - kept)), on_log, why=why, low=0.0)
    yield "brier", mean(rows, (held - label) ** 2, on_log, why=why, low=0.0)
    yield "ece", expected_calibration_error(rows, label, held, why=why)
    intercept, slope = recalibration(rows, label, kept, why=ONE_CLASS if chance else why)
    yield "calibration_intercept", intercept
    yield "calibration_slope", slope
