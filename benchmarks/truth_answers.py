"""What counts as told: what the analyses say of a case, compared with what really happened in it.

- *Cause first*: of the incidents that meet the time of the true one, the first has its cause (on top of a real season one of the first
  three).
- *Columns*: it names the true ones, both of two, half of more; where cause and segment say it all, none is needed.
- *Segment*: it names every column and level of the true one.
- *Onset*: it begins within a window, or the tolerance of the answer, of the true one.
- *Innocent*: at most one column, or incident, is alarmed that has nothing to do with it (not asked on top of a season).
- *Controls*, where nothing happened: at most one row is alarmed in all analyses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
ANALYSES = (
    "drift",
    "multivariate",
    "predictions",
    "quality",
    "segments",
    "performance",
    "outliers",
    "adversaries",
    "operations",
    "incidents",
)
OF_COLUMNS = ("drift", "predictions", "quality")
ALARMS = frozenset({"warning", "alert"})
INNOCENTS_ALLOWED = 1
"""A rate of false discoveries of 5 % allows for one."""
ALARMS_OF_CONTROLS_ALLOWED = 1
SEASON_RANK = 3
CAUSES_OF_ROWS = frozenset({"duplicated_rows", "volume_change", "mix_change", "model_version", "label_delay", "label_change", "latency"})
"""Causes that cause and segment say in full."""
DAY = timedelta(days=1)
_EARLIEST = "0001-01-01"
"""Stands for the time of what did not happen."""


NOTHING = "nothing"
"""The remedy of what needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What happened: `cause` (none: nothing) in `columns` and `segment`, in [start, end) local time; `follows` may move with it."""

    cause: str
    columns: frozenset[str]
    follows: frozenset[str]
    segment: Mapping[str, str | Sequence[str]]
    start: datetime
    end: datetime
    tolerance: timedelta
    on_season: bool
    remedy: str | None

    @classmethod
    def read(cls, told: Row) -> Answer:
        """Return an answer as its file tells it."""
        return cls(
            cause=told["cause"],
            columns=frozenset(told.get("columns") or ()),
            follows=frozenset(told.get("follows") or ()),
            segment=told.get("segment") or {},
            start=datetime.fromisoformat(told.get("start") or _EARLIEST),
            end=datetime.fromisoformat(told.get("end") or _EARLIEST),
            tolerance=timedelta(days=told.get("onset_tolerance_days", 1)),
            on_season=told.get("base") == "natural",
            remedy=told.get("remedy_id"),
        )

    @property
    def words(self) -> str:
        """Say it in a line."""
        columns = f": {', '.join(sorted(self.columns)[:3])}" if self.columns else ""
        return f"{self.cause}{columns}{f' @ {_text(self.segment)}' if self.segment else ''}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarmed row of an analysis: the `column` it is about (empty: none), in [start, end) local time (None: open)."""

    analysis: str
    column: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the product said of a case: alarms of all analyses, incidents as rows with local times, the width of a window."""

    alarms: tuple[Alarm, ...]
    incidents: tuple[Row, ...]
    window: timedelta

    @classmethod
    def of(cls, tables: Mapping[str, Sequence[Row]], zone: ZoneInfo) -> Measured:
        """Return what stands in the tables of analyses."""
        alarms = [one for name, rows in tables.items() if name != "incidents" for one in _alarms(name, rows, zone)]
        incidents = tuple(_local_row(row, zone) for row in tables.get("incidents", ()) if row.get("status") in ALARMS)
        widths = [_width(row, zone) for row in tables.get("drift", ())]
        return cls(tuple(alarms), incidents, max([DAY, *widths]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What of an answer was told; None: it was not asked for. `silent`: nothing innocent is alarmed."""

    was: str
    told: str
    silent: bool
    cause: bool | None = None
    columns: bool | None = None
    segment: bool | None = None
    onset: bool | None = None
    remedy: bool | None = None
    wanted: str = ""
    """The remedy that is right, "" where none is known."""
    incidents: int = 0
    is_control: bool = False

    @property
    def holds(self) -> bool:
        """Say whether everything holds; what to do about it is told apart."""
        return self.silent and all(one is not False for one in (self.cause, self.columns, self.segment, self.onset))


def compare(answer: Answer, found: Measured) -> Compared:
    """Compare what was said with what happened."""
    if answer.cause == "none":
        return _control(found)
    near = [row for row in found.incidents if _meets(row["start"], row["end"], answer.start, answer.end + found.window)]
    rank, row = next(((rank, row) for rank, row in enumerate(near, 1) if cause_id(row["cause"]) == answer.cause), (0, {}))
    wrong = _innocents(answer, found)
    told = f"{_told(row)}, rank {rank}" if row else ", ".join(_told(one) for one in near[:3]) or "nothing"
    return Compared(
        was=answer.words,
        told=told + (f"; innocent: {', '.join(wrong[:4])}" if wrong else ""),
        cause=1 <= rank <= (SEASON_RANK if answer.on_season else 1),
        columns=bool(row) and _names_columns(answer, row) if answer.cause not in CAUSES_OF_ROWS and answer.columns else None,
        segment=bool(row) and _holds_segment(answer.segment, _text(row.get("segment"))) if answer.segment else None,
        onset=bool(row) and row["start"] is not None and abs(row["start"] - answer.start) <= max(found.window, answer.tolerance),
        remedy=_remedied(answer, row, found.incidents),
        wanted=answer.remedy or "",
        silent=answer.on_season or len(wrong) <= INNOCENTS_ALLOWED,
        incidents=len(found.incidents),
    )


def _control(found: Measured) -> Compared:
    counts = {name: sum(one.analysis == name for one in found.alarms) for name in ANALYSES} | {"incidents": len(found.incidents)}
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    told += "".join(f"; {_told(row)}" for row in found.incidents)
    silent = sum(counts.values()) <= ALARMS_OF_CONTROLS_ALLOWED
    return Compared(was="nothing", told=told or "nothing", silent=silent, incidents=len(found.incidents), is_control=True)


def _remedied(answer: Answer, row: Row, incidents: Sequence[Row]) -> bool | None:
    """Return whether what is proposed is the remedy; None where none is known, or incidents propose nothing."""
    if answer.remedy is None or not any("remedy" in one for one in incidents):
        return None
    return cause_id(row.get("remedy") or NOTHING) == cause_id(answer.remedy)


def _innocents(answer: Answer, found: Measured) -> list[str]:
    """Name the columns alarmed that did not change, the true ones alarmed at other times, and incidents at other times."""
    wrong = {
        f"incident {row['cause']}"
        for row in found.incidents
        if not _meets(row["start"], row["end"], answer.start, answer.end + found.window)
    }
    for one in found.alarms:
        if one.analysis in OF_COLUMNS and one.column:
            if one.column not in answer.columns | answer.follows:
                wrong.add(one.column)
            elif not _meets(one.start, one.end, answer.start, answer.end):
                wrong.add(f"{one.column} (outside)")
    return sorted(wrong)


def _names_columns(answer: Answer, row: Row) -> bool:
    needed = len(answer.columns) if len(answer.columns) <= 2 else len(answer.columns) / 2
    return len(answer.columns & set(re.findall(r"\w+", _text(row.get("columns"))))) >= needed


def _holds_segment(segment: Mapping[str, str | Sequence[str]], told: str) -> bool:
    known = set(re.findall(r"\w+", told))
    wanted = (word for column, level in segment.items() for word in (column, *([level] if isinstance(level, str) else level)))
    return all(word in known for word in wanted)


def _alarms(analysis: str, rows: Sequence[Row], zone: ZoneInfo) -> Iterable[Alarm]:
    by_primary = any("primary" in row for row in rows)
    for row in rows:
        if row.get("status") in ALARMS and (row.get("primary") or not by_primary):
            yield Alarm(analysis, str(row.get("column") or ""), *_bounds(row, zone))


def _bounds(row: Row, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    if row.get("window_start") and row.get("window_end"):
        return _local(row["window_start"], zone), _local(row["window_end"], zone)
    return _days(str(row.get("window") or ""))


_FORMS = {"%Y-%m-%dT%H": timedelta(hours=1), "%Y-%m-%d": DAY, "%G-W%V-%u": 7 * DAY}


def _days(window: str) -> tuple[datetime | None, datetime | None]:
    """Return the local bounds of a window by its id: an hour, a day or a week; else it is open.

    >>> _days("2013-W27")[0]
    datetime.datetime(2013, 7, 1, 0, 0)
    """
    for form, width in _FORMS.items():
        try:
            start = datetime.strptime(f"{window}-1" if "%V" in form else window, form)  # noqa: DTZ007
        except ValueError:
            continue
        return start, start + width
    return None, None


def _width(row: Row, zone: ZoneInfo) -> timedelta:
    start, end = _bounds(row, zone)
    return end - start if start and end else timedelta(0)


def _local_row(row: Row, zone: ZoneInfo) -> Row:
    return {**row, "start": _local(row.get("start"), zone), "end": _local(row.get("end"), zone)}


def _local(value: object, zone: ZoneInfo) -> datetime | None:
    if not value:
        return None
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment


def _meets(start: datetime | None, end: datetime | None, low: datetime, high: datetime) -> bool:
    return (start is None or start < high) and (end is None or end > low)


def _told(row: Row) -> str:
    return f"{row['cause']}: {_text(json.loads(row.get('columns') or '[]')) or '-'} @ {row.get('segment') or 'all'}"


def cause_id(value: object) -> str:
    """Return a cause as an id, however it is written.

    >>> cause_id("Unit change")
    'unit_change'
    """
    return re.sub(r"[^a-z0-9]+", "_", _text(value).lower()).strip("_")


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_text(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value)
    return "" if value is None else str(value)
