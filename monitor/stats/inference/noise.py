"""How windows vary without change: a mixture over the size and the memory of what windows of the reference have in common.

Model of one series: x_t = mu + e_t + s_t. The sampling noise s_t has a known variance v_t (independent rows). The effects e_t of windows
(weather, promotions) have variance tau^2 and keep rho of themselves from one window to the next. Neither is known. Each series gives a
likelihood to every point of a grid over (tau, rho), which holds tau = 0; how common each point is, is learned from all series of the
screen together (empirical Bayes by EM), so that a short reference is judged by what its columns have in common.

Sources: Robbins (1956), empirical Bayes; Laird (1978) for the mixture on a grid; Harvey (1989), Forecasting, Structural Time Series
Models and the Kalman Filter, ch. 3.4 for the likelihood with an unknown mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEMORIES = (0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97)
"""Lag-1 correlations of the effects of windows; above the last a level that wanders cannot be told from one that does not."""
SMALLEST = 0.35
"""Smallest effect on the grid, in sampling standard deviations of a usual window: less adds a tenth to the variance and is not seen."""
STEP = 1.25
"""Factor between neighbouring effects: the standard deviation is known within a quarter, finer than any reference tells."""
MOST_STEPS = 40
"""Effects up to 2,000 sampling standard deviations: beyond, rows say nothing and the last step stands for all."""
STRENGTH = 2.0
"""Weight of the prior of the mixture, in series (Dirichlet); half of it lies on tau = 0."""
ROUNDS = 60
"""Rounds of EM at most: it settles in 10 to 40."""
SETTLED = 1e-4
"""Total change of the shares from which a further round changes no p-value in its second digit."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Points (g,): `tau`, the standard deviation of effects in units of x, and `rho`, their memory."""

    tau: Floats
    rho: Floats

    @property
    def size(self) -> int:
        """Number of points."""
        return len(self.tau)

    def mean_variance(self, length: Floats) -> Floats:
        """Return the variance of the mean effect of `length` (l,) windows in a row, (g, l)."""
        return np.asarray(self.tau[:, None] ** 2 * mean_share(self.rho[:, None], length[None, :]))


def mean_share(rho: Floats, length: Floats) -> Floats:
    """Return the variance of the mean of `length` values of an AR(1) series of variance 1, broadcast.

    [(1 + rho) / (1 - rho) - 2 rho (1 - rho^L) / (L (1 - rho)^2)] / L.

    Examples
    --------
    >>> mean_share(np.array([0.0, 0.5]), np.array([2.0, 2.0])).tolist()
    [0.5, 0.75]
    """
    long = np.maximum(length, 1.0)
    apart = 1.0 - rho
    return np.asarray(((1 + rho) / apart - 2 * rho * (1 - rho**long) / (long * apart**2)) / long)


def spreads(x: Floats) -> Floats:
    """Return the standard deviation of each series (s, r), nan left out; 0 where nothing is known."""
    known = np.isfinite(x)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    away = np.where(known, x, 0.0)
    away = np.where(known, away - away.sum(axis=1, keepdims=True) / count, 0.0)
    return np.asarray(np.sqrt((away**2).sum(axis=1) / count[:, 0]))


def make_grid(x: Floats, variance: Floats) -> Grid:
    """Return a grid that reaches as far as any series (s, r) with sampling variances (s or 1, r) spreads."""
    spread = float(spreads(np.where(np.isfinite(variance), x, np.nan)).max(initial=1.0))
    steps = int(np.clip(np.ceil(np.log(2 * spread / SMALLEST) / np.log(STEP)), 4, MOST_STEPS))
    tau = SMALLEST * STEP ** np.arange(steps)
    sizes, memories = np.meshgrid(tau, MEMORIES, indexing="ij")
    return Grid(np.append(0.0, sizes.ravel()), np.append(0.0, memories.ravel()))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Of series (s,) at grid points (g,): `log` (s, g), and the best mean with its variance, `mu` and `mu_variance` (s or 1, g)."""

    log: Floats
    mu: Floats
    mu_variance: Floats


def likelihood(x: Floats, variance: Floats, grid: Grid) -> Likelihood:
    """Return the likelihood of series at every grid point, their means unknown (restricted likelihood).

    Parameters
    ----------
    x : (s, r) values of the reference's windows in time order.
    variance : (s or 1, r) sampling variances; infinite where a window says nothing.

    Notes
    -----
    One Kalman filter runs over the values and, with the same gains, over a column of ones.
    """
    tau2, rho = grid.tau**2, grid.rho
    precision = np.zeros((len(variance), grid.size))
    cross, square = np.zeros((len(x), grid.size)), np.zeros((len(x), grid.size))
    log_f = np.zeros_like(precision)
    state, ones, spread = np.zeros((len(x), grid.size)), np.zeros_like(precision), np.broadcast_to(tau2, precision.shape)
    for t in range(x.shape[1]):
        v = variance[:, t : t + 1]
        seen = np.isfinite(v)
        f = spread + np.where(seen, v, 1.0)
        weight = np.where(seen, 1.0 / f, 0.0)
        gain = spread * weight
        error, one = x[:, t : t + 1] - state, 1.0 - ones
        scaled = error * weight
        square += error * scaled
        cross += scaled * one
        precision += one * one * weight
        log_f += np.where(seen, np.log(f), 0.0)
        state, ones = rho * (state + gain * error), rho * (ones + gain * one)
        spread = rho**2 * spread * (1 - gain) + (1 - rho**2) * tau2
    some = np.maximum(precision, 1e-300)
    log = -0.5 * (log_f + np.log(some) + square - cross**2 / some)
    return Likelihood(log, cross / some, 1.0 / some)


def learn(log: Floats, weight: Floats, grid: Grid, smaller: Ints) -> Floats:
    """Return how common each grid point is for each series, (s, g), from their likelihoods (s, g).

    Parameters
    ----------
    weight : (s,) of the series.
    smaller : (s,) steps of the grid by which an effect shows less in a series than where it shows most. How common effects are is learned
        on the scale of the latter: a rare level is taken to vary as other things of the screen do, though it hardly shows.
    """
    if not smaller.any():
        return np.tile(_mixture(log, weight), (len(log), 1))
    memories, most = len(MEMORIES), int(smaller.max())
    steps = (grid.size - 1) // memories
    own = np.arange(steps + most)[None, :] - smaller[:, None]
    place = 1 + memories * np.clip(own, 0, steps - 1)[:, :, None] + np.arange(memories)
    shown = np.take_along_axis(log[:, None, :], place, axis=2)
    shown[own < 0] = np.broadcast_to(log[:, :1, None], shown.shape)[own < 0]  # too small to be seen: as good as none
    shown[own >= steps] = -np.inf  # larger than anything that varies so much
    common = _mixture(np.concatenate([log[:, :1], shown.reshape(len(log), -1)], axis=1), weight)
    effects = common[1:].reshape(steps + most, memories)
    unseen = np.append(0.0, np.cumsum(effects.sum(axis=1)))
    each = np.array([np.append(common[0] + unseen[k], effects[k : k + steps]) for k in range(most + 1)])
    return np.asarray((each / each.sum(axis=1, keepdims=True))[smaller])


def _mixture(log: Floats, weight: Floats) -> Floats:
    """Return the shares of points (p,), of which the first is "no effect", by EM from likelihoods (s, p)."""
    points = log.shape[1]
    start = np.append(0.5, np.full(points - 1, 0.5 / max(points - 1, 1)))
    share = start.copy()
    scaled = np.exp(log - log.max(axis=1, keepdims=True))
    for _ in range(ROUNDS):
        joint = scaled * share
        found = (weight[:, None] * joint / joint.sum(axis=1, keepdims=True)).sum(axis=0)
        new = (found + STRENGTH * start) / (weight.sum() + STRENGTH)
        moved, share = float(np.abs(new - share).sum()), new
        if moved < SETTLED:
            break
    return share


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of series (s,) without change: `posterior` (s, g) over the grid, `mu` (s,) and `mu_variance` (s,), `tau2` (s,) the
    mean of tau^2, and `lonely` (s,) that part of tau^2 which the next window does not share."""

    grid: Grid
    posterior: Floats
    mu: Floats
    mu_variance: Floats
    tau2: Floats
    lonely: Floats


def weigh(found: Likelihood, share: Floats, grid: Grid) -> Noise:
    """Return what is known of each series when grid points are as common as `share` (g,), or (s, g) of each series, says."""
    joint = np.exp(found.log - found.log.max(axis=1, keepdims=True)) * share
    posterior = joint / joint.sum(axis=1, keepdims=True)
    mu = (posterior * found.mu).sum(axis=1)
    spread = (posterior * (found.mu_variance + (found.mu - mu[:, None]) ** 2)).sum(axis=1)
    tau2 = grid.tau**2
    return Noise(grid, posterior, mu, spread, posterior @ tau2, posterior @ (tau2 * (1 - grid.rho)))
