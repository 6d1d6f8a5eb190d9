"""Verdicts on drift: a change must be large enough to matter, exceed what happens without change, and survive all looks at the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.drift import DriftResult
from monitor.judgement.assessment import EXTREMES, Assessment, assess_drift
from monitor.judgement.detectable import with_detectable
from monitor.judgement.thresholds import DriftThresholds
from monitor.stats.expectation import Change
from monitor.tables import Contract, Provenance, Skipped
from monitor.vocabulary import SEVERITY, Status

FIXED, PROFILE, EXPECTATION = "fixed", "profile", "expectation"
"""Where a threshold comes from: the analyst, another tool, or what windows without change show."""
JUDGED = Contract(
    "drift",
    ("column", "window", "method"),
    {
        name: name
        for name in (
            "column", "kind", "window", "window_start", "window_end", "n_reference", "n_production", "method", "score", "expected",
            "p_value", "q_value", "status", "direction", "moved_cell", "missing_share_reference", "missing_share_production",
        )
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDrift:
    """Judged drift. `table` has one row per column, window and method (`strength`: how many floors of its method the score is away from
    "nothing changed", by which methods can be compared; `threshold` and `threshold_from`: the smallest score that matters, or the analyst's
    fixed threshold); `family` is how many looks were corrected for together;
    `expected_false_alarms` how many alarmed column-windows of the primary method chance alone would give at most."""

    table: pd.DataFrame
    changes: Mapping[str, Change]
    result: DriftResult
    thresholds: DriftThresholds
    family: int
    expected_false_alarms: float

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
        """Rows of the method that each column is judged by."""
        return self.table[self.table["primary"]]


def judge_drift(result: DriftResult | Assessment, thresholds: DriftThresholds | None = None) -> JudgedDrift:
    """Judge measured drift (or an assessment of it, which makes judging by other thresholds quick).

    Notes
    -----
    A row alarms when its score reaches the floor of its method (`warning`; from `alert` floors on, `alert`), exceeds `expected` (the upper
    end of the statistic without change), and its q-value (see `assess_drift`) is at most `q`. Rows of another tool's profile carry that
    tool's own threshold and verdict.
    """
    assessment = result if isinstance(result, Assessment) else assess_drift(result)
    thresholds = (thresholds or DriftThresholds()).with_own(assessment.result.catalogue)
    table = assessment.table.assign(status=_statuses(assessment, thresholds))
    table["strength"] = table["size"] / np.maximum(_floors(table, thresholds), 1e-9)
    table["primary"] = _primary(assessment, table, thresholds)
    table["threshold_from"] = _who_says(assessment, thresholds)
    table["threshold"] = np.where(table["threshold_from"] == FIXED, _fixed(assessment, thresholds), _floors(table, thresholds))
    primary = table[table["primary"] & table["p_change"].notna()]
    alarms = int(primary["status"].isin([Status.WARNING, Status.ALERT]).sum())
    return JudgedDrift(
        table=JUDGED.check(with_detectable(assessment, table, thresholds)),
        changes=assessment.changes,
        result=assessment.result,
        thresholds=thresholds,
        family=len(primary),
        expected_false_alarms=thresholds.q * max(alarms, 1) if len(primary) else 0.0,
    )


def _primary(assessment: Assessment, table: pd.DataFrame, thresholds: DriftThresholds) -> Any:
    """Choose the row that speaks for each column and window: the most severe verdict of the methods that it is judged by."""
    sides = assessment.result.sides
    asked = table["column"].map({name: thresholds.methods_of(sides.part(name).column) for name in table["column"].unique()})
    rank = [methods.index(one) if one in methods else len(methods) for one, methods in zip(table["method"], asked, strict=True)]
    severity = table["status"].map({status.value: position for position, status in enumerate(SEVERITY)})
    chosen = pd.DataFrame({"column": table["column"], "window": table["window"], "rank": rank, "severity": severity})
    outside = np.array([r == len(methods) for r, methods in zip(rank, asked, strict=True)])
    chosen["severity"] = np.where(outside, len(SEVERITY), severity)
    first = chosen.sort_values(["severity", "rank"], kind="stable").drop_duplicates(["column", "window"]).index
    return table.index.isin(first)


def _statuses(assessment: Assessment, thresholds: DriftThresholds) -> Any:
    """Return the verdict of every row; the first rule that applies decides."""
    table, result = assessment.table, assessment.result
    size, expected = table["size"].to_numpy(dtype=float), table["expected_size"].to_numpy(dtype=float)
    floor = _floors(table, thresholds)
    fixed = _fixed(assessment, thresholds)
    peer = _peer(table, result.verdicts)
    surprising = (table["q_value"].to_numpy(dtype=float) <= thresholds.q) & ~(size <= expected) & (size >= floor)
    rules = [
        (peer == 1, Status.ALERT),
        (peer == 0, Status.STABLE),
        (_too_few(assessment, thresholds), Status.TOO_FEW_ROWS),
        (~np.isfinite(table["score"].to_numpy(dtype=float)), Status.NOT_APPLICABLE),
        (table["method"].isin(EXTREMES).to_numpy(), Status.NOT_JUDGED),
        (np.isfinite(fixed) & (size >= fixed), Status.ALERT),
        (np.isfinite(fixed), Status.STABLE),
        (surprising & (size >= thresholds.alert * floor), Status.ALERT),
        (surprising, Status.WARNING),
    ]
    return np.select([rule for rule, _ in rules], [status.value for _, status in rules], Status.STABLE.value)


def _too_few(assessment: Assessment, thresholds: DriftThresholds) -> Any:
    """Say which rows rest on too few rows of production, or, for a level of a column, of the reference: it may hardly know the level."""
    table = assessment.table
    few = table["n_production"].to_numpy() < thresholds.min_rows
    return few | (table["n_reference"].to_numpy() < thresholds.min_rows) if assessment.result.sides.parts else few


def _who_says(assessment: Assessment, thresholds: DriftThresholds) -> Any:
    """Return who says from which score on a row alarms: the analyst, another tool's profile, or what happens without change."""
    peer = np.isfinite(_peer(assessment.table, assessment.result.verdicts))
    return np.select([peer, np.isfinite(_fixed(assessment, thresholds))], [PROFILE, FIXED], EXPECTATION).astype(object)


def _floors(table: pd.DataFrame, thresholds: DriftThresholds) -> Any:
    return table["method"].map({one: thresholds.floor_of(one) for one in table["method"].unique()}).to_numpy(dtype=float)


def _fixed(assessment: Assessment, thresholds: DriftThresholds) -> Any:
    """Return the analyst's fixed threshold of each row, nan where there is none."""
    table, part = assessment.table, assessment.result.sides.part
    if not thresholds.fixed:
        return np.full(len(table), np.nan)
    found = [thresholds.fixed_of(part(column).column, method) for column, method in zip(table["column"], table["method"], strict=True)]
    return np.array([np.nan if one is None else one for one in found])


def _peer(table: pd.DataFrame, verdicts: Mapping[tuple[str, str, str], bool]) -> Any:
    """Return 1 or 0 for the verdict of another tool's profile, nan for rows of our own methods."""
    if not verdicts:
        return np.full(len(table), np.nan)
    keys = zip(table["column"], table["window"], table["method"], strict=True)
    return np.array([float(verdicts[key]) if key in verdicts else np.nan for key in keys])
