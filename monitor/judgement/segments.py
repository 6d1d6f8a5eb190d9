"""Verdicts on segments: what a metric of a segment does beside other rows is a number by window, judged as any other.

There are three families: the segments that the case names (levels of its segment columns, saved conditions), all others of one column, and
those of two. The first, which somebody cares for, gets two thirds of what may be named by chance, the others a sixth each. Of the latter
the farthest of thousands are judged, and named where the search names them too: it allows for all that were looked at, the judge for how
windows vary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.segment_result import MEASURED, Found, SegmentsResult, contribution_of
from monitor.analyses.segments import SEARCH_Q
from monitor.case import SegmentThresholds
from monitor.judgement.count_series import judge_counts
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found as Verdict
from monitor.judgement.metric_series import Known, judge_series
from monitor.judgement.run_times import lasting_times
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.rare import Counts
from monitor.stats.performance.estimates import FEWEST
from monitor.stats.performance.farthest import over_run, shared
from monitor.stats.performance.losses import LOSSES, floor_of
from monitor.stats.performance.segment_search import RESTS
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_WINDOWS, LEAST_ASKED, LONG, ENOUGH = (3, 2), (2, 1), 72.0, 6
"""Windows that a run of a searched segment, and of one that the case names, holds at least, and from 72 hours a window on, where there
are so many: among thousands, some have one wild day by chance, and a storm at one airport is none of the model's."""
ASKED, SEARCHED = 2 / 3, 1 / 6
"""Parts of what may be named by chance of the segments that the case names, and of each family of those that are searched."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "status": "verdict: that of the strongest run that the window belongs to",
        "run": "id of that finding, null: none",
        "strength": "how many times as far as it had to be; above 1 alarms",
    },
    MEASURED.units,
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
    """Judge each family at its own level; segments whose positive labels are few by their counts, allowing for all that were looked at: the
    search takes their errors for normal."""
    families: dict[str, list[Found]] = {}
    for one in result.found:
        families.setdefault("asked" if one.asked else str(len(one.pick.segment.parts)), []).append(one)
    seed, looked = result.provenance.seed, {"1": result.singles, "2": result.pairs}
    found: dict[str, Verdict] = {}
    for name, members in families.items():
        counted = {one.name: _counted(result, thresholds, one.counts) for one in members if one.counts is not None}
        known = {one.name: _known(result, thresholds, one) for one in members if one.counts is None}
        level = thresholds.q * (ASKED if name == "asked" else SEARCHED)
        found |= judge_series(known, q=level * len(known) / len(members), spans=np.ones(len(result.windows)), seed=seed)
        found |= judge_counts(counted, q=level * len(counted) / max(looked.get(name, len(members)), len(members)), seed=seed)
    return found


def _counted(result: SegmentsResult, thresholds: SegmentThresholds, counts: Counts) -> Counts:
    """Return the counts of the windows that are judged."""
    usable = result.usable & (result.labelled >= thresholds.min_rows)
    return replace(counts, events=np.where(usable, counts.events, 0.0), expected=np.where(usable, counts.expected, 0.0))


def _known(result: SegmentsResult, thresholds: SegmentThresholds, one: Found) -> Known:
    def seen(kept: Bools, values: Floats) -> Floats:
        return np.where(kept, values, np.nan)

    own = np.isfinite(one.own.variance)
    whole = result.usable & ~result.partial  # one day of a week is no small week: its weather is one
    after = np.isfinite(one.production.variance) & whole & (one.production.n >= thresholds.min_rows)
    return Known(
        own=seen(own, one.own.value),
        own_variance=seen(own, one.own.variance),
        value=seen(after, one.production.value),
        variance=seen(after, one.production.variance),
    )


def _findings(result: SegmentsResult, thresholds: SegmentThresholds, found: Found, verdict: Verdict) -> list[Finding]:
    if not _searched(result, thresholds, found):
        return []
    long = (result.size.hours or 0.0) >= LONG
    least = (LEAST_ASKED if found.asked else LEAST_WINDOWS)[long] if result.usable.sum() >= ENOUGH else 1
    told = result.usable & (found.production.n >= (1 if found.counts is not None else thresholds.min_rows))
    runs = [one for one in verdict.runs if told[one[0].run.first : one[0].run.last + 1].sum() >= least]
    q = max(verdict.q_value, found.pick.q_value if not found.asked else 0.0)
    return [one for run, strength in runs if (one := _finding(result, thresholds, found, (run, strength, q))) is not None]


def _searched(result: SegmentsResult, thresholds: SegmentThresholds, found: Found) -> bool:
    """Say whether the search names a segment too, which knows how wild windows of all segments are: of thousands, or of those that the case
    names (Bonferroni). What is counted needs no search."""
    asked = sum(one.asked for one in result.found)
    if found.asked:
        return found.counts is not None or found.pick.p_value * asked <= thresholds.q
    return found.pick.q_value <= SEARCH_Q


def _finding(result: SegmentsResult, thresholds: SegmentThresholds, found: Found, told: tuple[ScoredRun, float, float]) -> Finding | None:
    """Return the finding of a run, with its strength and q-value; None where it is too small to matter."""
    (scored, strength, q_value), usual = told, found.usual
    run = scored.run
    inside = np.zeros(len(result.windows), dtype=bool)
    inside[run.first : run.last + 1] = True
    after = found.production.pooled(inside & result.usable)
    moved = _moved(found, inside & result.usable, after - usual)
    before = after - moved
    floor = thresholds.floors.get(found.metric, floor_of(found.metric, usual, base_rate=result.base_rate, error=result.error))
    if not abs(moved) >= floor or _everywhere(found, inside & result.usable):
        return None
    n = found.production.n[inside & result.usable]
    share = float(n.sum() / max(found.elsewhere.rows[inside & result.usable].sum(), 1.0))
    worse = LOSSES[found.metric].worse(before, after)
    if LOSSES[found.metric].worse(usual, after) != worse:
        return None  # what passed the best there is, from far to near, is not told as worse
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
        q_value=max(q_value, scored.p_value),
        worst=result.windows.ids[int(np.argmax(away))],
        note="worse" if worse else "better",
        judged=int(result.usable.sum()),
        **lasting_times(result.windows, result.usable, run),
    )


def _moved(found: Found, windows: Bools, beside_itself: float) -> float:
    """Return how far the metric of a segment moved over some windows, beside other rows as well as beside its own past: what all rows
    share is no move of a segment, nor is what only the others did."""
    kept = windows & np.isfinite(found.production.variance)
    n = found.production.n[kept]
    beside_others = float((found.production.value[kept] - found.center) @ n / n.sum()) if n.sum() else float("nan")
    return float(shared(beside_others, beside_itself))


def _everywhere(found: Found, windows: Bools) -> bool:
    """Say whether a segment is no surer to have moved beside other rows than chance lets it, these and their noise taken as they are. Of
    rare positive labels, which are no means of many rows, counts tell."""
    if found.counts is not None:
        return False
    own = np.ones(found.own.n.shape[-1], dtype=bool)
    reference, production = found.own.plain.among(own), found.production.plain.among(windows)
    return abs(over_run(reference, production, slice(None))[0]) < RESTS


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
    few = (found.production.n < 1) | ((found.production.n < FEWEST) & pd.isna(run))  # a run rests on the rows of all its windows
    quiet = few | ~result.usable
    status = np.select([few, ~result.usable], [Status.TOO_FEW_ROWS.value, Status.NOT_JUDGED.value], status)
    return pd.DataFrame(
        {
            "status": status,
            "run": [None if q else one for q, one in zip(quiet, run, strict=True)],
            "strength": np.where(quiet, 0.0, np.where(pd.isna(run), np.minimum(strength, 1.0), strength)),
        }
    )
