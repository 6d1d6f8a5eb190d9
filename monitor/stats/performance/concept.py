"""Change of a model's losses split into causes: inputs that moved, and a relation of inputs and labels that moved.

A gradient-boosted P(y | x, answer) of the reference, cross-fitted over blocks of time, says what loss the inputs of a window let expect.
Total = (expected - expected in the reference) + (realised - expected, less what that is in the reference): exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS = 3
MOST_ROWS = 20_000
"""Rows of the reference that are learned from: more change the expectation of a window less than its sampling does."""
CELL_ROWS, CELL_WINDOWS, FEW_IN_CELL = 30, 3, 5
"""Rows and windows of the reference that have a cell at least, and rows of a window in it, for its mean to say anything."""
LEAVES, LEAF_ROWS = 12, 200
"""Groups that the population is cut into at most, and rows of the reference in each."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected of rows: `reference` (n,), each from folds without its block of time, `production` (m,), from all of it."""

    reference: Floats
    production: Floats


def expect(x: tuple[Floats, Floats], y: Floats, block: Ints, *, chance: bool, seed: int = 0) -> Expected:
    """Learn `y` (n,) from the inputs x[0] (n, p) of the reference, and tell it of both sides.

    Blocks (n,) are stretches of time that are left out together: with hours of one day apart, a model knows the day.

    Parameters
    ----------
    chance : whether `y` is 0 or 1, and its chance is learned.
    """
    rng = np.random.default_rng(seed)
    fold = np.unique(block, return_inverse=True)[1] % FOLDS
    told = np.full(len(y), float(y.mean()) if len(y) else np.nan)
    with threadpool_limits(limits=1):
        for part in range(FOLDS):
            test = fold == part
            if test.any() and not test.all():
                told[test] = _learned(x[0][~test], y[~test], chance, rng)(x[0][test])
        return Expected(told, _learned(x[0], y, chance, rng)(x[1]))


def _learned(x: Floats, y: Floats, chance: bool, rng: np.random.Generator) -> Callable[[Floats], Floats]:
    """Learn from at most MOST_ROWS rows; return what tells rows."""
    kept = rng.choice(len(y), MOST_ROWS, replace=False) if len(y) > MOST_ROWS else np.arange(len(y))
    if len(np.unique(y[kept])) < 2:
        constant = float(y[kept].mean()) if len(kept) else np.nan
        return lambda rows: np.full(len(rows), constant)
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor  # a long import

    settings: dict[str, Any] = {"max_iter": 60, "learning_rate": 0.1, "max_leaf_nodes": 15, "min_samples_leaf": 100, "random_state": 0}
    if chance:
        model = HistGradientBoostingClassifier(**settings).fit(x[kept], y[kept] > 0)
        return lambda rows: np.asarray(model.predict_proba(rows)[:, 1]) if len(rows) else np.zeros(0)
    fitted = HistGradientBoostingRegressor(**settings).fit(x[kept], y[kept])
    return lambda rows: np.asarray(fitted.predict(rows)) if len(rows) else np.zeros(0)


@dataclass(frozen=True, slots=True)
class Mix:
    """A change split over groups of rows by window, (w,) each: because the shares of groups moved (`mix`), because groups behave otherwise
    (`behaviour`)."""

    mix: Floats
    behaviour: Floats


def split_mix(groups: tuple[Ints, Ints], losses: tuple[Floats, Floats], window: Ints, windows: int) -> Mix:
    """Split the change of a mean loss exactly (Kitagawa 1955).

    d = sum (q - p) (l_p + l_q) / 2 + sum (p + q) / 2 (l_q - l_p) over groups with shares p, q and mean losses l_p, l_q; a group that a
    window lacks behaves as it did.

    Examples
    --------
    >>> found = split_mix((np.array([0, 1]), np.array([0, 0])), (np.array([1.0, 3.0]), np.array([2.0, 2.0])), np.zeros(2, int), 1)
    >>> found.mix.tolist(), found.behaviour.tolist()
    ([-0.75], [0.75])
    """
    many = int(max(one.max(initial=0) for one in groups)) + 1
    p, before = (np.bincount(groups[0], values, many) for values in (np.ones(len(groups[0])), losses[0]))
    at = window * many + groups[1]
    q, after = (np.bincount(at, values, windows * many).reshape(windows, many) for values in (np.ones(len(at)), losses[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        old, new = before / p, after / q
        share, now = p / p.sum(), q / q.sum(axis=1, keepdims=True)
    new = np.where(q > 0, new, old)
    old = np.where(p > 0, old, new)
    kept = (p > 0) | (q > 0)
    mix = np.where(kept, (now - share) * (old + new) / 2, 0.0).sum(axis=1)
    behaviour = np.where(kept, (now + share) / 2 * (new - old), 0.0).sum(axis=1)
    return Mix(mix, behaviour)


def leaves(x: tuple[Floats, Floats], loss: Floats) -> tuple[Ints, Ints]:
    """Cut both sides into groups by a small tree that is grown on the loss of the reference."""
    from sklearn.tree import DecisionTreeRegressor  # a long import

    tree = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=LEAF_ROWS, random_state=0).fit(x[0], loss)
    known, place = np.unique(tree.apply(x[0]), return_inverse=True)
    return place.astype(np.int64), np.searchsorted(known, tree.apply(x[1])) if len(x[1]) else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Cut:
    """Rows of one side: the cell of a column (`code`) and the value of each, (n,), in `windows` windows."""

    code: Ints
    values: Floats
    window: Ints
    windows: int

    def sums(self, many: int) -> tuple[Floats, Floats]:
        """Return rows and total of the values by window and cell, (w, k) each."""
        at = self.window * many + self.code
        n, total = (np.bincount(at, one, self.windows * many) for one in (np.ones(len(at)), self.values))
        return n.reshape(self.windows, many).astype(np.float64), total.reshape(self.windows, many).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Dependence:
    """How far cells of a column lie from where they lay, by window, (w,): mean `square` of the shifts less what sampling adds, and its
    `variance`; `root`, the cube root of the shifts in parts of what sampling lets expect, which is about normal around 1 - 2 / 9k of k
    cells (Wilson and Hilferty 1931), and its `root_variance`; `rows` and `total` (w, k) of the values by cell, and what they are `usual`
    (k,) in the reference, beside its mean; `spread` is the variance of a value, `doubt` (k,) that of `usual`."""

    square: Floats
    variance: Floats
    root: Floats
    root_variance: Floats
    rows: Floats
    total: Floats
    usual: Floats
    spread: float
    doubt: Floats


def dependence(reference: Cut, judged: Cut | None = None) -> Dependence:
    """Say how much the means of some values by the cells of a column, beside the mean of all rows, moved from the reference.

    Cells that few rows or few windows of the reference have say nothing, for of one day's weather their mean is no rule.

    Parameters
    ----------
    judged : default the reference's own windows, each beside all others.
    """
    rows = judged or reference
    many = int(max(reference.code.max(initial=0), rows.code.max(initial=0))) + 1
    own, own_total = reference.sums(many)
    known = (own.sum(axis=0) >= CELL_ROWS) & ((own > 0).sum(axis=0) >= min(CELL_WINDOWS, reference.windows))
    m, moved = rows.sums(many)
    n, total = own.sum(axis=0) - (own if judged is None else 0), own_total.sum(axis=0) - (own_total if judged is None else 0)
    m, n = np.where(known & (m >= FEW_IN_CELL), m, 0.0), np.where(known, n, 0.0)
    kept = (m > 0) & (n > 0)
    weight, spread = np.where(kept, m, 0.0), float(reference.values.var())
    all_rows = weight.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = weight / all_rows
        shift = np.where(kept, moved / m - total / n, 0.0)
        away = shift - (weight * shift).sum(axis=1, keepdims=True)
        noise = np.where(kept, spread * (1 / m + 1 / n), 0.0)
        lost = (weight * noise).sum(axis=1)  # what sampling adds to the mean square, less what the common mean takes of it
        lost = lost - (weight**2 * noise).sum(axis=1)
        square = (weight * away**2).sum(axis=1) - lost
        variance = 2 * ((weight * noise) ** 2).sum(axis=1)
        cells = 2 * lost**2 / variance
        root = np.cbrt((weight * away**2).sum(axis=1) / lost)
    seen = (all_rows[:, 0] > 0) & (kept.sum(axis=1) > 1) & (lost > 0)
    nothing = np.where(seen, 0.0, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = own_total.sum(axis=0) / own.sum(axis=0) - reference.values.mean()
        doubt = spread / own.sum(axis=0)
        spread_of = np.where(seen, variance, np.inf), np.where(seen, 2 / 9 / cells, np.inf)
    moved = np.where(m > 0, moved, 0.0)
    return Dependence(square + nothing, spread_of[0], root + nothing, spread_of[1], m, moved, usual, spread, doubt)
