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
from monitor.profile import Cells, ColumnCounts
from monitor.stats.counts.grouping import BINS, coarsen, coarsen_cells, group_counts
from monitor.stats.scale import exponent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_GROUP = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a column are to be read: `size` regular ones, then `other` (of either sign, for infinities), then `missing`.

    `positions` (size,) are values that stand for numeric cells (nan for levels); `groups` (k,) the coarse group of each of all cells;
    `widths` (size,) how far the rows of a cell spread around its position, evenly (none: not at all); `named` how many of the regular
    cells are one level each (all of them if none is said), and `unseen` the group to which only levels come that the reference never had.
    """

    size: int
    ordered: bool
    positions: Floats
    groups: Ints
    widths: Floats | None = None
    named: int | None = None
    unseen: int = NO_GROUP

    @classmethod
    def of(cls, cells: Cells, reference: ArrayLike, *, bins: int = BINS) -> Layout:
        """Return the layout of cells, grouped by the reference's counts (k,) or (w, k)."""
        total = np.atleast_2d(np.asarray(reference)).sum(axis=0)
        groups = coarsen_cells(cells, total, bins)
        if cells.numeric:
            return cls(cells.size, True, positions(cells), groups, widths(cells))
        only_new = cells.buckets > 0 and len(cells.known) == len(cells.levels)
        unseen = int(groups[len(cells.levels)]) if only_new else NO_GROUP
        return cls(cells.size, False, positions(cells), groups, named=len(cells.levels), unseen=unseen)

    def thinner(self, reference: ArrayLike, most: int) -> Ints:
        """Return, for each cell, which of about `most` cells of equal reference mass it joins, (k,): neighbours of one group only."""
        if not self.ordered:
            return np.arange(len(self.groups))
        fine = coarsen(reference, self.size, most)
        return np.asarray(np.cumsum((np.diff(fine, prepend=0) != 0) | (np.diff(self.groups, prepend=0) != 0)))

    def merged(self, cells: Ints, reference: Floats) -> Layout:
        """Return the layout of cells added up by `cells` (k,); each takes the mean position of its reference rows."""
        first = np.searchsorted(cells, np.arange(int(cells[-1]) + 1))
        size, regular = len(first) - len(self.groups) + self.size, cells[: self.size]
        if size == self.size:
            return self
        mass = np.maximum(reference[: self.size], 1e-9)
        middle = np.bincount(regular, mass * self.positions) / np.bincount(regular, mass)
        return Layout(size, self.ordered, middle, self.groups[first])


def positions(cells: Cells) -> Floats:
    """Return a value for each regular cell, (size,) ascending: its value where there is only one, else its middle; nan for levels.

    What lies outside everything that the reference had is put at the edge from which on it does; sides know how far it really lies.
    """
    if not cells.numeric:
        return np.full(cells.size, np.nan)
    lower, upper = _closed(cells)
    middle = lower / 2 + upper / 2
    return np.where(np.isfinite(cells.atoms), cells.atoms, middle) if len(cells.atoms) else middle


def widths(cells: Cells) -> Floats:
    """Return how wide each regular numeric cell is, (size,): 0 where it is one value and outside everything that the reference had."""
    lower, upper = _closed(cells)
    return np.where(cells.single, 0.0, upper - lower)


def _closed(cells: Cells) -> tuple[Floats, Floats]:
    lower, upper = cells.bounds
    if not cells.bounded:
        lowest, highest = np.nan_to_num(np.array([cells.low, cells.high]), nan=cells.center)
        inner = cells.edges if len(cells.edges) else np.array([lowest])
        lower[0], upper[-1] = min(lowest, inner[0]), max(highest, inner[-1])
        return lower, upper
    lower[0], upper[-1] = cells.edges[0], cells.edges[-1]
    return lower, upper


@dataclass(frozen=True, slots=True)
class Side:
    """One side by window: `counts` (w, k), and (w,) each: moments of the finite values, extremes, rows and number of levels that the
    reference never had. `tails` (w, 4): how far what lies below everything that the reference had is from the edge on average and its
    standard deviation, and the same of what lies above (0 without rows)."""

    counts: Floats
    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    new_rows: Floats
    new_levels: Floats
    tails: Floats

    @classmethod
    def of(cls, column: ColumnCounts) -> Side:
        """Return the side that a profile of the column describes; its moments are exact."""
        new = column.new_levels
        return cls(
            counts=column.counts.astype(float),
            mean=column.mean,
            sd=column.sd,
            low=column.low,
            high=column.high,
            new_rows=column.unseen.astype(float),
            new_levels=np.array([len(levels) for levels in new], dtype=float),
            tails=_tails(column),
        )

    @classmethod
    def of_counts(cls, counts: ArrayLike, layout: Layout) -> Side:
        """Return the side of bare counts (k,) or (w, k): every row at its cell's position, no new levels."""
        rows = np.atleast_2d(np.asarray(counts, dtype=float))
        regular = rows[:, : layout.size]
        held = np.where(regular > 0, layout.positions, np.nan)
        low, high = np.fmin.reduce(held, axis=1, initial=np.nan), np.fmax.reduce(held, axis=1, initial=np.nan)
        unit = exponent(layout.positions)
        at, lowest = np.ldexp(layout.positions, -unit), np.ldexp(low, -unit)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = lowest + (regular * (at - lowest[:, None])).sum(axis=1) / regular.sum(axis=1)
            variance = (regular * (at - mean[:, None]) ** 2).sum(axis=1) / regular.sum(axis=1)
        none = np.zeros(len(rows))
        return cls(rows, np.ldexp(mean, unit), np.ldexp(np.sqrt(variance), unit), low, high, none, none, np.zeros((len(rows), 4)))

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


def _tails(column: ColumnCounts) -> Floats:
    if not column.cells.bounded:
        return np.zeros((len(column.counts), 4))
    below, above, edges = column.below, column.above, column.cells.edges
    away = np.stack([edges[0] - below.mean, below.sd, above.mean - edges[-1], above.sd], axis=1)
    return np.asarray(np.maximum(np.nan_to_num(away), 0.0))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides on one layout: production by window, and the reference as one window or as one per production window."""

    layout: Layout
    reference: Side
    production: Side

    def __post_init__(self) -> None:
        """Check that the sides fit each other."""
        left, right = self.reference.counts.shape, self.production.counts.shape
        if left[1] != right[1] or left[1] != len(self.layout.groups) or left[0] not in (1, right[0]):
            raise ContractError(f"Sides of shapes {left} and {right} cannot be compared on {len(self.layout.groups)} cells.")

    @classmethod
    def of(cls, reference: ColumnCounts, production: ColumnCounts, *, bins: int = BINS) -> Comparison:
        """Compare two profiles of a column: the reference has one window, or as many as production (compared one by one)."""
        if not reference.cells.matches(production.cells):
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
    def levels(self) -> tuple[Floats, Floats]:
        """Counts of the levels that have a cell of their own, (1 or w, l) and (w, l)."""
        named = self.layout.size if self.layout.named is None else self.layout.named
        return self.reference.counts[:, :named], self.production.counts[:, :named]

    @property
    def grouped(self) -> tuple[Floats, Floats]:
        """Counts of both sides by group, (1 or w, g) and (w, g); the last are `other` (of either sign) and `missing`."""
        groups = self.layout.groups
        return group_counts(self.reference.counts, groups), group_counts(self.production.counts, groups)
