"""Thresholds that an analyst set: from that score on a window alerts, whatever chance does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from monitor.case import DriftThresholds
from monitor.judgement.assessment import Assessment
from monitor.judgement.finding import Finding, FindingKind, Measure
from monitor.judgement.run_times import times
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status


def fixed_of_rows(table: pd.DataFrame, assessment: Assessment, thresholds: DriftThresholds) -> np.ndarray:
    """Return the analyst's fixed threshold of each row, (n,), nan where there is none."""
    if not thresholds.fixed:
        return np.full(len(table), np.nan)
    part = assessment.result.sides.part
    found = [thresholds.fixed_of(part(column).column, method) for column, method in zip(table["column"], table["method"], strict=True)]
    return np.array([np.nan if one is None else one for one in found])


def fixed_findings(assessment: Assessment, thresholds: DriftThresholds) -> list[Finding]:
    """Return one finding per stretch of windows whose score reaches a fixed threshold."""
    fixed = fixed_of_rows(assessment.table, assessment, thresholds)
    if not np.isfinite(fixed).any():
        return []
    table = assessment.table.assign(fixed=fixed)[np.isfinite(fixed)]
    return [one for _, rows in table.groupby(["column", "method"], sort=False) for one in _of_rows(rows, assessment, thresholds)]


def _of_rows(rows: pd.DataFrame, assessment: Assessment, thresholds: DriftThresholds) -> Iterator[Finding]:
    windows = assessment.result.sides.production.windows
    rows = rows.set_index("window").reindex(list(windows.ids))
    usable = rows["n_production"].to_numpy(dtype=float) >= thresholds.min_rows
    reached = np.flatnonzero(usable & (rows["size"].to_numpy(dtype=float) >= rows["fixed"].to_numpy(dtype=float)))
    if not len(reached):
        return
    for part in np.split(reached, np.flatnonzero(np.diff(reached) > 1) + 1):
        first, last = int(part[0]), int(part[-1])
        mine = rows.iloc[first : last + 1]
        worst = int(np.nanargmax(mine["size"].to_numpy(dtype=float)))
        score, limit = float(mine["score"].iloc[worst]), float(mine["fixed"].iloc[worst])
        yield Finding(
            what=str(mine["column"].iloc[worst]),
            label=str(mine["label"].iloc[worst]),
            kind=FindingKind.FIXED,
            status=Status.ALERT.value,
            first=first,
            last=last,
            judged=int(usable.sum()),
            measure=Measure.SCORE,
            before=limit,
            after=score,
            rows=int(np.nansum(mine["n_production"].to_numpy(dtype=float))),
            method=str(mine["method"].iloc[worst]),
            score=score,
            limit=limit,
            strength=float(mine["size"].iloc[worst]) / max(limit, 1e-12),
            worst=str(mine.index[worst]),
            **times(windows, usable, Run.known(first, last)),
        )
