"""Series of a screen on one scale, and what questions they are series of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.null import Design

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Traits:
    """What questions are series of, (s,) each: `column`, the position of the column; `rows` of a usual window; `share` of them where the
    question is how many rows there are of a kind, else nan; `bent`, whether an effect of a window on the column may move the answer in
    other ways than straight (all but location and mean)."""

    column: Ints
    rows: Floats
    share: Floats
    bent: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Panel:
    """Series of one screen: `x` and sampling `variance`, (s, r + w) each, of which the first `reference` windows are the reference's.

    `variance` is 1 in a usual window and infinite where a window says nothing; `span` (w,) are the lengths of the judged windows in
    reference windows; `season` (r + w,) names the hour or weekday of each window (-1: none), whose pattern is taken out where known;
    `against` (w, r + w): the windows that each judged one is compared with, where that is not the whole reference;
    `traits`: what they are questions of; `scaled`: series were divided by the standard deviation of their reference, for nothing else tells
    their scale.
    """

    x: Floats
    variance: Floats
    reference: int
    span: Floats
    season: Ints | None = None
    traits: Traits | None = None
    scaled: bool = False
    against: NDArray[np.bool_] | None = None

    @property
    def windows(self) -> int:
        """Number of judged windows."""
        return int(self.x.shape[1]) - self.reference

    def compared(self) -> Panel:
        """Return the series with each judged window less the mean of the windows that it is compared with, weighted by what they know, and
        the reference's less their own mean.

        The effects of these add to its own: all is divided by how much wider it varies for them. Beside none, it has nothing to say."""
        if self.against is None:
            return self
        r = self.reference
        known = np.where(np.isfinite(self.variance), 1.0 / self.variance, 0.0)
        told = known @ self.against.T
        base = (known * self.x) @ self.against.T / np.where(told > 0, told, 1.0)
        length = self.against @ np.concatenate([np.ones(r), self.span])
        wider = np.sqrt(1 + self.span / np.where(length > 0, length, np.inf))
        x, variance = self.x.copy(), self.variance.copy()
        x[:, :r] -= ((known * x)[:, :r].sum(axis=1) / np.maximum(known[:, :r].sum(axis=1), np.finfo(float).tiny))[:, None]
        x[:, r:] = np.where(told > 0, (x[:, r:] - base) / wider, 0.0)
        variance[:, r:] = np.where(told > 0, (variance[:, r:] + 1.0 / np.where(told > 0, told, 1.0)) / wider**2, np.inf)
        return replace(self, x=x, variance=variance, against=None)

    def design(self) -> Design:
        """Return the variances of a usual series: the median over those that say anything, window by window; infinite where none does."""
        known = np.isfinite(self.variance)
        some = known.any(axis=0)
        usual = np.full(self.x.shape[1], np.inf if len(self.x) else 1.0)
        usual[some] = np.nanmedian(np.where(known, self.variance, np.nan)[:, some], axis=0)
        return Design(usual[: self.reference], usual[self.reference :], self.span, self.scaled)
