"""How surprising a fact is: rows that the reference never had, against how often its own windows did the same to the rest of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

FLOOR = 0.001
"""Share of rows that a window of the reference is taken to have had all the same, where none had any: one row in a thousand."""
INDEX = 3.0
"""Tail index of shares beyond the largest that is known: a tail with a finite variance, but no more."""


def event_p(share: Floats, reference: Floats) -> Floats:
    """Return the p-value of windows in which a `share` (w,) of rows is unknown, given the same of the reference's windows, (r,).

    (1 + k) / (R + 1), k the number of reference windows with at least that share; beyond the largest of them that of the largest,
    times a power tail: (largest / share)^INDEX / (R + 1).

    Examples
    --------
    >>> event_p(np.array([0.0, 0.5]), np.zeros(9)).round(10).tolist()
    [1.0, 8e-10]
    """
    known = np.asarray(reference, dtype=float)
    count = (known[None, :] >= np.asarray(share)[:, None]).sum(axis=1)
    largest = max(float(known.max(initial=0.0)), FLOOR)
    beyond = np.minimum(largest / np.maximum(share, 1e-300), 1.0) ** INDEX
    return np.asarray(np.where(share <= 0, 1.0, (1 + count * (share <= largest)) / (len(known) + 1) * np.where(share > largest, beyond, 1.0)))


def chance_p(rows: Floats, of: Floats, expected: float) -> Floats:
    """Return the binomial probability of at least so many `rows` (w,) of `of` (w,), each unknown with probability `expected`."""
    return np.asarray(np.where(rows > 0, stats.binom.sf(rows - 1, of, min(max(expected, 0.0), 1.0)), 1.0))


def fact_p(rows: Floats, of: Floats, *, expected: float, reference: Floats) -> Floats:
    """Return the larger of both p-values: beyond chance, and beyond what the reference's own windows did, (w,).

    Parameters
    ----------
    rows, of : (w,) rows that the reference never had, of how many.
    expected : share of such rows by chance alone (Good 1953: the share of rows at levels seen once).
    reference : (r,) shares of such rows in the reference's windows, each beside the rest of it.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(of > 0, rows / of, 0.0)
    return np.maximum(chance_p(rows, of, expected), event_p(share, reference))


def share_needed(p: float, reference: Floats) -> float:
    """Return the share of rows from which a fact has a p-value of at most `p` by events alone."""
    largest = max(float(np.max(reference, initial=0.0)), FLOOR)
    return float(largest * max((len(reference) + 1) * p, 1e-300) ** (-1 / INDEX)) if p < 1 / (len(reference) + 1) else largest
