"""Thresholds as `[thresholds]` of case.toml holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.case.complaints import complaints
from monitor.case.thresholds import Thresholds
from monitor.errors import SettingError

THRESHOLDS = TypeAdapter(Thresholds)


def settings_of(thresholds: Thresholds) -> dict[str, Any]:
    """Return thresholds as `[thresholds]` of case.toml holds them, without what is the default."""
    groups = THRESHOLDS.dump_python(thresholds, exclude_defaults=True)
    return {group: dict(keys) for group, keys in groups.items() if keys}


def thresholds_from(settings: Mapping[str, Any]) -> Thresholds:
    """Check `[thresholds]` and return them.

    Raises
    ------
    SettingError
        A group, a key or a value is wrong; the text names the key, what was seen and what is allowed.
    """
    try:
        return THRESHOLDS.validate_python(settings)
    except ValidationError as error:
        raise SettingError("; ".join(complaints(error, Thresholds))) from error
