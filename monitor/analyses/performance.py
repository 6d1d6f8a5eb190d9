"""Is the model still right? Every metric by window, with its interval, beside the reference; labels as of a date."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.labels import (
    Answers,
    Known,
    arrival_of,
    known_at,
    last_moment,
    moment_of,
    positive_of,
    read_side,
)
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.performance_evidence import binary_evidence, regression_evidence
from monitor.analyses.recording import versions
from monitor.analyses.sides import ENOUGH_WINDOWS, Question, cut_short, usual_windows
from monitor.case import WindowSize
from monitor.engine import Cancel, OutcomeRows, Progress, Selection, Workspace, finer
from monitor.errors import MethodError, SelectionError, nearest
from monitor.profile import Windows
from monitor.stats.performance.binary import Binary, binary_metrics
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.maturity import MATURE, Arrival
from monitor.stats.performance.multiclass import Classes, multiclass_metrics
from monitor.stats.performance.regression import Numbers, regression_metrics
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.vocabulary import Task
from monitor.wording import plural

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STRETCHES = 12
"""Parts that a reference with few windows of the judged length is cut into."""
MANY_WINDOWS = 30
"""Reference windows from which they alone say how metrics vary, and for how long."""
ROWS_IN_FINE = 100
"""Labelled rows of a usual shorter window from which runs are looked for in these."""
MOST_SEGMENTS = 20
"""Levels of a column that metrics are told of: the commonest."""
TRAILING = 0.9
"""Part of the usual label share below which the last windows wait for labels, where nothing says when labels come."""
MEASURED = Contract(
    "performance",
    ("window", "segment", "class", "metric"),
    {
        "window": "id of the production window",
        "segment": "the rows that it is told of, a condition; null: all",
        "class": "the class that it is told of; null: all",
        "metric": "id of the metric",
        "value": "the metric, null where it is not defined or rests on too few rows",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "n_labelled": "rows of the window (and segment) that have a label and an answer",
        "label_share": "share of the window's (and segment's) rows that have a label, 0..1",
        "mature": "whether at least 95 % of the labels that will come are there",
        "reference_value": "the metric of the whole reference",
        "reason": "why there is no value, else null",
        "n": "rows that the metric rests on: its own denominator",
    },
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fine:
    """The judged metrics in shorter windows, of which the reference has more: runs are found in these where windows are long.

    `tracks` by name; `place` (f,) the window that each of these `windows` of a `size` lies in; `labelled` (f,) rows with a label, `mature`
    (f,) whether the labels are in.
    """

    tracks: Mapping[str, Track]
    windows: Windows
    size: WindowSize
    place: Ints
    labelled: Ints
    mature: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceResult(Result):
    """Measured performance.

    `rows` and `labelled` (w,) are rows of each window and those with a label; `mature` (w,) whether the labels are in; `partial` (w,)
    windows cut short; `own_windows` the reference's; `arrival` the curve by which labels come (empty: not known); `judged` the metrics
    that were asked for by name, else those that lead; `fine` the same in shorter windows, where these say more; `evidence` tables of what
    lies behind them (`performance_evidence`), of mature windows.
    """

    tracks: tuple[Track, ...]
    windows: Windows
    own_windows: Windows
    rows: Ints
    labelled: Ints
    mature: Bools
    partial: Bools
    arrival: Arrival
    judged: frozenset[str]
    fine: Fine | None
    evidence: Mapping[str, pd.DataFrame]
    size: WindowSize
    task: Task
    timezone: str
    called: SideNames = PLAIN


@dataclass(frozen=True, slots=True)
class _Side:
    """Rows of one side in `windows` windows: `window` (n,) position of each."""

    known: Known
    window: Ints
    windows: int

    def of(self, kept: Bools) -> tuple[Labelled, Bools]:
        """Return the labelled rows among those kept."""
        rows = kept & self.known.labelled & (self.window >= 0)
        return Labelled(self.window[rows], self.windows, self.known.read.block[rows]), rows


def measure_performance(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    by: str | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PerformanceResult:
    """Measure every metric of a model's answers in every window.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids of metrics, or "default" or "all" for all that the task has.
    by : also each of the commonest levels of a column.
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError
        The case names no label, or nothing that the model answers, or there is no column `by`.
    MethodError
        A metric is unknown, or nothing says which class is positive.
    SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    question, answers = take_apart(workspace, question or Question()), Answers.of(workspace)
    wanted = _metrics(methods, workspace.case.task)
    if by is not None:
        workspace.schema.info(by)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    asked = _Asked(workspace, answers, question, by, cancel)
    reads = asked.read(size, progress)
    moment = last_moment(answers, (reads.reference, reads.production)) if as_of is None else moment_of(as_of, workspace.case.timezone)
    sides = reads.sides(answers, moment)
    known, production = sides[1].known, reads.production
    curve = arrival_of((sides[0].known, known))
    labelled = np.bincount(production.window[known.labelled], minlength=len(production.windows))
    mature = _mature(production, known, curve, labelled)
    outcome = _Outcome(workspace, answers, (reads.reference, production), by)
    tracks = tuple(one for segment in _segments(by, production) for one in outcome.tracks(segment, sides, wanted))
    judged = frozenset(methods) & wanted or frozenset(name for name in wanted if METRICS[name].leads)
    return PerformanceResult(
        analysis="performance",
        case=workspace.case.name,
        table=MEASURED.check(_table(tracks, production, known, mature, by)),
        skipped=_skipped(question, labelled, (sides[0].known, known)),
        provenance=_provenance(asked, reads, size, moment, (began, time.perf_counter() - clock)),
        tracks=tracks,
        windows=production.windows,
        own_windows=reads.own,
        rows=production.rows,
        labelled=labelled,
        mature=mature,
        partial=cut_short(size, production.rows),
        arrival=curve,
        judged=judged,
        fine=_fine(asked, reads, size, (moment, curve), (outcome, judged)),
        evidence=outcome.evidence(sides, mature),
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


@dataclass(frozen=True, slots=True)
class _Reads:
    """Rows of both sides: `window` (n,) says in which of the reference's `own` windows each of its rows lies."""

    reference: OutcomeRows
    window: Ints
    own: Windows
    production: OutcomeRows

    def sides(self, answers: Answers, moment: int) -> tuple[_Side, _Side]:
        """Return both with what was known at a moment."""
        return (
            _Side(known_at(answers, self.reference, moment), self.window, len(self.own)),
            _Side(known_at(answers, self.production, moment), self.production.window, len(self.production.windows)),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is read."""

    workspace: Workspace
    answers: Answers
    question: Question
    by: str | None
    cancel: Cancel | None

    def read(self, size: WindowSize, progress: Progress | None = None) -> _Reads:
        """Read both sides in windows of a size."""
        production = self._side(self.question.production, size, progress)
        return _Reads(*self._reference(size), production)

    def _side(self, selection: Selection, size: WindowSize, progress: Progress | None = None) -> OutcomeRows:
        return read_side(self.workspace, self.answers, selection, size, by=self.by, progress=progress, cancel=self.cancel)

    def _reference(self, size: WindowSize) -> tuple[OutcomeRows, Ints, Windows]:
        """Read the reference and cut it into windows of the size; where they are few, into stretches of shorter ones."""
        size = size if size.unit != "whole" else usual_windows(self.workspace)
        usual = self._side(self.question.reference, size)
        shorter = finer(size)
        if len(usual.windows) >= ENOUGH_WINDOWS or shorter is None:
            return usual, usual.window, usual.windows
        try:
            blocks = self._side(self.question.reference, shorter)
        except SelectionError:  # too many blocks: the windows themselves have to do
            return usual, usual.window, usual.windows
        parts = np.array_split(np.arange(len(blocks.windows)), min(STRETCHES, len(blocks.windows)))
        stretch = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        ids = tuple(f"{blocks.windows.ids[part[0]]}..{blocks.windows.ids[part[-1]]}" for part in parts)
        own = Windows(ids, blocks.windows.start[[part[0] for part in parts]], blocks.windows.end[[part[-1] for part in parts]])
        return blocks, stretch[blocks.window], own


def _fine(asked: _Asked, reads: _Reads, size: WindowSize, known: tuple[int, Arrival], told: tuple[_Outcome, frozenset[str]]) -> Fine | None:
    """Measure the judged metrics in shorter windows, where the reference has few long ones and rows are enough for short ones."""
    shorter = finer(size) if size.calendar else None
    if shorter is None or len(reads.own) >= MANY_WINDOWS:
        return None
    try:
        short = asked.read(shorter)
    except SelectionError:  # more windows than anybody can look at
        return None
    moment, curve = known
    sides = short.sides(asked.answers, moment)
    production, of = short.production, sides[1].known
    labelled = np.bincount(production.window[of.labelled], minlength=len(production.windows))
    if float(np.median(labelled)) < ROWS_IN_FINE or len(short.own) <= len(reads.own):
        return None
    outcome, judged = told
    tracks = [one for segment in _segments(asked.by, reads.production) for one in outcome.tracks(segment, sides, judged)]
    place = np.searchsorted(reads.production.windows.start, production.windows.start, side="right") - 1
    return Fine(
        tracks={one.name: one for one in tracks},
        windows=production.windows,
        size=shorter,
        place=place,
        labelled=labelled,
        mature=_mature(production, of, curve, labelled),
    )


def _metrics(methods: Sequence[str], task: Task) -> frozenset[str]:
    able = [one.id for one in METRICS.values() if task in one.tasks]
    found: set[str] = set()
    for name in methods:
        if name in ("default", "all"):
            found.update(able)
        elif name in able:
            found.add(name)
        else:
            raise MethodError(f"There is no metric '{name}' of a {task} task.{nearest(name, able)} Use default or {', '.join(able)}.")
    return frozenset(found)


def _mature(production: OutcomeRows, known: Known, curve: Arrival, labelled: Ints) -> Bools:
    """Say of each window whether its labels are in, (w,): by the share of them that the curve of arrival expects at the ages of its rows,
    else whether it is one of the last that have fewer labels than windows usually have."""
    if len(curve.delay):
        expected = np.bincount(production.window, np.nan_to_num(curve.at(known.age), nan=1.0), len(production.windows))
        return np.asarray(expected >= MATURE * production.rows)
    share = labelled / np.maximum(production.rows, 1)
    full = share >= TRAILING * float(np.median(share[share > 0])) if (share > 0).any() else share > 0
    last = np.flatnonzero(full)
    return np.asarray(np.arange(len(share)) <= (last[-1] if len(last) else -1))


def _segments(by: str | None, production: OutcomeRows) -> list[tuple[str, str]]:
    """Return pairs of (condition, level): all rows first, then the commonest levels."""
    if by is None:
        return [("", "")]
    levels = production.levels[by]
    count = np.bincount(levels.code[levels.code >= 0], minlength=len(levels.names))
    shown = np.argsort(-count, kind="stable")[:MOST_SEGMENTS]
    name = by if by.isidentifier() else '"' + by.replace('"', '""') + '"'
    conditions = [(f"{name} = '{levels.names[i].replace(chr(39), chr(39) * 2)}'", levels.names[i]) for i in shown.tolist()]
    return [("", ""), *conditions]


class _Outcome:
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

    def tracks(self, segment: tuple[str, str], sides: tuple[_Side, _Side], wanted: frozenset[str]) -> Iterator[Track]:
        """Yield the metrics of a segment."""
        reference, production = sides
        kept = [self._in(side, *segment) for side in sides]
        whole = _Side(reference.known, np.where(reference.window >= 0, 0, -1), 1)
        own, all_of = self._found(reference, kept[0]), self._found(whole, kept[0])
        for key, estimate in self._found(production, kept[1]).items():
            if key[0] in wanted and key in own:
                yield Track(segment=segment[0], klass=key[1], metric=key[0], production=estimate, own=own[key], whole=all_of[key])

    def evidence(self, sides: tuple[_Side, _Side], mature: Bools) -> Mapping[str, pd.DataFrame]:
        """Return the tables behind the metrics, of the whole reference and of the mature windows of production."""
        kept = np.ones(len(sides[0].window), dtype=bool), mature[sides[1].window]
        rows = {name: (*side.of(part), side.known.read) for name, side, part in zip(("reference", "production"), sides, kept, strict=True)}
        if self.task is Task.REGRESSION:
            return regression_evidence({name: self._pairs(*one) for name, one in rows.items()})
        if self.task is Task.BINARY:
            return binary_evidence({name: self._binary(*one) for name, one in rows.items()})
        return {}

    def _in(self, side: _Side, condition: str, level: str) -> Bools:
        read = side.known.read
        return read.levels[str(self.by)].are(level) if condition else np.ones(len(side.window), dtype=bool)

    def _found(self, side: _Side, kept: Bools) -> dict[tuple[str, str], Estimate]:
        rows, at = side.of(kept)
        read = side.known.read
        if self.task is Task.REGRESSION:
            return {(name, ""): one for name, one in regression_metrics(self._pairs(rows, at, read))}
        if self.task is Task.MULTICLASS:
            return {(name, klass): one for name, klass, one in multiclass_metrics(self._classes(rows, at, read))}
        return {(name, ""): one for name, one in binary_metrics(self._binary(rows, at, read))}

    def _pairs(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Numbers:
        label, prediction = read.numbers[self.answers.label][at], read.numbers[str(self.answers.prediction)][at]
        known = np.isfinite(prediction)
        return Numbers(rows.take(known), label[known], prediction[known])

    def _binary(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Binary:
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

    def _classes(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Classes:
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


def _table(tracks: Sequence[Track], production: OutcomeRows, known: Known, mature: Bools, by: str | None) -> pd.DataFrame:
    shares = {segment: _shares(production, known, by, level) for segment, level in _segments(by, production)}
    parts = []
    for one in tracks:
        labelled, share = shares[one.segment]
        found = one.production
        parts.append(
            pd.DataFrame(
                {
                    "window": production.windows.ids,
                    "segment": one.segment or None,
                    "class": one.klass or None,
                    "metric": one.metric,
                    "value": found.value,
                    "lower": found.lower,
                    "upper": found.upper,
                    "n_labelled": labelled,
                    "label_share": share,
                    "mature": mature,
                    "reference_value": float(one.whole.value[0]),
                    "reason": [reason or None for reason in found.reason],
                    "n": found.n.round().astype(np.int64),
                    "window_start": production.windows.start,
                    "window_end": production.windows.end,
                    "n_production": production.rows,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))


def _shares(production: OutcomeRows, known: Known, by: str | None, level: str) -> tuple[Ints, Floats]:
    inside = np.ones(len(production.window), dtype=bool) if not level or by is None else production.levels[by].are(level)
    many = len(production.windows)
    rows, labelled = (np.bincount(production.window[part], minlength=many) for part in (inside, inside & known.labelled))
    with np.errstate(invalid="ignore", divide="ignore"):
        return labelled, np.where(rows > 0, labelled / rows, np.nan)


def _skipped(question: Question, labelled: Ints, known: tuple[Known, ...]) -> tuple[Skipped, ...]:
    found = []
    if question.against != "reference":
        told = "Performance is compared with all of A, whatever each window of drift is compared with."
        found.append(Skipped("against", "compared_with_all_of_a", told))
    for name, side in zip(("reference", "production"), known, strict=True):
        if not side.labelled.any():
            many = plural(len(side.labelled), "row")
            found.append(Skipped(name, "no_labels", f"None of the {many} of the {name} has a label, so there is nothing to compare with."))
    return tuple(found)


def _provenance(asked: _Asked, reads: _Reads, size: WindowSize, moment: int, timed: tuple[datetime, float]) -> Provenance:
    question, answers, workspace = asked.question, asked.answers, asked.workspace
    chosen = {"reference": question.reference, "production": question.production}
    both: Mapping[str, OutcomeRows] = {"reference": reads.reference, "production": reads.production}
    settings = {
        "windows": str(size),
        "against": "the whole reference",
        "label": answers.label,
        "threshold": answers.threshold if answers.prediction is None else None,
        "by": asked.by,
        "as_of": str(np.datetime64(moment, "us")) if answers.arrived or answers.timestamp else None,
    }
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings=settings,
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", read.sql) for side, read in both.items()),
        rows={
            side: {"used": int(read.rows.sum()), "excluded": {one.reason: one.rows for one in read.excluded}} for side, read in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
