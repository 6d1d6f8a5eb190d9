"""Cells and profiles: the mergeable counts from which every divergence is answered.

A *cell* is one bin (numeric) or level (categorical) of a column. Counts over cells are integers, so
profiles of disjoint sets of rows add up exactly to the profile of their union.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.cells import CellPlace, Cells, PlaceKind
from monitor.errors import ContractError
from monitor.sums import Sums, concatenate_sums
from monitor.vocabulary import WHOLE

__all__ = ["CellPlace", "Cells", "ColumnCounts", "Excluded", "PlaceKind", "Profile", "Tail", "Windows", "concatenate"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NO_TIME = np.datetime64("NaT")

TOTAL, SQUARES, BELOW, BELOW_SQUARES, ABOVE, ABOVE_SQUARES = range(6)
UNKNOWN = -1
"""What `distinct` and `alone` say where it cannot be known any more."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What lies outside everything that the reference had, on one side, by window: `rows`, their `mean` and `sd` (nan without rows)."""

    rows: Ints
    mean: Floats
    sd: Floats


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """Counts of one column on its cells by window, with what adds up exactly.

    `counts` (w, width) int64; `sums` (w, 6) the fixed-point sums of (x - center) and (x - center)^2 over all finite values, over those in
    the below cell and over those in the above cell; `low` and `high` (w,) the smallest and largest finite value (nan if none).
    Levels, (w,) each: `new_levels` rows of each level that the reference never had (the 100 commonest by name), `unseen` rows of all of
    them, `seen_once` rows at levels that the reference had once. `distinct` (number of levels) and `alone` (rows at levels that no other
    window of this profile has) do not add up: they are UNKNOWN once windows were added up or, `alone`, left out or joined by others.
    `fresh`: rows of the later half of the windows at levels that the earlier half lacks; UNKNOWN once windows were joined by others.
    """

    cells: Cells
    counts: Ints
    sums: Sums
    low: Floats
    high: Floats
    new_levels: tuple[Mapping[str, int], ...]
    unseen: Ints
    seen_once: Ints
    distinct: Ints
    alone: Ints
    fresh: Ints

    def __post_init__(self) -> None:
        """Check the shapes."""
        lengths = {len(getattr(self, name)) for name in ("counts", "sums", "new_levels", *_BY_WINDOW)}
        if self.counts.shape[1] != self.cells.width or len(lengths) != 1:
            raise ContractError(f"Counts of column '{self.cells.column}' do not fit its cells: {self.counts.shape}.")

    @classmethod
    def of_numbers(cls, cells: Cells, counts: Ints, sums: Sums, low: Floats, high: Floats) -> ColumnCounts:
        """Return the counts of a numeric column."""
        none, unknown = np.zeros(len(counts), dtype=np.int64), np.full(len(counts), UNKNOWN)
        return cls(cells, counts, sums, low, high, ({},) * len(counts), none, none, unknown, unknown, unknown)

    @classmethod
    def of_levels(  # noqa: PLR0913 - each is a count of its own
        cls,
        cells: Cells,
        counts: Ints,
        *,
        new_levels: Sequence[Mapping[str, int]] | None = None,
        unseen: Ints | None = None,
        seen_once: Ints | None = None,
        distinct: Ints | None = None,
        alone: Ints | None = None,
        fresh: Ints | None = None,
    ) -> ColumnCounts:
        """Return the counts of a categorical column; what is not known of its levels is none, or UNKNOWN."""
        windows = len(counts)
        new = ({},) * windows if new_levels is None else tuple(new_levels)
        rows = np.array([sum(one.values()) for one in new], dtype=np.int64) if unseen is None else unseen
        none, unknown, nan = np.zeros(windows, dtype=np.int64), np.full(windows, UNKNOWN), np.full(windows, np.nan)
        once = none if seen_once is None else seen_once
        kept, own, late = (unknown if one is None else one for one in (distinct, alone, fresh))
        return cls(cells, counts, Sums.none(windows, 6), nan, nan, new, rows, once, kept, own, late)

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
        return np.asarray(self.counts[:, : self.cells.size if self.cells.numeric else -1].sum(axis=1))

    @property
    def infinite(self) -> Ints:
        """Rows with an infinite value by window, of either sign (none of levels), (w,)."""
        return np.asarray(self.counts[:, self.cells.size : -1 if self.cells.numeric else self.cells.size].sum(axis=1))

    @property
    def total(self) -> Floats:
        """Sum of (x - center) over the finite values by window, (w,)."""
        return self.sums.values(self.cells.units)[:, TOTAL]

    @property
    def squares(self) -> Floats:
        """Sum of (x - center)^2 over the finite values by window, (w,)."""
        return self.sums.values(self.cells.units)[:, SQUARES]

    @property
    def mean(self) -> Floats:
        """Mean of the finite values by window, in units of the column; nan where there are none, (w,)."""
        return np.where(self.low == self.high, self.low, self._moments(self.finite, TOTAL).mean)

    @property
    def sd(self) -> Floats:
        """Standard deviation (ddof 0) of the finite values by window, in units of the column, (w,)."""
        return np.where(self.low == self.high, 0.0, self._moments(self.finite, TOTAL).sd)

    @property
    def below(self) -> Tail:
        """What lies below the smallest value of the reference."""
        return self._moments(self.counts[:, 0], BELOW) if self.cells.bounded else self._no_tail()

    @property
    def above(self) -> Tail:
        """What lies above the largest value of the reference."""
        return self._moments(self.counts[:, self.cells.size - 1], ABOVE) if self.cells.bounded else self._no_tail()

    def _no_tail(self) -> Tail:
        nan = np.full(len(self.counts), np.nan)
        return Tail(np.zeros(len(self.counts), dtype=np.int64), nan, nan)

    def _moments(self, rows: Ints, first: int) -> Tail:
        sums = self.sums.values(self.cells.units)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            around = sums[:, first] / rows
            variance = sums[:, first + 1] / rows - around**2
        return Tail(rows, np.asarray(self.cells.center + around), np.asarray(np.sqrt(np.maximum(variance, 0.0))))

    def take(self, groups: Sequence[Sequence[int]]) -> ColumnCounts:
        """Add up windows: one window of the result per group of window positions of this one."""
        index = [np.asarray(group, dtype=np.intp) for group in groups]
        apart = all(len(group) == 1 for group in index)
        every = apart and sorted(int(group[0]) for group in index) == list(range(len(self.counts)))
        order = np.concatenate(index) if index else np.zeros(0, dtype=np.intp)
        unknown = np.full(len(index), UNKNOWN)
        return replace(
            self,
            counts=np.array([self.counts[i].sum(axis=0) for i in index], dtype=np.int64).reshape(-1, self.cells.width),
            sums=self.sums.take(index),
            low=np.array([_reduce(np.fmin, self.low[i]) for i in index]),
            high=np.array([_reduce(np.fmax, self.high[i]) for i in index]),
            new_levels=tuple(_add_levels([self.new_levels[int(j)] for j in i]) for i in index),
            unseen=np.array([self.unseen[i].sum() for i in index], dtype=np.int64),
            seen_once=np.array([self.seen_once[i].sum() for i in index], dtype=np.int64),
            distinct=self.distinct[order] if apart else unknown,
            alone=self.alone[order] if every else unknown,
            fresh=np.array([UNKNOWN if (self.fresh[i] == UNKNOWN).any() else self.fresh[i].sum() for i in index], dtype=np.int64),
        )

    def followed_by(self, later: ColumnCounts) -> ColumnCounts:
        """Put the windows of other counts on the same cells after these, without adding up."""
        if not self.cells.matches(later.cells):
            raise ContractError(f"Column '{self.cells.column}' was counted on different cells.")
        arrays = {name: np.concatenate([getattr(self, name), getattr(later, name)]) for name in ("counts", *_BY_WINDOW)}
        arrays |= {name: np.full(len(arrays["counts"]), UNKNOWN) for name in ("alone", "fresh")}
        sums = concatenate_sums((self.sums, later.sums))
        return ColumnCounts(cells=self.cells, new_levels=self.new_levels + later.new_levels, sums=sums, **arrays)


_BY_WINDOW = ("low", "high", "unseen", "seen_once", "distinct", "alone", "fresh")


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
    """Windows in time order: ids, and half-open bounds in UTC as datetime64[us] (NaT where there is no time); no row lies before `first`,
    which may be later than the window begins that holds it (NaT: not known)."""

    ids: tuple[str, ...]
    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    first: np.datetime64 = NO_TIME

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.ids)

    def begun(self, position: int) -> np.datetime64:
        """Return from when on a window can have rows: its start, or the first row of all where that is later.

        >>> march = np.array(["2025-02-24", "2025-03-03"], dtype="datetime64[us]")
        >>> weeks = Windows(("2025-W09", "2025-W10"), march, march + np.timedelta64(7, "D"), np.datetime64("2025-03-01", "us"))
        >>> [str(weeks.begun(at))[:10] for at in (0, 1)]
        ['2025-03-01', '2025-03-03']
        """
        start = self.start[position]
        return start if np.isnat(self.first) or np.isnat(start) else max(start, self.first)


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
            self.windows.first,
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
    columns = {name: counts.followed_by(second.columns[name]) for name, counts in first.columns.items()}
    windows = Windows(
        first.windows.ids + second.windows.ids,
        np.concatenate([first.windows.start, second.windows.start]),
        np.concatenate([first.windows.end, second.windows.end]),
        np.minimum(first.windows.first, second.windows.first),  # NaT where either is not known
    )
    return Profile(windows, np.concatenate([first.rows, second.rows]), columns, _add_excluded(first.excluded + second.excluded))


def _merged_ids(first: Windows, second: Windows) -> list[str]:
    starts = dict(zip(first.ids + second.ids, np.concatenate([first.start, second.start]), strict=True))
    timeless = all(np.isnat(start) for start in starts.values())
    return sorted(starts) if timeless else sorted(starts, key=lambda name: (starts[name], name))


def _add_excluded(parts: Sequence[Excluded]) -> tuple[Excluded, ...]:
    total: dict[str, int] = {}
    for part in parts:
        total[part.reason] = total.get(part.reason, 0) + part.rows
    return tuple(Excluded(reason, rows) for reason, rows in total.items())
