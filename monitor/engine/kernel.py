"""The kernel of a profile: Arrow record batches of numbers in, counts and moments by window out. It knows no database.

Counts and fixed-point sums are integers, which add up whatever the order and however many threads count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.profile import ABOVE, BELOW, Cells, ColumnCounts, Floats, Ints
from monitor.sums import Sums, add_by_window

ROWS_TO_SORT = 500
"""Rows of a window in a batch from which sorting them is quicker than looking up the cell of each: a sort has no branches to mispredict."""
MOST_ROWS = 2**17
"""Rows that are counted at once: so many fixed-point numbers add up in 64 bits."""


@dataclass(frozen=True, slots=True)
class _Moments:
    """Of the finite values, at window positions `seen` (u,) of a batch: smallest and largest (columns, 2, u), sums of columns (u, 6)."""

    seen: Ints
    extremes: Floats
    sums: list[Sums]

    @classmethod
    def none(cls, columns: int, seen: Ints) -> _Moments:
        """Return what nothing adds up to."""
        return cls(seen, np.full((columns, 2, len(seen)), np.nan), [Sums.none(len(seen), 6) for _ in range(columns)])

    def add(self, part: _Moments) -> None:
        """Add those of a batch."""
        self.extremes[:, 0, part.seen] = np.fmin(self.extremes[:, 0, part.seen], part.extremes[:, 0])
        self.extremes[:, 1, part.seen] = np.fmax(self.extremes[:, 1, part.seen], part.extremes[:, 1])
        for own, more in zip(self.sums, part.sums, strict=True):
            own.top[part.seen] += more.top
            own.high[part.seen] += more.high
            own.low[part.seen] += more.low


def count_numbers(batches: Iterable[pa.RecordBatch], cells: Sequence[Cells], keys: Ints, *, threads: int) -> list[ColumnCounts]:
    """Count columns of numbers on their cells by window.

    Parameters
    ----------
    batches : the window key of each row, then one column of numbers per cells; null and nan are missing.
    keys : (w,) ascending keys of the windows.
    threads : how many batches are counted at a time; so many more are held in memory.
    """
    counts = [np.zeros((len(keys), cell.width), dtype=np.int64) for cell in cells]
    moments = _Moments.none(len(cells), np.arange(len(keys)))
    lock, waiting = Lock(), deque[Future[_Moments]]()
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for batch in _pieces(batches):
            waiting.append(pool.submit(_count_batch, batch, cells, keys, counts, lock))
            if len(waiting) > threads:
                moments.add(waiting.popleft().result())
        while waiting:
            moments.add(waiting.popleft().result())
    return [ColumnCounts.of_numbers(cell, counts[i], moments.sums[i].carried(), *moments.extremes[i]) for i, cell in enumerate(cells)]


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, MOST_ROWS):
            yield batch.slice(start, MOST_ROWS)


def _count_batch(batch: pa.RecordBatch, cells: Sequence[Cells], keys: Ints, counts: Sequence[Ints], lock: Lock) -> _Moments:
    window = np.searchsorted(keys, batch.column(0).to_numpy())
    order = np.argsort(window, kind="stable") if np.any(window[1:] < window[:-1]) else None
    window = window if order is None else window[order]
    first = np.flatnonzero(np.diff(window, prepend=-1))
    count = _by_sorting if len(first) * ROWS_TO_SORT <= len(window) else _by_looking_up
    found, spare = _Moments.none(len(cells), window[first]), np.empty((2, len(window)))
    with np.errstate(over="ignore", invalid="ignore"):
        for i, cell in enumerate(cells):
            values = np.asarray(batch.column(i + 1).to_numpy(zero_copy_only=False), dtype=np.float64)
            values = values if order is None else values[order]
            part = count(values, first, cell, found.extremes[i])
            _add_up(_Values(values, spare, part, cell), first, found, i)
            with lock:
                counts[i][found.seen] += part
    return found


def _by_sorting(values: Floats, first: Ints, cells: Cells, extremes: Floats) -> Ints:
    """Count values (n,) whose windows begin at `first` (u,); write their smallest and largest (2, u)."""
    size, edges = cells.size, cells.edges
    counts = np.zeros((len(first), cells.width), dtype=np.int64)
    for position, part in enumerate(np.split(values, first[1:])):
        ordered = np.sort(part)
        low, high, present = np.searchsorted(ordered, [-np.inf, np.inf, np.nan], side="left")
        low = np.searchsorted(ordered[:high], -np.inf, side="right") if low < high else low
        infinite = present - (high - low)
        finite = ordered[low:high]
        at = np.searchsorted(finite, edges, side="right")
        row = counts[position]
        row[: size - 1], row[size - 1] = at, len(finite)
        row[1:size] -= at
        row[size:] = (low, infinite - low, len(part) - present) if cells.signed else (infinite, len(part) - present)
        if len(finite):
            extremes[:, position] = finite[0], finite[-1]
    return counts


def _by_looking_up(values: Floats, first: Ints, cells: Cells, extremes: Floats) -> Ints:
    """Do the same for windows of few rows each."""
    finite = np.isfinite(values)
    odd = np.where(np.isnan(values), cells.width - 1, cells.size + (cells.signed & (values > 0)))
    cell = np.where(finite, np.searchsorted(cells.edges, values), odd)
    window = np.repeat(np.arange(len(first)), np.diff(first, append=len(values)))
    known = np.where(finite, values, np.nan)
    extremes[0], extremes[1] = np.fmin.reduceat(known, first), np.fmax.reduceat(known, first)
    counts = np.bincount(window * cells.width + cell, minlength=len(first) * cells.width)
    return np.asarray(counts.reshape(len(first), cells.width), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Values:
    """One column of a batch: `values` (n,), room (2, n) for numbers made from them, and how many lie in which of its cells, (u, width)."""

    values: Floats
    spare: Floats
    counts: Ints
    cells: Cells

    @property
    def all_finite(self) -> bool:
        return not self.counts[:, self.cells.size :].any()

    def around(self) -> Floats:
        """Return distances from the center and their squares, (2, n); 0 where there is no finite value."""
        np.subtract(self.values, self.cells.center, out=self.spare[0])
        if not self.all_finite:
            self.spare[0][~np.isfinite(self.values)] = 0.0
        np.square(self.spare[0], out=self.spare[1])
        return self.spare

    def outside(self) -> Iterable[tuple[int, Ints]]:
        """Yield the rows of the below and of the above cell, with the place of their sums, where there are any."""
        edges, counts = self.cells.edges, self.counts
        if self.cells.bounded and counts[:, 0].any():
            yield BELOW, self._rows(self.values <= edges[0])
        if self.cells.bounded and counts[:, self.cells.size - 1].any():
            yield ABOVE, self._rows(self.values > edges[-1])

    def _rows(self, chosen: NDArray[np.bool_]) -> Ints:
        return np.flatnonzero(chosen if self.all_finite else chosen & np.isfinite(self.values))


def _add_up(column: _Values, first: Ints, found: _Moments, place: int) -> None:
    """Add up values and squares around the center: of all finite values, and of those outside everything that the reference had."""
    units, around = column.cells.units, column.around()
    reach = np.nanmax(np.abs(found.extremes[place] - column.cells.center), initial=0.0)
    largest = (float(reach), float(np.square(reach)))
    for at, rows in column.outside():
        window = np.searchsorted(first, rows, side="right") - 1
        starts = np.flatnonzero(np.diff(window, prepend=-1))
        for sort in (0, 1):
            sums = add_by_window(around[sort][rows], starts, float(units[sort]), largest[sort])
            _write(found.sums[place], (window[starts], at + sort), sums)
    for sort in (0, 1):  # last, for the numbers are overwritten
        _write(found.sums[place], (slice(None), sort), add_by_window(around[sort], first, float(units[sort]), largest[sort]))


def _write(into: Sums, place: tuple[Any, int], sums: Sums) -> None:
    into.top[place], into.high[place], into.low[place] = sums.top, sums.high, sums.low
