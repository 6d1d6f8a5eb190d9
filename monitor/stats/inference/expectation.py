"""The upper end of any statistic of cells in a window without change, for windows whose rows hang together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.counts.grouping import group_counts

Floats = NDArray[np.float64]

SIMULATIONS = 48
"""Windows simulated of each size: enough for the mean and sd that the upper end is made of, within a tenth."""
SIZES = 3
UPPER = 0.99
FAR = float(special.ndtri(UPPER))
"""Standard deviations from the mean to the upper end of a normal law."""
CELLS = 60
"""Cells that ordered ones are merged to first: a statistic of order hardly changes, and four times as few are simulated."""
LARGE = 50.0
"""Expected count from which its normal approximation is drawn, which is three times as quick."""


@dataclass(frozen=True, slots=True)
class NullWindows:
    """Windows of independent rows without change, simulated once for all methods of a column: SIMULATIONS of each of the sizes `grid`, one
    size after the other; `rows` (w,) independent rows that the windows to judge are worth."""

    grid: Floats
    comparison: Comparison
    rows: Floats

    def upper(self, score: Callable[[Comparison], Floats]) -> Floats:
        """Return the upper end (99 %) of a statistic for each window, (w,)."""
        level = _upper_end(score(self.comparison).reshape(len(self.grid), SIMULATIONS))
        return np.asarray(np.interp(np.log(np.maximum(self.rows, 1.0)), np.log(self.grid), level))


def simulate_null(total: Floats, layout: Layout, rows: Floats, *, phi: Floats, seed: int = 0) -> NullWindows:
    """Simulate windows without change at a few sizes.

    Parameters
    ----------
    total : (k,) counts of the reference; rows : (w,) rows of the windows to judge; phi : (w,) how many times more than independent rows
        they vary: such a window is worth rows / phi independent ones.

    Notes
    -----
    Cells are drawn as independent counts: a multinomial whose total varies a little, at a small part of its cost.
    """
    cells = layout.thinner(total, CELLS)
    merged, thin = layout.merged(cells, total), group_counts(total, cells)[0]
    worth = np.maximum(rows / phi, 1.0)
    grid = np.unique(np.round(np.geomspace(1.0, float(worth.max(initial=1.0)), SIZES))).astype(np.float64)
    generator = np.random.default_rng(seed)
    shares = thin / max(float(thin.sum()), 1.0)
    baseline = np.tile(_counts(generator, thin), (len(grid), 1))
    windows = np.concatenate([_counts(generator, size * shares) for size in grid])
    return NullWindows(grid, Comparison.of_counts(baseline, windows, merged), worth)


def _counts(generator: np.random.Generator, expected: Floats) -> Floats:
    """Draw Poisson counts (s, k)."""
    counts = np.empty((SIMULATIONS, len(expected)))
    large = expected >= LARGE
    normal = generator.standard_normal((SIMULATIONS, int(large.sum())), dtype=np.float32)
    counts[:, large] = np.rint(expected[large] + np.sqrt(expected[large]) * normal)
    counts[:, ~large] = generator.poisson(expected[~large], size=(SIMULATIONS, int((~large).sum())))
    counts[counts.sum(axis=1) == 0, int(np.argmax(expected))] = 1.0  # a window without rows is none
    return counts


def _upper_end(scores: Floats) -> Floats:
    """Return mean and sd of the finite scores (g, s) as one number, (g,); nan where there are none."""
    known = np.isfinite(scores)
    count = known.sum(axis=1)
    some = np.maximum(count, 1)
    mean = np.where(known, scores, 0.0).sum(axis=1) / some
    sd = np.sqrt(np.where(known, (scores - mean[:, None]) ** 2, 0.0).sum(axis=1) / some)
    return np.asarray(np.where(count > 0, mean + FAR * sd, np.nan))
