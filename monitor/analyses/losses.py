"""The losses of rows of a case whose labels are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.labels import Answers, Known, positives_of
from monitor.engine import OutcomeRows, Workspace
from monitor.errors import MethodError
from monitor.stats.performance.losses import binary_losses, class_losses, is_a_class, regression_losses
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lost:
    """Losses of the rows of one side: `values` (m, n) by `names`, `rows` (n,) which have all of them and a label; `label` (n,) as a number
    (classes: position), `score` (n,) or (n, k) what the model answered, of all rows."""

    names: tuple[str, ...]
    values: Floats
    rows: Bools
    label: Floats
    score: Floats


def alike(both: tuple[Lost, Lost]) -> tuple[Lost, Lost]:
    """Return the losses of both sides, of which one has what the other has.

    Raises
    ------
    MethodError
        Answers of one side allow other losses, as scores do that leave 0 to 1.
    """
    first, second = both
    if first.names != second.names:
        told = f"{', '.join(first.names) or 'nothing'} in the reference, {', '.join(second.names) or 'nothing'} in production"
        raise MethodError(f"The two sides cannot be compared: answers allow {told}. Look whether scores lie in 0 to 1 on both.")
    return both


class Losing:
    """How rows of a case become losses."""

    def __init__(self, workspace: Workspace, answers: Answers, sides: tuple[OutcomeRows, OutcomeRows]) -> None:
        self.answers = answers
        self.positive: dict[str, str | None] = {}
        self.classes: tuple[str, ...] = ()
        self.hard = False
        if answers.task is Task.BINARY:
            self.positive = positives_of(answers, sides, workspace)
            self.hard = bool(answers.scores) and any(is_a_class(side.numbers[answers.scores[""]]) for side in sides)
        elif answers.task is Task.MULTICLASS:
            known = {name for side in sides for name in side.levels[answers.label].names}
            self.classes = tuple(sorted(known | set(answers.scores) - {""}))

    def of(self, known: Known) -> Lost:
        """Return the losses of one side.

        Raises
        ------
        MethodError
            Nothing that the model answers can be set beside a label.
        """
        made = {Task.BINARY: self._binary, Task.MULTICLASS: self._classes, Task.REGRESSION: self._numbers}
        losses, label, score = made[self.answers.task](known.read)
        if not losses:
            raise MethodError("The score is no probability and the case names no prediction: nothing can be set beside a label. Name one.")
        values = np.array(list(losses.values()))
        rows = known.labelled & np.isfinite(values).all(axis=0) & (known.read.window >= 0)
        return Lost(tuple(losses), values, rows, label, score)

    def _binary(self, read: OutcomeRows) -> tuple[dict[str, Floats], Floats, Floats]:
        answers = self.answers
        label = read.levels[answers.label].are(str(self.positive[answers.label]))
        score = read.numbers[answers.scores[""]] if answers.scores else None
        decision = None
        if answers.prediction is not None:
            predicted = read.levels[answers.prediction]
            decision = predicted.are(str(self.positive[answers.prediction]))
        answered = score if score is not None else np.asarray(decision, dtype=float)
        if self.hard and score is not None:  # a class is no probability: it is right or wrong
            decision = score >= answers.threshold if decision is None else decision
            losses = binary_losses(label, None, decision)
            losses["accuracy"][~np.isfinite(score)] = np.nan
            return losses, label.astype(float), answered
        return binary_losses(label, score, decision), label.astype(float), answered

    def _numbers(self, read: OutcomeRows) -> tuple[dict[str, Floats], Floats, Floats]:
        label, prediction = read.numbers[self.answers.label], read.numbers[str(self.answers.prediction)]
        return regression_losses(label, prediction), label, prediction

    def _classes(self, read: OutcomeRows) -> tuple[dict[str, Floats], Floats, Floats]:
        place = {name: i for i, name in enumerate(self.classes)}

        def coded(column: str) -> Ints:
            levels = read.levels[column]
            return np.array([*(place.get(name, -1) for name in levels.names), -1], dtype=np.int64)[levels.code]

        label, score = coded(self.answers.label), None
        if set(self.answers.scores) >= set(self.classes):
            score = np.column_stack([read.numbers[self.answers.scores[name]] for name in self.classes])
        decision = None if self.answers.prediction is None else coded(self.answers.prediction)
        if decision is None and score is not None:
            decision = np.argmax(np.nan_to_num(score, nan=-1.0), axis=1)
        answered = score if score is not None else np.asarray(decision, dtype=float)
        return class_losses(label, decision, score), label.astype(float), answered
