"""Effects of single windows have heavier tails than a normal law: a holiday, a storm. What the reference's own windows did says how heavy.

Series whose reference has an outlier among its windows, or too few windows to have one, or that ask for what an effect bends
(`evidence.py`), are put on normal scores beyond the farthest window that the reference has: a window that lies t standard errors away, m
the largest |t| of R reference windows, has the p-value (m / |t|)^INDEX / (R + 1), a power tail, and is moved to where a normal law has
it, or farther, to where the null distribution has it. Runs of windows add up as before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

INDEX = 4.0
"""Tail index of single windows: Student's t with 4 degrees of freedom, about that of returns, rain and traffic (Clauset et al. 2009)."""
FEW = 8
"""Reference windows below which nothing is known of tails."""
LIKELY = 0.3
"""Probability that the farthest of R normal windows lies as far, up to which a series counts as one with heavy tails: a normal one that is
taken for one loses single windows only, a holiday that is taken for a change is a false alarm."""


def heavy(z: Floats, kurtosis: Floats, limit: float) -> Bools:
    """Say which series have heavy tails, (s,): by the farthest of standardised reference windows z (s, r), nan unknown or by `kurtosis`."""
    count = np.maximum(np.isfinite(z).sum(axis=1), 1)
    far = -special.ndtri(LIKELY / (2 * count))
    return np.asarray((_farthest(z) >= far) | (kurtosis >= limit) | (count < FEW))


@dataclass(frozen=True, slots=True)
class Record:
    """How far single windows of a reference went: of so many `windows` the farthest lies `largest` standard errors away, where a normal law
    has the farthest of so many at `edge`."""

    windows: int
    largest: float
    edge: float

    @classmethod
    def of(cls, z: Floats) -> Record:
        """Read the record of standardised reference windows (r,), nan unknown."""
        windows = max(int(np.isfinite(z).sum()), 1)
        edge = float(-special.ndtri(1 / (2 * (windows + 1))))
        return cls(windows, max(float(np.nan_to_num(np.abs(z)).max(initial=0.0)), edge), edge)

    def p_value(self, size: Floats) -> Floats:
        """Return the p-value of single windows that lie so far away, beyond `largest`."""
        return np.asarray(np.maximum(size / self.largest, 1.0) ** -INDEX / (self.windows + 1))

    def scores(self, z: Floats) -> Floats:
        """Return standardised windows (t,) on normal scores."""
        size = np.abs(z)
        beyond = -special.ndtri(np.maximum(self.p_value(size), 1e-300) / 2)
        return np.asarray(np.sign(z) * np.where(size > self.largest, beyond, size * self.edge / self.largest))


def _farthest(z: Floats) -> Floats:
    return np.asarray(np.nan_to_num(np.abs(z)).max(axis=1, initial=0.0))
