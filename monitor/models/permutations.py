"""Attributions of any model from outside: columns are exchanged one after the other, in random orders (Štrumbelj and Kononenko 2014).

Every background row is met in one random order and in its reverse, so the attributions of a row add up to its margin minus the mean margin
of the background exactly, however few orders there are; each single one is an estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.watch import Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_AT_ONCE = 200_000
"""Rows that the model is asked about at once."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """Attributions (n, d, k) and the standard error of one of them, from how much a reversed order changes it."""

    values: Floats
    error: float


def permutation_attributions(
    margin: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, background: pd.DataFrame, *, seed: int, watch: Watch
) -> Estimated:
    """Estimate the attributions of rows (n, d) of a model whose `margin` gives (n, k), against a background."""
    draw = np.random.default_rng(seed)
    both = pd.concat([rows, background], ignore_index=True)
    ends = margin(both)
    n, m, d = len(rows), len(background), rows.shape[1]
    values, spread = np.zeros((n, d, ends.shape[1])), 0.0
    step = max(1, _AT_ONCE // (m * max(d - 1, 1)))
    for start in range(0, n, step):
        watch.tell(start / n, "explaining")
        here = np.arange(start, min(start + step, n))
        rank = draw.random((len(here), m, d)).argsort(axis=2).argsort(axis=2)
        one, other = (_along(margin, both, ends, here, order) for order in (rank, d - 1 - rank))
        values[here] = (one + other).mean(axis=1) / 2
        spread += float((np.square(one - other) / 4).mean(axis=1).sum())
    return Estimated(values, float(np.sqrt(spread / values.size / m)))


def _along(margin: Callable[[pd.DataFrame], Floats], both: pd.DataFrame, ends: Floats, here: Ints, rank: Ints) -> Floats:
    """Return by row and background row what each column changes when it is exchanged at its `rank`, (c, m, d, k)."""
    c, m, d = rank.shape
    there = len(both) - m + np.arange(m)
    path = np.empty((c, m, d + 1, ends.shape[1]))
    path[:, :, 0], path[:, :, d] = ends[there][None], ends[here][:, None]
    if d > 1:
        shape = (c, m, d - 1)
        own = np.broadcast_to(here[:, None, None], shape)
        other = np.broadcast_to(there[None, :, None], shape)
        taken = np.arange(1, d)
        mixed = {
            name: both[name].take(np.where(rank[:, :, [j]] < taken, own, other).ravel()).reset_index(drop=True)
            for j, name in enumerate(both.columns)
        }
        path[:, :, 1:d] = margin(pd.DataFrame(mixed)).reshape(*shape, -1)
    return np.take_along_axis(np.diff(path, axis=2), rank[:, :, :, None], axis=2)
