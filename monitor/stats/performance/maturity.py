"""How complete the labels of a window are: the curve of their arrival, from rows that have one and rows that still wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MATURE = 0.95
"""Part of the labels that will come from which a window is mature."""
STEPS = 400
"""Delays that the curve is kept at."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """`share` (k,) of the labels that ever come which are there after `delay` (k,) hours."""

    delay: Floats
    share: Floats

    def at(self, age: Floats) -> Floats:
        """Return the share of labels that are there for rows of an age (hours), nan where nothing is known of rows so old."""
        if not len(self.delay):
            return np.full(len(age), np.nan)
        return np.asarray(np.where(age < 0, 0.0, np.interp(age, self.delay, self.share, left=0.0)))

    def delay_of(self, share: float) -> float:
        """Return the hours after which that share of the labels is there."""
        return float(self.delay[int(np.searchsorted(self.share, share))]) if len(self.delay) else float("nan")


def arrival(delay: Floats, waited: Floats) -> Arrival:
    """Return the curve of arrival (Kaplan and Meier 1958, with rows that never get a label).

    Parameters
    ----------
    delay : (n,) hours from a row to its label.
    waited : (m,) hours that rows without a label have waited.

    Notes
    -----
    Rows that never get a label make the curve end below 1; its last height is what "all" means.

    Examples
    --------
    >>> curve = arrival(np.array([1.0, 2.0, 2.0, 8.0]), np.array([4.0]))
    >>> curve.at(np.array([0.5, 2.0, 8.0])).tolist()
    [0.0, 0.6, 1.0]
    """
    if not len(delay):
        return Arrival(np.zeros(0), np.zeros(0))
    found = scipy.stats.ecdf(scipy.stats.CensoredData(uncensored=delay, right=waited)).cdf
    at, share = np.asarray(found.quantiles), np.asarray(found.probabilities)
    kept = np.unique(np.linspace(0, len(at) - 1, STEPS).astype(np.int64)) if len(at) > STEPS else np.arange(len(at))
    return Arrival(at[kept], share[kept] / max(float(share[-1]), 1e-12))
