"""Combinations of two levels that the reference never had although chance would have made it have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int16]
Bools = NDArray[np.bool_]

EXPECTED = 10.0
"""Rows of a combination that independence lets the reference expect at least: one without any was no chance."""
MOST_LEVELS = 60
"""Levels of a column that are looked at, the commonest."""


@dataclass(frozen=True, slots=True)
class NewPairs:
    """Which rows have a combination that the (rest of the) reference never had: `own` (n,) of the reference, `now` (m,) of production;
    `rows` of production by pair of columns and combination, (a, b, code of a, code of b)."""

    own: Bools
    now: Bools
    rows: dict[tuple[int, int, int, int], int]


def new_pairs(reference: Codes, production: Codes, window: Ints, windows: int) -> NewPairs:
    """Find rows with combinations of two columns' levels that no other window of the reference has.

    Parameters
    ----------
    reference, production : (p, n) and (p, m) positions of levels, the commonest first, negative where missing.
    window : (n,) windows of the reference's rows.

    Notes
    -----
    A combination that n_a n_b / N < EXPECTED rows would have if columns were independent proves nothing by being absent.
    """
    own, now = np.zeros(reference.shape[1], dtype=bool), np.zeros(production.shape[1], dtype=bool)
    rows: dict[tuple[int, int, int, int], int] = {}
    sizes = [min(int(one.max(initial=-1)) + 1, MOST_LEVELS) for one in reference]
    for a, b in combinations(range(len(reference)), 2):
        if min(sizes[a], sizes[b]) < 2:
            continue
        size, (mine, theirs) = (sizes[a], sizes[b]), (_joined(side, a, b, sizes) for side in (reference, production))
        absent, alone = _never(mine, window, size, windows)
        kept = mine >= 0
        own[kept] |= alone[mine[kept], window[kept]]
        shown = np.flatnonzero((theirs >= 0) & absent[theirs])
        now[shown] = True
        rows.update({(a, b, cell // size[1], cell % size[1]): count for cell, count in _counted(theirs[shown])})
    return NewPairs(own, now, rows)


def _joined(codes: Codes, a: int, b: int, sizes: list[int]) -> Ints:
    """Return one position per row for both columns, -1 where either is missing or rare."""
    first, second = codes[a].astype(np.int64), codes[b].astype(np.int64)
    known = (first >= 0) & (second >= 0) & (first < sizes[a]) & (second < sizes[b])
    return np.where(known, first * sizes[b] + second, -1)


def _never(mine: Ints, window: Ints, size: tuple[int, int], windows: int) -> tuple[Bools, Bools]:
    """Return which combinations (c,) the reference never had, and which (c, w) it had in that window only."""
    kept, cells = mine >= 0, size[0] * size[1]
    table = np.bincount(mine[kept] * windows + window[kept], minlength=cells * windows).reshape(cells, windows)
    total = table.sum(axis=1)
    square = total.reshape(size)
    usual = np.outer(square.sum(axis=1), square.sum(axis=0)).ravel() / max(int(total.sum()), 1)
    enough = usual >= EXPECTED
    return enough & (total == 0), enough[:, None] & (table == total[:, None]) & (table > 0)


def _counted(cells: Ints) -> Iterator[tuple[int, int]]:
    found, count = np.unique(cells, return_counts=True)
    yield from zip(found.tolist(), count.tolist(), strict=True)
