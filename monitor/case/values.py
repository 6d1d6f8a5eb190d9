"""Values of case.toml that are checked on their own: each says what is allowed, the reader of the file adds the key and what was seen."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BeforeValidator


def listed(value: Any) -> Any:
    """Return one text as a list of one."""
    return (value,) if isinstance(value, str) else value


def is_number(value: Any) -> bool:
    """Say whether a value is a finite number; true and false are none.

    >>> is_number(0.5), is_number(True), is_number("0.5"), is_number(float("nan"))
    (True, False, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _number(value: Any) -> Any:
    if not is_number(value):
        raise ValueError("give a number")
    return value


def _size(value: Any) -> Any:
    if not is_number(value) or value < 0:
        raise ValueError("give a number of 0 or more")
    return value


def _share(value: Any) -> Any:
    if not is_number(value) or not 0 < value < 1:
        raise ValueError("give a share between 0 and 1, such as 0.05")
    return value


def _count(value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("give a whole number of 1 or more")
    return value


def _flag(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("give true or false")
    return value


def _columns(value: Any) -> Any:
    if isinstance(value, dict) and value and all(isinstance(name, str) for pair in value.items() for name in pair):
        return value
    if not isinstance(value, str):
        raise ValueError('give a column, or one per class such as { late = "p_late", early = "p_early" }')
    return value


def _level(value: Any) -> Any:
    if not isinstance(value, (bool, int, float, str)):
        raise ValueError("give a value of the label: a number, a text, true or false")
    return value


def _markers(value: Any) -> Any:
    texts = [value] if isinstance(value, (str, int, float)) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(one, str) or is_number(one) for one in texts):
        raise ValueError('give a list of texts and numbers such as ["NA", "?", -999]')
    return tuple(one if isinstance(one, str) else repr(one) for one in texts)


Markers = Annotated[tuple[str, ...], BeforeValidator(_markers)]
"""Texts and numbers that stand for a missing value."""
Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
"""One text or a list of them."""
Number = Annotated[float, BeforeValidator(_number)]
Size = Annotated[float, BeforeValidator(_size)]
Share = Annotated[float, BeforeValidator(_share)]
Count = Annotated[int, BeforeValidator(_count)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Columns = Annotated[str | dict[str, str], BeforeValidator(_columns)]
Level = Annotated[int | float | bool | str, BeforeValidator(_level)]
