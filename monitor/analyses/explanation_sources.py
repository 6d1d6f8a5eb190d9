"""Where attributions come from: the model file, a stand-in that learned the logged scores, or columns that the case brings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from scipy import special

from monitor.analyses.explanation_rows import SampledSide, Sampling
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Watch, Workspace
from monitor.errors import ColumnMissingError, MethodError, ModelError
from monitor.models import Explanation, Model, Reproduction, explain, fit_surrogate, load_model, reproduce
from monitor.tables import Skipped
from monitor.vocabulary import Role, Task
from monitor.wording import list_text, number_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BACKGROUND = 50
"""Rows of the reference that columns left out take their values from."""
LEARNED = 8_000
"""Rows of the reference that a stand-in learns from."""
OFF = 1e-3
"""How far from the score brought attributions may add up, in probability, or in parts of the spread of a prediction: scores are rounded."""
CHANCE = 1e-9
"""Probability that certain scores are held away from 0 and 1."""
LOG_ODDS, PROBABILITY, VALUE = "log-odds", "probability", "value"
FOLLOWS = 0.5
"""R2 on rows held out from which a stand-in says anything of the model: below it, it follows less than half of what scores do."""
MODEL, STAND_IN, BROUGHT = "model", "stand-in", "columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributions:
    """Attributions of the sampled rows of both sides, the reference's first.

    `values` (n, d, k) to `columns` for each of `classes` ("" where there is one score); they add up to `raw` (n, k) less `base` (k,), in
    `unit`, but for `error`. `source` is "model", "stand-in" or "columns"; a stand-in has a `fidelity` (R2 on rows held out), else nan.
    `background` rows of the reference stand for columns left out, 0 where that is not known.
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


def plan_of(workspace: Workspace, question: Question, watch: Watch) -> Plan:
    """Return how the rows of a case are explained: by attributions that it brings, by its model file, else by a stand-in.

    Raises
    ------
    ModelError
        The model cannot be loaded, or nothing can be learned from the logged scores.
    ColumnMissingError
        The data lack columns that the model reads, or attributions that the case names.
    """
    section = workspace.case.model
    outputs = Outputs.of(workspace)
    if section is not None and section.attributions:
        return brought(workspace, outputs)
    if section is not None:
        watch.tell(0.0, "loading the model")
        model = load_model(workspace.case)
        lacking = [name for name in model.columns if name not in workspace.columns]
        if lacking:
            named = list_text([f"'{name}'" for name in lacking])
            raise ColumnMissingError(f"The model reads {named}, which neither reference nor production has, so nothing can be explained.")
        return ByModel(model, outputs, MODEL, float("nan"), question.seed)
    return _stand_in(workspace, question, outputs, watch)


def _stand_in(workspace: Workspace, question: Question, outputs: Outputs, watch: Watch) -> Plan:
    """Learn the logged scores of the reference from the features that both sides have."""
    case = workspace.case
    both = [info.name for info in workspace.columns.values() if set(info.types) >= {"reference", "production"}]
    columns = tuple(name for name in both if workspace.columns[name].role is Role.FEATURE)
    if not columns:
        raise ModelError("There is no column that the model could have read on both sides. Name them in [roles] features.")
    sampling = Sampling(workspace, (*columns, *outputs.columns), LEARNED, question.seed, cancel=watch.cancel)
    timed = not case.windows.calendar or workspace.schema.time(question.reference.data) is not None
    side = sampling.production(question.reference, case.windows if timed else WindowSize(1, "whole"))
    _, logged = outputs.numbers(side.frame)
    if not logged.shape[1]:
        raise ModelError("The case names neither a model file nor scores that a stand-in could learn from. Name one in case.toml.")
    features = side.frame[list(columns)]
    found = fit_surrogate(
        features, logged, case, block=side.block, seed=question.seed, progress=watch.progress, cancel=watch.cancel
    )  # fmt: skip
    told = (
        f"The case names no model file: a stand-in learned its scores (R² {number_text(found.fidelity, 2)} on rows that it had not seen)."
    )
    return ByModel(found.model, outputs, STAND_IN, found.fidelity, question.seed, (Skipped("model", "no_model", told),))


@dataclass(frozen=True, slots=True)
class ByModel(Plan):
    """Explain by asking a model: that of the case, or a stand-in with its `fidelity`."""

    asked: Model
    outputs: Outputs
    source: str
    fidelity: float
    seed: int
    notes: tuple[Skipped, ...] = ()

    @property
    def model(self) -> Model:
        """What can be asked again."""
        return self.asked

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the model, and what was logged."""
        return tuple(dict.fromkeys((*self.asked.columns, *self.outputs.columns)))

    def explain(self, sides: tuple[SampledSide, SampledSide], watch: Watch) -> Attributions:
        """Explain the rows of both sides against one background."""
        frame = pd.concat([side.frame[list(self.asked.columns)] for side in sides], ignore_index=True)
        return self.explain_more(sides[0], frame, watch)

    def explain_more(self, reference: SampledSide, frame: pd.DataFrame, watch: Watch) -> Attributions:
        """Ask the model of further rows."""
        background = self.background(reference)
        found = explain(
            self.asked, frame[list(self.asked.columns)], background, seed=self.seed, progress=watch.progress, cancel=watch.cancel
        )
        return attributions_of(found, self, len(background))

    def background(self, reference: SampledSide) -> pd.DataFrame:
        """Return the rows of the reference that columns left out take their values from."""
        draw = np.random.default_rng(self.seed)
        picked = np.sort(draw.permutation(reference.n)[:BACKGROUND])
        return reference.frame[list(self.asked.columns)].iloc[picked]

    def reproduced(self, side: SampledSide) -> Reproduction | None:
        """Compare the model's answers with those that were logged; None of a stand-in, or where nothing comparable was."""
        if self.source == STAND_IN or not self.outputs.columns:
            return None
        scores = self._logged(side.frame)
        prediction = None if self.outputs.prediction is None else side.frame[self.outputs.prediction].to_numpy(dtype=object)
        window = [side.windows.ids[one] for one in side.window]
        try:
            return reproduce(self.asked, side.frame, score=scores, prediction=prediction, window=window)
        except ModelError:  # nothing was logged that the model gives too: there is nothing to compare
            return None

    def _logged(self, frame: pd.DataFrame) -> Floats | None:
        """Return the logged scores as the model gives them: of one class (n,), or of all in its order (n, classes); None without."""
        classes, logged = self.outputs.numbers(frame)
        if not self.outputs.scores:
            return None
        if len(classes) == 1:
            return logged[:, 0]
        names = [str(one) for one in self.asked.classes]
        return logged[:, [classes.index(name) for name in names]] if set(names) <= set(classes) else None


def attributions_of(found: Explanation, plan: ByModel, background: int) -> Attributions:
    """Return an explanation with its classes by name."""
    several = found.values.ndim == 3
    values = found.values if several else found.values[:, :, None]
    return Attributions(
        columns=found.columns,
        classes=tuple(str(one) for one in plan.asked.classes) if several else ("",),
        values=values,
        raw=found.raw if several else found.raw[:, None],
        base=np.atleast_1d(found.base),
        unit=str(found.unit),
        explainer=found.explainer,
        error=found.additivity_error,
        background=background,
        source=plan.source,
        fidelity=plan.fidelity,
        note=found.note,
    )


def brought(workspace: Workspace, outputs: Outputs) -> Plan:
    """Return the plan that takes attributions from columns of the data.

    Raises
    ------
    ColumnMissingError
        The data have none that is called so.
    """
    section = workspace.case.model
    both = {name for name, info in workspace.columns.items() if set(info.types) >= {"reference", "production"}}
    named = {} if section is None else {section.explained(name): name for name in both if section.explained(name)}
    found = tuple(sorted(named, key=list(workspace.columns).index if set(named) <= set(workspace.columns) else None))
    if section is None or not found:
        pattern = "" if section is None else section.attributions
        raise ColumnMissingError(
            f"[model] says that attributions are called '{pattern}', but no column of both sides is. Look at their names."
        )
    if not outputs.columns:
        raise ColumnMissingError("Attributions need what they add up to: name the score or prediction in [roles].")
    if len(outputs.scores) > 1:
        raise MethodError(
            "Attributions as columns are read of one score only, not of several classes. Name the model file in [model] instead."
        )
    return FromColumns(found, tuple(named[name] for name in found), outputs, frozenset(workspace.columns))


@dataclass(frozen=True, slots=True)
class FromColumns(Plan):
    """Take attributions of `columns` from the data, where they are called `called`; they must add up to the logged score.
    `known` are all columns that the data have."""

    columns: tuple[str, ...]
    called: tuple[str, ...]
    outputs: Outputs
    known: frozenset[str]
    notes: tuple[Skipped, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the model, their attributions, and what was logged."""
        return tuple(dict.fromkeys((*(name for name in self.columns if name in self.known), *self.called, *self.outputs.columns)))

    def explain(self, sides: tuple[SampledSide, SampledSide], watch: Watch) -> Attributions:
        """Read the attributions of both sides; rows of which some are missing are told, never guessed.

        Raises
        ------
        ModelError
            They do not add up to the log-odds of the score, nor to the score.
        """
        watch.tell(0.0, "reading attributions")
        return self._read(pd.concat([side.frame for side in sides], ignore_index=True))

    def explain_more(self, reference: SampledSide, frame: pd.DataFrame, watch: Watch) -> Attributions:
        """Read those of further rows, which must add up with the base of the reference's."""
        found = self._read(pd.concat([reference.frame, frame], ignore_index=True))
        return replace(found, values=found.values[reference.n :], raw=found.raw[reference.n :])

    def _read(self, frame: pd.DataFrame) -> Attributions:
        values = numbers_of(frame.astype(dict.fromkeys(self.called, float)), self.called)
        _, logged = self.outputs.numbers(frame)
        if not np.isfinite(values).all() or not np.isfinite(logged).all():
            lost = int((~np.isfinite(values).all(axis=1) | ~np.isfinite(logged).all(axis=1)).sum())
            raise ModelError(f"{lost} of {len(frame)} rows lack an attribution or the score: leave them out with a condition.")
        raw, base, unit, error = _adding_up(values, logged[:, 0], self.outputs.task)
        return Attributions(
            columns=self.columns, classes=("",), values=values[:, :, None], raw=raw[:, None], base=np.array([base]), unit=unit,
            explainer="attributions of the case", error=error, background=0, source=BROUGHT,
        )  # fmt: skip


def _adding_up(values: Floats, logged: Floats, task: Task) -> tuple[Floats, float, str, float]:
    """Find what attributions add up to, with one base for all rows: the log-odds of the score, else the score itself."""
    total, tried = values.sum(axis=1), []
    for unit in (LOG_ODDS, PROBABILITY) if task is Task.BINARY else (VALUE,):
        log_odds = unit == LOG_ODDS
        rest = (special.logit(np.clip(logged, CHANCE, 1 - CHANCE)) if log_odds else logged) - total
        base = float(np.median(rest))
        said = special.expit(base + total) if log_odds else base + total
        error = float(np.abs(said - logged).max())
        if error <= OFF * (1.0 if log_odds else float(np.ptp(logged))):
            return base + total, base, unit, error
        tried.append(f"{number_text(error, 2)} as {unit}")
    raise ModelError(
        f"The attributions that the case brings do not add up to its {'score' if task is Task.BINARY else 'prediction'} with one base: "
        f"rows are off by up to {' or '.join(tried)}. They are not shown."
    )
