"""Verdicts on segments: what a metric of a segment does beside other rows is a number by window, judged as any other.

There are three families: the segments that the case names (levels of its segment columns, saved conditions), all others of one column, and
those of two. Each gets a third of what may be named by chance. Of the latter the farthest of thousands are judged; a pick is named at the
part of that which falls to it (Bonferroni over all that were looked at), so that having searched costs what it has to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.segments import MEASURED, SEARCH_Q, Found, SegmentsResult, contribution_of
from monitor.case import SegmentThresholds
from monitor.judgement.column_findings import lasting_times
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found as Verdict
from monitor.judgement.metric_series import Known, judge_series
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.performance.losses import LOSSES, floor_of
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_WINDOWS, ENOUGH = 3, 6
"""Windows that a run of a searched segment holds at least, where there are so many: among thousands, some have one wild day by chance."""
FAMILIES = 3
"""Families of segments that share what may be named by chance."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "status": "verdict: that of the strongest run that the window belongs to",
        "run": "id of that finding, null: none",
        "strength": "how many times as far as it had to be; above 1 alarms",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSegments(Judged):
    """Judged segments: `table` has one row per segment and window, `findings` the runs of segments, those that add most first."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: SegmentsResult
    thresholds: SegmentThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: what chance alone would name, and how many segments were looked at."""
        looked = self.result.singles + self.result.pairs
        return {"expected_false_alarms": self.thresholds.q, "segments": looked}


def judge_segments(result: SegmentsResult, thresholds: SegmentThresholds | None = None) -> JudgedSegments:
    """Judge measured segments: a run of one for the worse is an alert from `alert` times its limit on, one for the better a warning."""
    thresholds = thresholds or SegmentThresholds()
    verdicts = _verdicts(result, thresholds)
    findings = sorted(
        (one for found in result.found for one in _findings(result, thresholds, found, verdicts[found.name])),
        key=lambda one: (one.status != Status.ALERT.value, -abs(one.impact)),
    )
    order = _ranks(result.found, findings)
    parts = [_told(result, found, verdicts[found.name], findings) for found in result.found]
    told = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["status", "run", "strength"])
    table = pd.concat([result.table.reset_index(drop=True), told], axis=1)
    table = table.assign(rank=table["segment"].map(order)).sort_values("rank", kind="stable") if len(table) else table
    return JudgedSegments(table=JUDGED.check(table), findings=tuple(findings), result=result, thresholds=thresholds)


def _verdicts(result: SegmentsResult, thresholds: SegmentThresholds) -> dict[str, Verdict]:
    """Judge each family at its own level."""
    families: dict[str, list[Found]] = {}
    for one in result.found:
        families.setdefault("asked" if one.asked else str(len(one.pick.segment.parts)), []).append(one)
    looked = {"1": result.singles, "2": result.pairs}
    found: dict[str, Verdict] = {}
    for name, members in families.items():
        part = min(len(members) / max(looked.get(name, len(members) * result.metrics), 1), 1.0)
        known = {one.name: _known(result, thresholds, one) for one in members}
        found |= judge_series(known, q=thresholds.q / FAMILIES * part, spans=np.ones(len(result.windows)), seed=result.provenance.seed)
    return found


def _known(result: SegmentsResult, thresholds: SegmentThresholds, one: Found) -> Known:
    def seen(kept: Bools, values: Floats) -> Floats:
        return np.where(kept, values, np.nan)

    own = np.isfinite(one.own.variance)
    after = np.isfinite(one.production.variance) & result.usable & (one.production.n >= thresholds.min_rows)
    return Known(
        own=seen(own, one.own.value),
        own_variance=seen(own, one.own.variance),
        value=seen(after, one.production.value),
        variance=seen(after, one.production.variance),
    )


def _findings(result: SegmentsResult, thresholds: SegmentThresholds, found: Found, verdict: Verdict) -> list[Finding]:
    if not found.asked and found.pick.q_value > SEARCH_Q:
        return []  # shown beside others, but too likely the luck of a search through thousands
    least = 1 if found.asked or result.usable.sum() < ENOUGH else LEAST_WINDOWS
    told = result.usable & (found.production.n >= thresholds.min_rows)
    runs = [one for one in verdict.runs if told[one[0].run.first : one[0].run.last + 1].sum() >= least]
    return [one for run, strength in runs if (one := _finding(result, thresholds, found, (run, strength))) is not None]


def _finding(result: SegmentsResult, thresholds: SegmentThresholds, found: Found, told: tuple[ScoredRun, float]) -> Finding | None:
    """Return the finding of a run; None where it is too small to matter."""
    (scored, strength), usual = told, found.usual()
    run = scored.run
    inside = np.zeros(len(result.windows), dtype=bool)
    inside[run.first : run.last + 1] = True
    after = found.production.pooled(inside & result.usable)[0]
    moved = _moved(found, inside & result.usable)
    before = after - moved
    floor = thresholds.floors.get(found.metric, floor_of(found.metric, usual[0], base_rate=result.base_rate, error=result.error))
    if not abs(moved) >= floor:
        return None
    n = found.production.n[inside & result.usable]
    share = float(n.sum() / max(found.production.rows[inside & result.usable].sum(), 1.0))
    worse = LOSSES[found.metric].worse(before, after)
    away = np.where(inside & result.usable, np.nan_to_num(np.abs(found.production.value - found.center)), -1.0)
    return Finding(
        what=found.name,
        label=found.label,
        kind=FindingKind.SEGMENT,
        status=(Status.ALERT if worse and strength >= thresholds.alert else Status.WARNING).value,
        first=run.first,
        last=run.last,
        direction=Direction.HIGHER if moved > 0 else Direction.LOWER,
        measure=Measure.SCORE,
        before=before,
        after=after,
        rows=int(n.sum()),
        share_rows=share,
        impact=share * moved,
        method=found.metric,
        score=after,
        limit=float(before + moved / max(strength, 1e-9)),
        strength=strength,
        p_value=scored.p_value,
        q_value=found.pick.q_value,
        worst=result.windows.ids[int(np.argmax(away))],
        note="worse" if worse else "better",
        judged=int(result.usable.sum()),
        **lasting_times(result.windows, result.usable, run),
    )


def _moved(found: Found, windows: Bools) -> float:
    """Return how far the metric of a segment lies from what other rows, and its own past, let expect, over some windows."""
    kept = windows & np.isfinite(found.production.variance)
    n = found.production.n[kept]
    return float((found.production.value[kept] - found.center) @ n / n.sum()) if n.sum() else float("nan")


def _ranks(found: Sequence[Found], findings: Sequence[Finding]) -> dict[str, int]:
    """Return the place of each segment by its condition: what alarms first, then what adds most."""
    place = {one.what: i for i, one in reversed(list(enumerate(findings)))}
    added = {one.name: float(np.nanmax(np.abs(contribution_of(one)[0]), initial=0.0)) for one in found}
    order = sorted(found, key=lambda one: (place.get(one.name, len(findings)), -added[one.name]))
    return {one.condition: i + 1 for i, one in enumerate(order)}


def _told(result: SegmentsResult, found: Found, verdict: Verdict, findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the verdict on each window of a segment."""
    many = len(result.windows)
    status = np.full(many, (Status.STABLE if verdict.judged else Status.NOT_JUDGED).value, dtype=object)
    run, strength = np.full(many, None, dtype=object), np.nan_to_num(verdict.alone)
    for one in sorted((one for one in findings if one.what == found.name), key=lambda one: one.strength):
        part = slice(one.first, one.last + 1)
        status[part], run[part] = one.status, one.id
        strength[part] = np.maximum(strength[part], one.strength)
    few = found.production.n < 1
    quiet = few | ~result.usable
    status = np.select([few, ~result.usable], [Status.TOO_FEW_ROWS.value, Status.NOT_JUDGED.value], status)
    return pd.DataFrame(
        {
            "status": status,
            "run": [None if q else one for q, one in zip(quiet, run, strict=True)],
            "strength": np.where(quiet, 0.0, strength),
        }
    )
