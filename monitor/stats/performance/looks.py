"""An experiment as it was seen day by day: two arms, a ratio of sums of each, and intervals that hold at every look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.performance.sequential import always_valid, always_valid_p

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENOUGH = 20.0
"""Units that carry the variance of an arm, as if alike, from which a look counts: before, an estimate is no normal one."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What rows (n,) add to a ratio: `above` and `below`; `unit` (n,) is what was given an arm, `day` (n,) from 0, `treated` (n,)."""

    above: Floats
    below: Floats
    unit: Ints
    day: Ints
    treated: Bools

    def take(self, kept: Bools | Ints) -> Sums:
        """Return some of the rows, or all in another order."""
        return Sums(self.above[kept], self.below[kept], self.unit[kept], self.day[kept], self.treated[kept])


@dataclass(frozen=True, slots=True)
class Looks:
    """A ratio of both arms at each look (k,), all days up to it together: `control`, `treatment`, their `difference`, how far the truth
    may lie from it (`reach`), `p_value`, `variance` of the difference, `n` rows; nan before anything can be said.
    `spread` as `always_valid` has it."""

    control: Floats
    treatment: Floats
    difference: Floats
    variance: Floats
    reach: Floats
    p_value: Floats
    n: Floats
    spread: float

    @property
    def decided(self) -> int | None:
        """The first look at which the interval leaves out 0."""
        with np.errstate(invalid="ignore"):
            at = np.flatnonzero(np.abs(self.difference) > self.reach)
        return int(at[0]) if len(at) else None


def looks_of(sums: Sums, days: Ints, floor_of: float, *, relative: bool = False) -> Looks:
    """Return what was seen at the end of some days (k,).

    Parameters
    ----------
    floor_of : the smallest difference that matters; `relative`: in parts of the control's value when it is first known.
    """
    order = np.argsort(sums.day, kind="stable").astype(np.int64)
    sums = sums.take(order)
    ends = np.searchsorted(sums.day, days, side="right")
    found = np.array([list(_at(sums, int(end))) for end in ends]).reshape(len(days), 4)
    control, treatment, variance, n = found.T
    known = np.isfinite(variance)
    if not known.any():
        none = np.full(len(days), np.nan)
        return Looks(control, treatment, none, none, none, none, n, float("nan"))
    first = int(np.argmax(known))
    smallest = floor_of * abs(control[first]) if relative else floor_of
    spread = float(max(smallest, np.sqrt(variance[first]) / 2))
    difference = np.where(known, treatment - control, np.nan)
    p_value = np.full(len(days), np.nan)
    p_value[known] = always_valid_p(difference[known], variance[known], spread)
    return Looks(control, treatment, difference, variance, always_valid(variance, spread), p_value, n, spread)


def _at(sums: Sums, end: int) -> Iterator[float]:
    """Yield both ratios, the variance of their difference and the rows, of the rows before a position."""
    ratios, variance = [], 0.0
    for arm in (False, True):
        kept = sums.treated[:end] == arm
        above, below, unit = sums.above[:end][kept], sums.below[:end][kept], sums.unit[:end][kept]
        total = float(below.sum())
        ratio = float(above.sum()) / total if total else float("nan")
        ratios.append(ratio)
        variance += _variance(above, below, unit, ratio, total) if total else float("nan")
    yield from (*ratios, variance, float((sums.below[:end] != 0).sum()))


def _variance(above: Floats, below: Floats, unit: Ints, ratio: float, total: float) -> float:
    """Return the variance of a ratio whose rows hang together by unit; nan where too few units carry it."""
    moved = np.bincount(unit, (above - ratio * below) / total)
    squares = moved**2
    whole, many = float(squares.sum()), int((np.bincount(unit, below) > 0).sum())
    if whole <= 0 or whole**2 / float((squares**2).sum()) < ENOUGH:
        return float("nan")
    return whole * many / max(many - 1, 1)
