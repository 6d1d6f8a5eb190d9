"""Panels of series drawn from a law that is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.panel import Panel

Floats = NDArray[np.float64]


def effects(rng: np.random.Generator, series: int, windows: int, *, tau: float = 0.0, rho: float = 0.0) -> Floats:
    """Draw stationary AR(1) effects, (s, t)."""
    z = rng.standard_normal((series, windows))
    found = z.copy()
    for t in range(1, windows):
        found[:, t] = rho * found[:, t - 1] + np.sqrt(1 - rho**2) * z[:, t]
    return np.asarray(tau * found)


def panel(
    rng: np.random.Generator, series: int = 12, *, reference: int = 20, windows: int = 10, tau: float = 0.0, rho: float = 0.0
) -> Panel:
    """Draw series of sampling variance 1 with effects of windows."""
    x = effects(rng, series, reference + windows, tau=tau, rho=rho) + rng.standard_normal((series, reference + windows))
    return Panel(x, np.ones_like(x), reference, np.ones(windows))
