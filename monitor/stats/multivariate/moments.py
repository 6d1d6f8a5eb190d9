"""Counts, sums and products of encoded rows by window: they add up, and principal components need nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from monitor.stats.multivariate.encoding import BATCH, BatchEncoder, Encoder
from monitor.stats.multivariate.rows import Bools, Floats, Ints, Rows


@dataclass(frozen=True, slots=True)
class Moments:
    """Rows (w,), sums (w, d) and products (w, d, d) of encoded rows by window."""

    rows: Ints
    total: Floats
    products: Floats

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.rows)

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of the union of two disjoint sets of rows with the same windows."""
        return Moments(self.rows + other.rows, self.total + other.total, self.products + other.products)

    def take(self, groups: Sequence[Sequence[int]]) -> Moments:
        """Add up windows: one window of the result per group of positions."""
        index = [np.asarray(group, dtype=np.intp) for group in groups]
        return Moments(
            np.array([self.rows[i].sum() for i in index], dtype=np.int64),
            np.array([self.total[i].sum(axis=0) for i in index]),
            np.array([self.products[i].sum(axis=0) for i in index]),
        )

    def whole(self, keep: Bools | None = None) -> Moments:
        """Return the moments of all windows (or of those under a mask) as one window."""
        return self.take([np.flatnonzero(np.ones(len(self), dtype=bool) if keep is None else keep).tolist()])

    @property
    def mean(self) -> Floats:
        """Mean of each dimension by window, nan where there are no rows, (w, d)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.total / self.rows[:, None])

    @property
    def covariance(self) -> Floats:
        """Covariance (ddof 0) by window, nan where there are no rows, (w, d, d)."""
        return self.about(self.mean)

    def about(self, point: Floats) -> Floats:
        """Mean product of the deviations from a point (d,) or (w, d), by window, (w, d, d)."""
        mean = self.mean
        point = np.broadcast_to(point, mean.shape)
        cross = np.einsum("wi,wj->wij", mean, point)
        with np.errstate(invalid="ignore", divide="ignore"):
            second = self.products / self.rows[:, None, None]
        return np.asarray(second - cross - cross.swapaxes(1, 2) + np.einsum("wi,wj->wij", point, point))


def empty_moments(windows: int, dimensions: int) -> Moments:
    """Return the moments of no rows."""
    shape = (windows, dimensions, dimensions)
    return Moments(np.zeros(windows, dtype=np.int64), np.zeros(shape[:2]), np.zeros(shape))


def moments(rows: Rows, encoder: Encoder) -> Moments:
    """Add up encoded rows by window; one pass, and moments of disjoint sets of rows add up.

    One thread: a batch is too small to share, and threads that wait for each other on busy cores cost 30 times as much.
    """
    result = empty_moments(rows.windows, len(encoder.owner))
    batches = BatchEncoder(encoder, BATCH)
    with threadpool_limits(limits=1, user_api="blas"):
        for window, numeric, categorical in _batches(rows):
            z = batches.encode(numeric, categorical)
            result.rows[window] += len(z)
            result.total[window] += batches.total
            result.products[window] += z.T @ z
    return result


def _batches(rows: Rows) -> Iterator[tuple[int, Floats, Ints]]:
    """Yield (window, numeric, categorical) in pieces of one window each; rows in order of time are not copied."""
    ordered = bool(np.all(rows.window[1:] >= rows.window[:-1]))
    order = None if ordered else np.argsort(rows.window, kind="stable")
    ends = np.cumsum(rows.counts)
    for window, (start, end) in enumerate(zip(ends - rows.counts, ends, strict=True)):
        for low in range(int(start), int(end), BATCH):
            high = min(low + BATCH, int(end))
            index = slice(low, high) if order is None else order[low:high]
            yield window, rows.numeric[index], rows.categorical[index]
