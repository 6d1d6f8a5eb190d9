"""How little must change before a decision does: one value of a row at a time, by shares of the reference that it moves past."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEPS = (0.02, 0.05, 0.1, 0.2)
"""Shares of the reference's rows that a number moves past, the smallest first."""


def moved_values(values: Floats, known: Floats) -> Floats:
    """Return what numbers become that move past each of STEPS of the reference, down and up, (n, 2 x STEPS).

    Each is a number that the reference has; nan where it has none so far out, where it is the same number again, and of missing values.

    Parameters
    ----------
    values : (n,)
    known : (m,) finite numbers of the reference, in order.

    >>> moved_values(np.array([50.0, 99.0]), np.arange(101.0)).tolist()
    [[48.0, 52.0, 45.0, 55.0, 40.0, 60.0, 30.0, 70.0], [97.0, nan, 94.0, nan, 89.0, nan, 79.0, nan]]
    """
    many = len(known)
    step = np.array([sign * one for one in STEPS for sign in (-1.0, 1.0)])
    if many < 2:
        return np.full((len(values), len(step)), np.nan)
    middle = (np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right") - 1) / 2
    at = np.rint(middle[:, None] + step * (many - 1))
    found = known[np.clip(at, 0, many - 1).astype(np.int64)]
    possible = (at >= 0) & (at <= many - 1) & np.isfinite(values)[:, None] & (found != values[:, None])
    return np.asarray(np.where(possible, found, np.nan))


def least_step(flipped: Bools) -> Floats:
    """Return the smallest of STEPS at which each row is decided otherwise, (n,), nan: at none; `flipped` as `moved_values` gives them.

    >>> least_step(np.array([[False, False, False, True] + [False] * 4, [False] * 8])).tolist()
    [0.05, nan]
    """
    either = np.logical_or.reduce(flipped.reshape(len(flipped), len(STEPS), 2), axis=2)
    return np.asarray(np.where(either.any(axis=1), np.array(STEPS)[either.argmax(axis=1)], np.nan))
