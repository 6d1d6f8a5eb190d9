"""Verdicts on attributions: what each column adds to the mean prediction, and how much it matters, beside the reference's own windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.attributions import STAND_IN
from monitor.analyses.explanation_result import MEASURED, ExplanationResult, ExplanationTrack
from monitor.case import ExplanationThresholds
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.run_times import times
from monitor.stats.inference.evidence import ScoredRun
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TOLD = tuple(MEASURED.columns.items())
_AT = list(MEASURED.columns).index("class")
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **dict(_TOLD[:_AT]),
        "status": "verdict: that of the strongest run that the window belongs to",
        **dict(_TOLD[_AT:]),
        "limit_lower": "contribution below which this window alone alarms, all corrections included",
        "limit_upper": "contribution above which it does",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "strength": "how many times as far as it had to be; above 1 alarms",
        "p_value": "probability of the farthest run of the contribution, all its runs allowed for",
        "q_value": "Holm-adjusted over all that is judged of all columns",
    },
    MEASURED.units,
)
"""What was measured, with its verdict before the class."""
CONTRIBUTION = "contribution"
ALONE = 2.0
"""Times as far as any window of the reference that one window alone has to lie: a day is one weather, and rare ones lie far out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedExplanations(Judged):
    """Judged explanations: `table` has one row per column, window and class, `findings` the runs of attributions, alerts first."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: ExplanationResult
    thresholds: ExplanationThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: what chance alone would name."""
        return {"expected_false_alarms": self.thresholds.q}


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of windows of one track, told as a finding; `at` are its windows."""

    track: ExplanationTrack
    finding: Finding


def judge_explanations(result: ExplanationResult, thresholds: ExplanationThresholds | None = None) -> JudgedExplanations:
    """Judge measured explanations.

    Notes
    -----
    Of each column two numbers by window are judged: its mean attribution and the mean size of its attributions. A run is told where it
    survives Holm's correction over all of them and its attribution moved by at least `floor` standard deviations of the reference's
    predictions, one window alone also ALONE times as far as any of the reference's own; what a column's size says of windows in which its
    mean is told already is left out. A window that is cut short holds fewer days, weathers and hours than those of the reference, and is
    not judged; nor is a stand-in that does not follow the scores.
    """
    thresholds = thresholds or ExplanationThresholds()
    usable = (result.n >= thresholds.min_rows) & ~result.partial & result.attributions.trusted
    known = {one.name: _known(one, usable) for one in result.tracks}
    verdicts = judge_series(known, q=thresholds.q, spans=np.ones(len(result.windows)), seed=result.provenance.seed)
    judge = _Telling(result, thresholds, usable)
    made = [
        _Run(one, found)
        for one in result.tracks
        for scored, strength in verdicts[one.name].runs
        if (found := judge.finding(one, scored, strength, verdicts[one.name].q_value)) is not None
    ]
    told = [one for one in made if not _told_already(one, made)]
    findings = tuple(sorted((one.finding for one in told), key=_order))
    parts = [judge.rows(name, klass, verdicts, told) for klass in _classes(result) for name in result.columns]
    table = pd.concat([result.table.reset_index(drop=True), pd.concat(parts, ignore_index=True)], axis=1)
    return JudgedExplanations(table=JUDGED.check(table), findings=findings, result=result, thresholds=thresholds)


def _classes(result: ExplanationResult) -> list[str]:
    return [one.klass for one in result.classes]


def _known(one: ExplanationTrack, usable: Bools) -> Known:
    return Known(own=one.own, own_variance=one.own_variance, value=np.where(usable, one.value, np.nan), variance=one.variance)


def _order(finding: Finding) -> tuple[Any, ...]:
    """Order: alerts, what goes on, what adds most to the mean prediction."""
    return (finding.status != Status.ALERT.value, not finding.ongoing, -abs(np.nan_to_num(finding.impact)), -finding.strength)


def _told_already(one: _Run, made: Sequence[_Run]) -> bool:
    """Say whether what a size says is said by the mean of the same column in some of the same windows."""
    if one.track.method == CONTRIBUTION:
        return False
    same = (other for other in made if other.track.method == CONTRIBUTION and other.finding.what == one.finding.what)
    return any(other.finding.first <= one.finding.last and one.finding.first <= other.finding.last for other in same)


def what_of(column: str, klass: str) -> str:
    """Return what a finding is about: a column, of several classes that of one.

    >>> what_of("age", ""), what_of("age", "bad")
    ('age', 'age [bad]')
    """
    return f"{column} [{klass}]" if klass else column


@dataclass(frozen=True, slots=True)
class _Telling:
    """How one screen tells its runs: the windows that are judged are `usable` (w,)."""

    result: ExplanationResult
    thresholds: ExplanationThresholds
    usable: Bools

    def finding(self, one: ExplanationTrack, scored: ScoredRun, strength: float, q_value: float) -> Finding | None:
        """Return the finding of a run; None where it is too small to matter."""
        run, result = scored.run, self.result
        at = np.arange(len(result.windows))
        kept = (at >= run.first) & (at <= run.last) & self.usable
        of_class = result.of_class(one.klass)
        j = result.attributions.columns.index(one.column)
        absolute = one.method != CONTRIBUTION
        after = float(of_class.raw[1].pooled(kept, absolute=absolute).value[j])
        if run.length == 1 and abs(after - one.usual) < ALONE * float(np.nanmax(np.abs(one.own - one.usual), initial=0.0)):
            return None
        if abs(after - one.usual) < self.thresholds.floor * float(of_class.raw[0].raw.std()) or after == one.usual:
            return None
        before, told = (one.usual, after) if absolute else (0.0, self._added(one, kept, after - one.usual))
        away = np.where(kept, np.abs(np.nan_to_num(one.value) - one.usual), -1.0)
        rows = int(result.sides[1].held[kept].sum())
        return Finding(
            what=what_of(one.column, one.klass),
            label=one.label,
            kind=FindingKind.ATTRIBUTION,
            status=(Status.ALERT if strength >= self.thresholds.alert and not absolute else Status.WARNING).value,
            first=run.first,
            last=run.last,
            direction=Direction.HIGHER if after > one.usual else Direction.LOWER,
            measure=Measure.SCORE,
            before=before,
            after=told,
            rows=rows,
            share_rows=float(rows / max(result.sides[1].held.sum(), 1)),
            method=one.method,
            score=after,
            limit=float(one.usual + (after - one.usual) / max(strength, 1e-9)),
            strength=strength,
            p_value=scored.p_value,
            q_value=max(q_value, scored.p_value),
            worst=result.windows.ids[int(np.argmax(away))],
            note=one.klass,
            impact=float("nan") if absolute else told,
            stand_in=result.attributions.source == STAND_IN,
            judged=int(self.usable.sum()),
            **times(result.windows, self.usable, run),
        )

    def _added(self, one: ExplanationTrack, kept: Bools, raw: float) -> float:
        """Return what a column adds to the mean prediction over a run: in probability where it is known and says the same."""
        of_class = self.result.of_class(one.klass)
        told = float(of_class.told_fall(kept).contributions[self.result.attributions.columns.index(one.column)])
        return told if told * raw > 0 else raw

    def rows(self, name: str, klass: str, verdicts: Mapping[str, Found], told: Sequence[_Run]) -> pd.DataFrame:
        """Return the verdict on each window of one column of one class."""
        many = len(self.result.windows)
        mine = {one.method: verdicts[one.name] for one in self.result.tracks if (one.column, one.klass) == (name, klass)}
        judged = any(one.judged for one in mine.values())
        status = np.full(many, (Status.STABLE if judged else Status.NOT_JUDGED).value, dtype=object)
        run = np.full(many, None, dtype=object)
        strength = np.max([np.nan_to_num(one.alone) for one in mine.values()], axis=0)
        runs = sorted((one.finding for one in told if (one.track.column, one.track.klass) == (name, klass)), key=lambda one: one.strength)
        for found in runs:
            part = slice(found.first, found.last + 1)
            status[part], run[part] = found.status, found.id
            strength[part] = np.maximum(strength[part], found.strength)
        few = self.result.n < self.thresholds.min_rows
        quiet = ~self.usable | (status == Status.NOT_JUDGED.value)
        lead, none = mine.get(CONTRIBUTION), np.full(many, np.nan)
        usual = next((one.usual for one in self.result.tracks if (one.column, one.klass, one.method) == (name, klass, CONTRIBUTION)), 0.0)
        return pd.DataFrame(
            {
                "status": np.select([few, ~self.usable], [Status.TOO_FEW_ROWS.value, Status.NOT_JUDGED.value], status),
                "limit_lower": none if lead is None else lead.lower - usual,
                "limit_upper": none if lead is None else lead.upper - usual,
                "run": [None if silent else one for silent, one in zip(quiet, run, strict=True)],
                "strength": np.where(quiet, 0.0, strength),
                "p_value": np.nan if lead is None else lead.p_value,
                "q_value": np.nan if lead is None else lead.q_value,
            }
        )
