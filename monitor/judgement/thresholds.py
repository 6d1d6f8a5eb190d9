"""Thresholds of a case as its verdicts use them: checked against the methods there are."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.analyses.requests import PEER_METHODS
from monitor.case import Case, ConceptThresholds, DriftThresholds, MultivariateThresholds, PerformanceThresholds, SegmentThresholds
from monitor.case.thresholds import (
    FLOORS,
    AdversaryThresholds,
    ContractThresholds,
    ExplanationThresholds,
    FairnessThresholds,
    OperationsThresholds,
    OutlierThresholds,
    PipelineThresholds,
    QualityThresholds,
    ShadowThresholds,
)
from monitor.errors import SettingError, nearest
from monitor.stats.counts.checks import CHECKS
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import Catalogue
from monitor.stats.multivariate.catalogue import JOINT
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.losses import LOSSES


def drift_thresholds(case: Case) -> DriftThresholds:
    """Return how the drift of a case is judged.

    Raises
    ------
    SettingError
        `method` or `floors` names a method that there is not; the text names the nearest one.
    """
    found = case.thresholds.drift
    known = {*CATALOGUE.ids, *FLOORS, *PEER_METHODS, *(one.id for one in case.methods)}
    _check_methods("drift.method", found.method.values(), known)
    _check_methods("drift.floors", found.floors, known)
    return found


def multivariate_thresholds(case: Case) -> MultivariateThresholds:
    """Return how the joint drift of a case is judged.

    Raises
    ------
    SettingError
        `floors` names a method that there is not; the text names the nearest one.
    """
    found = case.thresholds.multivariate
    _check_methods("multivariate.floors", found.floors, set(JOINT))
    return found


def performance_thresholds(case: Case) -> PerformanceThresholds:
    """Return how the performance of a case is judged.

    Raises
    ------
    SettingError
        `floors` names a metric that there is not; the text names the nearest one.
    """
    found = case.thresholds.performance
    _check_methods("performance.floors", found.floors, {*METRICS, *(one.id for one in case.metrics)})
    return found


def fairness_thresholds(case: Case) -> FairnessThresholds:
    """Return how the fairness of a case is judged."""
    return case.thresholds.fairness


def operations_thresholds(case: Case) -> OperationsThresholds:
    """Return how the operations of a case are judged.

    Raises
    ------
    SettingError
        `floors` names a metric that there is not; the text names the nearest one.
    """
    found = case.thresholds.operations
    _check_methods("operations.floors", found.floors, set(OPERATIONS))
    return found


def quality_thresholds(case: Case) -> tuple[QualityThresholds, DriftThresholds]:
    """Return how the data quality of a case is judged: its checks, and the facts of its columns.

    Raises
    ------
    SettingError
        `floors` names a check that there is not; the text names the nearest one.
    """
    found = case.thresholds.quality
    _check_methods("quality.floors", found.floors, set(CHECKS))
    return found, drift_thresholds(case)


def segment_thresholds(case: Case) -> SegmentThresholds:
    """Return how the segments of a case are judged.

    Raises
    ------
    SettingError
        `floors` names a metric that there is not; the text names the nearest one.
    """
    found = case.thresholds.segments
    _check_methods("segments.floors", found.floors, set(LOSSES))
    return found


def concept_thresholds(case: Case) -> ConceptThresholds:
    """Return how concept drift of a case is judged.

    Raises
    ------
    SettingError
        `floors` names a method that there is not; the text names the nearest one.
    """
    found = case.thresholds.concept
    _check_methods("concept.floors", found.floors, set(CONCEPT))
    return found


def contract_thresholds(case: Case) -> ContractThresholds:
    """Return how the contract of a case is judged."""
    return case.thresholds.contract


def pipeline_thresholds(case: Case) -> PipelineThresholds:
    """Return how the pipelines of a case are judged."""
    return case.thresholds.pipelines


def adversary_thresholds(case: Case) -> AdversaryThresholds:
    """Return how signs of concerted behaviour are judged."""
    return case.thresholds.adversaries


def outlier_thresholds(case: Case) -> OutlierThresholds:
    """Return how the outliers of a case are judged."""
    return case.thresholds.outliers


def explanation_thresholds(case: Case) -> ExplanationThresholds:
    """Return how the attributions of a case are judged."""
    return case.thresholds.explanations


def _check_methods(key: str, named: Iterable[str], known: set[str]) -> None:
    wrong = next((name for name in named if name not in known), None)
    if wrong is not None:
        raise SettingError(f"thresholds.{key} names the method '{wrong}', which there is not.{nearest(wrong, known)} Ids: docs/methods.md.")


def with_own_floors(thresholds: DriftThresholds, catalogue: Catalogue) -> DriftThresholds:
    """Return thresholds that know the floors which the authors of a case's own methods gave them; those that were set win."""
    return thresholds.with_floors({method.id: method.floor for method in catalogue if method.floor is not None})


def shadow_thresholds(case: Case) -> ShadowThresholds:
    """Return how challengers of a case are judged.

    Raises
    ------
    SettingError
        `floors` names a metric that there is not; the text names the nearest one.
    """
    found = case.thresholds.shadow
    _check_methods("shadow.floors", found.floors, set(METRICS))
    return found
