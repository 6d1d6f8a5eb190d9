"""Values and rows for work that needs more than counts: one column at a time, or a deterministic sample of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.engine.columns import local_time
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import quote
from monitor.engine.rows import Rows, select_rows
from monitor.engine.running import Watch, fetch
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.profile import Ints, Windows
from monitor.vocabulary import Kind

WINDOW_COLUMN = "@driftscope.window"


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """The values present of one column, in file order.

    `values` (n,) are float64 (finite numbers) or object (levels as text); `window` (n,) is the position of each in `windows`.
    """

    values: NDArray[Any]
    window: Ints
    windows: Windows


def values(
    workspace: Workspace, selection: Selection, column: str, *, windows: WindowSize | None = None, limit: int | None = None, seed: int = 0
) -> ColumnValues:
    """Fetch one measured column for exact statistics; with `limit`, of a deterministic sample of that many rows.

    Missing and infinite values are left out.
    """
    size = windows or WindowSize(1, "whole")
    measured = workspace.measured([column])[0]
    rows = select_rows(workspace, selection, size, [measured.column], ordered=limit is not None)
    expression = workspace.schema.sql(measured, selection.data)
    with workspace.cursor() as cursor:
        found, keys, counts = find_windows(cursor, workspace, rows, size, Watch())
        picked = _pick(cursor, rows, None if limit is None or limit >= counts.sum() else limit, seed)
        table = fetch(
            cursor, f"SELECT w, x0 FROM {picked.select([expression])} WHERE x0 IS NOT NULL", picked.parameters, text="reading values"
        )
    position = np.searchsorted(keys, table.column(0).to_numpy())
    if measured.kind is not Kind.NUMERIC:
        return ColumnValues(table.column(1).to_numpy(zero_copy_only=False), position, found)
    numbers = np.asarray(table.column(1).to_numpy(), dtype=np.float64)
    finite = np.isfinite(numbers)
    return ColumnValues(numbers[finite], position[finite], found)


def sample(
    workspace: Workspace,
    selection: Selection,
    columns: Sequence[str],
    *,
    rows: int,
    seed: int = 0,
    windows: WindowSize | None = None,
) -> pa.Table:
    """Return a deterministic sample of rows in file order: the same rows whatever the number of threads.

    Columns may be those of the data (times on the case's local clock) or measured names. With `windows`, the id of each
    row's window stands in the column "@driftscope.window".
    """
    size = windows or WindowSize(1, "whole")
    named = [column_sql(workspace, selection.data, name) for name in columns]
    chosen = select_rows(workspace, selection, size, [column for column, _ in named], ordered=True)
    with workspace.cursor() as cursor:
        found, keys, counts = find_windows(cursor, workspace, chosen, size, Watch())
        picked = _pick(cursor, chosen, rows if rows < counts.sum() else None, seed)
        inner = picked.select([*(sql for _, sql in named), '"@driftscope.file"', '"@driftscope.row"'])
        outputs = ", ".join(f"x{i}" for i in range(len(named)))
        sql = f"SELECT {outputs}{', ' if outputs else ''}w FROM {inner} ORDER BY x{len(named)}, x{len(named) + 1}"
        table = fetch(cursor, sql, picked.parameters, text="sampling rows")
    result = pa.table([*table.columns[:-1]], names=list(columns))
    if windows is None:
        return result
    ids = pa.array(np.array(found.ids, dtype=object)[np.searchsorted(keys, table.column(len(named)).to_numpy())], pa.string())
    return result.append_column(WINDOW_COLUMN, ids)


def rows_at(workspace: Workspace, data: str, places: Ints, columns: Sequence[str], *, longest: int | None = None) -> pa.Table:
    """Return the rows at places (n, 2) of a data set (file and row, as a matrix's sample gives them), in that order.

    With `longest`, values are texts of at most that many characters.
    """
    named = [column_sql(workspace, data, name) for name in columns]
    if longest is not None:
        named = [(column, f"left(CAST({sql} AS VARCHAR), {int(longest)})") for column, sql in named]
    relation = workspace.relation(data, [column for column, _ in named], ordered=True)
    outputs = ", ".join(f"{sql} AS x{i}" for i, (_, sql) in enumerate(named))
    wanted = pa.table({"@n": np.arange(len(places)), "@f": places[:, 0], "@r": places[:, 1]})
    with workspace.cursor() as cursor:
        cursor.register("wanted", wanted)
        sql = (
            f'SELECT {outputs} FROM {relation} AS d JOIN wanted ON d."@driftscope.file" = "@f" AND d."@driftscope.row" = "@r" ORDER BY "@n"'
        )
        table = fetch(cursor, sql, text="fetching rows")
        cursor.unregister("wanted")
    return pa.table([*table.columns], names=list(columns))


def column_sql(workspace: Workspace, data: str, name: str) -> tuple[str, str]:
    """Return the column of the data that a name stands for and its SQL: times on the case's clock, what is derived as it is measured."""
    info = workspace.columns.get(name)
    if info is None or data not in info.types:
        measured = workspace.measured([name])[0]
        return measured.column, workspace.schema.sql(measured, data)
    return name, local_time(info, data, workspace.case.timezone) if info.kind is Kind.DATETIME else quote(name)


def _pick(cursor: duckdb.DuckDBPyConnection, rows: Rows, limit: int | None, seed: int) -> Rows:
    """Narrow rows to the `limit` ones whose place in the files has the smallest hash."""
    if limit is None:
        return rows
    hashed = f'hash("@driftscope.file", "@driftscope.row", {int(seed)})'
    sql = f"SELECT max(h) FROM (SELECT x0 AS h FROM {rows.select([hashed])} ORDER BY h LIMIT {int(limit)})"
    largest = fetch(cursor, sql, rows.parameters, text="choosing the sample").column(0)[0].as_py()
    return Rows(rows.relation, (*rows.conditions, ("outside the sample", f"{hashed} <= ?::UBIGINT", (largest,))), rows.key, rows.local)
