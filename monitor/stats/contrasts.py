"""Contrasts: the few questions asked of a column's cells ("higher or lower?", "wider?", "more of this level?", "more missing?").

Each contrast is a weighted mean of cell shares. Unlike an omnibus statistic it has a direction, one degree of freedom and
its own window-to-window variance, so that clustered rows (all flights of an hour share the weather) widen only the questions
that they touch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SELDOM = 5.0
RARE = 0.1
"""Share below which the exact binomial tail replaces the normal approximation."""


@dataclass(frozen=True, slots=True)
class Contrasts:
    """`weights` (j, k): one row per question over the k cells; `names` (j,); `groups` (j,): group index of a one-cell question, else -1;
    `budget` (j,) sums to 1: the share of the error probability each question may spend."""

    names: tuple[str, ...]
    weights: Floats
    groups: Ints
    budget: Floats


def contrasts(reference: Floats, groups: Ints, *, ordered: bool) -> Contrasts:
    """Build the questions asked of one column: the missing share among all rows, everything else among rows with a value.

    Parameters
    ----------
    reference : (k,) counts of the reference on the fine cells; the last cell is `missing`, the one before `other`.
    groups : (k,) group index of every fine cell; the last group is `missing`, the one before `other`.
    ordered : numeric cells, which also have a location, a spread and two ends.
    """
    count = int(groups.max()) + 1
    indicators = (groups[None, :] == np.arange(count)[:, None]).astype(float)
    regular = list(range(count - 1))
    if not ordered and len(regular) == 3 and reference[groups == regular[-1]].sum() == 0:  # two levels mirror each other
        regular = regular[1:]
    names, rows, index = ["missing"], [indicators[-1]], [count - 1]
    names, rows, index = names + [f"cell {g}" for g in regular], rows + [indicators[g] for g in regular], index + regular
    budget = [0.15] + [(0.3 if ordered else 0.85) / len(regular)] * len(regular)
    if ordered:
        location, spread = _location_and_spread(reference)
        ends = np.eye(len(reference))[[0, len(reference) - 3]]
        names, rows, index = [*names, "location", "spread", "lowest", "highest"], [*rows, location, spread, *ends], [*index, -1, -1, -1, -1]
        budget = [*budget, 0.35, 0.1, 0.05, 0.05]
    return Contrasts(tuple(names), np.array(rows), np.array(index, dtype=np.int64), np.array(budget))


def _location_and_spread(reference: Floats) -> tuple[Floats, Floats]:
    """Mid-ranks in the reference (Mann-Whitney scores) and their squared distance from the middle; 0 for `other` and `missing`."""
    shares = reference[:-2] / max(float(reference[:-2].sum()), 1.0)
    ranks = np.cumsum(shares) - shares / 2
    spread = (ranks - 0.5) ** 2
    pad = np.zeros(2)
    return np.append(ranks - 0.5, pad), np.append(spread - float(spread @ shares), pad)


def signed_roots(questions: Contrasts, baseline: Floats, windows: Floats, *, scale: Floats) -> Floats:
    """Return how far each window lies from its baseline on each question, in standard errors of independent rows, (w, j).

    Parameters
    ----------
    baseline : (k,) or (w, k) counts that each window is compared with (never holding the window itself).
    windows : (w, k) counts.
    scale : (k,) counts that give the row-to-row variance of each question (the whole reference).

    Notes
    -----
    z = (window mean - baseline mean) / sqrt(variance (1/n + 1/m)); for questions on rare cells z is the normal
    quantile of the exact conditional binomial tail (the larger, conservative tail), so that one unseen value is not "20 sigma".
    """
    base = np.broadcast_to(np.atleast_2d(baseline), windows.shape)
    n, m = _rows_asked(questions, windows), _rows_asked(questions, base)
    sum_window, sum_base = windows @ questions.weights.T, base @ questions.weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        asked = _rows_asked(questions, scale[None, :])[0]
        variance = scale @ (questions.weights**2).T / asked - (scale @ questions.weights.T / asked) ** 2
        z = (sum_window / n - sum_base / m) / np.sqrt(np.maximum(variance, 0.0)[None, :] * (1 / n + 1 / m))
        pooled = (sum_window + sum_base) / (n + m)
    z = np.where(np.isfinite(z), z, 0.0)
    rare = _is_share(questions)[None, :] & (pooled < RARE) & (n > 0) & (m > 0)
    if rare.any():
        z[rare] = _binomial_roots(sum_window[rare], sum_base[rare], (n / (n + m))[rare])
    return np.asarray(z)


def seldom_asked(questions: Contrasts, total: Floats, windows: int) -> NDArray[np.bool_]:
    """Say which questions are on cells with fewer than five reference rows a window, (j,)."""
    return np.asarray(_is_share(questions) & (total @ questions.weights.T < SELDOM * windows))


def _is_share(questions: Contrasts) -> NDArray[np.bool_]:
    return np.asarray(((questions.weights == 0.0) | (questions.weights == 1.0)).all(axis=1))


def _rows_asked(questions: Contrasts, counts: Floats) -> Floats:
    """Rows that each question is asked of, (w, j): all for the missing share (the first), those with a value for the rest."""
    rows = counts.sum(axis=1)[:, None]
    present = np.arange(len(questions.names))[None, :] > 0
    return np.asarray(rows - present * counts[:, -1:])


def _binomial_roots(x: Floats, y: Floats, share: Floats) -> Floats:
    """Signed normal quantile of the exact tail of x given x + y, where x is binomial(x + y, share) without change."""
    upper = np.where(x > 0, special.betainc(np.maximum(x, 1e-9), y + 1, share), 1.0)  # P(X >= x)
    lower = np.where(y > 0, special.betaincc(x + 1, np.maximum(y, 1e-9), share), 1.0)  # P(X <= x)
    tail = np.clip(np.minimum(upper, lower), 1e-300, 0.5)
    return np.asarray(np.where(upper < lower, 1.0, -1.0) * stats.norm.isf(tail))
