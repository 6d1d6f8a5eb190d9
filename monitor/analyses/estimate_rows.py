"""The rows that estimates are made on: both sides with answers and features, and labels where there are some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.label_weights import CHOSEN, stand_for_all
from monitor.analyses.labels import Answers, Known, arrival_of, last_moment
from monitor.analyses.own_metrics import NO_METRICS
from monitor.analyses.performance_metrics import Outcome, Track
from monitor.analyses.performance_rows import Reads, Side, cut_reference
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Cancel, Levels, OutcomeRows, Progress, Selection, Wanted, Workspace, read_outcomes
from monitor.errors import ColumnMissingError
from monitor.stats.estimation.learning import Features, features, rank_levels
from monitor.stats.performance.binary import Binary
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.maturity import Arrival
from monitor.stats.performance.multiclass import Classes
from monitor.stats.performance.regression import Numbers
from monitor.vocabulary import Kind, Role, Task
from monitor.wording import list_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Given = Binary | Classes | Numbers

FIT_ROWS = 60_000
"""Rows of the reference that models are fitted on, drawn with the seed; calibration uses all."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """Columns that a model of labels may look at, by how they are read."""

    numbers: tuple[str, ...]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, workspace: Workspace) -> Sighted:
        """Return the features that are numbers or levels on both sides."""
        plain = [one for one in workspace.measured(roles=(Role.FEATURE,)) if one.name == one.column]
        levels = tuple(one.column for one in plain if one.kind in (Kind.CATEGORICAL, Kind.BOOLEAN))
        return cls(tuple(one.column for one in plain if one.kind is Kind.NUMERIC), levels)


@dataclass(frozen=True, kw_only=True)  # without slots, so that what is counted is counted once
class SideRows:
    """One side: all its rows as read and what was known of them (`side`); `at` (n,) those that have an answer, of which `given` holds
    label (where `labelled`), decision and score, and `seen` the features."""

    side: Side
    at: Bools
    given: Given
    labelled: Bools
    seen: Features

    @property
    def rows(self) -> Labelled:
        """The rows `at` by window."""
        return self.given.rows

    @cached_property
    def count(self) -> Ints:
        """Answered rows by window, (w,)."""
        return np.bincount(self.rows.window, minlength=self.rows.windows)


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """What estimates need: both sides, what was realised (`tracks`, by metric), and the arrival of labels. `stands` says how many rows of
    production each label stands for, by row as read (None: as many as any other), and `unknown` (w,) in which windows they stand for no
    others."""

    task: Task
    reference: SideRows
    production: SideRows
    outcome: Outcome
    tracks: Mapping[str, Track]
    reads: Reads
    curve: Arrival
    stands: Floats | None
    unknown: Bools
    columns: tuple[str, ...]
    moment: int

    @property
    def known(self) -> tuple[Known, Known]:
        """What was known of the rows of both sides."""
        return self.reference.side.known, self.production.side.known


def gather_estimated(
    workspace: Workspace,
    question: Question,
    size: WindowSize,
    moment: int | None,
    *,
    also: tuple[str, ...] = (),
    progress: Progress | None,
    cancel: Cancel | None,
) -> Estimated:
    """Read both sides; `also` are columns of production that are read as levels beside.

    Raises
    ------
    ColumnMissingError
        A column of the model's answers is missing, or the reference has no label.
    """
    answers, sighted = replace(Answers.of(workspace), own=NO_METRICS), Sighted.of(workspace)  # a case's own metrics are not estimated

    def read(selection: Selection, cut: WindowSize, beside: tuple[str, ...] = ()) -> OutcomeRows:
        whole = _wanted(workspace, answers, sighted, selection.data, beside)
        found = read_outcomes(workspace, selection, cut, whole, progress=progress, cancel=cancel)
        return found if answers.label in (*whole.numbers, *whole.levels) else _unlabelled(found, answers.label)

    production = read(question.production, size, also)
    reads = Reads(*cut_reference(workspace, read, question.reference, size), production)
    moment = last_moment(answers, (reads.reference, production)) if moment is None else moment
    sides = reads.sides(answers, moment)
    if not sides[0].known.labelled.any():
        raise ColumnMissingError("None of the rows of the reference has a label, so there is nothing to learn estimates from.")
    outcome = Outcome(workspace, answers, (reads.reference, production), None)
    known = sides[0].known.read
    ranks = {name: rank_levels(known.levels[name].code, known.levels[name].names) for name in sighted.levels}
    kept = [_side(one, outcome, answers, sighted, ranks) for one in sides]
    curve = arrival_of((sides[0].known, sides[1].known))
    labelled = np.bincount(production.window[sides[1].known.labelled], minlength=len(production.windows))
    weighed, unknown = stand_for_all(outcome, sides, mature_windows(production, sides[1].known, curve, labelled))
    tracks = {one.metric: _where_known(one, ~unknown) for one in outcome.tracks(("", ""), weighed, outcome.every) if not one.klass}
    return Estimated(
        task=answers.task,
        reference=kept[0],
        production=kept[1],
        outcome=outcome,
        tracks=tracks,
        reads=reads,
        curve=curve,
        stands=weighed[1].known.weight,
        unknown=unknown,
        columns=(*sighted.numbers, *sighted.levels),
        moment=moment,
    )


def _where_known(track: Track, known: Bools) -> Track:
    """Return a metric without what it was in windows whose labelled rows stand for no others."""
    one = track.production
    value, variance, lower, upper = (np.where(known, part, np.nan) for part in (one.value, one.variance, one.lower, one.upper))
    reason = np.where(known, one.reason, CHOSEN)
    return replace(track, production=replace(one, value=value, variance=variance, lower=lower, upper=upper, reason=reason))


def _wanted(workspace: Workspace, answers: Answers, sighted: Sighted, data: str, also: tuple[str, ...]) -> Wanted:
    """Return what is read of one side: labels may be missing from production."""
    present = {name for name, info in workspace.columns.items() if data in info.types}
    wanted = answers.wanted(None)
    numbers = tuple(dict.fromkeys((*wanted.numbers, *sighted.numbers)))
    levels = tuple(dict.fromkeys((*wanted.levels, *sighted.levels, *also)))
    free = {answers.label, answers.weight} if data == "production" else {answers.weight}
    missing = {name for name in (*numbers, *levels) if name not in present} - free
    if missing:
        raise ColumnMissingError(f"The {data} has no column {list_text([repr(name) for name in sorted(missing)])}, which estimates need.")
    return Wanted(
        numbers=tuple(name for name in numbers if name in present),
        levels=tuple(name for name in levels if name in present),
        moments=tuple(name for name in wanted.moments if name in present),
    )


def _unlabelled(found: OutcomeRows, label: str) -> OutcomeRows:
    """Return rows of which none has a label."""
    n = len(found.window)
    numbers = {**found.numbers, label: np.full(n, np.nan)}
    return replace(found, numbers=numbers, levels={**found.levels, label: Levels(np.full(n, -1, dtype=np.int64), ())})


def _side(side: Side, outcome: Outcome, answers: Answers, sighted: Sighted, ranks: Mapping[str, Mapping[str, int]]) -> SideRows:
    read = side.known.read
    at = (side.window >= 0) & _answered(answers, read)
    rows = Labelled(side.window[at], side.windows, read.block[at])
    make: Mapping[Task, Callable[[Labelled, Bools, OutcomeRows], Given]] = {
        Task.REGRESSION: outcome.numbers_of, Task.MULTICLASS: outcome.classes_of, Task.BINARY: outcome.binary_of,
    }  # fmt: skip
    output = [*answers.scores.values(), *([answers.prediction] if answers.task is Task.REGRESSION and answers.prediction else [])]
    numbers = {name: read.numbers[name][at] for name in (*sighted.numbers, *output)}
    levels = {name: (read.levels[name].code[at], read.levels[name].names) for name in sighted.levels}
    return SideRows(
        side=side,
        at=at,
        given=make[answers.task](rows, at, read),
        labelled=side.known.labelled[at],
        seen=features(numbers, levels, ranks, rows.size),
    )


def _answered(answers: Answers, read: OutcomeRows) -> Bools:
    """Say which rows have all that the model answers."""
    known = np.ones(len(read.window), dtype=bool)
    for name in answers.scores.values():
        known &= np.isfinite(read.numbers[name])
    if answers.prediction is not None:
        levels = answers.task is not Task.REGRESSION
        known &= read.levels[answers.prediction].code >= 0 if levels else np.isfinite(read.numbers[answers.prediction])
    return known
