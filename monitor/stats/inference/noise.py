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
AT_ONCE = 16_384
"""Numbers of a step of the filter that are worked on together: a few arrays of so many stay in a processor's cache."""
FILTERS = 4_000_000
"""Gains that are kept at once (a hundred megabytes)."""
SHORT, FEWEST = 8, 3
"""Reference windows from which they alone say how long effects last, and the fewest that say anything."""
LASTING, LASTS = 0.5, 0.92
"""Part of effects that is taken to last where a reference is that short, and their memory: half of their variance after eight windows."""
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
    return _grid(steps)


def _grid(steps: int) -> Grid:
    tau = SMALLEST * STEP ** np.arange(steps)
    sizes, memories = np.meshgrid(tau, MEMORIES, indexing="ij")
    return Grid(np.append(0.0, sizes.ravel()), np.append(0.0, memories.ravel()))


def hidden_steps(windows: int) -> int:
    """Return how many steps of the grid larger effects that last are than so many windows in a row of them show: of memory rho they show
    1 - mean_share(rho, windows) of the variance. None from SHORT windows on.

    >>> hidden_steps(3), hidden_steps(5), hidden_steps(8)
    (6, 5, 0)
    """
    if windows >= SHORT:
        return 0
    shown = 1.0 - float(mean_share(np.array([LASTS]), np.array([float(max(windows, 2))]))[0])
    return int(np.rint(-np.log(shown) / 2 / np.log(STEP)))


def wider(grid: Grid, steps: int) -> Grid:
    """Return a grid of so many more sizes; its first points are those of the grid."""
    return grid if not steps else _grid((grid.size - 1) // len(MEMORIES) + steps)


def modest(share: Floats, grid: Grid, windows: int) -> Floats:
    """Return how common the points of a grid are, (s, g), where a reference of so many windows cannot know how long effects last.

    Few windows in a row of effects that last look like ones of smaller effects. Below SHORT windows a part of what was learned of each size
    (`share` (s, g or fewer) of the first points), up to LASTING of it, is taken to be of such. Then a judged window may lie far
    away though nothing changed, and only more than that alarms.
    """
    share = np.pad(share, ((0, 0), (0, grid.size - share.shape[1])))
    part = min(LASTING * (SHORT - windows) / (SHORT - FEWEST), LASTING)
    if part <= 0 or grid.size == 1:
        return share
    sizes = share[:, 1:].reshape(len(share), -1, len(MEMORIES))
    moved, steps = np.zeros_like(sizes), hidden_steps(windows)
    moved[:, steps:, MEMORIES.index(LASTS)] = sizes.sum(axis=2)[:, : sizes.shape[1] - steps]
    return np.concatenate([share[:, :1], ((1 - part) * sizes + part * moved).reshape(len(share), -1)], axis=1)


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
    One Kalman filter runs over the values and, with the same gains, over a column of ones. Its gains are worked out once for series of the
    same sampling variances, and series go through it a few at a time, so that what a step works on stays in the processor's cache.
    """
    rows, of = np.zeros((0, 0)), np.zeros(len(x), dtype=np.intp)
    if len(variance) == 1:
        rows = variance
    elif len(variance):
        rows, of = np.unique(variance, axis=0, return_inverse=True)
    log, mu, mu_variance = np.empty((len(x), grid.size)), np.empty((len(x), grid.size)), np.empty((len(rows), grid.size))
    order, most = np.argsort(of, kind="stable"), max(FILTERS // (grid.size * max(x.shape[1], 1)), 1)
    for start in range(0, len(rows), most):
        known = _Filter.of(rows[start : start + most], grid)
        mu_variance[start : start + most] = 1.0 / known.precision
        mine = order[slice(*np.searchsorted(of[order], [start, start + most]))]
        for at in range(0, len(mine), many := max(AT_ONCE // grid.size, 1)):
            part = mine[at : at + many]
            log[part], mu[part] = known.run(x[part], of[part] - start, grid.rho)
    return Likelihood(log, mu, mu_variance if len(variance) == 1 else mu_variance[of])


@dataclass(frozen=True, slots=True)
class _Filter:
    """A Kalman filter before it meets values: of each window in turn (r,) the `weight` of an error, its `gain`, and how far a mean of one
    is off (`one`), (v, g) each; `precision` of the mean and `log_f`, the log variances of the errors summed, (v, g)."""

    weight: list[Floats]
    gain: list[Floats]
    one: list[Floats]
    precision: Floats
    log_f: Floats

    @classmethod
    def of(cls, variance: Floats, grid: Grid) -> _Filter:
        """Run the filter over a column of ones, with sampling variances (v, r)."""
        tau2, rho = grid.tau**2, grid.rho
        precision, log_f, ones = (np.zeros((len(variance), grid.size)) for _ in range(3))
        spread = np.broadcast_to(tau2, precision.shape)
        weights, gains, each = [], [], []
        for t in range(variance.shape[1]):
            v = variance[:, t : t + 1]
            seen = np.isfinite(v)
            f = spread + np.where(seen, v, 1.0)
            weight = np.where(seen, 1.0 / f, 0.0)
            gain, one = spread * weight, 1.0 - ones
            weights.append(weight)
            gains.append(gain)
            each.append(one)
            precision += one * one * weight
            log_f += np.where(seen, np.log(f), 0.0)
            ones = rho * (ones + gain * one)
            spread = rho**2 * spread * (1 - gain) + (1 - rho**2) * tau2
        return cls(weights, gains, each, np.maximum(precision, 1e-300), log_f)

    def run(self, x: Floats, of: NDArray[np.intp], rho: Floats) -> tuple[Floats, Floats]:
        """Return log-likelihood and best mean of series (s, r), (s, g) each, `of` (s,) which variances they have."""
        one_for_all = len(self.precision) == 1
        shape = (len(x), len(rho))
        cross, square, state, error, scaled, product = (np.zeros(shape) for _ in range(6))
        for t in range(x.shape[1]):
            weight, gain, one = (part[t] if one_for_all else part[t].take(of, axis=0) for part in (self.weight, self.gain, self.one))
            np.subtract(x[:, t : t + 1], state, out=error)
            np.multiply(error, weight, out=scaled)
            square += np.multiply(error, scaled, out=product)
            cross += np.multiply(scaled, one, out=product)
            state += np.multiply(gain, error, out=product)
            state *= rho
        precision, log_f = self.precision[of], self.log_f[of]
        return -0.5 * (log_f + np.log(precision) + square - cross**2 / precision), cross / precision


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
        found = share * ((weight / (scaled @ share)) @ scaled)
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
