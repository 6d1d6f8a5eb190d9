"""Rows of a selection page by page, in an order of one's own: DuckDB sorts, only one page comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from monitor.case import WindowSize
from monitor.engine.identifiers import literal, quote
from monitor.engine.rows import PLACE, Rows, select_rows
from monitor.engine.running import fetch
from monitor.engine.sampling import column_sql
from monitor.engine.selection import Selection, both_conditions
from monitor.engine.workspace import Workspace
from monitor.errors import ColumnMissingError, nearest
from monitor.profile import Ints

WHOLE_SELECTION = WindowSize(1, "whole")
FILE_ORDER = (None, False)
IN_FILE = 2**40
"""More rows than a file has: with it file and row are one number."""


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of rows: `table` with one column per name that was asked for, `place` (n, 2) the file and row that each came from, `total` the
    rows of the selection."""

    table: pa.Table
    place: Ints
    total: int


def page_of_rows(
    workspace: Workspace,
    selection: Selection,
    columns: Sequence[str],
    *,
    order: tuple[str | None, bool] = FILE_ORDER,
    first: int = 0,
    most: int = 50,
    among: Ints | None = None,
) -> RowPage:
    """Return `most` rows of a selection from the row `first` on, in the `order` of a column, and whether it descends, rows without a value
    last; else as in the files.

    With `among` (n, 2), files and rows as `RowPage.place` gives them, only those of the selection that are named there.

    Raises
    ------
    ColumnMissingError
        The data set does not have the column that orders, or one that a condition names.
    SelectionError
        The selection has a condition that is none, or a bound where rows have no time.
    """
    by, descending = order
    if by is not None and by not in columns:
        raise ColumnMissingError(f"Rows cannot be ordered by '{by}': there is no such column.{nearest(by, columns)}")
    named = [column_sql(workspace, selection.data, name) for name in columns]
    rows = select_rows(workspace, selection, WHOLE_SELECTION, [column for column, _ in named], ordered=True)
    rows = rows if among is None else _among(rows, among)
    k = len(named)
    inner = rows.select([*(sql for _, sql in named), *PLACE])
    first_by = f"x{columns.index(by)} {'DESC' if descending else 'ASC'} NULLS LAST, " if by is not None else ""
    outputs = ", ".join(f"x{i}" for i in range(k + 2))
    page = f"SELECT {outputs} FROM {inner} ORDER BY {first_by}x{k}, x{k + 1} LIMIT {int(most)} OFFSET {int(first)}"
    with workspace.cursor() as cursor:
        table = fetch(cursor, page, rows.parameters, text="reading a page of rows")
        counted = fetch(cursor, f"SELECT count(*) FROM {rows.relation} WHERE {rows.where}", rows.parameters, text="counting rows")
    place = np.column_stack([table.column(k).to_numpy(), table.column(k + 1).to_numpy()]).astype(np.int64)
    return RowPage(pa.table([*table.columns[:k]], names=list(columns)), place, int(counted.column(0)[0].as_py()))


def position_of(workspace: Workspace, selection: Selection, place: tuple[int, int], *, among: Ints | None = None) -> int | None:
    """Return how many rows of a selection stand before one, as in the files; None where it is not among them.

    Raises
    ------
    ColumnMissingError, SelectionError
    """
    rows = select_rows(workspace, selection, WHOLE_SELECTION, [], ordered=True)
    rows = rows if among is None else _among(rows, among)
    at, here = f"{PLACE[0]} * {IN_FILE} + {PLACE[1]}", place[0] * IN_FILE + place[1]
    sql = f"SELECT count(*) FILTER ({at} < {here}), count(*) FILTER ({at} = {here}) FROM {rows.relation} WHERE {rows.where}"
    with workspace.cursor() as cursor:
        before, same = fetch(cursor, sql, rows.parameters, text="counting rows").columns
    return int(before[0].as_py()) if same[0].as_py() else None


def _among(rows: Rows, places: Ints) -> Rows:
    """Narrow rows to those at some places."""
    file, row = PLACE
    sql = f"({file} * {IN_FILE} + {row}) IN (SELECT unnest(?::BIGINT[]))"
    return Rows(rows.relation, (*rows.conditions, ("not among them", sql, ((places @ [IN_FILE, 1]).tolist(),))), rows.key, rows.local)


def places_of(workspace: Workspace, selection: Selection, column: str, text: str, *, most: int = 50) -> Ints:
    """Return file and row of the rows of a selection whose value in a column reads as a text, (n, 2), at most so many.

    Raises
    ------
    ColumnMissingError, SelectionError
    """
    where = f"CAST({quote(column)} AS VARCHAR) = {literal(text)}"
    both = where if selection.where is None else both_conditions(selection.where, where)
    return page_of_rows(workspace, replace(selection, where=both), [column], most=most).place
