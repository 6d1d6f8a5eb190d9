"""Quantiles from counts on ordered cells: as exact as the cells are fine."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def cell_quantiles(counts: ArrayLike, edges: ArrayLike, low: ArrayLike, high: ArrayLike, at: ArrayLike) -> Floats:
    """Return quantiles of values known by cell, window by window.

    Parameters
    ----------
    counts : (w, k) rows of each ordered cell.
    edges : (k - 1,) ascending upper edges; the last cell is open.
    low, high : (w,) smallest and largest value, which close the end cells.
    at : (q,) or (w, q) shares in [0, 1], clipped to it.

    Returns
    -------
    (w, q) values in the unit of the edges; nan where a window has no row. Within a cell values are taken as evenly spread.

    Examples
    --------
    >>> cell_quantiles([[1, 1, 2]], [10.0, 20.0], [0.0], [30.0], [0.5, 0.75]).tolist()
    [[20.0, 25.0]]
    """
    rows, inner = np.atleast_2d(np.asarray(counts, dtype=float)), np.asarray(edges, dtype=float)
    lows, highs = (np.broadcast_to(np.asarray(end, dtype=float), len(rows)) for end in (low, high))
    shares = np.asarray(at, dtype=float)
    asked = np.clip(np.broadcast_to(shares, (len(rows), shares.shape[-1])), 0.0, 1.0)
    found = np.full(asked.shape, np.nan)
    for window in np.flatnonzero(rows.sum(axis=1) > 0):
        total = np.concatenate([[0.0], np.cumsum(rows[window])]) / rows[window].sum()
        ends = np.concatenate([[lows[window]], np.clip(inner, lows[window], highs[window]), [highs[window]]])
        found[window] = np.interp(asked[window], total, ends)
    return found
