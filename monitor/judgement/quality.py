"""Verdicts on data quality: facts of the columns as drift judges them, runs of windows in which more rows fail a check, stable defects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.quality import FACTS, MEASURED, STAND_IN, UNREADABLE, Checked, QualityResult
from monitor.case.thresholds import DriftThresholds, QualityThresholds
from monitor.judgement.assessment import Assessment, assess_drift
from monitor.judgement.defects import stable_defect, told_far_values, told_leaks, told_new_levels, told_odd_rows, told_outages, told_stuck
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found, Known, judge_series, told_of_run
from monitor.judgement.narration.moves import DUE, MOSTLY_TEXT
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.quality_rows import fact_rows
from monitor.stats.counts.checks import CHECKS, FAR, LEAKAGE, ODD, OUTAGE, SINGLE, UNKNOWN
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.runs import Run
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]

TOLD_HERE = frozenset(
    {
        FindingKind.MISSING, FindingKind.UNSEEN, FindingKind.RANGE, FindingKind.CONSTANT, FindingKind.REVIVED, FindingKind.LEVEL,
        FindingKind.LOST, FindingKind.NEW, FindingKind.TYPE,
    }
)  # fmt: skip
"""Kinds of findings of drift that are a matter of quality."""
MOST = 0.75
"""Share of the windows beside runs, from which what they show is told as always so."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "defect": "whether the reference shows it too",
        "status": "verdict: that of the strongest finding that the window belongs to; a stable defect is stable",
        "message": "what is said of it, null where nothing is",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "strength": "how many times as far as it had to be the window, or its run, lies from what is usual; above 1 alarms",
    },
    MEASURED.units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedQuality:
    """Measured quality with the evidence on the columns."""

    result: QualityResult
    columns: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedQuality(Judged):
    """Judged quality: `table` has one row per column, check and window; `findings` what changed first, then stable defects."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: QualityResult
    thresholds: QualityThresholds
    drift: JudgedDrift

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        defects = sum(one.kind is FindingKind.DEFECT and one.method not in SINGLE for one in self.findings)
        return {"expected_false_alarms": self.thresholds.q, "checks": len(self.result.checks), "stable_defects": defects}

    @property
    def names(self) -> WindowNames:
        """How the windows are called."""
        return self.drift.names

    def rows_of(self, finding: Finding) -> pd.DataFrame:
        """Return the rows of the check that a finding is about, by window."""
        check, column = place_of(finding)
        of = self.table["column"].eq(column) if column else self.table["column"].isna()
        return self.table[of & self.table["check"].eq(check)]


def assess_quality(result: QualityResult) -> AssessedQuality:
    """Gather the evidence on the columns: the slow half, which no threshold changes."""
    return AssessedQuality(result=result, columns=assess_drift(result.drift))


def judge_quality(
    assessed: AssessedQuality, thresholds: tuple[QualityThresholds, DriftThresholds] = (QualityThresholds(), DriftThresholds())
) -> JudgedQuality:
    """Judge measured quality.

    Parameters
    ----------
    thresholds : of the checks, and of drift, by which the facts of columns are judged.

    Notes
    -----
    What drift finds of missing values, levels, ranges and types is told here as it is there: there is one truth about a column. Checks are
    judged together as all numbers by window are. More failing rows are an alert from `alert` times the limit on, fewer a warning. What a
    share of at least `defect` of the rows fails in the reference and in production is a defect that is stable: said, and no alarm.
    """
    own, drift = thresholds
    facts = judge_drift(assessed.columns, drift)
    judge = _Judge(assessed.result, own)
    found = judge.found()
    changed = [one for checked in judge.checks for one in judge.findings(checked, found[checked.name])]
    changed += told_stuck(assessed.result)
    told = [one for one in facts.findings if one.kind in TOLD_HERE and _is_asked(one, assessed.result)]
    unreadable = assessed.result.drift.unreadable
    texts = {unreadable[one.what].column for one in told if one.kind is FindingKind.MISSING and one.note in DUE}
    changed = [one for one in changed if one.what not in {f"{UNREADABLE}~{name}" for name in texts}]  # once is enough
    defects = _once(judge.defects(changed) + _missing(assessed, told, own))
    single = [
        *told_new_levels(assessed.result, told),
        *told_far_values(assessed.result, {place_of(one)[1] for one in (*facts.findings, *changed)}),
        *told_outages(assessed.result),
        *told_odd_rows(assessed.result),
        *told_leaks(assessed.result),
    ]
    findings = (*sorted([*told, *changed], key=_order), *sorted(defects, key=lambda one: -one.after), *single)
    table = pd.concat(
        [
            fact_rows(facts, assessed.columns, assessed.result, findings, own),
            *(judge.rows(one, found[one.name], findings) for one in judge.checks),
        ]
    )
    return JudgedQuality(
        table=JUDGED.check(table.reset_index(drop=True)), findings=findings, result=assessed.result, thresholds=own, drift=facts
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.status != Status.ALERT.value, not finding.ongoing, -finding.strength)


def _once(defects: Sequence[Finding]) -> list[Finding]:
    """Return defects without values that are missing for no more than that they are texts where numbers are due."""
    texts = {one.what.split("~")[-1]: one.after for one in defects if one.method == UNREADABLE}
    named = {f"missing~{name}": share for name, share in texts.items()}
    return [one for one in defects if one.what not in named or one.after > named[one.what] / MOSTLY_TEXT]


def _is_asked(finding: Finding, result: QualityResult) -> bool:
    return (
        FACTS.get(finding.method, "missing" if finding.kind is FindingKind.MISSING else "") in result.asked or finding.method not in FACTS
    )


class _Judge:
    """The checks of one screen."""

    def __init__(self, result: QualityResult, thresholds: QualityThresholds) -> None:
        self.result, self.thresholds, self.checks = result, thresholds, result.checks

    def found(self) -> dict[str, Found]:
        """Judge all checks together."""
        known = {one.name: self._known(one) for one in self.checks}
        return judge_series(known, q=self.thresholds.q, spans=np.ones(len(self.result.windows)), seed=self.result.provenance.seed)

    def usable(self, checked: Checked) -> NDArray[np.bool_]:
        """Say which windows are judged by a check."""
        return np.asarray(checked.production[1] >= self.thresholds.min_rows)

    def _known(self, checked: Checked) -> Known:
        own, own_variance = checked.share(checked.own)
        value, variance = checked.share(checked.production)
        return Known(own=own, own_variance=own_variance, value=np.where(self.usable(checked), value, np.nan), variance=variance)

    def findings(self, checked: Checked, found: Found) -> list[Finding]:
        """Return the runs of one check that matter."""
        told = (self._finding(checked, found, run, strength) for run, strength in found.runs)
        return [one for one in told if one is not None]

    def _finding(self, checked: Checked, found: Found, scored: ScoredRun, strength: float) -> Finding | None:
        check, run, usable, share = CHECKS[checked.check], scored.run, self.usable(checked), checked.share(checked.said[1])[0]
        part = slice(run.first, run.last + 1)
        hits, known = (int(side[part].sum()) for side in checked.said[1])
        before, after = checked.whole(checked.said[0]), hits / max(known, 1)
        if self._moved(checked, run) < self.thresholds.floors.get(check.id, check.floor) or after == before:
            return None
        worse = check.more is None or (after > before) == check.more
        return Finding(
            what=checked.name,
            label=checked.label,
            kind=FindingKind.QUALITY,
            status=(Status.ALERT if worse and strength >= self.thresholds.alert else Status.WARNING).value,
            direction=Direction.MORE if after > before else Direction.FEWER,
            measure=Measure.SHARE,
            rows=hits,
            share_rows=float("nan") if check.different and checked.rows is None else after,
            method=check.id,
            carried=_stand_ins(self.result, checked, part),
            **told_of_run(found, scored, strength, windows=self.result.windows, usable=usable, value=share, change=(before, after)),
        )

    def _moved(self, checked: Checked, run: Run) -> float:
        """Return how far the share of a run, as it is judged, lies from the reference's."""
        hits, known = (int(side[run.first : run.last + 1].sum()) for side in checked.production)
        return abs(hits / max(known, 1) - checked.whole(checked.own))

    def _alone(self, checked: Checked, found: Found) -> Floats:
        """Return how many times as far as it had to be each window lies, (w,): beyond chance, and as far as matters."""
        check, far = CHECKS[checked.check], np.abs(checked.share(checked.production)[0] - checked.whole(checked.own))
        for scored, _ in found.runs:
            part = slice(scored.run.first, scored.run.last + 1)
            far[part] = np.minimum(far[part], self._moved(checked, scored.run))
        with np.errstate(divide="ignore"):
            return np.minimum(found.alone, far / self.thresholds.floors.get(check.id, check.floor))

    def defects(self, changed: Sequence[Finding]) -> list[Finding]:
        """Return the checks that rows fail on both sides alike."""
        moved = {one.what for one in changed}
        found = []
        for one in self.checks:
            before, now = one.whole(one.own), one.whole(one.production)
            if CHECKS[one.check].defect and one.name not in moved and min(before, now) >= self.thresholds.defect:
                made = stable_defect(self.result, (one.name, one.label, one.check), (before, now), int(one.production[0].sum()))
                found.append(replace(made, carried=_stand_ins(self.result, one, slice(None))))
        return found

    def rows(self, checked: Checked, found: Found, findings: Sequence[Finding]) -> pd.DataFrame:
        """Return the verdict on each window of one check."""
        mine = [one for one in findings if one.what == checked.name]
        status = np.full(len(self.result.windows), (Status.STABLE if found.judged else Status.NOT_JUDGED).value, dtype=object)
        run, message = np.full(len(status), None, dtype=object), np.full(len(status), None, dtype=object)
        strength = self._alone(checked, found)
        for one in sorted(mine, key=lambda one: one.strength if np.isfinite(one.strength) else 0.0):
            part = slice(one.first, one.last + 1)
            message[part] = CHECKS[checked.check].told
            if one.kind is not FindingKind.DEFECT:
                status[part], run[part], strength[part] = one.status, one.id, np.fmax(strength[part], one.strength)
        status = np.where(self.usable(checked), status, Status.TOO_FEW_ROWS.value)
        table = self.result.table
        of = table["check"].eq(checked.check) & (table["column"].eq(checked.column) if checked.column else table["column"].isna())
        defect = bool(CHECKS[checked.check].defect and checked.whole(checked.own) >= self.thresholds.defect)
        return table[of].assign(defect=defect, status=status, message=message, run=run, strength=np.nan_to_num(strength))


def _stand_ins(result: QualityResult, checked: Checked, part: slice) -> tuple[str, ...]:
    """Return the stand-ins for missing values that windows have, those of most rows first."""
    by_window = result.stand_ins.get(checked.column, {}) if checked.check == STAND_IN else {}
    rows: Counter[str] = Counter()
    for window in result.windows.ids[part]:
        rows.update(by_window.get(window, {}))
    return tuple(value for value, _ in rows.most_common())


def _elsewhere(runs: Sequence[Finding], windows: int) -> NDArray[np.bool_]:
    """Return the windows that no run holds, (w,)."""
    kept = np.ones(windows, dtype=bool)
    for one in runs:
        kept[one.first : one.last + 1] = False
    return kept


def _missing(assessed: AssessedQuality, told: Sequence[Finding], thresholds: QualityThresholds) -> list[Finding]:
    """Return the columns that lack values on both sides alike: in all windows, or in most, beside a run that is told apart."""
    found = []
    for name, counted in assessed.columns.columns.items():
        kept = _elsewhere([one for one in told if one.what == name and one.kind is FindingKind.MISSING], len(assessed.result.windows))
        sides = counted.reference.counts, counted.production.counts[kept]
        before, now = (float(one[:, -1].sum() / max(one.sum(), 1)) for one in sides)
        if kept.mean() >= MOST and min(before, now) >= thresholds.defect:
            label = assessed.result.drift.labels.get(name, name)
            rows = int(sides[1][:, -1].sum())
            one = stable_defect(assessed.result, (f"missing~{name}", label, "missing"), (before, now), rows)
            found.append(_placed(one, assessed.result, name))
    return found


def _placed(finding: Finding, result: QualityResult, column: str) -> Finding:
    """Say of a stable lack of values where they lack, where one other column tells."""
    gap = result.gaps.get(column)
    if gap is None:
        return finding
    return replace(finding, where=result.drift.labels.get(gap.by, gap.by), carried=gap.levels, note=gap.side, note_share=gap.part)


_KINDS: Mapping[FindingKind, str] = {
    FindingKind.MISSING: "missing", FindingKind.UNSEEN: "new_levels", FindingKind.RANGE: "out_of_range", FindingKind.CONSTANT: "constant",
    FindingKind.REVIVED: "constant", FindingKind.LEVEL: "lost_levels", FindingKind.LOST: "lost_column", FindingKind.NEW: "new_column",
    FindingKind.TYPE: "type_change",
}  # fmt: skip
"""The check that a fact of a column is about."""
_SINGLE = {FAR: "out_of_range", OUTAGE: "missing", ODD: "new_levels", UNKNOWN: "new_levels", LEAKAGE: "missing"}
"""The check by window beside what is told of hours and of single rows."""


def place_of(finding: Finding) -> tuple[str, str]:
    """Return the check and the column ("" for whole rows) that a finding is about."""
    if finding.kind in _KINDS:
        return _KINDS[finding.kind], finding.what
    check, column = finding.what.split("~")[:2] if "~" in finding.what else (finding.what, "")
    return _SINGLE.get(check, check), column
