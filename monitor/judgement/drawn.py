"""What charts draw of judged rows: one limit line, and one strength for all windows of a run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from monitor.analyses.drift_result import DriftResult
from monitor.judgement.assessment import unchanged_of
from monitor.judgement.finding import Finding
from monitor.vocabulary import Status


def with_limit_line(rows: pd.DataFrame, result: DriftResult) -> pd.DataFrame:
    """Return rows of one method with the one limit of each window on the scale of its score: the run's where it belongs to one.

    `limit` is a distance from the score without change; where scores lie on both sides of it, `lower` is the limit on the other one. Where
    no score could have reached it, there is no line.
    """
    if rows.empty:
        return rows
    method = str(rows["method"].iloc[0])
    none = unchanged_of(result, method)
    reach = result.catalogue.method(method).high - none if method in result.catalogue.ids else np.inf
    distance = rows["run_limit"].where(rows["run"].notna() & rows["run_limit"].notna(), rows["limit"]).astype(float)
    distance = distance.where((distance <= reach) & (rows["status"] != Status.NOT_JUDGED.value))
    below = bool((rows["score"].astype(float) < none - 1e-12).any())
    return rows.assign(limit=none + distance, lower=none - distance if below else np.nan)


def with_strength_of_runs(rows: pd.DataFrame, findings: Iterable[Finding]) -> pd.DataFrame:
    """Return rows in which every window of a run has the strength of the run."""
    strengths = {one.id: one.strength for one in findings}
    of_run = rows["run"].map(strengths).astype(float)
    return rows.assign(strength=of_run.where(of_run.notna(), rows["strength"]))
