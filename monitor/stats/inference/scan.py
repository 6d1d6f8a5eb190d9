"""Runs: how far the mean of every stretch of consecutive windows lies from the reference, in standard errors that know the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.noise import Noise

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EVERY = 32
"""Lengths up to which every length is tried; beyond, each a ninth longer than the one before (the ends are sharpened afterwards)."""
GROWTH = 1 + 1 / 9
"""Factor between longer lengths: a run that is longer or shorter by half of it keeps nine tenths of its t."""


def lengths(windows: int) -> Ints:
    """Return the lengths of run that are tried among so many windows, ascending."""
    found = list(range(1, min(windows, EVERY) + 1))
    while found and found[-1] < windows:
        found.append(min(max(found[-1] + 1, int(found[-1] * GROWTH)), windows))
    return np.array(found, dtype=np.int64)


def length_class(length: Ints) -> Ints:
    """Return the class of lengths: 1; 2 and 3; 4 to 7; 8 to 15; and so on, from 0.

    >>> length_class(np.array([1, 2, 3, 4, 7, 8])).tolist()
    [0, 1, 1, 2, 2, 3]
    """
    return np.asarray(np.floor(np.log2(np.maximum(length, 1))), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums before each window, (s, w + 1): of the weights u, of u x, of u^2 v and of u^2; `span` (w + 1,) of the windows' lengths."""

    weight: Floats
    value: Floats
    sampling: Floats
    square: Floats
    span: Floats

    @classmethod
    def of(cls, x: Floats, variance: Floats, tau2: Floats, span: Floats) -> Sums:
        """Weigh windows (s, w) by what they say of a level: u = 1 / (tau^2 + v), 0 where v is infinite."""
        seen = np.isfinite(variance)
        u = np.where(seen, 1.0 / (tau2[:, None] + np.where(seen, variance, 1.0)), 0.0)
        held = np.where(seen, x, 0.0)
        return cls(_before(u), _before(u * held), _before(u * u * np.where(seen, variance, 0.0)), _before(u * u), _before(span[None, :])[0])


def _before(values: Floats) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


@dataclass(frozen=True, slots=True)
class Runs:
    """All runs of one `length`, by start: `mean` (s, w - length + 1) away from mu, and `t`, the same in standard errors."""

    length: int
    mean: Floats
    t: Floats


def all_runs(x: Floats, variance: Floats, noise: Noise, span: Floats) -> Iterator[Runs]:
    """Yield the runs of each length that is tried.

    Parameters
    ----------
    x : (s, w) values of the judged windows; variance : (s or 1, w); span : (w,) their lengths in reference windows.
    """
    sums = Sums.of(x, variance, noise.tau2, span)
    tried = lengths(x.shape[1])
    if not len(tried):
        return
    spans = tried.astype(np.float64) * float(span.mean())
    between = np.asarray(noise.posterior @ noise.grid.mean_variance(spans))
    for position, length in enumerate(tried.tolist()):
        yield _of_length(sums, noise, length, between[:, position : position + 1])


def _of_length(sums: Sums, noise: Noise, length: int, between: Floats) -> Runs:
    def over(total: Floats) -> Floats:
        return np.asarray(total[:, length:] - total[:, :-length])

    told = over(sums.weight)
    some = told > 0
    weight = np.where(some, told, 1.0)
    mean = over(sums.value) / weight - noise.mu[:, None]
    uneven = np.maximum(over(sums.square) / weight**2 - 1 / length, 0.0)
    variance = between + noise.lonely[:, None] * uneven + over(sums.sampling) / weight**2 + noise.mu_variance[:, None]
    t = np.where(some, mean / np.sqrt(variance), 0.0)
    return Runs(length, mean, t)


def farthest_of_even(x: Floats, variance: float, noise: Noise, span: float) -> Floats:
    """Return the same for windows (s, w) that all have one sampling variance and one length: a run's error goes by its length alone."""
    tried = lengths(x.shape[1])
    best = np.zeros((len(x), int(length_class(np.array([x.shape[1]]))[0]) + 1))
    total = _before(x - noise.mu[:, None]).astype(np.float32)
    between = noise.posterior @ noise.grid.mean_variance(tried.astype(np.float64) * span)
    error = np.sqrt(between + variance / tried[None, :] + noise.mu_variance[:, None])
    for position, (length, at) in enumerate(zip(tried.tolist(), length_class(tried).tolist(), strict=True)):
        away = total[:, length:] - total[:, :-length]
        far = np.maximum(away.max(axis=1), -away.min(axis=1)) / (length * error[:, position])
        np.maximum(best[:, at], far, out=best[:, at])
    return best


def farthest(x: Floats, variance: Floats, noise: Noise, span: Floats) -> Floats:
    """Return the largest |t| by class of lengths, (s, c)."""
    classes = int(length_class(np.array([x.shape[1]]))[0]) + 1
    best = np.zeros((len(x), classes))
    for runs in all_runs(x, variance, noise, span):
        at = int(length_class(np.array([runs.length]))[0])
        np.maximum(best[:, at], np.abs(runs.t).max(axis=1), out=best[:, at])
    return best
