"""Effects of single windows have heavier tails than a normal law: a holiday, a storm. What the reference's own windows did says how heavy.

Series whose reference has an outlier among its windows, or too few windows to have one, are put on normal scores beyond the farthest
window that the reference has: a window that lies t standard errors away, m the largest |t| of R reference windows, has the p-value
(m / |t|)^INDEX / (R + 1), a power tail, and is moved to where a normal law has it. Runs of windows add up as before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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
    far = stats.norm.isf(LIKELY / (2 * count))
    return np.asarray((_farthest(z) >= far) | (kurtosis >= limit) | (count < FEW))


def normal_scores(z: Floats, reference: int) -> Floats:
    """Return standardised series (s, t) on normal scores, by the farthest of their first `reference` windows."""
    own = z[:, :reference]
    count = np.maximum(np.isfinite(own).sum(axis=1), 1)[:, None]
    edge = stats.norm.isf(1 / (2 * (count + 1)))
    largest = np.maximum(_farthest(own)[:, None], edge)
    size = np.abs(z)
    beyond = np.maximum(size / largest, 1.0) ** (-INDEX) / (count + 1)
    scored = np.where(size > largest, stats.norm.isf(np.maximum(beyond, 1e-300) / 2), size * edge / largest)
    return np.asarray(np.sign(z) * scored)


def _farthest(z: Floats) -> Floats:
    return np.asarray(np.nan_to_num(np.abs(z)).max(axis=1, initial=0.0))
