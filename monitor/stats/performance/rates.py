"""How many labels of a segment are positive beside what its scores say, window by window: what tells of rare labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.rare import Counts
from monitor.stats.performance.segments import Segment, Sides, spread_of_windows

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RARE, RARE_SHARE = 10.0, 0.1
"""Positive labels of a usual window of a segment below which the mean of its errors is far from normal, and the share of rows up to which
they are about Poisson."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Labels (1: positive) and scores of the rows of the reference and of production, (n,) and (m,)."""

    label: tuple[Floats, Floats]
    score: tuple[Floats, Floats]


def rare_counts(sides: Sides, scored: Scored, segment: Segment, without: tuple[Segment, ...] = ()) -> Counts | None:
    """Return positives of a segment beside what scores, and all other rows of the window, let expect; None where they are not rare.

    Parameters
    ----------
    without : segments whose rows are left out.

    Notes
    -----
    Scores that are too low everywhere say nothing of a segment: what is expected follows the other rows' ratio of positives to scores, as
    far as it varies more than chance lets it.
    """
    told = [_by_window(sides, i, scored, (segment, without)) for i in range(2)]
    (own, own_expected), (events, expected) = (one[0] for one in told)
    rows = max(int(sides.inside(segment, sides.reference).sum()), 1)
    if not len(own) or np.median(own_expected) >= RARE or own_expected.sum() > RARE_SHARE * rows:
        return None
    level = _level([one[1] for one in told], sides.usable)
    after = np.where(sides.usable, expected * level[1], 0.0)
    return Counts(own=own, own_expected=own_expected * level[0], events=np.where(sides.usable, events, 0.0), expected=after)


def _by_window(sides: Sides, at: int, scored: Scored, told: tuple[Segment, tuple[Segment, ...]]) -> tuple[tuple[Floats, Floats], ...]:
    """Return positives and summed scores by window, inside a segment and of all other rows."""
    cells = sides.both[at]
    left = np.ones(cells.codes.shape[1], dtype=bool)
    for one in told[1]:
        left &= ~sides.inside(one, cells)
    inside = sides.inside(told[0], cells)
    summed = [
        tuple(np.bincount(cells.window[kept], values[kept], cells.windows).astype(float) for values in (scored.label[at], scored.score[at]))
        for kept in (left & inside, left & ~inside)
    ]
    return tuple((one[0], one[1]) for one in summed)


def _level(others: list[tuple[Floats, Floats]], usable: Bools) -> tuple[Floats, Floats]:
    """Return the ratio of positives to scores of other rows by window, (r,) and (w,), shrunk to their mean by what chance explains."""
    events, expected = (np.concatenate([one[i] for one in others]) for i in range(2))
    known = (expected > 0) & np.concatenate([np.ones(len(others[0][0]), dtype=bool), usable])
    if not known.any() or not events[known].sum():
        return np.ones(len(others[0][0])), np.ones(len(usable))
    mean = float(events[known].sum() / expected[known].sum())
    ratio = np.where(known, events / np.maximum(expected, 1e-300), mean)
    noise = mean / np.maximum(expected, 1e-300)
    center, between = spread_of_windows(ratio, np.where(known, noise, np.inf))
    told = np.where(known, center + between / (between + noise) * (ratio - center), center)
    return told[: len(others[0][0])], told[len(others[0][0]) :]
