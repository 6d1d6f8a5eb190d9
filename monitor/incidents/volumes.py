"""Rows that stop or grow more, and shares of rows that change while their number stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.asked import Asked, has_time, meeting, merged, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.hours import LONGEST, hours_of
from monitor.incidents.moments import Spell, evidence, utc, when
from monitor.incidents.reweighing import moved_before_and_after
from monitor.incidents.scene import TIME, Scene, Side
from monitor.judgement.finding import NO_TIME, Finding, FindingKind

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_MOVED = 0.25
"""Change of the number of rows of a level, beside what was expected, that is worth telling: a quarter."""
HALF = 0.5
"""Change of the number of all rows that one stretch of a day is told for; one quieter or busier day is no incident, several are."""
LEAST_SAID = 0.1
"""Share of what moved that a hypothesis must explain to be told at all."""
FEW_DAYS = 2
_LEAST_GAIN = 12.0
"""Log likelihood that the number of rows of a level must gain by another rate, days as uneven as in the reference."""
_LEAST_HELD = 0.4
"""Share of all that moved between the levels of a column which the told ones must hold."""
_PRICE = 4.0
_MOST_CELLS = 2_000
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """A level (or two) whose rows became fewer or more: `seen` rows beside `expected`, others `scale` times what was expected of them."""

    segment: Mapping[str, str]
    seen: float
    expected: float
    scale: float
    gain: float
    held: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Rows by day: `day` (n,) of each row, `weight` of days of the reference by weekday, so that weekdays are compared with their like."""

    frame: pd.DataFrame
    expected: Floats
    """(rows of the reference,) what each row of the reference stands for in the stretch."""
    spread: float
    """Variance of the rows of a day beside their mean, 1 for independent ones."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """Rows of a side: places of their levels by column, and what each weighs."""

    codes: Mapping[str, Ints]
    weight: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """Rows `seen` in a stretch and `before`, on the same `levels`."""

    levels: Mapping[str, pd.Index]
    seen: _Counted
    before: _Counted


def examine_volumes(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return the levels whose rows became fewer or more, alone (volume) or at the cost of all others (mix)."""
    if not has_time(scene):
        return ()
    names = frozenset(scene.places)
    found: list[Hypothesis] = []
    for asked in stretches(scene, lambda analysis, finding: _of_numbers(analysis, finding, names)):
        found += _examined(scene, asked)
    return merged(found)


def _of_numbers(analysis: str, finding: Finding, places: frozenset[str]) -> bool:
    if analysis == "operations":
        return finding.what == "requests"
    if analysis == "adversaries":
        return finding.what.startswith("concentration")
    return analysis in ("drift", "quality") and finding.what in places and finding.kind in (FindingKind.VALUE, FindingKind.LEVEL)


def _examined(scene: Scene, asked: Asked) -> Iterator[Hypothesis]:
    inside = scene.production.within(asked.first, asked.last)
    days = _days(scene, asked)
    if days is None or not inside.any():
        return
    total, expected = float(inside.sum()), float(days.expected.sum())
    every = _all_moved(scene, asked)
    if every is not None:
        yield every
    moved = _most_moved(scene, scene.production.frame[inside], days)
    if moved is not None:
        yield from _told(scene, asked, moved, (total, expected), days)


def _days(scene: Scene, asked: Asked) -> _Days | None:
    """Weigh rows of the reference so that they stand for the days of a stretch of production, weekday by weekday."""
    then = _day_of(scene.reference)
    windows = scene.production.windows
    span = scene.production.frame[TIME].to_numpy()[scene.production.within(asked.first, asked.last)]
    if np.isnat(then).all() or not len(span) or not len(windows):
        return None
    wanted = np.arange(span.min().astype("datetime64[D]"), span.max().astype("datetime64[D]") + 1)
    first, last = span.min(), span.max()
    whole = np.ones(len(wanted))
    hours = scene.size.unit == "hour"
    if hours:
        whole[0] -= (first - wanted[0]) / _DAY
        whole[-1] -= 1 - (last - wanted[-1]) / _DAY
    known = np.arange(np.nanmin(then), np.nanmax(then) + 1)
    weekday = _weekday(known)
    by_weekday = np.bincount(weekday, minlength=7)
    want = np.bincount(_weekday(wanted), weights=whole, minlength=7)
    alike = bool((by_weekday[want > 0] >= FEW_DAYS).all())
    factor = want / np.maximum(by_weekday, 1) if alike else np.full(7, whole.sum() / len(known))
    weight = np.where(np.isnat(then), 0.0, factor[_weekday(np.where(np.isnat(then), known[0], then))])
    return _Days(frame=scene.reference.frame, expected=weight, spread=_spread(then[~np.isnat(then)], known, weekday, alike))


def _day_of(side: Side) -> NDArray[np.datetime64]:
    return side.frame[TIME].to_numpy().astype("datetime64[D]")


def _weekday(day: NDArray[np.datetime64]) -> Ints:
    return np.asarray((day.astype(np.int64) + 3) % 7)


def _spread(then: NDArray[np.datetime64], known: NDArray[np.datetime64], weekday: Ints, alike: bool) -> float:
    """Return the variance of the rows of a day beside their mean, at least that of independent rows."""
    rows = np.bincount((then - known[0]).astype(np.int64), minlength=len(known)).astype(np.float64)[1:-1]
    of = weekday[1:-1] if alike else np.zeros(max(len(known) - 2, 0), dtype=np.int64)
    if len(rows) < 3:
        return 1.0
    mean = np.bincount(of, weights=rows, minlength=7) / np.maximum(np.bincount(of, minlength=7), 1)
    free = max(len(rows) - len(np.unique(of)), 1)
    return float(max(((rows - mean[of]) ** 2).sum() / free / max(rows.mean(), 1.0), 1.0))


def _all_moved(scene: Scene, asked: Asked) -> Hypothesis | None:
    """Tell of all rows where they are more or fewer than on a quieter or busier day; more in a few hours are a burst."""
    hours = hours_of(scene)
    first = next((one for _, one in asked.findings if one.what == "requests"), None)
    if hours is None or first is None:
        return None
    spell = hours.spell(asked.first, asked.last)
    if spell is None:
        return None
    begin, stop = spell
    seen, expected = float(hours.seen[begin:stop].sum()), float(hours.expected[begin:stop].sum())
    change = abs(np.log(max(seen, 0.5) / max(expected, 0.5)))
    long = stop - begin > FEW_DAYS * 24
    if change < -np.log(1 - (LEAST_MOVED if long else HALF)) or (seen > expected and stop - begin <= LONGEST):
        return None
    moved = abs(seen - expected)
    return Hypothesis(
        cause=Cause.VOLUME_CHANGE,
        start=utc(scene, hours.start(begin)),
        end=NO_TIME if stop == len(hours.seen) else utc(scene, hours.start(stop)),
        onset_lower=utc(scene, hours.start(max(begin - 1, 0))),
        onset_upper=utc(scene, hours.start(begin + 1)),
        rows=round(moved),
        share_rows=moved / max(seen, expected, 1.0),
        explained=float(moved / (moved + np.sqrt(hours.spread * max(expected, 1.0)))),
        proof=Proof(measure="ratio", before=seen / max(expected, 1.0), after=1.0, rows=int(seen)),
        evidence=tuple(key for key, one in asked.findings if one.kind is FindingKind.OPERATION),  # all rows alike move no shares
        more=seen > expected,
    )


def _most_moved(scene: Scene, now: pd.DataFrame, days: _Days) -> _Moved | None:
    """Return the shortest segment whose rows became fewer or more than those of all others."""
    places = [name for name in scene.places if not _of_the_day(scene.reference, name)]
    coded = _coded(now, days, places)
    best: tuple[float, _Moved] | None = None
    for depth in (1, 2):
        for columns in combinations(places, depth):
            for one in _moved_levels(coded, days, columns):
                worth = one.gain - depth * _PRICE
                if best is None or worth > best[0] * (1.0 if depth == 1 else 1.05):
                    best = (worth, one)
    return best[1] if best is not None else None


def _coded(now: pd.DataFrame, days: _Days, places: Sequence[str]) -> _Coded:
    levels = {name: now[name].cat.categories.union(days.frame[name].cat.categories) for name in places}
    seen, before = ({name: _codes(frame[name], levels[name]) for name in places} for frame in (now, days.frame))
    return _Coded(levels=levels, seen=_Counted(seen, np.ones(len(now))), before=_Counted(before, days.expected))


def _codes(column: pd.Series, levels: pd.Index) -> Ints:
    """Return the place of each row's level, -1 where missing, (n,)."""
    return np.asarray(np.append(levels.get_indexer(column.cat.categories), -1)[column.cat.codes.to_numpy()], dtype=np.int64)


def _cell(side: _Counted, levels: Mapping[str, pd.Index], columns: tuple[str, ...]) -> tuple[Ints, Floats]:
    """Return the cell of each row that has all levels, and its weight."""
    code, known = np.zeros(len(side.weight), dtype=np.int64), np.ones(len(side.weight), dtype=bool)
    for name in columns:
        known &= side.codes[name] >= 0
        code = code * len(levels[name]) + side.codes[name]
    return code[known], side.weight[known]


def _of_the_day(side: Side, name: str) -> bool:
    """Say whether a column is told by the calendar: all rows of a day have the same level."""
    day = _day_of(side)
    known = ~np.isnat(day)
    by_day = side.frame.loc[known, name].groupby(day[known]).nunique()
    return bool(len(by_day) and (by_day <= 1).mean() > 0.9)


def _moved_levels(now: _Coded, days: _Days, columns: tuple[str, ...]) -> Iterator[_Moved]:
    size = int(np.prod([len(now.levels[name]) for name in columns]))
    if not 1 < size <= _MOST_CELLS:
        return
    sides = [np.bincount(*_cell(side, now.levels, columns), minlength=size).astype(np.float64) for side in (now.seen, now.before)]
    there = np.flatnonzero((sides[0] > 0) | (sides[1] > 0))
    had, told = sides[0][there], sides[1][there]
    scale = _usual_ratio(had, told)
    fair = np.maximum(scale * told, 0.5)
    gain = np.where(had > 0, had * np.log(np.maximum(had, 1e-9) / fair), 0.0) - (had - fair)
    gain = gain / days.spread
    moved = np.abs(had - fair)
    place = int(np.argmax(gain))
    enough = abs(np.log(max(had[place], 0.5) / fair[place])) >= -np.log(1 - LEAST_MOVED)
    held = float(moved[place] / max(moved.sum(), 1.0))
    if gain[place] < _LEAST_GAIN or not enough or held < _LEAST_HELD:
        return
    segment = {}
    cell = int(there[place])
    for name in reversed(columns):
        cell, level = divmod(cell, len(now.levels[name]))
        segment[name] = str(now.levels[name][level])
    segment = {name: segment[name] for name in columns}
    others, usual = float(had.sum() - had[place]), float(told.sum() - told[place])
    yield _Moved(
        segment=segment,
        seen=float(had[place]),
        expected=float(told[place]),
        scale=others / max(usual, 1.0),
        gain=float(gain[place]),
        held=held,
    )


def _usual_ratio(seen: Floats, expected: Floats) -> float:
    """Return the ratio of rows seen to expected of the usual level: the median, each level weighing what was expected of it."""
    known = expected > 0
    ratio, weight = seen[known] / expected[known], expected[known]
    order = np.argsort(ratio)
    reached = np.cumsum(weight[order]) >= weight.sum() / 2
    return float(max(ratio[order][np.argmax(reached)], 1e-3)) if known.any() else 1.0


def _told(scene: Scene, asked: Asked, moved: _Moved, rows: tuple[float, float], days: _Days) -> Iterator[Hypothesis]:
    """Tell of the level twice: its rows alone changed (others as many as before), or its share did (all as many as before)."""
    total, expected = rows
    among = scene.production.are(moved.segment)
    outside = scene.reference.are(moved.segment)
    share_before = moved.expected / max(expected, 1.0)
    share_now = moved.seen / max(total, 1.0)
    before = _share_by_hour(scene, outside)
    odds = (share_now / max(1 - share_now, 1e-6)) / max(share_before / max(1 - share_before, 1e-6), 1e-6)
    spell = when(scene, evidence(among, before, odds * before / (1 - before + odds * before))) if outside.any() else None
    if spell is None:
        return
    others, all_rows = abs(np.log(max(moved.scale, 1e-3))), abs(np.log(max(total, 1.0) / max(expected, 1.0)))
    noise = float(np.sqrt(days.spread / max(expected, 1.0)))
    told = {finding.what for finding in meeting(scene, spell.inside, lambda analysis, _: analysis == "drift").values()}
    explained, proof = moved_before_and_after(scene, moved.segment, spell.inside, told)
    for cause, own, other in ((Cause.VOLUME_CHANGE, others, all_rows), (Cause.MIX_CHANGE, all_rows, others)):
        fit = (other + noise) / (own + other + 2 * noise)
        if fit * explained >= LEAST_SAID:
            yield _hypothesis(moved, spell, asked.evidence, cause=cause, explained=fit * explained, proof=proof)


def _share_by_hour(scene: Scene, mine: Bools) -> Floats:
    """Return the share that rows of a segment have at the hour of the day of each row of production, as in the reference, (n,)."""
    then, now = (_hour_of(side) for side in (scene.reference, scene.production))
    counted, held = np.bincount(then, minlength=25), np.bincount(then, weights=mine, minlength=25)
    prior = 20.0
    return np.asarray(((held + prior * mine.mean()) / (counted + prior))[now])


def _hour_of(side: Side) -> Ints:
    """Return the hour of the day of each row; 24 where no time is known."""
    hour = side.frame[TIME].dt.hour.to_numpy(dtype=np.float64)
    return np.where(np.isfinite(hour), hour, 24).astype(np.int64)


def _hypothesis(moved: _Moved, spell: Spell, keys: tuple[str, ...], *, cause: Cause, explained: float, proof: Proof) -> Hypothesis:
    usual = moved.scale * moved.expected if cause is Cause.VOLUME_CHANGE else moved.expected
    by = abs(moved.seen - usual)
    there = int(spell.inside.sum()) + (by if moved.seen < moved.expected and cause is Cause.VOLUME_CHANGE else 0)
    return Hypothesis(
        cause=cause,
        columns=tuple(moved.segment),
        segment=moved.segment,
        start=spell.start,
        end=spell.end,
        onset_lower=spell.lower,
        onset_upper=spell.upper,
        rows=round(by),
        share_rows=min(by / max(there, 1.0), 1.0),
        explained=float(explained),
        parameters=len(moved.segment),
        proof=proof,
        evidence=keys,
        more=moved.seen > usual,
    )
