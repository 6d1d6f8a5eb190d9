"""Verdicts on pipelines: days that a job lost, days on which it did not run, runs that take longer or write fewer rows than they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.pipelines import HIT, MEASURED, Job, PipelinesResult
from monitor.case.thresholds import PipelineThresholds
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found, Known, judge_series, told_of_run
from monitor.judgement.narration.jobs import CLOCK, LOST, MEDIANS, SILENT
from monitor.judgement.run_times import times
from monitor.stats.inference.runs import Run
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "status": "verdict: that of the finding that the day belongs to",
        "run": "id of the finding that the day belongs to, null: none",
        "strength": "how many times as far as it had to be the day, or its run, lies from what is usual; above 1 alarms",
    },
    MEASURED.units,
)
ALWAYS = 0.95
"""Share of the days of a weekday before on which a job ran, from which it is expected to."""
LEAST_DAYS = 14
"""Days before production from which durations and rows are judged."""
VARIANCE = 1e-4
"""Of the logarithm of a duration or a number of rows: one run says how long it took, to a hundredth."""
CLOCK_VARIANCE = 60.0**2
"""Of the time of day at which a run begins or ends, in seconds: schedules are kept to the minute."""
LATE_S = 5400.0
"""Seconds from which another time of day matters: more than the hour by which clocks change, which a schedule in UTC does not follow."""
SURE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPipelines(Judged):
    """Judged pipelines: `table` has one row per job, metric and day, `findings` what did not run as it did."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: PipelinesResult
    thresholds: PipelineThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        lost = {one.name: int((one.ran & ~one.ok).sum()) for one in self.result.jobs}
        return {"jobs": len(self.result.jobs), "days": len(self.result.windows), "lost_days": lost}

    def rows_of(self, finding: Finding) -> pd.DataFrame:
        """Return the rows of the job and metric that a finding is about, by day."""
        job, _, metric = finding.what.rpartition("~")
        shown = {LOST: "ok", SILENT: "attempts"}.get(metric, metric)
        return self.table[self.table["job"].eq(job) & self.table["metric"].eq(shown)]


def judge_pipelines(result: PipelinesResult, thresholds: PipelineThresholds | None = None) -> JudgedPipelines:
    """Judge measured pipelines.

    Notes
    -----
    A day on which a job ran and no run succeeded is lost: an alert, whatever the statistics; a failure that a second attempt mends is none.
    A day without any run is told where the job ran on nearly all such weekdays before; a run that was skipped is none, and one of the last
    day that has not ended says nothing yet. How long good runs take and how many rows they write
    is judged as any number by window, weekdays allowed for, on the scale of logarithms.
    """
    thresholds = thresholds or PipelineThresholds()
    numbers = _numbers(result, thresholds)
    findings = [one for job in result.jobs for one in (*_lost(job, result), *_silent(job, result))]
    findings += _untold([one for name, found in numbers.items() for one in _moved(name, found, result, thresholds)])
    told = tuple(sorted(findings, key=lambda one: (one.status != Status.ALERT.value, not one.ongoing, -one.strength)))
    parts = [_rows(name, part, told, numbers) for name, part in _groups(result.table)]
    return JudgedPipelines(table=JUDGED.check(pd.concat(parts, ignore_index=True)), findings=told, result=result, thresholds=thresholds)


def _groups(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(f"{job}~{metric}", part) for (job, metric), part in table.groupby(["job", "metric"], sort=False)]


def _numbers(result: PipelinesResult, thresholds: PipelineThresholds) -> dict[str, Found]:
    """Judge durations and rows of all jobs together."""
    if len(result.own_windows) < LEAST_DAYS:
        return {}
    known = {}
    for job in result.jobs:
        for metric, (before, now) in _series(job).items():
            clock = metric in CLOCK
            if np.isfinite(before).sum() >= LEAST_DAYS and (clock or np.nanstd(before) > 0):
                noise = (np.where(np.isfinite(one), CLOCK_VARIANCE if clock else VARIANCE, np.nan) for one in (before, now))
                known[f"{job.name}~{metric}"] = Known(own=before, own_variance=next(noise), value=now, variance=next(noise))
    spans = np.ones(len(result.windows))
    return judge_series(known, q=thresholds.q, spans=spans, seed=result.provenance.seed, season=result.weekday) if known else {}


def _series(job: Job) -> dict[str, tuple[Floats, Floats]]:
    """Return the numbers of a job that are judged, of the days before and of the judged ones: times of day as they are, else logarithms."""
    clock = {"start_s": (job.own_started, job.started), "finish_s": (job.own_finished, job.finished)}
    return {"duration_s": (_log(job.own_seconds), _log(job.seconds)), "rows": (_log(job.own_written), _log(job.written)), **clock}


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log(values), np.nan)


def _stretches(days: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], days.astype(int), [0]])))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _lost(job: Job, result: PipelinesResult) -> list[Finding]:
    """Return stretches of days on which a job ran and never succeeded, with the columns that are emptier then."""
    bad = job.ran & ~job.ok
    return [_of_days(job, LOST, result, ends, job.ran, int(job.attempts[ends[0] : ends[1] + 1].sum())) for ends in _stretches(bad)]


def _silent(job: Job, result: PipelinesResult) -> list[Finding]:
    """Return stretches of days on which a job did not run at all though it did on nearly all such weekdays before, or was skipped where
    nothing says that this is usual."""
    own, now = result.weekday[: len(job.own_ran)], result.weekday[len(job.own_ran) :]
    usual = np.array([bool((own == day).any()) and float(job.own_ran[own == day].mean()) >= ALWAYS for day in range(7)])
    unknown = ~np.isin(now, own)
    idle = (usual[now] | (unknown & job.skipped)) & ~job.ran & ~job.open
    return [_of_days(job, SILENT, result, ends, np.ones(len(now), dtype=bool), 0) for ends in _stretches(idle)]


def _of_days(job: Job, what: str, result: PipelinesResult, ends: tuple[int, int], usable: Bools, attempts: int) -> Finding:
    first, last = ends
    run = Run.known(first, last)
    messages = [job.message[at] for at in range(first, last + 1) if at in job.message]
    return Finding(
        what=f"{job.name}~{what}",
        label=job.name,
        kind=FindingKind.RUN,
        status=Status.ALERT.value,
        first=first,
        last=last,
        direction=Direction.FEWER,
        measure=Measure.SCORE,
        before=1.0,
        after=0.0,
        rows=attempts,
        share_rows=float((last - first + 1) / max(len(result.windows), 1)),
        method=what,
        score=float(last - first + 1),
        limit=1.0,
        strength=SURE,
        worst=result.windows.ids[first],
        note=messages[-1] if messages else "",
        carried=tuple(result.labels.get(name, name) for name in hit_by(job, result, first, last)),
        judged=int(usable.sum()),
        **times(result.windows, usable, run),
    )


def hit_by(job: Job, result: PipelinesResult, first: int, last: int) -> list[str]:
    """Return the columns that are emptier on some days than on those without a loss of the job, the emptiest first; of the columns that the
    case says it feeds, where it says so."""
    days = np.zeros(len(result.windows), dtype=bool)
    days[first : last + 1] = True
    good = job.ok & ~days
    found = {}
    for name, share in result.empty.items():
        if (job.fed and name not in job.fed) or not np.isfinite(share[days]).any() or not np.isfinite(share[good]).any():
            continue
        more = float(np.nanmean(share[days]) - np.nanmedian(share[good]))
        if more >= HIT:
            found[name] = more
    return sorted(found, key=lambda name: -found[name])


def _moved(name: str, found: Found, result: PipelinesResult, thresholds: PipelineThresholds) -> list[Finding]:
    job_name, _, metric = name.rpartition("~")
    job, clock = next(one for one in result.jobs if one.name == job_name), metric in CLOCK
    own, now = _series(job)[metric]
    usable = np.isfinite(now)
    told = []
    for scored, strength in found.runs:
        part = slice(scored.run.first, scored.run.last + 1)
        run = np.where(usable & np.isin(np.arange(len(usable)), np.arange(part.start, part.stop)), 1.0, 0.0)
        before, after = found.expected(float(np.nanmedian(own)), run, ratio=False), float(np.nanmedian(now[part]))
        if abs(after - before) < (LATE_S if clock else np.log1p(thresholds.floor)):
            continue
        value, before, after = (now, before, after) if clock else (np.exp(now), float(np.exp(before)), float(np.exp(after)))
        worse = after < before if metric == "rows" else after > before
        told.append(
            Finding(
                what=name,
                label=job_name,
                kind=FindingKind.RUN,
                status=(Status.ALERT if worse and strength >= thresholds.alert else Status.WARNING).value,
                direction=Direction.HIGHER if after > before else Direction.LOWER,
                measure=Measure.SCORE,
                rows=int(job.attempts[part].sum()),
                share_rows=float(usable[part].sum() / max(len(usable), 1)),
                method=metric,
                **told_of_run(found, scored, strength, windows=result.windows, usable=usable, value=value, change=(before, after)),
            )
        )
    return told


def _untold(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings without those of runs that end otherwise because they begin so or take so long, or that end earlier, which the last
    of several runs of a day does until it is over."""

    def echo(one: Finding) -> bool:
        same = (other for other in findings if other.label == one.label and other.method in ("start_s", "duration_s"))
        return one.direction is Direction.LOWER or any(other.first <= one.last and one.first <= other.last for other in same)

    return [one for one in findings if one.method != "finish_s" or not echo(one)]


def _rows(name: str, part: pd.DataFrame, findings: Sequence[Finding], numbers: Mapping[str, Found]) -> pd.DataFrame:
    job, _, metric = name.rpartition("~")
    facts = {"ok": LOST, "attempts": SILENT}
    looked = metric in facts or name in numbers
    status = np.full(len(part), (Status.STABLE if looked else Status.NOT_JUDGED).value, dtype=object)
    run, strength = np.full(len(part), None, dtype=object), np.zeros(len(part))
    if name in numbers:
        strength = np.nan_to_num(numbers[name].alone).copy()
    for one in (one for one in findings if one.what == f"{job}~{facts.get(metric, metric)}"):
        at = slice(one.first, one.last + 1)
        status[at], run[at], strength[at] = one.status, one.id, np.fmax(strength[at], one.strength)
    known = part["value"].notna().to_numpy()
    return part.assign(status=np.where(known, status, Status.NOT_APPLICABLE.value), run=run, strength=strength)


def last_success(judged: JudgedPipelines, job: Job) -> str | None:
    """Return the day on which a job last succeeded, which for a monthly training may lie before production; None: on none."""
    days = [*judged.result.own_windows.ids, *judged.windows.ids]
    good = np.flatnonzero(np.concatenate([job.own_ok, job.ok]))
    return days[good[-1]] if len(good) else None


def medians(job: Job) -> Mapping[str, float]:
    """Return the usual duration and rows of a job: of the days before production, where there are any, else of the judged ones."""
    values = ((job.own_seconds, job.seconds), (job.own_written, job.written))
    known = [own if np.isfinite(own).any() else now for own, now in values]
    return {name: float(np.nanmedian(one)) if np.isfinite(one).any() else float("nan") for name, one in zip(MEDIANS, known, strict=True)}
