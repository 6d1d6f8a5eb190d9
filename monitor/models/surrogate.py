"""A stand-in where there is no model file: boosted trees that learned the logged scores, never shown without how well they follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype
from threadpoolctl import threadpool_limits

from monitor.case import Case
from monitor.errors import ModelError
from monitor.models.estimators import known_classes
from monitor.models.frames import readable
from monitor.models.hist_boosting import forest_of
from monitor.models.model import Encoding, Floats, Ints, Model, Unit, threshold_of
from monitor.stats.explanation.trees import Forest, Tree
from monitor.vocabulary import Task
from monitor.watch import Cancel, Progress, Watch

FOLDS = 5
FEWEST_ROWS = 200
"""Rows with a score below which nothing is learned from them."""
FEWEST_BLOCKS = 2
_LEVELS = 250
"""Levels of a category that are told apart, the commonest; the trees know 255 codes."""
_FEWEST_OF_LEVEL = 10
"""Rows of a level below which its mean score is chance: levels that are hardly met again would only be learned by heart."""
_ROUNDS = 200
Levels = Mapping[str, Mapping[str, int] | None]
_OF_TREES = ("feature", "threshold", "missing_left", "left", "right", "value")
"""Arrays of a tree that splits by numbers alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A model that imitates the logged scores. `fidelity` is its R2 (share of their variance) on `folds` stretches of time that it had not
    seen, at most 1, below 0 where the mean score would do better; `n` rows were learned from. `levels` are the codes of each column's
    levels, None of numbers, `forest` the trees on them."""

    model: Model
    fidelity: float
    n: int
    folds: int
    levels: Levels
    forest: Forest


def fit_surrogate(
    rows: pd.DataFrame,
    score: Floats,
    case: Case,
    *,
    block: Ints | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Surrogate:
    """Learn the logged `score` from rows that hold nothing but features: (n,), of a multiclass case (n, classes) in the order of [roles].

    `block` (n,) numbers stretches of time, in order; without it the rows are taken to be in order of time.

    Raises
    ------
    ModelError
        Too few rows have a score, or they are all of one stretch of time, or there are no columns.
    CancelledError
        It was called off.
    """
    watch = Watch(progress, cancel)
    logged = np.asarray(score, dtype=np.float64).reshape(len(rows), -1)
    kept = np.asarray(np.isfinite(logged).all(axis=1))
    if kept.sum() < FEWEST_ROWS or not rows.shape[1]:
        raise ModelError(
            f"No stand-in for the model can learn from {int(kept.sum())} rows with a score and {rows.shape[1]} columns; "
            f"it takes {FEWEST_ROWS} rows. Name the model file in [model]."
        )
    frame, target = rows.loc[kept], logged[kept]
    fold = _folds(block[kept] if block is not None else None, len(frame))
    said, folds = np.full_like(target, np.nan), np.unique(fold)
    for i, held in enumerate(folds):
        watch.tell(i / (len(folds) + 1), "learning the logged scores")
        said[fold == held] = _learn(frame.loc[fold != held], target[fold != held], seed).margin(frame.loc[fold == held])
    watch.tell(len(folds) / (len(folds) + 1), "learning the logged scores")
    learned = _learn(frame, target, seed)
    return _surrogate(learned, case, fidelity=_r2(said, target), n=len(frame), folds=len(folds))


def packed(found: Surrogate) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return what a stand-in is made of, as arrays and JSON facts."""
    forest = found.forest
    arrays = {name: np.concatenate([getattr(tree, name) for tree in forest.trees]) for name in _OF_TREES}
    arrays |= {"nodes": np.array([len(tree.feature) for tree in forest.trees]), "of": np.array(forest.of), "base": forest.base}
    return arrays, {"fidelity": found.fidelity, "n": found.n, "folds": found.folds, "levels": dict(found.levels)}


def unpacked(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any], case: Case) -> Surrogate:
    """Return the stand-in that was packed."""
    ends = np.cumsum(arrays["nodes"])[:-1]
    parts = zip(*(np.split(arrays[name], ends) for name in _OF_TREES), strict=True)
    none = np.zeros((0, 0), dtype=np.bool_)
    trees = tuple(
        Tree(**dict(zip(_OF_TREES, part, strict=True)), codes=np.full(len(part[0]), -1), left_codes=none)
        for part in parts
    )  # fmt: skip
    forest = Forest(trees, tuple(arrays["of"].tolist()), arrays["base"])
    return _surrogate(_Learned(facts["levels"], forest), case, fidelity=facts["fidelity"], n=facts["n"], folds=facts["folds"])


def _surrogate(learned: _Learned, case: Case, *, fidelity: float, n: int, folds: int) -> Surrogate:
    return Surrogate(model=_model(learned, case), fidelity=fidelity, n=n, folds=folds, levels=learned.levels, forest=learned.forest)


@dataclass(frozen=True, slots=True)
class _Learned:
    """Trees on encoded rows, one set for each column of scores."""

    levels: Levels
    forest: Forest

    @property
    def encoding(self) -> Encoding:
        """How columns become numbers."""
        return _encoding(self.levels)

    def margin(self, rows: pd.DataFrame) -> Floats:
        """Return the imitated scores, (n, k)."""
        return self.forest.margin(self.encoding.encode(rows))


def _folds(block: Ints | None, n: int) -> Ints:
    """Return the fold of each row: stretches of neighbouring blocks with about as many rows each."""
    if block is None:
        return np.arange(n) * FOLDS // n
    different, of, counts = np.unique(block, return_inverse=True, return_counts=True)
    if len(different) < FEWEST_BLOCKS:
        return np.arange(n) * FOLDS // n
    middle = np.cumsum(counts) - counts / 2
    return np.asarray((middle * min(FOLDS, len(different)) / n).astype(np.int64)[of.reshape(-1)])


def _r2(said: Floats, logged: Floats) -> float:
    total = float(np.square(logged - logged.mean(axis=0)).sum())
    return 1.0 - float(np.square(logged - said).sum()) / total if total > 0 else float("nan")


def _encoding(levels: Levels) -> Encoding:
    """Return how columns become numbers: as they are, or as the rank of a level by its mean score (rare levels are missing)."""

    def encode(rows: pd.DataFrame) -> Floats:
        clean = readable(rows)
        return np.column_stack([_numbers(clean[name], levels[name]) for name in levels])

    return Encoding(encode, np.arange(len(levels)))


def _levels(column: pd.Series, score: Floats) -> Mapping[str, int] | None:
    """Return the code of each level of a column that is no number and no moment, else None."""
    if is_numeric_dtype(column.dtype) or is_bool_dtype(column.dtype) or is_datetime64_any_dtype(column.dtype):
        return None
    texts = column.astype(object).map(str, na_action="ignore").reset_index(drop=True)
    counts = texts.value_counts()
    common = sorted(counts.index[counts >= _FEWEST_OF_LEVEL], key=lambda level: (-counts[level], level))[:_LEVELS]
    means = pd.Series(score).groupby(texts).mean()
    return {level: code for code, level in enumerate(sorted(common, key=lambda level: (means[level], level)))}


def _numbers(column: pd.Series, levels: Mapping[str, int] | None) -> NDArray[np.float64]:
    if levels is not None:
        return column.astype(object).map(lambda value: levels.get(str(value), np.nan), na_action="ignore").to_numpy(np.float64)
    if is_datetime64_any_dtype(column.dtype):
        seconds = column.astype("datetime64[s]").astype(np.int64).to_numpy(np.float64)
        return np.where(column.isna(), np.nan, seconds)
    numbers = column.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _learn(frame: pd.DataFrame, target: Floats, seed: int) -> _Learned:
    from sklearn.ensemble import HistGradientBoostingRegressor

    levels: Levels = {str(name): _levels(frame[name], target[:, -1]) for name in frame.columns}
    parts, encoded = [], _encoding(levels).encode(frame)
    encoded[:, np.isnan(encoded).all(axis=0)] = 0.0  # a column without values is never split by, and cannot be cut into bins
    for k in range(target.shape[1]):
        booster = HistGradientBoostingRegressor(max_iter=_ROUNDS, min_samples_leaf=20, early_stopping=False, random_state=seed)
        with threadpool_limits(limits=1):  # on few rows threads wait for each other longer than they work
            parts.append(forest_of(booster.fit(encoded, target[:, k])))
    forest = Forest(
        trees=tuple(tree for part in parts for tree in part.trees),
        of=tuple(k for k, part in enumerate(parts) for _ in part.trees),
        base=np.concatenate([part.base for part in parts]),
    )
    return _Learned(levels, forest)


def _model(learned: _Learned, case: Case) -> Model:
    margin, task = learned.margin, case.task
    regression = task is Task.REGRESSION
    return Model(
        columns=tuple(learned.levels),
        task=task,
        description="stand-in that learned the logged scores",
        unit=Unit.VALUE if regression else Unit.PROBABILITY,
        margin=margin,
        chances=None if regression else (lambda rows: margin(rows) if task is Task.MULTICLASS else margin(rows)[:, 0]),
        answer=(lambda rows: margin(rows)[:, 0]) if regression else None,
        classes=() if regression else _classes(case, len(learned.forest.base)),
        threshold=threshold_of(case),
        encoding=learned.encoding,
        trees=learned.forest,
    )


def _classes(case: Case, scores: int) -> tuple[Any, ...]:
    """Return the classes that the scores are of; numbers where the case does not name them."""
    return tuple(known_classes(case) or range(max(2, scores)))
