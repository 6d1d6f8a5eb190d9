"""Sums in fixed point: exact integers, so that the sums of disjoint rows add up whatever their order.

A sum is two integers, high * 2^45 + low, times a unit that is a power of two. `high` is a float that holds an integer: exact up to 2^53,
and beyond that (values more than 10^15 times what is usual) still right to its last bits instead of overflowing.
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
    """Sums (w, j) in fixed point: `high` floats that hold integers, `low` integers in [-2^44, 2^44)."""

    high: Floats
    low: Ints

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.low)

    @classmethod
    def none(cls, windows: int, count: int) -> Sums:
        """Return sums of nothing."""
        return cls(np.zeros((windows, count)), np.zeros((windows, count), dtype=np.int64))

    @classmethod
    def carried(cls, high: Floats, low: Ints) -> Sums:
        """Return sums whose low parts may have grown too large: what is too much is carried over."""
        over = (low + HALF) >> BITS
        return cls(high + over, low - (over << BITS))

    @classmethod
    def of(cls, values: Floats, units: Floats) -> Sums:
        """Return values (w, j) as sums of one value each, in units (j,)."""
        return cls.carried(*_parts(values, units))

    def take(self, groups: Sequence[NDArray[np.intp]]) -> Sums:
        """Add up windows by groups of positions."""
        count = self.low.shape[1]
        high = np.array([self.high[i].sum(axis=0) for i in groups], dtype=np.float64).reshape(-1, count)
        low = np.array([self.low[i].sum(axis=0) for i in groups], dtype=np.int64).reshape(-1, count)
        return Sums.carried(high, low)

    def values(self, units: Floats) -> Floats:
        """Return the sums as floats, (w, j)."""
        with np.errstate(over="ignore"):
            return np.asarray(self.high * (STEP * units) + self.low * units)


def concatenate_sums(parts: Iterable[Sums]) -> Sums:
    """Put the windows of several sums one after the other."""
    every = list(parts)
    return Sums(np.concatenate([one.high for one in every]), np.concatenate([one.low for one in every]))


def _parts(values: Floats, units: Floats | float) -> tuple[Floats, Ints]:
    """Split values into high and low parts (their low parts may be 2^44 too)."""
    with np.errstate(over="ignore", invalid="ignore"):
        high = np.rint(values / (STEP * units))
        rest = np.where(np.isfinite(high), values - high * (STEP * units), 0.0)
    return high, np.asarray(np.rint(rest / units), dtype=np.int64)


def add_by_window(values: Floats, first: Ints, unit: float, largest: float) -> tuple[Floats, Ints]:
    """Add up finite values (n,), n <= 2^17, whose windows begin at `first` (u,): high and low parts (u,), not yet carried.

    `largest` is the largest size among them; `values` is overwritten.
    """
    high = np.zeros(len(first))
    far_low = np.zeros(len(first), dtype=np.int64)
    if largest > REACH * unit:
        far = np.flatnonzero(np.abs(values) > REACH * unit)
        window = np.searchsorted(first, far, side="right") - 1
        own_high, own_low = _parts(values[far], unit)
        np.add.at(high, window, own_high)
        np.add.at(far_low, window, own_low)
        values[far] = 0.0
    return high, np.asarray(np.add.reduceat(_rounded(values, unit), first) + far_low)


def _rounded(values: Floats, unit: float) -> Ints:
    """Return values of at most 2^44 units as whole numbers of units, in place: many times as quick as rint and a cast.

    In a float between 2^52 and 2^53 the last bits are a whole number, and adding to it rounds as rint does.
    """
    values *= 1.0 / unit
    values += _WHOLE
    whole = values.view(np.int64)
    whole -= _WHOLE_BITS
    return whole
