"""Schemas of TensorFlow Data Validation as text (pbtxt), read by tensorflow-metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.contract.formats.reading import Draft, Read, text_of
from monitor.errors import CaseError, ExtensionMissingError

_TYPES = {"INT": "integer", "FLOAT": "number", "BYTES": "text"}
_ENVIRONMENTS = {"TRAINING": "reference", "SERVING": "production"}
_STAGES = {"PLANNED": "planned", "ALPHA": "planned", "DEBUG_ONLY": "planned", "DEPRECATED": "deprecated", "DISABLED": "deprecated"}
_READ = {
    "name", "type", "presence", "float_domain", "int_domain", "bool_domain", "domain", "string_domain", "distribution_constraints",
    "drift_comparator", "skew_comparator", "not_in_environment", "in_environment", "lifecycle_stage", "value_count", "shape", "deprecated",
}  # fmt: skip


def read_tfdv(path: Path) -> Read:
    """Read a schema of TensorFlow Data Validation.

    Raises
    ------
    ExtensionMissingError
        The extra `contract` is not installed.
    CaseError
        It is no schema.
    """
    try:
        from google.protobuf import text_format
        from tensorflow_metadata.proto.v0 import schema_pb2
    except ImportError as error:
        raise ExtensionMissingError(f"'{path.name}' needs tensorflow-metadata: pip install 'driftscope[contract]'.") from error
    try:
        schema: Any = text_format.Parse(text_of(path), schema_pb2.Schema())
    except text_format.ParseError as error:
        raise CaseError(f"'{path}' is no schema of TensorFlow Data Validation: {error}") from error
    draft = Draft()
    domains = {one.name: list(one.value) for one in schema.string_domain}
    usual = [str(one) for one in schema.default_environment]
    for one in schema.feature:
        _feature(draft, one, domains, usual)
    for field, _ in schema.ListFields():
        if field.name not in ("feature", "string_domain", "default_environment"):
            draft.note(f"'{field.name}' was not understood.")
    return draft.done(str(path))


def _feature(draft: Draft, one: Any, domains: dict[str, list[str]], usual: list[str]) -> None:
    terms = draft.of(one.name)
    given = {field.name for field, _ in one.ListFields()}
    sort = type(one).DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number[one.type].name
    if sort in _TYPES:
        terms["type"] = _TYPES[sort]
    if not one.HasField("presence"):
        draft.note(f"{one.name}: it has no presence, which was read as: the column has to be there, values may be missing.")
    if one.HasField("presence") and one.presence.HasField("min_fraction"):
        terms["missing"] = round(1 - one.presence.min_fraction, 9)
    _domain(draft, one, domains)
    if one.HasField("distribution_constraints"):
        terms["outside"] = round(1 - one.distribution_constraints.min_domain_mass, 9)
    _comparators(draft, one)
    _environments(draft, one, usual)
    if "lifecycle_stage" in given:
        stage = type(one).DESCRIPTOR.fields_by_name["lifecycle_stage"].enum_type.values_by_number[one.lifecycle_stage].name
        terms["lifecycle"] = _STAGES.get(stage, "active")
    if one.deprecated:
        terms["lifecycle"] = "deprecated"
    if {"value_count", "shape"} & given:
        draft.note(f"{one.name}: how many values a row has was left out; each row has one here.")
    for name in sorted(given - _READ):
        draft.note(f"{one.name}: '{name}' was not understood.")


def _domain(draft: Draft, one: Any, domains: dict[str, list[str]]) -> None:
    terms, which = draft.of(one.name), one.WhichOneof("domain_info")
    if which in ("float_domain", "int_domain"):
        domain = getattr(one, which)
        terms |= {end: float(getattr(domain, end)) for end in ("min", "max") if domain.HasField(end)}
    elif which == "bool_domain":
        known = (one.bool_domain.true_value, one.bool_domain.false_value)
        integer = terms.get("type") == "integer"
        terms["levels"] = [level for level in known if level] or (["0", "1"] if integer else ["false", "true"])
    elif which == "domain" and one.domain in domains:
        terms["levels"] = domains[one.domain]
    elif which == "string_domain":
        terms["levels"] = list(one.string_domain.value)
    elif which is not None:
        draft.note(f"{one.name}: its '{which}' was not understood.")


def _comparators(draft: Draft, one: Any) -> None:
    for name in ("drift_comparator", "skew_comparator"):
        if not one.HasField(name):
            continue
        comparator = getattr(one, name)
        if comparator.HasField("infinity_norm"):
            draft.of(one.name)["shift"] = comparator.infinity_norm.threshold
            draft.note(f"{one.name}: its {name} was read as the largest change of a level's share against the reference.")
        for field, _ in comparator.ListFields():
            if field.name != "infinity_norm":
                draft.note(f"{one.name}: '{field.name}' of its {name} was not understood.")


def _environments(draft: Draft, one: Any, usual: list[str]) -> None:
    named = list(one.in_environment) or usual
    absent = [name for name in usual if name not in named or name in one.not_in_environment]
    absent += [name for name in one.not_in_environment if name not in absent]
    told = [_ENVIRONMENTS[name.upper()] for name in absent if name.upper() in _ENVIRONMENTS]
    if told:
        draft.of(one.name)["absent_in"] = told
    for name in absent:
        if name.upper() not in _ENVIRONMENTS:
            draft.note(f"{one.name}: the environment '{name}' is neither TRAINING (the reference) nor SERVING (production); left out.")
