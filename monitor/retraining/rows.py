"""The rows of a case that a model could learn from, each with why it is left out where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.threshold import positive_level
from monitor.case import WindowSize
from monitor.case.model import Case
from monitor.engine import Progress, Selection, Watch, Workspace, sample
from monitor.engine.sampling import WINDOW_COLUMN
from monitor.errors import ColumnMissingError, MethodError
from monitor.stats.performance.maturity import MATURE, Arrival, arrival
from monitor.vocabulary import Kind, Role, Task

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Moments = NDArray[np.datetime64]

MOST_ROWS = 1_000_000
"""Rows of each side that are read; of more a sample, the same one each time."""
NO_LABEL, WAITING, INCIDENT, FOUND, BY_HAND, REPEATED = "no_label", "labels_missing", "incident", "found", "left_out", "repeated_id"
REASONS = {
    NO_LABEL: "no label",
    WAITING: "labels still coming in, and those that are there are a choice",
    INCIDENT: "inside an incident that the case notes",
    FOUND: "made wrong by an incident that was found",
    BY_HAND: "left out by hand",
    REPEATED: "an id that was there before",
}


PRODUCTION = Selection("production")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Rows of production that an incident made wrong: in [start, end) (naive, on the case's clock; None: open), with one of the levels of
    each column of `at` (no level: without a value)."""

    name: str
    start: datetime | None
    end: datetime | None
    at: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a training set is mixed of: `reference` or not, `production` of a period, `left_out` periods (naive, on the case's clock),
    `weighted` toward the inputs of the last windows, `wrong`: rows that incidents made wrong, which are left out."""

    reference: bool = True
    production: Selection = PRODUCTION
    left_out: tuple[tuple[datetime, datetime], ...] = ()
    weighted: bool = False
    seed: int = 0
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """Rows of a case, the reference's first: `frame` (features and names), `label` (n,) 0 or 1, or a number (nan: none), `score` (n,) what
    the model in charge said, `production` (n,), `window` (n,) ids, `time` and `known_at` (n,) on the case's clock (NaT not known), `reason`
    (n,) why a row is left out ("" where it is not); `delay` hours until nearly all labels are in."""

    case: Case
    frame: pd.DataFrame
    features: tuple[str, ...]
    label: Floats
    score: Floats
    worth: Floats | None
    production: Bools
    window: Objects
    time: Moments
    known_at: Moments
    reason: Objects
    delay: float

    @property
    def used(self) -> Bools:
        """Rows that are learned from, (n,)."""
        return np.asarray(self.reason == "")

    @property
    def windows(self) -> tuple[str, ...]:
        """Windows of production, in order."""
        return tuple(sorted(set(self.window[self.production])))


def read_history(
    workspace: Workspace, choice: Choice, *, also: Sequence[str] = (), rows: int = MOST_ROWS, progress: Progress | None = None
) -> History:
    """Read the rows that a model could learn from, with further columns (`also`) where the data have them.

    Raises
    ------
    ColumnMissingError
        The case names no label, or no feature.
    MethodError
        It has several classes, or watches data only.
    """
    case, watch = workspace.case, Watch(progress, None)
    roles = case.roles
    if case.task not in (Task.BINARY, Task.REGRESSION):
        raise MethodError(f"A training set is built of binary and regression cases; this one is {case.task}.")
    if roles.label is None or roles.label not in workspace.columns:
        raise ColumnMissingError("A training set needs labels, and the case names none. Name the column in [roles].")
    features = tuple(m for m, info in workspace.columns.items() if info.role is Role.FEATURE and info.kind is not Kind.DATETIME)
    features = tuple(name for name in features if {"reference", "production"} <= set(workspace.columns[name].types))
    if not features:
        raise ColumnMissingError("No column with the role feature is in both data sets, so that there is nothing to learn from.")
    sides = ([Selection("reference")] if choice.reference else []) + [choice.production]
    tables = []
    for at, side in enumerate(sides):
        watch.tell(at / len(sides), f"reading the {side.data}")
        tables.append(_table(workspace, side, ((*features, *_places(choice)), also), rows, choice.seed).assign(**{"@side": side.data}))
    table = pd.concat(tables, ignore_index=True)
    return _history(case, table, features, choice)


def _places(choice: Choice) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in choice.wrong for name, _ in one.at))


def _table(workspace: Workspace, side: Selection, wanted: tuple[Sequence[str], Sequence[str]], rows: int, seed: int) -> pd.DataFrame:
    roles, (features, also) = workspace.case.roles, wanted
    score = roles.score if isinstance(roles.score, str) else None
    worth = workspace.case.value.columns() if workspace.case.value is not None else ()
    named = (*features, roles.label, roles.label_timestamp, roles.timestamp, roles.id, score, roles.prediction, *worth, *also)
    have = [name for name in dict.fromkeys(named) if name and name in workspace.columns and side.data in workspace.columns[name].types]
    late = [name for name in (roles.label, roles.label_timestamp) if name and name in workspace.columns and workspace.columns[name].late]
    size = workspace.case.windows if workspace.schema.time(side.data) else WindowSize(1, "whole")
    table = sample(workspace, side, list(dict.fromkeys((*have, *late))), rows=rows, seed=seed, windows=size)
    frame: pd.DataFrame = table.to_pandas()
    numbers = [name for name in features if name in frame and workspace.columns[name].kind is Kind.NUMERIC]
    return frame.assign(**{name: pd.to_numeric(frame[name], errors="coerce").astype(float) for name in numbers})


def _history(case: Case, table: pd.DataFrame, features: tuple[str, ...], choice: Choice) -> History:
    roles, n = case.roles, len(table)
    production = table["@side"].eq("production").to_numpy()
    time, known_at = (moments_of(table, name) for name in (roles.timestamp, roles.label_timestamp))
    label = _label(case, table[str(roles.label)] if roles.label in table else pd.Series([None] * n))
    score_column = roles.score if isinstance(roles.score, str) else roles.prediction if case.task is Task.REGRESSION else None
    score = _floats(table, score_column)
    curve, age = arrival_of(time, known_at, label)
    reason = np.full(n, "", dtype=object)
    for name, rows in _left_out(case, table, label, (time, curve, age), choice).items():
        reason[rows & (reason == "")] = name
    return History(
        case=case,
        frame=table,
        features=features,
        label=label,
        score=score,
        worth=_worth(case, table),
        production=production,
        window=table[WINDOW_COLUMN].to_numpy(dtype=object),
        time=time,
        known_at=known_at,
        reason=reason,
        delay=curve.delay_of(MATURE),
    )


def _floats(table: pd.DataFrame, name: str | None) -> Floats:
    if name is None or name not in table:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[name], errors="coerce"), dtype=np.float64)


def moments_of(table: pd.DataFrame, name: str | None) -> Moments:
    """Return a column as times, (n,); NaT where it is none."""
    if name is None or name not in table:
        return np.full(len(table), np.datetime64("NaT", "us"))
    return np.asarray(pd.to_datetime(table[name], errors="coerce").to_numpy(), dtype="datetime64[us]")


def _label(case: Case, column: pd.Series) -> Floats:
    if case.task is Task.REGRESSION:
        return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    texts = column.map(level_text, na_action="ignore")
    positive = positive_level(sorted(texts.dropna().unique()), case)
    same = np.array([text == positive for text in texts], dtype=np.float64)
    return np.asarray(np.where(texts.isna(), np.nan, same))


def level_text(value: object) -> str:
    """Write a level as it is named: whole numbers without a point, true and false in small letters.

    >>> level_text(3.0), level_text(True), level_text("a")
    ('3', 'true', 'a')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    return str(int(value)) if isinstance(value, (float, np.floating)) and float(value).is_integer() else str(value)


def _worth(case: Case, table: pd.DataFrame) -> Floats | None:
    """Return what each row is worth by what becomes of it, (4, n); None where nobody says."""
    if case.value is None or case.task is not Task.BINARY:
        return None
    parts = []
    for one in case.value.parts():
        named = isinstance(one, str)
        sign = -1.0 if named and str(one).startswith("-") else 1.0
        parts.append(_floats(table, str(one).removeprefix("-")) * sign if named else np.full(len(table), float(one)))
    return np.array(parts)


def arrival_of(time: Moments, known_at: Moments, label: Floats) -> tuple[Arrival, Floats]:
    """Return the curve by which labels come, and the age of each row in hours at the last moment that the data know of."""
    every = np.concatenate([time[~np.isnat(time)], known_at[~np.isnat(known_at)]])
    if not len(every) or np.isnat(known_at).all():
        return arrival(np.zeros(0), np.zeros(0)), np.full(len(label), np.nan)
    hour = np.timedelta64(1, "h")
    age = (every.max() - time) / hour
    delay = np.maximum((known_at - time) / hour, 0.0)
    labelled = np.isfinite(label)
    return arrival(delay[labelled & np.isfinite(delay)], age[~labelled & np.isfinite(age)]), age


def _left_out(case: Case, table: pd.DataFrame, label: Floats, timed: tuple[Moments, Arrival, Floats], choice: Choice) -> dict[str, Bools]:
    """Return rows by why they are left out."""
    time, curve, age = timed
    young = curve.at(age) < MATURE if len(curve.delay) else np.zeros(len(label), dtype=bool)
    production = table["@side"].eq("production").to_numpy()
    notes = [note for note in case.annotations if note.kind == "incident"]
    marked = [(note.start, note.end) for note in notes if note.end is not None]
    found = {WAITING: np.asarray(young & production), NO_LABEL: ~np.isfinite(label)}
    found[INCIDENT] = _within(time, [_naive(one) for one in marked]) & production
    found[FOUND] = made_wrong(table, time, choice.wrong) & production
    found[BY_HAND] = _within(time, choice.left_out)
    ids = case.roles.id
    found[REPEATED] = (table.duplicated(ids) & table[ids].notna()).to_numpy() if ids in table else np.zeros(len(label), dtype=bool)
    return found


def made_wrong(table: pd.DataFrame, time: Moments, wrong: Sequence[Wrong]) -> Bools:
    """Say which rows incidents made wrong; rows without a time are in none that has one."""
    hit = np.zeros(len(table), dtype=bool)
    for one in wrong:
        inside = np.ones(len(table), dtype=bool)
        for name, levels in one.at:
            inside &= _has(table[name], levels) if name in table else False
        if one.start is not None:
            inside &= time >= np.datetime64(one.start, "us")
        if one.end is not None:
            inside &= time < np.datetime64(one.end, "us")
        hit |= inside
    return hit


def _has(column: pd.Series, levels: tuple[str, ...]) -> Bools:
    return np.asarray(column.map(level_text, na_action="ignore").isin(levels) if levels else column.isna())


def _naive(ends: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    first, last = (one.replace(tzinfo=None) for one in ends)
    return first, last


def _within(time: Moments, periods: Sequence[tuple[datetime, datetime]]) -> Bools:
    inside = np.zeros(len(time), dtype=bool)
    for first, last in periods:
        inside |= (time >= np.datetime64(first, "us")) & (time < np.datetime64(last, "us"))
    return inside
