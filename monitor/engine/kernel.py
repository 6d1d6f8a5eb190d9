"""The kernel of a profile: Arrow record batches of numbers in, counts and moments by window out. It knows no database.

Counts add up whatever the order; sums are added batch by batch in the order of the batches, so that they are the same however many
threads count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pyarrow as pa

from monitor.profile import Cells, ColumnCounts, Floats, Ints

ROWS_TO_SORT = 500
"""Rows of a window in a batch from which sorting them is quicker than looking up the cell of each: a sort has no branches to mispredict."""


@dataclass(frozen=True, slots=True)
class _Moments:
    """Sums, sums of squares, smallest and largest of the finite values, (4, columns, windows of the batch), at window positions `seen`."""

    seen: Ints
    values: Floats


def count_numbers(batches: Iterable[pa.RecordBatch], cells: Sequence[Cells], keys: Ints, *, threads: int) -> list[ColumnCounts]:
    """Count columns of numbers on their cells by window.

    Parameters
    ----------
    batches : the window key of each row, then one column of numbers per cells; null and nan are missing, infinities are `other`.
    keys : (w,) ascending keys of the windows.
    threads : how many batches are counted at a time; so many more are held in memory.
    """
    counts = [np.zeros((len(keys), cell.width), dtype=np.int64) for cell in cells]
    moments = _nothing(len(cells), len(keys))
    lock, waiting = Lock(), deque[Future[_Moments]]()
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for batch in batches:
            waiting.append(pool.submit(_count_batch, batch, cells, keys, counts, lock))
            if len(waiting) > threads:
                _add(moments, waiting.popleft().result())
        while waiting:
            _add(moments, waiting.popleft().result())
    return [
        ColumnCounts(cell, counts[i], moments[0, i], moments[1, i], moments[2, i], moments[3, i], ({},) * len(keys))
        for i, cell in enumerate(cells)
    ]


def _nothing(columns: int, windows: int) -> Floats:
    moments = np.zeros((4, columns, windows))
    moments[2:] = np.nan
    return moments


def _add(moments: Floats, part: _Moments) -> None:
    moments[:2, :, part.seen] += part.values[:2]
    moments[2, :, part.seen] = np.fmin(moments[2, :, part.seen], part.values[2].T)
    moments[3, :, part.seen] = np.fmax(moments[3, :, part.seen], part.values[3].T)


def _count_batch(batch: pa.RecordBatch, cells: Sequence[Cells], keys: Ints, counts: Sequence[Ints], lock: Lock) -> _Moments:
    window = np.searchsorted(keys, batch.column(0).to_numpy())
    order = np.argsort(window, kind="stable") if np.any(window[1:] < window[:-1]) else None
    window = window if order is None else window[order]
    first = np.flatnonzero(np.diff(window, prepend=-1))
    count = _by_sorting if len(first) * ROWS_TO_SORT <= len(window) else _by_looking_up
    found = _Moments(window[first], _nothing(len(cells), len(first)))
    with np.errstate(over="ignore", invalid="ignore"):
        for i, cell in enumerate(cells):
            values = np.asarray(batch.column(i + 1).to_numpy(zero_copy_only=False), dtype=np.float64)
            part = count(values if order is None else values[order], first, cell, found.values[:, i])
            with lock:
                counts[i][found.seen] += part
    return found


def _by_sorting(values: Floats, first: Ints, cells: Cells, moments: Floats) -> Ints:
    """Count values (n,) whose windows begin at `first` (u,); write their moments (4, u)."""
    counts = np.zeros((len(first), cells.width), dtype=np.int64)
    for position, part in enumerate(np.split(values, first[1:])):
        ordered = np.sort(part)
        low, high, present = np.searchsorted(ordered, [-np.inf, np.inf, np.nan], side="left")
        low = np.searchsorted(ordered[:high], -np.inf, side="right") if low < high else low
        finite = ordered[low:high]
        at = np.searchsorted(finite, cells.edges, side="right")
        counts[position, : cells.size] = np.diff(at, prepend=0, append=len(finite))
        counts[position, cells.size :] = present - len(finite), len(part) - present
        if len(finite):
            around = finite - cells.center
            moments[:, position] = around.sum(), np.square(around).sum(), finite[0], finite[-1]
    return counts


def _by_looking_up(values: Floats, first: Ints, cells: Cells, moments: Floats) -> Ints:
    """Do the same for windows of few rows each."""
    finite = np.isfinite(values)
    cell = np.where(finite, np.searchsorted(cells.edges, values), np.where(np.isnan(values), cells.size + 1, cells.size))
    window = np.repeat(np.arange(len(first)), np.diff(first, append=len(values)))
    around, known = np.where(finite, values - cells.center, 0.0), np.where(finite, values, np.nan)
    moments[0], moments[1] = np.add.reduceat(around, first), np.add.reduceat(np.square(around), first)
    moments[2], moments[3] = np.fmin.reduceat(known, first), np.fmax.reduceat(known, first)
    counts = np.bincount(window * cells.width + cell, minlength=len(first) * cells.width)
    return np.asarray(counts.reshape(len(first), cells.width), dtype=np.int64)
