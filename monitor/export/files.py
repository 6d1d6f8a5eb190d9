"""Result tables as files: CSV that no spreadsheet runs, Parquet, and JSON with provenance that never holds NaN.

Times are UTC everywhere: text ends in `Z`, Parquet carries the time zone.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from monitor.atomic import replacing
from monitor.errors import SourceError
from monitor.tables import Provenance, Result

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV (UTF-8); text that a spreadsheet would run as a formula gets an apostrophe in front."""
    safe = pd.DataFrame({position: _csv_cells(table.iloc[:, position]) for position in range(table.shape[1])}, index=table.index)
    safe.columns = pd.Index([neutral(str(name)) for name in table.columns])
    # Not every Python quotes a cell for a CR in it, and readers take a bare one for the end of a line.
    returns = any(isinstance(cell, str) and "\r" in cell for position in range(safe.shape[1]) for cell in safe.iloc[:, position])
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if returns or any("\r" in str(name) for name in safe.columns) else csv.QUOTE_MINIMAL
    # A lone surrogate cannot be written as UTF-8.
    return safe.to_csv(index=False, lineterminator="\n", quoting=quoting).encode(errors="replace")


def _csv_cells(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(_moments(column), index=column.index, dtype=object)
    return column if pd.api.types.is_numeric_dtype(column) else column.map(neutral)


def neutral(cell: Any) -> Any:
    """Return a cell that a spreadsheet reads as text.

    >>> neutral("=1+1"), neutral("-"), neutral(-1.5)
    ("'=1+1", "'-", -1.5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet, its times with the zone UTC."""
    naive = [name for name in table.columns if pd.api.types.is_datetime64_dtype(table[name])]
    target = io.BytesIO()
    table.assign(**{name: table[name].dt.tz_localize("UTC") for name in naive}).to_parquet(target, index=False)
    return target.getvalue()


def to_json(result: Result) -> bytes:
    """Return a result as JSON: analysis, case, table, findings, skipped and provenance; a value that is not a number is null."""
    content = {
        "analysis": result.analysis,
        "case": result.case,
        "table": records(result.table),
        **({} if result.findings is None else {"findings": records(result.findings)}),
        "skipped": [asdict(one) for one in result.skipped],
        "provenance": provenance_record(result.provenance),
    }
    return json_bytes(content)


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return JSON (UTF-8) of plain values, each item of a list on a line of its own."""
    # json.dumps with an indent is ten times slower: it leaves the encoder written in C.
    parts = [f"{_dumped(key)}: {_lines(value)}" for key, value in content.items()]
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode(errors="replace")


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(_dumped(one) for one in value) + "\n]"
    return _dumped(value)


def _dumped(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one record of plain values per row.

    >>> records(pd.DataFrame({"a": [1.5, float("nan")], "t": pd.to_datetime(["2013-07-01 04:00", None])}))
    [{'a': 1.5, 't': '2013-07-01T04:00:00Z'}, {'a': None, 't': None}]
    """
    columns = [_plain_column(table.iloc[:, position]) for position in range(table.shape[1])]
    names = [str(name) for name in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain_column(column: pd.Series[Any]) -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return _moments(column)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return [value if math.isfinite(value) else None for value in column.to_numpy(float).tolist()]
    return [value if type(value) is str else plain(value) for value in column.tolist()]


def _moments(column: pd.Series[Any]) -> list[str | None]:
    return [None if value is pd.NaT else moment_iso(value.to_pydatetime(warn=False)) for value in column]


def provenance_record(provenance: Provenance) -> dict[str, Any]:
    """Return provenance as plain values, each SQL step with its name."""
    told = asdict(provenance)
    told["sql"] = [{"step": step, "sql": sql} for step, sql in provenance.sql]
    told["started"] = provenance.started.replace("+00:00", "Z")
    found: dict[str, Any] = plain(told)
    return found


def moment_iso(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC; a naive one is UTC already.

    >>> moment_iso(datetime(2013, 7, 1, 4))
    '2013-07-01T04:00:00Z'
    """
    naive = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return f"{naive.isoformat()}Z"


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: null for nan, infinities and missing values, text for times (UTC).

    >>> plain({"a": float("nan"), "b": (1, float("inf"))})
    {'a': None, 'b': [1, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=str)
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
        return None if value is pd.NaT else moment_iso(value.to_pydatetime(warn=False))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return moment_iso(value) if isinstance(value, datetime) else value.isoformat()
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file in one step: another name first, then moved into place, so that no half file is ever seen.

    Raises
    ------
    SourceError
        When the folder is not there or the file cannot be written.
    """
    if path.exists() and not path.is_file():
        raise SourceError(f"'{path}' is not a file that can be written. Name another file.")
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise SourceError(f"'{path}' cannot be written: {error.strerror or error}. Name a file in a folder that exists.") from error
    return path
