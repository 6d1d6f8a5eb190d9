"""Rows inside one cell of a column, as a condition: from a count on the screen back to the rows behind it."""

from __future__ import annotations

import math
import re

from monitor.engine.identifiers import literal, quote
from monitor.engine.workspace import Workspace
from monitor.errors import SelectionError


def inside(
    workspace: Workspace,
    column: str,
    *,
    lower: float = math.nan,
    upper: float = math.nan,
    level: str | None = None,
    words: str | None = None,
) -> str:
    """Return a predicate for rows whose value of a plain column is in (lower, upper], is `level`, holds `words` one after the other, or
    (none given) is missing.

    Raises
    ------
    SelectionError
        What is measured is derived of a column (the hour of a time, the length of a text), which no plain condition names.
    """
    if words is not None:
        pattern = r"\W+".join(re.escape(word) for word in words.split())
        return f"regexp_matches(lower(CAST({quote(workspace.schema.info(column).name)} AS VARCHAR)), {literal(pattern)})"
    measured = workspace.measured([column])[0]
    if measured.name != measured.column:
        raise SelectionError(f"'{column}' is derived from '{measured.column}': rows can be shown for whole windows only.")
    name = quote(measured.column)
    if level is not None:
        return f"CAST({name} AS VARCHAR) = {literal(level)}"
    parts = [f"{name} > {lower!r}" if math.isfinite(lower) else "", f"{name} <= {upper!r}" if math.isfinite(upper) else ""]
    bounds = " AND ".join(part for part in parts if part)
    if math.isnan(lower) and math.isnan(upper):
        return f"{name} IS NULL"
    return bounds or f"{name} IS NOT NULL"
