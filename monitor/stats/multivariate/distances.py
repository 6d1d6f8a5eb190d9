"""Distances between two clouds of rows from many one-dimensional views of them (slices), with a block permutation p-value.

Each slice is a direction; rows are projected on it, and the two distribution functions F and G of the projections are
compared: Wasserstein = integral |F - G|, KS = max |F - G|, energy = 2 integral (F - G)^2. Sources: Rabin et al. 2011 (sliced
Wasserstein); Szekely and Rizzo 2013 (the energy distance is an average over slices, but for a constant).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.errors import MethodError
from monitor.stats.multivariate.rows import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance, its mean under permutation (expected without drift) and the share of permutations at least as far."""

    value: float
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Sliced:
    """Means over the slices: `wasserstein` in reference sd, `ks` in [0, 1], `energy` in reference sd; `blocks` permuted."""

    wasserstein: Distance
    ks: Distance
    energy: Distance
    blocks: int


def directions(dimensions: int, *, slices: int = 64, components: Floats | None = None, seed: int = 0) -> Floats:
    """Return unit directions (slices, d) from a seeded generator; `components` (k, d), such as principal ones, come first."""
    drawn = np.random.default_rng(seed).standard_normal((slices, dimensions))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn if components is None else np.concatenate([components, drawn])[:slices]


def sliced(
    reference: Floats, window: Floats, blocks: tuple[Ints, Ints], views: Floats, *, permutations: int = 199, seed: int = 0
) -> Sliced:
    """Compare encoded rows (n, d) and (m, d) along `views` (s, d); whole blocks change sides in a permutation.

    Parameters
    ----------
    blocks
        Time block of each row, (n,) and (m,); the two sides' ids are told apart. Blocks of about equal size are assumed
        exchangeable; with b blocks in the window of B there are only "B choose b" permutations to find.

    Raises
    ------
    MethodError
        When a side has no rows.
    """
    if not len(reference) or not len(window):
        raise MethodError(f"A distance needs rows on both sides, got {len(reference)} and {len(window)}.")
    _, block = np.unique(np.concatenate([blocks[0], blocks[1] + (blocks[0].max() + 1 - blocks[1].min())]), return_inverse=True)
    inside = np.repeat([False, True], [len(reference), len(window)])
    assignments = _assignments(block, inside, permutations, seed)
    observed = np.zeros((len(assignments), 3))
    for view in views:
        observed += _compare(np.concatenate([reference @ view, window @ view]), assignments)
    observed /= len(views)
    wasserstein, ks, energy = (_distance(column) for column in observed.T)
    return Sliced(wasserstein, ks, energy, int(block.max()) + 1)


def _assignments(block: Ints, inside: Bools, permutations: int, seed: int) -> Bools:
    """Return which rows count as the window's, the observed assignment first, (1 + permutations, n + m)."""
    rng = np.random.default_rng(seed)
    total = int(block.max()) + 1
    own = len(np.unique(block[inside]))
    chosen = np.zeros((permutations, total), dtype=bool)
    for row in chosen:
        row[rng.choice(total, size=own, replace=False)] = True
    return np.concatenate([inside[None, :], chosen[:, block]])


def _compare(projected: Floats, assignments: Bools) -> Floats:
    """Wasserstein, KS and energy of one view under every assignment, (assignments, 3)."""
    order = np.argsort(projected, kind="stable")
    gaps = np.diff(projected[order])
    sizes = assignments.sum(axis=1, keepdims=True)
    mine = np.cumsum(assignments[:, order], axis=1, dtype=np.float32)[:, :-1]
    all_rows = np.arange(1, len(order), dtype=np.float32)
    difference = mine * (1 / sizes + 1 / (len(order) - sizes)).astype(np.float32)
    difference -= all_rows / (len(order) - sizes).astype(np.float32)
    absolute = np.abs(difference, out=difference)
    apart = (gaps > 0).astype(np.float32)
    return np.column_stack([absolute @ gaps, (absolute * apart).max(axis=1, initial=0.0), 2 * np.square(absolute) @ gaps])


def _distance(values: Floats) -> Distance:
    observed, permuted = float(values[0]), values[1:]
    if not len(permuted):
        return Distance(observed, float("nan"), float("nan"))
    extreme = int(np.sum(permuted >= observed * (1 - 1e-6)))
    return Distance(observed, float(permuted.mean()), (1 + extreme) / (1 + len(permuted)))
