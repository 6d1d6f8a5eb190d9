"""What columns hold: the law of a row in a window whose location (or log-odds of levels) is shifted by the window's effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

REACH = 12.0
"""sinh(12) = 81,000: as far, in standard units, as the table of quantiles of a latent law goes."""
FAR = 12.0
"""Where a segment "moved far away" goes, in standard deviations of rows."""


@dataclass(frozen=True)
class Latent:
    """A continuous law around 0 with standard deviation 1: normal components, or (no components) Student's t of 3 degrees of freedom."""

    weights: tuple[float, ...] = (1.0,)
    means: tuple[float, ...] = (0.0,)
    sds: tuple[float, ...] = (1.0,)

    def cdf(self, z: ArrayLike) -> Floats:
        """P(Z <= z)."""
        z = np.asarray(z, dtype=float)
        if not self.weights:
            return np.asarray(0.5 + (z / (1 + z**2) + np.arctan(z)) / np.pi)  # t3 is sqrt(3) times this
        parts = zip(self.weights, self.means, self.sds, strict=True)
        return np.asarray(sum(weight * special.ndtr((z - mean) / sd) for weight, mean, sd in parts))

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw from the law."""
        if not self.weights:
            return np.asarray(rng.standard_t(3, size) / np.sqrt(3))
        which = rng.choice(len(self.weights), size, p=self.weights) if len(self.weights) > 1 else np.zeros(size, dtype=int)
        return np.asarray(np.array(self.means)[which] + np.array(self.sds)[which] * rng.standard_normal(size))

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        z = np.sinh(np.linspace(-REACH, REACH, 6001))
        return self.cdf(z), z

    def quantile(self, share: Floats) -> Floats:
        """Return the inverse of `cdf`, interpolated."""
        return np.asarray(np.interp(share, *self._table))


NORMAL, HEAVY = Latent(), Latent((), (), ())
TWO_HUMPS = Latent((0.5, 0.5), (-0.95, 0.95), (np.sqrt(1 - 0.95**2),) * 2)


@dataclass(frozen=True)
class Continuous:
    """`middle + unit Z`, or its exponential where `log`; a share `zero` of rows is 0, a share `tied` is rounded to whole numbers."""

    name: str
    latent: Latent = NORMAL
    middle: float = 0.0
    unit: float = 1.0
    log: bool = False
    zero: float = 0.0
    tied: float = 0.0
    missing: float = 0.0

    def below(self, edges: Floats, shift: Floats, scale: Floats) -> Floats:
        """P(X <= edge) by window (row) and edge; `shift` is in standard deviations of rows, `scale` multiplies the spread, (w,) each."""
        held = self._latent_below(edges, shift, scale)
        if self.tied:
            held = (1 - self.tied) * held + self.tied * self._latent_below(np.floor(edges) + 0.5, shift, scale)
        return self.zero * (edges >= 0)[None, :] + (1 - self.zero) * held if self.zero else held

    def _latent_below(self, edges: Floats, shift: Floats, scale: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log(np.maximum(edges, 0.0)) if self.log else edges
        z = (values - self.middle) / self.unit
        return self.latent.cdf((z[None, :] - shift[:, None]) / scale[:, None])

    def draw(self, rng: np.random.Generator, shift: Floats) -> Floats:
        """Draw one value for each shift."""
        x = self._out(self.latent.draw(rng, len(shift)) + shift)
        if self.tied:
            x = np.where(rng.random(len(x)) < self.tied, np.rint(x), x)
        return np.where(rng.random(len(x)) < self.zero, 0.0, x) if self.zero else x

    def quantile(self, share: Floats, shift: Floats, scale: Floats) -> Floats:
        """Return quantiles (of rows that are not rounded)."""
        above = (share - self.zero) / (1 - self.zero)
        x = self._out(self.latent.quantile(np.maximum(above, 0.0)) * scale + shift)
        return np.where(above <= 0, 0.0, x) if self.zero else x

    def _out(self, z: Floats) -> Floats:
        x = self.middle + self.unit * z
        return np.exp(np.minimum(x, 300.0)) if self.log else x


@dataclass(frozen=True)
class Counted:
    """Poisson counts: the rate moves so that the mean moves by `shift` standard deviations of rows, on the log scale."""

    name: str
    rate: float = 3.0
    missing: float = 0.0

    def rates(self, shift: Floats) -> Floats:
        """Rate of each shift."""
        return np.asarray(self.rate * np.exp(np.minimum(shift / np.sqrt(self.rate), 10.0)))

    def draw(self, rng: np.random.Generator, shift: Floats) -> Floats:
        """Draw one count for each shift."""
        return rng.poisson(self.rates(shift)).astype(float)


@dataclass(frozen=True)
class Levels:
    """Levels with base `shares`; log-odds move by `shift` times a `direction` (a standard normal number for each; 1 for the last of two).
    A share `fresh` of rows has a level that no other row has."""

    name: str
    shares: tuple[float, ...]
    missing: float = 0.0
    fresh: float = 0.0

    @cached_property
    def direction(self) -> Floats:
        """The direction in which a window's effect moves log-odds, (l,)."""
        if len(self.shares) == 2:
            return np.array([0.0, 1.0])
        return np.random.default_rng(len(self.shares)).standard_normal(len(self.shares))

    def by_window(self, shift: Floats) -> Floats:
        """Shares of levels (w, l) averaged over the clusters of each window; `shift` is (w, c)."""
        base, total = np.log(self.shares), np.zeros((len(shift), len(self.shares)))
        for cluster in shift.T:
            odds = np.exp(base + cluster[:, None] * self.direction)
            total += odds / odds.sum(axis=1, keepdims=True)
        return np.asarray(total / shift.shape[1])


Law = Continuous | Counted | Levels


def zipf(count: int) -> tuple[float, ...]:
    """Shares that fall as 1 / rank."""
    return tuple((1.0 / np.arange(1, count + 1) / (1.0 / np.arange(1, count + 1)).sum()).tolist())


COLUMNS: Sequence[Law] = (
    Continuous("normal", middle=50.0, unit=10.0),
    Continuous("heavy", HEAVY, unit=3.0),
    Continuous("lognormal", log=True, middle=3.0, unit=1.0),
    Counted("counts"),
    Continuous("zero_inflated", log=True, middle=1.0, zero=0.7),
    Continuous("two_humps", TWO_HUMPS, unit=4.0),
    Continuous("tied", middle=10.0, unit=3.0, tied=0.6),
    Continuous("gaps", middle=-5.0, unit=2.0, missing=0.05),
    Levels("rare", (0.999, 0.001)),
    Levels("five", (0.4, 0.25, 0.2, 0.1, 0.05)),
    Levels("twenty", zipf(20), missing=0.02),
    Levels("zipf", zipf(2000), fresh=0.01),
)
"""The twelve columns of every screen."""
