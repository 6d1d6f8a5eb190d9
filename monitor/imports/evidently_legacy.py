"""Evidently up to 0.6 (and `evidently.legacy` since): reports, test suites and snapshots as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.errors import SourceError
from monitor.imports.evidently import FAILED, PASSED, drift_of
from monitor.imports.reading import Draft, File, number, numbers_in, text

_LESS, _MORE = ("lt", "lte"), ("gt", "gte")


def is_legacy(content: Any) -> bool:
    """Say whether JSON looks like a report or a test suite."""
    if not isinstance(content, Mapping) or "timestamp" not in content:
        return False
    found = [*_list(content.get("metrics")), *_list(content.get("tests"))]
    return any(isinstance(one, Mapping) and ("metric" in one or {"status", "parameters"} <= set(one)) for one in found)


def is_legacy_snapshot(content: Any) -> bool:
    """Say whether JSON looks like what `report.save` wrote."""
    return isinstance(content, Mapping) and isinstance(content.get("suite"), Mapping) and "metric_results" in content["suite"]


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def read_legacy(file: File, draft: Draft) -> None:
    """Read a report or a test suite.

    Raises
    ------
    SourceError
        Its moment is none.
    """
    content = file.json()
    draft.version = str(content.get("version") or "")
    metrics = [(str(one.get("metric")), one.get("result")) for one in _list(content.get("metrics")) if isinstance(one, Mapping)]
    _read(draft, metrics, _list(content.get("tests")), file.moment(content.get("timestamp")))


def read_legacy_snapshot(file: File, draft: Draft) -> None:
    """Read what `report.save` wrote.

    Raises
    ------
    SourceError
        It holds not as many results as metrics, or its moment is none.
    """
    content = file.json()
    suite = content["suite"]
    names, results = _list(suite.get("metrics")), _list(suite.get("metric_results"))
    if len(names) != len(results):
        raise SourceError(
            f"'{file.path}' holds {len(names)} metrics and {len(results)} results, so it is not known which belongs to which."
        )
    metrics = [(str(one.get("type")).rpartition(":")[2], result) for one, result in zip(names, results, strict=True)]
    _read(draft, metrics, _list(suite.get("test_results")), file.moment(content.get("timestamp")))


def _read(draft: Draft, metrics: Iterable[tuple[str, Any]], tests: Iterable[Any], start: str) -> None:
    for called, result in metrics:
        _metric(draft, called, result if isinstance(result, Mapping) else {}, start)
    for one in tests:
        if isinstance(one, Mapping):
            _test(draft, one, start)


def _metric(draft: Draft, called: str, result: Mapping[str, Any], start: str) -> None:
    """Keep what one metric reported: drift by column, else the numbers of production."""
    columns = result.get("drift_by_columns")
    if isinstance(columns, Mapping):
        for one in columns.values():
            _drift(draft, called, one, start)
    if "drift_score" in result:
        _drift(draft, called, result, start)
    elif "share_of_drifted_columns" in result:
        drifted = result.get("dataset_drift")
        draft.add(
            metric=f"{called}.share_of_drifted_columns", value=number(result["share_of_drifted_columns"]), start=start,
            alarm=drifted if isinstance(drifted, bool) else None, threshold_upper=number(result.get("drift_share")),
        )  # fmt: skip
    elif columns is None:
        _of_production(draft, called, result, start)


def _of_production(draft: Draft, called: str, result: Mapping[str, Any], start: str) -> None:
    current = result.get("current")
    found = numbers_in(current) if isinstance(current, Mapping) else {}
    for name, value in found.items():
        draft.add(metric=f"{called}.{name}", column=text(result.get("column_name")), value=value, start=start)
    if not found:
        draft.note(f"{called}: it holds no numbers of production that stand by themselves; left out.")


def _drift(draft: Draft, called: str, one: Mapping[str, Any], start: str) -> None:
    value = number(one.get("drift_score"))
    told = drift_of(one.get("stattest_name"), one.get("stattest_threshold"), value)
    detected = one.get("drift_detected")
    said = {"alarm": detected} if isinstance(detected, bool) else {}
    draft.add(**{"metric": called, "column": text(one.get("column_name")), "value": value, "start": start, **told, **said})


def _test(draft: Draft, one: Mapping[str, Any], start: str) -> None:
    """Keep what one test said; one that could not be made is a note."""
    name, asked = str(one.get("name")), one.get("parameters") or {}
    if one.get("status") not in (FAILED, PASSED):
        draft.note(f"{name}: {one.get('status')}, so it says nothing: {one.get('description')}")
        return
    condition = asked.get("condition") or {}
    upper = next((number(condition[key]) for key in _LESS if key in condition), None)
    lower = next((number(condition[key]) for key in _MORE if key in condition), None)
    value = number(asked.get("score", asked.get("value")))
    told = drift_of(asked["stattest"], asked.get("threshold"), value) if "stattest" in asked else {}
    limits = {key: limit for key, limit in (("threshold_upper", upper), ("threshold_lower", lower)) if limit is not None}
    parts = {
        "metric": name,
        "column": text(asked.get("column_name")),
        "value": value,
        "start": start,
        "message": text(one.get("description")),
    }
    draft.add(**{**parts, **told, **limits, "alarm": one["status"] == FAILED})
