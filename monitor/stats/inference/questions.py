"""The few questions asked of a column ("higher?", "wider?", "more of this level?", "more missing?"), each a number per window.

A question is a weighted share of the cells: a weighted mean over rows, with a direction, one degree of freedom and its own variation from
window to window, so that clustered rows (all flights of an hour share the weather) widen only the questions that they touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.scale import exponent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FAR = 35.0
"""Standard errors beyond which tails underflow and the root of the likelihood ratio stands in."""
RARE = 0.1
"""Share below which a count is read off its exact (binomial) law: the normal approximation has the wrong tails."""
FEW = 50.0
"""Variance of a count below which a share is read off the likelihood ratio, for the same reason."""
HEAVY_REACH = 8.0
"""Standard deviations from the mean to the farthest value from which a mean is no question: single rows would answer it."""


class Ask(StrEnum):
    """What a question asks."""

    MISSING = "missing"
    LOCATION = "location"
    """Mid-ranks in the reference (Mann-Whitney scores)."""
    MEAN = "mean"
    """Values, none farther out than the reference's own."""
    SPREAD = "spread"
    """Squared distance of mid-ranks from the middle (Mood's scores)."""
    CELL = "cell"
    LOWEST = "lowest"
    HIGHEST = "highest"
    LEVELS = "levels"
    """How many different levels a window has (`variety.py`): no share of cells."""


OF_SHARES = frozenset({Ask.MISSING, Ask.CELL, Ask.LOWEST, Ask.HIGHEST})
"""Questions that are the share of rows in some cells."""
BUDGET = {Ask.MISSING: 0.15, Ask.LOCATION: 0.2, Ask.MEAN: 0.15, Ask.SPREAD: 0.1, Ask.LOWEST: 0.05, Ask.HIGHEST: 0.05, Ask.CELL: 0.15}
"""Shares of the error probability of a numeric column; facts have the rest (FACTS). Location and mean are what is asked most."""
FACTS = 0.15
"""What the facts of a column share."""
LEVELS_BUDGET = 0.7
"""What the levels of a categorical column share."""
VARIETY_PART = 0.2
"""Part of that for the number of levels, where some have no name."""


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class Questions:
    """`asks` (j,); `weights` (j, k) over the cells; `groups` (j,) the coarse group of a question on one cell, else -1; `budget` (j,)."""

    asks: tuple[Ask, ...]
    weights: Floats
    groups: Ints
    budget: Floats

    @cached_property
    def of_shares(self) -> NDArray[np.bool_]:
        """Which questions are the share of rows in some cells, (j,)."""
        return np.array([ask in OF_SHARES for ask in self.asks])

    @cached_property
    def _of_present(self) -> NDArray[np.bool_]:
        return np.array([ask is not Ask.MISSING for ask in self.asks])

    def rows(self, counts: Floats) -> Floats:
        """Return the rows that each question is asked of, (w, j): all for the missing share, those with a value for the rest."""
        return np.asarray(counts.sum(axis=1)[:, None] - self._of_present * counts[:, -1:])

    def with_variety(self) -> Questions:
        """Return these questions of levels and, last, that for their number, which takes a part of what they share."""
        share = np.array([1 - VARIETY_PART if one is Ask.CELL else 1.0 for one in self.asks])
        return Questions(
            (*self.asks, Ask.LEVELS),
            np.concatenate([self.weights, np.zeros((1, self.weights.shape[1]))]),
            np.append(self.groups, -1),
            np.append(self.budget * share, VARIETY_PART * LEVELS_BUDGET),
        )


def ask(reference: Floats, groups: Ints, positions: Floats | None) -> Questions:
    """Build the questions of one column.

    Parameters
    ----------
    reference : (k,) counts of the reference; the last cell is `missing`, before it `other` (two where infinities are told apart by sign).
    groups : (k,) coarse group of each cell; groups that the reference never filled are facts, no questions.
    positions : values of the regular numeric cells, which come first; None for levels.
    """
    own = np.bincount(groups, reference)
    filled = [int(g) for g in np.unique(groups[:-1]) if own[g] > 0]
    if positions is None and len(filled) == 2:  # two levels mirror each other: the rarer one is asked for
        filled = [min(filled, key=lambda g: own[g])]
    if len(filled) == 1 and own[:-1].sum() == own[filled[0]]:  # one value only: nothing of it can change but what facts see
        filled = []
    each = (LEVELS_BUDGET if positions is None else BUDGET[Ask.CELL]) / max(len(filled), 1)
    asked = [(Ask.MISSING, (np.arange(len(reference)) == len(reference) - 1).astype(float), -1, BUDGET[Ask.MISSING])]
    asked += [(Ask.CELL, (groups == g).astype(float), g, each) for g in filled]
    if positions is not None and len(filled) > 1 and reference[: len(positions)].any():  # infinities alone have no order of values
        asked += _ordered(reference, positions)
    asks, weights, cells, budget = zip(*asked, strict=True)
    return Questions(asks, np.array(weights), np.array(cells, dtype=np.int64), np.array(budget))


def _ordered(reference: Floats, positions: Floats) -> list[tuple[Ask, Floats, int, float]]:
    regular, rest = reference[: len(positions)], np.zeros(len(reference) - len(positions))
    shares = regular / max(float(regular.sum()), 1.0)
    ranks = np.cumsum(shares) - shares / 2 - 0.5
    spread = ranks**2 - float(ranks**2 @ shares)
    held = np.flatnonzero(regular > 0)
    ends = np.eye(len(reference))
    found = [
        (Ask.LOCATION, np.append(ranks, rest), -1, BUDGET[Ask.LOCATION]),
        (Ask.SPREAD, np.append(spread, rest), -1, BUDGET[Ask.SPREAD]),
        (Ask.LOWEST, ends[held[0]], -1, BUDGET[Ask.LOWEST]),
        (Ask.HIGHEST, ends[held[-1]], -1, BUDGET[Ask.HIGHEST]),
    ]
    value = np.clip(positions, positions[held[0]], positions[held[-1]])
    value = np.ldexp(value, -exponent(value))
    mean = float(value @ shares)
    sd = float(np.sqrt(max(float(np.square(value - mean) @ shares), 0.0)))
    if sd > 0 and np.max(np.abs(value[held] - mean)) <= HEAVY_REACH * sd:
        found.append((Ask.MEAN, np.append((value - mean) / sd, rest), -1, BUDGET[Ask.MEAN]))
    return found


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to the questions of one column: `x` (j, r + w) away from the reference's mean in sampling standard deviations of a usual
    window, and their sampling `variance` (j, r + w) in squares of these (infinite where nobody could be asked); `usual` (j,) rows of such
    a window; `share` (j,) of the reference's rows where the question is how many rows there are of a kind, nan where it is another."""

    x: Floats
    variance: Floats
    usual: Floats
    share: Floats

    def followed_by(self, more: Answers) -> Answers:
        """Return these answers and those to further questions."""
        pairs = ((getattr(self, name), getattr(more, name)) for name in ("x", "variance", "usual", "share"))
        return Answers(*(np.concatenate(pair) for pair in pairs))


def answer(questions: Questions, reference: Floats, production: Floats) -> Answers:
    """Ask each window.

    Parameters
    ----------
    reference : (r, k) counts of the reference's windows, each compared with all the others.
    production : (w, k) counts of the judged windows, compared with the whole reference.

    Notes
    -----
    With z of a window of n rows against m others, (x_n - x_m) / sqrt(v (1/n + 1/m)), the window's own part in units of sqrt(v / n) is
    z sqrt(m / (n + m)) for the reference's own windows (which pull the mean of the others away from themselves) and z sqrt(1 + n / m)
    for the others. Scaled by the rows of a usual window, what is left is x in units that all windows share.
    """
    total = reference.sum(axis=0)
    own, others = questions.rows(reference), questions.rows(total[None, :] - reference)
    asked = questions.rows(production)
    known = questions.rows(total[None, :])
    usual = _usual(own)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = signed_roots(questions, total[None, :] - reference, reference, scale=total) * np.sqrt(others / (own + others))
        then = signed_roots(questions, total[None, :], production, scale=total) * np.sqrt(1 + asked / known)
        rows = np.concatenate([own, asked])
        x = np.concatenate([first, then]) * np.sqrt(usual / rows)
    seen = (rows > 0) & np.isfinite(x) & np.concatenate([others > 0, np.broadcast_to(known > 0, asked.shape)])
    variance = np.where(seen, usual / np.where(seen, rows, 1.0), np.inf)
    share = (total @ questions.weights.T) / np.maximum(questions.rows(total[None, :])[0], 1.0)
    return Answers(np.where(seen, x, 0.0).T, variance.T, usual, np.where(questions.of_shares & (share > 0) & (share < 1), share, np.nan))


def _usual(rows: Floats) -> Floats:
    """Return the rows of a usual window by question, (j,): the median of those that have any."""
    held = np.where(rows > 0, rows, np.nan)
    known = np.isfinite(held)
    if known.all():
        return np.asarray(np.median(rows, axis=0))
    some = known.any(axis=0)
    usual = np.ones(rows.shape[1])
    usual[some] = np.nanmedian(held[:, some], axis=0)
    return usual


def signed_roots(questions: Questions, baseline: Floats, windows: Floats, *, scale: Floats) -> Floats:
    """Return how far each window lies from its baseline on each question, in standard errors of independent rows, (w, j).

    Parameters
    ----------
    baseline : (1 or w, k) counts that windows are compared with (never holding the window itself).
    windows : (w, k) counts of what is judged.
    scale : (k,) counts that give the row-to-row variance of each question (the whole reference).

    Notes
    -----
    z = (window mean - baseline mean) / sqrt(variance (1/n + 1/m)). Of rare cells z is the normal quantile of the exact conditional
    binomial tail (the larger, conservative tail), so that one row is not "20 sigma"; of other shares of few rows the signed root of the
    likelihood ratio, whose tails are right. Rare is what is rare in `scale`, in all windows alike: a level of one weekday, which is common
    in some windows, would else be measured on one scale in the reference and on another in production.
    """
    base = np.broadcast_to(baseline, windows.shape)
    n, m = questions.rows(windows), questions.rows(base)
    sum_window, sum_base = windows @ questions.weights.T, base @ questions.weights.T
    shares = questions.of_shares
    with np.errstate(invalid="ignore", divide="ignore"):
        asked = questions.rows(scale[None, :])[0]
        usual = scale @ questions.weights.T / asked
        variance = scale @ (questions.weights**2).T / asked - usual**2
        pooled = (sum_window + sum_base) / (n + m)
        unseen = shares[None, :] & (variance[None, :] <= 0)
        spread = np.where(unseen, pooled * (1 - pooled), np.maximum(variance, 0.0)[None, :])
        z = (sum_window / n - sum_base / m) / np.sqrt(spread * (1 / n + 1 / m))
    z = np.where(np.isfinite(z), z, 0.0)
    some = shares[None, :] & (n > 0) & (m > 0)
    rare = np.broadcast_to(usual < RARE, some.shape)
    few = some & ~rare & (np.minimum(n, m) * pooled * (1 - pooled) < FEW)
    for part, root in ((some & rare, _binomial_roots), (few, _likelihood_roots)):
        if part.any():
            z[part] = root(*(np.broadcast_to(one, part.shape)[part] for one in (sum_window, sum_base, n, m)))
    return np.asarray(z)


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
    z = -special.ndtri(np.clip(tail, 1e-300, 0.5))
    ratio = special.rel_entr(x, (x + y) * share) + special.rel_entr(y, (x + y) * (1 - share))
    return np.asarray(np.where(up, 1.0, -1.0) * np.where(z > FAR, np.sqrt(2 * np.maximum(ratio, 0.0)), z))


def _likelihood_roots(x: Floats, y: Floats, n: Floats, m: Floats) -> Floats:
    """Signed root of the likelihood ratio of the shares x / n and y / m; none and all of the n rows count as half a row nearer to y / m."""
    usual = n * y / m
    x = np.clip(x, np.minimum(0.5, usual), np.maximum(n - 0.5, usual))
    p = (x + y) / (n + m)
    ratio = sum(special.rel_entr(seen, rows * part) for rows, own in ((n, x), (m, y)) for seen, part in ((own, p), (rows - own, 1 - p)))
    return np.asarray(np.sign(x / n - y / m) * np.sqrt(2 * np.maximum(ratio, 0.0)))
