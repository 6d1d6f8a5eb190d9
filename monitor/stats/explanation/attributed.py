"""Attributions of a sample of rows by window: means, importances, and how far chance in the sample may have moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.stats.performance.labelled import Labelled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST = 10
"""Rows of a window from which they are made to agree with all of its rows."""
LEAST = 0.2
"""What a row counts for at least."""


def sum_groups(values: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """Add up the attributions of columns that one original column became (its dummies), row by row: (n, e) -> (n, g).

    The importance of the original is the mean of the absolute sums, never the sum of absolute means (shap#679).

    >>> sum_groups(np.array([[0.3, -0.1], [-0.2, 0.2]]), [[0, 1]]).ravel().round(9).tolist()
    [0.2, 0.0]
    """
    return np.column_stack([values[:, list(group)].sum(axis=1) for group in groups]) if groups else values[:, :0]


@dataclass(frozen=True, slots=True)
class Means:
    """Means of columns with their sampling variances: one side as a whole (d,), or by window (w, d)."""

    value: Floats
    variance: Floats


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class Attributed:
    """Attributions of sampled rows of one side.

    Parameters
    ----------
    values : (n, d) in the unit of `raw`.
    raw : (n,) what the model said.
    window : (n,) position of the window of each row; `held` (w,) are the rows that each window really holds.
    block : (n,) stretch of time that neighbours share.
    count : (n,) what each row counts for within its window (see `tilt`); None: all the same.
    """

    values: Floats
    raw: Floats
    window: Ints
    held: Ints
    block: Ints
    count: Floats | None = None

    @property
    def windows(self) -> int:
        """Number of windows."""
        return len(self.held)

    @cached_property
    def n(self) -> Ints:
        """Sampled rows of each window, (w,)."""
        return np.bincount(self.window, minlength=self.windows)

    @cached_property
    def _share(self) -> Floats:
        """Part of its window that each row counts for, (n,): they add up to 1 in each."""
        count = np.ones(len(self.window)) if self.count is None else self.count
        return np.asarray(count / np.bincount(self.window, count, self.windows)[self.window])

    @cached_property
    def weight(self) -> Floats:
        """Rows that each sampled row stands for, (n,)."""
        return np.asarray(self.held[self.window] * self._share)

    def by_window(self, *, absolute: bool = False) -> Means:
        """Return the mean attribution (or the mean of its size) by window, (w, d); nan in a window without rows."""
        values = np.abs(self.values) if absolute else self.values
        mean = np.where((self.n > 0)[:, None], _by(self.window, values * self._share[:, None], self.windows), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            away = (values - np.nan_to_num(mean)[self.window]) ** 2
            spread = _by(self.window, away, self.windows) / np.maximum(self.n - 1, 1)[:, None] / self.n[:, None]
        known = (self.n > 1)[:, None]
        return Means(mean, np.where(known, spread * self._together(values), np.nan))

    def pooled(self, kept: Bools | None = None, *, absolute: bool = False) -> Means:
        """Return the mean over all rows of the side, (d,), each window by the rows that it holds; of the windows `kept` (w,) only."""
        values = np.abs(self.values) if absolute else self.values
        rows = np.ones(len(self.window), dtype=bool) if kept is None else np.asarray(kept)[self.window]
        weight = np.where(rows, self.weight, 0.0)
        total = max(float(weight.sum()), 1e-300)
        mean = weight @ values / total
        influence = (values - mean) * (weight / total)[:, None]
        place = np.unique(self.block, return_inverse=True)[1]
        blocks = _by(place, influence, int(place.max(initial=-1)) + 1)
        used = max(len(np.unique(place[rows])), 1)
        return Means(mean, np.maximum((blocks**2).sum(axis=0) * used / max(used - 1, 1), (influence**2).sum(axis=0)))

    def mean_raw(self, kept: Bools | None = None) -> float:
        """Return what the model said on average, each window by the rows that it holds."""
        weight = np.where(np.ones(len(self.window), dtype=bool) if kept is None else np.asarray(kept)[self.window], self.weight, 0.0)
        return float(weight @ self.raw / weight.sum()) if weight.sum() > 0 else float("nan")

    def _together(self, values: Floats) -> Floats:
        """Return how much more means vary because rows of one stretch of time hang together, (d,), at least 1."""
        mean = _by(self.window, values, self.windows) / np.maximum(self.n, 1)[:, None]
        away = values - mean[self.window]
        rows = Labelled(np.zeros(len(self.window), dtype=np.int64), 1, self.block)
        alone = np.maximum((away**2).sum(axis=0), 1e-300)
        together = np.array([float(rows.variance(column)[0]) for column in away.T]) if len(away) else alone
        return np.asarray(np.maximum(together / alone, 1.0))


def _by(place: Ints, values: Floats, many: int) -> Floats:
    """Add up rows (n, d) by place, (many, d)."""
    columns = [np.bincount(place, column, many) for column in values.T]
    return np.asarray(np.array(columns, dtype=float).reshape(values.shape[1], many).T)


def signs(values: Floats, ordered: Floats) -> Floats:
    """Return the rank correlation of each column's values (n, d; nan missing) with its attributions (n, d), in [-1, 1].

    nan where either is constant.
    """
    found = np.full(values.shape[1], np.nan)
    for j in range(values.shape[1]):
        known = np.isfinite(ordered[:, j])
        x, y = ordered[known, j], values[known, j]
        if len(x) > 2 and np.ptp(x) > 0 and np.ptp(y) > 0:
            found[j] = float(np.corrcoef(_ranked(x), _ranked(y))[0, 1])
    return found


def _ranked(x: Floats) -> Floats:
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(middle[place], dtype=float)


def tilt(logged: Floats, window: Ints, target: Floats) -> Floats:
    """Return what sampled rows count for, (n,), so that the mean of what was logged (n,) is the one of all rows of each window, (w,).

    A regression estimator (Deville and Särndal 1992): counts are 1 on average and a little more on the side that the sample has too few of,
    at least LEAST; rows without a logged value count as 1. What goes along with the logged value is estimated the better for it.
    """
    known = np.isfinite(logged)
    many = np.bincount(window[known], minlength=len(target))
    kept = np.where(known, logged, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(window, kept, len(target)) / many
        away = np.where(known, kept - np.nan_to_num(mean)[window], 0.0)
        slope = (target - mean) / (np.bincount(window, away**2, len(target)) / many)
    slope = np.where((many >= FEWEST) & np.isfinite(slope), slope, 0.0)
    farthest = np.zeros(len(target))
    np.maximum.at(farthest, window, -slope[window] * away)
    slope = slope * np.minimum(1.0, (1 - LEAST) / np.maximum(farthest, 1e-300))
    return np.asarray(1 + slope[window] * away)
