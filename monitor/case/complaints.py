"""What is wrong with a case or a setting, in words: the key, what was seen, what is allowed, and the nearest known key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from monitor.errors import nearest

SEEN_LETTERS = 80
"""Letters of a wrong value that are shown."""
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def complaints(error: ValidationError, model: type) -> list[str]:
    """Say what is wrong, one text per key; `model` is what was to be read."""
    return [_complaint(dict(one), model) for one in error.errors()]


def _complaint(error: Mapping[str, Any], model: type) -> str:
    where = [str(part) for part in error["loc"]]
    key = ".".join(part if re.fullmatch(r"[\w*:-]+", part) else json.dumps(part, ensure_ascii=False) for part in where)
    if error["type"] in UNKNOWN:
        known = _keys_at(where[:-1], model)
        return f"unknown key '{key}'.{nearest(where[-1], known)} Known keys there: {', '.join(known)}"
    if error["type"] in ("missing", "missing_argument"):
        return f"key '{key}' is missing"
    if error["type"] in ("model_type", "dataclass_type", "dict_type", "mapping_type"):
        known = _keys_at(where, model)
        of = f" with the keys {', '.join(known)}" if known else ""
        return f"{key}: give a group of keys{of}{_seen(error)}"
    message = str(error["msg"]).removeprefix("Value error, ")
    contradiction = error["type"] == "value_error" and bool(_keys_at(where, model))  # within a group: the message names its keys
    told = message if contradiction else f"{message}{_seen(error)}"
    return f"{key}: {told}" if key else told


def _seen(error: Mapping[str, Any]) -> str:
    text = repr(error.get("input"))
    return f" (seen: {text if len(text) <= SEEN_LETTERS else text[:SEEN_LETTERS] + '…'})"


def _keys_at(where: list[str], model: type) -> list[str]:
    parts = (one for one in where if not one.isdigit())
    for part in parts:
        field = fields_of(model).get(part)
        inner = _model_of(field.annotation) if field is not None else None
        if field is None or inner is None:
            return []
        if get_origin(field.annotation) is dict:
            next(parts, None)  # a name that the file chose
        model = inner
    return list(fields_of(model))


def fields_of(model: type) -> Mapping[str, Any]:
    """Return the fields, with their annotations, of a pydantic model or dataclass; none of any other type."""
    return dict(getattr(model, "__pydantic_fields__", {}))


def _model_of(annotation: Any) -> type | None:
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType, tuple, dict) else (annotation,)
    return next((part for part in parts if isinstance(part, type) and (issubclass(part, BaseModel) or fields_of(part))), None)
