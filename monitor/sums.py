"""Sums in fixed point: exact integers, so that the sums of disjoint rows add up whatever their order.

A sum is three whole numbers, (top * 2^45 + high) * 2^45 + low, times a unit that is a power of two. `top` is a float that holds a whole
number: exact up to 2^53 (values some 10^30 times what is usual), and beyond that still right to its last bits instead of overflowing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BITS = 45
STEP = 2.0**BITS
HALF = 1 << (BITS - 1)
REACH = 2.0 ** (BITS - 1)
"""Values of up to so many units are low alone; 2^17 of them add up in 64 bits."""
_WHOLE = np.float64(1.5 * 2.0**52)
_WHOLE_BITS = _WHOLE.view(np.int64)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums (w, j) in fixed point: `top` floats that hold whole numbers, `high` and `low` integers in [-2^44, 2^44)."""

    top: Floats
    high: Ints
    low: Ints

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.low)

    @classmethod
    def none(cls, windows: int, count: int) -> Sums:
        """Return sums of nothing."""
        shape = (windows, count)
        return cls(np.zeros(shape), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64))

    @classmethod
    def of(cls, values: Floats, units: Floats | float) -> Sums:
        """Return values as sums of one value each, in units that broadcast to them."""
        with np.errstate(over="ignore", invalid="ignore"):
            top = np.rint(values / (STEP * STEP * units))
            rest = np.where(np.isfinite(top), values - top * (STEP * STEP * units), 0.0)
            high = np.rint(rest / (STEP * units))
            low = np.rint((rest - high * (STEP * units)) / units)
        return cls(top, high.astype(np.int64), low.astype(np.int64)).carried()

    def carried(self) -> Sums:
        """Return the same sums with parts in their range: what is too much is carried over."""
        over = (self.low + HALF) >> BITS
        high = self.high + over
        more = (high + HALF) >> BITS
        return Sums(self.top + more, high - (more << BITS), self.low - (over << BITS))

    def take(self, groups: Sequence[NDArray[np.intp]]) -> Sums:
        """Add up windows by groups of positions."""
        count = self.low.shape[1]
        top = np.array([self.top[i].sum(axis=0) for i in groups], dtype=np.float64).reshape(-1, count)
        parts = (np.array([part[i].sum(axis=0) for i in groups], dtype=np.int64).reshape(-1, count) for part in (self.high, self.low))
        return Sums(top, *parts).carried()

    def values(self, units: Floats) -> Floats:
        """Return the sums as floats, (w, j)."""
        with np.errstate(over="ignore"):
            return np.asarray(self.top * (STEP * STEP * units) + (self.high * (STEP * units) + self.low * units))


def concatenate_sums(parts: Iterable[Sums]) -> Sums:
    """Put the windows of several sums one after the other."""
    every = list(parts)
    top, high, low = (np.concatenate([getattr(one, name) for one in every]) for name in ("top", "high", "low"))
    return Sums(top, high, low)


def add_by_window(values: Floats, first: Ints, unit: float, largest: float) -> Sums:
    """Add up finite values (n,), n <= 2^17, whose windows begin at `first` (u,): sums (u,).

    `largest` is the largest size among them; `values` is overwritten.
    """
    top = np.zeros(len(first))
    high, low = np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=np.int64)
    if largest > REACH * unit:
        far = np.flatnonzero(np.abs(values) > REACH * unit)
        window = np.searchsorted(first, far, side="right") - 1
        own = Sums.of(values[far], unit)
        for total, part in ((top, own.top), (high, own.high), (low, own.low)):
            np.add.at(total, window, part)
        values[far] = 0.0
    return Sums(top, high, low + np.add.reduceat(_rounded(values, unit), first)).carried()


def _rounded(values: Floats, unit: float) -> Ints:
    """Return values of at most 2^44 units as whole numbers of units, in place: many times as quick as rint and a cast.

    In a float between 2^52 and 2^53 the last bits are a whole number, and adding to it rounds as rint does.
    """
    values *= 1.0 / unit
    values += _WHOLE
    whole = values.view(np.int64)
    whole -= _WHOLE_BITS
    return whole
