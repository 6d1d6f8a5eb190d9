"""How rows of a case become metrics, of all rows and of segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.labels import Answers, positives_of
from monitor.analyses.performance_evidence import binary_evidence, level_evidence, regression_evidence
from monitor.analyses.performance_rows import Side
from monitor.engine import OutcomeRows, Workspace
from monitor.stats.performance.binary import NO_LABELS, Binary, binary_metrics
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate, share
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.losses import is_a_class
from monitor.stats.performance.multiclass import Classes, multiclass_metrics
from monitor.stats.performance.regression import Numbers, regression_metrics
from monitor.stats.performance.selective import bounded, hidden_decision
from monitor.vocabulary import Task

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

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


@dataclass(frozen=True, slots=True)
class Pools:
    """Rows of production, so that windows can be put together; `levels` by condition of the segments."""

    outcome: Outcome
    side: Side
    levels: Mapping[str, str]

    def over(self, track: Track, kept: Bools) -> Estimate | None:
        """Return a metric of all rows of the windows `kept` (w,) together, as one window; None where these rows have none."""
        inside = (self.side.window >= 0) & kept[self.side.window]
        whole = Side(self.side.known, np.where(inside, 0, -1), 1)
        rows = self.outcome.inside(whole, track.segment, self.levels[track.segment])
        return self.outcome.found(whole, rows).get((track.metric, track.klass))


class Outcome:
    """How rows of a case become metrics."""

    def __init__(self, workspace: Workspace, answers: Answers, sides: tuple[OutcomeRows, OutcomeRows], by: str | None) -> None:
        self.answers, self.task, self.by = answers, answers.task, by
        self.positive: dict[str, str | None] = {}
        self.positive_named = workspace.case.roles.positive_class is not None
        self.classes: tuple[str, ...] = ()
        self.usual: tuple[int, ...] | None = None
        if self.task is Task.BINARY:
            self.positive = positives_of(answers, sides, workspace)
        elif self.task is Task.MULTICLASS:
            named = [column for column in (answers.label, answers.prediction) if column]
            known = {name for side in sides for column in named[:1] for name in side.levels[column].names}
            self.classes = tuple(sorted(known | set(answers.scores) - {""}))
            before = sides[0].levels[answers.label] if answers.label else None
            held = set() if before is None else {before.names[code] for code in np.unique(before.code[before.code >= 0]).tolist()}
            self.usual = tuple(i for i, name in enumerate(self.classes) if name in held) or None

    @property
    def every(self) -> frozenset[str]:
        """Every metric that the task has."""
        return frozenset(one.id for one in METRICS.values() if self.task in one.tasks)

    def tracks(self, segment: tuple[str, str], sides: tuple[Side, Side], wanted: frozenset[str]) -> Iterator[Track]:
        """Yield the metrics of a segment."""
        reference, production = sides
        kept = [self.inside(side, *segment) for side in sides]
        whole = Side(reference.known, np.where(reference.window >= 0, 0, -1), 1)
        own, all_of = self.found(reference, kept[0]), self.found(whole, kept[0])
        for key, estimate in self.found(production, kept[1]).items():
            if key[0] in wanted and key in own:
                yield Track(segment=segment[0], klass=key[1], metric=key[0], production=estimate, own=own[key], whole=all_of[key])

    def evidence(self, sides: tuple[Side, Side], mature: Bools) -> Mapping[str, pd.DataFrame]:
        """Return the tables behind the metrics, of the whole reference and of the mature windows of production."""
        kept = np.ones(len(sides[0].window), dtype=bool), mature[sides[1].window]
        rows = {name: (*side.of(part), side.known.read) for name, side, part in zip(("reference", "production"), sides, kept, strict=True)}
        if self.task is Task.REGRESSION:
            numbers = {name: self.numbers_of(*one) for name, one in rows.items()}
            late = numbers["production"]
            return {
                **regression_evidence(numbers),
                **level_evidence(late.rows, late.label, late.prediction, sides[1].known.read.windows.ids),
            }
        if self.task is Task.BINARY:
            decided = {name: self.binary_of(*one) for name, one in rows.items()}
            found, one = binary_evidence(decided, self.answers.today), decided["production"]
            hard = any(is_a_class(each.score) for each in decided.values() if each.score is not None)
            if one.score is None or hard or not one.rows.size or np.nanmin(one.score) < 0 or np.nanmax(one.score) > 1:
                return found
            return {**found, **level_evidence(one.rows, one.label, one.score, sides[1].known.read.windows.ids)}
        return {}

    def decisions(self, side: Side, kept: Bools) -> dict[tuple[str, str], Estimate]:
        """Return how often the kept rows, labelled or not, are decided positive (by class), by id and class."""
        if self.task is Task.REGRESSION:
            return {}
        everyone = Side(replace(side.known, labelled=np.ones(len(side.window), dtype=bool), weight=None), side.window, side.windows)
        rows, at = everyone.of(kept)
        if self.task is Task.BINARY:
            found = self.binary_of(rows, at, side.known.read)
            decided = {"": found.decision} if found.decision is not None else {}
            rows = found.rows
        else:
            decision = self.classes_of(rows, at, side.known.read).decision
            decided = {} if decision is None else {name: decision == i for i, name in enumerate(self.classes)}
        return {("selection_rate", klass): share(rows, one, np.ones(rows.size), why=NO_LABELS) for klass, one in decided.items()}

    def inside(self, side: Side, condition: str, level: str) -> Bools:
        """Return which rows of a side belong to a segment, (n,)."""
        read = side.known.read
        return read.levels[str(self.by)].are(level) if condition else np.ones(len(side.window), dtype=bool)

    def found(self, side: Side, kept: Bools) -> dict[tuple[str, str], Estimate]:
        """Return every metric of the kept rows that have a label, by its id and class; how they are decided, of all kept rows."""
        rows, at = side.of(kept)
        read = side.known.read
        own = {(one.section.id, ""): one.measured(rows, at, read) for one in self.answers.own.metrics}
        if self.task is Task.REGRESSION:
            return {**own, **{(name, ""): one for name, one in regression_metrics(self.numbers_of(rows, at, read))}}
        if self.task is Task.MULTICLASS:
            found = {(name, klass): one for name, klass, one in multiclass_metrics(self.classes_of(rows, at, read))}
        else:
            known = self._known_of(dict(binary_metrics(self.binary_of(rows, at, read))), side, kept)
            found = {(name, ""): one for name, one in known.items()}
        return {**own, **found, **self.decisions(side, kept)}

    def _known_of(self, found: Mapping[str, Estimate], side: Side, kept: Bools) -> Mapping[str, Estimate]:
        """Return metrics with bounds instead of those that cannot be known, where labels exist only of one decision."""
        known, every = self.decided(side) & (side.window >= 0) & kept, self.hidden(side)
        decision, labelled = self._decision(side)[known], side.known.labelled[known]
        hidden = hidden_decision(labelled, decision) if every is None else every
        if hidden is None:
            return found
        rows = Labelled(side.window[known], side.windows, side.known.read.block[known])
        label = self._positive(side.known.read, self.answers.label, known)
        cells = [labelled & (label == one) & (decision == two) for one, two in ((True, True), (False, True), (True, False), (False, False))]
        unknown = ~labelled & (decision == hidden)
        return bounded(found, np.array([rows.total(cell) for cell in cells]), rows.total(unknown), hidden=hidden)

    def hidden(self, side: Side) -> bool | None:
        """Return the decision of a binary model whose rows of a side never get a label; None where both do, or none."""
        if self.task is not Task.BINARY or not (self.answers.prediction or self.answers.scores):
            return None
        known = self.decided(side) & (side.window >= 0)
        return hidden_decision(side.known.labelled[known], self._decision(side)[known])

    def decided(self, side: Side) -> Bools:
        """Return the rows of a side for which a binary model decided, (n,)."""
        read = side.known.read
        if self.answers.prediction is not None:
            return np.asarray(read.levels[self.answers.prediction].code >= 0)
        return np.asarray(np.isfinite(read.numbers[self.answers.scores[""]]))

    def off_threshold(self, side: Side) -> tuple[Ints, Ints]:
        """Return rows by window whose decision is another than score and threshold say, and rows that have both, (w,) each."""
        score = side.known.read.numbers[self.answers.scores[""]]
        both = self.decided(side) & np.isfinite(score) & (side.window >= 0)
        odd = both & (self._decision(side) != (score >= self.answers.threshold))
        return np.bincount(side.window[odd], minlength=side.windows), np.bincount(side.window[both], minlength=side.windows)

    def _decision(self, side: Side) -> Bools:
        read = side.known.read
        if self.answers.prediction is not None:
            return self._positive(read, self.answers.prediction, np.ones(len(side.window), dtype=bool))
        return np.asarray(read.numbers[self.answers.scores[""]] >= self.answers.threshold)

    def errors(self, side: Side) -> tuple[Floats, Bools]:
        """Return prediction (or score) less label of each row of a side, and which rows have both, (n,) each."""
        read, answers = side.known.read, self.answers
        if self.task is Task.REGRESSION:
            error = read.numbers[str(answers.prediction)] - read.numbers[answers.label]
        else:
            every = np.ones(len(side.window), dtype=bool)
            error = read.numbers[answers.scores[""]] - self._positive(read, answers.label, every)
        return error, side.known.labelled & (side.window >= 0) & np.isfinite(error)

    def binary(self, side: Side, kept: Bools) -> tuple[Binary, Bools]:
        """Return the kept rows of a binary task that have a label and a decision, and which rows of the side they are (n,)."""
        rows, at = side.of(kept & self.decided(side))
        return self.binary_of(rows, at, side.known.read), at

    def numbers_of(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Numbers:
        """Return labels and predictions of the rows `at` of a side that have one."""
        label, prediction = read.numbers[self.answers.label][at], read.numbers[str(self.answers.prediction)][at]
        known = np.isfinite(prediction)
        return Numbers(rows.take(known), label[known], prediction[known])

    def binary_of(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Binary:
        """Return labels, decisions and scores of the rows `at` of a side that have an answer."""
        label = self._positive(read, self.answers.label, at)
        score = read.numbers[self.answers.scores[""]][at] if self.answers.scores else None
        worth = self._worth(read, at)
        if self.answers.prediction is not None:
            predicted = read.levels[self.answers.prediction]
            decision = self._positive(read, self.answers.prediction, at)
            return Binary(rows, label, decision, score, worth).take(predicted.code[at] >= 0)
        if score is None:
            return Binary(rows, label, None, None)
        return Binary(rows, label, score >= self.answers.threshold, score, worth).take(np.isfinite(score))

    def _worth(self, read: OutcomeRows, at: Bools) -> Floats | None:
        """Return what some rows are worth by what becomes of them, (4, n)."""
        if not self.answers.worth:
            return None
        n = int(at.sum())

        def part(one: float | str) -> Floats:
            if not isinstance(one, str):
                return np.full(n, float(one))
            return read.numbers[one.removeprefix("-")][at] * (-1.0 if one.startswith("-") else 1.0)

        return np.array([part(one) for one in self.answers.worth])

    def _positive(self, read: OutcomeRows, column: str, at: Bools) -> Bools:
        """Return which of some rows are positive by a column; none where there is no such column."""
        if not column:
            return np.zeros(int(at.sum()), dtype=bool)
        return read.levels[column].are(str(self.positive[column]))[at]

    def classes_of(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Classes:
        """Return labels, decisions and scores of several classes of the rows `at` of a side."""
        place = {name: i for i, name in enumerate(self.classes)}

        def coded(column: str) -> Ints:
            levels = read.levels[column]
            lookup = np.array([*(place.get(name, -1) for name in levels.names), -1], dtype=np.int64)
            return np.asarray(lookup[levels.code[at]])

        label = coded(self.answers.label) if self.answers.label else np.full(int(at.sum()), -1, dtype=np.int64)
        score = None
        scored = tuple(i for i, name in enumerate(self.classes) if name in self.answers.scores)
        if scored:  # of a class that no score knows of, the model says 0
            none = np.zeros(int(at.sum()))
            score = np.column_stack(
                [read.numbers[self.answers.scores[name]][at] if i in scored else none for i, name in enumerate(self.classes)]
            )
        decision = None if self.answers.prediction is None else coded(self.answers.prediction)
        if decision is None and score is not None:
            decision = np.argmax(np.nan_to_num(score, nan=-1.0), axis=1)
        return Classes(rows, self.classes, label, decision, score, self.usual, scored)
