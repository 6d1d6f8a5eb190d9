"""Columns of times that moved beside the time of their row: another time zone, a clock that is late, rows that carry the day they were
loaded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from monitor.incidents.cause import MOMENTS, Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import TIME
from monitor.incidents.within.areas import area_of
from monitor.incidents.within.ground import FEWEST_ROWS, Bools, Floats, Ground, Shown
from monitor.incidents.within.samples import odd_values
from monitor.stats.causes.inverses import ks, ks_noise

STEP = 0.25
"""Hours that clocks differ by a multiple of: a quarter, as time zones do."""
LEAST = 0.5
REMAINS = 0.3
"""Part of the distance that may be left once the shift is taken away."""


def moved_times(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where times lie so many hours later or earlier beside the time of their row than they did."""
    if not len(ground.times) or np.isnat(ground.times).any() or ground.before[TIME].isna().any():
        return ()
    return tuple(found for column in ground.moments for inside in ground.found_windows(column) for found in _of(ground, column, inside))


def _of(ground: Ground, column: str, inside: Bools) -> Iterator[Hypothesis]:
    before, now = _ahead(ground.before, column), _ahead(ground.now, column)
    if min(np.isfinite(before).sum(), np.isfinite(now[inside]).sum()) < FEWEST_ROWS:
        return
    area = area_of(ground, *odd_values(before, now, inside), inside=inside, avoid=[column])
    if area is None:
        return
    base, rows = (one[np.isfinite(one)] for one in (before[area.base], now[area.rows]))
    if min(len(base), len(rows)) < FEWEST_ROWS:
        return
    hours = float(np.round((np.median(rows[::2]) - np.median(base)) / STEP) * STEP)
    held = rows[1::2]
    apart, left = ks(held, base), ks(held - hours, base)
    if abs(hours) < LEAST or left > max(REMAINS * apart, ks_noise(len(held), len(base))):
        return
    far = f"{abs(hours):g} hour{'s' * (abs(hours) != 1)}"
    inverse = Inverse(kind="shift", offset=-hours, value=MOMENTS, says=f"times {far} {'later' if hours > 0 else 'earlier'}")
    proof = Proof(measure="ks", before=apart, after=left, rows=len(held))
    yield ground.hypothesis(Cause.TIME_SHIFT, [column], area, Shown(proof=proof, inverse=inverse, explained=1 - left / apart, free=1))


def _ahead(frame: pd.DataFrame, column: str) -> Floats:
    """Return by how many hours a time lies after that of its row, (n,); nan where there is none."""
    ahead = frame[column].to_numpy(dtype="datetime64[us]") - frame[TIME].to_numpy(dtype="datetime64[us]")
    return np.asarray(ahead / np.timedelta64(1, "h"), dtype=np.float64)
