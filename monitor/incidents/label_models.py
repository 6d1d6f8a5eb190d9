"""Models of labels that compete for what happened in some rows, each told by how likely it makes that.

`turned`: some labels are another, as many at every score and input (one or two numbers). `related`: what inputs add to that (all of them in
a linear model, or one of them by its cells, asked only about windows that they did not see). Labels were changed where the first says as
much as the second; the relation turned where inputs tell who was hit, or where a label only became more frequent, and none that should be
there is lost: how it depends on the columns of the segment moved, and nothing says that labels are wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from monitor.incidents.expected_labels import Expected, by_luck

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BOUND = 1e-3
"""Chances are never nearer to 0 or 1."""
_FOLDS = 4
_SOME = np.array([0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5])
_MOST = (0.6, 0.7, 0.8, 0.9, 1.0)
_SHARES = np.array([*((up, down) for up in _SOME for down in _SOME), *((both, both) for both in _MOST), *((0.0, down) for down in _MOST)])
"""Shares of labels turned round, (negatives that became positive, positives that became negative): up to half of either, any of both, or
any of the positives alone, which are another class then, or were not written down."""
ONLY_MORE = np.array([(up, 0.0) for up in _SOME])
"""The same where no positive was lost: nothing then says that labels are wrong, they may only be more."""
_SMOOTH = 0.01
"""Weight of the data beside the ridge that draws a relation of inputs to none, by rows."""
_COMMON = 10
_MOST_COLUMNS = 3


def turned_round(chance: Floats, happened: Bools, shares: Floats | None = None) -> tuple[tuple[float, float], float]:
    """Return the shares of negatives that became positive, and of positives that became negative, which fit best, and their gain."""
    base = likelihood(chance, happened)
    asked = _SHARES if shares is None else shares
    gains = [likelihood(chance * (1 - down) + (1 - chance) * up, happened) - base for up, down in asked]
    best = int(np.argmax(gains))
    return (float(asked[best][0]), float(asked[best][1])), gains[best]


def shifted_all(chance: Floats, happened: Bools) -> float:
    """Return the gain of one shift of all log-odds: the label became more frequent, or less, and else depends on inputs as it did."""
    one = np.zeros(len(chance), dtype=np.int64)
    return likelihood(by_luck(chance, happened, one, np.ones(len(chance), dtype=bool)), happened) - likelihood(chance, happened)


def likelihood(chance: Floats, happened: Bools) -> float:
    """Return the log likelihood of what happened by chances, both (n,)."""
    p = np.clip(chance, BOUND, 1 - BOUND)
    return float(np.where(happened, np.log(p), np.log(1 - p)).sum())


def usual_gains(expected: Expected) -> tuple[float, float]:
    """Return what labels turned round, and a relation of their own, gain of a row that the model of chances did not learn, by reference."""
    usual = expected.usual
    if usual is None:
        return 0.0, 0.0
    rows = len(usual.plain)
    (up, down), turned = turned_round(usual.plain, usual.happened)
    now = np.clip(usual.plain * (1 - down) + (1 - usual.plain) * up, BOUND, 1 - BOUND)
    relation = likelihood(related(usual, now, (usual.known, usual.known)), usual.happened) - likelihood(usual.plain, usual.happened)
    return turned / rows, max(relation, 0.0) / rows


def related(expected: Expected, chance: Floats, rows: tuple[Bools, Bools]) -> Floats:
    """Return chances (n,) by a relation of their own: what inputs of rows to fit add to chances of theirs; each window is asked of others.

    All inputs in a linear model, or the one that says most by its cells, whichever tells the rows to fit better: where the weather of few
    days is among many inputs the first learns those days. Rows asked that are not fitted are told by all that are; rows not asked keep
    their chance.
    """
    fit, asked = rows
    places = np.flatnonzero(asked)
    happened, mine = expected.happened[places], fit[places]
    fold = np.where(mine, _folds(expected.windows[places], mine), _FOLDS)
    linear, single = (
        _out_of_fold(model, happened, mine, fold) for model in (_Linear(expected, places, chance), _Single(expected, places, chance))
    )
    best = max(linear, single, key=lambda told: likelihood(told[mine], happened[mine]))
    told = chance.copy()
    told[places] = best
    return told


def _out_of_fold(model: _Linear | _Single, happened: Bools, mine: Bools, fold: Ints) -> Floats:
    """Return chances of rows, each fold by those of the others, (m,)."""
    told = model.plain.copy()
    for part in np.unique(fold):
        learnt, held = mine & (fold != part), fold == part
        if len(np.unique(happened[learnt])) == 2:
            told[held] = model.told(happened, learnt, held)
    return told


class _Linear:
    """A linear model of the log-odds: the chance before, and all inputs."""

    def __init__(self, expected: Expected, places: Ints, chance: Floats) -> None:
        self.plain = chance[places]
        self.inputs = _design(expected, places, np.log(self.plain / (1 - self.plain)))

    def told(self, happened: Bools, learnt: Bools, held: Bools) -> Floats:
        """Return chances of the rows held out, by those learnt."""
        with threadpool_limits(limits=1):
            model = LogisticRegression(C=_SMOOTH, max_iter=300).fit(self.inputs[learnt], happened[learnt])
            return np.asarray(model.predict_proba(self.inputs[held])[:, 1])


class _Single:
    """One shift of the log-odds for each cell of the input by whose cells labels are off most."""

    def __init__(self, expected: Expected, places: Ints, chance: Floats) -> None:
        self.plain = chance[places]
        self.cells = [cells_of(expected, column, places) for column in range(len(expected.names))]

    def told(self, happened: Bools, learnt: Bools, held: Bools) -> Floats:
        """Return chances of the rows held out, by those learnt."""
        off = happened[learnt] - self.plain[learnt]
        cell = max(self.cells, key=lambda one: _strength(one[learnt], off))
        return by_luck(self.plain, happened, cell, learnt)[held]


def _folds(window: Ints, fit: Bools) -> Ints:
    """Return the part of each row: stretches of windows, or every so-manieth row where there are too few windows."""
    known = np.unique(window[fit])
    if len(known) < _FOLDS:
        return np.arange(len(window)) % _FOLDS
    return np.minimum(np.searchsorted(known, window) * _FOLDS // len(known), _FOLDS - 1)


def _design(expected: Expected, rows: Ints, logit: Floats) -> Floats:
    """Return inputs as a linear model takes them: numbers in units of their spread, the commonest levels as columns of their own."""
    columns = [logit]
    for place, levels in enumerate(expected.categorical):
        values = expected.inputs[rows, place]
        if levels:
            seen, code = np.unique(np.nan_to_num(values, nan=-1.0), return_inverse=True)
            common = np.argsort(-np.bincount(code), kind="stable")[:_COMMON]
            columns += [(code == one).astype(np.float64) for one in common if len(seen) > 1]
        elif np.isfinite(values).any():
            filled = np.where(np.isfinite(values), values, np.nanmedian(values))
            columns.append((filled - filled.mean()) / (filled.std() + 1e-9))
    return np.column_stack(columns)


def depends_on(expected: Expected, off: Floats, rows: Ints) -> tuple[str, ...]:
    """Return the columns by whose cells labels are off most, which hold at least half of what the first of them does."""
    strength = {name: _strength(cells_of(expected, place, rows), off) for place, name in enumerate(expected.names)}
    top = max(strength.values(), default=0.0)
    told = [name for name in sorted(strength, key=lambda one: -strength[one]) if strength[name] >= top / 2 > 0]
    return tuple(told[:_MOST_COLUMNS])


def cells_of(expected: Expected, column: int, rows: Ints) -> Ints:
    """Return the cell of each row by one input, (m,): its level, or the fifth of the numbers; missing values are a cell of their own."""
    values = expected.inputs[rows, column]
    cuts = (
        np.zeros(0) if expected.categorical[column] or np.isnan(values).all() else np.unique(np.nanquantile(values, [0.2, 0.4, 0.6, 0.8]))
    )
    cell = values if expected.categorical[column] else np.where(np.isnan(values), -1.0, np.searchsorted(cuts, values))
    return np.asarray(np.unique(np.nan_to_num(cell, nan=-1.0), return_inverse=True)[1])


def _strength(cell: Ints, off: Floats) -> float:
    """Return by how much more than by chance cells explain what labels are off by, in units of its variance."""
    n, sums = np.bincount(cell), np.bincount(cell, weights=off - off.mean())
    return float((sums**2 / np.maximum(n, 1)).sum() / max(off.var(), 1e-9)) - (int((n > 0).sum()) - 1)
