"""Domain classifier: can a model tell rows of a window from rows of the reference?

Out-of-fold ROC AUC of gradient-boosted trees (a classifier two-sample test, Lopez-Paz and Oquab 2017). Folds are made of
whole time blocks, because rows of one hour share values and would betray their side. The AUC is judged against the AUC of
the reference's own windows (`bands.p_upper`); its interval comes from block sums of DeLong's components (Obuchowski 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from monitor.errors import MethodError
from monitor.stats.multivariate.rows import Bools, Floats, Ints, Rows, concatenate, subsample

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

MAX_LEVELS = 32
"""Levels a tree may tell apart in one column; the rest are pooled."""

MOST_SHUFFLED = 4_000_000
"""Values that are scored at a time where each column is shuffled in a copy of all."""

BINS = 32
"""Bins that numbers are cut into, once for all folds, at quantiles of both sides together."""


@dataclass(frozen=True, slots=True)
class Separation:
    """How well a window is told from the reference.

    `auc` in [0, 1] (.5: not at all), `lower` and `upper` its 95 % interval, `error` its standard error with blocks as the
    units, `p_value` one-sided against .5 on that error (use the reference windows' AUC where there are some),
    `importance` (columns,) the fall of the AUC when a column is shuffled (nan when not asked), rows used on each side,
    `folds`. With fewer than two blocks on a side nothing can be said: nan, folds 0.
    """

    auc: float
    lower: float
    upper: float
    error: float
    p_value: float
    importance: Floats
    reference_rows: int
    window_rows: int
    folds: int


def separate(reference: Rows, window: Rows, *, folds: int = 3, sample: int = 1500, importance: bool = False, seed: int = 0) -> Separation:
    """Train on the other folds, score each fold, and measure the AUC within folds.

    Parameters
    ----------
    reference, window
        The two sides; their blocks must differ. At most `sample` rows of the window and twice as many of the reference are used.
    importance
        Whether to shuffle each column out of fold.

    Raises
    ------
    MethodError
        When a side has no rows.
    """
    if not len(reference) or not len(window):
        raise MethodError(f"A domain classifier needs rows on both sides, got {len(reference)} and {len(window)}.")
    sides = (subsample(reference, 2 * sample, seed=seed), subsample(window, sample, seed=seed + 1))
    usable = min(folds, *(len(np.unique(side.block)) for side in sides))
    if usable < 2:
        return inseparable(len(sides[0]), len(sides[1]), columns=len(reference.names))
    both = concatenate((sides[0].as_window(0, 2), sides[1].as_window(1, 2)))
    fold = np.concatenate([block_folds(side.block, usable, seed=seed) for side in sides])
    with threadpool_limits(limits=1):
        score, drops = _out_of_fold(both, fold, importance, seed)
    return summarise(score, fold, both.block, both.window.astype(bool), importance=drops.mean(axis=0))


def inseparable(reference_rows: int, window_rows: int, *, columns: int) -> Separation:
    """Return what is known where nothing could be trained."""
    nan = float("nan")
    return Separation(nan, nan, nan, nan, nan, np.full(columns, nan), reference_rows, window_rows, 0)


def block_folds(block: Ints, folds: int, *, seed: int = 0) -> Ints:
    """Deal whole blocks, largest first and ties at random, to the fold with the fewest rows so far, (n,)."""
    _, index, counts = np.unique(block, return_inverse=True, return_counts=True)
    order = np.lexsort((np.random.default_rng(seed).random(len(counts)), -counts))
    filled = np.zeros(folds, dtype=np.int64)
    fold = np.zeros(len(counts), dtype=np.int64)
    for position in order:
        fold[position] = filled.argmin()
        filled[fold[position]] += counts[position]
    return fold[index]


def _out_of_fold(both: Rows, fold: Ints, importance: bool, seed: int) -> tuple[Floats, Floats]:
    x, y = _binned(features(both), len(both.numeric_names)), both.window
    score = np.zeros(len(both))
    drops = np.full((fold.max() + 1, len(both.names)), np.nan)
    for part in range(fold.max() + 1):
        test = fold == part
        model = _model(both, seed).fit(x[~test], y[~test])
        score[test] = model.decision_function(x[test])
        if importance:
            drops[part] = _drops(model, x[test], y[test], score[test], seed)
    return score, drops


def _model(rows: Rows, seed: int) -> HistGradientBoostingClassifier:
    from sklearn.ensemble import HistGradientBoostingClassifier

    categorical = np.arange(len(rows.names)) >= len(rows.numeric_names)
    return HistGradientBoostingClassifier(
        max_iter=40,
        learning_rate=0.1,
        max_leaf_nodes=8,
        min_samples_leaf=15,
        l2_regularization=1.0,
        max_bins=BINS,
        early_stopping=False,
        class_weight="balanced",
        categorical_features=categorical,
        random_state=seed,
    )


def features(rows: Rows) -> Floats:
    """Return numbers and level codes as one matrix, missing as nan; each column keeps its commonest levels, (n, columns)."""
    codes = [_pooled(column) for column in rows.categorical.T]
    return np.column_stack([np.where(np.isfinite(rows.numeric), rows.numeric, np.nan), *codes])


def _binned(x: Floats, numbers: int) -> Floats:
    """Return the bin of each number, so that trees need not look for bins fold by fold; levels and missing stay as they are."""
    x = x.copy()
    for column in range(numbers):
        known = np.isfinite(x[:, column])
        ordered = np.sort(x[known, column])
        if len(ordered):
            edges = np.unique(ordered[np.arange(1, BINS) * len(ordered) // BINS])
            x[known, column] = np.searchsorted(edges, x[known, column], side="right")
    return x


def _pooled(codes: Ints) -> Floats:
    counts = np.bincount(codes[codes >= 0], minlength=1)
    rank = np.empty(len(counts))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return np.where(codes < 0, np.nan, np.minimum(rank, MAX_LEVELS - 1)[codes])


def _drops(model: HistGradientBoostingClassifier, x: Floats, y: Ints, score: Floats, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    before = auc(score[y == 0], score[y == 1])
    columns = x.shape[1]
    drops = np.zeros(columns)
    for group in np.array_split(np.arange(columns), -(-x.size * columns // MOST_SHUFFLED)):
        shuffled = np.tile(x, (len(group), 1, 1))
        for copy, column in zip(shuffled, group, strict=True):
            copy[:, column] = rng.permutation(x[:, column])
        scores = model.decision_function(shuffled.reshape(-1, columns)).reshape(len(group), -1)
        drops[group] = [before - auc(after[y == 0], after[y == 1]) for after in scores]
    return drops


def auc(negative: Floats, positive: Floats) -> float:
    """Share of pairs in which the positive scores higher, ties one half; nan when a side is empty."""
    return float(np.mean(_placements(positive, negative))) if len(negative) and len(positive) else float("nan")


def _placements(own: Floats, other: Floats) -> Floats:
    """Share of the other side's scores below each own score, ties one half, (n,)."""
    other = np.sort(other)
    below = np.searchsorted(other, own, side="left") + np.searchsorted(other, own, side="right")
    return np.asarray(below / (2 * len(other)))


def summarise(score: Floats, fold: Ints, block: Ints, y: Bools, *, importance: Floats) -> Separation:
    """Average the AUC of the folds (scores of two models are not compared with one another), with blocks as the units of its error.

    Parameters
    ----------
    score, fold, block, y : (n,) out-of-fold scores, folds 0.., stretches of time, and whether a row is of the window.
    """
    components = np.zeros(len(score))
    for part in range(fold.max() + 1):
        own, other = (fold == part) & y, (fold == part) & ~y
        components[own] = _placements(score[own], score[other])
        components[other] = 1.0 - _placements(score[other], score[own])
    area = float(components[y].mean() + components[~y].mean()) / 2
    error, df = _clustered_error(components, block, y)
    reach = float(scipy.stats.t.ppf(0.975, df)) * error
    p_value = float(scipy.stats.t.sf((area - 0.5) / error, df)) if error > 0 else float(area <= 0.5)
    rows, lower, upper = int(y.sum()), max(area - reach, 0.0), min(area + reach, 1.0)
    return Separation(area, lower, upper, error, p_value, importance, len(y) - rows, rows, int(fold.max()) + 1)


def _clustered_error(components: Floats, block: Ints, y: Bools) -> tuple[float, int]:
    variance, blocks = 0.0, []
    for side in (y, ~y):
        values = components[side] - components[side].mean()
        _, index = np.unique(block[side], return_inverse=True)
        sums = np.bincount(index, values)
        blocks.append(len(sums))
        variance += float(np.sum(sums**2)) * len(sums) / (len(sums) - 1) / len(values) ** 2
    return float(np.sqrt(variance)), max(min(blocks) - 1, 1)


def separate_reference(
    reference: Rows, *, windows: Sequence[int] | None = None, most: int = 10, folds: int = 3, sample: int = 1500, seed: int = 0
) -> tuple[Separation, ...]:
    """Tell several reference windows from the rest of the reference: what production windows reach without drift.

    `windows` are the positions to use (default: `most` of those with rows, evenly over time).
    """
    filled = np.flatnonzero(reference.counts)
    if len(filled) < 2:
        return ()
    if windows is None:
        windows = filled[np.unique(np.linspace(0, len(filled) - 1, min(most, len(filled))).round().astype(int))].tolist()
    rest = [reference.take(reference.window != position) for position in windows]
    own = [reference.only(position) for position in windows]
    return tuple(separate(a, b, folds=folds, sample=sample, seed=seed + i) for i, (a, b) in enumerate(zip(rest, own, strict=True)))
