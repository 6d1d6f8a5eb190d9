"""Whether a series moves in one direction over time, allowing for its memory."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from monitor.stats.methods.outcomes import Outcome

Floats = NDArray[np.float64]


def trend(values: Floats, *, memory: float = 1.0) -> Outcome:
    """Return Spearman's rank correlation of a series (n,) with time and its two-sided p-value.

    `memory` is (1 + r) / (1 - r) for a lag-1 autocorrelation r: n values then count as n / memory (Bayley and Hammersley, 1946).

    >>> round(trend(np.arange(20.0)).score, 3)
    1.0
    """
    count = len(values)
    effective = count / max(memory, 1.0)
    if effective < 5 or np.ptp(values) == 0:
        return Outcome(0.0, 1.0)
    rho = float(scipy.stats.spearmanr(np.arange(count), values).statistic)
    t = rho * np.sqrt((effective - 2) / max(1 - rho**2, 1e-12))
    return Outcome(rho, float(2 * scipy.stats.t.sf(abs(t), effective - 2)))
