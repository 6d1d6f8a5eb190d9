"""How far the columns of a row lie from what its other columns let expect, and where a row lies on a map.

No component is kept or left: columns that do not hang together have components of equal variance, whose directions are drawn by chance and
differ from sample to sample, so that a residual outside some of them is worth something else in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.stats.multivariate.encoding import RARE, Encoder
from monitor.stats.multivariate.rows import Floats, Ints

RIDGE = 1e-4
"""What is added to the variance 1 of each column: one that others determine is foretold within a hundredth of its spread, not exactly."""
LEAST_UNFORETOLD = 0.1
"""Squared error of the indicators of a category below which it is taken as that: a level against all expectation (2) counts as a number
that lies 4.5 standard deviations off, however seldom it is."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations between encoded columns: `mean` (d,), `axes` (2 or 1, d) the first principal components, and `off` (d, d), which turns a
    row into what is left of it when each column is foretold by the others, in standard deviations of that."""

    mean: Floats
    axes: Floats
    off: Floats

    def residual(self, z: Floats) -> Floats:
        """Return how far the columns of rows lie from what the others let expect, squared and added up, (n,)."""
        left = (z - self.mean) @ self.off
        return np.asarray(np.einsum("ij,ij->i", left, left))

    def project(self, z: Floats) -> Floats:
        """Return the first two coordinates for a map, (n, 2); 0 where there is only one."""
        found = (z - self.mean) @ self.axes.T
        return np.asarray(np.pad(found, ((0, 0), (0, 2 - found.shape[1]))))


def fit_relations(z: Floats, encoder: Encoder) -> Relations:
    """Learn from encoded rows (n, d) how columns foretell each other, by least squares.

    With P the inverse of the covariance the residual of the dimensions b of one column is P_bb^-1 P_b. (z - mean), its covariance P_bb^-1.
    A number counts in standard deviations of its residual; a category as one column, the squared error of its indicators beside the mean.
    """
    d = z.shape[1]
    mean = z.mean(axis=0)
    covariance = np.cov(z - mean, rowvar=False, ddof=0).reshape(d, d)
    spread = np.sqrt(np.diag(covariance))
    spread = np.where(spread > 0, spread, 1.0)
    precision = np.linalg.inv(covariance / np.outer(spread, spread) + RIDGE * np.eye(d))
    parts = [_residual(precision, at, spread[at] * unit, least) for at, unit, least in _columns(encoder)]
    axes = np.linalg.eigh(covariance)[1].T[::-1][:2]
    return Relations(mean, axes, np.hstack(parts) / spread[:, None])


def _columns(encoder: Encoder) -> Iterator[tuple[Ints, Floats, float]]:
    """Yield the dimensions of each column, what makes indicators of them, and the least mean square that is believed."""
    p = len(encoder.center)
    for i in range(len(encoder.names)):
        levels = encoder.categorical[i - p].share if i >= p else None
        unit = np.ones(1) if levels is None else np.sqrt(np.maximum(levels, RARE))
        yield np.flatnonzero(encoder.owner == i), unit, 0.0 if levels is None else LEAST_UNFORETOLD


def _residual(precision: Floats, at: Ints, unit: Floats, least: float) -> Floats:
    """Return what gives the residual of dimensions `at` in `unit`, divided by the root of its mean square, (d, k)."""
    own = np.linalg.inv(precision[np.ix_(at, at)])
    mean_square = max(float(unit**2 @ np.diag(own)), least)
    return np.asarray(precision[:, at] @ own * unit / np.sqrt(mean_square))
