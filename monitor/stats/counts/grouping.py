"""Coarser cells: fine cells are right for order (KS, Wasserstein), about ten groups are right for divergences.

A divergence over k cells is about (k - 1)(1/n + 1/m) large without any change: fewer cells, less noise.
A grouping is an index per cell: `other` (infinities may have two such cells, by sign) and `missing`
stay the last groups, each on its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitor.cells import Cells

Ints = NDArray[np.int64]

BINS = 10
SMALLEST_SHARE = 0.01
MOST_LEVELS = 30


MOST_RESTS = 32
MOST_BUCKETS = 8
"""Groups of light buckets: levels without a name that few rows have."""


def coarsen_cells(cells: Cells, counts: ArrayLike, bins: int = BINS) -> Ints:
    """Return the group of every cell of a column, (width,), by reference counts (width,).

    Levels: see `coarsen_levels`. Numbers: as `coarsen`, but what lies below or above everything that the reference had is a group of its
    own on either side, and so is what lies between the few values that it has (cells between two values, empty in the reference).
    """
    rows = np.asarray(counts, dtype=float)
    if not cells.numeric:
        return coarsen_levels(rows, cells.size, buckets=cells.buckets)
    if not cells.bounded:
        return coarsen(rows, cells.size, bins)
    gap = cells.gaps & (rows[: cells.size] == 0)
    inner = ~gap
    inner[[0, -1]] = False
    own = coarsen(np.append(rows[: cells.size][inner], [0.0, 0.0]), int(inner.sum()), bins)[:-2]
    groups = np.zeros(cells.width, dtype=np.int64)
    groups[: cells.size][inner] = own + 1
    last = int(own[-1]) + 1
    groups[: cells.size][gap] = last + 1
    last += bool(gap.any())
    groups[cells.size - 1 :] = last + np.arange(1, cells.width - cells.size + 2)
    return groups


def coarsen(counts: ArrayLike, size: int, bins: int = BINS) -> Ints:
    """Return the group of every cell, (width,), merging adjacent ordered cells into about `bins` groups of equal reference mass.

    A cell heavier than 1 / bins stays alone; a leftover lighter than half a group joins its left neighbour unless that is a heavy cell.

    Parameters
    ----------
    counts : (width,) reference counts: `size` ordered cells, then `other` (two cells, where infinities are told apart), then `missing`.

    Examples
    --------
    >>> coarsen([5, 5, 5, 5, 80, 0, 0], size=5, bins=5).tolist()
    [0, 0, 0, 0, 1, 2, 3]
    """
    rows = np.asarray(counts, dtype=float)
    mass = rows[:size] / max(float(rows[:size].sum()), 1.0)
    target = 1 / bins
    groups: list[int] = []
    group, held = 0, 0.0
    for share in mass.tolist():
        if groups and (share > target or held >= target - 1e-9):
            group, held = group + 1, 0.0
        groups.append(group)
        held = target if share > target else held + share
    return _with_tail(_leftover_joined(groups, mass.tolist(), target), len(rows) - size)


def _leftover_joined(groups: list[int], mass: Sequence[float], target: float) -> list[int]:
    last = groups[-1]
    neighbour = [share for group, share in zip(groups, mass, strict=True) if group == last - 1]
    held = sum(share for group, share in zip(groups, mass, strict=True) if group == last)
    if held >= target / 2 or not neighbour or max(neighbour) > target:
        return groups
    return [min(group, last - 1) for group in groups]


def coarsen_levels(
    counts: ArrayLike, size: int, *, buckets: int = 0, smallest_share: float = SMALLEST_SHARE, most: int = MOST_LEVELS
) -> Ints:
    """Return the group of every cell, (width,): levels of at least `smallest_share` (the `most` commonest) alone, lighter ones together.

    As many groups of lighter levels are made as hold `smallest_share` each, at most `MOST_RESTS`; every so many-th level is in the same
    one, so that some of many equal levels vanishing shows. Buckets stay alone where they hold `smallest_share` each on average; lighter
    ones are put together, into at most eight groups that do.

    Parameters
    ----------
    counts : (width,) reference counts: `size` cells (levels in any order, then `buckets`), then `other`, then `missing`.

    Examples
    --------
    >>> coarsen_levels([970, 20, 5, 5, 0, 0], size=4).tolist()
    [0, 1, 2, 2, 3, 4]
    >>> coarsen_levels([990, 0, 5, 5, 0, 0, 0], size=5, buckets=4).tolist()
    [0, 1, 1, 1, 1, 2, 3]
    """
    rows, named = np.asarray(counts, dtype=float)[:size], size - buckets
    total = max(float(rows.sum()), 1.0)
    order = np.argsort(-rows[:named], kind="stable")
    kept = np.zeros(named, dtype=bool)
    kept[order[:most]] = rows[order[:most]] >= smallest_share * total
    if (~kept).sum() == 1:
        kept[:] = True
    rest = int(np.clip(rows[:named][~kept].sum() / total / smallest_share + 1e-9, 1, MOST_RESTS))
    groups = np.where(kept, np.cumsum(kept) - 1, kept.sum() + (np.cumsum(~kept) - 1) % rest).tolist()
    first = max(groups, default=-1) + 1
    light = int(np.clip(rows[named:].sum() / total / smallest_share + 1e-9, 1, MOST_BUCKETS))
    parts = buckets if rows[named:].sum() >= buckets * smallest_share * total else min(light, buckets)
    return _with_tail([*groups, *(first + bucket * parts // buckets for bucket in range(buckets))])


def _with_tail(groups: list[int], more: int = 2) -> Ints:
    after = max(groups, default=-1) + 1
    return np.array([*groups, *range(after, after + more)], dtype=np.int64)


def group_counts(counts: ArrayLike, groups: Ints) -> NDArray[np.float64]:
    """Return counts (k,) or (w, k) added up by group, (1, g) or (w, g)."""
    rows = np.atleast_2d(np.asarray(counts, dtype=float))
    if np.any(np.diff(groups) < 0):
        order = np.argsort(groups, kind="stable")
        rows, groups = rows[:, order], groups[order]
    # A sum over runs of neighbours: a matrix product would wake BLAS threads for a few thousand numbers.
    return np.asarray(np.add.reduceat(rows, np.searchsorted(groups, np.arange(int(groups[-1]) + 1)), axis=1))
