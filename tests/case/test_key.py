"""The key of a case changes with every field that a result can depend on; the others are listed with their reasons."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from monitor.case import Case, case_from
from monitor.case.model import JUDGES, TOLD
from monitor.case.windows import WindowSize
from monitor.vocabulary import Kind, Severity, Task

CONTENT = {
    "case": {"name": "x", "task": "binary"},
    "data": {"reference": "a", "production": "b"},
    "model": {"path": "m.skops"},
    "annotations": [{"start": datetime(2024, 1, 1, tzinfo=UTC), "text": "deploy"}],
    "methods": [{"id": "gap", "function": "own.py:gap"}],
    "metrics": [{"id": "saved", "numerator": "a"}],
    "value": {"tp": 1},
    "slo": [{"metric": "latency", "objective": 0.9, "threshold": 100}],
    "pipeline": {"runs": "r.parquet"},
    "kpis": [{"name": "a", "metric": "recall", "target": 0.5}],
    "alerts": [{"name": "a", "target": "t", "escalate_to": "u", "escalate_after": "1 hour"}],
    "ownership": {"model": "a"},
    "readiness": {"rollback": "a"},
    "retraining": {"target": "t", "triggers": [{"name": "a", "when": "severity >= high"}]},
}
WHEN = datetime(2024, 2, 1, tzinfo=UTC)
COLUMN = {"c": "d"}
GROUPS = ("drift", "multivariate", "performance", "segments", "concept", "operations", "quality")
OTHER: dict[str, Any] = {
    "root": Path("/elsewhere"), "name": "y", "task": Task.MULTICLASS, "description": "z", "owner": "z", "timezone": "Europe/Paris",
    "kinds": {"c": Kind.TEXT}, "labels_text": COLUMN, "segments": COLUMN, "windows.count": 2, "windows.unit": "day",
    "data.reference": ("c",), "data.production": ("c",), "data.labels": ("c",),
    "data.encoding": "cp1250",
    "data.missing": ("?",), "data.partitions": True, "formats": {"c": "percent"},
    **{f"roles.{name}": "c" for name in (
        "timestamp", "id", "prediction", "score", "label", "label_timestamp", "label_weight", "positive_class", "model_version",
        "latency_ms", "cost", "currency", "saturation",
        "status", "challenger_prediction", "challenger_score", "variant",
    )},
    **{f"roles.{name}": ("c",) for name in ("features", "ignore", "segments", "protected")},
    "roles.threshold": 0.5, "model.path": "n.skops", "model.trust": True,
    "model.attributions": "shap_{column}",
    "annotations.start": WHEN, "annotations.end": WHEN, "annotations.kind": "incident", "annotations.text": "z",
    "methods.id": "z", "methods.function": "z.py:z", "methods.title": "z", "methods.kinds": (Kind.BOOLEAN,), "methods.needs": "cells",
    "methods.unit": "z", "methods.low": 1.0, "methods.high": 1.0, "methods.floor": 1.0, "methods.summary": "z", "methods.trust": True,
    **{f"metrics.{name}": "z" for name in ("id", "title", "numerator", "denominator", "function", "better")},
    "metrics.columns": ("c",), "metrics.floor": 1.0, "metrics.trust": True,
    "value.currency": "EUR", **{f"value.{name}": 2.0 for name in ("tp", "fp", "fn", "tn")},
    "kpis.name": "z", "kpis.metric": "accuracy", "kpis.target": 0.7, "kpis.tolerance": 0.2, "kpis.owner": "z", "kpis.parent": "z",
    "kpis.better": "more",
    **{f"alerts.{name}": "z" for name in ("name", "target", "owner", "repeat", "loud", "escalate_to", "escalate_after")},
    "alerts.quiet": ("Sat",), "alerts.over": False, "alerts.when.status": "warning",
    **{f"alerts.when.{name}": ("z",) for name in ("severity", "cause", "column", "segment", "metric", "state")},
    **{f"ownership.{name}": "z" for name in ("business", "model", "data", "turn", "runbook")},
    "readiness.required": ("fairness",), "readiness.rollback": "z", "readiness.incidents": Severity.LOW,
    **{f"retraining.{name}": "z" for name in ("target", "triggers.name", "triggers.metric")},
    **{f"retraining.triggers.{name}": 7 for name in ("cost", "beyond", "running", "labels")}, "retraining.triggers.when.status": "warning",
    **{f"retraining.triggers.when.{name}": ("z",) for name in ("severity", "cause", "column", "segment", "metric", "state")},
    "ownership.oncall": ("z",), "ownership.since": date(2025, 1, 1),
    "pipeline.runs": "s.parquet", "pipeline.kind": "dbt", "pipeline.feeds": {"a": ("c",)},
    "slo.metric": "availability", "slo.objective": 0.5, "slo.threshold": 7.0, "slo.period": "7 days", "slo.name": "z",
    "thresholds.operations.apdex_ms": 7.0, "thresholds.operations.monthly_budget": 7.0, "thresholds.quality.defect": 0.25,
    "thresholds.fairness.q": 0.25, "thresholds.fairness.band": 0.25,
    "thresholds.contract.min_rows": 7,
    "thresholds.pipelines.q": 0.25, "thresholds.pipelines.alert": 0.25, "thresholds.pipelines.floor": 0.5,
    "thresholds.adversaries.q": 0.25, "thresholds.adversaries.alert": 0.25, "thresholds.adversaries.min_rows": 7,
    "thresholds.outliers.share": 0.05, "thresholds.outliers.floor": 2.0, "thresholds.outliers.q": 0.25, "thresholds.outliers.alert": 0.25,
    "thresholds.outliers.min_rows": 7,
    **{f"thresholds.{group}.{name}": 0.25 for group in GROUPS for name in ("q", "alert")},
    **{f"thresholds.{group}.min_rows": 7 for group in GROUPS},
    **{f"thresholds.{group}.floors": {"ks": 0.2} for group in GROUPS},
    "thresholds.explanations.q": 0.25, "thresholds.explanations.alert": 0.25, "thresholds.explanations.min_rows": 7,
    "thresholds.explanations.floor": 0.2,
    "thresholds.incidents.much": 0.2, "thresholds.incidents.most": 0.7,
    "thresholds.shadow.q": 0.25, "thresholds.shadow.floors": {"value": 0.2}, "thresholds.shadow.split": {"a": 1.0, "b": 2.0},
    "thresholds.drift.floor": 0.2, "thresholds.drift.method": COLUMN, "thresholds.drift.fixed": {"c": 0.2},
}  # fmt: skip
"""Another value of every field of the model, by its path."""


def parts_of(value: Any) -> dict[str, Any]:
    """Return the fields of a model or dataclass, of the first one of a tuple; none of a plain value."""
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return parts_of(value[0])
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)} if dataclasses.is_dataclass(value) else {}


def leaves(value: Any, path: str = "") -> list[str]:
    parts = parts_of(value)
    if not parts:
        return [path]
    return [leaf for name, part in parts.items() for leaf in leaves(part, f"{path}.{name}" if path else name)]


def changed(value: Any, path: list[str], other: Any) -> Any:
    if not path:
        return other
    if isinstance(value, tuple):
        return (changed(value[0], path, other), *value[1:])
    update = {path[0]: changed(getattr(value, path[0]), path[1:], other)}
    return value.model_copy(update=update) if isinstance(value, BaseModel) else dataclasses.replace(value, **update)


@pytest.fixture
def case() -> Case:
    return case_from(CONTENT, root=Path("/here"))


def test_every_field_of_the_model_is_tried(case: Case) -> None:
    assert sorted(leaves(case)) == sorted(OTHER)


@pytest.mark.parametrize("path", OTHER)
def test_a_changed_field_changes_the_key_unless_no_result_depends_on_it(case: Case, path: str) -> None:
    other = changed(case, path.split("."), OTHER[path])
    assert other != case
    field = path.split(".", maxsplit=1)[0]
    assert (other.key() != case.key()) == (field not in TOLD)
    assert (other.key(judged=False) != case.key(judged=False)) == (field not in {*TOLD, *JUDGES})


def test_the_same_case_has_the_same_key(case: Case) -> None:
    assert case_from(CONTENT, root=Path("/here")).key() == case.key()
    assert dataclasses.replace(case, windows=WindowSize(1, "whole")).key() == case.key()


def test_the_order_of_patterns_counts(case: Case) -> None:
    first, second = ({"a*": "ks", "*b": "psi"}, {"*b": "psi", "a*": "ks"})
    keys = [changed(case, ["thresholds", "drift", "method"], one).key() for one in (first, second)]
    assert keys[0] != keys[1]


def test_the_list_of_what_does_not_count_is_short_and_reasoned() -> None:
    assert set(TOLD) == {"description", "owner", "kpis", "alerts", "ownership", "readiness", "retraining"}
    assert all(len(reason) > 20 for reason in TOLD.values())
