"""Which rows to label next: strata of score and decision, more labels where they say more (Neyman 1934), and weights without bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.stats.performance.labelled import Bools, Floats, Ints

TENTHS = 10
LEAST = 2
"""Rows of each stratum at least, where it has so many: without any, nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows to label: `place` (n,) their positions, `stratum` (n,), `probability` (n,) with which each was drawn, `weight` (n,) 1 / that."""

    place: Ints
    stratum: Ints
    probability: Floats

    @property
    def weight(self) -> Floats:
        """Rows that each stands for."""
        return 1 / self.probability


def strata(score: Floats, decision: Bools) -> Ints:
    """Return the stratum of each row, (n,): tenth of the score, and what was decided; ties stand in one."""
    edges = np.unique(np.quantile(score, np.arange(1, TENTHS) / TENTHS)) if len(score) else np.zeros(0)
    return np.asarray(2 * np.searchsorted(edges, score, side="right") + decision)


def allocate(size: Ints, deviation: Floats, n: int) -> Ints:
    """Return how many rows of each stratum, (k,), to label: by its rows times the standard deviation of what a label tells.

    >>> allocate(np.array([100, 100]), np.array([0.1, 0.3]), 40).tolist()
    [10, 30]
    """
    least = np.minimum(size, LEAST)
    if least.sum() >= n:
        order = np.argsort(-size * deviation, kind="stable")
        return _first(least, order, n)
    found = least.astype(float)
    for _ in range(len(size)):  # what one stratum has not is dealt to the others
        room = found < size
        share = size * deviation * room
        left = n - found[~room].sum()
        if share.sum() <= 0 or left <= 0:
            break
        wanted = np.where(room, np.clip(share / share.sum() * left, least, size), found)
        if np.allclose(wanted, found):
            break
        found = wanted
    return _rounded(found, size, n)


def _first(least: Ints, order: Ints, n: int) -> Ints:
    found = np.zeros_like(least)
    for at in order.tolist():
        found[at] = min(int(least[at]), n - int(found.sum()))
    return found


def _rounded(found: Floats, size: Ints, n: int) -> Ints:
    whole = np.minimum(np.floor(found + 1e-9).astype(np.int64), size)
    order = np.argsort(-(found - whole), kind="stable")
    left = min(n, int(size.sum())) - int(whole.sum())
    while left > 0:
        room = order[whole[order] < size[order]][:left]
        whole[room] += 1
        left -= len(room)
    for at in order[::-1].tolist():
        take = min(max(-left, 0), int(whole[at]))
        whole[at] -= take
        left += take
    return whole


def plan_labels(chance: Floats, score: Floats, decision: Bools, n: int, *, seed: int = 0) -> Plan:
    """Draw n rows to label, without replacement within strata.

    Parameters
    ----------
    chance : (m,) that the label is positive: the more uncertain, the more its label tells.
    """
    stratum = strata(score, decision)
    names, place, size = np.unique(stratum, return_inverse=True, return_counts=True)
    deviation = np.sqrt(np.bincount(place, chance * (1 - chance)) / size)
    wanted = allocate(size, np.maximum(deviation, 1e-6), min(n, len(score)))
    rng = np.random.default_rng(seed)
    picked = [np.sort(rng.choice(np.flatnonzero(place == i), many, replace=False)) for i, many in enumerate(wanted.tolist()) if many]
    at = np.concatenate(picked) if picked else np.zeros(0, dtype=np.int64)
    return Plan(at, names[place[at]], (wanted / size)[place[at]])
