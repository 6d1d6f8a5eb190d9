"""`--set key=value` on the command line: thresholds of a case, put in and checked by the same models as case.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from monitor.case.model import Case
from monitor.case.threshold_settings import settings_of, thresholds_from
from monitor.errors import SettingError


def with_assignments(case: Case, assignments: Mapping[str, str]) -> Case:
    """Return the case with thresholds set; a key is dotted as in `[thresholds]`, such as drift.q.

    Raises
    ------
    SettingError
        A key or a value is wrong; the text names the key, what was seen and what is allowed.
    """
    return replace(case, thresholds=thresholds_from(with_settings(settings_of(case.thresholds), assignments)))


def with_settings(thresholds: Mapping[str, Any], assignments: Mapping[str, str]) -> dict[str, Any]:
    """Return `[thresholds]` with `--set key=value` assignments put in; a key is dotted, a value a number if it reads as one.

    >>> with_settings({"drift": {"q": 0.05}}, {"drift.floor": "0.1"})
    {'drift': {'q': 0.05, 'floor': 0.1}}
    """
    merged = {key: dict(value) if isinstance(value, Mapping) else value for key, value in thresholds.items()}
    for key, text in assignments.items():
        *path, last = key_path(key)
        place: dict[str, Any] = merged
        for step in path:
            inner = place.get(step, {})
            if not isinstance(inner, Mapping):
                raise SettingError(f"'{key}' cannot be set: '{step}' is a value, not a group.")
            place[step] = dict(inner)
            place = place[step]
        place[last] = _number(text)
    return merged


def key_path(key: str) -> tuple[str, ...]:
    """Read a dotted key; names that hold dots, blanks or quotes stand in quotes, as in TOML.

    >>> key_path('drift.fixed."my.col:psi"')
    ('drift', 'fixed', 'my.col:psi')

    Raises
    ------
    SettingError
        It cannot be read.
    """
    if not re.fullmatch(rf"{_NAME}(\.{_NAME})*", key):
        raise SettingError(f"'{key}' is not a key. Write a name that holds dots or quotes in quotes: drift.fixed.\"my.column\".")
    return tuple(_unquoted(part.strip()) for part in re.findall(_NAME, key))


_NAME = r"""(?:\s*"(?:[^"\\]|\\.)*"\s*|\s*'[^']*'\s*|[^."']+)"""


def _unquoted(part: str) -> str:
    if part[0] not in "\"'":
        return part
    try:
        return str(tomlkit.parse(f"name = {part}").unwrap()["name"])
    except TOMLKitError as error:
        raise SettingError(f"{part} is not a name in quotes: {error}.") from error


def _number(text: str) -> Any:
    if text[:1] in "\"'" and text[-1:] == text[:1]:
        return _unquoted(text)
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
