"""Numbers that drift away slowly: beside the other columns that they go with, by themselves where they go with none, or in one place."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import WINDOW
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Bools, Floats, Ground, Shown

KNOWN = 0.7
"""Share of the variance of a column that the others tell, from which it is looked at beside them: a season moves them all."""
FEWEST_WINDOWS = 8
"""Windows that a slope is read from."""
BETTER = 0.6
"""Part of what a step leaves unexplained that a slope may leave at most: what happened at one moment is no slow drift."""
CLEAR, UNFOUND = 0.8, 0.95
"""Share of the variance of the means of windows that a slope explains; and of a column that nothing was found of."""
FAR, FAR_PLACE = 3.0, 2.0
"""Times the largest deviation of a window of the reference that a slope reaches; and of levels that do not wander by themselves."""
WANDER = 4.0
"""Times as far as independent windows that the halves of the reference of all levels lie apart, up to which levels do not wander. Simulated
(14 to 60 reference windows, 28 judged): AR(1) .6 has 3.4, and of 4,500 such series none had a slope; AR(1) .9 has 6 to 14, and up to 1.5 %
had one that reached FAR_PLACE."""
SHARED = 0.1
"""Part of the variance of a column between windows from which rows of a window share it, as they share the weather."""
FEWEST_LEVELS = 3
"""Levels of a place from which their median tells what is usual at the time, whatever one of them does."""
FEWEST_IN_CELL = 5
"""Values of a level in a window that have a median."""
MOST_ROWS = 20_000
OFTEN = 0.95
"""Share of rows that a column has a value in, from which others are told by it."""
RIDGE = 1e-6
"""Added to the diagonal of correlations: columns may be sums of others."""
MATTERS = 0.25
"""Part of the standard deviation of the rows of a level that a slope of theirs reaches: a timetable that moves by minutes is no drift."""


@dataclass(frozen=True, kw_only=True)
class Slope:
    """A mean that is as usual until window `start` and then moves by `by` a window; `share` of the variance that this explains."""

    start: int
    by: float
    share: float
    reach: float


def slow_drifts(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return the columns of numbers that drift away from what they should be: each in its own direction, and in places of their own.

    Where several seem to drift because each is told by the others, it is the one whose drift is clearest. What drifts in one place needs no
    finding: a sensor of forty moves no figure of all rows, and its rows in order of time prove it. Nor does what leaves what the others
    say on a clear line: days differ by more in what they share.
    """
    told: list[Hypothesis] = []
    alone: list[Hypothesis] = []
    moved = [column for column in ground.numbers if any(True for _ in ground.moved(column))]
    for column in moved:
        beside = _beside(ground, column)
        found = _of_column(ground, column, beside or _by_itself(ground, column))
        (alone if beside is None else told).extend([] if found is None else [found])
    for column in _suspects(ground, moved):
        found = _of_column(ground, column, _beside(ground, column))
        told.extend([] if found is None or found.explained < UNFOUND else [found])
    best = max(told, default=None, key=lambda one: one.explained)
    return (*([] if best is None else [best]), *alone, *_of_places(ground))


def _suspects(ground: Ground, moved: Sequence[str]) -> Iterator[str]:
    """Yield the columns that nothing was found of and that leave what the others say on a slope, as far as straight lines tell: of all
    columns at once that is e_j = (P z)_j / P_jj by the inverse P of their correlations (Lauritzen, Graphical Models, 1996)."""
    names = [name for name in ground.numbers if ground.before[name].notna().mean() > OFTEN and ground.before[name].nunique() > 1]
    before, after = (frame[names].to_numpy(dtype=np.float64) for frame in (ground.before, ground.now))
    known = np.isfinite(before).all(axis=1)
    if len(names) < 2 or known.sum() < FEWEST_ROWS * (len(names) + 1):
        return
    centre, spread = before[known].mean(axis=0), before[known].std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    cross = np.cov((before[known] - centre) / scale, rowvar=False)
    inverse = np.linalg.inv(cross + RIDGE * np.eye(len(names)))
    sides = zip((ground.before[WINDOW].to_numpy(), ground.windows), (before, after), strict=True)
    rest = [(windows, (values - centre) / scale @ inverse / np.diag(inverse)) for windows, values in sides]
    for at, name in enumerate(names):
        if name not in moved and spread[at] > 0 and 1 / inverse[at, at] <= 1 - KNOWN:
            usual, now = (_by_window(windows, left[:, at]) for windows, left in rest)
            slope, _ = _new_slope(usual, now, FAR)
            if slope is not None:
                yield name


def _of_column(ground: Ground, column: str, sides: tuple[Floats, Floats] | None) -> Hypothesis | None:
    if sides is None:
        return None
    usual, now = (_by_window(frame[WINDOW].to_numpy(), rest) for frame, rest in zip((ground.before, ground.now), sides, strict=True))
    slope, largest = _new_slope(usual, now, FAR)
    return None if slope is None else _hypothesis(ground, column, slope, largest)


def _new_slope(usual: Floats, now: Floats, far: float) -> tuple[Slope | None, float]:
    """Return the slope of the means of windows that reaches `far` times as far as those of the reference lie, and how far these do; None of
    what rose or fell in the reference already, as counters do."""
    largest = float(np.nanmax(np.abs(usual), initial=0.0))
    if np.isfinite(usual).sum() < FEWEST_WINDOWS or not largest or not np.nanmax(np.abs(now), initial=0.0) >= far * largest / 2:
        return None, largest
    slope = slope_of(now)
    gone = slope is None or abs(slope.reach) < far * largest or _goes_on(usual)
    return (None if gone else slope), largest


def _goes_on(usual: Floats) -> bool:
    """Say whether the means of the windows of the reference, (w,), lie on a line of their own."""
    at = np.flatnonzero(np.isfinite(usual))
    return bool(np.corrcoef(at, usual[at])[0, 1] ** 2 >= CLEAR)


def _by_itself(ground: Ground, column: str) -> tuple[Floats, Floats] | None:
    """Return how far values lie from the median of the reference, before and now; None of what rows of a day share: that is a season's."""
    before, now = (frame[column].to_numpy() for frame in (ground.before, ground.now))
    windows = ground.before[WINDOW].to_numpy()
    known = np.isfinite(before)
    if known.sum() < FEWEST_ROWS or _shared(before[known], windows[known]) >= SHARED:
        return None
    middle = float(np.median(before[known]))
    return before - middle, now - middle


def _shared(values: Floats, windows: np.ndarray) -> float:
    """Return the part of the variance of values, (n,), that lies between windows."""
    rows = np.bincount(windows)
    means = np.bincount(windows, values) / np.maximum(rows, 1)
    total = float(values.var())
    return float((rows * (means - values.mean()) ** 2).sum() / len(values)) / total if total > 0 else 0.0


def _of_places(ground: Ground) -> Iterator[Hypothesis]:
    """Yield the columns that drift away at one level of a place that the case watches, from what all its levels show at the time."""
    for place in ground.scene.workspace.case.roles.segments:
        if len(ground.codes.get(place, ((), (), ()))[2]) >= FEWEST_LEVELS:
            usual, now = (_by_level(ground, place, side) for side in (0, 1))
            for column in ground.numbers:
                yield from _of_place(ground, column, place, (usual[column], now[column]))


def _of_place(ground: Ground, column: str, place: str, sides: tuple[Floats, Floats]) -> Iterator[Hypothesis]:
    """Yield the level of a place at which a column drifts away, if it is one.

    Parameters
    ----------
    sides : (levels, windows) of the reference and of production, less what all levels show.
    """
    usual, now = sides
    with warnings.catch_warnings(action="ignore"):  # windows and levels without a value
        own = np.nanmedian(usual, axis=1)[:, None]
        if not _wander(usual) <= WANDER:
            return
        drifts = [_new_slope(*each, FAR_PLACE) for each in zip(usual - own, now - own, strict=True)]
    found = [(at, slope, largest) for at, (slope, largest) in enumerate(drifts) if slope is not None]
    for at, slope, largest in found if len(found) <= len(drifts) / FEWEST_LEVELS else ():  # else it is no place
        if abs(slope.reach) < MATTERS * float(ground.before.loc[ground.codes[place][0] == at, column].std()):
            continue
        yield _hypothesis(ground, column, slope, largest, {place: ground.codes[place][2][at]})


def _wander(usual: Floats) -> float:
    """Return how far the halves of the windows of levels, (levels, windows), lie apart, squared, beside what independent windows do."""
    half = usual.shape[1] // 2
    apart = np.nanmean(usual[:, :half], axis=1) - np.nanmean(usual[:, half:], axis=1)
    return float(np.nanmean(apart**2) / 2 * half / np.nanmean(np.nanvar(usual, axis=1)))


def _by_level(ground: Ground, place: str, side: int) -> Mapping[str, Floats]:
    """Return the median of each column by level and window less that of all levels, (levels, windows); nan of cells with few values."""
    frame = (ground.before, ground.now)[side]
    *both, levels = ground.codes[place]
    windows = frame[WINDOW].to_numpy()
    rows = frame.loc[:, list(ground.numbers)].assign(level=both[side], window=windows)
    cells = rows[rows["level"] >= 0].groupby(["level", "window"])
    medians = cells.median().where(cells.count() >= FEWEST_IN_CELL)
    every = pd.MultiIndex.from_product([np.arange(len(levels)), np.arange(int(windows.max()) + 1)])
    with warnings.catch_warnings(action="ignore"):
        tables = medians.reindex(every).to_numpy(dtype=np.float64).T.reshape(len(ground.numbers), len(levels), -1)
        return dict(zip(ground.numbers, tables - np.nanmedian(tables, axis=1, keepdims=True), strict=True))


def _beside(ground: Ground, column: str) -> tuple[Floats, Floats] | None:
    """Return how far values lie from what the other numbers of their row say, before and now; None where these say little."""
    others = [name for name in ground.numbers if name != column and ground.before[name].notna().mean() > OFTEN]
    y, x = ground.before[column].to_numpy(), _features(ground, others, 0)
    known = np.isfinite(y) & np.isfinite(x).all(axis=1)
    at = np.flatnonzero(known)
    at = at[:: -(-len(at) // MOST_ROWS) or 1]
    if len(at) < FEWEST_ROWS * (len(others) + 1) or not others:
        return None
    fit, held = at[::2], at[1::2]
    weights, *_ = np.linalg.lstsq(x[fit], y[fit], rcond=None)
    left = y[held] - x[held] @ weights
    if np.var(left) > (1 - KNOWN) * np.var(y[held]):
        return None
    return y - x @ weights, ground.now[column].to_numpy() - _features(ground, others, 1) @ weights


def _features(ground: Ground, columns: list[str], side: int) -> Floats:
    """Return standardised columns and their squares and products with one another, and a constant, (n, k)."""
    values = ground.before[columns].to_numpy(dtype=np.float64)
    centre, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    frame = ground.before if side == 0 else ground.now
    z = (frame[columns].to_numpy(dtype=np.float64) - centre) / np.where(spread > 0, spread, 1.0)
    return np.column_stack((np.ones(len(z)), z, z**2))


def _by_window(windows: np.ndarray, rest: Floats) -> Floats:
    """Return the median of values by window, (w,); nan of windows with too few."""
    order = np.argsort(windows, kind="stable")
    edges = np.searchsorted(windows[order], np.arange(int(windows.max(initial=0)) + 2))
    means = np.full(len(edges) - 1, np.nan)
    for at, (first, last) in enumerate(itertools.pairwise(edges)):
        values = rest[order[first:last]]
        values = values[np.isfinite(values)]
        if len(values) >= FEWEST_ROWS / 3:
            means[at] = np.median(values)
    return means


def slope_of(means: Floats) -> Slope | None:
    """Return the slope that the means of windows take from some window on; None where a level or a step tells as much.

    >>> slope_of(np.array([0.0] * 10 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])).start
    9
    """
    at = np.flatnonzero(np.isfinite(means))
    if len(at) < FEWEST_WINDOWS:
        return None
    y, total = means[at], float(np.sum(means[at] ** 2))
    best: tuple[float, int, float] | None = None
    for start in range(len(at) - FEWEST_WINDOWS + 1):
        run = np.maximum(at - at[start], 0).astype(np.float64)
        by = float(run @ y / (run @ run))
        left = float(np.sum((y - by * run) ** 2))
        if best is None or left < best[0]:
            best = left, start, by
    steps = [float(np.sum(y[:k] ** 2) + np.sum((y[k:] - y[k:].mean()) ** 2)) for k in range(len(y) - 1)]
    left, start, by = best if best is not None else (total, 0, 0.0)
    if not total or left > BETTER * min(steps) or left > (1 - CLEAR) * total:
        return None
    return Slope(start=int(at[start]), by=by, share=1 - left / total, reach=by * float(at[-1] - at[start]))


def _hypothesis(ground: Ground, column: str, slope: Slope, largest: float, segment: Mapping[str, str] | None = None) -> Hypothesis:
    base, every = ground.segment_rows(segment or {})
    rows: Bools = every & (ground.windows >= slope.start)
    first = int(np.argmax(rows))
    earlier = np.flatnonzero(every[:first])
    before = int(earlier[-1]) if len(earlier) else -1
    area = Area(segment=segment or {}, rows=rows, base=base, first=first, last=len(rows) - 1, opens=before < 0, lasts=True, before=before)
    proof = Proof(measure="mean", before=abs(slope.reach), after=largest, rows=int(rows.sum()))
    days = _days(ground, rows) / max(int(ground.windows[-1]) - slope.start, 1)
    by, unit = (slope.by / days, "day") if days > 0 else (slope.by, "window")
    inverse = Inverse(kind="trend", scale=by, says=f"{abs(by):.3g} {'more' if by > 0 else 'less'} with each {unit}")
    return ground.hypothesis(Cause.SLOW_DRIFT, [column], area, Shown(proof=proof, inverse=inverse, explained=slope.share, free=1))


def _days(ground: Ground, rows: Bools) -> float:
    """Return the days between the first and the last of some rows; 0 where times are not known."""
    times = ground.times[rows]
    span = (times[-1] - times[0]) / np.timedelta64(1, "D") if len(times) else 0.0
    return float(np.nan_to_num(span))
