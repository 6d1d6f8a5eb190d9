"""Rows by hour, beside what the reference had in such hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.case.windows import FIRST_YEAR, LAST_YEAR
from monitor.incidents.scene import TIME, WINDOW, Scene

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST = 36
"""Hours up to which many more rows are a burst; longer, there simply are more."""
_UNTIMED = 0.05
"""Share of rows without a time, beside that of the reference, from which hours say nothing."""
_WEEK = 168
_ENOUGH_WEEKS = 2
_HOUR = np.timedelta64(1, "h")
_FIRST, _END = np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR + 1}-01-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours of production from `first` on: rows `seen`, `expected` of them, the `window` of each; `highest` of any hour of the reference,
    `spread` the variance of rows of an hour beside their mean there."""

    first: np.datetime64
    seen: Floats
    expected: Floats
    window: Ints
    highest: float
    spread: float

    def start(self, place: int) -> np.datetime64:
        """Return when an hour begins, on the case's clock."""
        moment: np.datetime64 = (self.first + place * _HOUR).astype("datetime64[us]")
        return moment

    def spell(self, low: int, high: int) -> tuple[int, int] | None:
        """Return the hours (first, first after) whose rows speak most for the rate of the windows `low` to `high`; None: they do not."""
        mine = (self.window >= low) & (self.window <= high)
        seen, expected = float(self.seen[mine].sum()), float(self.expected[mine].sum())
        rate = max(seen, 0.5) / max(expected, 0.5)
        told = (self.seen * np.log(rate) - (rate - 1.0) * self.expected) / self.spread
        total = np.concatenate([[0.0], np.cumsum(told)])
        lowest = np.minimum.accumulate(total[:-1])
        stop = int(np.argmax(total[1:] - lowest)) + 1
        begin = int(np.flatnonzero(total[:stop] == lowest[stop - 1])[-1])
        return (begin, stop) if total[stop] > total[begin] else None


def hours_of(scene: Scene) -> Hours | None:
    """Count rows of both sides by hour; None where either has no times, or production lacks more of them."""
    sides = (scene.reference, scene.production)
    then, now = (_hour(side.frame[TIME].to_numpy()) for side in sides)
    before, after = (1.0 - len(hours) / max(len(side.frame), 1) for side, hours in zip(sides, (then, now), strict=True))
    if not len(then) or not len(now) or after - before > _UNTIMED:
        return None
    counted = np.bincount(then - then.min()).astype(np.float64)
    expected, spread = _expected(counted, int(then.min()), np.arange(now.min(), now.max() + 1))
    return Hours(
        first=np.datetime64(int(now.min()), "h"),
        seen=np.bincount(now - now.min()).astype(np.float64),
        expected=expected,
        window=_windows(scene, now),
        highest=float(counted.max()),
        spread=spread,
    )


def _dated(time: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Say which times are some: one of the year 1 or 9999 stands for none, and would ask for all hours until then."""
    return np.asarray((time >= _FIRST) & (time < _END))


def _hour(time: NDArray[np.datetime64]) -> Ints:
    return time[_dated(time)].astype("datetime64[h]").astype(np.int64)


def _expected(before: Floats, first: int, wanted: Ints) -> tuple[Floats, float]:
    """Return the rows of usual hours of the same kind: of the week where there are enough weeks, else of the day."""
    hour = np.arange(first, first + len(before))
    period = _WEEK if len(before) >= _ENOUGH_WEEKS * _WEEK else 24
    counted = np.bincount(hour % period, minlength=period)
    mean = np.bincount(hour % period, weights=before, minlength=period) / np.maximum(counted, 1)
    mean = np.where(counted > 0, mean, before.mean())
    off = before - mean[hour % period]
    free = max(len(before) - period, 1)
    return mean[wanted % period], float(max((off**2).sum() / free / max(before.mean(), 1e-9), 1.0))


def _windows(scene: Scene, now: Ints) -> Ints:
    """Return the window of each hour of production; hours without rows belong to the window before."""
    frame = scene.production.frame
    known = _dated(frame[TIME].to_numpy())
    window = np.full(int(now.max() - now.min()) + 1, -1, dtype=np.int64)
    np.maximum.at(window, now - now.min(), frame[WINDOW].to_numpy()[known])
    return np.maximum.accumulate(window)
