"""Levels of a run together: those that are gone, and how many there are, where no single one of them tells what moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.profile import UNKNOWN, ColumnCounts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNLIKELY = 0.001
"""Probability that independent rows lack any one of the levels by chance, up to which a level counts as absent."""

EXPECTED = 10.0
"""Rows of a run that a level must have had before to be called gone: independent rows miss all of them once in 20,000 times."""
GONE = 0.05
"""Part of its share up to which a level counts as gone."""
TELLS = 0.5
"""Part of all that moved from which levels that are gone tell the run."""
AS_MANY = 0.75
"""Rows of a window, in parts of the reference's usual window, from which fewer levels are no matter of fewer rows (and the other way)."""
FEWER = 0.8
"""Part of the reference's number of levels that is told as fewer."""


def vanished(reference: ColumnCounts, pooled: ColumnCounts) -> tuple[str, ...]:
    """Return the levels that are gone from a run, the commonest first, where several of them are most of what moved; else none.

    Parameters
    ----------
    reference, pooled : counts of the reference and of the run, one window each.
    """
    before, after = (level_shares(counts) for counts in (reference, pooled))
    names = pooled.cells.levels
    known = before[: len(names)]
    rows = float(pooled.counts[0, :-1].sum())
    gone = (known * rows >= EXPECTED) & (after[: len(names)] <= GONE * known)
    moved = float(np.abs(after - before).sum()) / 2
    if gone.sum() < 2 or known[gone].sum() < TELLS * moved:
        return ()
    return tuple(names[i] for i in np.argsort(-known, kind="stable") if gone[i])


def absent(counts: Ints, before: Floats) -> Floats:
    """Return the probability that independent rows lack a level by chance, any of them allowed for, where it is absent, else 1, (w, k).

    Parameters
    ----------
    counts : (w, k + 2) by level, those without a name, and missing ones last.
    before : (k,) or (w, k) share of each level without change.
    """
    k = before.shape[-1]
    held = counts[:, :-1].sum(axis=1)[:, None]
    chance = k * (1 - np.minimum(before, 1.0)) ** held
    return np.where((counts[:, :k] == 0) & (before > 0) & (chance <= UNLIKELY), chance, 1.0)


def absent_levels(reference: ColumnCounts, windows: ColumnCounts, pooled: ColumnCounts) -> tuple[str, ...]:
    """Return the levels that are gone from a run: from all of its rows, or, where none is, from any of its windows."""
    names = pooled.cells.levels
    before = level_shares(reference)[: len(names)]
    gone = level_shares(pooled)[: len(names)] <= GONE * before
    ever = np.min(absent(windows.counts, before), axis=0, initial=1.0) < 1
    chosen = ever & gone if np.any(ever & gone) else ever
    return tuple(names[i] for i in np.argsort(-before, kind="stable") if chosen[i])


def alone(reference: ColumnCounts, pooled: ColumnCounts, moved: float) -> int:
    """Return the position of the level that is most of what several rare ones together moved by (`moved`, a share); -1 where none is."""
    before, after = (level_shares(counts)[: len(pooled.cells.levels)] for counts in (reference, pooled))
    away = (after - before) * np.sign(moved)
    most = int(np.argmax(away)) if len(away) else -1
    return most if most >= 0 and away[most] >= TELLS * abs(moved) else -1


def level_shares(counts: ColumnCounts) -> Floats:
    """Return the share of each cell in the rows with a value of one window, (k,)."""
    held = counts.counts[0, :-1]
    return np.asarray(held / max(int(held.sum()), 1))


def share_of(counts: ColumnCounts, names: tuple[str, ...]) -> float:
    """Return the share of levels in the rows with a value of one window."""
    shares, held = level_shares(counts), set(names)
    return float(sum(share for level, share in zip(counts.cells.levels, shares, strict=False) if level in held))


def number_of_levels(own: ColumnCounts | None, judged: ColumnCounts) -> tuple[float, float]:
    """Return how many levels a usual window has in the reference (`own`, cut as production is) and in a run (`judged`), nan where windows
    of fewer (more) rows would have fewer (more) levels anyhow, or where it is not known, or about the same.
    """
    nothing = float("nan"), float("nan")
    if own is None or (own.distinct == UNKNOWN).any() or (judged.distinct == UNKNOWN).any():
        return nothing
    before, after = (float(np.median(one.distinct)) for one in (own, judged))
    rows = float(np.median(judged.rows)) / max(float(np.median(own.rows)), 1.0)
    fewer, more = after <= FEWER * before and rows >= AS_MANY, after * FEWER >= before > 0 and rows * AS_MANY <= 1
    return (before, after) if fewer or more else nothing
