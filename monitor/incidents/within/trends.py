"""Numbers that drift away slowly, beside the other columns that they go with."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import WINDOW
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Bools, Floats, Ground, Shown

KNOWN = 0.7
"""Share of the variance of a column that the others tell, from which it is looked at beside them: a season moves them all."""
FEWEST_WINDOWS = 8
"""Windows that a slope is read from."""
BETTER = 0.6
"""Part of what a step leaves unexplained that a slope may leave at most: what happened at one moment is no slow drift."""
CLEAR = 0.8
"""Share of the variance of the means of windows that a slope explains."""
FAR = 3.0
"""Times the largest deviation of a window of the reference that a slope reaches."""
MOST_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class Slope:
    """A mean that is as usual until window `start` and then moves by `by` a window; `share` of the variance that this explains."""

    start: int
    by: float
    share: float
    reach: float


def slow_drifts(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return the columns of numbers that drift away from what the other columns say they should be, each in its own direction.

    Where several seem to drift because each is told by the others, it is the one whose drift is clearest.
    """
    found = [one for column in ground.numbers if any(True for _ in ground.moved(column)) and (one := _of_column(ground, column))]
    best = max(found, key=lambda one: one.explained, default=None)
    return () if best is None else (best,)


def _of_column(ground: Ground, column: str) -> Hypothesis | None:
    beside = _beside(ground, column)
    if beside is None:
        return None
    usual, now = (_by_window(frame[WINDOW].to_numpy(), rest) for frame, rest in zip((ground.before, ground.now), beside, strict=True))
    slope = slope_of(now)
    largest = float(np.nanmax(np.abs(usual), initial=0.0))
    if slope is None or abs(slope.reach) < FAR * largest:
        return None
    return _hypothesis(ground, column, slope, largest)


def _beside(ground: Ground, column: str) -> tuple[Floats, Floats] | None:
    """Return how far values lie from what the other numbers of their row say, before and now; None where these say little."""
    others = [name for name in ground.numbers if name != column and ground.before[name].notna().mean() > 0.95]
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


def _hypothesis(ground: Ground, column: str, slope: Slope, largest: float) -> Hypothesis:
    rows: Bools = ground.windows >= slope.start
    first = int(np.argmax(rows))
    base = np.ones(len(ground.before), dtype=bool)
    area = Area(rows=rows, base=base, first=first, last=len(rows) - 1, opens=first == 0, lasts=True, before=first - 1)
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
