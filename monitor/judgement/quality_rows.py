"""Rows of the table of quality that drift counts: missing values, levels, ranges and types by column and window, with its verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from monitor.analyses.quality import FACTS, QualityResult, failing_share
from monitor.case.thresholds import QualityThresholds
from monitor.judgement.assessment import Assessment
from monitor.judgement.defects import blank_hours
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding
from monitor.judgement.narration.places import quoted
from monitor.wording import list_text, plural

MOST_LACKING = 5
"""Levels that a window lacks that are named."""
SCHEMA = ("lost_column", "new_column", "type_change", "constant")


def fact_rows(
    facts: JudgedDrift, columns: Assessment, result: QualityResult, findings: Sequence[Finding], thresholds: QualityThresholds
) -> pd.DataFrame:
    """Return the rows of the facts of columns, with the verdicts of drift."""
    words = {"new_levels": _levels_named(columns), "lost_levels": _levels_lacking(columns), "missing_share": blank_hours(result)}
    wanted = {name: check for name, check in FACTS.items() if check in result.asked}
    table = facts.table[facts.table["method"].isin(list(wanted))]
    said = {one.id: one.kind.value for one in findings}
    return pd.DataFrame(
        {
            "column": table["column"],
            "check": table["method"].map(wanted),
            "window": table["window"],
            "value": failing_share(table),
            "expected": table["missing_share_reference"].where(table["method"] == "missing_share", table["expected"]),
            "n_rows": (failing_share(table) * table["n_production"]).where(~table["method"].isin(["lost_levels", *SCHEMA])).round(),
            "window_start": table["window_start"],
            "window_end": table["window_end"],
            "n_production": table["n_production"],
            "defect": table["method"].eq("missing_share") & table["missing_share_reference"].ge(thresholds.defect),
            "status": table["status"],
            "message": [
                words.get(method, {}).get((column, window)) or said.get(run)
                for column, window, method, run in zip(table["column"], table["window"], table["method"], table["run"], strict=True)
            ],
            "run": table["run"],
            "strength": table["strength"],
        }
    )


def _levels_named(columns: Assessment) -> dict[tuple[str, str], str]:
    """Return the levels that the reference never had, in words, by column and window; those that come for the first time first."""
    told = {}
    for name, counted in columns.columns.items():
        seen: set[str] = set()
        for window, levels in zip(columns.sides.production.windows.ids, counted.production.new_levels, strict=True):
            several = sorted(levels, key=lambda level: (level in seen, -levels[level], level))
            words = [
                f"{quoted(level)} ({plural(levels[level], 'row')}{'' if level in seen else ', for the first time'})" for level in several
            ]
            told[name, window] = f"never in the reference: {list_text(words)}" if words else ""
            seen.update(levels)
    return told


def _levels_lacking(columns: Assessment) -> dict[tuple[str, str], str]:
    """Return the levels of the reference that windows lack, in words, by column and window; those that it had most rows of first."""
    told = {}
    for name, counted in columns.columns.items():
        levels = counted.production.cells.levels
        before = counted.reference.counts.sum(axis=0)[: len(levels)]
        for window, counts in zip(columns.sides.production.windows.ids, counted.production.counts, strict=True):
            lost = [quoted(level) for level, was, now in zip(levels, before, counts, strict=False) if was and not now]
            told[name, window] = f"in the reference, not here: {list_text(lost, MOST_LACKING)}" if lost and counts.any() else ""
    return told
