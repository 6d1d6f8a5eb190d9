"""How windows differ without any change: effects shared by the rows of a window, stationary across reference and production."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Floats = NDArray[np.float64]
MINORITY = 3
"""One column in so many has the effects of a "minority" law."""


@dataclass(frozen=True)
class Noise:
    """Effects of windows in standard deviations of rows (log-odds for levels and missing shares).

    `sd` and `rho`: day effects, AR(1); `df`: of Student's t that they follow (0: normal); `clusters`: parts of a window with effects of
    their own of standard deviation `cluster_sd`; `weekday`: standard deviation of a fixed pattern of seven windows; `minority`: only a
    third of the columns has any of this.
    """

    name: str
    sd: float = 0.0
    rho: float = 0.0
    df: int = 0
    clusters: int = 1
    cluster_sd: float = 0.0
    weekday: float = 0.0
    minority: bool = False

    @property
    def without_weekday(self) -> Noise:
        """The same law with the pattern of weekdays taken out."""
        return replace(self, weekday=0.0)

    def paths(self, rng: np.random.Generator, count: int, windows: int) -> Floats:
        """Draw effects of `count` series, (count, windows, clusters)."""
        total = np.zeros((count, windows, self.clusters))
        if self.sd:
            total += self.sd * self._days(rng, count, windows)[:, :, None]
        if self.cluster_sd:
            total += self.cluster_sd * rng.standard_normal(total.shape)
        if self.weekday:
            pattern = rng.standard_normal((count, 7))
            pattern -= pattern.mean(axis=1, keepdims=True)
            pattern *= self.weekday / pattern.std(axis=1, keepdims=True)
            total += pattern[:, np.arange(windows) % 7, None]
        return total

    def _days(self, rng: np.random.Generator, count: int, windows: int) -> Floats:
        steps = self._draw(rng, (count, windows))
        if not self.rho:
            return steps
        steps[:, 1:] *= np.sqrt(1 - self.rho**2)
        return np.asarray(signal.lfilter([1.0], [1.0, -self.rho], steps, axis=1))

    def _draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Floats:
        if not self.df:
            return rng.standard_normal(size)
        return np.asarray(rng.standard_t(self.df, size) * np.sqrt((self.df - 2) / self.df))

    def screen(self, rng: np.random.Generator, columns: int, windows: int) -> Floats:
        """Draw effects of the columns of one screen, on their values and on their missing shares, (2, columns, windows, clusters)."""
        drawn = self.paths(rng, 2 * columns, windows).reshape(2, columns, windows, self.clusters)
        if self.minority:
            drawn[:, rng.permutation(columns)[columns // MINORITY :]] = 0.0
        return drawn


INDEPENDENT = Noise("independent rows")
NOISES: tuple[Noise, ...] = (
    INDEPENDENT,
    Noise("hour clusters .5", clusters=24, cluster_sd=0.5),
    *(Noise(f"day effects {sd:.2f}, AR(1) {rho:.1f}", sd=sd, rho=rho) for sd in (0.15, 0.5) for rho in (0.0, 0.6, 0.9)),
    Noise("weekdays .3", weekday=0.3),
    Noise("weekdays .3, day effects .15, AR(1) .6", sd=0.15, rho=0.6, weekday=0.3),
    Noise("a third of columns .5, AR(1) .9", sd=0.5, rho=0.9, minority=True),
    Noise("day effects .3, t with 4 df", sd=0.3, df=4),
)
BY_NAME = {noise.name: noise for noise in NOISES}
