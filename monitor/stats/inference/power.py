"""What silence is worth: the smallest planted change that would have alarmed, and the score that it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.counts.comparison import Layout
from monitor.stats.inference.questions import Ask, Questions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POWER = 0.8
"""What "could have been seen" means: found in four of five cases, the custom of trials."""
LUCK = float(special.ndtri(POWER))
"""Standard errors of bad luck that a change of that power has to bear."""
STEPS = 16
"""Sizes of planted changes; between them the answer is interpolated."""
LARGEST_SHIFT = 6.0
"""Largest shift that is looked at, in standard deviations of the reference."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Changes of rising `size` (g,), each as shares of the cells, `shares` (g, k): shifts of all values, in reference sd, or changes of the
    share of one `group` (the commonest level; -1: shifts)."""

    size: Floats
    shares: Floats
    group: int = -1

    def moved(self, questions: Questions, question: int, total: Floats) -> Floats:
        """Return how far each change moves a question, in row-to-row standard deviations, (g,)."""
        weights = questions.weights[question]
        present = 1.0 if questions.asks[question] is Ask.MISSING else 1.0 - total[-1] / max(float(total.sum()), 1.0)
        shares = total / max(float(total.sum()), 1.0)
        mean = float(shares @ weights) / max(present, 1e-12)
        sd = float(np.sqrt(max(float(shares @ weights**2) / max(present, 1e-12) - mean**2, 0.0)))
        if sd == 0:
            return np.zeros(len(self.size))
        return np.asarray(np.abs(self.shares @ weights / max(present, 1e-12) - mean) / sd)


def plant_shifts(total: Floats, layout: Layout, sd: float) -> Planted:
    """Return shifts upwards or downwards (whichever shows less at the largest) of a numeric column with counts `total` (k,)."""
    grid = np.concatenate([[0.0], np.geomspace(0.01, LARGEST_SHIFT, STEPS)])
    return Planted(grid, _shifted(total, layout, grid * sd))


def plant_level(total: Floats, layout: Layout) -> Planted:
    """Return changes of the share of the commonest level, the others in proportion."""
    own = np.bincount(layout.groups, total)[:-1]
    group = int(np.argmax(own))
    share = float(own[group] / max(own.sum(), 1.0))
    room, sign = max(share, 1 - share), 1.0 if share < 0.5 else -1.0
    grid = np.concatenate([[0.0], np.geomspace(1e-3, max(room, 1e-3), STEPS)])
    return Planted(grid, np.array([_with_share(total, layout.groups, group, share + sign * step) for step in grid]), group)


def reached(planted: Planted, moved: Floats, needed: Floats) -> Floats:
    """Return the size from which a change moves a question as far as `needed` (w,), (w,); nan where none does."""
    rising = np.maximum.accumulate(moved)
    steps = np.concatenate([[True], np.diff(rising) > 0])
    return np.asarray(np.interp(needed, rising[steps], planted.size[steps], right=np.nan))


def _shifted(total: Floats, layout: Layout, shifts: Floats) -> Floats:
    """Return shares after all values moved by each of the shifts (g,), (g, k): rows go to the two cells around their new place."""
    size, positions = layout.size, layout.positions
    shares = np.tile(total / max(float(total.sum()), 1.0), (len(shifts), 1))
    if size == 1:
        return shares
    place = positions + shifts[:, None]
    right = np.clip(np.searchsorted(positions, place), 1, size - 1)
    gap = np.maximum(positions[right] - positions[right - 1], 1e-300)
    with np.errstate(over="ignore"):  # beyond all numbers is beyond the cell
        weight = np.clip((place - positions[right - 1]) / gap, 0.0, 1.0)
    own, cell = shares[:, :size], right + size * np.arange(len(shifts))[:, None]
    ends = ((cell - 1, own * (1 - weight)), (cell, own * weight))
    moved = [np.bincount(at.ravel(), rows.ravel(), own.size).reshape(own.shape) for at, rows in ends]
    return np.concatenate([moved[0] + moved[1], shares[:, size:]], axis=1)


def _with_share(total: Floats, groups: Ints, group: int, share: float) -> Floats:
    shares, mine = total / max(float(total.sum()), 1.0), groups == group
    others = ~mine
    others[-1] = False
    present, share = 1.0 - float(shares[-1]), float(np.clip(share, 0.0, 1.0))
    found = shares.copy()
    for part, wanted in ((mine, share), (others, 1.0 - share)):
        held = float(shares[part].sum())
        found[part] = shares[part] * (wanted * present / held) if held > 0 else wanted * present / max(int(part.sum()), 1)
    return np.asarray(found)
