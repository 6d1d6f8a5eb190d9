"""The two queries of a profile: the numbers, streamed into the kernel, and counts of the levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from monitor.engine.cells import SETS_AT_ONCE, set_mask
from monitor.engine.columns import Measured, Schema
from monitor.engine.kernel import count_numbers
from monitor.engine.rows import Rows
from monitor.engine.running import Watch, fetch, stream, threads_of
from monitor.profile import Cells, ColumnCounts, Ints
from monitor.vocabulary import Kind

BATCH_BYTES = 48 * 2**20
SMALLEST_BATCH, LARGEST_BATCH = 2_048, 122_880
NEW_LEVELS = 100
_MISSING, _NEW = -1, -2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is counted: the columns `measured` on their `cells`, by the windows with these ascending `keys` and `counts` of rows."""

    schema: Schema
    data: str
    rows: Rows
    measured: tuple[Measured, ...]
    cells: Mapping[str, Cells]
    keys: Ints
    counts: Ints

    @property
    def parts(self) -> list[tuple[bool, Sequence[Measured]]]:
        """Cut the columns into queries: (numeric?, columns)."""
        numeric = [m for m in self.measured if m.kind is Kind.NUMERIC]
        levels = [m for m in self.measured if m.kind is not Kind.NUMERIC]
        cut = [(True, numeric)] if numeric else []
        return [*cut, *((False, levels[i : i + SETS_AT_ONCE]) for i in range(0, len(levels), SETS_AT_ONCE))]

    def expressions(self, columns: Sequence[Measured]) -> list[str]:
        """Return the SQL of the columns."""
        return [self.schema.sql(m, self.data) for m in columns]


def tally(cursor: duckdb.DuckDBPyConnection, plan: Plan, watch: Watch) -> dict[str, ColumnCounts]:
    """Count every column of the plan."""
    found: dict[str, ColumnCounts] = {}
    parts = plan.parts
    for i, (numeric, columns) in enumerate(parts):
        part = watch.part(i / len(parts), (i + 1) / len(parts))
        found.update(_numbers(cursor, plan, columns, part) if numeric else _levels(cursor, plan, columns, part))
    return found


def _numbers(cursor: duckdb.DuckDBPyConnection, plan: Plan, columns: Sequence[Measured], watch: Watch) -> dict[str, ColumnCounts]:
    cells = [plan.cells[m.name] for m in columns]
    rows = int(np.clip(BATCH_BYTES // (8 * (len(cells) + 1)), SMALLEST_BATCH, LARGEST_BATCH))
    sql = f"SELECT * FROM {plan.rows.select(plan.expressions(columns))}"
    batches = stream(
        cursor, sql, plan.rows.parameters, batch_rows=rows, expected=int(plan.counts.sum()), text="counting numbers", watch=watch
    )
    counted = count_numbers(batches, cells, plan.keys, threads=threads_of(cursor))
    return dict(zip((m.name for m in columns), counted, strict=True))


def _levels(cursor: duckdb.DuckDBPyConnection, plan: Plan, columns: Sequence[Measured], watch: Watch) -> dict[str, ColumnCounts]:
    cells = [plan.cells[m.name] for m in columns]
    masks = [set_mask(i, len(columns)) for i in range(len(columns))]
    cursor.register("known_levels", _known(cells, masks))
    sql = _level_sql(plan.rows.select(plan.expressions(columns)), len(columns))
    table = fetch(cursor, sql, plan.rows.parameters, text="counting levels", watch=watch)
    cursor.unregister("known_levels")
    window = np.searchsorted(plan.keys, table.column(0).to_numpy())
    mask, code, rows = (np.asarray(table.column(i).to_numpy(), dtype=np.int64) for i in (1, 2, 4))
    named = np.asarray(table.column(3).is_valid().to_numpy())
    levels = table.column(3)
    found = {}
    for m, cell, one in zip(columns, cells, masks, strict=True):
        mine = mask == one
        counts = np.zeros((len(plan.keys), cell.width), dtype=np.int64)
        counted = mine & ~named
        target = np.where(code[counted] == _MISSING, cell.size + 1, np.where(code[counted] == _NEW, cell.size, code[counted]))
        np.add.at(counts, (window[counted], target), rows[counted])
        new: list[dict[str, int]] = [{} for _ in plan.keys]
        for position in np.flatnonzero(mine & named):
            new[window[position]][levels[int(position)].as_py()] = int(rows[position])
        found[m.name] = _level_counts(cell, counts, new)
    return found


def _level_counts(cells: Cells, counts: Ints, new: Sequence[Mapping[str, int]]) -> ColumnCounts:
    nothing, unknown = np.zeros(len(counts)), np.full(len(counts), np.nan)
    return ColumnCounts(cells=cells, counts=counts, total=nothing, squares=nothing, low=unknown, high=unknown, new_levels=tuple(new))


def _known(cells: Sequence[Cells], masks: Sequence[int]) -> pa.Table:
    parts: dict[str, list[Any]] = {"s": [], "level": [], "code": []}
    for cell, mask in zip(cells, masks, strict=True):
        levels = [*cell.levels, *cell.known.difference(cell.levels)]
        parts["s"] += [mask] * len(levels)
        parts["level"] += levels
        parts["code"] += [min(i, cell.size) for i in range(len(levels))]
    return pa.table(
        {"s": pa.array(parts["s"], pa.int64()), "level": pa.array(parts["level"], pa.string()), "code": pa.array(parts["code"], pa.int64())}
    )


def _level_sql(rows: str, width: int) -> str:
    """Return SQL of (w, mask of the column, code, level, rows): known levels by code, and by name the commonest that are not known."""
    names = ", ".join(f"x{i}" for i in range(width))
    sets = ", ".join(f"(w, x{i})" for i in range(width))
    return f"""
        WITH counted AS (
            SELECT w, grouping({names}) AS s, coalesce({names}, NULL) AS level, count(*) AS n
            FROM {rows} GROUP BY GROUPING SETS ({sets})
        ), coded AS MATERIALIZED (
            SELECT w, c.s, c.level, n, CASE WHEN c.level IS NULL THEN {_MISSING} ELSE coalesce(k.code, {_NEW}) END AS code
            FROM counted AS c LEFT JOIN known_levels AS k ON c.s = k.s AND c.level = k.level
        )
        SELECT w, s, code, NULL AS level, CAST(sum(n) AS BIGINT) AS n FROM coded GROUP BY w, s, code
        UNION ALL
        SELECT w, s, code, level, n FROM coded WHERE code = {_NEW}
        QUALIFY row_number() OVER (PARTITION BY w, s ORDER BY n DESC, level) <= {NEW_LEVELS}
        """
