"""Questions of an ordered column without what the location of a window does to them: an ordinary shift moves cells and spread too.

Where windows differ by a normal effect on the location, the share of an outer cell is convex in it, that of an inner cell has its largest
value at none, and spread moves with its square: effects whose tails no normal law knows. What a shift of the whole column does to a
question beyond a straight line is taken out of it; the straight line stays, and location is asked by itself. A column shifts on the scale
of its normal scores (any law that a monotone function makes normal), on that of its values, or on none that is known: whichever leaves
least in the windows of the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.inference.questions import Answers, Ask, Questions
from monitor.stats.scale import exponent

Floats = NDArray[np.float64]

SHIFTS = np.linspace(-3.0, 3.0, 61)
"""Shifts at which questions are worked out, in standard deviations; beyond them the last one stands."""
NONE = len(SHIFTS) // 2
"""Position of no shift."""


def straightened(questions: Questions, found: Answers, total: Floats, cells: tuple[Floats, Floats] | None, reference: int) -> Answers:
    """Return answers net of what bends with the location of each window.

    All that is taken out of a judged window may be wrong, for its shift may lie beyond those that the reference has shown: its square
    adds to the variance. The reference's own windows keep theirs, or effects between them would be taken for smaller than they are.

    Parameters
    ----------
    total : (k,) counts of the reference.
    cells : values in the middle of the regular numeric cells (c,), which come first, and how wide these are; None for levels.
    reference : windows of the reference, which come first.
    """
    if cells is None or Ask.LOCATION not in questions.asks:
        return found
    at = questions.asks.index(Ask.LOCATION)
    bent = [j for j, ask in enumerate(questions.asks) if ask not in (Ask.LOCATION, Ask.MISSING)]
    regular = total[: len(cells[0])]
    held = regular / max(float(regular.sum()), 1.0)
    best, least = found.x, _left(found.x[:, :reference], at, bent)
    for shares in _shifted(held, *cells):
        x = _net(questions, found, _answers(questions, found.usual, held, shares), at, bent)
        if (left := _left(x[:, :reference], at, bent)) < least:
            best, least = x, left
    variance = found.variance.copy()
    variance[:, reference:] += np.square((found.x - best)[:, reference:])
    return replace(found, x=best, variance=variance)


def _shifted(held: Floats, positions: Floats, widths: Floats) -> Iterator[Floats]:
    """Yield the shares of cells (s, c) at each of SHIFTS, on the scale of normal scores and on that of values."""
    below = np.append(0.0, np.cumsum(held))
    yield np.diff(special.ndtr(special.ndtri(np.clip(below, 0.0, 1.0))[None, :] - SHIFTS[:, None]), axis=1)
    unit = exponent(np.concatenate([positions, widths]))
    positions, widths = np.ldexp(positions, -unit), np.ldexp(widths, -unit)
    lower, upper = positions - widths / 2, positions + widths / 2
    edges = np.concatenate([lower[:1], (upper[:-1] + lower[1:]) / 2, upper[-1:]])
    mean = float(positions @ held)
    sd = float(np.sqrt(np.square(positions - mean) @ held))
    moved = np.interp(edges[None, :] - sd * SHIFTS[:, None], edges, below)
    moved[:, 0], moved[:, -1] = 0.0, 1.0
    yield np.diff(moved, axis=1)


def _answers(questions: Questions, usual_rows: Floats, held: Floats, shares: Floats) -> Floats:
    """Return the answer to each question where cells have these shares (s, c), (s, j)."""
    weights = questions.weights[:, : len(held)]
    asked = shares @ weights.T
    usual = asked[NONE]
    variance = held @ (weights**2).T - usual**2
    with np.errstate(divide="ignore", invalid="ignore"):
        straight = (asked - usual) * np.sqrt(usual_rows / variance)
    of_share = 2 * np.sqrt(usual_rows) * (np.arcsin(np.sqrt(np.clip(asked, 0, 1))) - np.arcsin(np.sqrt(np.clip(usual, 0, 1))))
    return np.asarray(np.where(questions.of_shares, of_share, np.where(variance > 0, straight, 0.0)))


def _net(questions: Questions, found: Answers, moved: Floats, at: int, bent: list[int]) -> Floats:
    """Return answers (j, t) without what is left of each curve (s, j) beyond its tangent in the location."""
    where = moved[:, at]
    step = where[NONE + 1] - where[NONE - 1]
    x = found.x.copy()
    if step <= 0:
        return x
    bend = moved - (moved[NONE + 1] - moved[NONE - 1]) / step * where[:, None]
    curvature = 4 * (bend[NONE + 1] + bend[NONE - 1]) / step**2
    seen = np.isfinite(found.variance[at])
    sampling = np.where(seen, found.variance[at], 0.0)
    for j in bent:
        x[j] -= np.where(seen, np.interp(found.x[at], where, bend[:, j]) - curvature[j] * sampling / 2, 0.0)
    return x


def _left(x: Floats, at: int, bent: list[int]) -> float:
    """Return how much questions vary that no straight line in the location tells."""
    y = x[bent] - x[bent].mean(axis=1, keepdims=True)
    d = x[at] - x[at].mean()
    size = float(d @ d)
    return float(np.square(y - (y @ d / size)[:, None] * d).sum()) if size > 0 else float(np.square(y).sum())
