"""Counts of rare events beside what was expected: runs of windows with more or fewer of them, where no normal law holds.

A window that expects half an event and has two is no four standard deviations. Counts are Poisson given what is expected of each window
times one unknown rate; of a run and all other windows together, the part of the run is binomial, whatever that rate is (Przyborowski
and Wilenski 1940). The signed root of its deviance is about normal; how far the farthest run goes without change is simulated from the
very expectations, so that looking at all runs costs what it has to. Counts that vary more than a Poisson law lets them in the reference
(`overdispersion`), over runs of one, two, four ... windows, count for less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.null import Tail
from monitor.stats.inference.runs import WITHIN, Run

Floats = NDArray[np.float64]

PRIOR = 10.0
"""Reference windows that the usual overdispersion is worth beside that of one thing, whose own windows are few."""
SIMULATIONS = 2_000
"""Enough for 100 in the tail, whose fit knows 5 % within a seventh."""
MANY = 24
"""Windows up to which runs of every length are looked at; of more only those of 1, 2, 3, 4, 6, 8, 12 ... windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Events of a segment by window and what was `expected` but for a rate: of the reference's windows (r,), of the judged ones (w,), where
    windows that are not judged expect none."""

    own: Floats
    own_expected: Floats
    events: Floats
    expected: Floats

    @property
    def known(self) -> bool:
        """Whether anything can be said: both sides expect something, and there are events."""
        return bool(self.own_expected.sum() > 0 and self.expected.sum() > 0 and self.own.sum() + self.events.sum() > 0)


@dataclass(frozen=True, slots=True)
class FarthestCount:
    """The farthest run, its signed root of deviance `z` in parts of how much counts vary, and its `p_value`, all runs allowed for."""

    run: Run
    z: float
    p_value: float
    tail: Tail

    def needed(self, level: float) -> float:
        """Return the |z| from which a run is named at a level."""
        return self.tail.reach(level)


def overdispersion(things: Sequence[Counts]) -> float:
    """Return how many times as much as Poisson's law the counts of the reference's windows vary, at least 1, over all things together.

    Runs of 1, 2, 4 ... windows are taken, up to a third of the reference; what has a memory shows in long ones.

    >>> even = Counts(own=np.full(9, 4.0), own_expected=np.full(9, 4.0), events=np.ones(1), expected=np.ones(1))
    >>> overdispersion([even])
    1.0
    """
    found = [1.0]
    many = max((len(one.own) for one in things), default=0)
    for length in (2**k for k in range(many.bit_length()) if 2**k <= max(many // 3, 1)):
        square, freedom = 0.0, 0
        for one in (one for one in things if one.known):
            events, expected = (_summed(values, length) for values in (one.own, one.own_expected * one.own.sum() / one.own_expected.sum()))
            told = expected > 0
            square += float(((events[told] - expected[told]) ** 2 / expected[told]).sum())
            freedom += max(int(told.sum()) - 1, 0)
        found.append(square / freedom if freedom else 1.0)
    return max(found)


def dispersion_of(one: Counts, usual: float) -> float:
    """Return how many times as much as Poisson's law the counts of one thing vary, its own windows beside what is usual of all; never less
    than that."""
    if not one.known or not one.own.sum():
        return usual
    expected = one.own_expected * one.own.sum() / one.own_expected.sum()
    told = expected > 0
    square = float(((one.own[told] - expected[told]) ** 2 / expected[told]).sum())
    return max((square + PRIOR * usual) / (max(int(told.sum()) - 1, 0) + PRIOR), usual)


def _summed(values: Floats, length: int) -> Floats:
    kept = len(values) // length * length
    return np.asarray(values[:kept].reshape(-1, length).sum(axis=1))


def farthest_count(counts: Counts, *, dispersion: float = 1.0, seed: int = 0) -> FarthestCount:
    """Return the run of judged windows whose events lie farthest from all other windows and the reference.

    Parameters
    ----------
    dispersion : how many times as much as Poisson's law counts vary.
    seed : of the simulation.

    Examples
    --------
    >>> counts = Counts(own=np.full(9, 4.0), own_expected=np.full(9, 4.0), events=np.array([4.0, 3, 5, 14, 15]), expected=np.full(5, 4.0))
    >>> found = farthest_count(counts)
    >>> found.run.first, found.run.last, found.p_value < 0.001
    (3, 4, True)
    """
    lengths = _lengths(len(counts.events))
    rate = (counts.own.sum() + counts.events.sum()) / (counts.own_expected.sum() + counts.expected.sum())
    generator = np.random.default_rng(seed)
    own = generator.poisson(rate * counts.own_expected.sum(), SIMULATIONS).astype(float)
    drawn = generator.poisson(rate * counts.expected, (SIMULATIONS, len(counts.expected))).astype(float)
    drawn_farthest = np.max([np.abs(_scored(drawn, own, counts, length)).max(axis=1) for length in lengths], axis=0)
    tail = Tail.fit(drawn_farthest, heaviest=0.0)  # half the deviance bounds the logarithm of the probability (Chernoff 1952)
    scored = [_scored(counts.events[None, :], counts.own.sum()[None], counts, length)[0] for length in lengths]
    best = max(range(len(lengths)), key=lambda i: float(np.abs(scored[i]).max()))
    at = int(np.argmax(np.abs(scored[best])))
    told = np.flatnonzero(counts.expected[at : at + lengths[best]] > 0)
    first, last = at + int(told[0]), at + int(told[-1])
    z = float(scored[best][at])
    scaled = z / np.sqrt(dispersion)
    return FarthestCount(_ends(counts, first, last, z), scaled, float(tail.p_value(np.array([abs(scaled)]))[0]), tail)


def _lengths(windows: int) -> list[int]:
    if windows <= MANY:
        return list(range(1, windows + 1))
    powers = [2**k for k in range(windows.bit_length())]
    return sorted({one for power in powers for one in (power, power * 3 // 2) if one <= windows} | {windows})


def _scored(events: Floats, own: Floats, counts: Counts, length: int) -> Floats:
    """Return the signed roots of deviance of all runs of a length, (m, w - length + 1); `own` (m,) events of the reference."""
    cut = [np.cumsum(np.pad(one, ((0, 0), (1, 0))), axis=1) for one in (events, counts.expected[None, :])]
    inside, expected = (one[:, length:] - one[:, :-length] for one in cut)
    total, part = (events.sum(axis=1) + own)[:, None], expected / (counts.expected.sum() + counts.own_expected.sum())
    usual, rest = total * part, total * (1 - part)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviance = 2 * (_entropy(inside, usual) + _entropy(total - inside, rest))
    told = (usual > 0) & (rest > 0)
    return np.where(told, np.sign(inside - usual) * np.sqrt(np.maximum(np.where(told, deviance, 0.0), 0.0)), 0.0)


def _entropy(seen: Floats, expected: Floats) -> Floats:
    return np.asarray(np.where(seen > 0, seen * np.log(np.where(seen > 0, seen / expected, 1.0)), 0.0))


def _ends(counts: Counts, first: int, last: int, z: float) -> Run:
    """Return a run with the onsets, and ends, that are nearly as likely."""

    def near(ends: list[tuple[int, int]], at: int) -> tuple[int, int]:
        z_of = [float(_scored(counts.events[None, :], counts.own.sum()[None], counts, b - a + 1)[0, a]) for a, b in ends]
        good = [one[at] for one, other in zip(ends, z_of, strict=True) if other * z > 0 and z**2 - other**2 <= WITHIN]
        return min(good, default=(first, last)[at]), max(good, default=(first, last)[at])

    onset = near([(a, last) for a in range(last + 1)], 0)
    end = near([(first, b) for b in range(first, len(counts.events))], 1)
    return Run(first, last, onset[0], onset[1], end[0], end[1])
