"""Columns whose day runs some hours late or early: what drift found of their peaks, proved on the rows by hour of the day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import TIME
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Floats, Ground, Ints, Shown
from monitor.judgement.finding import Finding, FindingKind
from monitor.stats.causes.inverses import ks

DAY = 24


def other_hours(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where columns of numbers have the values of some hours earlier or later in the day, since drift found that they peak then."""
    if not len(ground.times) or np.isnat(ground.times).any() or ground.before[TIME].isna().any():
        return ()
    moved = [
        (column, finding)
        for column in ground.numbers
        for stretch in ground.found.get(column, ())
        for finding in stretch.findings
        if finding.kind is FindingKind.CLOCK and np.isfinite(finding.after) and finding.after
    ]
    return tuple(found for column, finding in moved for found in _of(ground, column, finding))


def _of(ground: Ground, column: str, finding: Finding) -> Iterator[Hypothesis]:
    hours = round(finding.after)
    old, new = (frame[column].to_numpy(dtype=np.float64) for frame in (ground.before, ground.now))
    clock = [_hour(frame[TIME].to_numpy()) for frame in (ground.before, ground.now)]
    rows = (ground.windows >= finding.first) & (ground.windows <= finding.last)
    base, held = np.isfinite(old), np.isfinite(new) & rows
    if min(base.sum(), held.sum()) < FEWEST_ROWS:
        return
    usual = _means(clock[0][base], old[base])
    rest = old[base] - usual[clock[0][base]]
    apart, left = (_apart(new[held] - usual[(clock[1][held] - by) % DAY], rest) for by in (0, hours))
    if not left < apart:
        return
    at = np.flatnonzero(rows)
    area = Area(
        rows=rows, base=np.ones(len(old), dtype=bool), first=int(at[0]), last=int(at[-1]), before=int(at[0]) - 1, opens=not at[0],
        lasts=finding.ongoing,
    )  # fmt: skip
    far = f"{abs(hours)} hour{'s' * (abs(hours) != 1)}"
    inverse = Inverse(kind="shift", offset=float(hours), says=f"the values of {far} {'earlier' if hours > 0 else 'later'}")
    proof = Proof(measure="ks", before=apart, after=left, rows=int(held.sum()))
    yield ground.hypothesis(Cause.TIME_SHIFT, [column], area, Shown(proof=proof, inverse=inverse, explained=1 - left / apart, free=1))


def _hour(times: np.ndarray) -> Ints:
    return np.asarray(times.astype("datetime64[h]").astype(np.int64) % DAY)


def _means(hour: Ints, value: Floats) -> Floats:
    """Return the mean by hour of the day, (24,); nan for hours without rows."""
    rows = np.bincount(hour, minlength=DAY)
    return np.where(rows > 0, np.bincount(hour, value, DAY) / np.maximum(rows, 1), np.nan)


def _apart(one: Floats, other: Floats) -> float:
    known = one[np.isfinite(one)]
    return float(ks(known, other)) if len(known) >= FEWEST_ROWS else 1.0
