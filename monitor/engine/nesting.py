"""Short blocks of time and how they add up to longer windows."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from monitor.case import WindowSize
from monitor.profile import Windows

_FINER = {"month": "day", "week": "day", "day": "hour"}


def finer(size: WindowSize) -> WindowSize | None:
    """Return the next shorter windows that add up to windows of `size`, if there are any."""
    if size.unit == "rows":
        return WindowSize(size.count // 10, "rows") if size.count >= 200 and size.count % 10 == 0 else None
    if size.unit in ("day", "hour", "week") and size.count > 1:
        return WindowSize(1, size.unit)
    return WindowSize(1, _FINER[size.unit]) if size.unit in _FINER else None


def spans(windows: Windows, rows: np.ndarray, size: WindowSize, typical_rows: float) -> np.ndarray:
    """Return how many windows of `size` each of `windows` is long, (w,): by the calendar, else by rows; at least 1."""
    known = ~(np.isnat(windows.start) | np.isnat(windows.end))
    if size.hours is not None and known.all():
        hours = (windows.end - windows.start) / np.timedelta64(1, "h")
        return np.asarray(np.maximum(hours / size.hours, 1.0))
    return np.asarray(np.maximum(rows / max(typical_rows, 1.0), 1.0))


def nest(blocks: Windows, size: WindowSize, timezone: str, *, per_window: int) -> list[list[int]]:
    """Group blocks, in time order, into the windows of `size` that hold them; row blocks by `per_window` at a time."""
    if not size.calendar:
        return [list(range(first, min(first + per_window, len(blocks)))) for first in range(0, len(blocks), per_window)]
    zone = ZoneInfo(timezone)
    groups: dict[tuple[int, ...], list[int]] = {}
    for position, start in enumerate(blocks.start):
        groups.setdefault(_window_of(start, size, zone), []).append(position)
    return list(groups.values())


def _window_of(start: np.datetime64, size: WindowSize, zone: ZoneInfo) -> tuple[int, ...]:
    local = datetime.fromisoformat(str(start)).replace(tzinfo=UTC).astimezone(zone)
    if size.unit == "month":
        return ((local.year * 12 + local.month - 1) // size.count,)
    days = local.date().toordinal() - datetime(2000, 1, 3, tzinfo=UTC).date().toordinal()
    if size.unit == "hour":
        return ((days * 24 + local.hour) // size.count,)
    return (days // (size.count * (7 if size.unit == "week" else 1)),)
