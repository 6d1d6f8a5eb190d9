"""Did columns change places in importance? Ranks, and the NDCG that other tools alarm on, with what chance alone would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHUFFLES = 999
"""Shuffles that a permutation p-value rests on."""


def ranks(importance: Floats) -> Ints:
    """Return the places of columns, (d,): 1 for the most important; ties keep their order.

    >>> ranks(np.array([0.1, 0.7, 0.5])).tolist()
    [3, 1, 2]
    """
    order = np.argsort(-importance, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(1, len(order) + 1)
    return place


def ndcg(reference: Floats, live: Floats) -> float:
    """Return how well the order of live importances keeps that of the reference, in [0, 1]; nan where nothing was important.

    Gains are the reference's importances (d,) in the order of the live ones (d,), discounted by log2(1 + place), in parts of the best order
    (Amazon SageMaker Clarify). Blind to scale and to flat importances, and its floor is far from 0: no verdict rests on it.

    >>> a = np.array([0.70, 0.50, 0.05])
    >>> round(ndcg(a, np.array([1.0, 2.0, 3.0])), 4), ndcg(a, 10 * a)
    (0.6876, 1.0)
    """
    discount = 1 / np.log2(np.arange(2, len(reference) + 2))
    best = float(-np.sort(-reference) @ discount)
    return float(reference[np.argsort(-live, kind="stable")] @ discount) / best if best > 0 else float("nan")


def ndcg_p_value(totals: Floats, rows: Floats, live: Bools, *, seed: int, shuffles: int = SHUFFLES) -> float:
    """Return how often shuffled stretches of time have an NDCG as low as the real one, in (0, 1]; nan where nothing was important.

    Parameters
    ----------
    totals : (b, d) summed |attribution| of each stretch of time.
    rows : (b,) rows that each stands for.
    live : (b,) whether the stretch belongs to production.
    """
    if not live.any() or live.all():
        return float("nan")
    draw = np.random.default_rng(seed)
    observed = _side_ndcg(totals, rows, live)
    as_low = sum(_side_ndcg(totals, rows, draw.permutation(live)) <= observed + 1e-12 for _ in range(shuffles))
    return float("nan") if np.isnan(observed) else (1 + as_low) / (1 + shuffles)


def _side_ndcg(totals: Floats, rows: Floats, live: Bools) -> float:
    before, after = (totals[side].sum(axis=0) / max(float(rows[side].sum()), 1e-300) for side in (~live, live))
    return ndcg(before, after)
