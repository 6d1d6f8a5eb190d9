"""Result tables as files: CSV that no spreadsheet runs, Parquet, and JSON with provenance that never holds NaN."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

from monitor.tables import Result

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV (UTF-8); text that a spreadsheet would run as a formula gets an apostrophe in front."""
    safe = table.copy()
    for name in safe.columns:
        if not (pd.api.types.is_numeric_dtype(safe[name]) or pd.api.types.is_datetime64_any_dtype(safe[name])):
            safe[name] = safe[name].map(neutral)
    safe.columns = pd.Index([neutral(name) for name in safe.columns])
    return safe.to_csv(index=False, lineterminator="\n").encode()


def neutral(cell: Any) -> Any:
    """Return a cell that a spreadsheet reads as text.

    >>> neutral("=1+1"), neutral("-"), neutral(-1.5)
    ("'=1+1", "'-", -1.5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet."""
    target = io.BytesIO()
    table.to_parquet(target, index=False)
    return target.getvalue()


def to_json(result: Result) -> bytes:
    """Return a result as JSON: analysis, case, table, skipped and provenance; a value that is not a number is null."""
    content = {
        "analysis": result.analysis,
        "case": result.case,
        "table": result.table.to_dict(orient="records"),
        "skipped": [asdict(one) for one in result.skipped],
        "provenance": asdict(result.provenance),
    }
    return json.dumps(plain(content), allow_nan=False, ensure_ascii=False, indent=1).encode()


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: null for nan, infinities and missing values, text for times.

    >>> plain({"a": float("nan"), "b": (1, float("inf"))})
    {'a': None, 'b': [1, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return [plain(one) for one in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)
