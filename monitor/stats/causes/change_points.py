"""When something changed: stretches of windows by exact optimal partitioning, and the rows between which it began and ended.

Partitioning minimises cost + penalty per change over all partitions (Jackson et al., An algorithm for optimal partitioning, 2005), without
the pruning that loses the optimum where stretches have a least length. The penalty is the gain that the best single change reaches where
nothing changes in 19 of 20 draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cost = Callable[[Ints, int], Floats]
"""Cost of the stretches from each of some positions (s,) up to one, (s,)."""

DRAWS = 500
MOST_BINS = 400
"""Bins of about as many rows that are partitioned to learn how bad rows are meanwhile."""
REFITS = 6
FEW_DAYS = 8
LEAST_NATS = 3.0
"""Evidence beyond the choice of a first row that a stretch needs."""
OUTSIDE = 0.025
"""Probability that a change lies before its lower bound, and beyond its upper one."""


def squared_error(values: Floats, weights: Floats) -> Cost:
    """Return the cost of stretches as the squared distance of values (n,) from their mean, in units of the variance of weight 1."""
    before = [np.concatenate([[0.0], np.cumsum(part)]) for part in (weights, weights * values, weights * values**2)]

    def cost(starts: Ints, stop: int) -> Floats:
        weight, total, squares = (part[stop] - part[starts] for part in before)
        return np.asarray(squares - total**2 / np.where(weight > 0, weight, 1.0))

    return cost


def deviance(counts: Floats) -> Cost:
    """Return the cost of stretches of counts (n, k) as the deviance from their common shares."""
    before = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(counts, axis=0)])

    def cost(starts: Ints, stop: int) -> Floats:
        held = before[stop] - before[starts]
        total = held.sum(axis=1)
        return np.asarray(2 * (special.xlogy(total, total) - special.xlogy(held, held).sum(axis=1)))

    return cost


def partition(cost: Cost, size: int, *, penalty: float, shortest: int = 1) -> list[int]:
    """Return where each stretch of the cheapest partition stops, the last at `size`.

    Parameters
    ----------
    size : positions, n; takes O(n^2).
    penalty : cost of each change.
    shortest : positions of a stretch at least.

    Examples
    --------
    >>> partition(squared_error(np.array([0.0, 1, 0, 0, 1]), np.ones(5)), 5, penalty=0.1, shortest=2)
    [5]
    """
    best = np.full(size + 1, np.inf)
    best[0] = -penalty
    last = np.zeros(size + 1, dtype=np.int64)
    for stop in range(shortest, size + 1):
        starts = np.arange(stop - shortest + 1)
        whole = best[starts] + cost(starts, stop) + penalty
        last[stop] = int(np.argmin(whole))
        best[stop] = whole[last[stop]]
    stops = [size] if size else []
    while stops and last[stops[0]] > 0:
        stops.insert(0, int(last[stops[0]]))
    return stops


@lru_cache(maxsize=64)
def no_change_penalty(size: int, seed: int = 0) -> float:
    """Return the gain that the best single change of `size` positions without any reaches in 19 of 20 draws.

    Examples
    --------
    >>> 6 < no_change_penalty(20) < no_change_penalty(500) < 14
    True
    """
    if size < 2:
        return np.inf
    walk = np.cumsum(np.random.default_rng(seed).normal(size=(DRAWS, size)), axis=1)
    at = np.arange(1, size)
    away = walk[:, :-1] - walk[:, -1:] * at / size
    gain = (away**2 / (at * (1 - at / size))).max(axis=1)
    return float(np.quantile(gain, 0.95))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Positions [first, stop) that evidence speaks for: `gain` nats, and the bounds of `first` and `stop` but for 1 in 20, both inclusive.

    `over`: it stopped before the last position, at odds of 19 to 1 where one in two lasts and the others stop anywhere.
    """

    first: int
    stop: int
    gain: float
    over: bool
    first_bounds: tuple[int, int]
    stop_bounds: tuple[int, int]


def best_stretch(evidence: Floats, dispersion: float = 1.0) -> Stretch:
    """Return the stretch of the most evidence.

    Parameters
    ----------
    evidence : (n,) log-likelihood ratio of each position, within beside outside; n >= 1.
    dispersion : how much more sums vary than those of independent rows; the evidence counts for so much less.

    Examples
    --------
    >>> found = best_stretch(np.array([-3.0, -3, 5, 5, 5, -3, -3]))
    >>> found.first, found.stop, found.gain, found.over
    (2, 5, 15.0, True)
    """
    walk = np.concatenate([[0.0], np.cumsum(evidence)]) / dispersion
    lowest = np.minimum.accumulate(walk[:-1])
    stop = int(np.argmax(walk[1:] - lowest)) + 1
    first = int(np.argmin(walk[:stop]))
    gain, over = float(walk[stop] - walk[first]), _is_over(walk[first + 1 :])
    return Stretch(first, stop, gain, over, _bounds(-walk[:stop], 0), _bounds(walk[first + 1 :], first + 1))


def _is_over(walk: Floats) -> bool:
    """Say whether stopping before the last position is 19 times as likely as lasting."""
    earlier = walk[:-1] - walk[-1]
    return len(earlier) > 0 and float(special.logsumexp(earlier)) - log(len(earlier)) > log(19)


def _bounds(log_weights: Floats, origin: int) -> tuple[int, int]:
    """Return the positions between which a change lies but for 1 in 20, by their likelihoods."""
    weights = np.exp(log_weights - log_weights.max())
    mass = np.cumsum(weights) / weights.sum()
    low, high = np.searchsorted(mass, [OUTSIDE, 1 - OUTSIDE])
    return origin + int(low), origin + min(int(high), len(mass) - 1)


def dispersion(times: NDArray[np.datetime64], away: Floats, variance: Floats) -> float:
    """Return how much more days vary than independent rows would (hours, where there are few days); at least 1.

    Parameters
    ----------
    times : (n,) none of them NaT; `away` (n,) distances from what is usual, and their `variance` as of independent rows.
    """
    total = float(variance.sum())
    if not total:
        return 1.0
    _, day = np.unique(times.astype("datetime64[D]"), return_inverse=True)
    if day.max() + 1 < FEW_DAYS:
        _, day = np.unique(times.astype("datetime64[h]"), return_inverse=True)
    together = np.bincount(day, weights=away)
    return max(1.0, float(together @ together) / total)


@dataclass(frozen=True, slots=True)
class Onset:
    """When rows were bad: from `start` up to `end` (NaT: the last rows do not say that it is over), the moments of rows.

    It began after `lower` (NaT: perhaps before the first row) and by `upper`, and ended after `end_lower` and by `end_upper`, each but for
    1 in 20. `within` is the rate of bad rows meanwhile, `rows` how many rows there were, `gain` the evidence in nats.
    """

    start: np.datetime64
    end: np.datetime64
    lower: np.datetime64
    upper: np.datetime64
    end_lower: np.datetime64
    end_upper: np.datetime64
    within: float
    rows: int
    gain: float

    def holds(self, times: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Say which moments (n,) lie in it."""
        return np.asarray((times >= self.start) & (np.isnat(self.end) | (times < self.end)))


def onset(
    times: NDArray[np.datetime64], bad: Floats | NDArray[np.bool_], before: float | Floats, *, within: float | None = None
) -> Onset | None:
    """Return when rows began to be bad and ceased; None where no stretch of rows says more than chance.

    Parameters
    ----------
    times : (n,) moments of the rows that can be concerned, in any order; rows at NaT are left out.
    bad : (n,) whether a row is bad, or how bad it is (a loss).
    before : rate (mean) of bad outside, of all rows or of each (n,); `within` : meanwhile, where it is known.
    """
    rows = _Moments.of(times, np.asarray(bad), np.broadcast_to(np.asarray(before, dtype=np.float64), len(times)))
    if not len(rows.at):
        return None
    rise = rows.coarse_rise() if within is None else Rise(float(rows.usual.sum() / rows.rows.sum()), within)
    found: Stretch | None = None
    for _ in range(1 if within is not None else REFITS):
        again = best_stretch(rows.evidence(rise)) if rise.after > rise.before else None
        if again is None or again == found:
            break
        found, rise = again, (rows.rise(again) if within is None else rise)
    if found is None or rise.after <= rise.before:
        return None
    found = best_stretch(rows.evidence(rise), rows.dispersion(found))
    return rows.told(found, rise.after) if found.gain >= np.log(len(rows.at)) + LEAST_NATS else None


@dataclass(frozen=True, slots=True)
class Rise:
    """Rates of the same rows: as is usual, and as they are."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class _Moments:
    """Rows by their moment, ascending: `at` (u,), how bad they are together, how bad is `usual`, and how many; `variance` of one row, 0 of
    flags."""

    at: NDArray[np.datetime64]
    bad: Floats
    usual: Floats
    rows: Floats
    variance: float

    @classmethod
    def of(cls, times: NDArray[np.datetime64], bad: NDArray[np.generic], usual: Floats) -> _Moments:
        known = ~np.isnat(times)
        weight = bad[known].astype(np.float64)
        at, moment = np.unique(times[known], return_inverse=True)
        flags = bool(np.isin(weight, (0.0, 1.0)).all())
        parts = (np.bincount(moment, weights=one, minlength=len(at)) for one in (weight, usual[known], np.ones(len(weight))))
        bad_there, usual_there, rows = (np.asarray(one, dtype=np.float64) for one in parts)
        return cls(at, bad_there, usual_there, rows, 0.0 if flags else float(weight.var()))

    def evidence(self, rise: Rise) -> Floats:
        """Return the log-likelihood ratio of each moment, (u,): the odds of all flags rise by one factor, all losses by as much."""
        if self.variance:
            more = rise.after - rise.before
            return np.asarray(more / self.variance * (self.bad - self.usual - self.rows * more / 2))
        p, q = self._rates(rise)
        return np.asarray(self.bad * np.log(p / q) + (self.rows - self.bad) * np.log((1 - p) / (1 - q)))

    def _rates(self, rise: Rise) -> tuple[Floats, Floats]:
        edge = 0.5 / (float(self.rows.sum()) + 1)
        after, before = np.clip([rise.after, rise.before], edge, 1 - edge)
        q = np.clip(self.usual / self.rows, edge, 1 - edge)
        odds = q / (1 - q) * (after / (1 - after)) / (before / (1 - before))
        return np.clip(odds / (1 + odds), edge, 1 - edge), q

    def coarse_rise(self) -> Rise:
        """Return the rates of the stretch that holds most beyond the usual, by a coarse partition."""
        last = np.append(np.flatnonzero(np.diff(np.floor(np.cumsum(self.rows) * MOST_BINS / (self.rows.sum() + 1)))), len(self.at) - 1)
        bad, usual, rows = (np.diff(np.cumsum(part)[last], prepend=0.0) for part in (self.bad, self.usual, self.rows))
        cost = squared_error(bad / rows, rows / self.variance) if self.variance else deviance(np.stack([bad, rows - bad], axis=1))
        stops = np.array(partition(cost, len(rows), penalty=no_change_penalty(len(rows)))) - 1
        bad, usual, rows = (np.diff(np.cumsum(part)[stops], prepend=0.0) for part in (bad, usual, rows))
        most = int(np.argmax(bad - usual))
        return Rise(float(usual[most] / rows[most]), float(bad[most] / rows[most]))

    def rise(self, stretch: Stretch) -> Rise:
        """Return the rates within a stretch."""
        inside = slice(stretch.first, stretch.stop)
        bad, usual, rows = (float(one[inside].sum()) for one in (self.bad, self.usual, self.rows))
        return Rise(usual / rows, bad / rows)

    def dispersion(self, stretch: Stretch) -> float:
        """Return how much more days (hours, where there are few days) vary than independent rows would; at least 1."""
        inside, rise = slice(stretch.first, stretch.stop), self.rise(stretch)
        rate = self.usual / self.rows
        rate[inside] = rate[inside] + rise.after - rise.before if self.variance else self._rates(rise)[0][inside]
        usual = self.rows * (self.variance or rate * (1 - rate))
        return dispersion(self.at, self.bad - self.rows * rate, usual)

    def told(self, found: Stretch, within: float) -> Onset:
        """Return the moments of a stretch."""
        over = found.over
        return Onset(
            start=self.at[found.first],
            end=self._moment(found.stop, over),
            lower=self._moment(found.first_bounds[0] - 1, found.first_bounds[0] > 0),
            upper=self.at[found.first_bounds[1]],
            end_lower=self._moment(found.stop_bounds[0] - 1, over),
            end_upper=self._moment(min(found.stop_bounds[1], len(self.at) - 1), over),
            within=within,
            rows=int(self.rows[found.first : found.stop if over else None].sum()),
            gain=found.gain,
        )

    def _moment(self, position: int, known: bool) -> np.datetime64:
        return self.at[position] if known else np.datetime64("NaT", "us")
