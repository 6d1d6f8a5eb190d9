"""When something began and ended, from rows: the stretch of rows that speaks for it most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.scene import TIME, WINDOW, Scene
from monitor.judgement.finding import NO_TIME

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

DOUBT = 3.0
"""Natural log of how much likelier the best place must be than another for that to be ruled out: 20 to 1."""
LUCK = 3.0
"""As many times that it may speak against it in the last window, where rows share their luck."""
_LEAST, _MOST = 1e-4, 1.0 - 1e-4
"""Bounds of a rate: one row never proves anything beyond these odds."""
_AFTER = np.timedelta64(1, "us")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of time: `inside` (n,) are all rows in it; `start`, `end`, `lower`, `upper` in UTC (NaT where unknown, `end` also while it
    lasts), `shown` the last row that speaks for it, `support` the log likelihood ratio of its rows for it."""

    inside: Bools
    start: np.datetime64
    end: np.datetime64
    lower: np.datetime64
    upper: np.datetime64
    support: float
    shown: np.datetime64 = NO_TIME


def evidence(bad: Bools, before: Floats | float, within: Floats | float) -> Floats:
    """Return how much each row speaks for a rate `within` against a rate `before`, (n,): log likelihood ratios."""
    usual, now = np.clip(before, _LEAST, _MOST), np.clip(within, _LEAST, _MOST)
    return np.asarray(np.where(bad, np.log(now / usual), np.log((1 - now) / (1 - usual))), dtype=np.float64)


def when(scene: Scene, told: Floats, among: Bools | None = None, *, vouched: bool = False) -> Spell | None:
    """Return the stretch of production whose rows speak for something most; None where none does more than the best of so many would.

    Parameters
    ----------
    told : (n,) evidence of each row of production (`evidence`).
    among : (n,) the rows that can tell; others lie in the stretch, and say nothing.
    vouched : an analysis found these very rows in this time, so that it is not the best of many stretches.
    """
    time = scene.production.frame[TIME].to_numpy()
    kept = np.flatnonzero(np.ones(len(told), dtype=bool) if among is None else among)
    kept = kept[np.argsort(time[kept], kind="stable")]
    if not len(kept):
        return None
    if np.isnat(time[kept]).all():
        total = float(told[kept].sum())
        inside = np.ones(len(told), dtype=bool)
        return Spell(inside=inside, start=NO_TIME, end=NO_TIME, lower=NO_TIME, upper=NO_TIME, support=total) if total > DOUBT else None
    kept = kept[~np.isnat(time[kept])]
    moment, value = _by_moment(time[kept], told[kept])
    first, last, support = _heaviest(value)
    if support < DOUBT + (0.0 if vouched else 2 * np.log(len(moment))):
        return None
    lower, upper = _doubt(value, first, last)
    tail = float(value[last + 1 :].sum())
    ongoing = tail > -DOUBT or (tail > -LUCK * DOUBT and _same_window(scene, kept, moment[last]))
    begin, finish = moment[first], moment[-1] if ongoing else moment[last]
    return Spell(
        inside=np.asarray((time >= begin) & (time <= finish)),
        start=utc(scene, begin),
        end=NO_TIME if ongoing else utc(scene, finish) + _AFTER,
        lower=utc(scene, moment[max(lower - 1, 0)]),
        upper=utc(scene, moment[upper]),
        support=support,
        shown=utc(scene, moment[last]),
    )


def _same_window(scene: Scene, kept: NDArray[np.int64], moment: np.datetime64) -> bool:
    """Say whether a moment lies in the last window of some rows in order of time: a few hours do not end what days showed."""
    side = scene.production.frame.iloc[kept]
    return bool(side.loc[side[TIME] >= moment, WINDOW].min() == side[WINDOW].max())


def utc(scene: Scene, moment: np.datetime64) -> np.datetime64:
    """Return a moment of the case's clock in UTC."""
    if np.isnat(moment):
        return NO_TIME
    local = pd.DatetimeIndex([moment]).tz_localize(scene.workspace.case.timezone, ambiguous=np.array([True]), nonexistent="shift_forward")
    return np.datetime64(local.tz_convert("UTC").tz_localize(None).as_unit("us")[0].to_datetime64())


def _by_moment(time: NDArray[np.datetime64], told: Floats) -> tuple[NDArray[np.datetime64], Floats]:
    """Add up what rows of one moment say: nothing begins between them."""
    moment, place = np.unique(time, return_inverse=True)
    return moment, np.bincount(place, weights=told, minlength=len(moment)).astype(np.float64)


def _heaviest(value: Floats) -> tuple[int, int, float]:
    """Return first and last position of the stretch with the largest sum, and the sum."""
    total = np.concatenate([[0.0], np.cumsum(value)])
    lowest = np.minimum.accumulate(total[:-1])
    last = int(np.argmax(total[1:] - lowest))
    first = int(np.flatnonzero(total[: last + 1] == lowest[last])[-1])
    return first, last, float(total[last + 1] - total[first])


def _doubt(value: Floats, first: int, last: int) -> tuple[int, int]:
    """Return the first and the last position where it may have begun as well."""
    total = np.concatenate([[0.0], np.cumsum(value)])[: last + 1]
    near = np.flatnonzero(total <= total[first] + DOUBT)
    return int(near[0]), int(near[-1])
