"""The arms of an experiment: who was given which, whether they are as large as planned, and what they differ in at every look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.call_statuses import is_error
from monitor.analyses.labels import Answers, Known
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.case.model import Case
from monitor.engine import NO_TIME, Levels, Wanted, Workspace
from monitor.engine.kept.opening import is_store
from monitor.stats.operations.catalogue import OPERATIONS, Operation
from monitor.stats.performance.binary import SMALLEST_CHANCE, worth_of
from monitor.stats.performance.catalogue import METRICS, Metric
from monitor.stats.performance.looks import Looks, Sums, looks_of
from monitor.stats.performance.sequential import more_looks, steady_split
from monitor.tables import Skipped
from monitor.vocabulary import Role, Task
from monitor.wording import list_text, plural

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_US = 86_400_000_000
MOST_LOOKS, MOST_ARMS = 60, 6
FEWEST_UNITS, EACH_OFTEN, OWN_ARM = 50, 1.5, 0.99
"""A column is what arms were given by where it has so many levels, each so often, of which nearly all have one arm only."""
CONTROLS = ("control", "champion", "current", "baseline", "base", "a", "0", "off")
"""Names of arms that are the control; else it is the arm with most rows."""
LATENCY = "latency_mean_ms"
GUARDRAILS = ("error_share", LATENCY, "cost_per_1000")
MEANINGS: Mapping[str, Operation | Metric] = {
    **METRICS,
    **OPERATIONS,
    LATENCY: Operation(LATENCY, "Mean latency", OPERATIONS["latency_p50_ms"].part, "ms", True, 0.1, Role.LATENCY_MS, relative=True),
}
"""What metrics of arms are called, and from which difference on they matter."""


@dataclass(frozen=True, slots=True)
class ArmTrack:
    """One metric of two arms: `looks` at the end of `days` (ids); `guardrail`: nobody wants it better, only not worse."""

    metric: str
    looks: Looks
    days: tuple[str, ...]
    guardrail: bool

    @property
    def last(self) -> dict[str, list[object]]:
        """What the last look says, as columns of one row."""
        one = self.looks
        known = bool(np.isfinite(one.reach[-1]))
        told = {
            "value": one.control[-1], "challenger_value": one.treatment[-1], "difference": one.difference[-1],
            "lower": one.difference[-1] - one.reach[-1], "upper": one.difference[-1] + one.reach[-1], "p_value": one.p_value[-1],
        }  # fmt: skip
        values: dict[str, list[object]] = {name: [float(value) if known else np.nan] for name, value in told.items()}
        return {**values, "n": [int(one.n[-1])], "reason": [None if known else "too_few_rows"]}

    @property
    def meaning(self) -> Operation | Metric:
        """What it is called, and from which difference on it matters."""
        return MEANINGS[self.metric]

    @property
    def floor(self) -> float:
        """The smallest difference that matters."""
        return self.meaning.smallest(float(np.nan_to_num(self.looks.control[-1])))

    @property
    def days_more(self) -> float:
        """How many days more it takes until a difference as small as matters is told from none; nan: not known."""
        one = self.looks
        if one.decided is not None or not np.isfinite(one.variance[-1]) or self.floor <= 0:
            return 0.0 if one.decided is not None else float("nan")
        return len(self.days) * (more_looks(float(one.variance[-1]), one.spread, self.floor) - 1)

    @property
    def frame(self) -> pd.DataFrame:
        """The looks as a table: `window, difference, lower, upper, value, challenger_value, n`."""
        one = self.looks
        return pd.DataFrame(
            {
                "window": self.days, "value": one.control, "challenger_value": one.treatment, "difference": one.difference,
                "lower": one.difference - one.reach, "upper": one.difference + one.reach, "n": one.n,
            }
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArmPair:
    """An arm beside the control."""

    control: str
    treatment: str
    tracks: tuple[ArmTrack, ...]

    @property
    def name(self) -> str:
        """What the comparison is called."""
        return f"{self.control} -> {self.treatment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """An experiment: `column` of the arms, `rows` and units by arm, `unit` the column that was given an arm ("": each row by itself),
    `mixed` units that had several arms, `steady` the p-value of their shares being the same every day; `first` and `last` its days."""

    column: str
    rows: Mapping[str, int]
    units: Mapping[str, int]
    unit: str
    mixed: int
    steady: float
    pairs: tuple[ArmPair, ...]
    first: str
    last: str
    skipped: tuple[Skipped, ...]


def arms_wanted(workspace: Workspace) -> Wanted:
    """Return the columns that an experiment is read from."""
    roles, have = workspace.case.roles, workspace.columns
    names = [roles.variant, roles.status, *_units(workspace)]
    numbers = [roles.latency_ms, roles.cost]
    return Wanted(
        levels=tuple(name for name in names if name is not None and name in have),
        numbers=tuple(name for name in numbers if name is not None and name in have),
    )


def _units(workspace: Workspace) -> tuple[str, ...]:
    """Return the columns that may say whom an arm was given: those without another role, and not the one of the rows themselves."""
    return tuple(name for name in workspace.case.roles.ignore if name in workspace.columns and _held(workspace, name))


def _held(workspace: Workspace, name: str) -> bool:
    return "production" in workspace.columns[name].types


def _units_gone(workspace: Workspace) -> tuple[str, ...]:
    """Return the columns that may have said whom an arm was given, and are not kept in a profile store."""
    if not is_store(workspace.case.root):
        return ()
    return tuple(name for name in workspace.case.roles.ignore if name in workspace.columns and not _held(workspace, name))


def measure_arms(workspace: Workspace, known: Known, ripe: Bools, metrics: Sequence[str]) -> Arms:
    """Compare the arms of an experiment."""
    case, read = workspace.case, known.read
    column = str(case.roles.variant)
    levels = read.levels.get(column)
    inside = read.window >= 0
    rows = {} if levels is None else _rows(levels, inside)
    if levels is None or len(rows) < 2:
        text = f"'{column}' has {plural(len(rows), 'arm')} in these rows: there is nothing to compare."
        return Arms(
            column=column, rows=rows, units=rows, unit="", mixed=0, steady=1.0, pairs=(), first="", last="",
            skipped=(Skipped(column, "one_arm", text),),
        )  # fmt: skip
    gone = _units_gone(workspace)
    if gone:
        told = list_text([repr(name) for name in gone])
        text = f"Arms are not compared: {told}, by which they may have been given, is not kept in a profile store, and rows by themselves "
        return Arms(
            column=column, rows=rows, units=rows, unit="", mixed=0, steady=1.0, pairs=(), first="", last="",
            skipped=(Skipped(column, "units_gone", text + "would look surer than they are. Compare arms on the raw rows."),),
        )  # fmt: skip
    kept = inside & np.isin(levels.code, [levels.names.index(name) for name in rows])
    unit_name, unit = _unit(workspace, known, levels, kept)
    day = _days(known, case)
    mixed, units = _mixed(levels, unit, kept, rows)
    reader = _Reader(workspace, known, ripe, kept, unit, day)
    control = _control(rows)
    pairs = tuple(
        ArmPair(control, name, tuple(reader.tracks(levels.are(control), levels.are(name), metrics))) for name in rows if name != control
    )
    ids = _day_ids(np.unique(day[kept]))
    return Arms(
        column=column,
        rows=rows,
        units=units,
        unit=unit_name,
        mixed=mixed,
        steady=_steady(levels, rows, unit, day, kept),
        pairs=pairs,
        first=ids[0],
        last=ids[-1],
        skipped=tuple(_notes(column, unit_name, mixed)),
    )


def _rows(levels: Levels, inside: Bools) -> dict[str, int]:
    count = np.bincount(levels.code[inside & (levels.code >= 0)], minlength=len(levels.names))
    order = np.argsort(-count, kind="stable")[:MOST_ARMS].tolist()
    return {levels.names[at]: int(count[at]) for at in order if count[at]}


def _control(rows: Mapping[str, int]) -> str:
    named = {name.lower(): name for name in rows}
    return next((named[name] for name in CONTROLS if name in named), max(rows, key=lambda name: rows[name]))


def _unit(workspace: Workspace, known: Known, arms: Levels, kept: Bools) -> tuple[str, Ints]:
    """Return what was given an arm: a column whose levels come often and each in one arm only, else the row; and its code (n,)."""
    for name in _units(workspace):
        levels = known.read.levels.get(name)
        if levels is None:
            continue
        use = kept & (levels.code >= 0)
        count = np.bincount(levels.code[use], minlength=len(levels.names))
        held = np.zeros((len(levels.names), len(arms.names)), dtype=bool)
        held[levels.code[use], arms.code[use]] = True
        several = count > 1
        enough = int((count > 0).sum()) >= FEWEST_UNITS and use.sum() >= EACH_OFTEN * (count > 0).sum()
        if enough and several.any() and float((held[several].sum(axis=1) == 1).mean()) >= OWN_ARM:
            return name, np.where(levels.code >= 0, levels.code, len(levels.names) + np.arange(len(levels.code)))
    return "", np.arange(len(known.read.window), dtype=np.int64)


def _mixed(levels: Levels, unit: Ints, kept: Bools, rows: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """Return how many units had several arms, and the units of each arm."""
    pairs = np.unique(np.column_stack([unit[kept], levels.code[kept]]), axis=0)
    _, times = np.unique(pairs[:, 0], return_counts=True)
    return int((times > 1).sum()), {name: int((pairs[:, 1] == levels.names.index(name)).sum()) for name in rows}


def _days(known: Known, case: Case) -> Ints:
    moments = known.read.moments.get(case.roles.timestamp or "")
    if moments is None:
        return np.zeros(len(known.read.window), dtype=np.int64)
    return np.asarray(np.where(moments == NO_TIME, np.iinfo(np.int64).max, moments // DAY_US))


def _day_ids(days: Ints) -> tuple[str, ...]:
    return tuple("" if day == np.iinfo(np.int64).max else str(np.datetime64(int(day), "D")) for day in days)


def _steady(levels: Levels, rows: Mapping[str, int], unit: Ints, day: Ints, kept: Bools) -> float:
    """Return the p-value of arms growing alike: units by the day on which they are first seen."""
    order = np.lexsort((day[kept], unit[kept]))
    units, first = np.unique(unit[kept][order], return_index=True)
    del units
    at, arm = day[kept][order][first], levels.code[kept][order][first]
    _, place = np.unique(at, return_inverse=True)
    counts = np.zeros((int(place.max()) + 1, len(levels.names)), dtype=np.int64)
    np.add.at(counts, (place, arm), 1)
    counts = counts[:, [levels.names.index(name) for name in rows]]
    few = counts.sum(axis=1) < 5 * len(rows) * 2
    return steady_split(np.vstack([counts[~few], counts[few].sum(axis=0, keepdims=True)]))


def _notes(column: str, unit: str, mixed: int) -> Iterator[Skipped]:
    if mixed:
        text = f"{plural(mixed, 'level')} of '{unit}' had several arms: what one of them did may show in the other."
        yield Skipped(column, "mixed_units", text)


class _Reader:
    """Sums of the metrics of two arms."""

    def __init__(self, workspace: Workspace, known: Known, ripe: Bools, kept: Bools, unit: Ints, day: Ints) -> None:
        self.case, self.known, self.ripe, self.kept, self.unit, self.day = workspace.case, known, ripe, kept, unit, day
        self.outcome = Outcome(workspace, Answers.of(workspace), (known.read, known.read), None)

    def tracks(self, control: Bools, treatment: Bools, metrics: Sequence[str]) -> Iterator[ArmTrack]:
        """Yield the metrics of labels that are asked for, then the guardrails."""
        both = self.kept & (control | treatment)
        known = self.known
        labelled = both & self.ripe & known.labelled
        if labelled.any():
            side = Side(known, np.where(labelled, 0, -1), 1)
            for name, at, above, below in self._of_labels(side, labelled):
                if name in metrics:
                    yield self._track(name, at, above, below, treatment, guardrail=False)
        for name, above in self._of_service(both):
            ok = np.isfinite(above)
            at = both.copy()
            at[both] = ok
            yield self._track(name, at, above[ok], np.ones(int(ok.sum())), treatment, guardrail=True)

    def _track(self, name: str, at: Bools, above: Floats, below: Floats, treatment: Bools, *, guardrail: bool) -> ArmTrack:
        _, unit = np.unique(self.unit[at], return_inverse=True)
        days = np.unique(self.day[at])
        chosen = days if len(days) <= MOST_LOOKS else days[np.unique(np.linspace(0, len(days) - 1, MOST_LOOKS).astype(np.int64))]
        meaning = MEANINGS[name]
        sums = Sums(above, below, unit, self.day[at], treatment[at])
        return ArmTrack(name, looks_of(sums, chosen, meaning.floor, relative=meaning.relative), _day_ids(chosen), guardrail)

    def _of_labels(self, side: Side, kept: Bools) -> Iterator[tuple[str, Bools, Floats, Floats]]:
        """Yield (metric, rows, numerator, denominator)."""
        rows, at = side.of(kept)
        read, task = side.known.read, self.case.task
        if task is Task.REGRESSION:
            at = at & np.isfinite(read.numbers[str(self.outcome.answers.prediction)])
            rows, at = side.of(at)
            error = self.outcome.numbers_of(rows, at, read)
            away = np.abs(error.prediction - error.label)
            yield "mae", at, away, np.ones(len(away))
            yield "mse", at, away**2, np.ones(len(away))
        elif task is Task.MULTICLASS:
            told = self.outcome.classes_of(rows, at, read)
            if told.decision is not None:
                yield "accuracy", at, (told.decision == told.label).astype(float), np.ones(rows.size)
        else:
            yield from self._binary(side, at & self.outcome.decided(side))

    def _binary(self, side: Side, at: Bools) -> Iterator[tuple[str, Bools, Floats, Floats]]:
        rows, at = side.of(at)
        told = self.outcome.binary_of(rows, at, side.known.read)
        one, y = np.ones(rows.size), told.label.astype(float)
        if told.decision is not None:
            d = told.decision.astype(float)
            if told.worth is not None:
                yield "value", at, worth_of(told.label, told.decision, told.worth), one
            yield "accuracy", at, (told.label == told.decision).astype(float), one
            yield "recall", at, d * y, y
            yield "precision", at, d * y, d
            yield "false_positive_rate", at, d * (1 - y), 1 - y
            yield "selection_rate", at, d, one
        if told.score is not None and np.isfinite(told.score).all() and ((told.score >= 0) & (told.score <= 1)).all():
            held = np.clip(told.score, SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)
            yield "brier", at, (told.score - y) ** 2, one
            yield "log_loss", at, -np.log(np.where(told.label, held, 1 - held)), one

    def _of_service(self, both: Bools) -> Iterator[tuple[str, Floats]]:
        read, roles = self.known.read, self.case.roles
        if roles.status in read.levels:
            status = read.levels[str(roles.status)]
            bad = np.array([*(is_error(name) for name in status.names), False])
            yield "error_share", bad[status.code[both]].astype(float)
        if roles.latency_ms in read.numbers:
            yield LATENCY, read.numbers[str(roles.latency_ms)][both]
        if roles.cost in read.numbers:
            yield "cost_per_1000", 1000 * read.numbers[str(roles.cost)][both]
