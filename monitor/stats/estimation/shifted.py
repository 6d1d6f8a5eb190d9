"""How a window differs from the reference: in what an estimate rests on, by cells; in all columns, by a cross-fitted domain classifier.

The weights of the latter calibrate scores for the window, as NannyML's PAPE does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.stats.estimation.learning import Features, chances, classifier, slices
from monitor.stats.multivariate.classifier import auc
from monitor.stats.performance.labelled import Bools, Floats, Ints

LEAST_WEIGHT, LEAST_ODDS = 0.001, 0.05
MOST_AUC, LEAST_SHARE = 0.9, 0.1
"""Beyond these an estimate is not trusted: how well a window is told from the reference, and how much of the reference still counts."""
ROUNDS = 30
"""Trees of a domain classifier."""
CELLS = 50
"""Cells of a number by which windows are told from the reference."""
TIERS = 20
"""Bins of the score in which the reference's labels are weighed anew."""
PRIOR = 20.0
"""Rows that the plain calibration counts for in each bin."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How a window is told from the reference: `auc` out of fold, `share` of the reference rows that count effectively, and `weight` (n,)
    of the reference's rows."""

    auc: float
    share: float
    weight: Floats


def trusted(auc: Floats, share: Floats) -> Bools:
    """Say in which windows what the reference says of labels can be carried over, (w,)."""
    return np.asarray((auc <= MOST_AUC) & (share >= LEAST_SHARE))


def cell_shift(reference: Floats, values: Floats, window: Ints, windows: int) -> tuple[Floats, Floats]:
    """Tell windows from the reference by one number, such as the score: by its cells, of equal counts in the reference.

    Returns
    -------
    auc, share : (w,) how well the cells tell rows of a window from the reference's, and how much of the reference counts effectively when
        it is weighed by its cells; nan for a window without rows.

    >>> same = np.arange(100.0)
    >>> [round(float(one[0]), 2) for one in cell_shift(same, same, np.zeros(100, dtype=np.int64), 1)]
    [0.5, 1.0]
    """
    edges = np.unique(np.quantile(reference, np.arange(1, CELLS) / CELLS))
    k = len(edges) + 1
    before = np.bincount(np.searchsorted(edges, reference, side="right"), minlength=k)
    now = np.bincount(window * k + np.searchsorted(edges, values, side="right"), minlength=windows * k).reshape(windows, k)
    p = (before + 0.5) / (before + 0.5).sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        q = now / now.sum(axis=1, keepdims=True)
        order = np.argsort(q / p, axis=1, kind="stable")
        ordered_p, ordered_q = p[order], np.take_along_axis(q, order, axis=1)
        below = np.cumsum(ordered_p, axis=1) - ordered_p / 2
        return np.asarray((ordered_q * below).sum(axis=1)), np.asarray(1 / (q**2 / p).sum(axis=1))


def domain_shift(reference: Features, window: Features, blocks: tuple[Ints, Ints], *, seed: int = 0) -> Shift:
    """Tell rows of a window from the reference's, each row by a classifier that did not see its stretch of time.

    Weights are the odds of the window, by (n_ref / n_win), as if both had as many rows; their effective share is (sum w)^2 / (n sum w^2).
    """
    if not len(window.values) or not len(reference.values):
        return Shift(float("nan"), float("nan"), np.ones(len(reference.values)))
    both = Features(np.concatenate([reference.values, window.values]), reference.categorical)
    side = np.repeat([0, 1], [len(reference.values), len(window.values)])
    fold = np.concatenate([slices(block) for block in blocks])
    chance = np.full(len(side), np.nan)
    for part in np.unique(fold):
        out, rest = fold == part, fold != part
        if len(np.unique(side[rest])) == 2:
            chance[out] = chances(classifier(both.take(rest), side[rest], rounds=ROUNDS, seed=seed), both.take(out), 2)[:, 1]
    known, n = np.isfinite(chance), len(reference.values)
    told = [auc(chance[known & (side == 0) & (fold == k)], chance[known & (side == 1) & (fold == k)]) for k in np.unique(fold)]
    odds = chance[:n] / np.maximum(1 - chance[:n], LEAST_ODDS)
    weight = np.maximum(np.nan_to_num(odds * n / max(len(window.values), 1), nan=1.0), LEAST_WEIGHT)
    whole = float(np.nanmean(told)) if np.isfinite(told).any() else float("nan")
    return Shift(whole, float(weight.sum() ** 2 / (n * np.sum(weight**2))), weight)


@dataclass(frozen=True, slots=True)
class Recalibration:
    """How many times as often as calibration says rows are positive in a window: `edges` of bins of the score, `level` of each bin."""

    edges: Floats
    level: Floats

    def at(self, score: Floats, plain: Floats) -> Floats:
        """Return chances, (n,): the plain ones times the level of their bin, never above 1."""
        place = np.searchsorted(self.edges, score, side="right")
        return np.asarray(np.clip(plain * self.level[place], 0.0, 1.0))


def recalibrate(score: Floats, label: Bools, plain: Floats, weight: Floats) -> Recalibration:
    """Return how many times as often as calibration says each bin of the score is positive under weights; few rows change little."""
    edges = np.unique(np.quantile(score, np.arange(1, TIERS) / TIERS))
    place = np.searchsorted(edges, score, side="right")
    many = len(edges) + 1
    hits, said = (np.bincount(place, weight * values, many) for values in (label.astype(float), plain))
    total, square = np.bincount(place, weight, many), np.bincount(place, weight**2, many)
    usual = said / np.maximum(total, 1e-12)
    worth = total**2 / np.maximum(square, 1e-12)
    found = (hits / np.maximum(total, 1e-12) * worth + usual * PRIOR) / (worth + PRIOR)
    return Recalibration(edges, found / np.maximum(usual, 1e-12))
