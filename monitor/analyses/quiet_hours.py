"""Hours without a request that had some on every day of the reference: shorter than a window, so that no window lacks rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.serving import HOUR_US, Serving
from monitor.engine import NO_TIME

Ints = NDArray[np.int64]

HOURS = 24
LEAST_DAYS = 21
"""Whole days of the reference from which an hour is known to have requests: one that has them on nine days of ten has them on all of
these in one case of nine."""
MOST_HOURS = 200_000
"""Hours beyond which none are looked at: twenty years, of which a date is wrong."""
CHANCE = 0.05
"""How often without change any stretch of production may be told: that of no request where `least` come is exp(-least)."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours from `start` to `end` (UTC) without a request, in which at least `least` came on any day of the reference."""

    start: np.datetime64
    end: np.datetime64
    least: int


def quiet_hours(reference: Serving, production: Serving) -> tuple[Quiet, ...]:
    """Return stretches of whole hours without a request, within the time of production, that even the emptiest days of the reference make
    improbable. Days without any are left out where the reference has such."""
    least, every_day = _least(_hours(reference))
    hours = _hours(production)
    if not least.any() or not len(hours) or int(hours.max() - hours.min()) > MOST_HOURS:
        return ()
    first, many = int(hours.min()), np.bincount(hours - hours.min())
    hour = first + np.arange(len(many))
    moments = _local(hour, production.timezone)
    open_ = np.ones(len(hour), dtype=bool) if every_day else np.isin(hour // HOURS, hours // HOURS)
    empty = (many == 0) & (least[hour % HOURS] > 0) & open_ & ~np.isnat(moments)
    needed = math.log(len(hour) / CHANCE)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], empty.astype(int), [0]]))).reshape(-1, 2)
    told = ((start, end, int(least[hour[start:end] % HOURS].sum())) for start, end in edges)
    return tuple(Quiet(moments[start], moments[end], rows) for start, end, rows in told if rows >= needed)


def _hours(side: Serving) -> Ints:
    """Return the hour of the local clock of each row, counted from 1970."""
    begun = side.begun
    return np.zeros(0, dtype=np.int64) if begun is None else np.asarray(begun[begun != NO_TIME] // HOUR_US)


def _least(hours: Ints) -> tuple[Ints, bool]:
    """Return how many rows each hour of the day had at least, (24,), on whole days that have any, and whether all days have."""
    days = hours // HOURS
    inside = (days > days.min()) & (days < days.max()) if len(days) else np.zeros(0, dtype=bool)
    names, place = np.unique(days[inside], return_inverse=True)
    if len(names) < LEAST_DAYS:
        return np.zeros(HOURS, dtype=np.int64), False
    counts = np.bincount(place * HOURS + hours[inside] % HOURS, minlength=len(names) * HOURS).reshape(-1, HOURS)
    return np.asarray(counts.min(axis=0)), bool(len(names) == names[-1] - names[0] + 1)


def _local(hours: Ints, timezone: str) -> NDArray[np.datetime64]:
    """Return the beginning of hours of the local clock in UTC, NaT: the clock has no such hour."""
    clock: Any = pd.DatetimeIndex((hours * HOUR_US).astype("datetime64[us]"))
    return np.asarray(clock.tz_localize(timezone, ambiguous=np.ones(len(hours), dtype=bool), nonexistent="NaT").tz_convert(None))
