"""Verdicts on drift: columns first, then their runs; a run must go beyond what happens without change and be large enough to matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift import DriftResult
from monitor.judgement.assessment import Assessment, assess_drift
from monitor.judgement.column_runs import candidates
from monitor.judgement.drift_table import FIXED, judged_table
from monitor.judgement.finding import Finding, FindingKind, State
from monitor.judgement.fixed import fixed_findings
from monitor.judgement.lost_columns import lost_findings
from monitor.judgement.pooled import pooled_score
from monitor.judgement.column_findings import tell
from monitor.judgement.thresholds import DriftThresholds
from monitor.stats.inference.multiplicity import Selection, holm
from monitor.tables import Provenance, Skipped
from monitor.vocabulary import Status

__all__ = ["FIXED", "JudgedDrift", "judge_drift"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDrift:
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
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not run and why."""
        return self.result.skipped

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.result.provenance

    @property
    def primary(self) -> pd.DataFrame:
        """The row of each column and window that speaks for it."""
        return self.table[self.table["primary"]]

    @property
    def family(self) -> int:
        """How many columns were corrected for together."""
        return len(self.selection.adjusted)

    @property
    def expected_false_alarms(self) -> float:
        """How many named columns chance alone would give at most: the share of such screens on which it names any."""
        return self.thresholds.q if self.family else 0.0


def judge_drift(result: DriftResult | Assessment, thresholds: DriftThresholds | None = None) -> JudgedDrift:
    """Judge measured drift (or an assessment of it, which makes judging by other thresholds quick).

    Notes
    -----
    A column is named when the p-value of its best run, over all its questions, facts and windows, survives Holm's correction over the
    columns. Inside a named column every run that meets the same level and whose pooled score reaches the floor of a judging method is a
    finding: `warning`, from `alert` floors on `alert`. Rows of another tool's profile carry that tool's own threshold and verdict.
    """
    assessment = result if isinstance(result, Assessment) else assess_drift(result)
    thresholds = (thresholds or DriftThresholds()).with_own(assessment.result.catalogue)
    judged = {name: p for name, p in assessment.p_values.items() if not thresholds.is_fixed(assessment.result.sides.part(name).column)}
    selection = holm(judged, thresholds.q)
    found = [*lost_findings(assessment.result), *fixed_findings(assessment, thresholds)]
    for name in judged:
        if name in selection.named:
            found += column_findings(assessment, name, selection, thresholds)
    ordered = tuple(sorted(found, key=_severity))
    table = judged_table(assessment, thresholds, selection, ordered)
    return JudgedDrift(table=table, findings=ordered, assessment=assessment, thresholds=thresholds, selection=selection)


def column_findings(assessment: Assessment, name: str, selection: Selection, thresholds: DriftThresholds) -> list[Finding]:
    """Return the findings of one named column."""
    screen, found = assessment.evidence_on(name), []
    label = assessment.result.labels.get(name, name)
    for one in candidates(screen, name, selection.level):
        if name not in assessment.columns:
            continue
        finding = tell(screen, name, _usable(assessment, name, thresholds), one, label)
        score = pooled_score(assessment, finding, thresholds)
        if score is None:
            continue
        found.append(replace(finding, **score, q_value=selection.adjusted[name]))
    return found


def _usable(assessment: Assessment, name: str, thresholds: DriftThresholds) -> Any:
    counted = assessment.columns[name]
    return replace(counted, usable=counted.production.rows >= thresholds.min_rows)


_STATES = {State.NEW: 0, State.ONGOING: 1, State.OVER: 2}
_FIRST = frozenset({FindingKind.LOST, FindingKind.TYPE})


def _severity(finding: Finding) -> tuple[Any, ...]:
    """Order: lost columns, alerts before warnings, the strongest first."""
    return (finding.kind not in _FIRST, finding.status != Status.ALERT.value, -finding.strength, finding.first)


def summary(judged: JudgedDrift) -> Mapping[str, Any]:
    """Return the figures of the whole screen that a result's provenance carries."""
    return {
        "family": judged.family,
        "named": len(judged.selection.named),
        "level": judged.selection.level,
        "expected_false_alarms": judged.expected_false_alarms,
    }
