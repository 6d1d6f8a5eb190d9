"""What the rows of a case say of the model: which answers it gave, which labels came, and how complete they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.own_metrics import NO_METRICS, OwnMetrics, own_metrics_of
from monitor.analyses.threshold import positive_level
from monitor.case import WindowSize
from monitor.engine import NO_TIME, Cancel, Levels, OutcomeRows, Progress, Selection, Wanted, Workspace, read_outcomes
from monitor.engine.columns import family
from monitor.errors import ColumnMissingError, MethodError
from monitor.stats.performance.maturity import Arrival, arrival
from monitor.vocabulary import Task
from monitor.wording import list_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HOUR_US = 3_600_000_000
DEFAULT_THRESHOLD = 0.5
"""Score from which a model without a prediction says positive, where the case names no threshold."""
NUMBERS = frozenset({"integer", "float", "decimal", "boolean"})
"""Families of types that a function is given as numbers."""
NOTHING_ELSE = Wanted()
NAMED = 5
"""Values of an ambiguous label that a message names."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Columns that say what the model answered: `label` ("" none), `prediction`, `scores` by class (key "": of the positive class),
    `arrived` (when labels came), `timestamp`; `worth` in money of true and false positives, false and true negatives (numbers or columns);
    None or empty where the case names none. `stated`: the case names the threshold; `own`: its own metrics; `weight`: rows that a label
    stands for; `positive`: the class that it names so."""

    task: Task
    label: str
    prediction: str | None
    scores: Mapping[str, str]
    arrived: str | None
    timestamp: str | None
    threshold: float
    worth: tuple[float | str, ...] = ()
    stated: bool = False
    own: OwnMetrics = NO_METRICS
    weight: str | None = None
    positive: str | None = None

    @property
    def today(self) -> float | None:
        """Return the score from which a binary model says positive today, None where nobody said so."""
        return self.threshold if self.stated else None

    @classmethod
    def of(cls, workspace: Workspace, *, labelled: bool = True) -> Answers:
        """Read the roles of a case; where it need not be `labelled`, the label of a case without one is "".

        Raises
        ------
        ColumnMissingError
            It names no label, or neither a prediction nor a score.
        """
        roles, task = workspace.case.roles, workspace.case.task
        if roles.label is None and labelled:
            raise ColumnMissingError("The case names no label. Name the column in [roles], or a labels source in [data].")
        if roles.label is not None:
            workspace.schema.info(roles.label)
        scores = roles.score if isinstance(roles.score, dict) else {} if roles.score is None else {"": roles.score}
        if roles.prediction is None and not scores:
            raise ColumnMissingError("The case names neither a prediction nor a score. Name the column in [roles] of case.toml.")
        if task is Task.REGRESSION and roles.prediction is None:
            raise ColumnMissingError("A regression is judged by its predictions, and the case names none. Name the column in [roles].")
        arrived = roles.label_timestamp if roles.label_timestamp in workspace.columns else None
        threshold = DEFAULT_THRESHOLD if roles.threshold is None else float(roles.threshold)
        worth = workspace.case.value.parts() if workspace.case.value is not None and task is Task.BINARY else ()
        return cls(
            task=task,
            label=roles.label or "",
            prediction=roles.prediction,
            scores=scores,
            arrived=arrived,
            timestamp=roles.timestamp,
            threshold=threshold,
            worth=worth,
            stated=roles.threshold is not None,
            own=own_metrics_of(workspace.case) if labelled else NO_METRICS,
            weight=roles.label_weight if roles.label_weight in workspace.columns else None,
            positive=None if roles.positive_class is None else str(roles.positive_class),
        )

    def wanted(self, by: str | None) -> Wanted:
        """Return the columns to read."""
        weighed = () if self.weight is None else (self.weight,)
        values = (*self.scores.values(), *weighed)
        split = () if by is None else (by,)
        moments = tuple(dict.fromkeys(name for name in (self.timestamp, self.arrived) if name is not None))
        answered = tuple(name for name in (self.label, self.prediction) if name)
        if self.task is Task.REGRESSION:
            return Wanted(numbers=(*answered, *weighed), levels=split, moments=moments)
        values = tuple(dict.fromkeys((*values, *(one.removeprefix("-") for one in self.worth if isinstance(one, str)))))
        return Wanted(numbers=values, levels=tuple(dict.fromkeys((*answered, *split))), moments=moments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the rows of one side: rows as read, `labelled` (n,) those whose label was there at `as_of` (microseconds of the
    local clock), `age` (n,) hours between a row and that moment (nan without times), `weight` (n,) rows that each label stands for, where
    some stand for more than others; rows whose score is left out (`stray`) and those whose label is, by label (`unlike`)."""

    read: OutcomeRows
    labelled: Bools
    age: Floats
    delay: Floats
    weight: Floats | None = None
    stray: int = 0
    unlike: Mapping[str, int] = field(default_factory=dict)


def read_side(  # noqa: PLR0913 - what is read, and how it is told and stopped
    workspace: Workspace,
    answers: Answers,
    selection: Selection,
    size: WindowSize,
    *,
    by: str | None,
    also: Wanted = NOTHING_ELSE,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> OutcomeRows:
    """Read the rows of one side: what the model answered and what is known of it, and what else is wanted (`also`)."""
    present = {name for name, info in workspace.columns.items() if selection.data in info.types}
    wanted = _with_own(workspace, answers.wanted(by), answers.own).also(also)
    lacking = [name for name in (*wanted.numbers, *wanted.levels) if name not in present and name != answers.weight]
    if lacking:
        raise ColumnMissingError(
            f"The {selection.data} has no column {list_text([repr(name) for name in lacking])}, which performance needs."
        )
    held = replace(
        wanted,
        numbers=tuple(name for name in wanted.numbers if name in present),
        moments=tuple(name for name in wanted.moments if name in present),
    )
    return read_outcomes(workspace, selection, size, held, progress=progress, cancel=cancel)


def _with_own(workspace: Workspace, wanted: Wanted, own: OwnMetrics) -> Wanted:
    """Add what a case's own metrics are worked out of."""
    named = own.columns()
    numeric = {name for name in named if family(workspace.schema.info(name).type) in NUMBERS}
    numbers = dict.fromkeys((*wanted.numbers, *(name for name in named if name in numeric)))
    levels = dict.fromkeys((*wanted.levels, *(name for name in named if name not in numeric)))
    expressions = {name: sql for one in own.metrics for name, sql in one.expressions.items()}
    return replace(wanted, numbers=tuple(numbers), levels=tuple(levels), expressions=expressions)


def last_moment(answers: Answers, sides: tuple[OutcomeRows, ...]) -> int:
    """Return the last moment that the data know of: of a row or of the arrival of a label; NO_TIME without times."""
    moments = [int(values.max(initial=NO_TIME)) for side in sides for values in side.moments.values()]
    return max(moments, default=NO_TIME)


def clock_time(as_of: datetime, timezone: str) -> datetime:
    """Return a moment on a local clock, naive."""
    return as_of.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)


def moment_of(as_of: datetime, timezone: str) -> int:
    """Return a moment as microseconds of the local clock."""
    return int(np.datetime64(clock_time(as_of, timezone), "us").astype(np.int64))


def known_at(answers: Answers, read: OutcomeRows, moment: int) -> Known:
    """Say which labels were known at a moment."""
    n = len(read.window)
    number = answers.task is Task.REGRESSION
    if not answers.label:
        labelled = np.zeros(n, dtype=bool)
    else:
        labelled = np.isfinite(read.numbers[answers.label]) if number else read.levels[answers.label].code >= 0
    age = delay = np.full(n, np.nan)
    begun = read.moments.get(answers.timestamp or "")
    arrived = read.moments.get(answers.arrived or "")
    if arrived is not None:
        labelled = labelled & (arrived <= moment)
    if begun is not None:
        age = np.where(begun == NO_TIME, np.nan, (moment - begun) / HOUR_US)
    if begun is not None and arrived is not None:
        timed = (begun != NO_TIME) & (arrived != NO_TIME) & labelled
        delay = np.where(timed, np.maximum(arrived - begun, 0) / HOUR_US, np.nan)
    weight = None if answers.weight is None or answers.weight not in read.numbers else np.nan_to_num(read.numbers[answers.weight], nan=1.0)
    return Known(read=read, labelled=labelled, age=age, delay=delay, weight=weight)


def arrival_of(sides: tuple[Known, ...]) -> Arrival:
    """Return the curve of the arrival of labels, from all rows of both sides; empty where nothing says when labels came."""
    delay = np.concatenate([side.delay[side.labelled & np.isfinite(side.delay)] for side in sides])
    waited = np.concatenate([side.age[~side.labelled & (side.age >= 0)] for side in sides])
    return arrival(delay, waited)


def positives_of(answers: Answers, sides: tuple[OutcomeRows, ...], workspace: Workspace) -> dict[str, str | None]:
    """Return the level that means positive of the label and of the prediction.

    Raises
    ------
    MethodError
        It cannot be told: too many values, none of them the class that was named, or other words in the prediction than in the label.
    """
    columns = [column for column in (answers.label, answers.prediction) if column]
    names = {column: {name for side in sides for name in side.levels[column].names} for column in columns}
    found = {column: positive_of(tuple(side.levels[column] for side in sides), workspace, column) for column in columns}
    if workspace.case.roles.positive_class is None:
        _check_one_language(names)
        return found
    for column, values in names.items():
        read_as = _READ_AS.get(str(found[column]).lower(), "")  # files whose words are yes and no are read as true and false
        if read_as in values and values <= {"true", "false"}:
            found[column] = read_as
        if len(values) < 2 or found[column] in values:
            continue
        answers_01 = column == answers.prediction and values <= _TRUTH and found[column] in names.get(answers.label, ())
        if not answers_01:
            raise MethodError(
                f"positive_class is {found[column]!r}, but '{column}' has the values {_shown(values)}. "
                "Name one of them as positive_class in [roles], or write both columns in the same words."
            )
        found[column] = max(values)
    return found


_READ_AS = {**dict.fromkeys(("yes", "y", "t", "true", "1"), "true"), **dict.fromkeys(("no", "n", "f", "false", "0"), "false")}
"""What the words of a column of true and false are read as (DuckDB, casting text to BOOLEAN)."""
_TRUTH = frozenset({"0", "1", "true", "false"})
_PLAIN_WORDS = frozenset(
    {"0", "1", "-1", "2", "0.0", "1.0", "true", "false", "t", "f", "yes", "no", "y", "n", "pos", "neg", "positive", "negative"}
)
"""Values of which the last in order means positive, whatever the words of the other column."""


def _check_one_language(names: Mapping[str, set[str]]) -> None:
    """Refuse a label and a prediction that have no value in common where nothing says which of them mean the same."""
    if len(names) < 2 or not all(names.values()):
        return
    (label, first), (prediction, second) = names.items()
    if first & second or all(value.lower() in _PLAIN_WORDS for value in first | second):
        return
    raise MethodError(
        f"'{label}' has the values {_shown(first)} and '{prediction}' {_shown(second)}: nothing says which of them mean the same. "
        "Name positive_class in [roles], or write both in the same words."
    )


def _shown(values: set[str]) -> str:
    return list_text([repr(name) for name in sorted(values)[:NAMED]])


def _advice(names: Sequence[str]) -> str:
    if all(name.lower() in _PLAIN_WORDS for name in names):
        return "The reference, production and labels seem to write yes and no in different words: write them in the same."
    return 'Name positive_class in [roles], or write task = "multiclass"; a probability has the role score.'


def positive_of(levels: tuple[Levels, ...], workspace: Workspace, column: str) -> str | None:
    """Return the level that means positive.

    Raises
    ------
    MethodError
        A binary task has a column of more than two values and nothing says which of them is positive.
    """
    names = sorted({name for one in levels for name in one.names})
    if workspace.case.roles.positive_class is None and len(names) > 2:
        shown = ", ".join(repr(name) for name in names[:NAMED])
        raise MethodError(
            f"'{column}' has {len(names)} values ({shown}{' ...' if len(names) > NAMED else ''}) in a binary task. {_advice(names)}"
        )
    return positive_level(names, workspace.case)
