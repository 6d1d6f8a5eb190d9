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
_CONFIG, _OVERRIDES, _INSIDE = "monitoring_config", "monitoring_config_overrides", "domain_content_threshold"
"""How SageMaker watches all columns, or one; of that, the share of values that have to be among the domains."""


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
    config = draft.parts(content.get(_CONFIG), f"'{_CONFIG}'")
    for one in content.get("features", ()):
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise CaseError(f"'{path}': an entry of features has no name, so this is no file of SageMaker.")
        _feature(draft, one, config)
    for name in sorted(set(content) - {"version", "features", "dataset", _CONFIG}):
        draft.note(f"'{name}' was not understood.")
    left = ", ".join(sorted(set(config) - {_INSIDE}))
    if left:
        draft.note(f"'{_CONFIG}' says how SageMaker reports and was left out ({left}); its drift thresholds are [thresholds] of case.toml.")
    return draft.done(str(path))


def _feature(draft: Draft, one: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    name = one["name"]
    terms = draft.of(name)
    own = draft.parts(one.get(_OVERRIDES), f"{name}: '{_OVERRIDES}'")
    sort = one.get("inferred_type")
    if isinstance(sort, str) and sort in _TYPES:
        terms["type"] = _TYPES[sort]
    elif sort is not None:
        draft.note(f"{name}: the type '{sort}' was not understood.")
    if (there := draft.figure(one.get("completeness", 1), f"{name}: 'completeness'")) is not None and "completeness" in one:
        terms["missing"] = round(1 - there, 9)
    numbers, texts, *told = (
        draft.parts(one.get(part), f"{name}: '{part}'")
        for part in ("num_constraints", "string_constraints", "numerical_statistics", "string_statistics")
    )
    if numbers.get("is_non_negative"):
        terms["min"] = 0.0
    if texts.get("domains"):
        terms["levels"] = [str(level) for level in texts["domains"]]
        terms |= _outside(draft, name, {**config, **own})
    _numbers(draft, name, told[0])
    _texts(draft, name, told[1])
    for part, known in ((numbers, {"is_non_negative"}), (texts, {"domains"}), (own, {_INSIDE})):
        for key in sorted(set(part) - known):
            draft.note(f"{name}: '{key}' was not understood.")
    for key in sorted(set(one) - _FEATURE - _STATISTICS - {_OVERRIDES}):
        draft.note(f"{name}: '{key}' was not understood.")


def _outside(draft: Draft, name: str, config: Mapping[str, Any]) -> dict[str, float]:
    """Return the share of values that may be none of the domains, where the file gives the share that has to be."""
    inside = draft.figure(config.get(_INSIDE, 1), f"{name}: '{_INSIDE}'")
    return {"outside": round(1 - inside, 9)} if inside is not None and inside != 1 else {}


def _numbers(draft: Draft, name: str, found: Mapping[str, Any]) -> None:
    terms = draft.of(name)
    _missing(draft, name, found.get("common"))
    if "min" in found and "max" in found:
        ends = {end: draft.figure(found[end], f"{name}: '{end}'") for end in ("min", "max")}
        terms |= {end: value for end, value in ends.items() if value is not None}
        draft.note(f"{name}: smallest and largest value of the statistics were read as a range that others have to keep.")
    if {"mean", "sum", "std_dev"} & set(found):
        draft.note(f"{name}: mean, sum and std_dev were left out: a batch that has exactly these is none.")


def _texts(draft: Draft, name: str, found: Mapping[str, Any]) -> None:
    _missing(draft, name, found.get("common"))
    distribution = draft.parts(found.get("distribution"), f"{name}: 'distribution'")
    categorical = draft.parts(distribution.get("categorical"), f"{name}: 'categorical'")
    buckets = draft.many(categorical.get("buckets"), f"{name}: 'buckets'")
    if buckets and len(buckets) == found.get("distinct_count"):
        draft.of(name)["levels"] = [str(one.get("value")) for one in buckets]
    elif buckets:
        draft.note(f"{name}: the statistics list {len(buckets)} of {found.get('distinct_count')} values, which is no list of levels.")


def _missing(draft: Draft, name: str, common: object) -> None:
    counted = draft.parts(common, f"{name}: 'common'")
    here, gone = (draft.figure(counted.get(key, 0), f"{name}: '{key}'") or 0.0 for key in ("num_present", "num_missing"))
    if here + gone:
        draft.of(name).setdefault("missing", round(gone / (here + gone), 9))
