"""What two models answered on the same rows, and the metrics of both with their difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.labels import Answers, Known
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.case.data import Roles
from monitor.engine import OutcomeRows, Wanted, Workspace
from monitor.stats.performance.binary import NO_POSITIVES, NONE_PREDICTED, SMALLEST_CHANCE, Binary
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.multiclass import Classes
from monitor.stats.performance.paired import Paired, paired_auc, paired_mean, paired_ratio, paired_share, paired_worth
from monitor.stats.performance.regression import Numbers
from monitor.vocabulary import Task

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Models:
    """The answers of the model in charge and of its challenger; `undecided`: nobody says from which score the challenger says positive."""

    current: Answers
    challenger: Answers
    undecided: bool = False

    @classmethod
    def of(cls, workspace: Workspace) -> Models:
        """Read the roles of a case, which names a challenger."""
        current, roles = Answers.of(workspace), workspace.case.roles
        scores = roles.challenger_score
        named = scores if isinstance(scores, dict) else {} if scores is None else {"": scores}
        challenger = replace(current, prediction=roles.challenger_prediction, scores=named)
        alone = current.prediction is not None and not current.stated
        return cls(current, challenger, alone and current.task is Task.BINARY and challenger.prediction is None)

    @property
    def wanted(self) -> Wanted:
        """Columns to read besides those of the model in charge."""
        return self.challenger.wanted(None)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Rows (n,) that `both` models decided, where they decided `apart`, and (of a binary task) where the one in charge said positive."""

    both: Bools
    apart: Bools
    positive: Bools


def answered_by_challenger(roles: Roles) -> bool:
    """Say whether a case names what a challenger answers."""
    return roles.challenger_prediction is not None or roles.challenger_score is not None


class Duel:
    """How rows of a case become metrics of two models."""

    def __init__(self, workspace: Workspace, models: Models, reads: tuple[OutcomeRows, OutcomeRows]) -> None:
        self.models, self.task = models, models.current.task
        self.outcomes = tuple(Outcome(workspace, answers, reads, None) for answers in (models.current, models.challenger))
        if self.task is Task.MULTICLASS:
            classes = tuple(sorted({name for one in self.outcomes for name in one.classes}))
            for one in self.outcomes:
                one.classes = classes

    def answered(self, read: OutcomeRows) -> Bools:
        """Return the rows that both models answered, (n,)."""
        both = [_answered(answers, read, self.task) for answers in (self.models.current, self.models.challenger)]
        return np.asarray(both[0] & both[1])

    def found(self, known: Known, window: Ints, windows: int, kept: Bools) -> dict[str, Paired]:
        """Return every metric of the kept rows that have a label and an answer of both models, by its id; `window` (n,) -1: in none."""
        side = Side(known, window, windows)
        rows, at = side.of(kept & self.answered(known.read))
        if self.task is Task.REGRESSION:
            return dict(paired_numbers(*(one.numbers_of(rows, at, known.read) for one in self.outcomes)))
        if self.task is Task.MULTICLASS:
            return dict(_classes(*(one.classes_of(rows, at, known.read) for one in self.outcomes)))
        current, challenger = (one.binary_of(rows, at, known.read) for one in self.outcomes)
        if self.models.undecided:
            challenger = replace(challenger, decision=None)
        return dict(paired_binary(current, challenger))

    def differing(self, known: Known) -> Decisions:
        """Return which rows both models decided, labelled or not, and where their decisions differ."""
        read = known.read
        n = len(read.window)
        both, none = self.answered(read), np.zeros(n, dtype=bool)
        everyone = Side(replace(known, labelled=np.ones(n, dtype=bool)), np.zeros(n, dtype=np.int64), 1)
        rows, at = everyone.of(both)
        told = self._decisions(rows, at, read)
        if told is None:
            return Decisions(none, none, none)
        apart, first = none.copy(), none.copy()
        apart[at], first[at] = told[0] != told[1], told[0] > 0
        return Decisions(both, apart, first)

    def _decisions(self, rows: Labelled, at: Bools, read: OutcomeRows) -> tuple[Ints, Ints] | None:
        if self.task is Task.REGRESSION or self.models.undecided:
            return None
        if self.task is Task.MULTICLASS:
            first, second = (one.classes_of(rows, at, read).decision for one in self.outcomes)
        else:
            first, second = (_coded(one.binary_of(rows, at, read).decision) for one in self.outcomes)
        return None if first is None or second is None else (first, second)


def _coded(decision: Bools | None) -> Ints | None:
    return None if decision is None else decision.astype(np.int64)


def _answered(answers: Answers, read: OutcomeRows, task: Task) -> Bools:
    if task is Task.REGRESSION:
        return np.asarray(np.isfinite(read.numbers[str(answers.prediction)]))
    if answers.prediction is not None:
        return np.asarray(read.levels[answers.prediction].code >= 0)
    return np.asarray(np.all([np.isfinite(read.numbers[column]) for column in answers.scores.values()], axis=0))


def paired_binary(one: Binary, two: Binary) -> Iterator[tuple[str, Paired]]:
    """Yield what labels say of two models of a binary task, by id of the metric."""
    rows, label = one.rows, one.label
    if one.decision is not None and two.decision is not None:
        yield from _decided(one, two)
    if one.score is None or two.score is None:
        return
    known = np.isfinite(one.score) & np.isfinite(two.score)
    rows, label, first, second = rows.take(known), label[known], one.score[known], two.score[known]
    yield "roc_auc", paired_auc(rows, label, first, second)
    if rows.size and all(score.min() >= 0 and score.max() <= 1 and not np.isin(score, (0, 1)).all() for score in (first, second)):
        yield "brier", paired_mean(rows, (first - label) ** 2, (second - label) ** 2)
        yield "log_loss", paired_mean(rows, _log_loss(label, first), _log_loss(label, second))


def _log_loss(label: Bools, score: Floats) -> Floats:
    held = np.clip(score, SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)
    return np.asarray(-np.log(np.where(label, held, 1 - held)))


def _decided(one: Binary, two: Binary) -> Iterator[tuple[str, Paired]]:
    """Yield the metrics of decisions; both models decided every row."""
    rows, label, first, second = one.rows, one.label, np.asarray(one.decision), np.asarray(two.decision)
    every = np.ones(rows.size, dtype=bool)
    if one.worth is not None:
        yield "value", paired_worth(rows, label, first, second, one.worth)
    yield "accuracy", paired_share(rows, first == label, second == label, every)
    yield "recall", paired_share(rows, first, second, label, why=NO_POSITIVES)
    yield "false_positive_rate", paired_share(rows, first, second, ~label)
    hits = (first & label).astype(float), (second & label).astype(float)
    yield "precision", paired_ratio(rows, (hits[0], first.astype(float)), (hits[1], second.astype(float)), why=NONE_PREDICTED)
    yield "selection_rate", paired_share(rows, first, second, every)


def paired_numbers(one: Numbers, two: Numbers) -> Iterator[tuple[str, Paired]]:
    """Yield what labels say of two models of a regression, by id of the metric."""
    errors = one.prediction - one.label, two.prediction - two.label
    yield "mae", paired_mean(one.rows, np.abs(errors[0]), np.abs(errors[1]))
    yield "mse", paired_mean(one.rows, errors[0] ** 2, errors[1] ** 2)
    yield "bias", paired_mean(one.rows, errors[0], errors[1])


def _classes(one: Classes, two: Classes) -> Iterator[tuple[str, Paired]]:
    rows, label, every = one.rows, one.label, np.ones(one.rows.size, dtype=bool)
    if one.decision is not None and two.decision is not None:
        yield "accuracy", paired_share(rows, one.decision == label, two.decision == label, every)
    if one.score is not None and two.score is not None:
        own = [np.take_along_axis(score, np.maximum(label, 0)[:, None], axis=1)[:, 0] for score in (one.score, two.score)]
        losses = [np.where(label >= 0, -np.log(np.clip(np.where(np.isfinite(p), p, np.nan), SMALLEST_CHANCE, 1.0)), np.nan) for p in own]
        yield "log_loss", paired_mean(rows, losses[0], losses[1])
