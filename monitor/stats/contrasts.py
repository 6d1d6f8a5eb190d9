"""Contrasts: the few questions asked of a column's cells ("higher or lower?", "wider?", "more of this level?", "more missing?").

Each contrast is a weighted mean of cell shares. Unlike an omnibus statistic it has a direction, one degree of freedom and
its own window-to-window variance, so that clustered rows (all flights of an hour share the weather) widen only the questions
that they touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SELDOM = 5.0
MISSING_BUDGET = 0.25
OTHER_BUDGET = 0.05
FAR = 35.0
RARE = 0.1
FEW = 50.0
"""Share, and variance of a count, below which the normal approximation is not good enough."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts (w, k) on the fine cells by window, and `sums` (w,) of the finite values around one fixed center, as far as there are any."""

    counts: Floats
    sums: Floats | None = None

    def total(self) -> Tally:
        """Return all windows together, as one."""
        sums = None if self.sums is None else self.sums.sum(keepdims=True)
        return Tally(self.counts.sum(axis=0, keepdims=True), sums)

    def rest(self) -> Tally:
        """Return, for each window, all the others together."""
        sums = None if self.sums is None else self.sums.sum() - self.sums
        return Tally(self.counts.sum(axis=0)[None, :] - self.counts, sums)

    def merged(self, groups: Sequence[Sequence[int]]) -> Tally:
        """Add up windows by groups of positions."""
        index = [list(group) for group in groups]
        sums = None if self.sums is None else np.array([self.sums[i].sum() for i in index])
        return Tally(np.array([self.counts[i].sum(axis=0) for i in index]), sums)


@dataclass(frozen=True, slots=True)
class Contrasts:
    """`weights` (j, k): one row per question over the k cells; `names` (j,); `groups` (j,): group index of a one-cell question, else -1;
    `budget` (j,) sums to 1: the share of the error probability each question may spend. The question "mean" has no weights: it is asked
    of the sums."""

    names: tuple[str, ...]
    weights: Floats
    groups: Ints
    budget: Floats


def contrasts(reference: Floats, groups: Ints, *, ordered: bool, mean: bool = False) -> Contrasts:
    """Build the questions asked of one column: the missing share among all rows, everything else among rows with a value.

    Parameters
    ----------
    reference : (k,) counts of the reference on the fine cells; the last cell is `missing`, the one before `other`.
    groups : (k,) group index of every fine cell; the last group is `missing`, the one before `other`.
    ordered : numeric cells, which also have a location, a spread and two ends.
    mean : whether the mean itself is asked for too (sensible where no single row can move it much).
    """
    count = int(groups.max()) + 1
    indicators = (groups[None, :] == np.arange(count)[:, None]).astype(float)
    regular = list(range(count - 1))
    if not ordered and len(regular) == 3 and reference[groups == regular[-1]].sum() == 0:  # two levels mirror each other
        regular = regular[1:]
    each = ((0.2 if ordered else 1 - MISSING_BUDGET) - OTHER_BUDGET) / max(len(regular) - 1, 1)
    asked = [_Asked("missing", indicators[-1], count - 1, MISSING_BUDGET)]
    asked += [_Asked(f"cell {g}", indicators[g], g, OTHER_BUDGET if g == regular[-1] else each) for g in regular]
    if ordered:
        location, spread = _location_and_spread(reference)
        ends = np.eye(len(reference))[_ends(reference)]
        asked += [_Asked("location", location, -1, 0.175 if mean else 0.35), _Asked("spread", spread, -1, 0.1)]
        asked += [_Asked("lowest", ends[0], -1, 0.05), _Asked("highest", ends[1], -1, 0.05)]
    if ordered and mean:
        asked.append(_Asked("mean", np.zeros(len(reference)), -1, 0.175))
    return Contrasts(
        tuple(one.name for one in asked),
        np.array([one.weights for one in asked]),
        np.array([one.group for one in asked], dtype=np.int64),
        np.array([one.budget for one in asked]),
    )


def _ends(reference: Floats) -> list[int]:
    """Return the first and last regular cell that the reference fills; beyond them is a question of its own."""
    filled = np.flatnonzero(reference[:-2] > 0)
    return [int(filled[0]), int(filled[-1])] if len(filled) else [0, len(reference) - 3]


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    weights: Floats
    group: int
    budget: float


def _location_and_spread(reference: Floats) -> tuple[Floats, Floats]:
    """Mid-ranks in the reference (Mann-Whitney scores) and their squared distance from the middle; 0 for `other` and `missing`."""
    shares = reference[:-2] / max(float(reference[:-2].sum()), 1.0)
    ranks = np.cumsum(shares) - shares / 2
    spread = (ranks - 0.5) ** 2
    pad = np.zeros(2)
    return np.append(ranks - 0.5, pad), np.append(spread - float(spread @ shares), pad)


def signed_roots(questions: Contrasts, baseline: Tally, windows: Tally, *, scale: Floats, sd: float = 0.0) -> Floats:
    """Return how far each window lies from its baseline on each question, in standard errors of independent rows, (w, j).

    Parameters
    ----------
    baseline : one window, or as many as `windows` (never holding the window itself).
    windows : what is judged.
    scale : (k,) counts that give the row-to-row variance of each question (the whole reference).
    sd : row-to-row standard deviation of the values, in units of the column (for the question "mean").

    Notes
    -----
    z = (window mean - baseline mean) / sqrt(variance (1/n + 1/m)), where a cell that the reference never had takes the pooled variance; for
    questions on rare cells z is the normal quantile of the exact conditional binomial tail (the larger, conservative tail), so that one
    unseen value is not "20 sigma"; for other shares of few rows the signed root of the likelihood ratio, whose tails are right.
    """
    base = np.broadcast_to(baseline.counts, windows.counts.shape)
    n, m = _rows_asked(questions, windows.counts), _rows_asked(questions, base)
    sum_window, sum_base = windows.counts @ questions.weights.T, base @ questions.weights.T
    shares = is_share(questions)
    with np.errstate(invalid="ignore", divide="ignore"):
        asked = _rows_asked(questions, scale[None, :])[0]
        variance = scale @ (questions.weights**2).T / asked - (scale @ questions.weights.T / asked) ** 2
        pooled = (sum_window + sum_base) / (n + m)
        unseen = shares[None, :] & (variance[None, :] <= 0)
        spread = np.where(unseen, pooled * (1 - pooled), np.maximum(variance, 0.0)[None, :])
        z = (sum_window / n - sum_base / m) / np.sqrt(spread * (1 / n + 1 / m))
        if "mean" in questions.names and windows.sums is not None and baseline.sums is not None:
            at = questions.names.index("mean")
            z[:, at] = (windows.sums / n[:, at] - baseline.sums / m[:, at]) / (sd * np.sqrt(1 / n[:, at] + 1 / m[:, at]))
    z = np.where(np.isfinite(z), z, 0.0)
    some = shares[None, :] & (n > 0) & (m > 0)
    few = some & (pooled >= RARE) & (np.minimum(n, m) * pooled * (1 - pooled) < FEW)
    for part, root in ((some & (pooled < RARE), _binomial_roots), (few, _likelihood_roots)):
        if part.any():
            z[part] = root(*(np.broadcast_to(one, part.shape)[part] for one in (sum_window, sum_base, n, m)))
    return np.asarray(z)


def seldom_asked(questions: Contrasts, total: Floats, windows: int) -> NDArray[np.bool_]:
    """Say which questions are on cells with fewer than five reference rows a window, (j,)."""
    return np.asarray(is_share(questions) & (total @ questions.weights.T < SELDOM * windows))


def is_share(questions: Contrasts) -> NDArray[np.bool_]:
    """Say which questions are the share of rows in some cells, (j,)."""
    zero_or_one = ((questions.weights == 0.0) | (questions.weights == 1.0)).all(axis=1)
    return np.asarray(zero_or_one & (questions.weights != 0.0).any(axis=1))


def _rows_asked(questions: Contrasts, counts: Floats) -> Floats:
    """Rows that each question is asked of, (w, j): all for the missing share (the first), those with a value for the rest."""
    rows = counts.sum(axis=1)[:, None]
    present = np.arange(len(questions.names))[None, :] > 0
    return np.asarray(rows - present * counts[:, -1:])


def _binomial_roots(x: Floats, y: Floats, n: Floats, m: Floats) -> Floats:
    """Signed normal quantile of the exact tail of x of n rows given x + y of n + m, where that is binomial without change (rare events).

    Beyond FAR, where tails underflow, the root of the likelihood ratio, which it approaches.
    """
    share = n / (n + m)
    up = x > (x + y) * share
    tail = np.full(len(x), 0.5)
    for side, own, rest, part in ((up, x, y, share), (~up, y, x, 1 - share)):
        here = own[side]
        tail[side] = np.where(here > 0, special.betainc(np.maximum(here, 1e-9), rest[side] + 1, part[side]), 1.0)
    z = stats.norm.isf(np.clip(tail, 1e-300, 0.5))
    ratio = special.rel_entr(x, (x + y) * share) + special.rel_entr(y, (x + y) * (1 - share))
    return np.asarray(np.where(up, 1.0, -1.0) * np.where(z > FAR, np.sqrt(2 * np.maximum(ratio, 0.0)), z))


def _likelihood_roots(x: Floats, y: Floats, n: Floats, m: Floats) -> Floats:
    """Signed root of the likelihood ratio of the shares x / n and y / m; none and all of the n rows count as half a row nearer to y / m."""
    usual = n * y / m
    x = np.clip(x, np.minimum(0.5, usual), np.maximum(n - 0.5, usual))
    p = (x + y) / (n + m)
    ratio = sum(special.rel_entr(seen, rows * part) for rows, own in ((n, x), (m, y)) for seen, part in ((own, p), (rows - own, 1 - p)))
    return np.asarray(np.sign(x / n - y / m) * np.sqrt(2 * np.maximum(ratio, 0.0)))
