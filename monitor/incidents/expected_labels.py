"""What labels would be by what the reference knows: the chance of each row, by its score and inputs, and by the luck of its window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from monitor.incidents.maturity import due_rows
from monitor.incidents.scene import WINDOW, Scene, Side
from monitor.vocabulary import Kind, Role, Task

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_ROWS = 16_000
_MOST_LEVELS = 100
_FEWEST = 200
"""Labelled rows of the reference without which nothing is expected of labels."""
_WRONG = 0.9
"""Quantile of the reference's absolute errors above which a regression is said to be wrong."""
_BOUND = 1e-3
_STEPS = 12
_TOLD_BY = (Role.SCORE, Role.FEATURE, Role.SEGMENT)
_FEW_ROWS = 0.02
"""Share of rows up to which a version that the reference does not know may serve."""
LEAST_STRETCHES = 6
"""Stretches of the reference from which on their counts tell how much those of such stretches vary."""
_UNKNOWN_LUCK = 10.0
"""Variance of counts by window beside that of chance where the reference has no windows to tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Labelled rows of production (`known`, (n,)), and what was expected of them.

    Parameters
    ----------
    happened : what turned out, (n,); `chance` of it by the reference and the luck of its window, `plain` without luck.
    inputs : (n, p) with their `names`; `windows` the position of each row's window, (n,).
    uneven : variance of counts by window and level beside that of chance; `luck` of counts by window, whose luck is not taken out; `misfit`
        variance of the log-odds by which levels lie off for long, as no model of so many rows knows each.
    of_class : the one of several classes that it is about.
    usual : the same of rows of the reference that the model of their chances did not learn; None where it has no two windows.
    faults : what labels turned round, and a relation of their own, gain of such a row: as much is the model's fault and no change.
    """

    known: Bools
    happened: Bools
    chance: Floats
    plain: Floats
    inputs: Floats
    names: tuple[str, ...]
    categorical: tuple[bool, ...]
    of_label: bool
    windows: Ints
    of_class: str = ""
    uneven: float = 1.0
    luck: float = 1.0
    misfit: float = 0.0
    usual: Expected | None = None
    faults: tuple[float, float] = (0.0, 0.0)


def expected_labels(scene: Scene, of_class: str = "") -> Expected | None:
    """Return what was to be expected of the labels of production; None without enough of them.

    Of a binary case it is whether the label is positive, of others whether the prediction was wrong (of a regression: farther off than
    nine in ten of the reference), or where a class is given whether the label is that class.
    """
    then, now = (_happened(scene, side, of_class) for side in (scene.reference, scene.production))
    if then is None or now is None or int((then >= 0).sum()) < _FEWEST or not (now >= 0).any():
        return None
    then, now = _errors(scene, then, _due(scene, now))
    names, categorical = named_inputs(scene, _TOLD_BY if same_versions(scene) and _still_scored(scene) else _TOLD_BY[1:])
    known = np.flatnonzero(then >= 0)
    known = known[:: max(len(known) // _MOST_ROWS, 1)]
    if not names or len(np.unique(then[known])) < 2:
        return None
    before, after = inputs_of(scene, scene.reference, names), inputs_of(scene, scene.production, names)
    model = fitted(before[known], then[known], categorical)
    labelled = now >= 0
    plain = np.full(len(now), np.nan)
    plain[labelled] = asked(model, after[labelled])
    window = scene.production.frame[WINDOW].to_numpy()
    found = Expected(
        known=labelled,
        happened=np.asarray(now == 1),
        chance=by_luck(plain, now == 1, window, labelled),
        plain=plain,
        inputs=after,
        windows=window,
        names=names,
        categorical=categorical,
        of_class=of_class,
        of_label=bool(of_class) or scene.workspace.case.task is Task.BINARY,
    )
    usual = _held_out(found, (before[known], then[known] == 1), scene.reference.frame[WINDOW].to_numpy()[known])
    if usual is None:
        return replace(found, luck=_UNKNOWN_LUCK)
    uneven, misfit = _uneven(scene, usual, known)
    return replace(found, usual=usual, luck=_luck(usual.windows, usual.happened, usual.plain), uneven=uneven, misfit=misfit)


def _due(scene: Scene, now: Floats) -> Floats:
    """Return what happened in rows so old that their labels have to be there: of others the bad ones may be known first."""
    return np.where(due_rows(scene, now >= 0), now, -1.0)


def same_versions(scene: Scene) -> bool:
    """Say whether nearly all rows were scored by versions that the reference knows: scores of others may say something else of labels."""
    name = scene.workspace.case.roles.model_version
    if name is None or name not in scene.production.frame:
        return True
    known = set(scene.reference.frame[name].dropna()) if name in scene.reference.frame else set()
    return bool((~scene.production.frame[name].isin(known)).mean() <= _FEW_ROWS)


def _still_scored(scene: Scene) -> bool:
    """Say whether rows lack a score about as often as they did."""
    score = scene.workspace.case.roles.score
    sides = [side.frame for side in (scene.reference, scene.production)]
    if not isinstance(score, str) or any(score not in frame for frame in sides):
        return True
    then, now = (float(frame[score].isna().mean()) for frame in sides)
    return now - then <= _FEW_ROWS


def by_luck(chance: Floats, happened: Bools, window: Ints, rows: Bools) -> Floats:
    """Return chances moved by one shift of the log-odds in each window, so that `rows` of it have as many as happened, (n,)."""
    logit = np.log(chance / (1 - chance))
    size = int(window.max()) + 1
    shift = np.zeros(size)
    wanted = np.bincount(window[rows], weights=happened[rows], minlength=size)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-(logit[rows] + shift[window[rows]])))
        told = np.bincount(window[rows], weights=p, minlength=size)
        slope = np.bincount(window[rows], weights=p * (1 - p), minlength=size) + 1.0
        shift += np.clip((wanted - told) / slope, -1.0, 1.0)
    return np.asarray(np.clip(1 / (1 + np.exp(-(logit + shift[window]))), _BOUND, 1 - _BOUND))


def learner(rows: int) -> HistGradientBoostingClassifier:
    """Return a small booster for so many rows."""
    return HistGradientBoostingClassifier(
        max_iter=40, learning_rate=0.1, max_leaf_nodes=12, min_samples_leaf=max(rows // 200, 20), early_stopping=False, random_state=0
    )


def fitted(inputs: Floats, happened: Floats, categorical: tuple[bool, ...]) -> HistGradientBoostingClassifier:
    """Return a booster that learned what happened, 1 or not."""
    model = learner(len(inputs))
    model.set_params(categorical_features=np.array(categorical))
    with threadpool_limits(limits=1):
        return model.fit(with_values(inputs), happened == 1)


def with_values(inputs: Floats) -> Floats:
    """Return inputs (n, d) in which a column without any value is constant: it says nothing, and no booster can cut it."""
    return np.where(np.isnan(inputs).all(axis=0), 0.0, inputs)


def asked(model: HistGradientBoostingClassifier, inputs: Floats) -> Floats:
    """Return the chances that a booster tells of rows, never quite 0 or 1."""
    with threadpool_limits(limits=1):
        return np.asarray(np.clip(model.predict_proba(inputs)[:, 1], _BOUND, 1 - _BOUND))


def _happened(scene: Scene, side: Side, of_class: str) -> Floats | None:
    """Return the label of each row as 0 or 1 (of classes: wrong, or the one asked for) or the error of a regression; -1: unknown."""
    case, frame = scene.workspace.case, side.frame
    roles = case.roles
    if roles.label is None or roles.label not in frame:
        return None
    label = frame[roles.label]
    unknown = label.isna().to_numpy()
    if of_class or case.task is Task.BINARY:
        positive = of_class or class_text(roles.positive_class if roles.positive_class is not None else 1)
        return np.where(unknown, -1.0, np.array([one == positive for one in classes_of(label)], dtype=np.float64))
    if roles.prediction is None or roles.prediction not in frame:
        return None
    said = frame[roles.prediction]
    unknown = unknown | said.isna().to_numpy()
    if case.task is Task.REGRESSION:
        error = np.abs(label.to_numpy(dtype=np.float64) - said.to_numpy(dtype=np.float64))
        return np.where(unknown, -1.0, error)
    return np.where(unknown, -1.0, (classes_of(label) != classes_of(said)).astype(np.float64))


def classes_of(column: pd.Series) -> NDArray[np.object_]:
    """Return classes as texts, (n,); missing ones are the text of nan."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.map(class_text).to_numpy(dtype=object)
    texts = np.array([*map(class_text, column.cat.categories), class_text(np.nan)], dtype=object)
    return np.asarray(texts[column.cat.codes.to_numpy()])


def _by_level(column: pd.Series, values: Floats) -> Floats:
    """Return a number for each row by its level, nan where there is none, (n,)."""
    return np.asarray(np.append(values, np.nan)[column.cat.codes.to_numpy()])


def class_text(value: object) -> str:
    """Return a class as text, alike whether it was kept as 1, 1.0, true or "1"."""
    text = str(value).strip().lower()
    text = {"true": "1", "false": "0"}.get(text, text)
    return text.removesuffix(".0")


def _errors(scene: Scene, then: Floats, now: Floats) -> tuple[Floats, Floats]:
    """Return what happened as 0, 1 or -1: errors of a regression are cut where the reference's are."""
    if scene.workspace.case.task is not Task.REGRESSION:
        return then, now
    limit = float(np.quantile(then[then >= 0], _WRONG))
    return tuple(np.where(side < 0, -1.0, (side > limit).astype(np.float64)) for side in (then, now))  # type: ignore[return-value]


def named_inputs(scene: Scene, roles: tuple[Role, ...]) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """Return the columns that a chance is told by, and which of them are levels."""
    names, categorical = [], []
    for info in scene.workspace.columns.values():
        there = info.name in scene.reference.frame and info.name in scene.production.frame
        if not there or info.role not in roles:
            continue
        levels = isinstance(scene.reference.frame[info.name].dtype, pd.CategoricalDtype)
        if info.kind is Kind.NUMERIC or (levels and scene.reference.frame[info.name].nunique() <= _MOST_LEVELS):
            names.append(info.name)
            categorical.append(levels)
    return tuple(names), tuple(categorical)


def inputs_of(scene: Scene, side: Side, names: tuple[str, ...]) -> Floats:
    """Return columns as numbers, levels as their place in the reference (nan: not there), (n, p)."""
    columns = []
    for name in names:
        column = side.frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            known = scene.reference.frame[name].cat.categories.get_indexer(column.cat.categories)
            columns.append(_by_level(column, np.where(known >= 0, known, np.nan)))
        else:
            columns.append(column.to_numpy(dtype=np.float64))
    return np.column_stack(columns)


def _held_out(expected: Expected, rows: tuple[Floats, Bools], window: Ints) -> Expected | None:
    """Return what was to be expected of every other window of the reference by those between; None where it has no two.

    Parameters
    ----------
    rows : inputs of the reference and what happened.
    """
    inputs, happened = rows
    learnt = window % 2 == 0
    if learnt.all() or not learnt.any() or len(np.unique(happened[learnt])) < 2:
        return None
    plain = asked(fitted(inputs[learnt], happened[learnt], expected.categorical), inputs[~learnt])
    known, true, windows = np.ones(len(plain), dtype=bool), happened[~learnt], window[~learnt]
    chance = by_luck(plain, true, windows, known)
    return replace(expected, known=known, happened=true, chance=chance, plain=plain, inputs=inputs[~learnt], windows=windows)


def _uneven(scene: Scene, held: Expected, rows: Ints) -> tuple[float, float]:
    """Return how much more counts by window and level vary in the reference than those of independent rows, and how far levels lie off.

    The first once the luck of windows is taken out (the median over columns); the second, as variance of the log-odds, over all windows.

    Parameters
    ----------
    rows : places of those of the reference of which every other window is held out.
    """
    other = scene.reference.frame[WINDOW].to_numpy()[rows] % 2 != 0
    ratios, offs = [], []
    for name in scene.places:
        code = scene.reference.frame[name].cat.codes.to_numpy().astype(np.int64)[rows][other] + 1
        ratios.append(_spread(held.windows * (code.max() + 1) + code, held.happened, held.chance))
        offs.append(_off(code, held.happened, held.chance))
    uneven = max(float(np.median(ratios)) if ratios else 1.0, 1.0)
    off, var = np.concatenate(offs, axis=1) if offs else (np.zeros(0), np.zeros(0))
    misfit = float((off**2 - var).sum() / (var**2).sum()) if var.any() else 0.0
    return uneven, max(misfit, 0.0)


def _luck(window: Ints, happened: Bools, chance: Floats) -> float:
    """Return the variance of counts by window in units of that by chance, or by longer stretches where that is more: weather lasts, and so
    may what is looked for."""
    found, length = [1.0], 1
    while window.max() // length + 1 >= LEAST_STRETCHES:
        found.append(_spread(window // length, happened, chance))
        length *= 2
    return max(found)


def _spread(cell: Ints, happened: Bools, chance: Floats) -> float:
    """Return the mean squared deviation of cells in units of their variance by chance."""
    off, var = _off(cell, happened, chance)
    return float((off[var > 1] ** 2 / var[var > 1]).mean()) if (var > 1).any() else 1.0


def _off(cell: Ints, happened: Bools, chance: Floats) -> Floats:
    """Return by how many rows cells lie off, and the variance of that by chance, (2, cells)."""
    size = int(cell.max()) + 1
    off = np.bincount(cell, weights=happened - chance, minlength=size)
    return np.stack([off, np.bincount(cell, weights=chance * (1 - chance), minlength=size)])
