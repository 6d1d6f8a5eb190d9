"""Columns that are gone, new, or of another type: facts of a whole column, which no window needs to be judged for."""

from __future__ import annotations

import numpy as np

from monitor.analyses.drift_result import DriftResult
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
    none, first = np.datetime64("NaT"), _first(result, one.what) if kind is FindingKind.TYPE else result.arrived.get(one.what, 0)
    alert = kind is not FindingKind.NEW
    rows = result.sides.production.rows
    return Finding(
        what=one.what,
        label=result.labels.get(one.what, one.what),
        kind=kind,
        status=Status.ALERT.value if alert else Status.WARNING.value,
        state=State.ONGOING,
        first=first,
        last=len(windows) - 1,
        window=windows.ids[first],
        last_window=windows.ids[-1],
        start=windows.start[first],
        end=none,
        onset_lower=windows.start[first],
        onset_upper=windows.start[first],
        windows=len(windows) - first,
        judged=len(windows),
        measure=Measure.SHARE,
        before=0.0,
        after=1.0,
        rows=int(rows[first:].sum()),
        share_rows=float(rows[first:].sum() / max(rows.sum(), 1)),
        method=METHOD[kind],
        score=1.0,
        limit=0.5,
        strength=2.0,
        worst=windows.ids[first],
        note=_types(result, one.what) if kind is FindingKind.TYPE else one.message,
    )


def _types(result: DriftResult, column: str) -> str:
    """Return the types of a column before and now: "BIGINT -> VARCHAR"; empty where the case does not know them."""
    types = result.types.get(column, {})
    return f"{types.get('reference', '')} -> {types.get('production', '')}" if types else ""


def _first(result: DriftResult, column: str) -> int:
    """Return the first window whose values no longer fit the type: more are missing than in any of the reference's windows."""
    if column not in result.sides.production.columns:
        return 0
    reference, production = result.sides.blocks.columns[column], result.sides.production.columns[column]
    usual = float((reference.missing / np.maximum(reference.rows, 1)).max(initial=0.0))
    lost = np.flatnonzero(production.missing / np.maximum(production.rows, 1) > usual)
    return int(lost[0]) if len(lost) else 0
