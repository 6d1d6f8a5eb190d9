"""SageMaker Model Monitor: statistics.json (of data and of models) and constraint_violations.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.imports.reading import Draft, File, number, numbers_in, text

TOOL = "sagemaker"
_METRICS = "_metrics"
_STATISTICS = ("numerical_statistics", "string_statistics")


def is_violations(content: Any) -> bool:
    """Say whether JSON looks like constraint_violations.json."""
    found = content.get("violations") if isinstance(content, Mapping) else None
    return isinstance(found, list) and all(isinstance(one, Mapping) and "constraint_check_type" in one for one in found)


def is_statistics(content: Any) -> bool:
    """Say whether JSON looks like statistics.json."""
    if not isinstance(content, Mapping):
        return False
    found = content.get("features")
    of_data = isinstance(found, list) and any(isinstance(one, Mapping) and set(_STATISTICS) & set(one) for one in found)
    return of_data or any(str(key).endswith(_METRICS) and isinstance(one, Mapping) for key, one in content.items())


def is_constraints(content: Any) -> bool:
    """Say whether JSON looks like constraints.json, which is a contract."""
    found = content.get("features") if isinstance(content, Mapping) else None
    return isinstance(found, list) and any(isinstance(one, Mapping) and "completeness" in one for one in found)


def read_violations(file: File, draft: Draft) -> None:
    """Read what SageMaker alarmed on: each is an alarm without a number, for the number stands in its words only.

    Raises
    ------
    SourceError
        It is no JSON.
    """
    for one in file.json()["violations"]:
        column = text(one.get("feature_name", one.get("label")))
        metric = text(one.get("metric_name")) or str(one["constraint_check_type"])
        draft.add(metric=metric, column=column, alarm=True, method=text(one["constraint_check_type"]), message=text(one.get("description")))
    draft.timeless = True
    draft.note("Violations hold alarms only: what was not violated is not in the file, and their numbers stand in their words.")


def read_statistics(file: File, draft: Draft) -> None:
    """Read statistics of data (a column each) or of a model.

    Raises
    ------
    SourceError
        It is no JSON.
    """
    content = file.json()
    for one in content.get("features") or ():
        if isinstance(one, Mapping) and isinstance(one.get("name"), str):
            _feature(draft, one)
    for group, found in content.items():
        if str(group).endswith(_METRICS) and isinstance(found, Mapping):
            _metrics(draft, group, found)
    for name in sorted(set(content) - {"version", "features", "dataset"}):
        if not name.endswith(_METRICS):
            draft.note(f"'{name}' was not understood; left out.")
    draft.timeless = True


def _feature(draft: Draft, one: Mapping[str, Any]) -> None:
    for part in _STATISTICS:
        found = one.get(part)
        if isinstance(found, Mapping):
            values = numbers_in(found.get("common") or {}) | numbers_in(found)
            for name, value in values.items():
                draft.add(metric=name, column=one["name"], value=value)
            if found.get("distribution"):
                draft.note("Distributions (sketches, buckets) were left out.")


def _metrics(draft: Draft, group: str, found: Mapping[str, Any]) -> None:
    """Keep the metrics of a model: a value with its standard deviation; curves and matrices are left out."""
    for name, one in found.items():
        value = number(one.get("value")) if isinstance(one, Mapping) else number(one)
        if value is None:
            draft.note(f"{group}.{name}: no single number; left out.")
            continue
        draft.add(metric=str(name), value=value)
        if isinstance(one, Mapping) and number(one.get("standard_deviation")):
            draft.note("Standard deviations of metrics are no intervals and were left out.")
