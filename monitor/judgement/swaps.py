"""Two levels that exchanged their shares: each has now what the other had, as far as either is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.level_runs import level_shares
from monitor.profile import ColumnCounts

Floats = NDArray[np.float64]

ERRORS = 2.0
"""Standard errors within which each of two levels lies of what the other had (95 %): an exchange leaves shares equal, not near."""
MOST = 0.8
"""Part of all that moved which the two together are."""
FAR = 3.0
"""Times as far as it lies from what the other had that each moved: 51 and 49 % that become 43 and 57 are near an exchange, and none."""


def swapped(level: str, reference: ColumnCounts, own: ColumnCounts | None, each: ColumnCounts) -> str | None:
    """Return the level that exchanged its share with this one, and with it explains most of the change; None where there is none.

    Parameters
    ----------
    reference, own : the reference as one window, and by window where it is known.
    each : the windows of the run.
    """
    levels, pooled = each.cells.levels, each.take([range(len(each.rows))])
    before, after = level_shares(reference), level_shares(pooled)
    known, now = _variance(reference, own, 1), _variance(pooled, each, 1)
    if own is not None:  # a run of few windows does not tell how windows differ
        now = np.maximum(now, _variance(pooled, own, len(own.rows) / len(each.rows)))
    at, moved = levels.index(level), np.abs(after - before)
    mine, others = np.abs(after[at] - before), np.abs(after - before[at])
    errors = np.sqrt(now[at] + known), np.sqrt(now + known[at])
    near = (mine <= ERRORS * errors[0]) & (others <= ERRORS * errors[1])
    away = np.maximum(mine, others)
    near &= (FAR * away <= moved[at]) & (moved[at] + moved >= MOST * moved.sum())
    near[at], near[len(levels) :] = False, False
    return levels[int(np.argmin(np.where(near, away, np.inf)))] if near.any() else None


def _variance(pooled: ColumnCounts, windows: ColumnCounts | None, longer: float) -> Floats:
    """Return the variance of each share of pooled rows, (k,): that of independent rows, or of windows that differ by more (`longer` times
    as much, where they are another number of windows)."""
    share = level_shares(pooled)
    rows = share * (1 - share) / max(int(pooled.counts[0, :-1].sum()), 1)
    if windows is None or len(windows.rows) < 2:
        return np.asarray(rows)
    held = windows.counts[:, :-1].sum(axis=1)
    some = windows.counts[held > 0, :-1] / held[held > 0, None]
    return np.maximum(rows, longer * some.var(axis=0, ddof=1) / len(some)) if len(some) > 1 else np.asarray(rows)
