"""Changes of a set of levels: how many, how even, which appeared and which vanished.

`reference` (k,) or (w, k) and `production` (w, k) are counts of levels; a side without rows gives nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from monitor.stats.methods.divergences import shares

Floats = NDArray[np.float64]


def entropy(counts: ArrayLike) -> Floats:
    """Return the Shannon entropy in bits of counts (k,) or (w, k), 0 (one level) to log2(k) (all equal), (1,) or (w,).

    >>> entropy([[1, 1, 0], [4, 0, 0]]).tolist()
    [1.0, 0.0]
    """
    return np.asarray(special.entr(shares(counts)).sum(axis=1) / np.log(2))


def entropy_change(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the entropy of production minus that of the reference, in bits."""
    return np.asarray(entropy(production) - entropy(reference))


def cardinality_change(reference: ArrayLike, production: ArrayLike, new: ArrayLike = 0) -> Floats:
    """Return the number of distinct levels of production (`new` (w,) ones included) minus that of the reference."""
    before, now = np.atleast_2d(np.asarray(reference)), np.atleast_2d(np.asarray(production))
    change = (now > 0).sum(axis=1) + np.asarray(new, dtype=float) - (before > 0).sum(axis=1)
    return np.asarray(change + _undefined(before, now))


def top_share(reference: ArrayLike, production: ArrayLike, *, named: int | None = None) -> Floats:
    """Return the change of the share of the reference's commonest cell among the first `named`, in [-1, 1]; nan where there is none."""
    before, now = shares(reference), shares(production)
    if named == 0:
        return np.full(len(now), np.nan)
    top = np.argmax(np.nan_to_num(before[:, :named]), axis=1)[:, None]
    now, before = np.broadcast_arrays(now, before)
    top = np.broadcast_to(top, (len(now), 1))
    return np.asarray((np.take_along_axis(now, top, axis=1) - np.take_along_axis(before, top, axis=1))[:, 0])


def new_levels(new_rows: ArrayLike, rows: ArrayLike) -> Floats:
    """Return the share, in [0, 1], of rows with a value whose level the reference never had; `new_rows`, `rows` (w,)."""
    total = np.asarray(rows, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, np.asarray(new_rows, dtype=float) / total, np.nan)


def lost_levels(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the reference's share, in [0, 1], of levels that production has no row of.

    It weighs levels, so that a small window that happens to miss a rare one scores next to nothing.
    """
    before, now = shares(reference), np.atleast_2d(np.asarray(production))
    return np.asarray(np.minimum((before * (now == 0)).sum(axis=1), 1.0) + _undefined(np.atleast_2d(np.asarray(reference)), now))


def became_constant(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return 1 where production has a single occupied cell and the reference several, else 0."""
    before, now = np.atleast_2d(np.asarray(reference)), np.atleast_2d(np.asarray(production))
    single = ((now > 0).sum(axis=1) == 1) & ((before > 0).sum(axis=1) > 1)
    return np.asarray(single + _undefined(before, now))


def _undefined(reference: NDArray[np.generic], production: NDArray[np.generic]) -> Floats:
    """0 where both sides have rows, nan elsewhere, (w,)."""
    usable = (reference.sum(axis=1) > 0) & (production.sum(axis=1) > 0)
    return np.where(usable, 0.0, np.nan)
