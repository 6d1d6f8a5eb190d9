"""Attributions of log-odds told in probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

CLOSE = 1e-6
"""Log-odds that lie nearer together than this have the slope of the point between them."""
NODES = 64
"""Points of Gauss and Legendre between the base and a row: parts of rows up to 30 log-odds away then add up within 1e-10
(tests/stats/explanation/test_explanation.py)."""


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


def in_probabilities(values: Floats, raw: Floats, base: Floats) -> Floats:
    """Return attributions (n, d, k) of the log-odds `raw` (n, k) of classes told in their probabilities, the softmax of all log-odds.

    Notes
    -----
    The probability of a class moves with the log-odds of all. Each row goes in a straight line from the base (k,) to its own log-odds, and
    each column gets what its attributions move a class's probability by on the way (Aumann and Shapley 1974; integrated gradients,
    Sundararajan et al. 2017). Parts of a class add up to its probability less that of the base, parts of a column over classes to 0. Of two
    classes it is `in_probability`.

    >>> two = in_probabilities(np.array([[[0.0, 1.0], [0.0, -0.5]]]), np.array([[0.0, 0.5]]), np.zeros(2))
    >>> two[0, :, 1].round(6), in_probability(np.array([[1.0, -0.5]]), np.array([0.5]), 0.0)[0].round(6)
    (array([ 0.244919, -0.122459]), array([ 0.244919, -0.122459]))
    """
    at, weights = np.polynomial.legendre.leggauss(NODES)
    moved = np.zeros((*raw.shape, raw.shape[1]))  # (n, class, log-odds)
    for share, weight in zip((at + 1) / 2, weights / 2, strict=True):
        p = special.softmax(base + share * (raw - base), axis=1)
        moved += weight * (p[:, :, None] * (np.eye(raw.shape[1]) - p[:, None, :]))
    return np.asarray(np.einsum("ndk,nck->ndc", values, moved), dtype=np.float64)


def slope(raw: Floats, base: float) -> Floats:
    """Return by how much the probability moves for each unit of log-odds between the base and each row, (n,)."""
    away = raw - base
    apart = np.where(np.abs(away) < CLOSE, 1.0, away)
    middle = special.expit((raw + base) / 2)
    return np.where(np.abs(away) < CLOSE, middle * (1 - middle), (special.expit(raw) - special.expit(base)) / apart)
