"""How large a run is: the scores of the judging methods on its pooled rows, against the smallest that matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from monitor.case import DriftThresholds
from monitor.errors import MethodError
from monitor.judgement.assessment import Assessment
from monitor.judgement.column_runs import Candidate
from monitor.judgement.finding import Finding, FindingKind, Measure
from monitor.stats.counts.comparison import Comparison, Layout, Side
from monitor.stats.methods.method import Method
from monitor.vocabulary import Status

OWN_METHOD = {
    FindingKind.MISSING: "missing_share",
    FindingKind.UNSEEN: "new_levels",
    FindingKind.RANGE: "out_of_range",
    FindingKind.REVIVED: "revived",
    FindingKind.CONSTANT: "constant",
}
"""Findings whose size is their own share of rows."""
NOT_OF_VALUES = frozenset({"missing_share", "new_levels", "out_of_range", "revived", "constant", "new_words", "vocabulary_classifier"})
"""Methods that say nothing of how values are distributed."""


def pooled_score(assessment: Assessment, finding: Finding, thresholds: DriftThresholds) -> dict[str, Any] | None:
    """Return method, score, limit, strength and status of a run, or None where it is too small to matter."""
    found = [_of_method(one, finding, thresholds) for one in _scores(assessment, finding, thresholds)]
    large = [one for one in found if one["status"]]
    return max(large, key=lambda one: one["times"], default=None) and {
        key: value for key, value in max(large, key=lambda one: one["times"]).items() if key != "times"
    }


def wild_score(finding: Finding, one: Candidate) -> dict[str, Any] | None:
    """Return method, score, limit, strength and status of rows that are too few to matter, but so far beyond the range that they are told;
    None for others."""
    if one.fact is None or not one.fact.wild[finding.first : finding.last + 1].any():
        return None
    strength = max(finding.strength, 1.0)
    return {
        "method": OWN_METHOD[FindingKind.RANGE], "score": finding.after, "limit": finding.after / strength, "strength": strength,
        "status": Status.WARNING.value,
    }  # fmt: skip


HALF = 0.5
"""Part of the levels that were there that is an alert: half the levels of any common law are 5 % of the rows (Zipf) or more, and js is then
beyond 0.15 (`DriftThresholds.alert_of`)."""


class _Score(NamedTuple):
    """The score of a run by a method, and how far from "nothing changed" such a score can lie."""

    method: str
    score: float
    farthest: float


def _of_method(one: _Score, finding: Finding, thresholds: DriftThresholds) -> dict[str, Any]:
    method, score, floor = one.method, one.score, thresholds.floor_of(one.method)
    times = abs(score) / floor if floor > 0 else np.inf
    large = abs(score) >= thresholds.alert_of(method, one.farthest) or _many_fewer(finding)
    status = Status.ALERT.value if large else Status.WARNING.value if times >= 1 else ""
    limit = max(floor, abs(score) / max(finding.strength, 1e-9))
    strength = min(finding.strength, times)
    return {"method": method, "score": score, "limit": limit, "strength": float(strength), "status": status, "times": times}


def _many_fewer(finding: Finding) -> bool:
    """Say whether a finding is that of far fewer (or more) levels, most of which are too rare for a score of cells to see them."""
    few, many = sorted((finding.before, finding.after))
    return finding.measure is Measure.LEVELS and few <= HALF * many


def _scores(assessment: Assessment, finding: Finding, thresholds: DriftThresholds) -> Iterator[_Score]:
    if finding.kind is FindingKind.MISSING:
        rise = finding.after - finding.before
        yield _Score(OWN_METHOD[finding.kind], rise, 1 - finding.before if rise > 0 else finding.before)
        return
    if finding.kind in OWN_METHOD:
        yield _Score(OWN_METHOD[finding.kind], finding.after, 1.0)
        return
    column = assessment.sides.part(finding.what).column
    for one in thresholds.methods_of(column):
        if one in NOT_OF_VALUES or one not in assessment.result.catalogue.ids:
            continue
        method = assessment.result.catalogue.method(one)
        kind = assessment.columns[finding.what].production.cells.kind
        if kind not in method.kinds:
            continue
        score = _score(assessment, finding, method)
        if np.isfinite(score):
            yield _Score(one, score, farthest(method))


def farthest(method: Method) -> float:
    """Return how far from "nothing changed" a score of the method can lie."""
    none = 0.0 if np.isnan(method.none) else method.none
    return max(method.high - none, none - method.low)


def _score(assessment: Assessment, finding: Finding, method: Method) -> float:
    """Return the score of a run: of its pooled rows where the method works from counts (an own method may refuse counts it never saw)."""
    if method.on_cells is None:
        return _of_windows(assessment, finding, method)
    try:
        return _pooled(assessment, finding, method)
    except MethodError:
        return _of_windows(assessment, finding, method)


def _of_windows(assessment: Assessment, finding: Finding, method: Method) -> float:
    """Return the mean score of a run's windows by a method that needs every value; nan where it was not measured."""
    table = assessment.table
    windows = assessment.result.sides.production.windows.ids[finding.first : finding.last + 1]
    mine = (table["column"] == finding.what) & (table["method"] == method.id) & table["window"].isin(windows)
    size = table.loc[mine, "size"].to_numpy(dtype=float)
    return float(np.nanmean(size)) if np.isfinite(size).any() else float("nan")


def _pooled(assessment: Assessment, finding: Finding, method: Method) -> float:
    """Return the score of a run's pooled rows, or, where windows are compared with earlier ones, of its windows on average."""
    sides, counted = assessment.result.sides, assessment.columns[finding.what]
    none = 0.0 if np.isnan(method.none) else method.none
    part = range(finding.first, finding.last + 1)
    if sides.baseline.weights is None:
        reference, production = counted.reference, counted.production.take([part])
    else:
        reference, production = (one.take([[i] for i in part]) for one in (sides.reference(finding.what), counted.production))
    layout: Layout = counted.layout
    try:
        score = method.compare(Comparison(layout, Side.of(reference), Side.of(production))).score - none
    except MethodError:  # an analyst's own method that cannot be asked about pooled rows says nothing of runs
        return float("nan")
    return float(np.nanmean(score)) if np.isfinite(score).any() else float("nan")
