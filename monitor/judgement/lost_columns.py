"""Columns that are gone, new, or of another type: facts of a whole column, which no window needs to be judged for."""

from __future__ import annotations

import numpy as np

from monitor.analyses.drift import DriftResult
from monitor.judgement.finding import Finding, FindingKind, Measure, State
from monitor.tables import Skipped
from monitor.vocabulary import Status

KINDS = {
    "missing_in_production": FindingKind.LOST,
    "missing_in_reference": FindingKind.NEW,
    "type_changed": FindingKind.TYPE,
}
METHOD = {FindingKind.LOST: "lost_column", FindingKind.NEW: "new_column", FindingKind.TYPE: "type_change"}


def lost_findings(result: DriftResult) -> list[Finding]:
    """Return one finding per column that is gone, new or of another type."""
    windows = result.sides.production.windows
    return [_finding(result, one, KINDS[one.reason]) for one in result.skipped if one.reason in KINDS and len(windows)]


def _finding(result: DriftResult, one: Skipped, kind: FindingKind) -> Finding:
    windows = result.sides.production.windows
    none = np.datetime64("NaT")
    alert = kind is not FindingKind.NEW
    return Finding(
        what=one.what,
        label=result.labels.get(one.what, one.what),
        kind=kind,
        status=Status.ALERT.value if alert else Status.WARNING.value,
        state=State.ONGOING,
        first=0,
        last=len(windows) - 1,
        window=windows.ids[0],
        last_window=windows.ids[-1],
        start=windows.start[0],
        end=none,
        onset_lower=windows.start[0],
        onset_upper=windows.start[0],
        windows=len(windows),
        judged=len(windows),
        measure=Measure.SHARE,
        before=0.0,
        after=1.0,
        rows=int(result.sides.production.rows.sum()),
        share_rows=1.0,
        method=METHOD[kind],
        score=1.0,
        limit=0.5,
        strength=2.0,
        worst=windows.ids[0],
        note=one.message,
    )
