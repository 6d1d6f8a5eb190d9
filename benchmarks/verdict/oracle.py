"""What can be found at best: an oracle that knows the noise law but neither the run nor the reference value.

It is given the one series that carries the change, takes the mean of every run minus the generalised least squares mean of the
reference, each divided by its exact standard deviation, and names the largest where it exceeds a threshold simulated for the law at
5 % / 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from scipy import linalg, special, stats

from benchmarks.verdict.changes import SWAPPED, Change, Moves
from benchmarks.verdict.counts import level_shares, missing_shares
from benchmarks.verdict.laws import COLUMNS, Continuous, Counted, Floats, Law, Levels
from benchmarks.verdict.noise import Noise
from benchmarks.verdict.screens import Shape

LEVEL = 0.05 / len(COLUMNS)
AIM = 0.9
PATHS, CALIBRATION, BATCH = 2_000, 40_000, 500
GRID = np.linspace(-6.0, 6.0, 241)
"""Effects at which the expected score of a row is tabulated."""
POINTS = (np.arange(500) + 0.5) / 500
TRIES = 14
MOST_COUNT = 400


@dataclass(frozen=True)
class Score:
    """The score of a row that carries a change: `mean(amount)` is its expectation at the effects of `GRID` when that much is moved;
    `variance` is that of one row without change."""

    mean: Callable[[float], Floats]
    variance: float


def score(law: Law, kind: str) -> Score:
    """Return the score for a kind of move in a column.

    Raises
    ------
    ValueError
        There is none: what is planted is a fact, or the column cannot move so.
    """
    if kind == "missing":
        return _share(lambda amount: missing_shares(law.missing, GRID[:, None], np.full(len(GRID), amount)))
    if isinstance(law, Levels) and kind in ("swap", "lost"):
        return _level_score(law, kind)
    if isinstance(law, Counted) and kind == "shift":
        return _count_score(law)
    if isinstance(law, Continuous) and kind in ("shift", "scale"):
        return _rank_score(law, kind)
    raise ValueError(f"No score for '{kind}' in column '{law.name}'.")


def _share(mean: Callable[[float], Floats]) -> Score:
    usual = float(np.interp(0.0, GRID, mean(0.0)))
    return Score(mean, usual * (1 - usual))


def _level_score(law: Levels, kind: str) -> Score:
    """Rows of the level that rows come to minus those of the level that they leave; of a vanishing level, its rows."""
    out, into = SWAPPED

    def mean(amount: float) -> Floats:
        shares = level_shares(law, GRID[:, None], Moves(kind, np.full(len(GRID), amount)))
        return np.asarray(shares[:, into] - shares[:, out] if kind == "swap" else -shares[:, out])

    a, b = law.shares[out], law.shares[into]
    return Score(mean, a + b - (a - b) ** 2 if kind == "swap" else a * (1 - a))


def _count_score(law: Counted) -> Score:
    """Mid-ranks in the law without change."""
    k = np.arange(MOST_COUNT)
    usual = np.asarray(stats.poisson.pmf(k, law.rate))
    ranks = special.pdtr(k, law.rate) - usual / 2 - 0.5

    def mean(amount: float) -> Floats:
        mass = np.asarray(stats.poisson.pmf(k[None, :], law.rates(GRID + amount)[:, None]))
        return np.asarray(mass @ ranks + (1 - mass.sum(axis=1)) / 2)

    return Score(mean, float(usual @ ranks**2))


def _rank_score(law: Continuous, kind: str) -> Score:
    """Ranks in the law without change, for a scale their squared distance from the middle."""
    z = law.latent.quantile(POINTS)

    def mean(amount: float) -> Floats:
        scale, shift = (1.0 + amount, 0.0) if kind == "scale" else (1.0, amount)
        ranks = law.latent.cdf(z[None, :] * scale + GRID[:, None] + shift) - 0.5
        return np.asarray((ranks if kind == "shift" else ranks**2).mean(axis=1))

    return Score(mean, 1 / 12 if kind == "shift" else 1 / 180)


@dataclass(frozen=True)
class Found:
    """What the oracle finds of planted runs of a `size`: the share named with a run that overlaps, of those the onset within one."""

    size: float
    power: float
    onset: float


@dataclass(frozen=True)
class Oracle:
    """The oracle for a kind of move in one column, under a noise law, on screens of a shape."""

    law: Law
    kind: str
    noise: Noise
    shape: Shape
    seed: int = 0

    @cached_property
    def score(self) -> Score:
        """The score whose mean by window is its series."""
        return score(self.law, self.kind)

    def series(self, paths: Floats, amounts: Floats, errors: Floats) -> Floats:
        """Return mean scores by window (s, w) where `amounts` (s, w) are moved; `errors` (s, w) are standard normal."""
        found = np.empty(errors.shape)
        for amount in np.unique(amounts):
            here = amounts == amount
            expected = self.score.mean(float(amount))
            found[here] = self._over_clusters @ expected if self.noise.cluster_sd else np.interp(paths[here][:, 0], GRID, expected)
        return np.asarray(found + np.sqrt(self.white) * errors)

    @cached_property
    def white(self) -> float:
        """Variance of a window's mean score by rows and by the clusters within the window (the mean of which is normal)."""
        rows = self.shape.rows * (1.0 if self.kind == "missing" else 1 - self.law.missing)
        usual = self.score.mean(0.0)
        clusters = self._over_clusters @ (usual - self._over_clusters @ usual) ** 2 if self.noise.cluster_sd else 0.0
        return float(self.score.variance / rows + clusters / self.noise.clusters)

    @cached_property
    def _over_clusters(self) -> Floats:
        """Weights (g,) of `GRID` for the effects of clusters."""
        density = np.exp(-0.5 * (GRID / self.noise.cluster_sd) ** 2)
        return np.asarray(density / density.sum())

    @cached_property
    def contrasts(self) -> tuple[Floats, np.ndarray, np.ndarray]:
        """For every run of production windows the weights (r, w) of its standardised mean, its first window, and the one after its last."""
        first, last = self.shape.reference, self.shape.windows
        starts, ends = np.triu_indices(self.shape.production)
        ends = ends + 1
        place = np.arange(last) - first
        run = ((place >= starts[:, None]) & (place < ends[:, None])) / (ends - starts)[:, None]
        solved = linalg.solve_toeplitz(self.covariance[:first], np.ones(first))
        run[:, :first] = -solved / solved.sum()
        variance = ((run @ linalg.toeplitz(self.covariance)) * run).sum(axis=1)
        return run / np.sqrt(variance)[:, None], starts, ends

    @cached_property
    def covariance(self) -> Floats:
        """Autocovariance of the series without change, (w,)."""
        rng, windows = np.random.default_rng([self.seed, 1]), self.shape.windows
        known = self.noise.without_weekday
        sampling = np.zeros(windows)
        sampling[0] = self.white
        if not known.sd:
            return sampling
        means = np.interp(known.paths(rng, CALIBRATION, 2)[:, :, 0], GRID, self.score.mean(0.0))
        means -= means.mean()
        between = float((means**2).mean())
        memory = float((means[:, 0] * means[:, 1]).mean()) / between if known.rho else 0.0
        return np.asarray(sampling + between * np.maximum(memory, 0.0) ** np.arange(windows))

    def largest(self, series: Floats) -> tuple[Floats, np.ndarray]:
        """Return the largest |t| of each series (s, w) and the position of its run."""
        weights, _, _ = self.contrasts
        found, which = [], []
        for start in range(0, len(series), BATCH):
            t = np.abs(series[start : start + BATCH] @ weights.T)
            which.append(t.argmax(axis=1))
            found.append(t.max(axis=1))
        return np.concatenate(found), np.concatenate(which)

    @cached_property
    def threshold(self) -> float:
        """The limit that the largest |t| exceeds in 5 % / 12 of series without change."""
        rng = np.random.default_rng([self.seed, 2])
        return float(np.quantile(self.largest(self.null(rng, CALIBRATION))[0], 1 - LEVEL))

    def null(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw series without change."""
        windows = self.shape.windows
        paths = self._paths(rng, count)
        return self.series(paths, np.zeros((count, windows)), rng.standard_normal((count, windows)))

    def _paths(self, rng: np.random.Generator, count: int) -> Floats:
        """Effects of days; those of weekdays are known, those of clusters are in `white`."""
        return replace(self.noise.without_weekday, clusters=1, cluster_sd=0.0).paths(rng, count, self.shape.windows)

    def found(self, change: Change, size: float, length: int) -> Found:
        """Return what is found of runs of `length` windows that start anywhere, on the same draws whatever the size."""
        rng, windows = np.random.default_rng([self.seed, 3]), self.shape.windows
        paths = self._paths(rng, PATHS)
        start = rng.integers(0, self.shape.production - length + 1, PATHS)
        since = np.arange(windows)[None, :] - self.shape.reference - start[:, None]
        within = (since >= 0) & (since < length)
        amounts = np.where(within, size * change.shape(length)[np.clip(since, 0, length - 1)], 0.0)
        most, which = self.largest(self.series(paths, amounts, rng.standard_normal(since.shape)))
        _, starts, ends = self.contrasts
        named = (most > self.threshold) & (starts[which] < start + length) & (ends[which] > start)
        near = np.abs(starts[which] - start)[named] <= 1
        return Found(size, float(named.mean()), float(near.mean()) if named.any() else float("nan"))


@cache
def sized(change: Change, column: str, noise: Noise, shape: Shape, length: int) -> Found | None:
    """Return the size at which the oracle finds 90 % (or the most that can be), with what it finds; None for facts, whose size is fixed."""
    if change.size is not None:
        return None
    law = next(law for law in COLUMNS if law.name == column)
    oracle = Oracle(law, change.kind, replace(noise, minority=False), shape)
    low, high = 0.0, change.most
    best = oracle.found(change, high, length)
    if best.power <= AIM:
        return best
    for _ in range(TRIES):
        middle = (low + high) / 2
        tried = oracle.found(change, middle, length)
        low, high = (low, middle) if tried.power >= AIM else (middle, high)
        best = tried if tried.power >= AIM else best
        if abs(tried.power - AIM) < 0.005:
            return tried
    return best
