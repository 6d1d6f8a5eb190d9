"""The rows that an incident concerned, those of the same time elsewhere, and what the model answered to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.labels import Answers, Known, known_at, last_moment, read_side
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.engine import NO_TIME, OutcomeRows, Selection, Wanted, Workspace, read_outcomes
from monitor.errors import ColumnMissingError, MethodError
from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.clock import to_clock
from monitor.incidents.maturity import counting, limit_of
from monitor.incidents.scene import Scene
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HARMLESS = frozenset(
    {
        Cause.VOLUME_CHANGE, Cause.MIX_CHANGE, Cause.LATENCY, Cause.COST, Cause.FRESHNESS, Cause.LABEL_DELAY, Cause.SEASON, Cause.UNKNOWN,
    }
)  # fmt: skip
"""Causes whose rows take nothing from what another incident did: they leave answers and labels as they are, are every row of their time (a
season), or nobody knows which rows they are."""
FEWEST_LEFT = 200
"""Rows of an incident that no other one concerns from which these alone are measured; of smaller ones half of their rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Which rows an incident concerns: those of its segment (`beside` further levels of the only column) in [start, end), UTC."""

    segment: Mapping[str, str]
    beside: tuple[str, ...] = ()
    start: np.datetime64
    end: np.datetime64

    @classmethod
    def of(cls, cause: Hypothesis) -> Extent:
        """Return which rows a cause concerns."""
        return cls(segment=dict(cause.segment), beside=cause.beside, start=cause.start, end=cause.end)


@dataclass(frozen=True, slots=True)
class Apart:
    """Rows of an incident that others concern too: `out`, (n,) those of `without`, which are left out of what is measured; `mixed`, how
    many of the rest others concern as well (`others` of them), of which too few would be left."""

    out: Bools
    without: tuple[Extent, ...] = ()
    mixed: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Concerned:
    """Rows of a side, (n,) each: `kept` those concerned, `others` those of the same time that are not; `levels` by column of both sides.

    Rows that are too young for their labels to count have no window in `side`: no metric is told of them.
    """

    side: Side
    kept: Bools
    others: Bools
    levels: dict[str, list[str]]

    @property
    def waiting(self) -> int:
        """Return how many of the rows concerned are too young for their labels to count."""
        return int((self.kept & (self.side.window < 0)).sum())

    @property
    def unlabelled(self) -> int:
        """Return how many of the rows concerned are old enough and have no label."""
        return int((self.kept & (self.side.window >= 0) & ~self.side.known.labelled).sum())

    def outside(self, rows: Bools) -> Concerned:
        """Return them without some rows of the side, (n,)."""
        return replace(self, kept=self.kept & ~rows, others=self.others & ~rows)

    def coded(self, columns: Sequence[str], at: Bools) -> Floats:
        """Return the levels of some rows as positions, alike on both sides, (k, d)."""
        read = self.side.known.read
        found = np.empty((int(at.sum()), len(columns)))
        for position, name in enumerate(columns):
            place = {level: code for code, level in enumerate(self.levels[name])}
            lookup = np.array([*(place[level] for level in read.levels[name].names), -1], dtype=np.float64)
            found[:, position] = lookup[read.levels[name].code[at]]
        return found


@dataclass(frozen=True, slots=True)
class Concerns:
    """Rows of both sides of a scene; `answers` None where nothing answers, `outcome` None where nothing says what turned out true."""

    workspace: Workspace
    places: tuple[str, ...]
    sides: tuple[Side, Side]
    answers: Answers | None
    outcome: Outcome | None
    moment: int = NO_TIME

    @classmethod
    def of(cls, scene: Scene, columns: Sequence[str], *, moment: int | None = None) -> Concerns:
        """Read them, with the `columns` that segments are made of; `moment`: up to which labels could arrive (None: the last that the data
        know of)."""
        answers, reads = _reads(scene, tuple(dict.fromkeys((*scene.places, *columns))))
        if moment is None:
            moment = last_moment(answers, tuple(reads)) if answers else NO_TIME
        known = [_known(answers, one, moment) for one in reads]
        waiting = _waiting(known[0], known[1]) if answers and answers.label else np.zeros(len(reads[1].window), dtype=bool)
        windows = [np.zeros(len(reads[0].window), dtype=np.int64), np.where(waiting, -1, 0)]
        sides = [Side(one, window, 1) for one, window in zip(known, windows, strict=True)]
        outcome = _outcome(scene.workspace, answers, (reads[0], reads[1]))
        return cls(scene.workspace, scene.places, (sides[0], sides[1]), answers, outcome, moment)

    def of_incident(self, hypothesis: Hypothesis) -> tuple[Concerned, Concerned]:
        """Return the rows of its segment in the reference (without levels that it never had), and in production while it lasted."""
        usual, now = (_inside(side.known.read, Extent.of(hypothesis)) for side in self.sides)
        then = self._then(Extent.of(hypothesis))
        reads = [side.known.read for side in self.sides]
        levels = {name: sorted({level for read in reads for level in read.levels[name].names}) for name in self.places}
        if not usual.any():  # a level that the reference never had, a new version say: the rest of the segment is what it is beside
            known = {name: level for name, level in hypothesis.segment.items() if level in reads[0].levels[name].names}
            usual = _inside(reads[0], replace(Extent.of(hypothesis), segment=known, beside=()))
        return Concerned(self.sides[0], usual, ~usual, levels), Concerned(self.sides[1], now & then, ~now & then, levels)

    def apart(self, kept: Bools, others: Sequence[Extent]) -> Apart:
        """Return which rows of production other incidents concern too (`kept`, (n,): the rows of one), those that share the fewest first,
        as long as enough of its own are left."""
        found = [(one, self.extent(one)) for one in others]
        shared = sorted((pair for pair in found if (pair[1] & kept).any()), key=lambda pair: int((pair[1] & kept).sum()))
        least, nothing = min(FEWEST_LEFT, int(kept.sum()) / 2), np.zeros(len(kept), dtype=bool)
        apart, mixed = Apart(nothing), nothing
        for one, rows in shared:
            if (kept & ~apart.out & ~rows).sum() >= least:
                apart = replace(apart, out=apart.out | rows, without=(*apart.without, one))
            else:
                apart, mixed = replace(apart, others=apart.others + 1), mixed | rows
        return replace(apart, mixed=int((kept & mixed & ~apart.out).sum()))

    def extent(self, one: Extent) -> Bools:
        """Return which rows of production an incident concerns, (n,)."""
        return _inside(self.sides[1].known.read, one) & self._then(one)

    def _then(self, one: Extent) -> Bools:
        start, end = (to_clock(each, self.workspace.case.timezone) for each in (one.start, one.end))
        return _between(self.sides[1].known.read, self.workspace.case.roles.timestamp, start, end)

    def answer(self, rows: Concerned) -> Floats | None:
        """Return the answer of each row of a side, (n,): score, predicted number, or 1 where decided positive; None where it is neither."""
        if self.answers is None or self.answers.task is Task.MULTICLASS:
            return None
        read = rows.side.known.read
        if self.answers.task is Task.REGRESSION:
            return read.numbers[str(self.answers.prediction)]
        if self.answers.scores:
            return read.numbers[self.answers.scores[""]]
        positive = self.outcome.positive.get(str(self.answers.prediction)) if self.outcome else None
        levels = read.levels[str(self.answers.prediction)]
        return None if positive is None else np.where(levels.code >= 0, levels.are(positive).astype(np.float64), np.nan)


def _answers(workspace: Workspace) -> Answers | None:
    try:
        return Answers.of(workspace, labelled=False)
    except ColumnMissingError:  # a case without a model has rows, and no answers
        return None


def _outcome(workspace: Workspace, answers: Answers | None, reads: tuple[OutcomeRows, OutcomeRows]) -> Outcome | None:
    if answers is None or not answers.label:
        return None
    try:
        return Outcome(workspace, answers, reads, None)
    except MethodError:  # which class is positive is asked for by the page of performance
        return None


def _reads(scene: Scene, columns: tuple[str, ...]) -> tuple[Answers | None, list[OutcomeRows]]:
    """Read both sides with what the model answered, where both have it."""
    answers, selections = _answers(scene.workspace), (scene.question.reference, scene.question.production)
    try:
        return answers, [_read(scene, answers, one, columns) for one in selections]
    except ColumnMissingError:  # a side lost an answer, or its label: rows are told of, and nothing else
        return None, [_read(scene, None, one, columns) for one in selections]


def _read(scene: Scene, answers: Answers | None, selection: Selection, columns: tuple[str, ...]) -> OutcomeRows:
    workspace, timestamp = scene.workspace, scene.workspace.case.roles.timestamp
    held = tuple(name for name in columns if name in workspace.columns and selection.data in workspace.columns[name].types)
    also = Wanted(levels=held, moments=(timestamp,) if timestamp else ())
    if answers is None:
        return read_outcomes(workspace, selection, scene.size, also)
    return read_side(workspace, answers, selection, scene.size, by=None, also=also)


def _known(answers: Answers | None, read: OutcomeRows, moment: int) -> Known:
    if answers is not None:
        return known_at(answers, read, moment)
    nothing = np.full(len(read.window), np.nan)
    return Known(read=read, labelled=np.zeros(len(read.window), dtype=bool), age=nothing, delay=nothing)


def _waiting(reference: Known, production: Known) -> Bools:
    """Say which rows of production are too young for their labels to count: those that come first are not like the others."""
    kept = bool(np.isfinite(production.delay).any())
    limit = limit_of(reference.delay[reference.labelled])
    return ~counting(production.age, limit, (production.read.window, production.labelled), kept=kept)


def _inside(read: OutcomeRows, extent: Extent) -> Bools:
    found = np.ones(len(read.window), dtype=bool)
    for name, level in extent.segment.items():
        levels = read.levels.get(name)
        found &= False if levels is None else np.logical_or.reduce([levels.are(one) for one in (level, *extent.beside)])
    return found


def _between(read: OutcomeRows, timestamp: str | None, start: np.datetime64, end: np.datetime64) -> Bools:
    if timestamp is None or timestamp not in read.moments:
        return np.ones(len(read.window), dtype=bool)
    moment = read.moments[timestamp]
    after = np.isnat(start) | (moment >= start.astype("datetime64[us]").astype(np.int64))
    return np.asarray(after & (np.isnat(end) | ((moment != NO_TIME) & (moment < end.astype("datetime64[us]").astype(np.int64)))))
