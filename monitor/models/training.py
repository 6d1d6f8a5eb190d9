"""Models fitted anew: the case's own recipe where it is known, else trees; and how unlike rows of two times are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from monitor.case import Case
from monitor.errors import ModelError
from monitor.models.frames import readable
from monitor.models.loading import load_model
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scoring = Callable[[pd.DataFrame], Floats]

ROUNDS, LEAF = 80, 60
LEVELS = 200
"""Levels of a column that trees tell apart: the commonest."""
LEARNED = 10_000
"""Rows of each time that are told apart by."""
LIKELY = 20.0
"""How many times as likely rows of one time may be in the other, at most, for weights."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is fitted: `columns` that it reads, `own` the case's own estimator, None: trees of ours; `why` it is not the case's."""

    columns: tuple[str, ...]
    task: Task
    own: Any = None
    why: str = ""

    def fit(self, frame: pd.DataFrame, label: Floats, weight: Floats | None = None) -> Scoring:
        """Fit on rows with a label (n,), 0 or 1 of a binary task; return what gives chances, or values, of rows.

        Raises
        ------
        ModelError
            The rows hold one class only, or the estimator refuses them.
        """
        if self.task is Task.BINARY and len(np.unique(label)) < 2:
            raise ModelError("Nothing can be learned from rows that are all of one class.")
        return self._own(frame, label, weight) if self.own is not None else self._trees(frame, label, weight)

    def _own(self, frame: pd.DataFrame, label: Floats, weight: Floats | None) -> Scoring:
        from sklearn.base import clone

        estimator, rows = clone(self.own), readable(frame[list(self.columns)])
        steps = getattr(estimator, "steps", None)
        key = f"{steps[-1][0]}__sample_weight" if steps else "sample_weight"
        try:
            fitted(estimator, rows, self._target(label), **({} if weight is None else {key: weight}))
        except (TypeError, ValueError) as error:
            raise ModelError(f"The model of the case cannot be fitted anew: {error}") from error
        return lambda more: self._said(estimator, readable(more[list(self.columns)]))

    def _target(self, label: Floats) -> NDArray[Any]:
        return label if self.task is Task.REGRESSION else label.astype(np.int64)

    def _said(self, estimator: Any, rows: Any) -> Floats:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            said = estimator.predict_proba(rows)[:, 1] if self.task is Task.BINARY else estimator.predict(rows)
        return np.asarray(said, dtype=np.float64)

    def _trees(self, frame: pd.DataFrame, label: Floats, weight: Floats | None) -> Scoring:
        encode = encoder(frame[list(self.columns)])
        estimator = _trees(self.task, ROUNDS)
        fitted(estimator, encode(frame), self._target(label), sample_weight=weight)
        return lambda more: self._said(estimator, encode(more))


def _trees(task: Task, rounds: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if task is Task.REGRESSION else HistGradientBoostingClassifier
    return kind(max_iter=rounds, learning_rate=0.08, min_samples_leaf=LEAF, early_stopping=False, random_state=0)


def recipe_of(case: Case, columns: tuple[str, ...]) -> Recipe:
    """Return how the model of a case can be fitted anew: as it is where it is one of scikit-learn's, else as trees on its columns."""
    if case.model is None or not case.model.path:
        return Recipe(columns, case.task, why="the case names no model file")
    try:
        model = load_model(case)
    except ModelError as error:
        return Recipe(columns, case.task, why=str(error))
    able = model.estimator is not None and hasattr(model.estimator, "get_params") and (case.task is not Task.BINARY or model.chances)
    if not able:
        return Recipe(columns, case.task, why="its file does not say how the model was fitted")
    return Recipe(model.columns, case.task, own=model.estimator)


def encoder(frame: pd.DataFrame) -> Callable[[pd.DataFrame], Floats]:
    """Return what turns rows into numbers: numbers as they are, levels as their rank by how common they are (rare ones missing)."""
    levels = {str(name): _ranks(frame[name]) for name in frame.columns}

    def encode(rows: pd.DataFrame) -> Floats:
        clean = readable(rows[list(levels)])
        return np.column_stack([_numbers(clean[name], ranks) for name, ranks in levels.items()])

    return encode


def _ranks(column: pd.Series[Any]) -> dict[str, int] | None:
    if is_numeric_dtype(column.dtype) or is_bool_dtype(column.dtype):
        return None
    texts = column.dropna().astype(str).value_counts()
    return {str(level): at for at, level in enumerate(texts.index[:LEVELS])}


def _numbers(column: pd.Series[Any], ranks: dict[str, int] | None) -> Floats:
    if ranks is None:
        return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    return np.asarray(column.map(lambda value: ranks.get(str(value), np.nan), na_action="ignore"), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the rows of one time are to those of another: `weight` (n,) how many times as likely each is in the other, 1 on average;
    `auc` of telling them apart on rows held out; `worth` rows that the weighted ones count as."""

    weight: Floats
    auc: float
    worth: float


def likeness(frame: pd.DataFrame, toward: pd.DataFrame) -> Likeness:
    """Return the density ratio of rows by a classifier of both (Bickel et al. 2009), each row judged by trees that never saw it.

    Of many rows a sample is learned from; every row is weighed.
    """
    from sklearn.metrics import roc_auc_score

    both = pd.concat([frame, toward], ignore_index=True)
    there = np.r_[np.zeros(len(frame)), np.ones(len(toward))].astype(int)
    draw = np.random.default_rng(0)
    half, rows = draw.permutation(len(both)) % 2, encoder(both)(both)
    chance, odds = np.empty(len(both)), np.empty(len(both))
    for held in (0, 1):
        sides = [draw.permutation(np.flatnonzero((half != held) & (there == side)))[:LEARNED] for side in (0, 1)]
        learn = np.concatenate(sides)
        trees = fitted(_trees(Task.BINARY, 40), rows[learn], there[learn])
        part = half == held
        chance[part] = trees.predict_proba(rows[part])[:, 1]
        odds[part] = chance[part] / np.maximum(1 - chance[part], 1e-9) * len(sides[0]) / len(sides[1])
    weight = np.clip(odds[: len(frame)], 1 / LIKELY, LIKELY)
    weight = weight / weight.mean()
    return Likeness(weight, float(roc_auc_score(there, chance)), float(weight.sum() ** 2 / (weight**2).sum()))


def fitted(estimator: Any, rows: Any, label: Any, **more: Any) -> Any:
    """Fit with one thread: on busy cores threads that wait for each other cost many times what they save. Trees refuse a column without
    any value, which tells them nothing: it is 0 for them."""
    from threadpoolctl import threadpool_limits

    if isinstance(rows, np.ndarray):
        rows = np.where(np.isnan(rows).all(axis=0), 0.0, rows)
    with threadpool_limits(1):
        return estimator.fit(rows, label, **more)
