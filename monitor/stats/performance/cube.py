"""Sums by window in the cells of every column and of every pair of columns: what segments are searched in.

Pairs are read off blocks of four columns, which are counted once and added up: 20 columns have 190 pairs but only 45 such blocks. On a
million rows this takes .7 s; grouping sets of the pairs in the database took 12 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]

MOST_CELLS = 2_000_000
"""Cells times windows of a block of four columns; larger ones are counted pair by pair."""
NOTHING = -1
"""What stands for the second column of a segment of one."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One column cut into `size` cells. A part is a set of cells that may be a segment: `single` (p, size) those of segments of this column
    alone, `paired` (q, size) those that meet parts of other columns; 1 where the cell belongs to the part."""

    size: int
    single: Floats
    paired: Floats


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows as cells: `codes` (c, n) the cell of each row in each column, `window` (n,) its position in so many `windows`, `values` (m, n)
    what is added up, of which the first is 1 for every row, `block` (n,) the stretch of time that neighbours share."""

    codes: Codes
    window: Ints
    windows: int
    values: Floats
    block: Ints

    def take(self, kept: Bools) -> Cells:
        """Return some of the rows."""
        return Cells(self.codes[:, kept], self.window[kept], self.windows, self.values[:, kept], self.block[kept])

    def add(self, columns: tuple[int, ...], sizes: tuple[int, ...]) -> Floats:
        """Add up the values in the cells of some columns together, (m, *sizes, windows)."""
        place = np.zeros(self.codes.shape[1], dtype=np.int32)
        for column, size in zip(columns, sizes, strict=True):
            place = place * np.int32(size) + self.codes[column]
        place = place * np.int32(self.windows) + self.window.astype(np.int32)
        shape = (*sizes, self.windows)
        many = int(np.prod(shape))
        counted = np.bincount(place, minlength=many).astype(float)
        return np.array([counted, *(np.bincount(place, values, many) for values in self.values[1:])]).reshape(-1, *shape)


@dataclass(frozen=True, slots=True)
class Cube:
    """Sums of one side: `whole` (m, windows), `single[i]` (m, size_i, windows), `pairs[i, j]` (m, size_i, size_j, windows), i < j."""

    whole: Floats
    single: Mapping[int, Floats]
    pairs: Mapping[tuple[int, int], Floats]

    def without(self, other: Cube) -> Cube:
        """Return the sums of the rows that are not among those of another cube."""
        return Cube(
            self.whole - other.whole,
            {key: sums - other.single[key] for key, sums in self.single.items()},
            {key: sums - other.pairs[key] for key, sums in self.pairs.items()},
        )


def build_cube(cells: Cells, axes: tuple[Axis, ...]) -> Cube:
    """Add up the values of all rows in all cells.

    Parameters
    ----------
    cells : the rows; their codes lie below the size of their axis.
    axes : the columns; those without paired parts are met with no other.
    """
    single = {i: cells.add((i,), (axis.size,)) for i, axis in enumerate(axes)}
    met = [i for i, axis in enumerate(axes) if len(axis.paired)]
    pairs: dict[tuple[int, int], Floats] = {}
    for block in _blocks(met):
        pairs.update(_pairs_of(cells, axes, block))
    whole = np.array([np.bincount(cells.window, values, cells.windows) for values in cells.values])
    return Cube(whole, single, pairs)


def _blocks(columns: list[int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield pairs of duos of columns, each duo once with each other and by itself."""
    duos = [tuple(columns[i : i + 2]) for i in range(0, len(columns), 2)]
    yield from combinations(duos, 2)
    yield from (((duo[0],), (duo[1],)) for duo in duos if len(duo) == 2)


def _pairs_of(
    cells: Cells, axes: tuple[Axis, ...], block: tuple[tuple[int, ...], tuple[int, ...]]
) -> Iterator[tuple[tuple[int, int], Floats]]:
    """Yield the sums of each pair of columns of which one lies in the first and one in the second part of a block."""
    first, second = block
    columns = (*first, *second)
    sizes = tuple(axes[i].size for i in columns)
    wanted = [(i, j) for i in first for j in second]
    if int(np.prod(sizes)) * cells.windows > MOST_CELLS:
        yield from (((i, j), cells.add((i, j), (axes[i].size, axes[j].size))) for i, j in wanted)
        return
    sums = cells.add(columns, sizes)
    for i, j in wanted:
        others = tuple(1 + at for at, column in enumerate(columns) if column not in (i, j))
        yield (i, j), sums.sum(axis=others) if others else sums
