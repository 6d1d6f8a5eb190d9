"""What is learned of labels from features: gradient-boosted trees, fitted out of fold on stretches of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from monitor.stats.performance.labelled import Bools, Floats, Ints

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

FOLDS = 3
SLICES = 2 * FOLDS
"""Stretches that the reference is cut into, dealt to the folds in turn: rows of one hour share their luck, and stay together."""
LEVELS = 100
"""Levels that trees tell apart in one column: the commonest; the others are one."""
SELDOM_MISSING = 0.001
"""Share of rows of the reference without a value below which one without is nothing that it knows."""
ROUNDS, LOSS_ROUNDS = 60, 100
"""Trees of a model of labels, and of losses."""
CALM: Mapping[str, Any] = {"max_leaf_nodes": 12, "max_bins": 128, "min_samples_leaf": 40, "l2_regularization": 1.0}
"""How models of classes are kept from learning rare rows by heart: their chances are added up as they are."""


@dataclass(frozen=True, slots=True)
class Features:
    """What trees see: `values` (n, p), missing as nan, levels as their rank in the reference; `categorical` (p,) which are levels."""

    values: Floats
    categorical: Bools

    def take(self, kept: Bools | Ints) -> Features:
        """Return some of the rows."""
        return Features(self.values[kept], self.categorical)


def features(
    numbers: Mapping[str, Floats],
    levels: Mapping[str, tuple[Ints, tuple[str, ...]]],
    ranks: Mapping[str, Mapping[str, int]],
    size: int,
) -> Features:
    """Put columns of so many rows together; a level that `ranks` does not know counts as one of the rare ones."""
    coded = []
    for name, (code, names) in levels.items():
        lookup = np.array([*(ranks[name].get(level, LEVELS) for level in names), np.nan])
        coded.append(lookup[code])
    columns = [*numbers.values(), *coded] or [np.zeros(size)]
    return Features(np.column_stack(columns), np.arange(len(columns)) >= len(numbers))


def unfamiliar_rows(reference: Features, rows: Features) -> Bools:
    """Say which rows have a value outside what the reference has in a column, a level that it has not, or none where it hardly lacks one.

    >>> known, new = (Features(np.array(one), np.zeros(1, dtype=bool)) for one in ([[1.0], [2.0]], [[1.5], [3.0], [np.nan]]))
    >>> unfamiliar_rows(known, new).tolist()
    [False, True, True]
    """
    strange = np.zeros(len(rows.values), dtype=bool)
    if not len(reference.values):
        return strange
    for column, levels in enumerate(reference.categorical):
        known, now = reference.values[:, column], rows.values[:, column]
        told = known[np.isfinite(known)]
        outside = (now < told.min(initial=np.inf)) | (now > told.max(initial=-np.inf))
        unseen = ~np.isin(now, np.unique(told)) if levels else outside
        lacks = np.isnan(now) & (np.isnan(known).mean() < SELDOM_MISSING)
        strange |= np.where(np.isnan(now), lacks, unseen)
    return strange


def rank_levels(code: Ints, names: tuple[str, ...]) -> dict[str, int]:
    """Return the rank of each level by how common it is, the commonest 0; the rare ones are left out."""
    count = np.bincount(code[code >= 0], minlength=len(names))
    order = np.argsort(-count, kind="stable")[:LEVELS]
    return {names[i]: rank for rank, i in enumerate(order.tolist())}


def slices(block: Ints) -> Ints:
    """Return the fold of each row, (n,): stretches of blocks (numbered in order of time) with about as many rows, dealt in turn."""
    _, place, count = np.unique(block, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    part = np.minimum((middle * SLICES / max(len(block), 1)).astype(np.int64), SLICES - 1)
    return np.asarray((part % FOLDS)[place])


def _settings(categorical: Bools, rounds: int, seed: int) -> dict[str, Any]:
    return {
        "max_iter": rounds,
        "learning_rate": 0.1,
        "early_stopping": False,
        "categorical_features": categorical,
        "random_state": seed,
    }


def _usable(seen: Features) -> Floats:
    """Return values that can be cut into bins: a column without any is 0."""
    return np.where(np.isnan(seen.values).all(axis=0), 0.0, seen.values)


def classifier(seen: Features, label: Ints, *, rounds: int = ROUNDS, seed: int = 0) -> HistGradientBoostingClassifier:
    """Return a classifier of labels, fitted on one thread (two that wait for one another are slower than one)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    with threadpool_limits(limits=1):
        return HistGradientBoostingClassifier(**_settings(seen.categorical, rounds, seed), **CALM).fit(_usable(seen), label)


def regressor(
    seen: Features, target: Floats, *, sizes: bool = False, rounds: int = LOSS_ROUNDS, seed: int = 0
) -> HistGradientBoostingRegressor:
    """Return a regression of a target, fitted as `classifier`; `sizes` (never negative) on the scale of logarithms."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    loss = "poisson" if sizes and target.any() else "squared_error"
    with threadpool_limits(limits=1):
        return HistGradientBoostingRegressor(loss=loss, **_settings(seen.categorical, rounds, seed)).fit(_usable(seen), target)


def chances(model: HistGradientBoostingClassifier, seen: Features, classes: int) -> Floats:
    """Return the probability of each class, (n, classes); a class that the model never saw has none."""
    found = np.zeros((len(seen.values), classes))
    with threadpool_limits(limits=1):
        found[:, model.classes_.astype(np.int64)] = model.predict_proba(seen.values)
    return found


def predicted(model: HistGradientBoostingRegressor, seen: Features) -> Floats:
    """Return predictions, (n,)."""
    with threadpool_limits(limits=1):
        return np.asarray(model.predict(seen.values), dtype=np.float64)
