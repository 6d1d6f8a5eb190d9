"""Windows whose labels are in: by how old they are, or by the share that has come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.labels import (
    Known,
)
from monitor.engine import OutcomeRows
from monitor.stats.performance.maturity import MATURE, Arrival

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOSTLY = 0.5
"""Part of a window's rows below which those with a label are few: its number would rest on less than half of what it is about."""
TRAILING = 0.9
"""Part of the usual label share below which the last windows wait for labels, where nothing says when labels come."""


def mature_windows(production: OutcomeRows, known: Known, curve: Arrival, labelled: Ints) -> Bools:
    """Say of each window whether its labels are in, (w,): by the share of them that the curve of arrival expects at the ages of its rows,
    else whether it is one of the last that have fewer labels than windows usually have."""
    if len(curve.delay):
        expected = np.bincount(production.window, np.nan_to_num(curve.at(known.age), nan=1.0), len(production.windows))
        return np.asarray(expected >= MATURE * production.rows)
    return in_by_share(labelled, production.rows)


def few_labelled(labelled: Ints, rows: Ints) -> Bools:
    """Say of which windows most rows have no label, and may never get one, (w,): their labels are a sample."""
    return np.asarray(labelled < MOSTLY * rows)


def in_by_share(labelled: Ints, rows: Ints) -> Bools:
    """Say of each window whether its labels are in where nothing says when labels come, (w,): not of the last, from where fewer of their
    rows have one than windows usually have."""
    share = labelled / np.maximum(rows, 1)
    full = share >= TRAILING * float(np.median(share[share > 0])) if (share > 0).any() else share > 0
    last = np.flatnonzero(full)
    return np.asarray(np.arange(len(share)) <= (last[-1] if len(last) else -1))
