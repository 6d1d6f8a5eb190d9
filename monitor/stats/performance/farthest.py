"""How far runs of windows of segments lie from the reference, in standard errors of rows times how much more the reference's own windows
vary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.performance.segments import Contrast

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRIOR = 10.0
"""Reference windows that the usual overdispersion is worth beside that of one segment, whose own windows are few."""


@dataclass(frozen=True, slots=True)
class Farthest:
    """The farthest runs of segments, (s,): `z` standard errors from the reference (0 where only other rows moved), the loss that it adds
    (`mass`), the windows `first` to before `last`; `own`, how many the farthest run of the reference lies from its mean."""

    z: Floats
    mass: Floats
    first: Ints
    last: Ints
    own: Floats

    def run(self, at: int) -> slice:
        """Return the windows of one of the runs."""
        return slice(int(self.first[at]), int(self.last[at]))


@dataclass(frozen=True, slots=True)
class Noise:
    """What the reference's windows say of segments (s,): their `mean`, its precision (`told`), and how many times as much as sampling they
    vary (`factor`)."""

    mean: Floats
    told: Floats
    factor: Floats


def noise_of(reference: Contrast) -> Noise:
    """Return the noise of segments by their windows of the reference (s, r)."""
    own, before = np.where(np.isfinite(reference.variance), 1 / reference.variance, 0.0), np.nan_to_num(reference.value)
    told = np.maximum(own.sum(axis=1), 1e-300)
    mean = (own * before).sum(axis=1) / told
    excess = (own * (before - mean[:, None]) ** 2).sum(axis=1)
    windows = np.maximum((own > 0).sum(axis=1) - 1, 1)
    usual = float(np.median(excess / windows)) if len(excess) else 1.0
    return Noise(mean, told, np.maximum((excess + PRIOR * usual) / (windows + PRIOR), 1.0))


def farthest(reference: Contrast, production: Contrast) -> Farthest:
    """Return the farthest runs of segments by window (s, w)."""
    weight, own = (np.where(np.isfinite(one.variance), 1 / one.variance, 0.0) for one in (production, reference))
    noise = noise_of(reference)
    moved, kept = (np.nan_to_num(one.value) - noise.mean[:, None] for one in (production, reference))
    z, first, last = _farthest_run(weight, moved, noise.factor, 1 / noise.told)
    both = shared(_summed(production.n * moved, first, last), _summed(production.n * _beside_itself(reference, production), first, last))
    z = np.where(both == 0, 0.0, z)
    return Farthest(z, both, first, last, _farthest_run(own, kept, noise.factor, -1 / noise.told)[0])


def shared(beside_others: Floats | float, beside_itself: Floats | float) -> Floats:
    """Return by how much something moved both beside others and beside its own past: the smaller of two moves of one sign, else 0.

    >>> shared(np.array([0.3, 0.3, -0.3, 0.3]), np.array([0.2, 0.5, -0.1, -0.2])).tolist()
    [0.2, 0.3, -0.1, 0.0]
    """
    smaller = np.sign(beside_others) * np.minimum(np.abs(beside_others), np.abs(beside_itself))
    return np.where(np.sign(beside_others) == np.sign(beside_itself), smaller, 0.0)


def _beside_itself(reference: Contrast, production: Contrast) -> Floats:
    """Return how far the loss of segments (s, w) lies from their own mean in the reference."""
    usual = (reference.n * np.nan_to_num(reference.mean)).sum(axis=1) / np.maximum(reference.n.sum(axis=1), 1.0)
    return np.asarray(np.nan_to_num(production.mean - usual[:, None]))


def _summed(values: Floats, first: Ints, last: Ints) -> Floats:
    """Add up values (s, w) over the windows `first` to before `last` of each."""
    cut, at = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1), np.arange(len(values))
    return np.asarray(cut[at, last] - cut[at, first])


def over_run(reference: Contrast, production: Contrast, run: slice) -> tuple[float, float]:
    """Return how many standard errors one segment (1, w) lies from the reference over a run, and by how much a row of it moved."""
    noise = noise_of(reference)
    moved, variance = np.nan_to_num(production.value[:, run]) - noise.mean[:, None], production.variance[:, run]
    known = np.isfinite(variance)
    weight = np.where(known, 1 / variance, 0.0)
    total, n = float(weight.sum()), np.where(known, production.n[:, run], 0.0)
    if not total:
        return 0.0, 0.0
    error = np.sqrt(noise.factor[0] * (1 / total + 1 / noise.told[0]))
    return float((weight * moved).sum() / total / error), float((n * moved).sum() / n.sum())


def _farthest_run(weight: Floats, moved: Floats, factor: Floats, known: Floats) -> tuple[Floats, Ints, Ints]:
    """Return the largest z of runs of 1, 2, 4 ... windows, and where it begins and ends; `known` (s,) is the variance of what windows are
    compared with, negative where that holds them."""
    cut = [np.cumsum(np.pad(one, ((0, 0), (1, 0))), axis=1) for one in (weight, weight * moved)]
    many = len(moved)
    z, first, last = np.zeros(many), np.zeros(many, dtype=np.int64), np.zeros(many, dtype=np.int64)
    for length in _lengths(weight.shape[1]):
        total, away = (one[:, length:] - one[:, :-length] for one in cut)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = factor[:, None] * (1 / total + known[:, None])
            scored = np.where((total > 0) & (variance > 0), away / total / np.sqrt(variance), 0.0)
        at = np.argmax(np.abs(scored), axis=1)
        best = scored[np.arange(many), at]
        better = np.abs(best) > np.abs(z)
        z, first, last = np.where(better, best, z), np.where(better, at, first), np.where(better, at + length, last)
    return z, first, last


def _lengths(windows: int) -> list[int]:
    """Return the lengths of runs: 1, 2, 4 ... and all windows."""
    return [*(2**k for k in range(windows.bit_length()) if 2**k < windows), windows] if windows else []


def looks_of(windows: int) -> int:
    """Return how many runs stand beside one another, of all lengths."""
    return sum(-(-windows // length) for length in _lengths(windows))
