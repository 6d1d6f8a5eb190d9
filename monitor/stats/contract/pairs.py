"""Rules of two columns that data suggest: one number below another, levels that never meet, ranges that a level fixes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from monitor.stats.contract.bounds import MARGINS, MOST_BROKEN, Floats, Ints, held_out, rounded_out

LEAST_ROWS = 200
"""Rows that a suggestion of two columns rests on at least."""
NARROW = 0.3
"""Mean part of a number's range that it takes at one level, below which the level fixes it."""
EXPECTED = 20.0
"""Rows that levels which never meet would share if they did not know of each other, at least."""
RARELY = 0.5
"""Part of the rows that chance would give two levels below which they meet rarely."""
BOUND_TOGETHER = 0.3


def below(first: Floats, second: Floats) -> bool:
    """Say whether one number never lies above another, and the two have to do with each other: they rise together and come close.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> base = rng.normal(50, 10, 1000)
    >>> below(base, base + rng.exponential(5, 1000)), below(base, base + 1000), below(base, rng.normal(50, 10, 1000))
    (True, False, False)
    """
    both = np.isfinite(first) & np.isfinite(second)
    a, b = first[both], second[both]
    if len(a) < LEAST_ROWS or (a > b).any() or np.ptp(a) == 0 or np.ptp(b) == 0 or (a == b).all():
        return False
    if np.quantile(a, 0.9) <= np.quantile(b, 0.1):  # their ranges say it already
        return False
    from scipy import stats  # slow to import, and most commands need none of it

    close = float((b - a).min()) <= 0.02 * float(np.ptp(b))
    return close and float(stats.spearmanr(a, b).statistic) >= BOUND_TOGETHER


def never_together(first: NDArray[np.object_], second: NDArray[np.object_]) -> list[tuple[str, str]]:
    """Return pairs of levels, each common, that no row (n,) of a sample has, where chance alone would have given many.

    Where another level meets the same one now and then, far more rarely than chance would have it, the pair may only not have met yet:
    a sample with a holiday on a Monday and none on a Thursday is no rule on Thursdays.
    """
    known = np.array([a is not None and b is not None for a, b in zip(first, second, strict=True)], dtype=bool)
    if int(known.sum()) < LEAST_ROWS:
        return []
    names, codes = zip(*(np.unique(side[known].astype(str), return_inverse=True) for side in (first, second)), strict=True)
    table = np.zeros((len(names[0]), len(names[1])))
    np.add.at(table, (codes[0], codes[1]), 1)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    rare = (table > 0) & (table < RARELY * expected)
    never = (table == 0) & (expected >= EXPECTED) & ~rare.any(axis=0, keepdims=True) & ~rare.any(axis=1, keepdims=True)
    return [(str(names[0][i]), str(names[1][j])) for i, j in np.argwhere(never)]


def is_fixed_by(number: Floats, level: NDArray[np.object_]) -> bool:
    """Say whether a level fixes the range of a number: at most levels it takes a small part of the whole range, or at one with many rows
    values that no other row has, lower or higher than all.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shop = rng.choice(["store", "web", "phone"], 1000).astype(object)
    >>> days = np.where(shop == "store", rng.integers(0, 2, 1000), rng.integers(2, 10, 1000)).astype(float)
    >>> is_fixed_by(days, shop), is_fixed_by(rng.permutation(days), shop)
    (True, False)
    """
    known = np.isfinite(number) & np.array([one is not None for one in level], dtype=bool)
    values = number[known]
    names, code = np.unique(level[known].astype(str), return_inverse=True)
    if len(values) < LEAST_ROWS or len(names) < 2 or np.ptp(values) == 0 or len(np.unique(values[:5000])) < 3:
        return False
    low, high = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    np.minimum.at(low, code, values)
    np.maximum.at(high, code, values)
    rows = np.bincount(code)
    whole = float(np.quantile(values, 0.99) - np.quantile(values, 0.01))
    return (whole > 0 and float(np.average((high - low) / whole, weights=rows)) < NARROW) or _stands_apart(low, high, rows)


def _stands_apart(low: Floats, high: Floats, rows: Ints) -> bool:
    """Say whether the values of a level with enough rows all lie on one side of those of all others."""
    others = ((np.delete(low, at).min(), np.delete(high, at).max()) for at in range(len(rows)))
    apart = [high[at] < least or low[at] > most for at, (least, most) in enumerate(others)]
    return bool((np.array(apart) & (rows >= LEAST_ROWS)).any())


def ranges_by_level(levels: Mapping[str, tuple[Ints, Floats, Floats]], least: int = 30) -> tuple[dict[str, tuple[float, float]], int, int]:
    """Return the range of a number at each level with enough rows, and how many windows held out were checked and broke it; no ranges where
    none hold.

    Parameters
    ----------
    levels : rows, smallest and largest value by window, (w,) each, of each level.
    """
    kept = {name: one for name, one in levels.items() if int(one[0].sum()) >= least}
    if len(kept) < 2:
        return {}, 0, 0
    low, high = (np.array([one[i] for one in kept.values()]) for i in (1, 2))  # (k, w)
    whole = float(np.nanmax(high) - np.nanmin(low))
    for margin in MARGINS:
        broke, checks = _broken(low, high, margin, whole)
        if checks and broke < MOST_BROKEN * checks:
            least_, most = _ends(low, high, margin, whole)
            ends = zip(kept, least_, most, strict=True)
            return {name: (rounded_out(float(a), up=False), rounded_out(float(b), up=True)) for name, a, b in ends}, checks, broke
    return {}, 0, 0


def _ends(low: Floats, high: Floats, margin: float, whole: float) -> tuple[Floats, Floats]:
    known = np.isfinite(low).any(axis=1)
    least = np.where(known, np.min(np.where(np.isfinite(low), low, np.inf), axis=1), np.nan)
    most = np.where(known, np.max(np.where(np.isfinite(high), high, -np.inf), axis=1), np.nan)
    room = margin * np.maximum(most - least, 0.01 * whole)
    return np.where(least >= 0, np.maximum(least - room, 0.0), least - room), most + room


def _broken(low: Floats, high: Floats, margin: float, whole: float) -> tuple[int, int]:
    """Return how many of how many windows held out break the ranges: a window in which any level does breaks them."""
    broke = checks = 0
    for made, other in held_out(low.shape[1]):
        least, most = _ends(low[:, made], high[:, made], margin, whole)
        out = (low[:, other] < least[:, None]) | (high[:, other] > most[:, None])  # levels that were not seen before are not asked
        broke += int(out.any(axis=0).sum())
        checks += int(np.isfinite(low[:, other]).any(axis=0).sum())
    return broke, checks
