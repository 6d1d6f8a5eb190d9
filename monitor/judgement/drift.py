"""Verdicts on drift: columns first, then their runs; a run must go beyond what happens without change and be large enough to matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift_result import DriftResult
from monitor.case import DriftThresholds
from monitor.judgement.assessment import Assessment, assess_drift
from monitor.judgement.column_evidence import ScreenEvidence
from monitor.judgement.column_findings import Counted, stuck, tell
from monitor.judgement.column_runs import Alone, Candidate, candidates, window_strength
from monitor.judgement.companions import companions
from monitor.judgement.cut_scores import scores_first
from monitor.judgement.daily import PART, daily_findings
from monitor.judgement.drift_table import FIXED, judged_table
from monitor.judgement.echoes import without_echoes
from monitor.judgement.finding import Direction, Finding, FindingKind, State
from monitor.judgement.fixed import fixed_findings
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.lost_columns import lost_findings
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.pooled import pooled_score, wild_score
from monitor.judgement.text_findings import text_findings
from monitor.judgement.thresholds import with_own_floors
from monitor.judgement.unreadable import with_texts
from monitor.judgement.versions import of_outputs
from monitor.profile import Windows
from monitor.stats.inference.multiplicity import Selection, holm
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status

__all__ = ["FIXED", "JudgedDrift", "judge_drift"]

Floats = NDArray[np.float64]
WHOLE_REFERENCE = "the whole reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDrift(Judged):
    """Judged drift. `table` has one row per column, window and method, `findings` what a person reads, the most severe first; `selection`
    which columns are named and at which level; `expected_false_alarms` how many of the named columns chance alone would give at most."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    assessment: Assessment
    thresholds: DriftThresholds
    selection: Selection

    @property
    def result(self) -> DriftResult:
        """What was measured."""
        return self.assessment.result

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: columns corrected for together, those named and at which level, and what chance alone would name."""
        return {
            "family": self.family,
            "named": len(self.selection.named | {one.what for one in self.findings if one.kind is FindingKind.CLOCK}),
            "level": self.selection.level,
            "expected_false_alarms": self.expected_false_alarms,
        }

    @property
    def own_windows(self) -> Windows | None:
        """The windows of the reference; None where windows are compared with those before them."""
        return None if self.result.sides.baseline.weights is not None else self.result.sides.blocks.windows

    @property
    def primary(self) -> pd.DataFrame:
        """The row of each column and window that speaks for it."""
        return self.table[self.table["primary"]]

    @property
    def windows(self) -> Windows:
        """The windows of production."""
        return self.result.sides.production.windows

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which windows are cut short, (w,)."""
        return self.result.sides.partial

    @property
    def names(self) -> WindowNames:
        """How the windows of the screen are called."""
        sides = self.result.sides
        return names_of(self.windows, sides.size, sides.timezone, self.own_windows, called=self.called, labels=self.result.labels)

    @property
    def against(self) -> str:
        """What the windows are compared with, inside a sentence: "the reference", "the window before"."""
        against = str(self.provenance.settings.get("against", ""))
        return against if against and against != WHOLE_REFERENCE else self.result.called.told_a

    @property
    def found(self) -> tuple[Finding, ...]:
        """The strongest finding of each thing, the most severe first, those of windows that are cut short alone last."""
        first: dict[str, Finding] = {}
        for one in self.leading:
            first.setdefault(one.what, one)
        return tuple(first.values())

    @property
    def family(self) -> int:
        """How many columns were corrected for together."""
        return len(self.selection.adjusted)

    @property
    def expected_false_alarms(self) -> float:
        """How many named columns chance alone would give at most: the share of such screens on which it names any."""
        clocks = PART if self.result.daily else 0.0
        return self.thresholds.q * (1 + clocks) if self.family else 0.0


def judge_drift(result: DriftResult | Assessment, thresholds: DriftThresholds | None = None) -> JudgedDrift:
    """Judge measured drift (or an assessment of it, which makes judging by other thresholds quick).

    Notes
    -----
    A column is named when the p-value of its best run, over all its questions, facts and windows, survives Holm's correction over the
    columns. Inside a named column every run that meets the same level and whose pooled score reaches the floor of a judging method is a
    finding: `warning`, from `alert` floors (or halfway to the method's maximum) on `alert`. Columns that lost values together with a named
    one are told with it. Rows of another tool's profile carry that tool's own threshold and verdict.
    """
    assessment = result if isinstance(result, Assessment) else assess_drift(result)
    thresholds = with_own_floors(thresholds or DriftThresholds(), assessment.result.catalogue)
    judged = {name: p for name, p in assessment.p_values.items() if not thresholds.is_fixed(assessment.sides.part(name).column)}
    selection = holm(judged, thresholds.q)
    found = [*lost_findings(assessment.result), *fixed_findings(assessment, thresholds)]
    for name in judged:
        if name in selection.named:
            of_column = column_findings if name in assessment.columns else text_findings
            found += of_column(assessment, name, selection, thresholds)
    losing = [one for one in found if one.kind is FindingKind.MISSING and one.direction is not Direction.FEWER]
    told = {one.what for one in losing}
    found += companion_findings(assessment, [name for name in judged if name not in told], losing, thresholds)
    key = ("daily", thresholds.q, thresholds.min_rows)
    daily = assessment.remember(key, lambda: daily_findings(assessment.result, thresholds))
    found = [*with_texts(of_outputs(assessment, found), assessment.result), *(one for one in daily if one.what in judged)]
    ordered = tuple(scores_first(sorted(found, key=_severity), assessment.result.cut))
    table = judged_table(assessment, thresholds, selection, ordered)
    return JudgedDrift(table=table, findings=ordered, assessment=assessment, thresholds=thresholds, selection=selection)


def column_findings(assessment: Assessment, name: str, selection: Selection, thresholds: DriftThresholds) -> list[Finding]:
    """Return the findings of one named column."""
    level = selection.level
    found = assessment.remember(("runs", name, level), lambda: candidates(assessment.evidence_on(name), name, level))
    return _told(assessment, name, found, selection.adjusted[name], thresholds)


def companion_findings(
    assessment: Assessment, names: Sequence[str], losing: Sequence[Finding], thresholds: DriftThresholds
) -> list[Finding]:
    """Return findings of those of `names` that lost values together with one of the columns that are `losing` them; none where columns are
    cut in parts."""
    if assessment.result.sides.parts:
        return []
    runs = [Run.known(one.first, one.last) for one in losing]
    facts = {
        name: fact
        for name in names
        if name in assessment.columns
        for fact in assessment.evidence_on(name).things[name].facts
        if fact.kind is FindingKind.MISSING
    }
    told = []
    for name, beside in companions(facts, runs, thresholds.q).items():
        told += _told(assessment, name, beside, min(one.p_value for one in beside), thresholds)
    return told


def _told(assessment: Assessment, name: str, runs: Sequence[Candidate], q: float, thresholds: DriftThresholds) -> list[Finding]:
    """Tell the runs of a column that are large enough to matter."""
    screen, found = assessment.evidence_on(name), []
    label = assessment.result.labels.get(name, name)
    for one in runs:
        counted = _usable(assessment, name, thresholds)
        finding = tell(screen, name, counted, one, label)
        if finding.windows == 0:  # in no window of it were there rows enough to say anything
            continue
        score = pooled_score(assessment, finding, thresholds) or wild_score(finding, one)
        if score is None:
            continue
        worst = _worst(screen, name, finding, assessment.columns[name])
        finding = stuck(finding, counted, one.run)
        found.append(replace(finding, **score, worst=worst, q_value=max(q, finding.p_value)))
    return without_echoes([_not_narrower(one, found) for one in found])


def _not_narrower(one: Finding, beside: Sequence[Finding]) -> Finding:
    """Return a finding that does not say "spread less wide" of values that left the range on both sides at that time."""
    if one.direction is not Direction.NARROWER:
        return one
    left = [other for other in beside if other.kind is FindingKind.RANGE and other.first <= one.last and one.first <= other.last]
    both = {other.extreme > other.bound for other in left if other.extreme != other.bound} == {True, False}
    return replace(one, direction=Direction.CHANGED) if both else one


def _worst(screen: ScreenEvidence, name: str, finding: Finding, counted: Counted) -> str:
    """Return the id of the window of a run that moved farthest."""
    thing = screen.things[name]
    strength = window_strength(thing, Alone.of(screen, [thing], 0.05))
    kind = finding.kind if finding.kind in strength else FindingKind.VALUE
    part = strength[kind][finding.first : finding.last + 1] if kind in strength else np.zeros(finding.last - finding.first + 1)
    return counted.windows.ids[finding.first + int(np.argmax(part))]


def _usable(assessment: Assessment, name: str, thresholds: DriftThresholds) -> Any:
    counted = assessment.columns[name]
    return replace(counted, usable=counted.production.rows >= thresholds.min_rows)


_STATES = {State.NEW: 0, State.ONGOING: 1, State.OVER: 2}
_FIRST = frozenset({FindingKind.LOST, FindingKind.TYPE})


def _severity(finding: Finding) -> tuple[Any, ...]:
    """Order: lost columns, alerts before warnings, the strongest first."""
    return (finding.kind not in _FIRST, finding.status != Status.ALERT.value, -finding.strength, finding.first)
