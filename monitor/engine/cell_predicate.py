"""Which rows are in a cell, or in a part of a split: one predicate, whether rows are counted, selected or cut apart.

It is written in terms of the value as it is counted (`Schema.sql`: a DOUBLE, or the canonical text of a level), so that "rows counted in
a cell" and "rows selected by its predicate" cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from monitor.cells import CellPlace, Cells, PlaceKind
from monitor.engine.columns import Measured, family
from monitor.engine.cutting import bucket_sql
from monitor.engine.identifiers import literal, quote
from monitor.engine.workspace import Workspace
from monitor.vocabulary import Kind

EXACT_DIGITS = 15
"""Decimals of so many digits are read as the nearest DOUBLE; longer ones are only with an exponent."""
NOTHING = "1 = 0"


def cells_predicate(workspace: Workspace, cells: Cells, members: Sequence[int], data: str) -> str:
    """Return a condition for the rows of a data set that are in any of some cells, 0 to width - 1, of a column.

    Raises
    ------
    ColumnMissingError
        The column, or the one that it is derived of, is not in the data set.
    """
    measured = workspace.measured([cells.column])[0]
    value = workspace.schema.sql(measured, data)
    chosen = sorted(set(members))
    regular = [cell for cell in chosen if cell < cells.size]
    parts = _intervals(value, cells, regular) if cells.numeric else _levels(value, cells, [c for c in chosen if c <= cells.size])
    parts += [_infinite(value, cells.place(cell)) for cell in chosen if cells.numeric and cells.size <= cell < cells.width - 1]
    if cells.width - 1 in chosen:
        parts.append(missing_sql(value, may_be_nan=_may_be_nan(workspace, measured, data)))
    return " OR ".join(parts) if len(parts) < 2 else " OR ".join(f"({part})" for part in parts) if parts else NOTHING


def _infinite(value: str, place: CellPlace) -> str:
    return f"isinf({value})" if np.isnan(place.lower) else f"{value} = CAST('{place.lower}' AS DOUBLE)"


def _may_be_nan(workspace: Workspace, measured: Measured, data: str) -> bool:
    """Say whether a number may be nan, and not only null: integers and decimals cannot."""
    exact = ("integer", "decimal", "boolean")
    return measured.kind is Kind.NUMERIC and family(workspace.schema.info(measured.column).types[data]) not in exact


def _intervals(value: str, cells: Cells, regular: Sequence[int]) -> list[str]:
    """Return one condition for each run of neighbouring numeric cells."""
    lower, upper = cells.bounds
    if not regular:
        return []
    starts = [i for i, cell in enumerate(regular) if i == 0 or regular[i - 1] != cell - 1]
    runs = [regular[a:b] for a, b in zip(starts, [*starts[1:], len(regular)], strict=True)]
    return [interval_sql(value, float(lower[run[0]]), float(upper[run[-1]])) for run in runs]


def interval_sql(value: str, lower: float, upper: float) -> str:
    """Return a condition for finite numbers in (lower, upper]; SQL takes nan for the largest number of all."""
    parts = [f"{value} > {number_literal(lower)}"] if np.isfinite(lower) else []
    parts += [f"{value} <= {number_literal(upper)}"] if np.isfinite(upper) else []
    return " AND ".join(parts if len(parts) == 2 else [*parts, f"isfinite({value})"])


def place_condition(workspace: Workspace, column: str, place: CellPlace, data: str) -> str:
    """Return a condition for the rows of a data set that are in a cell by what it is; empty where levels are not called by name.

    Raises
    ------
    ColumnMissingError
        The data set has no such column.
    """
    measured = workspace.measured([column])[0]
    value = workspace.schema.sql(measured, data)
    if place.kind is PlaceKind.MISSING:
        return missing_sql(value, may_be_nan=_may_be_nan(workspace, measured, data))
    if place.kind is PlaceKind.INFINITE:
        return _infinite(value, place)
    if place.kind is PlaceKind.LEVEL:
        return "" if place.level is None else among_sql(value, [place.level])
    if place.kind in (PlaceKind.REST, PlaceKind.BUCKET):
        return ""
    return _number_place(value, place)


def _number_place(value: str, place: CellPlace) -> str:
    """Return a condition for finite numbers at a place; below and between are open where the reference has the bound itself."""
    if place.kind is PlaceKind.VALUE:
        return f"{value} = {number_literal(place.lower)}"
    if place.kind is PlaceKind.BETWEEN:
        return interval_sql(value, place.lower, place.upper)
    bounds = [f"{value} {sign} {number_literal(one)}" for sign, one in ((">", place.lower), ("<", place.upper)) if np.isfinite(one)]
    return " AND ".join([*bounds, f"isfinite({value})"])


def levels_condition(workspace: Workspace, column: str, levels: Sequence[str], data: str) -> str:
    """Return a condition for the rows of a data set at one of some levels of a column.

    Raises
    ------
    ColumnMissingError
        The data set has no such column.
    """
    return among_sql(workspace.schema.sql(workspace.measured([column])[0], data), levels)


def missing_sql(value: str, *, may_be_nan: bool) -> str:
    """Return a condition for rows without a value."""
    return f"{value} IS NULL OR isnan({value})" if may_be_nan else f"{value} IS NULL"


def _levels(value: str, cells: Cells, chosen: Sequence[int]) -> list[str]:
    """Return a condition for named levels, and one for the buckets (without buckets: for all other levels)."""
    count = len(cells.levels)
    named, rest = [cells.levels[cell] for cell in chosen if cell < count], [cell - count for cell in chosen if cell >= count]
    parts = [among_sql(value, named)] if named else []
    if not rest or (cells.buckets and rest == [cells.buckets]):  # `other` is empty where there are buckets
        return parts
    others = not_among_sql(value, cells.levels)
    if 0 < cells.buckets > len(rest):
        numbers = ", ".join(str(bucket) for bucket in rest)
        others = f"{others} AND {bucket_sql(value, cells.buckets)} IN ({numbers})"
    return [*parts, others]


def among_sql(value: str, levels: Sequence[str]) -> str:
    """Return a condition for rows at one of some levels."""
    if len(levels) == 1:
        return f"{value} = {literal(levels[0])}"
    return f"{value} IN ({', '.join(literal(level) for level in levels)})"


def not_among_sql(value: str, levels: Sequence[str]) -> str:
    """Return a condition for rows with a value at none of some levels."""
    return " AND ".join([f"{value} IS NOT NULL", *([f"NOT ({among_sql(value, levels)})"] if levels else [])])


def number_literal(number: float) -> str:
    """Return a number as SQL that is read as exactly this DOUBLE.

    >>> number_literal(30.5), number_literal(0.1 + 0.2), number_literal(1e300)
    ('30.5', '0.30000000000000004e0', '1e+300')
    """
    text = repr(float(number))
    short = len(re.sub(r"\D", "", text).lstrip("0")) <= EXACT_DIGITS
    return text if "e" in text or short else f"{text}e0"


def texts_with(workspace: Workspace, column: str, words: str) -> str:
    """Return a condition for texts that hold words one after the other."""
    pattern = r"\W+".join(re.escape(word) for word in words.split())
    return f"regexp_matches(lower(CAST({quote(workspace.schema.info(column).name)} AS VARCHAR)), {literal(pattern)})"
