"""Rows that are alike: how many more share all cells, or neighbouring ones, than the rest of the reference lets expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int16]
Bools = NDArray[np.bool_]

EXCESS, LEAST = 3.0, 2.0
"""Cells are looked at where they hold more than `EXCESS` times as many rows as expected, and `LEAST` rows."""
MOST_CELLS = 300
"""Cells of a window that are linked, those with most rows."""
STEPS = 2
"""Times that a cluster grows to its neighbours."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows that share a cell in a window, (m,) each: the `cell`, the `window`, how many `rows` and how many `expected` by the rest of the
    reference, and `first`, the position of one of them."""

    cell: Ints
    window: Ints
    rows: Ints
    expected: Floats
    first: Ints

    def excessive(self, least: float) -> Bools:
        """Say which hold at least so many rows, and more than EXCESS times as many as expected, (m,)."""
        return np.asarray((self.rows >= least) & (self.rows > EXCESS * self.expected))


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cells of a window that hang together: positions `members` in what was counted, `rows` and how many were `expected`."""

    window: int
    members: Ints
    rows: int
    expected: float

    @property
    def excess(self) -> float:
        """Rows beyond what is expected."""
        return self.rows - self.expected


def fingerprints(codes: Codes) -> NDArray[np.uint64]:
    """Return one number per row (n,) of `codes` (p, n): rows with the same one share all cells.

    >>> one, two, three = fingerprints(np.array([[1, 1, 2], [5, 5, 5]], dtype=np.int16))
    >>> bool(one == two), bool(one == three)
    (True, False)
    """
    found = np.full(codes.shape[1], 0x9E3779B97F4A7C15, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for one in codes:
            found = (found ^ one.astype(np.int64).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            found ^= found >> np.uint64(29)
    return found


def count_alike(cells: tuple[Ints, Ints], windows: tuple[Ints, Ints], rows: tuple[Ints, Ints]) -> tuple[Counted, Counted]:
    """Count rows by cell and window of the reference and of production.

    Parameters
    ----------
    cells : (n,) each, which cell rows lie in, numbered for both sides together.
    windows : (n,) each, which window.
    rows : (w,) each, rows of each window.

    Notes
    -----
    A window of the reference is expected to hold what all its other windows let expect.
    """
    many = int(max(cells[0].max(initial=0), cells[1].max(initial=0))) + 1
    total, held = np.bincount(cells[0], minlength=many).astype(float), float(rows[0].sum())
    found = []
    for side in (0, 1):
        width = max(len(rows[side]), 1)
        pair, first, count = np.unique(cells[side] * width + windows[side], return_index=True, return_counts=True)
        cell, window = pair // width, pair % width
        own = count if side == 0 else 0
        rest = held - (rows[0][window] if side == 0 else 0)
        expected = (total[cell] - own) / np.maximum(rest, 1.0) * rows[side][window]
        found.append(Counted(cell, window, count, expected, first))
    return found[0], found[1]


def clusters(counted: Counted, codes: Codes, numeric: Bools, windows: int) -> list[list[Cluster]]:
    """Return for each window its clusters of cells with more rows than expected, the largest excess first.

    Parameters
    ----------
    codes : (p, n) positions of rows in cells.
    numeric : (p,) which columns have neighbouring cells.
    """
    kept = np.flatnonzero(counted.excessive(LEAST))
    kept = kept[np.lexsort((-counted.rows[kept], counted.window[kept]))]
    bounds = np.searchsorted(counted.window[kept], np.arange(windows + 1))
    return [_linked(counted, codes, numeric, kept[start:end][:MOST_CELLS]) for start, end in pairwise(bounds)]


def _linked(counted: Counted, codes: Codes, numeric: Bools, kept: Ints) -> list[Cluster]:
    if not len(kept):
        return []
    cells = codes[:, counted.first[kept]]
    label = scipy.sparse.csgraph.connected_components(scipy.sparse.csr_matrix(near(cells, cells, numeric).astype(np.int8)))[1]
    rows, expected = np.bincount(label, counted.rows[kept]), np.bincount(label, counted.expected[kept])
    order = np.argsort(-(rows - expected), kind="stable")
    window = int(counted.window[kept[0]])
    return [Cluster(window, kept[label == one], int(rows[one]), float(expected[one])) for one in order]


def near(some: Codes, others: Codes, numeric: Bools) -> Bools:
    """Say which rows (a,) lie in the same or neighbouring cells as which others (b,), (a, b): levels equal, numbers one cell apart.

    >>> near(np.array([[3], [7]], dtype=np.int16), np.array([[4, 4, 5], [7, 8, 7]], dtype=np.int16), np.array([True, False])).tolist()
    [[True, False, False]]
    """
    found = np.ones((some.shape[1], others.shape[1]), dtype=bool)
    for a, b, ordered in zip(some, others, numeric, strict=True):
        away = np.abs(a.astype(np.int32)[:, None] - b.astype(np.int32)[None, :])
        found &= away <= (1 if ordered else 0)
    return found


def grow(counted: Counted, cluster: Cluster, codes: Codes, numeric: Bools, windows: Sequence[int]) -> Ints:
    """Return all cells (positions in what was counted) of some windows that hang together with a cluster, be they ever so small."""
    able = np.flatnonzero(np.isin(counted.window, np.asarray(windows)) & counted.excessive(1))
    seed = codes[:, counted.first[cluster.members[0]]]
    levels = ~numeric
    able = able[(codes[:, counted.first[able]][levels] == seed[levels][:, None]).all(axis=0)]
    inside, edge = np.isin(able, cluster.members), np.flatnonzero(np.isin(able, cluster.members))
    for _ in range(STEPS):
        if not len(edge):
            break
        touched = near(codes[:, counted.first[able[edge]]], codes[:, counted.first[able]], numeric).any(axis=0)
        edge = np.flatnonzero(touched & ~inside)
        inside |= touched
    return np.asarray(able[inside])
