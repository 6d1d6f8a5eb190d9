"""The `nannyml` profile: CBPE and DLE with their sampling errors and thresholds (NannyML 0.13.1, Apache-2.0, as its documentation says).

Values, sampling errors and thresholds of CBPE are that tool's number for number; the sampling error of the area under the ROC curve depends
there on the order in which ties happen to be sorted, that of average precision is a bootstrap. An estimate with an empty denominator is 0
there. DLE depends on the learner: it is as good, not equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitor.stats.performance.labelled import Bools, Floats, Ints

DECIMALS = 5
"""To which that tool rounds sums of probabilities."""
SDS = 3.0
"""Standard deviations of thresholds and confidence bands."""
CBPE = (
    "roc_auc",
    "f1",
    "precision",
    "recall",
    "specificity",
    "accuracy",
    "true_positive",
    "false_positive",
    "false_negative",
    "true_negative",
)
"""Metrics of CBPE whose sampling error is told."""
UNBOUNDED = frozenset({"true_positive", "false_positive", "false_negative", "true_negative"})


@dataclass(frozen=True, slots=True)
class Component:
    """What the reference says of a metric's sampling error: the standard deviation of what a row adds, and the share of rows that do."""

    sd: float
    share: float = 1.0
    counts: bool = False

    def error(self, rows: Floats) -> Floats:
        """Return the sampling error of windows with so many rows, (w,)."""
        if self.counts:
            return np.asarray(np.sqrt(rows) * self.sd)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.sd / np.sqrt(rows * self.share))


def components(label: Bools, decision: Bools, score: Floats) -> dict[str, Component]:
    """Return the component of each metric (`CBPE`) from the labelled reference."""
    hit, right = label & decision, label == decision
    found = {
        "roc_auc": _auc(label, score),
        "f1": _f1(hit, label | decision),
        "precision": _share(right, decision),
        "recall": _share(right, label),
        "specificity": _share(right, ~label),
        "accuracy": Component(float(right.std())),
    }
    cells = {
        "true_positive": hit,
        "false_positive": ~label & decision,
        "false_negative": label & ~decision,
        "true_negative": ~label & ~decision,
    }
    return {**found, **{name: Component(float(cell.std()), counts=True) for name, cell in cells.items()}}


def _share(right: Bools, of: Bools) -> Component:
    return Component(float(right[of].std()) if of.any() else float("nan"), float(of.mean()))


def _f1(hit: Bools, of: Bools) -> Component:
    relevant = hit[of].astype(float)
    hits = relevant.sum()
    return Component(float((relevant * len(relevant) / ((len(relevant) - hits) * 0.5 + hits)).std()), float(of.mean()))


def _auc(label: Bools, score: Floats) -> Component:
    """Spread of the share of negatives below each positive; ties in the order in which rows stand, the rarer class is the positive one."""
    rare, value = (~label, 1 - score) if label.mean() > 0.5 else (label, score)
    order = np.argsort(value)
    rank = np.unique(rare[order] * np.arange(len(order)))[1:]
    below = (rank - np.arange(len(rank))) / max(int((~rare).sum()), 1)
    return Component(float(np.std(below)) if len(below) else float("nan"), float(rare.mean()))


@dataclass(frozen=True, slots=True)
class Band:
    """What that tool reports of a metric by window, (w,): the estimate, its confidence band, its threshold and whether it alarms."""

    value: Floats
    error: Floats
    lower: Floats
    upper: Floats
    low: float
    high: float
    alert: Bools


def band(value: Floats, component: Component, rows: Floats, realised: Floats, *, bounded: bool = True) -> Band:
    """Return the band of estimates (w,), the threshold from what was realised in the reference's chunks, (r,)."""
    error = component.error(rows)
    known = realised[np.isfinite(realised)]
    mean, sd = (float(np.mean(known)), float(np.std(known))) if len(known) else (float("nan"), float("nan"))
    top = 1.0 if bounded else np.inf
    low, high = max(mean - SDS * sd, 0.0), min(mean + SDS * sd, top)
    value = np.nan_to_num(value)
    lower, upper = np.maximum(value - SDS * error, 0.0), np.minimum(value + SDS * error, top)
    return Band(value, error, lower, upper, low, high, np.asarray((value < low) | (value > high)))


def realised(label: Bools, decision: Bools, window: Ints, windows: int) -> Mapping[str, Floats]:
    """Return what was realised by chunk, (w,) each, as that tool computes thresholds: counts of cells, an empty denominator is 0."""

    def count(cell: Bools) -> Floats:
        return np.bincount(window[cell], minlength=windows).astype(float)

    tp, fp, fn, tn = count(label & decision), count(~label & decision), count(label & ~decision), count(~label & ~decision)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = {
            "accuracy": (tp + tn) / (tp + fp + fn + tn), "precision": tp / (tp + fp), "recall": tp / (tp + fn),
            "specificity": tn / (tn + fp), "f1": 2 * tp / (2 * tp + fp + fn),
        }  # fmt: skip
    cells = {"true_positive": tp, "false_positive": fp, "false_negative": fn, "true_negative": tn}
    return {**{name: np.nan_to_num(one) for name, one in shares.items()}, **cells}


def rank_estimates(chance: Floats, score: Floats, window: Ints, windows: int) -> dict[str, Floats]:
    """Return the estimated `roc_auc` and `average_precision` of each window, (w,), ties of the score in the order of rows."""
    found = np.full((2, windows), np.nan)
    order = np.lexsort((-score, window))
    ends = np.append(0, np.cumsum(np.bincount(window, minlength=windows)))
    for i in range(windows):
        p = chance[order[ends[i] : ends[i + 1]]]
        if len(p):
            found[:, i] = _ranked(p)
    return {"roc_auc": found[0], "average_precision": found[1]}


def _ranked(p: Floats) -> tuple[float, float]:
    """Return both of rows in order of their score, highest first."""
    total = np.cumsum(p)
    hits = np.append(0.0, np.round(total, DECIMALS))
    misses = np.append(0.0, np.round(np.arange(1, len(p) + 1) - total, DECIMALS))
    if hits[-1] <= 0 or misses[-1] <= 0:
        return float("nan"), float("nan")
    recall = hits / hits[-1]
    area = float(np.trapezoid(recall, misses / misses[-1]))
    return area, float(np.sum(np.diff(recall) * hits[1:] / np.arange(1, len(p) + 1)))
