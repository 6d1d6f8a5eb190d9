"""What other answers to the same rows would have brought: mean differences, with intervals from blocks of time drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from monitor.stats.performance.binary import worth_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

DRAWS = 2000
FEWEST_BLOCKS = 20
"""Blocks from which their number tells how much rows of one hang together; the longest stretches of which there are so many are blocks."""
FEWEST = 50
"""Rows below which nothing is told of a difference."""
LENGTHS = (24, 6, 1)
"""Lengths of a block that are tried, in hours: what the weather, a campaign or a batch has in common lasts hours to a day."""
LEVEL = 0.95
OPTIONS = 5
"""Options that are tried beside doing nothing: each interval is so much surer that all five hold together (Bonferroni)."""
HALF_TAIL = (1 - LEVEL) / OPTIONS / 2
REACH = NormalDist().inv_cdf(1 - HALF_TAIL)
"""Standard deviations to the ends of such an interval."""


@dataclass(frozen=True, slots=True)
class Gain:
    """One metric of some rows as they were answered (`now`) and as they would have been (`then`); `gain` is how much better that is (above
    0: better, whatever the metric), with an interval; `n` rows in `blocks` stretches of time."""

    metric: str
    now: float
    then: float
    gain: float
    lower: float
    upper: float
    n: int
    blocks: int

    @property
    def sure(self) -> bool:
        """Whether it is better beyond chance."""
        return self.lower > 0

    @property
    def worse(self) -> bool:
        """Whether it is worse beyond chance."""
        return self.upper < 0


def blocks_of(time: NDArray[np.datetime64]) -> Ints:
    """Return the stretch of time of each row, (n,): the longest of LENGTHS of which there are enough; rows alone without times."""
    if not len(time) or np.isnat(time).any():
        return np.arange(len(time))
    hours = time.astype("datetime64[h]").astype(np.int64)
    cut = [np.unique(hours // length, return_inverse=True)[1] for length in LENGTHS]
    enough = (one for one in cut if one.max() + 1 >= FEWEST_BLOCKS)
    return np.asarray(next(enough, cut[-1]), dtype=np.int64)


def gain_of(metric: str, losses: tuple[Floats, Floats], block: Ints, *, stakes: tuple[Floats, ...] = (), seed: int = 0) -> Gain | None:
    """Return how much smaller the mean loss (n,) of the second of two answers to the same rows is; None of too few rows.

    Rows of one block are drawn together (Efron and Tibshirani 1993, ch. 8), both answers of a row always. Rows that both decide alike tell
    nothing of what the next other decision costs: as where challengers are compared (`paired_worth`), one decision more each way is added
    to the variance for each of the `stakes`, what a decision is about in rows of each class.
    """
    known = np.isfinite(losses[0]) & np.isfinite(losses[1])
    if known.sum() < FEWEST:
        return None
    first, second = (one[known] for one in losses)
    place = np.unique(block[known], return_inverse=True)[1]
    moved = np.bincount(place, first - second).astype(np.float64)
    drawn = _drawn(moved, np.bincount(place), seed)
    low, high = np.quantile(drawn, [HALF_TAIL, 1 - HALF_TAIL])
    now, then = float(first.mean()), float(second.mean())
    more = REACH**2 * sum(2 * float(np.mean(one**2)) for one in stakes if len(one)) / known.sum() ** 2
    gain = now - then
    low, high = gain - np.sqrt((gain - low) ** 2 + more), gain + np.sqrt((high - gain) ** 2 + more)
    return Gain(metric, now, then, gain, float(low), float(high), int(known.sum()), len(moved))


def _drawn(sums: Floats, rows: Ints, seed: int) -> Floats:
    """Return means of blocks drawn with replacement, (DRAWS,)."""
    count = len(sums)
    often = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    return np.asarray(often @ sums / np.maximum(often @ rows, 1))


def apart(metric: str, sides: tuple[Floats, Floats], blocks: tuple[Ints, Ints], *, seed: int = 0) -> Gain | None:
    """Return how much smaller a mean loss is in other rows, (m,), than in these, (n,); both are drawn on their own."""
    kept = [np.isfinite(one) for one in sides]
    if min(one.sum() for one in kept) < FEWEST:
        return None
    means, drawn = [], []
    for at, (values, known, block) in enumerate(zip(sides, kept, blocks, strict=True)):
        place = np.unique(block[known], return_inverse=True)[1]
        means.append(float(values[known].mean()))
        drawn.append(_drawn(np.bincount(place, values[known]).astype(np.float64), np.bincount(place), seed + at))
    low, high = np.quantile(drawn[0] - drawn[1], [HALF_TAIL, 1 - HALF_TAIL])
    return Gain(metric, means[0], means[1], means[0] - means[1], float(low), float(high), int(kept[0].sum()), len(np.unique(blocks[0])))


def signed(one: Gain | None) -> Gain | None:
    """Return a gain of a metric of which more is better, from one of its negative."""
    return None if one is None else Gain(one.metric, -one.now, -one.then, one.gain, one.lower, one.upper, one.n, one.blocks)


@dataclass(frozen=True, slots=True)
class Answered:
    """How some rows were, or would have been answered: `score` (n,) and `decision` (n,), None of a regression."""

    score: Floats
    decision: Bools | None

    def take(self, kept: Bools) -> Answered:
        """Return some of the rows."""
        return Answered(self.score[kept], None if self.decision is None else self.decision[kept])

    def spread(self, kept: Bools) -> Answered:
        """Return these answers to some rows, in their places among all, (n,)."""
        score, decision = np.full(len(kept), np.nan), np.zeros(len(kept), dtype=bool)
        score[kept] = self.score
        decision[kept] = False if self.decision is None else self.decision
        return Answered(score, None if self.decision is None else decision)


@dataclass(frozen=True, slots=True)
class Truth:
    """What turned out true of rows: `label` (n,), `worth` (4, n) in money of each outcome (None: not known), `cost` what a false alarm
    costs beside a miss, in parts of both, `block` (n,)."""

    label: Floats
    worth: Floats | None
    cost: float
    block: Ints

    def take(self, kept: Bools) -> Truth:
        """Return some of the rows."""
        worth = None if self.worth is None else self.worth[:, kept]
        return Truth(self.label[kept], worth, self.cost, self.block[kept])


def gains_of(truth: Truth, now: Answered, then: Answered) -> tuple[Gain, ...]:
    """Return what other answers to the same rows bring, the metric that decides first: money, else what wrong decisions weigh; then the
    squared error of the score. Of a regression the absolute error."""
    if now.decision is None or then.decision is None:
        found = [gain_of("mae", (np.abs(now.score - truth.label), np.abs(then.score - truth.label)), truth.block)]
    else:
        found = [_decided(truth, now.decision, then.decision), _squared(truth, now.score, then.score)]
    return tuple(one for one in found if one is not None)


def _squared(truth: Truth, first: Floats, second: Floats) -> Gain | None:
    return gain_of("brier", ((first - truth.label) ** 2, (second - truth.label) ** 2), truth.block)


def _decided(truth: Truth, first: Bools, second: Bools) -> Gain | None:
    stakes = _stakes(truth)
    if truth.worth is None:
        return gain_of("decision_loss", (decision_loss(truth, first), decision_loss(truth, second)), truth.block, stakes=stakes)
    value = [worth_of(truth.label == 1, one, truth.worth) for one in (first, second)]
    return signed(gain_of("value", (-value[0], -value[1]), truth.block, stakes=stakes))


def _stakes(truth: Truth) -> tuple[Floats, ...]:
    """Return what a decision is about in rows of each class, (m,) each."""
    always, positive = np.ones(len(truth.label), dtype=bool), truth.label == 1
    if truth.worth is None:
        stake = decision_loss(truth, ~always) - decision_loss(truth, always)
    else:
        stake = worth_of(positive, always, truth.worth) - worth_of(positive, ~always, truth.worth)
    return tuple(stake[np.isfinite(stake) & (truth.label == one)] for one in (0, 1))


def decision_loss(truth: Truth, decision: Bools) -> Floats:
    """Return what wrong decisions (n,) weigh, (n,): a threshold t says that a false alarm costs t where a miss costs 1 - t (Elkan 2001).

    >>> truth = Truth(np.array([1.0, 0.0]), None, 0.25, np.arange(2))
    >>> decision_loss(truth, np.array([False, True])).tolist()
    [0.75, 0.25]
    """
    wrong = np.where(truth.label == 1, ~decision * (1 - truth.cost), decision * truth.cost)
    return np.asarray(np.where(np.isfinite(truth.label), wrong, np.nan))


def gains_beside(one: tuple[Truth, Answered], other: tuple[Truth, Answered]) -> tuple[Gain, ...]:
    """Return how much better other rows were answered than these, as `gains_of` tells it of the same rows."""
    blocks = one[0].block, other[0].block
    pairs = zip(losses_of(*one), losses_of(*other), strict=True)
    found = ((name, apart(name, (first, second), blocks)) for (name, first), (_, second) in pairs)
    told = (signed(gain) if name == "value" else gain for name, gain in found)
    return tuple(gain for gain in told if gain is not None)


def losses_of(truth: Truth, one: Answered) -> tuple[tuple[str, Floats], ...]:
    """Return the losses of rows by metric, (n,) each, in the order of `gains_of`."""
    if one.decision is None:
        return (("mae", np.abs(one.score - truth.label)),)
    value = decision_loss(truth, one.decision) if truth.worth is None else -worth_of(truth.label == 1, one.decision, truth.worth)
    return (("decision_loss" if truth.worth is None else "value", value), ("brier", (one.score - truth.label) ** 2))
