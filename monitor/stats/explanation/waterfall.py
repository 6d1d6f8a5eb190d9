"""Why did the mean of what a model says move? Its change in parts of columns, and of levels of a column, that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.explanation.attributed import Attributed, Means
from monitor.stats.inference.intervals import Z

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The change of a mean from `before` to `after`: `contributions` (d,) of columns with 95 % intervals, and the `residual` that they do
    not add up to (0 where attributions add up)."""

    before: float
    after: float
    contributions: Floats
    lower: Floats
    upper: Floats

    @property
    def change(self) -> float:
        """How far the mean moved."""
        return self.after - self.before

    @property
    def residual(self) -> float:
        """What of the change columns do not explain."""
        return float(self.change - self.contributions.sum())


def waterfall(reference: Attributed, production: Attributed, kept: Bools | None = None) -> Waterfall:
    """Split the change of the mean raw prediction: mean attribution in production less that in the reference, by column.

    Exact for attributions that add up to the prediction less a base that both sides share (one background): the base cancels.

    Parameters
    ----------
    kept : (w,) windows of production that are meant; None: all.
    """
    found = contribution(reference.pooled(), production.pooled(kept))
    half = Z * np.sqrt(found.variance)
    before, after = reference.mean_raw(), production.mean_raw(kept)
    return Waterfall(before, after, found.value, found.value - half, found.value + half)


def contribution(before: Means, after: Means) -> Means:
    """Return what columns add to the change of the mean, (d,) or (w, d)."""
    return Means(after.value - before.value, after.variance + before.variance)


def by_level(reference: Attributed, production: Attributed, codes: tuple[Ints, Ints], levels: int, kept: Bools | None = None) -> Floats:
    """Split the contributions further by the levels of a segment column: (levels, d), whose columns add up to the contributions.

    Parameters
    ----------
    codes : level of each sampled row, of the reference (n,) and of production (m,).

    Notes
    -----
    A level's part is its share of rows times its mean attribution, now less before: it holds that there are more such rows as well as that
    they are otherwise.
    """
    parts = []
    for side, code, only in ((reference, codes[0], None), (production, codes[1], kept)):
        weight = side.weight if only is None else np.where(np.asarray(only)[side.window], side.weight, 0.0)
        share = weight / max(float(weight.sum()), 1e-300)
        parts.append(np.array([np.bincount(code, share * column, levels) for column in side.values.T]).reshape(-1, levels).T)
    return np.asarray(parts[1] - parts[0])
