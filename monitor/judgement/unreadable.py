"""What is missing because it is no number or time is told as what it is: text that rows hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.analyses.drift_result import DriftResult
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.moves import LOST_COLUMN, TEXT, TEXT_FOR_TIME

SOME = 0.01
"""Part of the missing values that are text, from which that is told."""


def with_texts(findings: Sequence[Finding], result: DriftResult) -> list[Finding]:
    """Return findings, those of missing values with the part of them that are text and no number or no time, with the commonest
    of these, or that lie in files without the column."""
    return [_told(one, result) if one.kind is FindingKind.MISSING else one for one in findings]


def _told(finding: Finding, result: DriftResult) -> Finding:
    unreadable, counted = result.unreadable.get(finding.what), result.sides.production.columns.get(finding.what)
    if unreadable is None or counted is None:
        return finding
    part = slice(finding.first, finding.last + 1)
    missing, texts = int(counted.missing[part].sum()), int(unreadable.rows[part].sum())
    share = texts / missing if missing else 0.0
    note = LOST_COLUMN if unreadable.lost else TEXT_FOR_TIME if unreadable.timed else TEXT
    return finding if share < SOME else replace(finding, note=note, note_share=min(share, 1.0), carried=unreadable.texts)
