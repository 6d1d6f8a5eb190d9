"""Numbers that repeat their last value: runs in order of time far longer than the reference has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import TIME
from monitor.incidents.within.areas import same_crowd
from monitor.incidents.within.ground import Area, Bools, Floats, Ground, Ints, Shown
from monitor.incidents.within.joined import joined
from monitor.stats.causes.inverses import decimals_of

LONGER, LONGER_UNSEEN = 3.0, 8.0
"""Times the longest run of the reference, in rows and in time, from which a value is stuck; where no analysis found the column to change,
so much more that chance among all columns and levels is none."""
CROWDED = 5.0
"""Times the usual number of rows in as much time from which a run is a crowd of like rows, not a value that stands still."""
ELSEWHERE = 5.0
"""Times its share in the reference that a value has among all other rows of the time, from which it is not this segment that is stuck."""
FEWEST_IN_RUN = 50
SELDOM = 0.5
"""Share of the rows of a segment that had a value before, from which it is no wonder that all have it for a while."""
KINDS, RARE = 3.0, 0.01
"""Different values that a place had before, counted as if all were equally common (1 / sum of squared shares): below KINDS (a schedule, a
fixed distance) one of them for a while is no wonder, and only a value that at most a share of RARE of the rows had can be stuck."""
SHORTEST = 100
"""Part of the time of the reference that the usual run is taken to last at least."""
MOST_ROWS = 100_000
"""Rows of a side in which runs are looked for; of more, every k-th: what stands still does so in these too."""
DIGITS = 1000
"""Values that tell how many digits a column has: a whole number that stands still among tenths is not the mean because it rounds to it."""
KNOWN_ROWS = 200
"""Rows of a level in the reference from which its own longest run counts; of fewer, the longest of any level."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The longest run of one value by level: rows, hours, first and last position among the rows of the side, (levels,) each."""

    rows: Ints
    hours: Floats
    first: Ints
    last: Ints
    of: Ints
    """All rows of the level with a value."""


def stuck_values(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where numbers repeat one value for far longer than they ever did; columns stuck in the same rows are one hypothesis.

    The rows alone prove it: no window need have been found to differ, since a single value lies within what is usual.
    """
    places = _places(ground)
    return joined([found for column in ground.numbers for found in _of_column(ground, column, places)])


def _of_column(ground: Ground, column: str, places: Sequence[_Place]) -> Iterator[Hypothesis]:
    best: _Found | None = None
    for found in _candidates(ground, column, places):
        if (best is None or found.rows > best.rows) and (found.longer >= LONGER_UNSEEN or _is_found(ground, column, found)):
            best = found
    if best is not None and not _elsewhere(ground, column, best) and _varied(ground, column, best):
        yield _hypothesis(ground, column, best)


def _is_found(ground: Ground, column: str, found: _Found) -> bool:
    """Say whether the column was found to have changed in the time of a run."""
    return any(bool(inside[found.first : found.last + 1].any()) for inside in ground.moved(column))


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A run of `rows` from `first` to `last` of production's rows in a segment, `longer` times as long as any of the reference."""

    segment: dict[str, str]
    rows: int
    longer: float
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A column of levels ("": all rows): of either side the level of each row, and the rows with one by level, in order of time."""

    name: str
    levels: tuple[str, ...]
    codes: tuple[Ints, Ints]
    orders: tuple[Ints, Ints]


def _places(ground: Ground) -> tuple[_Place, ...]:
    """Return where values may stand still, sorted once for all columns."""
    steps = _steps(ground)
    found = []
    for name, (old, new, levels) in (("", _all(ground)), *ground.codes.items()):
        before, now = old[:: steps[0]], new[:: steps[1]]
        found.append(_Place(name=name, levels=levels, codes=(before, now), orders=(_by_level(before), _by_level(now))))
    return tuple(found)


def _steps(ground: Ground) -> tuple[int, int]:
    return -(-len(ground.before) // MOST_ROWS), -(-len(ground.now) // MOST_ROWS)


def _by_level(codes: Ints) -> Ints:
    known = np.flatnonzero(codes >= 0)
    return np.asarray(known[np.argsort(codes[known], kind="stable")])


def _candidates(ground: Ground, column: str, places: Sequence[_Place]) -> Iterator[_Found]:
    """Yield the runs of one value that are far longer than those of the reference, in all rows and in each level of each place."""
    steps = _steps(ground)
    values = [frame[column].to_numpy()[::step] for frame, step in zip((ground.before, ground.now), steps, strict=True)]
    times = [frame[TIME].to_numpy()[::step] for frame, step in zip((ground.before, ground.now), steps, strict=True)]
    span = float(np.nan_to_num((times[0][-1] - times[0][0]) / np.timedelta64(1, "h"))) if len(times[0]) else 0.0
    for place in places:
        name, levels = place.name, place.levels
        run = longest_runs(values[1], times[1], place, side=1)
        if not (run.rows >= FEWEST_IN_RUN).any():
            continue
        usual = longest_runs(values[0], times[0], place, side=0)
        known = usual.of >= KNOWN_ROWS
        most_rows = np.maximum(np.where(known, usual.rows, usual.rows.max(initial=0)), 1)
        most_hours = np.maximum(np.where(known, usual.hours, usual.hours.max(initial=0.0)), span / SHORTEST)
        longer = np.minimum(run.rows / most_rows, np.where(np.isnan(run.hours), np.inf, run.hours * LONGER / np.maximum(most_hours, 1e-9)))
        stuck = (run.rows >= FEWEST_IN_RUN) & (longer >= LONGER) & ~_crowded(usual, run, span)
        for level in np.flatnonzero(stuck):
            yield _Found(
                segment={name: levels[level]} if name else {},
                rows=int(run.rows[level]) * steps[1],
                longer=float(longer[level]),
                first=int(run.first[level]) * steps[1],
                last=int(run.last[level]) * steps[1],
            )


def _crowded(usual: Run, run: Run, span: float) -> Bools:
    """Say of which levels the run holds far more rows than its time usually has, (levels,). `span`: hours of the reference."""
    expected = usual.of / max(span, 1.0) * np.maximum(run.hours, 1.0) if span > 0 else np.full(len(run.rows), np.inf)
    return np.asarray(run.rows > CROWDED * expected + FEWEST_IN_RUN)


def _elsewhere(ground: Ground, column: str, found: _Found) -> bool:
    """Say whether the value is as new among the other rows of the time: it is a bound or a default then, and stands still nowhere."""
    if not found.segment:
        return False
    base, rows = ground.segment_rows(found.segment)
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    between = np.zeros(len(rows), dtype=bool)
    between[found.first : found.last + 1] = True
    others = now[between & ~rows]
    share = float((others == now[found.first]).mean()) if len(others) else 0.0
    return share > max(ELSEWHERE * float((before[~base] == now[found.first]).mean()), 0.01)


def _varied(ground: Ground, column: str, found: _Found) -> bool:
    """Say whether the values of the segment varied before, so that one of them for a while says something."""
    base, _ = ground.segment_rows(found.segment)
    before = ground.before[column].to_numpy()
    known = before[base][np.isfinite(before[base])]
    known = known if len(known) else before[np.isfinite(before)]
    _, rows = np.unique(known, return_counts=True)
    kinds = len(known) ** 2 / max(float((rows.astype(float) ** 2).sum()), 1.0)
    return kinds >= KINDS or float((known == ground.now[column].to_numpy()[found.first]).mean()) <= RARE


def _all(ground: Ground) -> tuple[Ints, Ints, tuple[str, ...]]:
    return np.zeros(len(ground.before), dtype=np.int64), np.zeros(len(ground.now), dtype=np.int64), ("",)


def longest_runs(values: Floats, times: np.ndarray, place: _Place, *, side: int) -> Run:
    """Return the longest run of each level on a side (0: before, 1: now); rows without a value or a level are passed over.

    Parameters
    ----------
    values, times : (n,) in order of time.
    """
    codes, order, width = place.codes[side], place.orders[side], len(place.levels)
    order = order[np.isfinite(values[order])]
    none = np.zeros(width, dtype=np.int64)
    if not len(order):
        return Run(rows=none, hours=np.zeros(width), first=none - 1, last=none - 1, of=none)
    new = np.append(True, (np.diff(values[order]) != 0) | (np.diff(codes[order]) != 0))
    begin = np.flatnonzero(new)
    end = np.append(begin[1:], len(order)) - 1
    rows, level = end - begin + 1, codes[order[begin]]
    ranked = np.lexsort((rows, level))
    longest = ranked[np.append(np.diff(level[ranked]) != 0, True)]
    out = [np.full(width, fill) for fill in (0, -1, -1)]
    for array, value in zip(out, (rows, order[begin], order[end]), strict=True):
        array[level[longest]] = value[longest]
    first, last = out[1], out[2]
    hours = np.where(first >= 0, (times[last] - times[first]) / np.timedelta64(1, "h"), 0.0)
    return Run(rows=out[0], hours=hours, first=first, last=last, of=np.bincount(codes[order], minlength=width))


def _hypothesis(ground: Ground, column: str, found: _Found) -> Hypothesis:
    base, every = ground.segment_rows(found.segment)
    values = ground.now[column].to_numpy()
    value = values[found.first]
    theirs = np.flatnonzero(every)
    other = theirs[np.isfinite(values[theirs]) & (values[theirs] != value)]
    place, end = np.searchsorted(theirs, [_after(other, found.first), _before(other, found.last, len(every))])
    first, last = int(theirs[place]), int(theirs[end - 1])
    rows = every.copy()
    rows[:first], rows[last + 1 :] = False, False
    area = Area(
        segment=found.segment,
        rows=rows,
        base=base,
        first=first,
        last=last,
        opens=bool(place == 0),
        lasts=bool(end == len(theirs)),
        before=int(theirs[place - 1]) if place else -1,
    )
    concerned = rows & np.isfinite(values)
    share = repeats(ground.before[column].to_numpy()[base])
    proof = Proof(measure="share", before=1.0 - share, after=0.0, rows=int(concerned.sum()))
    return _constant(ground, column, area, value, Shown(proof=proof, inverse=_again(value), explained=1 - 1 / found.longer, rows=concerned))


def _again(value: float) -> Inverse:
    return Inverse(kind="stuck", value=f"{value:.12g}", says=f"{value:.6g} again and again")


def _constant(ground: Ground, column: str, area: Area, value: float, shown: Shown) -> Hypothesis:
    """Return that a value stands still; of a middle of the reference, which no reading right before it was, that it is filled in."""
    name = "" if _was_last(ground, column, area, value) else _middle(ground.before[column].to_numpy(), value)
    if not name:
        return ground.hypothesis(Cause.STUCK_VALUE, [column], area, shown)
    filled = Inverse(kind="fill", value=f"{value:.12g}", says=f"{value:.6g}, the {name} of the reference, in place of other values")
    return ground.hypothesis(Cause.DEFAULT_FILL, [column], area, replace(shown, inverse=filled))


def _was_last(ground: Ground, column: str, area: Area, value: float) -> bool:
    """Say whether the last row before an area had its value."""
    return area.before >= 0 and bool(ground.now[column].to_numpy()[area.before] == value)


def _middle(before: Floats, value: float) -> str:
    """Return which middle of the reference a value is, as exactly as it is written; empty where it is none."""
    known = before[np.isfinite(before)]
    digits = decimals_of(np.append(known[:: -(-len(known) // DIGITS) or 1], value))
    middles = {"mean": float(known.mean()), "median": float(np.median(known))} if len(known) else {}
    return next((name for name, middle in middles.items() if abs(middle - value) <= 0.5 * 10.0**-digits), "")


def stuck_at(ground: Ground, column: str, area: Area, value: float) -> Iterator[Hypothesis]:
    """Yield that all rows of an area have one value that they had seldom: places that no single column tells are found so."""
    values, base = ground.now[column].to_numpy(), ground.before[column].to_numpy()[area.base]
    known = base[np.isfinite(base)]
    usual = float((known == value).mean()) if len(known) else 1.0
    rows = area.rows & np.isfinite(values)
    days = len(np.unique(ground.windows[rows]))
    varied = usual <= SELDOM and len(np.unique(known)) > 2
    if varied and days > 1 and rows.sum() >= FEWEST_IN_RUN and same_crowd(ground, [column], area):
        proof = Proof(measure="share", before=1 - usual, after=0.0, rows=int(rows.sum()))
        yield _constant(ground, column, area, value, Shown(proof=proof, inverse=_again(value), explained=1 - usual, rows=rows))


def _after(other: Ints, first: int) -> int:
    """Return the position after the last row with another value before a run."""
    earlier = other[other < first]
    return int(earlier[-1]) + 1 if len(earlier) else 0


def _before(other: Ints, last: int, rows: int) -> int:
    """Return the position of the first row with another value after a run."""
    later = other[other > last]
    return int(later[0]) if len(later) else rows


def repeats(values: Floats) -> float:
    """Return the share of values that are the same as the one before them; 0 of fewer than two."""
    known = values[np.isfinite(values)]
    return float((np.diff(known) == 0).mean()) if len(known) > 1 else 0.0
