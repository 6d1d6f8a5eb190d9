"""The Open Data Contract Standard 3.1 (Bitol) as YAML: read and written by the package open-data-contract-standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.contract.formats.reading import Draft, Read, text_of
from monitor.contract.model import DataContract, Lifecycle, NeverTogether, RangeBy, RowRule, Terms
from monitor.errors import CaseError, ExtensionMissingError

API = "v3.1.0"
_OWN = "driftscope."
"""What properties begin with that hold terms which the standard has no word for."""
_WHOLE = ("complete", "rules", "never", "ranges")
"""What a contract says beside its columns, by name; the standard has SQL for rules alone."""
_RULES: Mapping[type[RowRule | NeverTogether | RangeBy], str] = {RowRule: "holds", NeverTogether: "pairs", RangeBy: "ranges"}
"""Rules of rows, each with what only it has."""
_TYPES = {
    "string": "text", "integer": "integer", "number": "number", "boolean": "boolean", "date": "datetime", "timestamp": "datetime",
    "time": "datetime",
}  # fmt: skip
_LOGICAL = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean", "datetime": "timestamp"}
_NULLS = ("nullValues", "missingValues")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_READ = {"name", "logicalType", "logicalTypeOptions", "required", "unique", "primaryKey", "primaryKeyPosition", "quality", "description",
         "businessName", "physicalType", "physicalName", "tags", "id", "examples", "classification", "criticalDataElement",
         "customProperties"}  # fmt: skip


def _library() -> Any:
    """Return the models of the standard.

    Raises
    ------
    ExtensionMissingError
        The extra `contract` is not installed.
    """
    try:
        from open_data_contract_standard import model
    except ImportError as error:
        raise ExtensionMissingError("A contract of the standard ODCS needs its package: pip install 'driftscope[contract]'.") from error
    return model


def read_odcs(path: Path) -> Read:
    """Read a contract of the standard: the first of its schemas.

    Raises
    ------
    ExtensionMissingError
        The extra `contract` is not installed.
    CaseError
        It is no contract.
    """
    model = _library()
    import yaml

    try:
        found = model.OpenDataContractStandard.from_string(text_of(path))
    except (yaml.YAMLError, ValidationError, TypeError, RecursionError) as error:
        raise CaseError(f"'{path}' is no contract of the standard ODCS: {str(error).splitlines()[0]}") from error
    if found.kind not in (None, "DataContract") or not found.schema_:
        raise CaseError(f"'{path}' is no contract of the standard ODCS: it has no schema.")
    draft = Draft(complete=False)
    if len(found.schema_) > 1:
        left = ", ".join(f"'{one.name}'" for one in found.schema_[1:])
        draft.note(f"Only the first schema, '{found.schema_[0].name}', was read; left out: {left}.")
    if not str(found.apiVersion or "").startswith(("3.", "v3.")):
        draft.note(f"It says apiVersion {found.apiVersion}; it was read as {API}.")
    table = found.schema_[0]
    for one in table.properties or ():
        _property(draft, one)
    own = _whole(draft, table)
    for rule in table.quality or ():
        if _called(rule) not in own:
            draft.note(f"Rule of the whole table '{_called(rule)}' was not understood.")
    for name in ("servers", "slaProperties", "team", "support", "roles", "price"):
        if getattr(found, name):
            draft.note(f"'{name}' is not about values and was left out.")
    return draft.done(str(path))


def _whole(draft: Draft, table: Any) -> set[str]:
    """Read what an export of ours says of the whole table beside what the standard has words for; return the rules that this says."""
    told: set[str] = set()
    for one in table.customProperties or ():
        key = str(one.property or "").removeprefix(_OWN)
        if str(one.property or "").startswith(_OWN) and key in _WHOLE:
            draft.whole[key] = one.value
            told |= {_id_of(rule) for rule in one.value} if isinstance(one.value, list) else set()
        else:
            draft.note(f"The table's property '{one.property}' was not understood.")
    return told


def _id_of(rule: Any) -> str:
    """Return the name under which a rule of rows is exported."""
    made = next((kind for kind, key in _RULES.items() if isinstance(rule, Mapping) and key in rule), None)
    try:
        return made.model_validate(rule).id if made is not None else ""
    except ValidationError:  # told where the whole is checked
        return ""


def _property(draft: Draft, one: Any) -> None:
    if not one.name:
        draft.note("A column without a name was left out.")
        return
    terms = draft.of(one.name)
    if one.logicalType in _TYPES:
        terms["type"] = _TYPES[one.logicalType]
    elif one.logicalType:
        draft.note(f"{one.name}: the type '{one.logicalType}' was not understood.")
    if one.required:
        _required(draft, one)
    if one.unique or one.primaryKey:
        terms["unique"] = True
        terms.setdefault("missing", 0.0) if one.primaryKey else None
    _options(draft, one.name, one.logicalTypeOptions or {})
    for rule in one.quality or ():
        _quality(draft, one.name, rule)
    for own in one.customProperties or ():
        key = str(own.property or "").removeprefix(_OWN)
        if str(own.property or "").startswith(_OWN) and key in Terms.model_fields:
            terms[key] = own.value
        else:
            draft.note(f"{one.name}: its property '{own.property}' was not understood.")
    for name in sorted(set(one.model_dump(exclude_none=True)) - _READ):
        draft.note(f"{one.name}: '{name}' was not understood.")


def _required(draft: Draft, one: Any) -> None:
    draft.of(one.name)["missing"] = 0.0
    if any((rule.metric or rule.rule) in _NULLS for rule in one.quality or ()):
        draft.note(f"{one.name}: it is required and has a rule on values that are null; the rule was taken.")


def _options(draft: Draft, name: str, options: Mapping[str, Any]) -> None:
    terms = draft.of(name)
    for key, value in options.items():
        if key in _BOUNDS and isinstance(value, (int, float)) and not isinstance(value, bool):
            terms["min" if "inimum" in key else "max"] = float(value)
            if key.startswith("exclusive"):
                draft.note(f"{name}: {key} {value:g} was read as {value:g} included; a contract knows closed ranges only.")
        elif key == "pattern" and isinstance(value, str):
            terms["pattern"] = _bare(value)
        else:
            draft.note(f"{name}: '{key}' of its type was not understood.")


def _quality(draft: Draft, name: str, rule: Any) -> None:
    """Read one rule on the quality of a column."""
    metric, terms = rule.metric or rule.rule, draft.of(name)
    allowed = _at_most(draft, name, rule)
    arguments = rule.arguments or {}
    if rule.type not in (None, "library") or metric is None or allowed is None:
        draft.note(f"{name}: the rule '{_called(rule)}' was not understood.")
    elif metric in _NULLS and not arguments:
        terms["missing"] = allowed
    elif metric == "duplicateValues" and allowed == 0:
        terms["unique"] = True
    elif metric == "invalidValues" and {"validValues", "pattern"} & set(arguments):
        terms["outside"] = allowed
        if "validValues" in arguments:
            terms["levels"] = [str(level) for level in arguments["validValues"]]
        if "pattern" in arguments:
            terms["pattern"] = _bare(str(arguments["pattern"]))
    elif metric == "duplicateValues":
        draft.note(
            f"{name}: duplicateValues above 0 may count rows of groups, values that recur, or rows beyond the first (ODCS does not say)"
            "; it was left out."
        )
    else:
        draft.note(f"{name}: the rule '{_called(rule)}' was not understood.")


def _at_most(draft: Draft, name: str, rule: Any) -> float | None:
    """Return the share of rows that a rule allows; None where it is no share."""
    ends = [rule.mustBe, rule.mustBeLessOrEqualTo, rule.mustBeLessThan, (rule.mustBeBetween or (None, None))[1]]
    value = next((one for one in ends if isinstance(one, (int, float)) and not isinstance(one, bool)), None)
    if value is None:
        return None
    if rule.mustBeBetween is not None:
        draft.note(f"{name}: mustBeBetween was read with both ends included (some tools leave them out).")
    if rule.unit == "percent":
        return round(float(value) / 100, 9)
    if value not in (0, 0.0) and rule.mustBeLessThan != 1:
        draft.note(f"{name}: '{_called(rule)}' counts rows; a contract allows shares of rows. Give it with unit percent.")
        return None
    return 0.0


def _anchored(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _bare(pattern: str) -> str:
    """Return a pattern of a whole text without what says that it is one.

    >>> _bare("^(?:[a-z]|b)$"), _bare("^[a-z]$")
    ('[a-z]|b', '[a-z]')
    """
    bare = pattern.removeprefix("^").removesuffix("$")
    return bare[3:-1] if pattern.startswith("^(?:") and pattern.endswith(")$") else bare


def _called(rule: Any) -> str:
    return str(rule.name or rule.metric or rule.rule or rule.query or rule.type or "without a name")


def write_odcs(contract: DataContract, name: str, owner: str = "") -> str:
    """Return a contract as YAML of the standard. What it has no word for stands in customProperties of the column, under `driftscope`.

    Raises
    ------
    ExtensionMissingError
        The extra `contract` is not installed.
    """
    model = _library()
    table = model.SchemaObject(
        name=name,
        logicalType="object",
        properties=[_written(model, column, terms) for column, terms in contract.columns.items()],
        quality=[*_rules(model, contract, name)] or None,
        customProperties=_custom(model, {key: value for key, value in contract.model_dump(mode="json").items() if key in _WHOLE}),
    )
    people = [model.TeamMember(username=owner, role="owner")] if owner else None
    made = model.OpenDataContractStandard(
        version="1", kind="DataContract", apiVersion=API, id=name, name=name, status="active", schema=[table], team=people
    )
    return str(made.to_yaml())


def _written(model: Any, column: str, terms: Terms) -> Any:
    options: dict[str, Any] = {"minimum": terms.min, "maximum": terms.max, "pattern": _anchored(terms.pattern) if terms.pattern else None}
    kept = {key: value for key, value in options.items() if value is not None and terms.outside == 0}
    rest: dict[str, Any] = {"absent_in": list(terms.absent_in) or None, "shift": terms.shift, "monotone": terms.monotone or None,
            "constant": terms.constant or None, "outside": terms.outside or None}  # fmt: skip
    rest |= {} if terms.required else {"required": False}
    rest |= {} if terms.lifecycle is Lifecycle.ACTIVE else {"lifecycle": terms.lifecycle.value}
    rest |= {} if terms.outside == 0 else {"min": terms.min, "max": terms.max}
    told = {key: value for key, value in rest.items() if value is not None}
    return model.SchemaProperty(
        name=column,
        logicalType=_LOGICAL.get(terms.type.value) if terms.type else None,
        logicalTypeOptions=kept or None,
        required=True if terms.missing == 0 else None,
        unique=True if terms.unique else None,
        quality=[*_of_column(model, terms)] or None,
        customProperties=_custom(model, told),
    )


def _custom(model: Any, told: Mapping[str, Any]) -> list[Any] | None:
    return [model.CustomProperty(property=f"{_OWN}{key}", value=value) for key, value in told.items() if value != []] or None


def _of_column(model: Any, terms: Terms) -> Iterator[Any]:
    if terms.missing:
        yield model.DataQuality(type="library", metric="nullValues", mustBeLessOrEqualTo=round(terms.missing * 100, 6), unit="percent")
    if terms.levels is not None or (terms.pattern and terms.outside):
        arguments = {"validValues": list(terms.levels)} if terms.levels is not None else {"pattern": _anchored(terms.pattern)}
        yield model.DataQuality(
            type="library", metric="invalidValues", arguments=arguments, mustBeLessOrEqualTo=round(terms.outside * 100, 6), unit="percent"
        )


def _rules(model: Any, contract: DataContract, table: str) -> Iterator[Any]:
    rules: tuple[RowRule | NeverTogether | RangeBy, ...] = (*contract.rules, *contract.never, *contract.ranges)
    for one in rules:
        broken = " OR ".join(_broken(one))
        allowed = getattr(one, "outside", 0.0)
        query = f'SELECT avg(CASE WHEN {broken} THEN 1.0 ELSE 0.0 END) * 100 FROM "{table}"'  # written for people's own databases
        yield model.DataQuality(type="sql", name=one.id, query=query, mustBeLessOrEqualTo=round(allowed * 100, 6), unit="percent")


def _broken(rule: RowRule | NeverTogether | RangeBy) -> Iterator[str]:
    """Yield SQL of how rows break a rule."""
    if isinstance(rule, RowRule):
        yield f"({rule.when}) AND NOT ({rule.holds})" if rule.when else f"NOT ({rule.holds})"
    elif isinstance(rule, NeverTogether):
        first, second = (f'"{name}"' for name in rule.columns)
        yield from (f"({first} = {_text(a)} AND {second} = {_text(b)})" for a, b in rule.pairs)
    else:
        for level, (low, high) in rule.ranges.items():
            yield f'("{rule.by}" = {_text(level)} AND "{rule.column}" NOT BETWEEN {low:g} AND {high:g})'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
