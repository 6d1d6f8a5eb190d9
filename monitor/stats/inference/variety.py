"""How many different levels a window has beside its rows: what shrinks or grows where single levels are too rare to show it.

A window of n rows has D levels. Without change D grows as a power n^b of the rows near the usual window (Heaps 1978); b lies between the
slope from one row to the usual window, and that from the usual window to the whole reference, for log D is concave in log n. A further row
is at a further level with probability u = b D / n, so that the variance of D is at most n u (1 - u) (Efron and Stein 1981, The jackknife
estimate of variance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.questions import Answers

Floats = NDArray[np.float64]

FEWEST = 5.0
"""Levels of a usual window below which their number is no number to look at."""
ALIKE = 3.0
"""Times as many (or as few) rows as usual from which a window is not asked: a power holds nearby only."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How the number of levels grows with rows: `levels` in a usual window of `rows`, exponents from `least` to `most`."""

    levels: float
    rows: float
    least: float
    most: float

    @classmethod
    def of(cls, distinct: Floats, rows: Floats, *, known: int, total: int) -> Growth:
        """Read it off windows of the reference (r,), which has `known` levels in `total` rows."""
        usual, held = float(np.median(rows[rows > 0])), float(np.median(distinct[rows > 0]))
        ends = [np.log(held) / np.log(max(usual, 2.0)), np.log(max(known / held, 1.0)) / np.log(max(total / usual, 2.0))]
        return cls(held, usual, float(min(*ends, 1.0)), float(min(max(ends), 1.0)))

    @property
    def exponent(self) -> float:
        """The middle of the two."""
        return (self.least + self.most) / 2

    def expected(self, rows: Floats) -> Floats:
        """Return the levels of windows of so many rows, (t,)."""
        return np.asarray(self.levels * (np.maximum(rows, 1.0) / self.rows) ** self.exponent)

    def variance(self, rows: Floats) -> Floats:
        """Return the sampling variance of log D in windows of so many rows, (t,), with what is not known of the exponent."""
        new = np.clip(self.exponent * self.expected(rows) / np.maximum(rows, 1.0), 0.0, 1.0)
        drawn = np.maximum(rows * new * (1 - new), 1.0) / self.expected(rows) ** 2
        return np.asarray(drawn + ((self.most - self.least) * np.log(np.maximum(rows, 1.0) / self.rows)) ** 2 / 12)


def variety(reference: tuple[Floats, Floats], production: tuple[Floats, Floats], *, known: int, total: int) -> Answers | None:
    """Ask windows for their number of levels beside that of the reference's windows; None where a usual one has hardly any.

    Parameters
    ----------
    reference, production : levels and rows with a value of each window, (r,) and (w,) each.
    known, total : levels and rows of the whole reference.
    """
    if not (reference[1] > 0).any() or np.median(reference[0][reference[1] > 0]) < FEWEST:
        return None
    growth = Growth.of(*reference, known=known, total=total)
    distinct, rows = (np.concatenate(pair) for pair in zip(reference, production, strict=True))
    seen = (distinct > 0) & (rows * ALIKE > growth.rows) & (rows < ALIKE * growth.rows)
    usual = float(np.sqrt(growth.variance(np.array([growth.rows]))[0]))
    away = np.where(seen, np.log(np.maximum(distinct, 1.0)) - np.log(growth.expected(rows)), 0.0) / usual
    own = seen[: len(reference[0])]
    center = float(away[: len(own)][own].mean()) if own.any() else 0.0
    variance = np.where(seen, growth.variance(rows) / usual**2, np.inf)
    return Answers(np.where(seen, away - center, 0.0)[None], variance[None], np.array([growth.rows]), np.array([np.nan]))
