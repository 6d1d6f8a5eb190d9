"""Attributions of rows, the outputs that they explain, and what a source of attributions can be asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from monitor.analyses.explanation_rows import SampledSide
from monitor.engine import Watch, Workspace
from monitor.models import Model, Reproduction
from monitor.tables import Skipped
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
LOG_ODDS, PROBABILITY, VALUE = "log-odds", "probability", "value"

FOLLOWS = 0.5
"""R2 on rows held out from which a stand-in says anything of the model: below it, it follows less than half of what scores do."""

MODEL, STAND_IN, BROUGHT = "model", "stand-in", "columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributions:
    """Attributions of the sampled rows of both sides, the reference's first.

    `values` (n, d, k) to `columns` for each of `classes` ("" where there is one score); they add up to `raw` (n, k) less `base` (k,), in
    `unit`, but for `error`. `source` is "model", "stand-in" or "columns"; a stand-in has a `fidelity` (R2 on rows held out), else nan.
    `background` rows of the reference stand for columns left out, 0 where that is not known. `softmax`: what the model answers of
    several classes is the softmax of their log-odds.
    """

    columns: tuple[str, ...]
    classes: tuple[str, ...]
    values: Floats
    raw: Floats
    base: Floats
    unit: str
    explainer: str
    error: float
    background: int
    source: str
    fidelity: float = float("nan")
    note: str = ""
    softmax: bool = False

    @property
    def trusted(self) -> bool:
        """Whether they say anything of the model: those of a stand-in that does not follow its scores do not."""
        return self.source != STAND_IN or self.fidelity >= FOLLOWS

    @property
    def log_odds(self) -> bool:
        """Whether they add up to log-odds."""
        return self.unit == LOG_ODDS

    def ordered(self, sides: tuple[SampledSide, SampledSide]) -> tuple[Floats, Floats]:
        """Return the numbers of the columns of both sides, (n, d) each; nan where a column has levels."""
        return numbers_of(sides[0].frame, self.columns), numbers_of(sides[1].frame, self.columns)


def numbers_of(frame: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Return columns as numbers, (n, d); nan where one has levels, or no value."""
    found = np.full((len(frame), len(columns)), np.nan)
    for j, name in enumerate(columns):
        if name in frame and is_number(frame[name]):
            found[:, j] = frame[name].to_numpy(dtype=float, na_value=np.nan)
    return found


def is_number(column: pd.Series[Any]) -> bool:
    """Say whether a column holds numbers, no levels."""
    return bool(is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype))


@dataclass(frozen=True, slots=True)
class Outputs:
    """Columns of what the model answered: `scores` by class ("" the positive one's), and the `prediction`."""

    scores: Mapping[str, str]
    prediction: str | None
    task: Task

    @classmethod
    def of(cls, workspace: Workspace) -> Outputs:
        """Read the roles of a case; columns that the data do not have are left out."""
        roles, known = workspace.case.roles, workspace.columns
        scores = roles.score if isinstance(roles.score, dict) else {} if roles.score is None else {"": roles.score}
        prediction = roles.prediction if roles.prediction in known else None
        return cls({klass: name for klass, name in scores.items() if name in known}, prediction, workspace.case.task)

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(dict.fromkeys((*self.scores.values(), *((self.prediction,) if self.prediction else ()))))

    @property
    def leading(self) -> str:
        """The one column of numbers that says what the model answered; empty where there are several, or only classes."""
        if self.task is Task.REGRESSION:
            return self.prediction or ""
        return next(iter(self.scores.values())) if len(self.scores) == 1 else ""

    def numbers(self, frame: pd.DataFrame) -> tuple[tuple[str, ...], Floats]:
        """Return classes, and what was logged for each in each row as a number, (n, k)."""
        named = dict(self.scores)
        if self.task is Task.REGRESSION or not named:
            named = {"": self.prediction} if self.prediction else named
        columns = [pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for name in named.values()]
        return tuple(named), np.array(columns, dtype=float).reshape(len(columns), len(frame)).T


class Plan(ABC):
    """How rows are explained: `notes` say what is to be known of it, `outputs` what was logged."""

    notes: tuple[Skipped, ...]
    outputs: Outputs

    @property
    @abstractmethod
    def reads(self) -> tuple[str, ...]:
        """Columns that are read of the rows."""

    @abstractmethod
    def explain(self, sides: tuple[SampledSide, SampledSide], watch: Watch) -> Attributions:
        """Explain the rows of both sides."""

    @abstractmethod
    def explain_more(self, reference: SampledSide, frame: pd.DataFrame, watch: Watch) -> Attributions:
        """Explain further rows as those of both sides are: against the background of the reference's sampled rows."""

    @property
    def model(self) -> Model | None:
        """What can be asked again; None where only attributions are known."""
        return None

    def reproduced(self, side: SampledSide) -> Reproduction | None:
        """Compare the model's answers with those that were logged; None where nothing can be compared."""
        return None
