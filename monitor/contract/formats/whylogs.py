"""Constraints of whylogs (version 0) as JSON: constraints on values and on summaries of a column."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.contract.formats.reading import Draft, Read, json_of

_VALUES, _SUMMARIES = "valueConstraints", "summaryConstraints"
_ENDS = {"GE": "min", "GT": "min", "LE": "max", "LT": "max"}
_OPEN = {"GT": "above", "LT": "below"}
_TYPES = {"FRACTIONAL": "number", "INTEGRAL": "integer", "STRING": "text", "BOOLEAN": "boolean"}


def is_whylogs(content: Mapping[str, Any]) -> bool:
    """Say whether JSON looks like constraints of whylogs."""
    return bool({_VALUES, _SUMMARIES} & set(content))


def read_whylogs(path: Path) -> Read:
    """Read constraints of whylogs.

    Raises
    ------
    CaseError
        It is no JSON object, or its constraints contradict each other.
    """
    content = json_of(path)
    draft = Draft(complete=False)
    for part, read in ((_VALUES, _of_values), (_SUMMARIES, _of_summaries)):
        for column, told in draft.parts(content.get(part), f"'{part}'").items():
            held = {"constraints": told} if isinstance(told, list) else draft.parts(told, f"{column}: what '{part}' says of it")
            for one in draft.many(held.get("constraints"), f"{column}: 'constraints'"):
                read(draft, column, one)
            for key in sorted(set(held) - {"constraints"}):
                draft.note(f"{column}: '{key}' was not understood.")
    for name in sorted(set(content) - {_VALUES, _SUMMARIES, "properties"}):
        draft.note(f"'{name}' was not understood.")
    return draft.done(str(path))


def _of_values(draft: Draft, column: str, one: Mapping[str, Any]) -> None:
    """Read what every value of a column has to be."""
    op, value = one.get("op"), one.get("value")
    if op in tuple(_ENDS) and isinstance(value, (int, float)):
        _end(draft, column, str(op), float(value))
    elif op == "MATCH" and isinstance(one.get("regexPattern"), str):
        draft.of(column)["pattern"] = f"(?:{one['regexPattern']}).*"
        draft.note(f"{column}: a pattern of whylogs holds from the beginning of a text, and was written so.")
    elif op == "IN" and isinstance(one.get("valueSet"), list):
        draft.of(column)["levels"] = _set(one["valueSet"])
    else:
        _not(draft, column, one)


def _of_summaries(draft: Draft, column: str, one: Mapping[str, Any]) -> None:
    """Read what a summary of a column has to be: smallest, largest, missing, type."""
    field, op, value = one.get("firstField"), one.get("op"), one.get("value")
    end = isinstance(value, (int, float)) and op in ("GE", "GT", "LE", "LT") and field == _ENDS[str(op)]
    if end and isinstance(value, (int, float)):
        _end(draft, column, str(op), float(value))
    elif field == "null_count" and op == "EQ" and not value:
        draft.of(column)["missing"] = 0.0
    elif field == "column_values_type" and op == "EQ" and str(one.get("valueStr", value)) in _TYPES:
        draft.of(column)["type"] = _TYPES[str(one.get("valueStr", value))]
    elif field in ("min", "max") and op == "BTWN":
        _between(draft, column, str(field), one)
    else:
        _not(draft, column, one)


def _between(draft: Draft, column: str, field: str, one: Mapping[str, Any]) -> None:
    between = draft.parts(one.get("between", one), f"{column}: 'between'")
    low, high = between.get("lowerValue"), between.get("upperValue")
    value = low if field == "min" else high
    if not isinstance(value, (int, float)):
        _not(draft, column, one)
        return
    draft.of(column)[field] = float(value)
    draft.note(f"{column}: that the {field} lies between {low} and {high} was read as the {field} of its range, {value:g}.")


def _end(draft: Draft, column: str, op: str, value: float) -> None:
    terms, end = draft.of(column), _ENDS[op]
    narrower = max if end == "min" else min
    terms[end] = narrower(terms[end], value) if end in terms else value
    if op in _OPEN:
        draft.note(f"{column}: '{_OPEN[op]} {value:g}' was read as that or {value:g} itself; a contract knows closed ranges only.")


def _set(values: list[Any]) -> list[str]:
    return [str(one) for part in values for one in (part if isinstance(part, list) else [part])]


def _not(draft: Draft, column: str, one: Mapping[str, Any]) -> None:
    told = one.get("name") or " ".join(str(one[key]) for key in ("firstField", "op", "value") if key in one) or "a constraint"
    draft.note(f"{column}: '{told}' was not understood.")
