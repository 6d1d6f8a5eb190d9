"""How rows of a case become metrics, of all rows and of segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.labels import Answers, positive_of
from monitor.analyses.performance_evidence import binary_evidence, regression_evidence
from monitor.analyses.performance_rows import Side
from monitor.engine import OutcomeRows, Workspace
from monitor.stats.performance.binary import Binary, binary_metrics
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.multiclass import Classes, multiclass_metrics
from monitor.stats.performance.regression import Numbers, regression_metrics
from monitor.vocabulary import Task

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_SEGMENTS = 20
"""Levels of a column that metrics are told of: the commonest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One metric of one segment and class: in production by window, in the reference's own windows and in the whole reference."""

    segment: str
    klass: str
    metric: str
    production: Estimate
    own: Estimate
    whole: Estimate

    @property
    def name(self) -> str:
        """Its name among the others."""
        return "~".join(part for part in (self.metric, self.klass, self.segment) if part)


def segments_of(by: str | None, production: OutcomeRows) -> list[tuple[str, str]]:
    """Return pairs of (condition, level): all rows first, then the commonest levels."""
    if by is None:
        return [("", "")]
    levels = production.levels[by]
    count = np.bincount(levels.code[levels.code >= 0], minlength=len(levels.names))
    shown = np.argsort(-count, kind="stable")[:MOST_SEGMENTS]
    name = by if by.isidentifier() else '"' + by.replace('"', '""') + '"'
    conditions = [(f"{name} = '{levels.names[i].replace(chr(39), chr(39) * 2)}'", levels.names[i]) for i in shown.tolist()]
    return [("", ""), *conditions]


class Outcome:
    """How rows of a case become metrics."""

    def __init__(self, workspace: Workspace, answers: Answers, sides: tuple[OutcomeRows, OutcomeRows], by: str | None) -> None:
        self.answers, self.task, self.by = answers, answers.task, by
        self.positive: dict[str, str | None] = {}
        self.classes: tuple[str, ...] = ()
        if self.task is Task.BINARY:
            for column in filter(None, (answers.label, answers.prediction)):
                self.positive[column] = positive_of(tuple(side.levels[column] for side in sides), workspace, column)
        elif self.task is Task.MULTICLASS:
            known = {name for side in sides for name in side.levels[answers.label].names}
            self.classes = tuple(sorted(known | set(answers.scores) - {""}))

    @property
    def every(self) -> frozenset[str]:
        """Every metric that the task has."""
        return frozenset(one.id for one in METRICS.values() if self.task in one.tasks)

    def tracks(self, segment: tuple[str, str], sides: tuple[Side, Side], wanted: frozenset[str]) -> Iterator[Track]:
        """Yield the metrics of a segment."""
        reference, production = sides
        kept = [self._in(side, *segment) for side in sides]
        whole = Side(reference.known, np.where(reference.window >= 0, 0, -1), 1)
        own, all_of = self._found(reference, kept[0]), self._found(whole, kept[0])
        for key, estimate in self._found(production, kept[1]).items():
            if key[0] in wanted and key in own:
                yield Track(segment=segment[0], klass=key[1], metric=key[0], production=estimate, own=own[key], whole=all_of[key])

    def evidence(self, sides: tuple[Side, Side], mature: Bools) -> Mapping[str, pd.DataFrame]:
        """Return the tables behind the metrics, of the whole reference and of the mature windows of production."""
        kept = np.ones(len(sides[0].window), dtype=bool), mature[sides[1].window]
        rows = {name: (*side.of(part), side.known.read) for name, side, part in zip(("reference", "production"), sides, kept, strict=True)}
        if self.task is Task.REGRESSION:
            return regression_evidence({name: self.numbers_of(*one) for name, one in rows.items()})
        if self.task is Task.BINARY:
            return binary_evidence({name: self.binary_of(*one) for name, one in rows.items()})
        return {}

    def _in(self, side: Side, condition: str, level: str) -> Bools:
        read = side.known.read
        return read.levels[str(self.by)].are(level) if condition else np.ones(len(side.window), dtype=bool)

    def _found(self, side: Side, kept: Bools) -> dict[tuple[str, str], Estimate]:
        rows, at = side.of(kept)
        read = side.known.read
        if self.task is Task.REGRESSION:
            return {(name, ""): one for name, one in regression_metrics(self.numbers_of(rows, at, read))}
        if self.task is Task.MULTICLASS:
            return {(name, klass): one for name, klass, one in multiclass_metrics(self.classes_of(rows, at, read))}
        return {(name, ""): one for name, one in binary_metrics(self.binary_of(rows, at, read))}

    def numbers_of(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Numbers:
        """Return labels and predictions of the rows `at` of a side that have one."""
        label, prediction = read.numbers[self.answers.label][at], read.numbers[str(self.answers.prediction)][at]
        known = np.isfinite(prediction)
        return Numbers(rows.take(known), label[known], prediction[known])

    def binary_of(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Binary:
        """Return labels, decisions and scores of the rows `at` of a side that have an answer."""
        label = read.levels[self.answers.label].are(str(self.positive[self.answers.label]))[at]
        score = read.numbers[self.answers.scores[""]][at] if self.answers.scores else None
        if self.answers.prediction is not None:
            predicted = read.levels[self.answers.prediction]
            decision = predicted.are(str(self.positive[self.answers.prediction]))[at]
            known = predicted.code[at] >= 0
            return Binary(rows.take(known), label[known], decision[known], None if score is None else score[known])
        if score is None:
            return Binary(rows, label, None, None)
        known = np.isfinite(score)
        return Binary(rows.take(known), label[known], score[known] >= self.answers.threshold, score[known])

    def classes_of(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Classes:
        """Return labels, decisions and scores of several classes of the rows `at` of a side."""
        place = {name: i for i, name in enumerate(self.classes)}

        def coded(column: str) -> Ints:
            levels = read.levels[column]
            lookup = np.array([*(place.get(name, -1) for name in levels.names), -1], dtype=np.int64)
            return np.asarray(lookup[levels.code[at]])

        label = coded(self.answers.label)
        score = None
        if set(self.answers.scores) >= set(self.classes):
            score = np.column_stack([read.numbers[self.answers.scores[name]][at] for name in self.classes])
        decision = None if self.answers.prediction is None else coded(self.answers.prediction)
        if decision is None and score is not None:
            decision = np.argmax(np.nan_to_num(score, nan=-1.0), axis=1)
        return Classes(rows, self.classes, label, decision, score)
