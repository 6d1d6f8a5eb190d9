"""How heavy the tails of the effects of windows are: the excess kurtosis of series, alone and beside all others of a screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.noise import Noise, spreads
from monitor.stats.inference.panel import Panel

Floats = NDArray[np.float64]

KURTOSIS_WINDOWS = 20.0
"""Reference windows that the screen's mean kurtosis is worth beside a series' own."""


def standardised(panel: Panel, noise: Noise, windows: slice) -> tuple[Floats, Floats]:
    """Return windows in standard deviations of a single one, (s, t), nan where they say nothing, and that standard deviation."""
    variance = panel.variance[:, windows]
    seen = np.isfinite(variance)
    sd = np.sqrt(noise.tau2[:, None] + np.where(seen, variance, 1.0))
    return np.where(seen, (panel.x[:, windows] - noise.mu[:, None]) / sd, np.nan), sd


def effect_kurtosis(panel: Panel, noise: Noise) -> Floats:
    """Return the excess kurtosis of the effects of each series, (s,), shrunk to the screen's; 0 where effects hardly show."""
    r = panel.reference
    z, _ = standardised(panel, noise, slice(0, r))
    count = np.isfinite(z).sum(axis=1)
    enough = count >= 4
    own = np.zeros(len(z))
    varied = enough & (spreads(z) > 1e-9)
    if varied.any():
        own[varied] = excess_kurtosis(z[varied])
    part = noise.tau2 / (noise.tau2 + 1.0)
    usual = float(np.average(own[enough], weights=part[enough] + 1e-9)) if enough.any() else 0.0
    shrunk = (count * own + KURTOSIS_WINDOWS * usual) / (count + KURTOSIS_WINDOWS)
    return np.where(part > 0.5, shrunk / np.maximum(part, 0.5) ** 2, 0.0)


def excess_kurtosis(x: Floats) -> Floats:
    """Return the excess kurtosis G2 of each series (s, t) of at least four numbers that differ, nan left out.

    (n - 1) / ((n - 2) (n - 3)) ((n + 1) m4 / m2^2 - 3 (n - 1)): as scipy.stats.kurtosis(bias=False), which takes a quarter of a second to
    import. Source: Joanes and Gill (1998), The Statistician 47.

    >>> excess_kurtosis(np.array([[1.0, 2.0, 3.0, 4.0, np.nan]])).round(12).tolist()
    [-1.2]
    """
    known = np.isfinite(x)
    n = known.sum(axis=1)
    away = np.where(known, x, 0.0)
    away = np.where(known, away - away.sum(axis=1, keepdims=True) / n[:, None], 0.0)
    m2, m4 = (away**2).sum(axis=1) / n, (away**4).sum(axis=1) / n
    return np.asarray(1.0 / (n - 2) / (n - 3) * ((n**2 - 1.0) * m4 / m2**2 - 3 * (n - 1.0) ** 2))
