"""Verdicts on performance: each metric is a number by window beside the reference's own windows; immature windows never alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.label_weights import CHOSEN
from monitor.analyses.performance_metrics import Pools, Track
from monitor.analyses.performance_result import PerformanceResult
from monitor.case import PerformanceThresholds
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.one_answer import TIMES, OneAnswer, one_answer
from monitor.judgement.overfitting import in_sample_sentence
from monitor.judgement.performance_table import ALONE, JUDGED, NOT_ASKED, SHORT, UNSEEN, WAITING, beside
from monitor.judgement.run_parts import Shown, narrowed, windows_between
from monitor.judgement.run_times import lasting_times
from monitor.profile import Windows
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.runs import Run
from monitor.stats.performance.catalogue import Metric
from monitor.stats.performance.estimates import FEWEST, TOO_FEW, weighted
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPerformance(Judged):
    """Judged performance: `table` has one row per window, segment, class and metric, `findings` the runs of metrics, alerts first."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: PerformanceResult
    thresholds: PerformanceThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: what chance alone would name, labels, and the hours after which they are in."""
        arrival = self.result.arrival
        hours = {f"{share:.0%}": arrival.delay_of(share) for share in (0.5, 0.95)} if len(arrival.delay) else {}
        rows = max(int(self.result.rows.sum()), 1)
        return {
            "expected_false_alarms": self.thresholds.q,
            "label_share": float(self.result.labelled.sum() / rows),
            "hours_until_labelled": hours,
            "reference_in_sample": bool(in_sample_sentence(self.result)),
        }

    @property
    def names(self) -> WindowNames:
        """How the windows are called that runs are told in."""
        size = self.result.size if self.result.fine is None else self.result.fine.size
        return names_of(self.windows, size, self.result.timezone, self.own_windows)

    @property
    def against(self) -> str:
        """What the windows are compared with, inside a sentence."""
        return self.result.called.told_a if self.result.against is None else self.result.against.described


def judge_performance(result: PerformanceResult, thresholds: PerformanceThresholds | None = None) -> JudgedPerformance:
    """Judge measured performance.

    Notes
    -----
    A metric is named when its farthest run of mature windows survives Holm's correction over the judged metrics, and its value over the run
    lies at least a floor away from the reference's. A run for the worse is an alert from `alert` times its limit on, one for the better a
    warning: somebody should know why.
    """
    thresholds = thresholds or PerformanceThresholds()
    judge = _Judge(result, thresholds)
    found = judge.found()
    alike = judge.one_answers()
    runs = [one for track in judge.tracks for one in judge.findings(track, found[track.name])]
    findings = tuple(sorted([*alike, *(one for one in runs if not any(_inside(one, all_of) for all_of in alike))], key=_order))
    rows = [judge.rows(track, found.get(track.name), findings) for track in result.tracks]
    verdicts = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(JUDGED.columns))
    return JudgedPerformance(table=JUDGED.check(beside(result.table, verdicts)), findings=findings, result=result, thresholds=thresholds)


def _inside(one: Finding, other: Finding) -> bool:
    """Say whether a finding is about the metric of another, in windows that this is about."""
    return one.what == other.what and other.first <= one.first and one.last <= other.last


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.status != Status.ALERT.value, not finding.ongoing, -finding.strength)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of one metric: its windows, how many times as far as it had to be, its value pooled over its `rows`, and `when` it was;
    `rises` where its windows lie above the reference's."""

    run: Run
    strength: float
    p_value: float
    after: float
    rows: int
    when: Mapping[str, Any]
    rises: bool


class _Judge:
    """One screen of performance."""

    def __init__(self, result: PerformanceResult, thresholds: PerformanceThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        self.tracks = [one for one in result.tracks if one.metric in result.judged]
        self.usable = result.mature & ~result.unknown & (result.labelled >= thresholds.min_rows)
        self.runs: dict[str, list[_Run]] = {}

    def found(self) -> dict[str, Found]:
        """Judge the tracks, immature windows left out; what is found is found in shorter windows where these were measured."""
        found = self._judged({one.name: one for one in self.tracks}, self.usable)
        fine = self.result.fine
        if fine is None:
            own = self.result.windows, self.result.pools, np.arange(len(self.usable))
            self.runs = {one.name: self._pooled(one, self.usable, own, found[one.name]) for one in self.tracks}
            return found
        usable = fine.mature & (fine.labelled >= self.thresholds.min_rows)
        short = self._judged(fine.tracks, usable)
        for name, one in short.items():
            found[name] = replace(found[name], runs=(), p_value=one.p_value, q_value=one.q_value, judged=one.judged, lasting=one.lasting)
            told = self._pooled(fine.tracks[name], usable, (fine.windows, fine.pools, fine.place), one)
            self.runs[name] = [replace(run, run=_moved(run.run, fine.place)) for run in told]
        return found

    def _pooled(self, track: Track, usable: Bools, side: tuple[Windows, Pools, Ints], found: Found) -> list[_Run]:
        """Return the runs with their value: that of all their rows together, as of the reference; a mean over windows follows how many rows
        these have wherever a metric is no plain share. Beside other windows it is such a mean on both sides."""
        windows, pools, place = side
        told, judged = [], int(usable.sum())
        for scored, strength in found.runs:
            run = self._narrowed(track, scored, place)
            part = windows_between(run.first, run.last, len(usable)) & usable & np.isfinite(track.production.value)
            n = np.where(part, track.production.n, 0.0)
            after = float(np.nan_to_num(track.production.value) @ n / max(n.sum(), 1e-9))
            pooled = pools.over(track, part) if self.result.against is None else None
            after = after if pooled is None else float(pooled.value[0])
            when = {**lasting_times(windows, usable, run), "judged": judged}
            told.append(_Run(run, strength, scored.p_value, after, int(n.sum()), when, scored.mean > 0))
        return told

    def _narrowed(self, track: Track, scored: ScoredRun, place: Ints) -> Run:
        """Return a run as the judged windows show it; beside other windows it stays as it is."""
        if self.result.against is not None:
            return scored.run
        whole = next(one for one in self.tracks if one.name == track.name)
        before = float(whole.whole.value[0])
        floor = self.thresholds.floors.get(track.metric, self.result.catalogue[track.metric].smallest(before))
        away = np.where(self.usable, whole.production.value - before, np.nan)
        return narrowed(scored.run, Shown(away, whole.production.n, floor, place), rises=scored.mean > 0)

    def _judged(self, tracks: Mapping[str, Track], usable: Bools) -> dict[str, Found]:
        known = {name: self._known(one, usable) for name, one in tracks.items()}
        return judge_series(known, q=self.thresholds.q, spans=np.ones(len(usable)), seed=self.result.provenance.seed)

    def _known(self, one: Track, usable: Bools) -> Known:
        """Return a metric by window, or how far it lies from the windows that each is compared with."""
        value = np.where(usable, one.production.value, np.nan)
        if self.result.against is None:
            return Known(own=one.own.value, own_variance=one.own.variance, value=value, variance=one.production.variance)
        base, own = self.result.against.base(one)
        return Known(
            own=one.own.value - own.value,
            own_variance=one.own.variance + own.variance,
            value=value - base.value,
            variance=one.production.variance + base.variance,
        )

    def _before(self, track: Track, told: _Run) -> float:
        """Return what a metric was in what a run is compared with."""
        run = told.run
        if self.result.against is None:
            return float(track.whole.value[0])
        base = self.result.against.base(track)[0]
        part = slice(run.first, run.last + 1)
        return float(weighted(base.value[part], base.variance[part], base.n[part], np.ones((1, run.length), dtype=bool)).value[0])

    def findings(self, track: Track, found: Found) -> list[Finding]:
        """Return the runs of one metric that matter."""
        return [one for run in self.runs.get(track.name, []) if (one := self._finding(track, found, run)) is not None]

    def _finding(self, track: Track, found: Found, told: _Run) -> Finding | None:
        metric, run = self.result.catalogue[track.metric], told.run
        part = slice(run.first, run.last + 1)
        before, after, strength = self._before(track, told), told.after, told.strength
        floor = self.thresholds.floors.get(track.metric, metric.smallest(before))
        if not np.isfinite(after - before) or abs(after - before) < floor or (after > before) is not told.rises:
            return None
        worse = metric.worse(before, after)
        alarm = worse and not self._flattered(run) and strength >= self.thresholds.alert
        away = np.where(self.usable[part], np.nan_to_num(np.abs(track.production.value[part] - before)), -1.0)
        return Finding(
            what=track.name,
            label=_label(track, metric),
            kind=FindingKind.METRIC,
            status=(Status.ALERT if alarm else Status.WARNING).value,
            first=run.first,
            last=run.last,
            direction=Direction.HIGHER if after > before else Direction.LOWER,
            measure=Measure.SCORE,
            before=before,
            after=after,
            rows=told.rows,
            share_rows=float(self.result.rows[part].sum() / max(self.result.rows.sum(), 1)),
            method=track.metric,
            score=after,
            limit=float(before + (after - before) / max(strength, 1e-9)),
            strength=strength,
            p_value=told.p_value,
            q_value=max(found.q_value, told.p_value),
            worst=self.result.windows.ids[run.first + int(np.argmax(away))],
            note="" if worse is None else "worse" if worse else "better",
            **{**told.when, "window": self.result.windows.ids[run.first], "last_window": self.result.windows.ids[run.last]},
        )

    def _flattered(self, run: Run) -> bool:
        """Say whether a run may be the reference's own doing: its scores look in-sample, and the run begins with production."""
        return bool(in_sample_sentence(self.result)) and not self.usable[: run.first].any()

    def unseen(self, track: Track, found: Found | None) -> Bools:
        """Say in which windows a metric could not get so much worse that it would alarm, alone, (w,)."""
        if found is None or self.result.against is not None:
            return np.zeros(len(self.result.windows), dtype=bool)
        return found.unseen(self.result.catalogue[track.metric].worst)

    def one_answers(self) -> list[Finding]:
        """Return the stretches in which all rows are decided alike, as they never were for nearly as long."""
        tracks = {one.metric: one for one in self.result.tracks if one.name == one.metric}
        selected = tracks.get("selection_rate")
        if selected is None or self.result.against is not None:
            return []
        return [self._decided(one, tracks) for one in one_answer(selected.production, selected.own, self.usable)]

    def _rested(self, track: Track, part: slice) -> float:
        """Return the rows that a metric rests on where it is known: not where it has bounds only."""
        told = self.usable[part] & np.isfinite(track.production.value[part])
        return float(np.where(told, track.production.n[part], 0.0).sum())

    def _decided(self, one: OneAnswer, tracks: Mapping[str, Track]) -> Finding:
        """Return the finding of a stretch: of the metric that such decisions leave at its worst, where there are rows to be wrong on."""
        part = slice(one.run.first, one.run.last + 1)
        wrong = tracks.get("false_positive_rate" if one.positive else "recall")
        rested = 0.0 if wrong is None else self._rested(wrong, part)
        told = wrong if wrong is not None and rested >= FEWEST else tracks["selection_rate"]
        rows = np.where(self.usable[part], self.result.labelled[part], 0)
        when = {**lasting_times(self.result.windows, self.usable, one.run), "judged": int(self.usable.sum())}
        return Finding(
            what=told.name,
            label=self.result.catalogue[told.metric].title,
            kind=FindingKind.METRIC,
            status=(Status.WARNING if told.metric == "selection_rate" else Status.ALERT).value,
            first=one.run.first,
            last=one.run.last,
            direction=Direction.HIGHER if one.positive else Direction.LOWER,
            measure=Measure.SCORE,
            before=float(told.whole.value[0]),
            after=float(one.positive),
            rows=int(rows.sum()),
            share_rows=float(rows.sum() / max(self.result.labelled.sum(), 1)),
            method=told.metric,
            score=float(one.positive),
            limit=float(told.whole.value[0]),
            strength=when["windows"] / (TIMES * one.longest + 1),
            p_value=0.0,
            q_value=0.0,
            worst=self.result.windows.ids[one.run.first],
            note="worse",
            carried=("selection_rate",),
            **when,
        )

    def rows(self, track: Track, found: Found | None, findings: Sequence[Finding]) -> pd.DataFrame:
        """Return the verdict on each window of one metric."""
        many = len(self.result.windows)
        none = np.full(many, np.nan)
        judged = found is not None and found.judged
        shift = 0.0 if self.result.against is None else self.result.against.base(track)[0].value
        limits = (none, none) if found is None else found.inside(self.result.catalogue[track.metric].reach, shift)
        unseen = self.unseen(track, found)
        status = np.where(unseen | (not judged), Status.NOT_JUDGED.value, Status.STABLE.value).astype(object)
        run, strength = np.full(many, None, dtype=object), found.alone.copy() if found is not None else np.zeros(many)
        mine = sorted((one for one in findings if track.name in (one.what, *one.carried)), key=lambda one: one.strength)
        for one in mine:
            part = slice(one.first, one.last + 1)
            status[part], run[part] = one.status, one.id
            strength[part] = np.maximum(strength[part], one.strength)
        few = (track.production.reason == TOO_FEW) | (self.result.labelled < self.thresholds.min_rows)
        rules = [
            (few, Status.TOO_FEW_ROWS.value),
            (~np.isfinite(track.production.value), Status.NOT_APPLICABLE.value),
            (~self.result.mature | self.result.unknown, Status.NOT_JUDGED.value),
        ]
        status = np.select([rule for rule, _ in rules], [said for _, said in rules], status)
        asked = track.metric in self.result.judged
        waits = [~self.result.mature, self.result.unknown]
        never = found is not None and not found.ever(self.result.catalogue[track.metric].ends)
        why = np.select([*waits, unseen & never, unseen, np.full(many, asked)], [WAITING, CHOSEN, UNSEEN, ALONE, SHORT], NOT_ASKED)
        quiet = np.isin(status, [Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value])
        return pd.DataFrame(
            {
                "status": status,
                "silent": pd.Series(np.where(few, TOO_FEW, why), dtype=object).where(few | (status == Status.NOT_JUDGED.value), None),
                "limit_lower": limits[0],
                "limit_upper": limits[1],
                "run": [None if silent else one for silent, one in zip(quiet, run, strict=True)],
                "strength": np.where(quiet, 0.0, np.nan_to_num(strength)),
                "p_value": np.nan if found is None else found.p_value,
                "q_value": np.nan if found is None else found.q_value,
            }
        )


def _moved(run: Run, place: NDArray[np.int64]) -> Run:
    """Return a run of shorter windows as one of the windows that they lie in."""
    ends = (run.first, run.last, run.first_from, run.first_to, run.last_from, run.last_to)
    return Run(*(int(place[end]) for end in ends))


def _label(track: Track, metric: Metric) -> str:
    of = [part for part in (track.klass and f"class {track.klass}", track.segment and track.segment) if part]
    return metric.title + (f" of {', '.join(of)}" if of else "")
