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
from monitor.engine.cutting import bucket_sql
from monitor.engine.kernel import count_numbers
from monitor.engine.rows import Rows
from monitor.engine.running import Watch, fetch, stream, threads_of
from monitor.profile import Cells, ColumnCounts, Ints
from monitor.vocabulary import Kind

BATCH_BYTES = 48 * 2**20
SMALLEST_BATCH, LARGEST_BATCH = 2_048, 122_880
NEW_LEVELS = 100
_MISSING = -1
_FACTS = ("distinct", "unseen", "seen_once", "alone", "fresh")


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
        found.update(numbers_of(cursor, plan, columns, part) if numeric else _levels(cursor, plan, columns, part))
    return found


def batch_rows(columns: int) -> int:
    """Return how many rows of so many numbers are counted at once."""
    return int(np.clip(BATCH_BYTES // (8 * (columns + 1)), SMALLEST_BATCH, LARGEST_BATCH))


def numbers_of(cursor: duckdb.DuckDBPyConnection, plan: Plan, columns: Sequence[Measured], watch: Watch) -> dict[str, ColumnCounts]:
    """Count columns of numbers in one pass."""
    cells = [plan.cells[m.name] for m in columns]
    rows = batch_rows(len(cells))
    sql = f"SELECT * FROM {plan.rows.select(plan.expressions(columns))}"
    batches = stream(
        cursor, sql, plan.rows.parameters, batch_rows=rows, expected=int(plan.counts.sum()), text="counting numbers", watch=watch
    )
    counted = count_numbers(batches, cells, plan.keys, threads=threads_of(cursor))
    return dict(zip((m.name for m in columns), counted, strict=True))


def _levels(cursor: duckdb.DuckDBPyConnection, plan: Plan, columns: Sequence[Measured], watch: Watch) -> dict[str, ColumnCounts]:
    counted = Counted(rows_by_level(plan.rows.select(plan.expressions(columns)), len(columns)), plan.rows.parameters)
    found = count_levels(cursor, counted, [plan.cells[m.name] for m in columns], plan.keys, watch)
    return dict(zip((m.name for m in columns), found, strict=True))


@dataclass(frozen=True, slots=True)
class Counted:
    """SQL of rows by level: (w, s, level, n), window, mask of the column, level (NULL: missing) and rows; with its parameters."""

    sql: str
    parameters: Sequence[Any] = ()


def count_levels(
    cursor: duckdb.DuckDBPyConnection, counted: Counted, cells: Sequence[Cells], keys: Ints, watch: Watch
) -> list[ColumnCounts]:
    """Return the counts of columns of levels on their cells, from rows by level in windows with these ascending `keys` (w,)."""
    masks = [set_mask(i, len(cells)) for i in range(len(cells))]
    cursor.register("known_levels", _known(cells, masks))
    cursor.register("counted_columns", _layout(cells, masks))
    table = fetch(cursor, _level_sql(counted.sql, later=int(keys[len(keys) // 2])), counted.parameters, text="counting levels", watch=watch)
    for name in ("known_levels", "counted_columns"):
        cursor.unregister(name)
    mask = np.asarray(table.column("s").to_numpy(), dtype=np.int64)
    return [_one(keys, cell, table.filter(pa.array(mask == one))) for cell, one in zip(cells, masks, strict=True)]


def _one(keys: Ints, cells: Cells, table: pa.Table) -> ColumnCounts:
    """Read the counts of one column: rows without a level's name by cell, and the commonest new levels by name."""
    named = np.asarray(table.column("level").is_valid().to_numpy())
    window = np.searchsorted(keys, table.column("w").to_numpy())
    code, rows = (np.asarray(table.column(name).to_numpy(), dtype=np.int64) for name in ("code", "n"))
    counts = np.zeros((len(keys), cells.width), dtype=np.int64)
    target = np.where(code == _MISSING, cells.size + 1, code)
    np.add.at(counts, (window[~named], target[~named]), rows[~named])
    facts = {name: np.zeros(len(keys), dtype=np.int64) for name in _FACTS}
    for name, found in facts.items():
        own = np.asarray(table.column(name).fill_null(0).to_numpy(), dtype=np.int64)
        np.add.at(found, window[~named], own[~named])
    new: list[dict[str, int]] = [{} for _ in keys]
    for position, level in zip(np.flatnonzero(named), table.column("level").filter(pa.array(named)).to_pylist(), strict=True):
        new[window[position]][level] = int(rows[position])
    return ColumnCounts.of_levels(cells, counts, new_levels=new, **facts)


def _known(cells: Sequence[Cells], masks: Sequence[int]) -> pa.Table:
    """Return the reference's levels: their cell (null: a bucket), and whether the reference had them once."""
    parts: dict[str, list[Any]] = {"s": [], "level": [], "code": [], "once": []}
    for cell, mask in zip(cells, masks, strict=True):
        levels = [*cell.levels, *cell.known.difference(cell.levels)]
        parts["s"] += [mask] * len(levels)
        parts["level"] += levels
        parts["code"] += [i if i < len(cell.levels) else None for i in range(len(levels))]
        parts["once"] += [level in cell.once for level in levels]
    types = {"s": pa.int64(), "level": pa.string(), "code": pa.int64(), "once": pa.bool_()}
    return pa.table({name: pa.array(parts[name], kind) for name, kind in types.items()})


def _layout(cells: Sequence[Cells], masks: Sequence[int]) -> pa.Table:
    """Return, for each column, its number of named levels and of buckets (without buckets one: `other`, which comes right after)."""
    parts = {"s": list(masks), "named": [len(cell.levels) for cell in cells], "buckets": [max(cell.buckets, 1) for cell in cells]}
    return pa.table({name: pa.array(values, pa.int64()) for name, values in parts.items()})


def rows_by_level(rows: str, width: int) -> str:
    """Return SQL of the rows of each level (NULL: missing) of x0, x1 ... by window: (w, mask of the column, level, rows)."""
    names = ", ".join(f"x{i}" for i in range(width))
    sets = ", ".join(f"(w, x{i})" for i in range(width))
    return f"SELECT w, grouping({names}) AS s, coalesce({names}, NULL) AS level, count(*) AS n FROM {rows} GROUP BY GROUPING SETS ({sets})"


def _level_sql(counted: str, later: int) -> str:
    """Return SQL of (w, mask of the column, code, level, rows and facts): every cell, and by name the commonest levels not known.

    `later` is the window from which on levels are fresh that none before had.
    """
    bucket = f"c.named + {bucket_sql('c.level', 'c.buckets')}"
    return f"""
        WITH counted AS MATERIALIZED ({counted}), levels AS MATERIALIZED (
            SELECT c.s, c.level, k.level IS NULL AS unknown, coalesce(k.once, false) AS once, c.windows = 1 AS own,
                c.since >= {later} AS fresh,
                coalesce(k.code, {bucket}) AS code
            FROM (
                SELECT s, level, count(*) AS windows, min(w) AS since, any_value(named) AS named, any_value(buckets) AS buckets
                FROM counted JOIN counted_columns USING (s) WHERE level IS NOT NULL GROUP BY s, level
            ) AS c LEFT JOIN known_levels AS k ON c.s = k.s AND c.level = k.level
        ), coded AS MATERIALIZED (
            SELECT w, s, level, n, unknown, once, own, fresh, code FROM counted JOIN levels USING (s, level)
            UNION ALL
            SELECT w, s, NULL, n, false, false, false, false, {_MISSING} FROM counted WHERE level IS NULL
        )
        SELECT w, s, code, NULL AS level, CAST(sum(n) AS BIGINT) AS n, count(level) AS "distinct",
            CAST(sum(n) FILTER (WHERE unknown) AS BIGINT) AS unseen, CAST(sum(n) FILTER (WHERE once) AS BIGINT) AS seen_once,
            CAST(sum(n) FILTER (WHERE own) AS BIGINT) AS alone,
            CAST(sum(n) FILTER (WHERE fresh) AS BIGINT) AS fresh
        FROM coded GROUP BY w, s, code
        UNION ALL
        SELECT w, s, code, level, n, 0, 0, 0, 0, 0 FROM coded WHERE unknown
        QUALIFY row_number() OVER (PARTITION BY w, s ORDER BY n DESC, level) <= {NEW_LEVELS}
        """
