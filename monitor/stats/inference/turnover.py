"""Levels that come and go, such as campaigns and couriers: how much of a reference is new to its own past, and so of what follows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

LEAST_LATER = 5
"""Windows of the later half of a reference from which on they tell how fast levels come and go: by chance five rise once in 120 times."""
TREND = 0.02
"""p-value from which a share rises."""
RISE = 2.0
"""Times as large as in the beginning that a share becomes where levels come and go."""


@dataclass(frozen=True, slots=True)
class Turnover:
    """What the later half of a reference has that its earlier half lacks (or the other way round).

    `passed` (k,) rows since the earlier half up to the end of each window; `share` (k,) the largest share of a window's rows up to there;
    `noise` how far a window lies below that at most.
    """

    passed: Floats
    share: Floats
    noise: float = 0.0

    def after(self, rows: Floats) -> Floats:
        """Return the share that is usual so many `rows` (w,) after the earlier half.

        Beyond the last window it goes on as steeply as it came to there.

        Examples
        --------
        >>> Turnover(np.array([100.0, 200.0]), np.array([0.1, 0.2])).after(np.array([50.0, 150.0, 400.0, 4_000.0])).round(3).tolist()
        [0.05, 0.15, 0.4, 1.0]
        """
        end, most = self.passed[-1], self.share[-1]
        known = np.interp(rows, np.concatenate([[0.0], self.passed]), np.concatenate([[0.0], self.share]))
        return np.asarray(np.clip(np.where(rows > end, most * rows / end, known), 0.0, 1.0))


def turnover_of(new: Floats, of: Floats) -> Turnover | None:
    """Return how fast levels come, from the rows `new` (r,) of all `of` (r,) in windows of a reference, in order of time, whose levels its
    earlier half (r // 2 windows) lacks.

    None where too few windows tell it, or their share does not rise (`TREND`) to `RISE` times what a line through the first
    half of them begins with: many rare levels are new to any half all the time, and none comes or goes.

    Examples
    --------
    >>> share = np.array([0, 0, 0, 0, 0, 0, 1.0, 2.0, 4.0, 5.0, 7.0, 8.0])
    >>> turnover_of(share, np.full(12, 10.0)).share.tolist()
    [0.1, 0.2, 0.4, 0.5, 0.7, 0.8]
    >>> turnover_of(np.array([0, 0, 0, 0, 0, 0, 3.0, 4.0, 3.0, 3.0, 4.0, 3.0]), np.full(12, 10.0)) is None
    True
    """
    new, of = new[len(new) // 2 :], of[len(of) // 2 :]
    share, at = new[of > 0] / of[of > 0], np.cumsum(of)[of > 0]
    if len(share) < LEAST_LATER or not share.any():
        return None
    most = np.maximum.accumulate(share)
    first = slice(0, max(len(share) // 2, 2))
    begins = float(np.polyval(np.polyfit(at[first], share[first], 1), 0.0))
    if _trend_p(share) > TREND or most[-1] < RISE * begins:
        return None
    return Turnover(at, most, float((most - share).max()))


def _trend_p(values: Floats) -> float:
    """Return the p-value that values rise in their order by chance (Mann 1945, by the normal law)."""
    n = len(values)
    score = np.sign(values[None, :] - values[:, None])[np.triu_indices(n, 1)].sum()
    return float(special.ndtr(-(score - 1) / np.sqrt(n * (n - 1) * (2 * n + 5) / 18)))
