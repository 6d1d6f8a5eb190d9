"""Divergences between two histograms on the same cells.

Every function takes `reference` (k,) or (w, k) and `production` (w, k) counts and returns (w,) floats, one per window, with
p the reference shares and q the production shares of the cells. Conventions of this project, whatever the function:

- all k cells count, `other` and `missing` among them (a share that went missing is drift);
- a window, or a reference, without rows gives nan;
- only `psi`, `kl`, `kl_reverse` and `symmetric_kl` smooth, because only they are infinite on an empty cell: half a row is added to
  each cell of each side (Jeffreys), after dropping the cells that are empty on both sides of a window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

HALF_A_ROW = 0.5


def shares(counts: ArrayLike) -> Floats:
    """Return counts (k,) or (w, k) as shares of their row, (1, k) or (w, k); nan for a row without counts.

    >>> shares([1, 3]).tolist()
    [[0.25, 0.75]]
    """
    rows = np.atleast_2d(np.asarray(counts, dtype=float))
    total = rows.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(rows, total, out=np.full_like(rows, np.nan), where=total > 0))


def _smoothed(counts: ArrayLike, occupied: NDArray[np.bool_]) -> Floats:
    """Return shares with half a row added to each occupied cell, 1 elsewhere (so that its logarithm vanishes); nan without rows."""
    rows = np.atleast_2d(np.asarray(counts, dtype=float))
    total = rows.sum(axis=1, keepdims=True) + HALF_A_ROW * occupied.sum(axis=1, keepdims=True)
    result = np.where(occupied, (rows + HALF_A_ROW) / np.maximum(total, HALF_A_ROW), 1.0)
    result[np.broadcast_to(rows.sum(axis=1) == 0, len(result))] = np.nan
    return np.asarray(result)


def _occupied(reference: ArrayLike, production: ArrayLike) -> NDArray[np.bool_]:
    return np.asarray(np.atleast_2d(np.asarray(reference) > 0) | np.atleast_2d(np.asarray(production) > 0))


def kl(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the Kullback-Leibler divergence sum p ln(p/q) of the reference from production, in nats, 0 and up; smoothed.

    Source: Kullback and Leibler (1951), Annals of Mathematical Statistics 22.

    >>> kl([50, 50], [[50, 50]]).tolist()
    [0.0]
    """
    occupied = _occupied(reference, production)
    p, q = _smoothed(reference, occupied), _smoothed(production, occupied)
    return np.asarray(np.maximum((p * np.log(p / q)).sum(axis=1), 0.0))


def kl_reverse(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return sum q ln(q/p), the divergence of production from the reference, in nats, 0 and up; smoothed."""
    occupied = _occupied(reference, production)
    p, q = _smoothed(reference, occupied), _smoothed(production, occupied)
    return np.asarray(np.maximum((q * np.log(q / p)).sum(axis=1), 0.0))


def psi(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the population stability index sum (p - q) ln(p/q), in nats, 0 and up; smoothed.

    It equals `kl` + `kl_reverse`. Source: Siddiqi (2006), Credit Risk Scorecards.

    >>> psi([10, 10], [[10, 10], [0, 20]]).round(4).tolist()
    [0.0, 1.7684]
    """
    occupied = _occupied(reference, production)
    p, q = _smoothed(reference, occupied), _smoothed(production, occupied)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=1))


def symmetric_kl(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the mean of `kl` and `kl_reverse`, in nats, 0 and up; smoothed."""
    return psi(reference, production) / 2


def js(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the Jensen-Shannon distance, base 2, in [0, 1]: the square root of the divergence; no smoothing.

    Source: Endres and Schindelin (2003), IEEE Transactions on Information Theory 49.

    >>> js([1, 1, 0], [[0, 0, 5], [2, 2, 0]]).tolist()
    [1.0, 0.0]
    """
    p, q = shares(reference), shares(production)
    middle = (p + q) / 2
    nats = (special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum(axis=1) / 2
    return np.asarray(np.sqrt(np.clip(nats / np.log(2), 0.0, 1.0)))


def hellinger(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the Hellinger distance sqrt(sum (sqrt p - sqrt q)^2 / 2), in [0, 1]; no smoothing."""
    difference = np.sqrt(shares(reference)) - np.sqrt(shares(production))
    return np.asarray(np.minimum(np.sqrt((difference**2).sum(axis=1) / 2), 1.0))


def tv(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the total variation distance sum |p - q| / 2, in [0, 1]: the share of rows that would have to move."""
    return np.asarray(np.minimum(np.abs(shares(reference) - shares(production)).sum(axis=1) / 2, 1.0))


def l_infinity(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the largest change of any one cell's share, max |p - q|, in [0, 1]."""
    return np.asarray(np.abs(shares(reference) - shares(production)).max(axis=1))
