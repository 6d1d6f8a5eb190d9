"""Exact interventional Shapley values of trees (Lundberg et al. 2020, Algorithm 3), for all rows against all of a background at once.

The value of a set S of columns is the mean margin of rows that take S from the row explained and the rest from a background row. Of one
leaf, a row x and a background row z, only this counts: which columns meet the leaf in x (A) and in z (B). With U = A without B and V = B
without A, a column of U gets v (|U| - 1)! |V|! / (|U| + |V|)!, one of V loses v |U|! (|V| - 1)! / (|U| + |V|)!; nothing where some column
meets the leaf in neither. Rows with the same A share their answer, so each leaf is worked out once for each pair of different (A, B) that
occurs, however many rows there are. A column of several encoded ones (dummies) is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from monitor.stats.explanation.trees import Bools, Floats, Forest, Ints, Leaf, Tree

Masks = NDArray[np.uint64]

MOST_COLUMNS = 63
"""Columns on one path that fit the bits of a number."""
_TABLE_COLUMNS = 14
"""Columns of a leaf up to which a table of all sets is smaller than sorting the rows."""
_PAIRS = 2_000_000
"""Pairs of different sets that are worked out at once: some 200 MB."""


@dataclass(frozen=True, slots=True)
class Sets:
    """The different sets `mask` (a,) of columns that rows meet, how many rows meet each, and which one each row meets (n,)."""

    mask: Masks
    count: Floats
    of: Ints


def tree_attributions(
    forest: Forest,
    rows: Floats,
    background: Floats,
    players: Ints,
    *,
    columns: int | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> Floats:
    """Return the attribution of each row to each column, (n, d, k): with the mean margin of the background they add up to the margin.

    `rows` (n, p) and `background` (m, p) are encoded; `players` (p,) is the column that each encoded feature belongs to, of
    d `columns` (default: up to the last one named). `tell` hears the share of the work that is done, and may raise to end it.
    """
    d = int(players.max(initial=-1)) + 1 if columns is None else columns
    found = np.zeros((len(forest.base), d, len(rows)))
    for i, (tree, out) in enumerate(zip(forest.trees, forest.of, strict=True)):
        tell(i / len(forest.trees))
        _add_tree(found[out], tree, rows, background, players)
    return np.ascontiguousarray(found.transpose(2, 1, 0))


def _add_tree(found: Floats, tree: Tree, rows: Floats, background: Floats, players: Ints) -> None:
    """Add the attributions of one tree to `found` (d, n)."""
    here, there = tree.goes_left(rows), tree.goes_left(background)
    for leaf in tree.leaves(players):
        _add_leaf(found, leaf, here, there)


def _add_leaf(found: Floats, leaf: Leaf, here: Bools, there: Bools) -> None:
    width = len(leaf.columns)
    ours, theirs = sets_of(leaf.met(here), width), sets_of(leaf.met(there), width)
    shares = leaf_shares(ours.mask, theirs.mask, theirs.count / there.shape[1], width)
    for position, column in enumerate(leaf.columns):
        if shares[position].any():
            found[column] += (leaf.value * shares[position])[ours.of]


def sets_of(masks: Masks, width: int) -> Sets:
    """Return the different ones of sets of `width` columns, (n,)."""
    if width > _TABLE_COLUMNS:
        different, of, count = np.unique(masks, return_inverse=True, return_counts=True)
        return Sets(different, count.astype(np.float64), of.reshape(-1))
    index = masks.astype(np.int64)
    counts = np.bincount(index, minlength=1 << width)
    present = np.flatnonzero(counts)
    place = np.zeros(1 << width, dtype=np.int64)
    place[present] = np.arange(len(present))
    return Sets(present.astype(np.uint64), counts[present].astype(np.float64), place[index])


def leaf_shares(ours: Masks, theirs: Masks, weight: Floats, width: int) -> Floats:
    """Return what a leaf of value 1 gives each of its columns, (width, a), by the set `ours` (a,) that a row meets.

    `theirs` (b,) are sets that background rows meet, with shares `weight` (b,) of the background.
    """
    found = np.zeros((width, len(ours)))
    step = max(1, _PAIRS // max(len(theirs), 1))
    for start in range(0, len(ours), step):
        _add_pairs(found[:, start : start + step], ours[start : start + step], theirs, weight)
    return found


def _add_pairs(found: Floats, ours: Masks, theirs: Masks, weight: Floats) -> None:
    width, a = found.shape
    full = np.uint64((1 << width) - 1)
    row, other = np.nonzero((ours[:, None] | theirs[None, :]) == full)
    gains, loses = ours[row] & ~theirs[other], theirs[other] & ~ours[row]
    u, v = np.bitwise_count(gains), np.bitwise_count(loses)
    table = _weights(MOST_COLUMNS)
    gain, loss = table[u, v] * weight[other], table[v, u] * weight[other]
    for position in range(width):
        bit = np.uint64(position)
        change = gain * ((gains >> bit) & np.uint64(1)) - loss * ((loses >> bit) & np.uint64(1))
        found[position] += np.bincount(row, weights=change, minlength=a)


@lru_cache(maxsize=1)
def _weights(most: int) -> Floats:
    """Return (u - 1)! v! / (u + v)! by u and v, 0 where u is 0."""
    return np.array([[0.0 if u == 0 else 1 / (u * comb(u + v, u)) for v in range(most + 1)] for u in range(most + 1)])
