"""What a method is given: two sides of one column, counted on the same cells, window by window.

`Comparison.of` starts from two profiles of a column; `Comparison.of_counts` from bare counts, with moments taken at the cells'
positions: the form in which windows are simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitor.errors import ContractError
from monitor.profile import Cells, ColumnCounts, is_atom
from monitor.stats.grouping import BINS, coarsen, coarsen_levels, group_counts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ONE_VALUE_A_CELL = 65
"""Up to so many cells, each upper edge is the one value of its cell (the engine cuts columns of few values so)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a column are to be read: `size` regular ones, then `other`, then `missing`.

    `positions` (size,) are values that stand for numeric cells (nan for levels); `groups` (size + 2,) the coarse group of each cell.
    """

    size: int
    ordered: bool
    positions: Floats
    groups: Ints

    @classmethod
    def of(cls, cells: Cells, reference: ArrayLike, *, bins: int = BINS) -> Layout:
        """Return the layout of cells, grouped by the reference's counts (k,) or (w, k)."""
        total = np.atleast_2d(np.asarray(reference)).sum(axis=0)
        group = coarsen(total, cells.size, bins) if cells.numeric else coarsen_levels(total, cells.size)
        return cls(cells.size, cells.numeric, positions(cells), group)

    def thinner(self, reference: ArrayLike, most: int) -> Ints:
        """Return, for each cell, which of about `most` cells of equal reference mass it joins, (k,): neighbours of one group only."""
        if not self.ordered:
            return np.arange(self.size + 2)
        fine = coarsen(reference, self.size, most)
        return np.asarray(np.cumsum((np.diff(fine, prepend=0) != 0) | (np.diff(self.groups, prepend=0) != 0)))

    def merged(self, cells: Ints, reference: Floats) -> Layout:
        """Return the layout of cells added up by `cells` (k,); each takes the mean position of its reference rows."""
        first = np.searchsorted(cells, np.arange(int(cells[-1]) + 1))
        size = len(first) - 2
        if size == self.size:
            return self
        mass = np.maximum(reference[: self.size], 1e-9)
        middle = np.bincount(cells[:-2], mass * self.positions) / np.bincount(cells[:-2], mass)
        return Layout(size, self.ordered, middle, self.groups[first])


def positions(cells: Cells) -> Floats:
    """Return a value for each regular cell, (size,) ascending: its value where there is only one, else its middle; nan for levels.

    The end cells are closed by the smallest and largest reference value.
    """
    if not cells.numeric:
        return np.full(cells.size, np.nan)
    lower, upper = (bound.copy() for bound in cells.bounds)
    single = is_atom(lower, upper) | (cells.size <= ONE_VALUE_A_CELL)
    lowest, highest = np.nan_to_num(np.array([cells.low, cells.high]), nan=cells.center)
    upper[-1] = max(highest, lower[-1]) if cells.size > 1 else highest
    lower[0] = min(lowest, upper[0])
    return np.asarray(np.where(single, upper, lower / 2 + upper / 2))


@dataclass(frozen=True, slots=True)
class Side:
    """One side by window: `counts` (w, k), and (w,) each: moments of the finite values, extremes, rows and number of levels that the
    reference never had (nan where the kind has none)."""

    counts: Floats
    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    new_rows: Floats
    new_levels: Floats

    @classmethod
    def of(cls, column: ColumnCounts) -> Side:
        """Return the side that a profile of the column describes; its moments are exact."""
        new = column.new_levels
        return cls(
            counts=column.counts.astype(float),
            mean=column.mean,
            sd=np.where(column.low == column.high, 0.0, column.sd),  # sums of squares leave rounding errors where nothing varies
            low=column.low,
            high=column.high,
            new_rows=np.array([sum(levels.values()) for levels in new], dtype=float),
            new_levels=np.array([len(levels) for levels in new], dtype=float),
        )

    @classmethod
    def of_counts(cls, counts: ArrayLike, layout: Layout) -> Side:
        """Return the side of bare counts (k,) or (w, k): every row at its cell's position, no new levels."""
        rows = np.atleast_2d(np.asarray(counts, dtype=float))
        regular = rows[:, : layout.size]
        held = np.where(regular > 0, layout.positions, np.nan)
        low, high = np.fmin.reduce(held, axis=1, initial=np.nan), np.fmax.reduce(held, axis=1, initial=np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = low + (regular * (layout.positions - low[:, None])).sum(axis=1) / regular.sum(axis=1)
            variance = (regular * (layout.positions - mean[:, None]) ** 2).sum(axis=1) / regular.sum(axis=1)
        none = np.zeros(len(rows))
        return cls(rows, mean, np.sqrt(variance), low, high, none, none)

    @property
    def rows(self) -> Floats:
        """All rows, missing ones included, (w,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def missing(self) -> Floats:
        """Rows without a value, (w,)."""
        return self.counts[:, -1]

    def take(self, windows: Sequence[int]) -> Side:
        """Return some of the windows."""
        return replace(self, **{field.name: getattr(self, field.name)[list(windows)] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides on one layout: production by window, and the reference as one window or as one per production window."""

    layout: Layout
    reference: Side
    production: Side

    def __post_init__(self) -> None:
        """Check that the sides fit each other."""
        left, right = self.reference.counts.shape, self.production.counts.shape
        if left[1] != right[1] or left[1] != self.layout.size + 2 or left[0] not in (1, right[0]):
            raise ContractError(f"Sides of shapes {left} and {right} cannot be compared on {self.layout.size} cells + other + missing.")

    @classmethod
    def of(cls, reference: ColumnCounts, production: ColumnCounts, *, bins: int = BINS) -> Comparison:
        """Compare two profiles of a column: the reference has one window, or as many as production (compared one by one)."""
        if reference.cells is not production.cells and reference.cells.labels != production.cells.labels:
            raise ContractError(f"Column '{production.cells.column}' was counted on different cells.")
        return cls(Layout.of(reference.cells, reference.counts, bins=bins), Side.of(reference), Side.of(production))

    @classmethod
    def of_counts(cls, reference: ArrayLike, production: ArrayLike, layout: Layout) -> Comparison:
        """Compare bare counts, (k,) or (w, k) with (w, k)."""
        return cls(layout, Side.of_counts(reference, layout), Side.of_counts(production, layout))

    @property
    def regular(self) -> tuple[Floats, Floats]:
        """Counts of the regular cells of both sides, (1 or w, size) and (w, size)."""
        size = self.layout.size
        return self.reference.counts[:, :size], self.production.counts[:, :size]

    @property
    def grouped(self) -> tuple[Floats, Floats]:
        """Counts of both sides by group, (1 or w, g) and (w, g); the last two are `other` and `missing`."""
        groups = self.layout.groups
        return group_counts(self.reference.counts, groups), group_counts(self.production.counts, groups)
