"""Cells and profiles: the mergeable counts from which every divergence is answered.

A *cell* is one bin (numeric) or level (categorical) of a column. Counts over cells are integers, so
profiles of disjoint sets of rows add up exactly to the profile of their union.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.errors import ContractError
from monitor.vocabulary import INFINITE, MISSING, OTHER, WHOLE, Kind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """The shared cells of one column: `size` regular ones, then `other`, then `missing`.

    Numeric: `edges` (size - 1,) are ascending, finite, distinct upper edges; cell i holds
    edges[i-1] < x <= edges[i], the first reaches from minus infinity, the last to plus infinity
    (both exclusive); plus and minus infinity themselves are counted in `other`.
    Categorical and boolean: `levels` (size,) in order of falling reference count; the tail of the
    reference and levels it never had are counted in `other`.
    """

    column: str
    kind: Kind
    edges: Floats
    levels: tuple[str, ...]
    known: frozenset[str] = frozenset()
    """Categorical: every level the reference had, including its tail (which is counted in `other`)."""
    center: float = 0.0
    """Numeric: the value that sums and squares are taken around (a typical reference value)."""
    low: float = float("nan")
    high: float = float("nan")
    """Numeric: smallest and largest finite reference value, in units of the column (nan if none)."""

    @property
    def numeric(self) -> bool:
        """Whether cells are intervals of numbers."""
        return self.kind in (Kind.NUMERIC, Kind.DATETIME)

    @property
    def size(self) -> int:
        """Number of regular cells."""
        return len(self.edges) + 1 if self.numeric else len(self.levels)

    @property
    def width(self) -> int:
        """Number of all cells: regular ones, `other` and `missing`."""
        return self.size + 2

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lower (exclusive) and upper (inclusive) bound of each regular cell, (size,) each."""
        infinite = np.array([np.inf])
        return np.concatenate([-infinite, self.edges]), np.concatenate([self.edges, infinite])

    @property
    def labels(self) -> tuple[str, ...]:
        """A readable name of every cell, (width,)."""
        if not self.numeric:
            return (*self.levels, OTHER, MISSING)
        return (*_interval_labels(*self.bounds), INFINITE, MISSING)


def is_atom(lower: Floats, upper: Floats) -> NDArray[np.bool_]:
    """Say which cells (lower, upper] hold a single representable number."""
    return np.asarray(np.nextafter(lower, np.inf) >= upper)


def _interval_labels(lower: Floats, upper: Floats) -> list[str]:
    atoms = is_atom(lower, upper)
    return [
        f"= {u:.6g}" if atom else f"> {lo:.6g}" if np.isinf(u) else f"≤ {u:.6g}" if np.isinf(lo) else f"{lo:.6g} to {u:.6g}"
        for lo, u, atom in zip(lower, upper, atoms, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """Counts of one column on its cells by window, with the moments that add up.

    `counts` (w, width) int64; `total` and `squares` (w,) are the sums of (x - center) and
    (x - center)^2 over finite values; `low` and `high` (w,) are their smallest and largest (nan if none).
    `new_levels` has, per window, the rows of each level that the reference never had (the 100 commonest).
    """

    cells: Cells
    counts: Ints
    total: Floats
    squares: Floats
    low: Floats
    high: Floats
    new_levels: tuple[Mapping[str, int], ...]

    def __post_init__(self) -> None:
        """Check the shapes."""
        lengths = {len(self.counts), len(self.total), len(self.squares), len(self.low), len(self.high), len(self.new_levels)}
        if self.counts.shape[1] != self.cells.width or len(lengths) != 1:
            raise ContractError(f"Counts of column '{self.cells.column}' do not fit its cells: {self.counts.shape}.")

    @property
    def rows(self) -> Ints:
        """Rows by window, missing values included, (w,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def missing(self) -> Ints:
        """Rows without a value by window, (w,)."""
        return self.counts[:, -1]

    @property
    def finite(self) -> Ints:
        """Rows with a finite value (numeric) or any value (categorical) by window, (w,)."""
        infinite = self.counts[:, -2] if self.cells.numeric else 0
        return np.asarray(self.counts[:, :-1].sum(axis=1) - infinite)

    @property
    def mean(self) -> Floats:
        """Mean of the finite values by window, in units of the column; nan where there are none, (w,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.cells.center + self.total / self.finite)

    @property
    def sd(self) -> Floats:
        """Standard deviation (ddof 0) of the finite values by window, in units of the column, (w,)."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            variance = self.squares / self.finite - (self.total / self.finite) ** 2
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    def take(self, groups: Sequence[Sequence[int]]) -> ColumnCounts:
        """Add up windows: one window of the result per group of window positions of this one."""
        index = [np.asarray(group, dtype=np.intp) for group in groups]
        return replace(
            self,
            counts=np.array([self.counts[i].sum(axis=0) for i in index], dtype=np.int64).reshape(-1, self.cells.width),
            total=np.array([self.total[i].sum() for i in index]),
            squares=np.array([self.squares[i].sum() for i in index]),
            low=np.array([_reduce(np.fmin, self.low[i]) for i in index]),
            high=np.array([_reduce(np.fmax, self.high[i]) for i in index]),
            new_levels=tuple(_add_levels([self.new_levels[int(j)] for j in i]) for i in index),
        )


def _reduce(function: np.ufunc, values: Floats) -> float:
    return float(function.reduce(values)) if len(values) else float("nan")


def _add_levels(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for level, count in part.items():
            total[level] = total.get(level, 0) + count
    return total


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows in time order: ids, and half-open bounds in UTC as datetime64[us] (NaT where there is no time)."""

    ids: tuple[str, ...]
    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Excluded:
    """Rows that a number does not rest on, and why."""

    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of many columns by window."""

    windows: Windows
    rows: Ints
    columns: Mapping[str, ColumnCounts]
    excluded: tuple[Excluded, ...] = ()

    def __add__(self, other: Profile) -> Profile:
        """Return the profile of the union of two disjoint sets of rows: windows with one id add up."""
        ids = _merged_ids(self.windows, other.windows)
        both = concatenate(self, other)
        where: dict[str, list[int]] = {name: [] for name in ids}
        for position, name in enumerate(both.windows.ids):
            where[name].append(position)
        return both.take(list(where.values()), ids)

    def take(self, groups: Sequence[Sequence[int]], ids: Sequence[str]) -> Profile:
        """Add up windows by groups of positions, under new ids; bounds reach from the first to the last."""
        start, end = self.windows.start, self.windows.end
        windows = Windows(
            tuple(ids),
            np.array([start[list(g)].min() if g else np.datetime64("NaT") for g in groups], dtype="datetime64[us]"),
            np.array([end[list(g)].max() if g else np.datetime64("NaT") for g in groups], dtype="datetime64[us]"),
        )
        rows = np.array([self.rows[list(g)].sum() for g in groups], dtype=np.int64)
        return Profile(windows, rows, {n: c.take(groups) for n, c in self.columns.items()}, self.excluded)

    def whole(self) -> Profile:
        """Return the profile of all windows together, as the one window `whole`."""
        return self.take([range(len(self.windows))], [WHOLE])


def concatenate(first: Profile, second: Profile) -> Profile:
    """Put the windows of two profiles on the same cells one after the other, without adding up."""
    if list(first.columns) != list(second.columns):
        raise ContractError("Profiles of different columns cannot be put together.")
    columns = {name: _concatenate_counts(counts, second.columns[name]) for name, counts in first.columns.items()}
    windows = Windows(
        first.windows.ids + second.windows.ids,
        np.concatenate([first.windows.start, second.windows.start]),
        np.concatenate([first.windows.end, second.windows.end]),
    )
    return Profile(windows, np.concatenate([first.rows, second.rows]), columns, _add_excluded(first.excluded + second.excluded))


def _concatenate_counts(first: ColumnCounts, second: ColumnCounts) -> ColumnCounts:
    if first.cells.labels != second.cells.labels:
        raise ContractError(f"Column '{first.cells.column}' was counted on different cells.")
    arrays = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in ("counts", "total", "squares", "low", "high")}
    return ColumnCounts(cells=first.cells, new_levels=first.new_levels + second.new_levels, **arrays)


def _merged_ids(first: Windows, second: Windows) -> list[str]:
    starts = dict(zip(first.ids + second.ids, np.concatenate([first.start, second.start]), strict=True))
    timeless = all(np.isnat(start) for start in starts.values())
    return sorted(starts) if timeless else sorted(starts, key=lambda name: (starts[name], name))


def _add_excluded(parts: Sequence[Excluded]) -> tuple[Excluded, ...]:
    total: dict[str, int] = {}
    for part in parts:
        total[part.reason] = total.get(part.reason, 0) + part.rows
    return tuple(Excluded(reason, rows) for reason, rows in total.items())
