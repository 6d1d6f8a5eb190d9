"""How far the farthest run of a series goes when nothing changed: simulated from what the screen itself suggests.

References and productions are drawn from the fitted mixture, everything is estimated again in each, and the largest |t| of each class of
run lengths is kept. A series is compared with simulations whose estimated noise is like its own (conditioning on what was estimated).
Beyond the simulations the tail of t^2 is a generalised Pareto distribution: exponential (a normal t) unless they show a power.

Sources: Davison and Smith (1990), Models for exceedances over high thresholds, JRSS B 52; Westfall and Young (1993) for the minimum of
p-values of several classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.noise import Grid, Noise, likelihood, weigh
from monitor.stats.inference.scan import farthest, farthest_of_even, length_class, lengths
from monitor.stats.inference.seasonal import remove_profiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIMULATIONS = 3_000
"""Enough for 150 in the tail, whose fit knows 5 % within a tenth."""
WORK = 12_000_000
"""Values of t that are worth simulating: long productions get fewer simulations."""
FEWEST = 600
"""Simulations at least: 30 in the tail, the fewest that a scale can be fitted to."""
BINS = 3
"""Bins of estimated noise; each needs simulations enough for a tail of its own."""
TAIL = 0.05
"""Share of the simulations that the tail is fitted to."""
SHRUNK = 50.0
"""Exceedances that the assumption of an exponential tail is worth."""
HEAVIEST = 0.5
"""Largest shape of a tail: beyond it has no variance, and moments say nothing of it."""
FEWEST_IN_BIN = 300
"""Simulations from which a bin has a tail of its own (15 in it); smaller ones take that of all."""
ALIKE = 1.5
"""Factor between sampling variances of windows up to which they count as alike."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Upper tail of t^2: `ordered` (m,) simulated values, the `threshold` above which a share `above` lies, `shape` and `scale`."""

    ordered: Floats
    threshold: float
    above: float
    shape: float
    scale: float

    @classmethod
    def fit(cls, t: Floats, *, heaviest: float = HEAVIEST) -> Tail:
        """Fit the tail to simulated |t| (m,) by moments, its shape shrunk towards exponential and never lighter, nor above `heaviest`."""
        ordered = np.sort(t**2)
        many = max(int(len(ordered) * TAIL), 2)
        threshold = float(ordered[-many - 1])
        beyond = ordered[-many:] - threshold
        mean, variance = float(beyond.mean()), float(beyond.var())
        shape = 0.5 * (1 - mean**2 / max(variance, 1e-12)) * many / (many + SHRUNK)
        shape = float(np.clip(shape, 0.0, heaviest))
        return cls(ordered, threshold, many / len(ordered), shape, max(mean, 1e-9) * (1 - shape))

    def p_value(self, t: Floats) -> Floats:
        """Return the probability of |t| at least as large."""
        square = np.asarray(t, dtype=float) ** 2
        count = len(self.ordered) - np.searchsorted(self.ordered, square, side="left")
        y = np.maximum(square - self.threshold, 0.0) / self.scale
        beyond = np.exp(-y) if self.shape < 1e-6 else (1 + self.shape * y) ** (-1 / self.shape)
        return np.asarray(np.where(square > self.threshold, self.above * beyond, (1 + count) / (len(self.ordered) + 1)))

    def reach(self, p: float) -> float:
        """Return the |t| whose p-value is `p`."""
        return float(self.reaches(np.array([p]))[0])

    def reaches(self, p: Floats) -> Floats:
        """Return the |t| whose p-values are `p`, (n,)."""
        found = self.reaches_beyond(p)
        if (within := p >= self.above).any():
            found[within] = np.sqrt(np.quantile(self.ordered, 1 - np.minimum(p[within], 1.0)))
        return found

    def reaches_beyond(self, p: Floats) -> Floats:
        """Return the |t| of the tail whose p-values are `p`, (n,); where its tail begins for larger p."""
        odds = self.above / np.maximum(p, 1e-300)
        y = np.log(odds) if self.shape < 1e-6 else (odds**self.shape - 1) / self.shape
        return np.asarray(np.sqrt(self.threshold + self.scale * np.maximum(y, 0.0)))


@dataclass(frozen=True, slots=True)
class Reference:
    """The null distribution of one bin: a tail by class of lengths, and how many independent looks the classes are worth."""

    tails: tuple[Tail, ...]
    looks: float

    @classmethod
    def fit(cls, t: Floats) -> Reference:
        """Fit the tails to the farthest runs (m, c) of simulations."""
        tails = tuple(Tail.fit(t[:, c]) for c in range(t.shape[1]))
        least = np.min([tail.p_value(t[:, c]) for c, tail in enumerate(tails)], axis=0)
        return cls(tails, float(np.clip(TAIL / np.quantile(least, TAIL), 1.0, t.shape[1])))

    def p_value(self, t: Floats, classes: Ints) -> Floats:
        """Return the p-values of runs of these classes of lengths, all runs of a series allowed for; what is longer than any that was
        simulated is read off the longest."""
        found = np.ones(len(t))
        for c, tail in enumerate(self.tails):
            mine = np.minimum(classes, len(self.tails) - 1) == c
            found[mine] = np.minimum(self.looks * tail.p_value(t[mine]), 1.0)
        return found

    def reach(self, p: float, length: int = 1) -> float:
        """Return the |t| from which a run of that length has a p-value of at most `p`."""
        return float(self.reaches(np.array([p]), length)[0])

    def reaches(self, p: Floats, length: int = 1) -> Floats:
        """Return the |t| from which runs of that length have p-values of at most `p`, (n,) both."""
        at = min(int(length_class(np.array([length]))[0]), len(self.tails) - 1)
        return self.tails[at].reaches(p / self.looks)


@dataclass(frozen=True, slots=True)
class Null:
    """Null distributions by bin of the estimated variance of effects: bin i lies below `edges[i]`."""

    edges: Floats
    bins: tuple[Reference, ...]

    def of(self, tau2: float) -> Reference:
        """Return the distribution for a series whose effects have that estimated variance."""
        return self.bins[int(np.searchsorted(self.edges, tau2))]


@dataclass(frozen=True, slots=True)
class Design:
    """What a simulation repeats: sampling variances of the reference's windows (r,) and of the judged ones (w,), and their `span` (w,);
    `scaled`: series were divided by the standard deviation of their reference, for nothing else tells their scale."""

    reference: Floats
    production: Floats
    span: Floats
    scaled: bool = False


def simulate(design: Design, share: Floats, grid: Grid, *, season: Ints | None = None, seed: int = 0) -> Null:
    """Simulate series without change and return how far their farthest runs go.

    Parameters
    ----------
    share : (g,) how common each point of the grid is.
    season : (r + w,) weekday or hour of each window, whose pattern is taken out in full, as it is of series that have one.
    """
    generator = np.random.default_rng(seed)
    held = share > 1e-4 / grid.size
    grid, share = Grid(grid.tau[held], grid.rho[held]), share[held] / share[held].sum()
    count = _simulations(len(design.production))
    point = generator.choice(grid.size, count, p=share)
    r, w = len(design.reference), len(design.production)
    effects = _effects(generator, grid.tau[point], grid.rho[point], r + w)
    variance = np.concatenate([design.reference, design.production])[None, :]
    seen = np.where(np.isfinite(variance), variance, 0.0)
    x = effects + np.sqrt(seen) * generator.standard_normal(effects.shape)
    x = remove_profiles(x, season, r, shrink=np.ones(count)).x
    if design.scaled and r > 1:
        x = x / np.maximum(x[:, :r].std(axis=1, ddof=1, keepdims=True), 1e-9)
    noise = weigh(likelihood(x[:, :r], variance[:, :r], grid), share, grid)
    return _binned(noise, _farthest(x[:, r:], variance[:, r:], noise, design.span))


def _farthest(x: Floats, variance: Floats, noise: Noise, span: Floats) -> Floats:
    """Return the largest |t| by class of lengths, (m, c); windows about alike are taken as alike, four times as quick, and those at
    the ends that say nothing (cut short) are in no run."""
    seen = np.flatnonzero(np.isfinite(variance).any(axis=0))
    told = slice(seen[0], seen[-1] + 1) if len(seen) else slice(None)
    x, variance, span = x[:, told], variance[:, told], span[told]
    if x.shape[1] and np.isfinite(variance).all() and variance.max() <= ALIKE * variance.min():
        return farthest_of_even(x, float(np.median(variance)), noise, float(span.mean()))
    return farthest(x, variance, noise, span)


def _simulations(windows: int) -> int:
    runs = float(np.sum(windows - lengths(windows) + 1)) if windows else 1.0
    return int(np.clip(WORK / max(runs, 1.0), FEWEST, SIMULATIONS))


def _effects(generator: np.random.Generator, tau: Floats, rho: Floats, windows: int) -> Floats:
    """Draw stationary Gaussian AR(1) effects, (m, t)."""
    shape = (len(tau), windows)
    z = generator.standard_normal(shape)
    effects = np.empty(shape)
    effects[:, 0] = z[:, 0]
    kept = np.sqrt(1 - rho**2)
    for t in range(1, windows):
        effects[:, t] = rho * effects[:, t - 1] + kept * z[:, t]
    return np.asarray(effects * tau[:, None])


def _binned(noise: Noise, t: Floats) -> Null:
    edges = np.unique(np.quantile(noise.tau2, np.arange(1, BINS) / BINS))
    place = np.searchsorted(edges, noise.tau2)
    every = Reference.fit(t)
    bins = [Reference.fit(t[place == b]) if (place == b).sum() >= FEWEST_IN_BIN else every for b in range(len(edges) + 1)]
    return Null(edges, tuple(bins))
