"""Columns that take the values of some hours earlier: what was shown before the onset is shown once more after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import TIME
from monitor.incidents.within.ground import Area, Floats, Ground, Ints, Shown

MOST_LEVELS, MOST_CELLS = 30, 200_000
"""Levels up to which a place may have a clock of its own, and hours times levels up to which one of more may: all shifts are tried."""
MOST_HOURS = 24
"""Hours by which values are shifted at most."""
DAY = 24
STEADY = 0.98
"""Share of the rows of an hour and place that have the value of the first of them, in columns that go by the hour."""
FIRST_ROWS, DOUBT = 2000, 0.2
"""Rows that are looked at first: where so many fewer than STEADY have the value of their hour, all need not be asked."""
WRONG = 0.02
"""Share of the hours of a shift that do not repeat all the same (rounding, late corrections)."""
SURE = 30.0
"""Log likelihood ratio of a repeat in all columns: more than all hours, shifts and places that are tried could give by chance."""
BEYOND = 2.0
"""Times as sure as the surest repeat of the reference by as many hours: timetables are those of the day before in all places at once."""
REPEATS = 0.9
"""Share of the hours right after the onset in which a column that is shifted repeats."""
REGULAR = 0.9
"""Share of the hours in which any row came, times all levels, that have the one row of a series that each level sends."""
MOVING = 0.3
"""Share of the values of a repeat that are not the one before: of what has one value a day it is one in some ten hours or more."""
FEWEST_HOURS = 100
ENDED = 5.0
"""Log likelihood ratio by which the hours of the day run right again after an end."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Values by hour of columns that go by the hour: `values` (columns, levels, hours), nan where there is none, from hour `first` on."""

    columns: tuple[str, ...]
    place: str
    levels: tuple[str, ...]
    values: Floats
    first: np.datetime64


def time_shifts(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where columns that go by the hour repeat the hours before.

    The rows alone prove it: the same values once more in every column and place, for as many hours as the shift is long, are no chance,
    whereas no window need be found to differ: values of five hours earlier lie within what is usual.
    """
    if not len(ground.times) or np.isnat(ground.times).any() or ground.before[TIME].isna().any():
        return ()
    return tuple(found for clock in _clocks(ground) for found in _of_clock(ground, *clock))


def _clocks(ground: Ground) -> Iterator[tuple[Clock, Clock]]:
    """Yield columns that go by the hour, before and now, by the place whose clock they follow: the one of fewest levels that will do."""
    left = [name for name in ground.numbers if ground.now[name].nunique() > 1]
    places = sorted(ground.codes, key=lambda name: len(ground.codes[name][2]))
    hours = max(_keys(ground, "", side)[0].max() + 1 for side in (0, 1))
    if hours > MOST_CELLS:  # a date of the year 9999 among others
        return
    most = max(MOST_LEVELS, MOST_CELLS // hours)
    for place in ("", *(name for name in places if len(ground.codes[name][2]) <= most)):
        keys = _keys(ground, place, 0)
        steady = tuple(name for name in left if _is_steady(ground.before[name].to_numpy(), keys))
        left = [name for name in left if name not in steady]
        if steady:
            yield _clock(ground, place, steady, side=0), _clock(ground, place, steady, side=1)


def _keys(ground: Ground, place: str, side: int) -> tuple[Ints, Ints, int]:
    """Return hour (from the first of the side) and level of each row, and the number of levels."""
    times = (ground.before if side == 0 else ground.now)[TIME].to_numpy()
    hours = (times.astype("datetime64[h]") - times.min().astype("datetime64[h]")).astype(np.int64)
    if not place:
        return hours, np.zeros(len(times), dtype=np.int64), 1
    old, new, levels = ground.codes[place]
    return hours, old if side == 0 else new, len(levels)


def _is_steady(values: Floats, keys: tuple[Ints, Ints, int]) -> bool:
    """Say whether a column, (m,), has one value in each hour of each level: all rows of it have the same, or each level sends one row."""
    hours, codes, width = keys
    known = np.isfinite(values) & (codes >= 0)
    if known.sum() < FEWEST_HOURS:
        return False
    key, x = hours[known] * width + codes[known], values[known]
    if len(key) > FIRST_ROWS and _alike(key[:FIRST_ROWS], x[:FIRST_ROWS])[0] < STEADY - DOUBT:
        return False
    alike, crowded, cells = _alike(key, x)
    alone = crowded <= 1 - STEADY and cells >= REGULAR * len(np.unique(hours[known])) * len(np.unique(codes[known]))
    return bool((crowded > 0.5 or alone) and alike >= STEADY and cells >= FEWEST_HOURS)


def _alike(key: Ints, x: Floats) -> tuple[float, float, int]:
    """Return the share of rows that have the value of the first of their cell, of those that are not alone in it; the share of these among
    all rows, and how many cells there are. Without any such row all are alike."""
    _, first, where = np.unique(key, return_index=True, return_inverse=True)
    crowded = np.bincount(where)[where] > 1
    alike = float((x == x[first][where])[crowded].mean()) if crowded.any() else 1.0
    return alike, float(crowded.mean()), len(first)


def _clock(ground: Ground, place: str, columns: tuple[str, ...], *, side: int) -> Clock:
    frame = ground.before if side == 0 else ground.now
    hours, codes, width = _keys(ground, place, side)
    values = np.full((len(columns), width, int(hours.max()) + 1), np.nan)
    for at, name in enumerate(columns):
        x = frame[name].to_numpy()
        known = np.isfinite(x) & (codes >= 0)
        values[at, codes[known][::-1], hours[known][::-1]] = x[known][::-1]
    levels = ground.codes[place][2] if place else ("",)
    return Clock(columns=columns, place=place, levels=levels, values=values, first=frame[TIME].to_numpy().min().astype("datetime64[h]"))


def _repeats(values: Floats, hours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where values repeat those of some hours before, and where both are known, (columns, levels, hours); what stood still before
    that hour repeats whatever its clock does, and says nothing."""
    same, known = (np.zeros(values.shape, dtype=bool) for _ in range(2))
    if hours < values.shape[2]:
        now, then = values[:, :, hours:], values[:, :, :-hours]
        moves = (values != _last_known(values))[:, :, :-hours]
        known[:, :, hours:] = np.isfinite(now) & np.isfinite(then) & moves
        same[:, :, hours:] = (now == then) & known[:, :, hours:]
    return same, known


def _last_known(values: Floats) -> Floats:
    """Return the last known value before each hour, (columns, levels, hours); nan where there is none."""
    at = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(values.shape[2]), 0), axis=2)
    known = np.take_along_axis(values, at, axis=2)
    return np.concatenate((np.full((*values.shape[:2], 1), np.nan), known[:, :, :-1]), axis=2)


@dataclass(frozen=True, kw_only=True)
class _Repeat:
    """The surest repeat: by `hours`, from hour `start`, with the log likelihood ratio of each level, (levels,), and of all of it."""

    hours: int
    start: int
    by_level: Floats
    total: float


def _of_clock(ground: Ground, before: Clock, now: Clock) -> Iterator[Hypothesis]:
    best = max((_surest(before, now, hours) for hours in range(1, MOST_HOURS + 1)), key=lambda one: one.total)
    if best.total < SURE or best.total < BEYOND * _surest(before, before, best.hours).total:
        return
    columns, proof = _columns(before, now, best)
    known = _asked(now, best)
    shown = best.by_level > 0
    if not columns or proof.before < REPEATS or not known.any() or not _runs(now, best, columns):
        return
    segment = _segment(now, shown, known)
    area = _area(ground, now, best, segment, columns)
    hours = best.hours - DAY if best.hours > DAY / 2 and _daily(before, columns) else best.hours
    far = f"{abs(hours)} hour{'s' * (abs(hours) > 1)}"
    inverse = Inverse(kind="shift", offset=float(hours), says=f"the values of {far} {'earlier' if hours > 0 else 'later'}")
    explained = (proof.before - proof.after) / max(1 - proof.after, 1e-9)
    yield ground.hypothesis(Cause.TIME_SHIFT, columns, area, Shown(proof=proof, inverse=inverse, explained=explained, free=1))


def _runs(now: Clock, best: _Repeat, columns: tuple[str, ...]) -> bool:
    """Say whether columns run through the hours of a repeat: what has one value a day, as a timetable, repeats no course of hours."""
    at = [now.columns.index(name) for name in columns]
    block = np.s_[:, best.by_level > 0, best.start : best.start + best.hours]
    moves = _repeats(now.values[at], best.hours)[1][block]
    return bool(moves.sum() >= MOVING * np.isfinite(now.values[at])[block].sum())


def _daily(before: Clock, columns: tuple[str, ...]) -> bool:
    """Say whether columns are the same at one hour of all days, so that 23 hours earlier are one hour later."""
    same, known = (one[[before.columns.index(name) for name in columns]].sum() for one in _repeats(before.values, DAY))
    return bool(same >= STEADY * max(known, 1))


def _surest(before: Clock, now: Clock, hours: int) -> _Repeat:
    """Return where values most surely repeat those of some hours before, for that many hours on end."""
    same_before, known_before = _repeats(before.values, hours)
    usual = (same_before.sum(axis=(1, 2)) + 1.0) / (known_before.sum(axis=(1, 2)) + 2.0)
    usual = np.clip(usual, 1e-3, 1 - 2 * WRONG)[:, None, None]
    same, known = _repeats(now.values, hours)
    weight = np.where(same, np.log((1 - WRONG) / usual), np.log(WRONG / (1 - usual))) * known
    if weight.shape[2] < hours:
        return _Repeat(hours=hours, start=0, by_level=np.zeros(weight.shape[1]), total=0.0)
    sums = np.concatenate((np.zeros((*weight.shape[:2], 1)), np.cumsum(weight, axis=2)), axis=2)
    block = sums[:, :, hours:] - sums[:, :, :-hours]
    return max(
        (_Repeat(hours=hours, start=at, by_level=by, total=float(total)) for at, by, total in _ways(block)), key=lambda one: one.total
    )


def _ways(block: Floats) -> Iterator[tuple[int, Floats, float]]:
    """Yield the surest start of a repeat, what speaks for it by level, and in all: of all columns at some levels, of some columns at all
    levels, of one column at one level.

    Parameters
    ----------
    block : log likelihood ratio of a repeat from each hour on, (columns, levels, hours).
    """
    by_level, by_column = block.sum(axis=0), block.sum(axis=1)
    for total in (np.maximum(by_level, 0.0).sum(axis=0), np.maximum(by_column, 0.0).sum(axis=0)):
        at = int(np.argmax(total))
        told = by_column[:, at] > 0
        yield at, block[told, :, at].sum(axis=0) if told.any() else by_level[:, at], total[at]
    column, level, at = (int(one) for one in np.unravel_index(int(np.argmax(block)), block.shape))
    yield at, np.where(np.arange(block.shape[1]) == level, block[column, :, at], 0.0), block[column, level, at]


def _asked(now: Clock, best: _Repeat) -> np.ndarray:
    """Return of which levels something is known in the repeat, (levels,)."""
    _, known = _repeats(now.values, best.hours)
    return np.asarray(known[:, :, best.start : best.start + best.hours].any(axis=(0, 2)))


def _columns(before: Clock, now: Clock, best: _Repeat) -> tuple[tuple[str, ...], Proof]:
    """Return the columns that repeat, and how often they do in the reference and now."""
    same, known = _repeats(now.values, best.hours)
    levels = best.by_level > 0
    at = slice(best.start, best.start + best.hours)
    hits, asked = (one[:, levels, at].sum(axis=(1, 2)) for one in (same, known))
    hold = (hits >= REPEATS * asked) & ((asked > 0) | _rare(now))
    same_before, known_before = (one[hold].sum() for one in _repeats(before.values, best.hours))
    share, usual = float(hits[hold].sum() / max(asked[hold].sum(), 1)), float(same_before / max(known_before, 1))
    proof = Proof(measure="share", before=share, after=usual, rows=int(asked[hold].sum()))
    return tuple(name for name, held in zip(now.columns, hold, strict=True) if held), proof


def _rare(now: Clock) -> np.ndarray:
    """Say which columns seldom have a value, (columns,): that one says nothing of a few hours speaks neither way."""
    some = np.isfinite(now.values).any(axis=0)
    return np.asarray((np.isfinite(now.values) & some).sum(axis=(1, 2)) < 0.5 * some.sum())


def _segment(now: Clock, shown: np.ndarray, known: np.ndarray) -> Mapping[str, str]:
    """Return the level that alone repeats; no segment where all do of which something is known."""
    levels = np.flatnonzero(shown & known)
    return {now.place: now.levels[int(levels[0])]} if now.place and len(levels) == 1 and known.sum() > 1 else {}


def _area(ground: Ground, now: Clock, best: _Repeat, segment: Mapping[str, str], columns: tuple[str, ...]) -> Area:
    base, rows = ground.segment_rows(segment)
    hours = (ground.times.astype("datetime64[h]") - now.first).astype(np.int64)
    end = _end(ground, now, best, segment, columns)
    within = rows & (hours >= best.start) & (hours <= end)
    at = np.flatnonzero(within)
    earlier, later = np.flatnonzero(rows[: at[0]]), rows[at[-1] + 1 :].any()
    return Area(
        segment=segment,
        rows=within,
        base=base,
        first=int(at[0]),
        last=int(at[-1]) if later else len(rows) - 1,
        lasts=not later,
        before=int(earlier[-1]) if len(earlier) else -1,
    )


def _end(ground: Ground, now: Clock, best: _Repeat, segment: Mapping[str, str], columns: tuple[str, ...]) -> int:
    """Return the last hour of the days whose hours run late as they do after the onset; the last of all if none runs right."""
    level = [now.levels.index(segment[now.place])] if segment else slice(None)
    hours = now.values.shape[2]
    clock = (pd.Timestamp(now.first).hour + np.arange(hours)) % 24
    day = np.arange(hours - best.start) // 24
    late = np.zeros(int(day[-1]) + 1)
    for at, name in ((now.columns.index(name), name) for name in columns):
        usual = _by_hour(ground, name)
        spread = float(np.nanvar(ground.before[name].to_numpy())) or 1.0
        for series in now.values[at, level][:, best.start :]:
            apart = [_unlike(series, usual[(clock[best.start :] - by) % 24], day) for by in (0, best.hours)]
            late += (apart[0] - apart[1]) / (2 * spread)
    sums = np.cumsum(late)
    last = int(np.argmax(sums))
    ended = sums[last] - sums[-1] >= ENDED and last < len(sums) - 2
    return int(min(best.start + 24 * (last + 1), hours)) - 1 if ended else hours - 1


def _by_hour(ground: Ground, column: str) -> Floats:
    """Return the mean of a column by hour of the day in the reference, (24,); nan where an hour has no rows."""
    hour, values = pd.DatetimeIndex(ground.before[TIME]).hour.to_numpy(), ground.before[column].to_numpy()
    known = np.isfinite(values)
    rows, sums = np.bincount(hour[known], minlength=24), np.bincount(hour[known], values[known], minlength=24)
    return np.where(rows > 0, sums / np.maximum(rows, 1), np.nan)


def _unlike(series: Floats, usual: Floats, day: Ints) -> Floats:
    """Return the squares of how values lie otherwise around the mean of their day than is usual, added up by day."""
    known = np.isfinite(series) & np.isfinite(usual)
    difference = np.where(known, series - usual, 0.0)
    rows = np.maximum(np.bincount(day, known), 1)
    centred = difference - (np.bincount(day, difference) / rows)[day]
    return np.bincount(day, np.where(known, centred**2, 0.0)).astype(np.float64)
