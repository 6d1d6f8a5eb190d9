"""Labelled rows by window, and how an estimate's variance is worked out where rows of one stretch of time hang together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST_BLOCKS = 20
"""Blocks of time in a window from which they say how much its rows hang together; the more windows, the better is it known."""


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class Labelled:
    """Rows that have a label and an answer.

    Parameters
    ----------
    window : (n,) position of the window of each row, of so many `windows`.
    block : (n,) stretch of time that neighbours share; a block lies in one window.
    weight : (n,) what each row counts for, 1 on average in each window; None: all the same.
    """

    window: Ints
    windows: int
    block: Ints
    weight: Floats | None = None

    @classmethod
    def weighed(cls, window: Ints, windows: int, block: Ints, weight: Floats | None) -> Labelled:
        """Return rows of which each stands for so many others, (n,): weights are made 1 on average, so that n stays n."""
        if weight is None:
            return cls(window, windows, block)
        count, whole = np.bincount(window, minlength=windows), np.bincount(window, weight, windows)
        return cls(window, windows, block, weight * count[window] / np.maximum(whole, 1e-300)[window])

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.window)

    @cached_property
    def rows(self) -> Floats:
        """Rows of each window, (w,)."""
        return self.total(np.ones(self.size))

    def total(self, values: Floats | Bools) -> Floats:
        """Add up values (n,) by window, (w,), each times the weight of its row."""
        return np.bincount(self.window, self._weighted(values), self.windows).astype(float)

    def _weighted(self, values: Floats | Bools) -> Floats:
        plain = np.asarray(values, dtype=float)
        return plain if self.weight is None else plain * self.weight

    @cached_property
    def _blocks(self) -> tuple[Ints, Ints]:
        """Return the position of each row's block, and the window of each block."""
        known, place = np.unique(self.block, return_inverse=True)
        window = np.zeros(len(known), dtype=np.int64)
        window[place] = self.window
        return place, window

    @cached_property
    def blocks(self) -> Ints:
        """Blocks of each window, (w,)."""
        return np.bincount(self._blocks[1], minlength=self.windows)

    def variance(self, influence: Floats) -> Floats:
        """Return the variance of an estimate by window, (w,), from the influence (n,) of each row on it.

        Independent rows: the sum of squares; that times how much more the sums of blocks vary than rows do, over all windows that have
        blocks enough (Liang and Zeger 1986, pooled), never less.
        """
        place, window = self._blocks
        influence = self._weighted(influence)
        with np.errstate(over="ignore"):  # an estimate that hardly any row tells has an influence without bounds
            alone = np.bincount(self.window, influence**2, self.windows)
            together = np.bincount(window, np.bincount(place, influence, len(window)) ** 2, self.windows)
        known = (self.blocks >= FEWEST_BLOCKS) & (alone > 0) & np.isfinite(together)
        factor = float(np.mean(together[known] / alone[known])) if known.any() else 1.0
        return np.asarray(alone * max(factor, 1.0))

    def take(self, kept: Bools) -> Labelled:
        """Return some of the rows."""
        weight = None if self.weight is None else self.weight[kept]
        return replace(self, window=self.window[kept], block=self.block[kept], weight=weight)


def usual_variance(own: tuple[Floats, Floats], now: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the variance of a metric in windows of the reference and of production, (r,) and (w,): their own, but no less than rows of the
    reference let expect of windows that rest on as many.

    A window's own variance goes with its own value: one without a predicted positive has recall 0 for sure, and no other number would
    weigh beside it.

    Parameters
    ----------
    own, now : variance of each window, and the rows that it rests on.
    """
    variance, n = own
    known = np.isfinite(variance) & (n > 0)
    row = float(np.average(variance[known] * n[known], weights=n[known])) if known.any() else 0.0
    before, after = (np.maximum(one, row / np.maximum(of, np.finfo(np.float64).tiny)) for one, of in (own, now))
    return before, after
