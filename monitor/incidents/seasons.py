"""Inputs that drift together as the year does: nothing is broken, and nothing began at one moment in one place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.asked import ALARMS, has_time
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.scene import TIME, Scene
from monitor.judgement.finding import NO_TIME, Finding, FindingKind
from monitor.vocabulary import Role

Floats = NDArray[np.float64]

TOGETHER = 2
"""Columns that must drift alike: one alone may be broken."""
SHARED = 0.1
"""Part of the variance of a column that lies between days, from which rows of a day share it, as they share the weather."""
SMOOTH = 3.0
"""Jump between the days before and after, in standard errors of such jumps of the reference, up to which it came gradually."""
ALL_LEVELS = 0.8
"""Share of rows that lie at levels which moved the same way, from which it happened everywhere."""
_FEWEST_DAYS = 10
_SIDE = 3
_FEWEST = 30


def examine_seasons(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return the columns that drift together, gradually and in all places, as one hypothesis."""
    if not has_time(scene):
        return ()
    inputs = {info.name for info in scene.workspace.columns.values() if info.role is Role.FEATURE}
    found = [(key, one) for key, one in scene.findings("drift") if one.status in ALARMS and one.what in inputs and one.kind in _KINDS]
    by_column: dict[str, list[tuple[str, Finding]]] = {}
    for key, one in found:
        by_column.setdefault(one.what, []).append((key, one))
    natural = [name for name, mine in by_column.items() if _natural(scene, name, [one for _, one in mine])]
    if len(natural) < TOGETHER:
        return ()
    findings = [pair for name in natural for pair in by_column[name]]
    return (_hypothesis(scene, natural, findings, len(by_column)),)


_KINDS = frozenset({FindingKind.VALUE, FindingKind.RANGE})


def _natural(scene: Scene, name: str, findings: Sequence[Finding]) -> bool:
    """Say whether a column is one that rows of a day share, and moved gradually and at nearly all levels of all places."""
    frames = (scene.reference.frame, scene.production.frame)
    if any(name not in frame or frame[name].dtype != np.float64 for frame in frames):
        return False
    then, now = (_by_day(frame, name) for frame in frames)
    if len(then) < _FEWEST_DAYS or len(now) < _FEWEST_DAYS or _between(frames[0], name) < SHARED:
        return False
    return all(_gradual(scene, then, now, one) for one in findings) and _everywhere(scene, name)


def _by_day(frame: pd.DataFrame, name: str) -> pd.Series[float]:
    known = frame[[TIME, name]].dropna()
    return known.groupby(known[TIME].dt.floor("D"))[name].mean()


def _between(frame: pd.DataFrame, name: str) -> float:
    """Return the part of the variance that lies between days."""
    known = frame[[TIME, name]].dropna()
    total = float(known[name].var())
    mean = known.groupby(known[TIME].dt.floor("D"))[name].transform("mean")
    return float(mean.var()) / total if total > 0 else 0.0


def _gradual(scene: Scene, then: pd.Series[float], now: pd.Series[float], finding: Finding) -> bool:
    """Say whether the days after the onset lie no farther from those before than days of the reference do."""
    usual = _jumps(np.asarray(then, dtype=np.float64))
    windows = scene.production.windows
    if np.isnat(windows.start[finding.first]) or not len(usual):
        return False
    onset = pd.Timestamp(scene.production.frame.loc[scene.production.within(finding.first, finding.first), TIME].min()).floor("D")
    both = pd.concat([then, now])
    before, after = both[both.index < onset].to_numpy()[-_SIDE:], both[both.index >= onset].to_numpy()[:_SIDE]
    if not len(before) or not len(after):
        return False
    return bool(abs(after.mean() - before.mean()) <= SMOOTH * max(float(usual.std()), 1e-12))


def _jumps(days: Floats) -> Floats:
    """Return the differences of the means of three days and the three days before."""
    mean = np.convolve(days, np.full(_SIDE, 1 / _SIDE), mode="valid")
    return mean[_SIDE:] - mean[:-_SIDE]


def _everywhere(scene: Scene, name: str) -> bool:
    """Say whether rows of nearly all levels of each place moved the way that all rows moved."""
    then, now = scene.reference.frame, scene.production.frame
    moved = float(now[name].mean() - then[name].mean())
    for place in scene.places:
        means = pd.concat([frame.groupby(place, observed=True)[name].agg(["mean", "size"]) for frame in (then, now)], axis=1).dropna()
        means.columns = pd.Index(["then", "rows_then", "now", "rows"])
        enough = means[(means["rows"] >= _FEWEST) & (means["rows_then"] >= _FEWEST)]
        along = np.sign(enough["now"] - enough["then"]) == np.sign(moved)
        if len(enough) and float(enough.loc[along, "rows"].sum() / enough["rows"].sum()) < ALL_LEVELS:
            return False
    return True


def _hypothesis(scene: Scene, names: Sequence[str], findings: Sequence[tuple[str, Finding]], drifting: int) -> Hypothesis:
    starts = [one.start for _, one in findings if not np.isnat(one.start)]
    ends = [one.end for _, one in findings]
    first, last = min(one.first for _, one in findings), max(one.last for _, one in findings)
    inside = scene.production.within(first, last)
    return Hypothesis(
        cause=Cause.SEASON,
        columns=tuple(names),
        start=min(starts, default=NO_TIME),
        end=NO_TIME if any(np.isnat(end) for end in ends) else max(ends),
        onset_lower=min((one.onset_lower for _, one in findings if not np.isnat(one.onset_lower)), default=NO_TIME),
        onset_upper=min((one.onset_upper for _, one in findings if not np.isnat(one.onset_upper)), default=NO_TIME),
        rows=int(inside.sum()),
        share_rows=1.0,
        explained=len(names) / max(drifting, 1),
        parameters=0,
        proof=Proof(measure="share", before=len(names) / max(drifting, 1), after=0.0, rows=int(inside.sum())),
        evidence=tuple(key for key, _ in findings),
    )
