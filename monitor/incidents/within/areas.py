"""Where and when rows are odd: the segment that holds them, and the stretch of its rows in which they most likely are.

A place is only looked for here, by a quick scan of single levels and pairs: what the rows of it have been through proves it or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from monitor.incidents.within.ground import Area, Bools, Floats, Ground, Ints
from monitor.stats.causes.inverses import heaviest_stretch, ks, ks_noise

HELD = 0.8
"""Share of the excess that a segment holds before it is said to be the place."""
QUIET = 0.15
"""Rate of the excess among the other rows, of that within a segment, up to which the segment is the place."""
OTHERS, FEW = 0.3, 0.25
"""Distance of the other columns from which the rows are others than usual, and part of these columns that may be as far all the same."""
SAMPLE = 2000
CHANCE = 100.0
"""Odds against chance from which rows at an end of production say that something had not begun, or is over."""
PROVED = 20.0
"""Odds from which rows before a stretch say that it had not begun with them, as of the bounds of all onsets (`moments.DOUBT`)."""
MET = 0.3
"""Share of the rows of an area that lie in the windows of the findings that it is looked for because of."""


def same_crowd(ground: Ground, columns: Sequence[str], area: Area) -> bool:
    """Say whether the rows of an area are as those of the reference of its segment in all other columns but few.

    Where they are not, other rows came, be it a burst, a campaign or an attack, and no map of one column is what happened.
    """
    others = [name for name in (*ground.numbers, *ground.levels) if name not in columns and name not in area.segment]
    base, rows = np.flatnonzero(area.base), np.flatnonzero(area.rows)
    base, rows = base[:: -(-len(base) // SAMPLE) or 1], rows[:: -(-len(rows) // SAMPLE) or 1]
    limit = max(OTHERS, ks_noise(len(base), len(rows)))
    apart = [_apart(ground.before[name].iloc[base], ground.now[name].iloc[rows]) > limit for name in others]
    return sum(apart) <= FEW * len(others)


def _apart(before: pd.Series, now: pd.Series) -> float:
    """Return how far two samples of a column lie apart, 0..1; rows without a value count as a level."""
    if isinstance(before.dtype, pd.CategoricalDtype):
        shares = [one.astype(object).value_counts(normalize=True, dropna=False) for one in (before, now)]
        return float(shares[0].sub(shares[1], fill_value=0.0).abs().sum() / 2)
    return float(np.nan_to_num(ks(before.dropna().to_numpy(), now.dropna().to_numpy())))


def area_of(ground: Ground, odd_before: Bools, odd_now: Bools, *, inside: Bools, avoid: Sequence[str] = ()) -> Area | None:
    """Return where and when rows are odd more often than they were; None where they are not.

    Parameters
    ----------
    odd_before, odd_now : (m,), (n,).
    inside : rows of production among which the place is looked for, (n,); the time is looked for among all.
    avoid : columns that say no place, since it is they that changed.
    """
    segment = _place(ground, odd_before, odd_now & inside, inside, avoid)
    return None if segment is None else when(ground, segment, odd_before, odd_now, inside=inside)


def levels_of(ground: Ground, odd: Bools, inside: Bools) -> Iterator[tuple[str, list[str]]]:
    """Yield places with the several levels, fewer than half, of which most rows inside are odd and which hold nearly all that are."""
    for name, (_, codes, levels) in ground.codes.items():
        rows, hit = _count(codes[inside], len(levels)), _count(codes[odd], len(levels))
        mostly = np.flatnonzero(hit > rows / 2)
        if 2 <= len(mostly) < (rows > 0).sum() / 2 and hit[mostly].sum() >= HELD * odd.sum():
            yield name, [levels[at] for at in mostly]


def when(ground: Ground, segment: Mapping[str, str], odd_before: Bools, odd_now: Bools, *, inside: Bools) -> Area | None:
    """Return when rows of a segment are odd more often than they were; None where they are not."""
    base, rows = ground.segment_rows(segment)
    usual = _rate(int(odd_before[base].sum()), int(base.sum()), float(odd_before.mean()))
    among, area = rows & inside, None
    rows = rows & ground.around(inside)
    for _ in range(2):
        if not among.any():
            return None
        within = float(np.clip(odd_now[among].mean(), 1e-3, 1 - 1e-3))
        if within <= usual:
            return None
        for_it, against = float(np.log(within / usual)), float(np.log((1 - within) / (1 - usual)))
        area = stretch_of(ground, segment, rows, against + (for_it - against) * odd_now[rows].astype(np.float64), quiet=-np.log1p(-within))
        if area is None:
            return None
        among = area.rows
    return area if area is not None and (area.rows & inside).sum() >= MET * area.rows.sum() else None


def stretch_of(ground: Ground, segment: Mapping[str, str], rows: Bools, weights: Floats, *, quiet: float = np.inf) -> Area | None:
    """Return the stretch of the rows (n,) of a segment with the largest sum of weights, (k,) in order of time; None if none is positive.

    `quiet`: what an unremarkable row within it speaks against it. Up to log 100 of it at an end of production is chance, and so is as much
    as the rows there do speak against it.
    """
    base, every = ground.segment_rows(segment)
    at, first, last = np.flatnonzero(rows), *heaviest_stretch(weights)
    if last < first:
        return None
    spare = int(min(np.log(CHANCE) / max(quiet, 1e-9), len(at)))
    earlier, later = int(every[: at[first]].sum()), int(every[at[last] + 1 :].sum())
    opens = earlier <= spare or (earlier == first and weights[:first].sum() > -np.log(CHANCE))
    lasts = later <= spare or (later == len(at) - 1 - last and weights[last + 1 :].sum() > -np.log(CHANCE))
    start, end = (0 if opens else int(at[first])), (len(rows) - 1 if lasts else int(at[last]))
    within = every.copy()
    within[:start], within[end + 1 :] = False, False
    before = np.flatnonzero(every[:start])
    previous = int(before[-1]) if len(before) else -1
    unlike = _last_unlike(at[:first], weights[:first])
    return Area(
        segment=dict(segment), rows=within, base=base, first=start, last=end, opens=opens, lasts=lasts, before=previous, unlike=unlike
    )  # fmt: skip


def _last_unlike(at: Ints, weights: Floats) -> int:
    """Return the last of the rows before a stretch, at some positions, from which on they speak surely against its having begun; -1: none.

    Values that a cut, a rounding or a default leaves alone say nothing, however near they lie.
    """
    against = -np.cumsum(weights[::-1])
    sure = np.flatnonzero(against >= np.log(PROVED))
    return int(at[::-1][sure[0]]) if len(sure) else -1


def _rate(odd: int, rows: int, overall: float) -> float:
    """Return the smoothed rate of odd rows."""
    return float(np.clip((odd + 20 * overall + 0.05) / (rows + 20.1), 1e-6, 1 - 1e-6))


def _place(ground: Ground, odd_before: Bools, odd_now: Bools, inside: Bools, avoid: Sequence[str]) -> dict[str, str] | None:
    """Return the segment that holds the excess of odd rows: none of all rows, at most two columns."""
    least = (odd_before.sum() + 0.5) / (len(odd_before) + 1)
    bad, rows, now, among = (np.array([one]) for one in (odd_before.sum(), len(odd_before), odd_now.sum(), inside.sum()))
    excess, surprises = _excess(bad, rows, now, among, least)
    surprise = float(surprises[0])
    if excess[0] <= 0:
        return None
    chosen: dict[str, str] = {}
    for _ in range(2):
        base, every = ground.segment_rows(chosen)
        level = max(_narrower(ground, (base, every & inside), (odd_before, odd_now), {*avoid, *chosen}, least), default=None)
        if level is None or level[0] <= surprise * (1.0 if not chosen else 1.1):
            break
        surprise, chosen = level[0], {**chosen, level[1]: level[2]}
    return chosen


def _narrower(
    ground: Ground, among: tuple[Bools, Bools], odd: tuple[Bools, Bools], avoid: set[str], least: float
) -> Iterator[tuple[float, str, str]]:
    """Yield the levels that hold nearly all of the excess of some rows while the others show hardly any, each with its surprise."""
    base, rows = among
    for name, (old, new, levels) in ground.codes.items():
        if name in avoid:
            continue
        m, n = _count(old[base], len(levels)), _count(new[rows], len(levels))
        bad, now = _count(old[base & odd[0]], len(levels)), _count(new[rows & odd[1]], len(levels))
        more, surprise = _excess(bad, m, now, n, least)
        rest, others = (np.maximum(more, 0).sum() - more), rows.sum() - n
        only = (more > 0) & (others > 0) & (rest <= (1 - HELD) / HELD * more) & (rest * n <= QUIET * more * np.maximum(others, 1))
        for level in np.flatnonzero(only):
            yield float(surprise[level]), name, levels[level]


def _count(codes: Ints, width: int) -> Ints:
    return np.bincount(codes[codes >= 0], minlength=width)


def _excess(bad: Ints, rows: Ints, now: Ints, among: Ints, least: float) -> tuple[Floats, Floats]:
    """Return how many rows are odd beyond expectation, and how surprising that is: x ln(x/mu) - (x - mu).

    `least`: rate of all rows, towards which the rates of levels are smoothed.
    """
    floor = min(least, 1e-4)
    rate = np.clip((bad + 20 * least) / (rows + 20), floor, 1.0)
    expected = np.maximum(among * rate, 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(now > expected, now * np.log(np.maximum(now, 1e-300) / expected) - (now - expected), 0.0)
    return np.asarray(now - expected), np.asarray(surprise)
