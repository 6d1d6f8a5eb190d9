"""A model as everything above sees it: rows in, margins, probabilities and answers out; and what an explainer may know of its inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case import Case
from monitor.errors import ColumnMissingError, ModelError, nearest
from monitor.stats.explanation.trees import Forest
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Answering = Callable[[pd.DataFrame], Floats]

HALF = 0.5
"""Probability from which a binary model says positive where the case names no threshold."""


def threshold_of(case: Case) -> float:
    """Return the probability from which the model of a case says positive."""
    return HALF if case.roles.threshold is None else float(case.roles.threshold)


class Unit(StrEnum):
    """What the margin of a model is measured in: where its attributions add up."""

    LOG_ODDS = "log-odds"
    PROBABILITY = "probability"
    MARGIN = "margin"
    VALUE = "value"
    LOG_VALUE = "log of the value"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a model turns rows into numbers: `encode` gives (n, p), `origin` (p,) the position of the column that each number is made of."""

    encode: Callable[[pd.DataFrame], Floats]
    origin: Ints


@dataclass(frozen=True, slots=True)
class Linear:
    """A margin that is a weighted sum of the encoded columns: `weights` (k, p)."""

    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model of a case.

    `columns` are what it reads, in its order. `classes` are (negative, positive) of a binary model, all of a multiclass one, none of a
    regression. `margin` gives (n, 1) or (n, classes) in `unit`; `chances` (n,) or (n, classes), where there are probabilities; `answer`
    (n,) the prediction, None of a binary model, whose answer is whether it reaches the `threshold`. `encoding` with `trees` or `linear` is
    what can be explained exactly; `native` an object that shap's tree explainer may know, on encoded rows, with
    the `positive` class at that place. `types_found` are types beyond
    those that skops knows, which the file needed and which are known to hold no code.
    """

    columns: tuple[str, ...]
    task: Task
    description: str
    unit: Unit
    margin: Answering = field(repr=False)
    chances: Answering | None = field(default=None, repr=False)
    answer: Callable[[pd.DataFrame], NDArray[Any]] | None = field(default=None, repr=False)
    classes: tuple[Any, ...] = ()
    threshold: float = HALF
    encoding: Encoding | None = field(default=None, repr=False)
    trees: Forest | None = field(default=None, repr=False)
    linear: Linear | None = field(default=None, repr=False)
    native: Any = field(default=None, repr=False)
    positive: int = 1
    types_found: tuple[str, ...] = ()
    estimator: Any = field(default=None, repr=False)
    """What was fitted with scikit-learn, and may be fitted anew; None: nothing is known of how it was."""

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns that the model reads, in its order.

        Raises
        ------
        ColumnMissingError
            One is not there.
        """
        for name in self.columns:
            if name not in frame.columns:
                raise ColumnMissingError(
                    f"The model reads a column '{name}', which these rows do not have.{nearest(name, map(str, frame.columns))}"
                )
        return frame[list(self.columns)]

    def raw(self, frame: pd.DataFrame) -> Floats:
        """Return the margin in `unit`: (n,) of a binary model (of the positive class) or a regression, else (n, classes)."""
        margin = self.margin(self.rows(frame))
        return margin if self.task is Task.MULTICLASS else margin[:, 0]

    def probability(self, frame: pd.DataFrame) -> Floats:
        """Return probabilities: (n,) of the positive class, or (n, classes).

        Raises
        ------
        ModelError
            The model gives none.
        """
        if self.chances is None:
            raise ModelError(f"The model ({self.description}) gives no probabilities, only a {self.unit}.")
        return self.chances(self.rows(frame))

    def predict(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Return what the model says of each row, (n,): a class (as in `classes`) or a value."""
        rows = self.rows(frame)
        if self.task is Task.REGRESSION and self.answer is not None:
            return self.answer(rows)
        classes = np.array(self.classes, dtype=object)
        if self.task is Task.MULTICLASS:
            return np.asarray(classes[self.margin(rows).argmax(axis=1)])
        reached = self.chances(rows) >= self.threshold if self.chances is not None else self.margin(rows)[:, 0] >= 0.0
        return np.asarray(classes[reached.astype(np.int64)])
