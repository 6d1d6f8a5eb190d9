"""Pins of findings: what each analysis puts into one, that it can be read without the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from monitor.errors import SelectionError
from monitor.export.files import plain, provenance_record, records
from monitor.export.pin import Pin, new_pin
from monitor.export.results import as_result
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.contract import JudgedContract
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import GAP, JudgedEstimate
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.judged_adversaries import JudgedAdversaries
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.operations import JudgedOperations
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.pipelines import JudgedPipelines
from monitor.judgement.quality import JudgedQuality
from monitor.judgement.seeing import seen_text
from monitor.judgement.segments import JudgedSegments
from monitor.judgement.window_texts import text_of, with_windows
from monitor.vocabulary import Status

PINNED_ROWS = 100
"""Rows of data that a pin of outliers holds."""


def drift_pin(finding: Finding, judged: JudgedDrift, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()) -> Pin:
    """Return a pin of a finding on drift; `pin` keeps it."""
    return _judged_pin(
        judged,
        judged.table[judged.table["column"] == finding.what],
        **_told_with(finding, judged, view, comment, charts),
    )


def cell_pin(
    cell: tuple[str, str], judged: JudgedDrift, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a column in a window without a finding: that it did not change, and what could have been seen.

    Raises
    ------
    SelectionError
        There is no such cell on the screen.
    """
    column, window = cell
    rows = judged.table[(judged.table["column"] == column) & (judged.table["window"] == window)]
    speaking = rows[rows["primary"]]
    if speaking.empty:
        raise SelectionError(f"There is no column '{column}' in window '{window}' on this screen.")
    row = speaking.iloc[0]
    said = "was not judged" if row["status"] != Status.STABLE else "did not change beyond chance"
    title = f"{row['label']} {said} in {text_of(judged, window)}"
    return _judged_pin(
        judged,
        rows,
        title=title,
        sentence=f"{title}. {seen_text(row, judged.against)}".strip(),
        finding={"what": column, "label": str(row["label"]), "status": str(row["status"]), "window": window, "worst": window},
        **_kept_with(view, comment, charts),
    )


def joint_pin(
    finding: Finding, judged: JudgedMultivariate, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on joint drift, a pair of columns or a method; `pin` keeps it."""
    return _judged_pin(
        judged,
        judged.of(finding.method),
        **_told_with(finding, judged, view, comment, charts),
    )


def metric_pin(
    finding: Finding, judged: JudgedPerformance, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on performance; `pin` keeps it."""
    table = judged.table
    rows = table[table["metric"] == finding.method].assign(score=table["value"], method=table["metric"], n_production=table["n_labelled"])
    return _judged_pin(
        judged,
        rows,
        **_told_with(finding, judged, view, comment, charts),
    )


def gap_pin(
    finding: Finding, judged: JudgedFairness, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on fairness; `pin` keeps it."""
    track, table = judged.track(finding.what), judged.table
    rows = table[(table["attribute"] == track.attribute) & (table["metric"] == track.metric) & (table["group"] == track.group)]
    return _judged_pin(
        judged,
        rows.assign(score=rows["ratio"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def shadow_pin(
    finding: Finding, judged: JudgedShadow, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on a challenger or an experiment; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["difference"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def operation_pin(
    finding: Finding, judged: JudgedOperations, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on operations; `pin` keeps it."""
    rows = judged.rows_of(finding.what)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def quality_pin(
    finding: Finding, judged: JudgedQuality, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on data quality; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["check"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def contract_pin(
    finding: Finding, judged: JudgedContract, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a broken clause of the contract; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["check"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def pipeline_pin(
    finding: Finding, judged: JudgedPipelines, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on pipelines; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def incident_pin(
    finding: Finding, judged: JudgedIncidents, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of an incident; `pin` keeps it."""
    rows = judged.table[judged.table["incident"] == finding.what]
    return _judged_pin(
        judged,
        rows.assign(score=rows["explained"], method=rows["cause"], window=finding.window),
        **_told_with(finding, judged, view, comment, charts),
    )


def estimate_pin(
    finding: Finding, judged: JudgedEstimate, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on estimates; `pin` keeps it."""
    table = judged.table
    rows = table[(table["metric"] == finding.what.removesuffix(GAP)) & table["default"]].assign(score=table["estimated"])
    return _judged_pin(
        judged,
        rows,
        **_told_with(finding, judged, view, comment, charts),
    )


def segment_pin(
    finding: Finding, judged: JudgedSegments, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a segment; `pin` keeps it."""
    table = judged.table
    rows = table[table["label"] == finding.what].assign(score=table["value"], method=table["metric"])
    return _judged_pin(
        judged,
        rows,
        **_told_with(finding, judged, view, comment, charts),
    )


def adversary_pin(
    finding: Finding, judged: JudgedAdversaries, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a sign of concerted behaviour, with the ids of its rows; `pin` keeps it."""
    table = judged.table
    return _judged_pin(
        judged,
        table[table["run"] == finding.id].assign(method=finding.method),
        **_told_with(finding, judged, view, comment, charts),
    )


def concept_pin(
    finding: Finding, judged: JudgedConcept, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on concept drift; `pin` keeps it."""
    table = judged.table
    return _judged_pin(
        judged,
        table[table["run"] == finding.id],
        **_told_with(finding, judged, view, comment, charts),
    )


def outlier_pin(
    finding: Finding, judged: JudgedOutliers, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on outliers with the rows that lie farthest out of its windows; `pin` keeps it."""
    inside = judged.windows.ids[finding.first : finding.last + 1]
    rows = judged.table[judged.table["window"].isin(inside) & judged.table["method"].eq(finding.method)]
    return _judged_pin(judged, rows.head(PINNED_ROWS), **_told_with(finding, judged, view, comment, charts))


def explanation_pin(
    finding: Finding, judged: JudgedExplanations, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on attributions; `pin` keeps it."""
    table = judged.table
    rows = table[table["run"] == finding.id].assign(score=table["contribution"], method=finding.method)
    return _judged_pin(judged, rows, **_told_with(finding, judged, view, comment, charts))


def _kept_with(view: str, comment: str, charts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"view": view, "comment": comment, "charts": tuple(charts)}


def _told_with(finding: Finding, judged: Judged, view: str, comment: str, charts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what every pin of a finding says of it."""
    told = {part: write(finding, judged.names, judged.against) for part, write in (("title", headline), ("sentence", sentence))}
    return {**told, "finding": plain(asdict(finding)), **_kept_with(view, comment, charts)}


def _judged_pin(judged: Judged, rows: pd.DataFrame, **parts: Any) -> Pin:
    """Return a pin of rows of a judged screen; each says what its window is called."""
    result = as_result(judged)
    kept = tuple(records(with_windows(rows, judged)))
    provenance = provenance_record(result.provenance)
    return new_pin(case=result.case, analysis=result.analysis, rows=kept, provenance=provenance, **parts)
