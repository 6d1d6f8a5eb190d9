"""Windows: integer keys in SQL, ids and bounds in UTC outside of it. Calendar windows are cut on the case's local clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.case.windows import FIRST_YEAR, LAST_YEAR
from monitor.engine.identifiers import refuse
from monitor.errors import SelectionError
from monitor.profile import Ints, Windows
from monitor.vocabulary import WHOLE

MOST_WINDOWS = 5_000
ORIGIN = datetime.fromisoformat("2000-01-03")  # a Monday, on the local clock
_EPOCH = datetime.fromisoformat("1970-01-01")
_HOUR_US = 3_600_000_000
_UNIT_US = {"hour": _HOUR_US, "day": 24 * _HOUR_US, "week": 168 * _HOUR_US}
_ORIGIN_US = 946_857_600_000_000
_SHIFT_MONTHS = 12_000_000
_MICROSECOND = timedelta(microseconds=1)
NO_TIME = int(np.iinfo(np.int64).min)
"""Microseconds of what has no time."""


def key_sql(size: WindowSize, local: str) -> str:
    """Return SQL of the integer key of a row's calendar window; `local` is its time on the local clock.

    `//` cuts towards zero, so times are first moved by a whole number of windows to where all are positive.
    """
    if size.unit == "month":
        shift = _SHIFT_MONTHS * size.count
        return f"((year({local}) - 2000) * 12 + month({local}) - 1 + {shift}) // {size.count} - {_SHIFT_MONTHS}"
    step = _UNIT_US[size.unit] * size.count
    shift = 4_000_000_000_000_000_000 // step
    return f"(epoch_us({local}) + {shift * step - _ORIGIN_US}) // {step} - {shift}"


def within_calendar(local: str) -> str:
    """Return SQL of whether a local time lies in the years that windows are cut in."""
    return f"{local} >= TIMESTAMP '{FIRST_YEAR}-01-01' AND {local} < TIMESTAMP '{LAST_YEAR + 1}-01-01'"


def moment_sql(local: str | None) -> str:
    """Return SQL of a local time as microseconds; NULL outside the years that windows are cut in, or where there is no time."""
    return f"CASE WHEN {within_calendar(local)} THEN epoch_us({local}) END" if local else "CAST(NULL AS BIGINT)"


def windows_of(keys: Ints, bounds: tuple[Ints, Ints], size: WindowSize, timezone: str) -> Windows:
    """Return the windows of ascending keys (w,); `bounds` their first and last moments, microseconds of the local clock or NO_TIME.

    Raises
    ------
    SelectionError
        Above 5,000 windows.
    """
    check_number(len(keys), size)
    if size.calendar:
        known = bounds[0][bounds[0] != NO_TIME]
        first = to_utc([_moment(int(known.min())) if len(known) else None], timezone)[0]
        return replace(calendar_windows(keys.tolist(), size, timezone), first=first)
    return span_windows(span_ids(keys.tolist(), size), *bounds, timezone)


def calendar_windows(keys: Sequence[int], size: WindowSize, timezone: str) -> Windows:
    """Return the windows of calendar keys."""
    starts = [_start(int(key), size) for key in keys]
    ends = [_start(int(key) + 1, size) for key in keys]
    return Windows(tuple(_id(start, size.unit) for start in starts), to_utc(starts, timezone), to_utc(ends, timezone))


def _start(key: int, size: WindowSize) -> datetime:
    if size.unit == "month":
        year, month = divmod(key * size.count, 12)
        return ORIGIN.replace(year=2000 + year, month=month + 1, day=1)
    return ORIGIN + timedelta(microseconds=key * size.count * _UNIT_US[size.unit])


def _id(start: datetime, unit: str) -> str:
    if unit == "week":
        year, week, _ = start.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return {"hour": f"{start:%Y-%m-%dT%H}", "day": f"{start:%Y-%m-%d}", "month": f"{start:%Y-%m}"}[unit]


def span_windows(ids: Sequence[str], low: Ints, high: Ints, timezone: str) -> Windows:
    """Return windows that reach from their first to just after their last row; microseconds of the local clock, minimum int64 for none."""
    start = [_moment(int(value)) for value in low]
    end = [None if (moment := _moment(int(value))) is None else moment + _MICROSECOND for value in high]
    return Windows(tuple(ids), to_utc(start, timezone), to_utc(end, timezone))


def span_ids(keys: Sequence[int], size: WindowSize) -> list[str]:
    """Return the ids of row windows (or of the whole)."""
    return [WHOLE if size.unit == "whole" else f"rows-{int(key) + 1:06d}" for key in keys]


def _moment(microseconds: int) -> datetime | None:
    return None if microseconds == NO_TIME else _EPOCH + timedelta(microseconds=microseconds)


def to_utc(local: Sequence[datetime | None], timezone: str) -> NDArray[np.datetime64]:
    """Turn moments of the local clock into UTC, datetime64[us]; NaT for none."""
    zone = ZoneInfo(timezone)
    moved = [None if moment is None else moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for moment in local]
    return np.array([np.datetime64("NaT") if moment is None else np.datetime64(moment, "us") for moment in moved], dtype="datetime64[us]")


def check_number(count: int, size: WindowSize) -> None:
    """Refuse more windows than anybody can look at.

    Raises
    ------
    SelectionError
        Above 5,000 windows.
    """
    message = f"Windows of {size} cut the selection into {count:,} windows, more than {MOST_WINDOWS:,}. Choose a larger size."
    refuse(count > MOST_WINDOWS, SelectionError(message))
