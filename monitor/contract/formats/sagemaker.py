"""SageMaker Model Monitor and Deequ: constraints.json and statistics.json of a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.contract.formats.reading import Draft, Read, json_of
from monitor.errors import CaseError

_TYPES = {"Integral": "integer", "Fractional": "number", "String": "text", "Boolean": "boolean"}
_FEATURE = {"name", "inferred_type", "completeness", "num_constraints", "string_constraints"}
_STATISTICS = {"name", "inferred_type", "numerical_statistics", "string_statistics"}


def is_sagemaker(content: Mapping[str, Any]) -> bool:
    """Say whether JSON looks like a file of SageMaker."""
    return isinstance(content.get("features"), list)


def read_sagemaker(path: Path) -> Read:
    """Read constraints.json or statistics.json.

    Raises
    ------
    CaseError
        It is neither.
    """
    content = json_of(path)
    draft = Draft(complete=False)
    for one in content.get("features", ()):
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise CaseError(f"'{path}': an entry of features has no name, so this is no file of SageMaker.")
        _feature(draft, one)
    for name in sorted(set(content) - {"version", "features", "dataset", "monitoring_config"}):
        draft.note(f"'{name}' was not understood.")
    if content.get("monitoring_config"):
        draft.note("'monitoring_config' says how SageMaker reports and was left out; its drift thresholds are [thresholds] of case.toml.")
    return draft.done(str(path))


def _feature(draft: Draft, one: Mapping[str, Any]) -> None:
    name = one["name"]
    terms = draft.of(name)
    sort = one.get("inferred_type")
    if sort in _TYPES:
        terms["type"] = _TYPES[sort]
    elif sort is not None:
        draft.note(f"{name}: the type '{sort}' was not understood.")
    if "completeness" in one:
        terms["missing"] = round(1 - float(one["completeness"]), 9)
    numbers, texts = one.get("num_constraints") or {}, one.get("string_constraints") or {}
    if numbers.get("is_non_negative"):
        terms["min"] = 0.0
    if texts.get("domains"):
        terms["levels"] = [str(level) for level in texts["domains"]]
    _numbers(draft, name, one.get("numerical_statistics"))
    _texts(draft, name, one.get("string_statistics"))
    for part, known in ((numbers, {"is_non_negative"}), (texts, {"domains"})):
        for key in sorted(set(part) - known):
            draft.note(f"{name}: '{key}' was not understood.")
    for key in sorted(set(one) - _FEATURE - _STATISTICS):
        draft.note(f"{name}: '{key}' was not understood.")


def _numbers(draft: Draft, name: str, found: Mapping[str, Any] | None) -> None:
    if not found:
        return
    terms = draft.of(name)
    _missing(draft, name, found.get("common"))
    if "min" in found and "max" in found:
        terms["min"], terms["max"] = float(found["min"]), float(found["max"])
        draft.note(f"{name}: smallest and largest value of the statistics were read as a range that others have to keep.")
    if {"mean", "sum", "std_dev"} & set(found):
        draft.note(f"{name}: mean, sum and std_dev were left out: a batch that has exactly these is none.")


def _texts(draft: Draft, name: str, found: Mapping[str, Any] | None) -> None:
    if not found:
        return
    _missing(draft, name, found.get("common"))
    buckets = ((found.get("distribution") or {}).get("categorical") or {}).get("buckets") or []
    if buckets and len(buckets) == found.get("distinct_count"):
        draft.of(name)["levels"] = [str(one["value"]) for one in buckets]
    elif buckets:
        draft.note(f"{name}: the statistics list {len(buckets)} of {found.get('distinct_count')} values, which is no list of levels.")


def _missing(draft: Draft, name: str, common: Mapping[str, Any] | None) -> None:
    rows = sum(int((common or {}).get(key, 0)) for key in ("num_present", "num_missing"))
    if rows:
        draft.of(name).setdefault("missing", round(int((common or {})["num_missing"]) / rows, 9))
