"""Attributions of log-odds told in probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

CLOSE = 1e-6
"""Log-odds that lie nearer together than this have the slope of the point between them."""


def in_probability(values: Floats, raw: Floats, base: float) -> Floats:
    """Return attributions (n, d) of log-odds `raw` (n,) scaled so that each row's add up to its probability less that of the base.

    Notes
    -----
    Each row by the slope of the line from the base's to its own probability, (s(raw) - s(base)) / (raw - base), which lies in (0, 1/4]: no
    sign turns, and what all rows start from is the same, so that a change of the mean probability is split exactly. These are no Shapley
    values of the probability itself: parts of one row keep their proportions (the rescale rule of Shrikumar et al. 2017).

    >>> in_probability(np.array([[1.0, -0.5]]), np.array([0.5]), 0.0).sum().round(6), (special.expit(0.5) - 0.5).round(6)
    (np.float64(0.122459), np.float64(0.122459))
    """
    return values * slope(raw, base)[:, None]


def slope(raw: Floats, base: float) -> Floats:
    """Return by how much the probability moves for each unit of log-odds between the base and each row, (n,)."""
    away = raw - base
    apart = np.where(np.abs(away) < CLOSE, 1.0, away)
    middle = special.expit((raw + base) / 2)
    return np.where(np.abs(away) < CLOSE, middle * (1 - middle), (special.expit(raw) - special.expit(base)) / apart)
