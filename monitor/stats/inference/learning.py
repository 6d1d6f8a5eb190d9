"""What all series of a screen say together of how windows vary without change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.noise import STEP, Grid, Noise, hidden_steps, learn, likelihood, modest, weigh, wider
from monitor.stats.inference.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def usual_effect(panel: Panel, noise: Noise) -> Floats:
    """Return the variance of the effect of a usual judged window of each series, (s,)."""
    if not panel.windows:
        return noise.tau2
    return np.asarray(noise.posterior @ noise.grid.mean_variance(np.array([float(panel.span.mean())]))[:, 0])


def learned(panel: Panel, grid: Grid) -> tuple[Noise, Floats]:
    """Return what is known of each series, and how common each point of the grid is over all of them, (g,)."""
    r = panel.reference
    wide = wider(grid, hidden_steps(r))
    found = likelihood(panel.x[:, :r], panel.variance[:, :r], wide)
    told = (np.isfinite(panel.variance[:, :r]).sum(axis=1) >= 2).astype(float)
    share = modest(learn(found.log[:, : grid.size], told, grid, _smaller(panel)), wide, r)
    counted = told if told.any() else np.ones(len(told))
    return weigh(found, share, wide), counted @ share / max(float(counted.sum()), 1.0)


def _smaller(panel: Panel) -> Ints:
    """Return how many steps of the grid smaller an effect shows in each series than where it shows most, (s,).

    An effect of s standard deviations of rows, or of s on the log-odds of a share p, moves a mean of n rows by s sqrt(n), and a share by
    s sqrt(n p (1 - p)), sampling standard deviations.
    """
    if panel.traits is None or not len(panel.x):
        return np.zeros(len(panel.x), dtype=np.int64)
    share = panel.traits.share
    shows = np.sqrt(np.maximum(panel.traits.rows, 1.0) * np.where(np.isfinite(share), share * (1 - share), 1.0))
    return np.asarray(np.rint(np.log(shows.max() / shows) / np.log(STEP)), dtype=np.int64)
