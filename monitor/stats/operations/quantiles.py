"""Quantiles of positive values from counts in logarithmic buckets: they add up, no quantile is 1 % off (Masson et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.intervals import Z

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALPHA = 0.01
"""Relative error of a quantile at most."""
GAMMA = (1 + ALPHA) / (1 - ALPHA)
NOT_POSITIVE = -100_000
"""Bucket of 0 and less: they have no logarithm, and count as 0."""


def buckets(values: Floats) -> Ints:
    """Return the bucket of each value (n,): ceil(ln x / ln gamma); NOT_POSITIVE for 0 and less.

    Examples
    --------
    >>> buckets(np.array([1.0, 10.0, 42.0, 100.0, 1000.0, 0.0])).tolist()
    [0, 116, 187, 231, 346, -100000]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.ceil(np.log(values) / np.log(GAMMA))
    return np.where(values > 0, place, NOT_POSITIVE).astype(np.int64)


def bucket_values(bucket: Ints) -> Floats:
    """Return the value that stands for each bucket: 2 gamma^b / (gamma + 1), 0 for NOT_POSITIVE.

    Examples
    --------
    >>> bucket_values(np.array([116, 187])).round(7).tolist()
    [10.0746967, 41.6822066]
    """
    return np.where(bucket == NOT_POSITIVE, 0.0, 2 * np.power(GAMMA, np.maximum(bucket, -5_000).astype(float)) / (GAMMA + 1))


@dataclass(frozen=True, slots=True)
class BucketCounts:
    """Values of windows as counts: `count` (w, b) rows of each of the ascending `bucket` (b,)."""

    bucket: Ints
    count: Ints

    @classmethod
    def of(cls, values: Floats, window: Ints, windows: int) -> BucketCounts:
        """Count values (n,) by window (n,) of so many `windows`; values that are not finite do not count."""
        known = np.isfinite(values) & (window >= 0)
        bucket, place = np.unique(buckets(values[known]), return_inverse=True)
        flat = np.bincount(window[known] * max(len(bucket), 1) + place, minlength=windows * max(len(bucket), 1))
        return cls(bucket, flat.reshape(windows, -1)[:, : len(bucket)].astype(np.int64))

    def __add__(self, other: BucketCounts) -> BucketCounts:
        """Return the counts of both sets of rows together, window by window."""
        bucket = np.union1d(self.bucket, other.bucket)
        count = np.zeros((len(self.count), len(bucket)), dtype=np.int64)
        for one in (self, other):
            count[:, np.searchsorted(bucket, one.bucket)] += one.count
        return BucketCounts(bucket, count)

    def together(self, kept: NDArray[np.bool_]) -> BucketCounts:
        """Return the counts of all windows that are `kept` (w,) as those of one."""
        return BucketCounts(self.bucket, self.count[kept].sum(axis=0, keepdims=True))

    @property
    def rows(self) -> Ints:
        """Rows of each window, (w,)."""
        return np.asarray(self.count.sum(axis=1))

    def quantile(self, q: float) -> Floats:
        """Return the q-quantile (the value of rank ceil(q n)) of each window, (w,); nan where it has no row."""
        return self._at(np.ceil(q * self.rows))

    def interval(self, q: float, effect: float = 1.0) -> tuple[Floats, Floats]:
        """Return a 95 % interval of the q-quantile of each window, (w,) each, from the normal law of the rank of what lies below it.

        Parameters
        ----------
        effect : how many rows that hang together count as one (design effect).
        """
        n = self.rows.astype(float)
        half = Z * np.sqrt(n * q * (1 - q) * effect)
        return self._at(np.floor(q * n - half)), self._at(np.ceil(q * n + half) + 1)

    def _at(self, rank: Floats) -> Floats:
        n = self.rows
        if not len(self.bucket):
            return np.full(len(n), np.nan)
        below = np.cumsum(self.count, axis=1)
        wanted = np.clip(rank, 1, np.maximum(n, 1))
        place = np.minimum((below < wanted[:, None]).sum(axis=1), len(self.bucket) - 1)
        return np.where(n > 0, bucket_values(self.bucket[place]), np.nan)
