"""Rows of a selection page by page, in an order of one's own: DuckDB sorts, only one page comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from monitor.case import WindowSize
from monitor.engine.rows import PLACE, select_rows
from monitor.engine.running import fetch
from monitor.engine.sampling import column_sql
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.errors import ColumnMissingError, nearest
from monitor.profile import Ints

WHOLE_SELECTION = WindowSize(1, "whole")


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
    by: str | None = None,
    descending: bool = False,
    first: int = 0,
    most: int = 50,
) -> RowPage:
    """Return `most` rows of a selection from the row `first` on, ordered by a column, rows without a value last; else in file order.

    Raises
    ------
    ColumnMissingError
        The data set does not have the column that orders, or one that a condition names.
    SelectionError
        The selection has a condition that is none, or a bound where rows have no time.
    """
    if by is not None and by not in columns:
        raise ColumnMissingError(f"Rows cannot be ordered by '{by}': there is no such column.{nearest(by, columns)}")
    named = [column_sql(workspace, selection.data, name) for name in columns]
    rows = select_rows(workspace, selection, WHOLE_SELECTION, [column for column, _ in named], ordered=True)
    k = len(named)
    inner = rows.select([*(sql for _, sql in named), *PLACE])
    order = f"x{columns.index(by)} {'DESC' if descending else 'ASC'} NULLS LAST, " if by is not None else ""
    outputs = ", ".join(f"x{i}" for i in range(k + 2))
    page = f"SELECT {outputs} FROM {inner} ORDER BY {order}x{k}, x{k + 1} LIMIT {int(most)} OFFSET {int(first)}"
    with workspace.cursor() as cursor:
        table = fetch(cursor, page, rows.parameters, text="reading a page of rows")
        counted = fetch(cursor, f"SELECT count(*) FROM {rows.relation} WHERE {rows.where}", rows.parameters, text="counting rows")
    place = np.column_stack([table.column(k).to_numpy(), table.column(k + 1).to_numpy()]).astype(np.int64)
    return RowPage(pa.table([*table.columns[:k]], names=list(columns)), place, int(counted.column(0)[0].as_py()))
