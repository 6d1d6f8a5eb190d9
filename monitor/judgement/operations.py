"""Verdicts on operations: runs of windows in which the service was not as in the reference, gaps, objectives whose budget burns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.objectives import Kept
from monitor.analyses.operations import MEASURED, WHOLE_WINDOWS, OperationsResult, OperationTrack
from monitor.analyses.spending import Spending
from monitor.case.thresholds import OperationsThresholds
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.metric_series import Found, Known, judge_series, told_of_run
from monitor.judgement.narration.operations import GAP, OVERSPENT
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.objectives import burning
from monitor.judgement.operation_facts import gaps, labels_end, quiet_hours
from monitor.judgement.run_times import PAUSE
from monitor.judgement.spending import overspent, since_change, told_month
from monitor.judgement.window_seasons import window_seasons
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.runs import Run
from monitor.stats.operations.catalogue import OPERATIONS, Part
from monitor.stats.operations.parting import parted
from monitor.stats.performance.estimates import TOO_FEW, Estimate
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **{name: text for name, text in MEASURED.columns.items() if name != "reason"},
        "status": "verdict: that of the strongest finding that the window belongs to",
        "reason": MEASURED.columns["reason"],
        "limit_lower": "the value below which this window alone alarms, null where none can",
        "limit_upper": "the value above which this window alone alarms, null where none can",
        "run": "id of the finding that the window belongs to, null: none",
        "strength": "how many times as far as it had to be the window, or its run, lies from what is usual; above 1 alarms",
        "p_value": "of the metric's farthest run",
        "q_value": "the same, corrected for all metrics that are judged",
    },
    MEASURED.units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedOperations(Judged):
    """Judged operations: `table` has one row per metric, segment and window, `findings` what is not as it was, most severe first;
    `seasonal` names of what weekdays or hours differ in, `spending` the newest month, by its days since its cost changed."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: OperationsResult
    thresholds: OperationsThresholds
    seasonal: frozenset[str]
    spending: Spending | None

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: what chance alone would name, and what is left of each budget at the end."""
        left = {one.title: None if not len(one.left) else float(one.left[-1]) for one in self.result.objectives}
        return {"expected_false_alarms": self.thresholds.q, "budget_left": left, "month": told_month(self.spending)}

    def rows_of(self, name: str) -> pd.DataFrame:
        """Return the rows of a metric (and segment) or of an objective, by its name among the others; of a gap those of the requests,
        of an overspent month those of the cost."""
        shown = {GAP: "requests", OVERSPENT: "cost_total"}
        metric, _, segment = shown.get(name, name).partition("~")
        of = self.table["segment"].eq(segment) if segment else self.table["segment"].isna()
        return self.table[of & self.table["metric"].eq(metric)]

    @property
    def names(self) -> WindowNames:
        """How the windows are called."""
        return names_of(self.windows, self.result.size, self.result.timezone, self.own_windows, called=self.called)


def judge_operations(result: OperationsResult, thresholds: OperationsThresholds | None = None) -> JudgedOperations:
    """Judge measured operations.

    Notes
    -----
    A metric is named when its farthest run survives Holm's correction over the judged metrics and its value over the run lies at least a
    floor away from the reference's. Metrics without a bound (latency, cost, requests, ages) are compared as ratios, and what the weekday
    or hour lets expect is no change. A run for the worse is an alert from `alert` times its limit on; for the better, or of the number of
    requests, a warning. Windows without a row where the reference has none such are an alert,
    and so are hours that have rows on every day of the reference. An objective alarms by the rules of burning
    budgets.
    """
    thresholds = thresholds or OperationsThresholds()
    judge = _Judge(result, thresholds)
    found = judge.found()
    runs = [one for track in judge.tracks for one in judge.findings(track, found[track.name])]
    objectives = [one for kept in result.objectives for one in burning(kept, result)]
    month = since_change(result, runs)
    empty = gaps(result)
    facts = [*empty, *quiet_hours(result, empty), *labels_end(result), *objectives, *overspent(result, month)]
    findings = tuple(sorted([*runs, *facts], key=_order))
    told = [judge.rows(track, found.get(track.name), findings) for track in result.tracks]
    told += [_objective_rows(one, [found for found in findings if found.what == one.name]) for one in result.objectives]
    rows = pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=["status"])
    table = pd.concat([result.table.reset_index(drop=True), rows], axis=1).reindex(columns=[*result.table.columns, *rows.columns])
    seasonal = frozenset(name for name, one in found.items() if one.seasonal)
    checked = JUDGED.check(table)
    return JudgedOperations(table=checked, findings=findings, result=result, thresholds=thresholds, seasonal=seasonal, spending=month)


def _order(finding: Finding) -> tuple[Any, ...]:
    """Order: alerts, what goes on, then as a person on call asks: up, fast, fresh, complete, cost."""
    parts = list(Part)
    metric = OPERATIONS.get(finding.method)
    at = parts.index(metric.part) if metric is not None else -1
    return (finding.status != Status.ALERT.value, not finding.ongoing, at, -finding.strength)


class _Judge:
    """One screen of operations."""

    def __init__(self, result: OperationsResult, thresholds: OperationsThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        self.tracks = [one for one in result.tracks if one.metric.id in result.judged]

    def found(self) -> dict[str, Found]:
        """Judge the tracks together."""
        known = {one.name: self._known(one) for one in self.tracks}
        spans = np.ones(len(self.result.windows))
        return judge_series(known, q=self.thresholds.q, spans=spans, seed=self.result.provenance.seed, season=seasons(self.result))

    def usable(self, track: OperationTrack) -> NDArray[np.bool_]:
        """Say which windows are judged by a metric."""
        return np.asarray(track.usable & self._enough(track) & (track.production.reason == ""))

    def _enough(self, track: OperationTrack) -> NDArray[np.bool_]:
        """Say which windows have rows enough for a metric; a total is what it is, and only busy windows would say that there is more."""
        return np.asarray(self.result.rows >= (1 if track.metric.id in WHOLE_WINDOWS else self.thresholds.min_rows))

    def _known(self, track: OperationTrack) -> Known:
        own, own_variance = _scaled(track.own, ratio=track.metric.relative)
        own = np.where(track.own_usable, own, np.nan)
        value, variance = _scaled(track.production, ratio=track.metric.relative)
        return Known(own=own, own_variance=own_variance, value=np.where(self.usable(track), value, np.nan), variance=variance)

    def findings(self, track: OperationTrack, found: Found) -> list[Finding]:
        """Return the runs of one metric that matter."""
        told = (self._finding(track, found, run, strength) for run, strength in found.runs)
        return [one for one in told if one is not None]

    def _finding(self, track: OperationTrack, found: Found, scored: ScoredRun, strength: float) -> Finding | None:
        metric, usable, before = track.metric, self.usable(track), track.usual
        if not np.isfinite(before) or abs(track.pooled(_of(scored.run, usable)) - before) < self._smallest(track):
            return None
        scored = self._trimmed(track, found, scored)
        run, after = scored.run, track.pooled(_of(scored.run, usable))
        if metric.id in WHOLE_WINDOWS:  # a number for each window: the days of the run beside such weekdays, none weighs more for its size
            before = found.beside(_of(run, usable).astype(float), ratio=metric.relative)
        else:
            before = found.expected(before, np.where(_of(run, usable), track.production.n, 0.0), ratio=metric.relative)
        part = slice(run.first, run.last + 1)
        bad = metric.worse(before, after)
        rows = int(self.result.rows[part].sum())
        return Finding(
            what=track.name,
            label=metric.title + (f" of {track.segment}" if track.segment else ""),
            kind=FindingKind.OPERATION,
            status=(Status.ALERT if bad and strength >= self.thresholds.alert else Status.WARNING).value,
            direction=Direction.HIGHER if after > before else Direction.LOWER,
            measure=Measure.SCORE,
            rows=rows,
            share_rows=float(rows / max(self.result.rows.sum(), 1)),
            method=metric.id,
            note="" if bad is None else "worse" if bad else "better",
            **told_of_run(
                found, scored, strength, windows=self.result.windows, usable=usable, value=track.production.value, change=(before, after)
            ),
        )

    def _trimmed(self, track: OperationTrack, found: Found, scored: ScoredRun) -> ScoredRun:
        """Return a run without its end, where that is more than one window and together lies less far off than matters: runs of one
        direction are one, and of a slow month and the weeks after it only the month matters. What begins slowly has begun."""
        told = np.flatnonzero(_of(scored.run, self.usable(track)))
        calm = self._calm(track, found, told)
        if not calm or len(told) - calm <= PAUSE:
            return scored
        last = int(told[calm - 1])
        return replace(scored, run=replace(scored.run, last=last, last_from=last, last_to=last))

    def _calm(self, track: OperationTrack, found: Found, told: Ints) -> int:
        """Return from which of the windows `told` on a run no longer matters, their number where it does: its end parts from the rest
        where both are most alike in themselves, and has no window that matters and would be an alert alone."""
        cut = parted(track.production.value[told])
        if cut is None:
            return len(told)
        end = told[cut:]
        away, least = np.abs(track.production.value[end] - track.usual), self._smallest(track)
        together = abs(track.pooled(np.isin(np.arange(len(self.result.windows)), end)) - track.usual)
        if together < least and not ((found.alone[end] >= self.thresholds.alert) & (away >= least)).any():
            return cut
        return cut + self._calm(track, found, end)

    def _smallest(self, track: OperationTrack) -> float:
        """Return the smallest change of a metric that matters."""
        return self.thresholds.floors.get(track.metric.id, max(track.metric.smallest(track.usual), track.least))

    def rows(self, track: OperationTrack, found: Found | None, findings: Sequence[Finding]) -> pd.DataFrame:
        """Return the verdict on each window of one metric."""
        many = len(self.result.windows)
        none = np.full(many, np.nan)
        judged = found is not None and found.judged
        status = np.full(many, (Status.STABLE if judged else Status.NOT_JUDGED).value, dtype=object)
        mine = [one for one in findings if one.what == track.name]
        run, strength = _marks(mine, status, none if found is None else found.alone)
        few = (track.production.reason == TOO_FEW) | ~self._enough(track)
        rules = [few, ~np.isfinite(track.production.value), ~track.usable]
        status = np.select(rules, [Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value], status)
        quiet = np.isin(status, [Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value])
        limits = [_plain(end) if track.metric.relative else end for end in _limits(found, none)]
        return pd.DataFrame(
            {
                "status": status,
                "limit_lower": limits[0],
                "limit_upper": limits[1],
                "run": [None if silent else one for silent, one in zip(quiet, run, strict=True)],
                "strength": np.where(quiet, 0.0, np.nan_to_num(strength)),
                "p_value": np.nan if found is None else found.p_value,
                "q_value": np.nan if found is None else found.q_value,
            }
        )


def _of(run: Run, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which windows are usable (w,) and belong to a run."""
    at = np.arange(len(usable))
    return usable & (at >= run.first) & (at <= run.last)


def _plain(logarithm: Floats) -> Floats:
    """Return limits (w,) as numbers; nan where none can be reached."""
    with np.errstate(over="ignore"):
        value = np.exp(logarithm)
    return np.where(np.isfinite(value), value, np.nan)


def _limits(found: Found | None, none: Floats) -> tuple[Floats, Floats]:
    return (none, none) if found is None else (found.lower, found.upper)


def _marks(findings: Sequence[Finding], status: NDArray[np.object_], alone: Floats) -> tuple[NDArray[np.object_], Floats]:
    """Write into `status` (w,) what findings say of their windows; return the ids and strengths."""
    run, strength = np.full(len(status), None, dtype=object), alone.copy()
    for one in sorted(findings, key=lambda one: one.strength):
        part = slice(one.first, one.last + 1)
        status[part], run[part] = one.status, one.id
        strength[part] = np.fmax(strength[part], one.strength)
    return run, strength


def _scaled(found: Estimate, *, ratio: bool) -> tuple[Floats, Floats]:
    """Return values and variances (w,), of what is compared as a ratio on the scale of logarithms."""
    if not ratio:
        return found.value, found.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = found.value > 0
        return np.where(positive, np.log(found.value), np.nan), np.where(positive, found.variance / found.value**2, np.nan)


def seasons(result: OperationsResult) -> Ints | None:
    """Return the weekday or the hour of the day of each window, reference first; None where windows have none."""
    cut = any(".." in one for one in result.own_windows.ids)  # stretches of several windows have no weekday
    both = [window_seasons(one, result.size, result.timezone) for one in (result.own_windows, result.windows)]
    known = [one for one in both if one is not None]
    return None if cut or len(known) < len(both) else np.concatenate(known)


def _objective_rows(kept: Kept, findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the verdict on each window of an objective: whether a rule rang in it."""
    status = np.full(len(kept.left), Status.STABLE.value, dtype=object)
    run, strength = _marks(findings, status, np.zeros(len(kept.left)))
    none = np.full(len(kept.left), np.nan)
    status = np.where(np.isfinite(kept.good.value), status, Status.NOT_APPLICABLE.value)
    return pd.DataFrame(
        {
            "status": status, "limit_lower": kept.objective, "limit_upper": none, "run": run, "strength": strength,
            "p_value": none, "q_value": none,
        }
    )  # fmt: skip
