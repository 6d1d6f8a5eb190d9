"""The two queries of a profile: histograms and moments of the numbers, and counts of the levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from monitor.engine.cells import SETS_AT_ONCE, set_mask
from monitor.engine.columns import Measured, Schema, Transform, family
from monitor.engine.rows import Rows
from monitor.engine.running import Watch, fetch
from monitor.profile import Cells, ColumnCounts, Floats, Ints
from monitor.vocabulary import Kind

HISTOGRAM_BYTES = 256 * 2**20
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
        """Cut the columns into queries whose histograms fit into memory together: (numeric?, columns)."""
        numeric = [m for m in self.measured if m.kind is Kind.NUMERIC]
        levels = [m for m in self.measured if m.kind is not Kind.NUMERIC]
        # One histogram: 256 counters and 256 bounds of 8 bytes, for each window and each of a few threads.
        size = max(1, HISTOGRAM_BYTES // (len(self.keys) * 256 * 16 * 2))
        cut = [(True, numeric[i : i + size]) for i in range(0, len(numeric), size)]
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
    found = _numeric_pass(cursor, plan, columns, plan.expressions(columns), watch)
    # Histograms put NaN into their first cell, and one infinity spoils a sum: such columns are counted once more, cleaned.
    odd = [m for m in columns if _may_be_infinite(plan, m) and _is_odd(found[m.name])]
    if odd:
        cleaned = [f"CASE WHEN isfinite({x}) THEN {x} END" for x in plan.expressions(odd)]
        again = _numeric_pass(cursor, plan, odd, cleaned, watch)
        infinite = _infinities(cursor, plan, odd, watch)
        found.update({name: _move_infinities(counts, infinite[i]) for i, (name, counts) in enumerate(again.items())})
    return found


def _may_be_infinite(plan: Plan, measured: Measured) -> bool:
    sort = family(plan.schema.info(measured.column).types[plan.data])
    return measured.transform is Transform.NONE and sort in ("float", "text")


def _is_odd(counts: ColumnCounts) -> bool:
    # nan comes from NaN or from windows without any value; the latter add nothing but a second look at the column.
    present = counts.counts[:, :-1].sum(axis=1) > 0
    return not bool(np.isfinite(counts.low[present]).all() and np.isfinite(counts.high[present]).all())


def _numeric_pass(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, columns: Sequence[Measured], expressions: Sequence[str], watch: Watch
) -> dict[str, ColumnCounts]:
    cells = [plan.cells[m.name] for m in columns]
    parts, parameters = [], []
    for i, cell in enumerate(cells):
        parts.append(f"count(x{i}), min(x{i}), max(x{i}), sum(x{i} - ?::DOUBLE), sum((x{i} - ?::DOUBLE) * (x{i} - ?::DOUBLE))")
        parameters += [cell.center] * 3
        parts.append(f"histogram(x{i}, ?::DOUBLE[])" if len(cell.edges) else "NULL")
        parameters += [cell.edges.tolist()] if len(cell.edges) else []
    sql = f"SELECT w, {', '.join(parts)} FROM {plan.rows.select(expressions)} GROUP BY w"
    table = fetch(cursor, sql, [*parameters, *plan.rows.parameters], text="counting numbers", watch=watch)
    place = np.searchsorted(plan.keys, table.column(0).to_numpy())
    found = {}
    for i, (m, cell) in enumerate(zip(columns, cells, strict=True)):
        found[m.name] = _numeric_counts(cell, plan, place, table.columns[1 + 6 * i : 7 + 6 * i])
    return found


def _numeric_counts(cells: Cells, plan: Plan, place: Ints, columns: Sequence[pa.ChunkedArray]) -> ColumnCounts:
    windows = len(plan.keys)
    present = np.zeros(windows, dtype=np.int64)
    present[place] = columns[0].to_numpy()
    low, high, total, squares = (_placed(column, place, windows) for column in columns[1:5])
    counts = np.zeros((windows, cells.width), dtype=np.int64)
    edges = len(cells.edges)
    if edges:
        counts[:, :edges] = _bins(columns[5], place, windows, edges)
    counts[:, edges] = present - counts[:, :edges].sum(axis=1)
    counts[:, -1] = plan.counts - present
    return ColumnCounts(
        cells=cells,
        counts=counts,
        total=np.nan_to_num(total, nan=0.0, posinf=np.inf, neginf=-np.inf),
        squares=np.nan_to_num(squares, nan=0.0, posinf=np.inf, neginf=-np.inf),
        low=low,
        high=high,
        new_levels=({},) * windows,
    )


def _placed(column: pa.ChunkedArray, place: Ints, windows: int) -> Floats:
    values = np.full(windows, np.nan)
    values[place] = column.to_numpy()
    return values


def _bins(column: pa.ChunkedArray, place: Ints, windows: int, edges: int) -> Ints:
    """Return the counts of a column of histogram maps, (windows, edges); the overflow, kept only when it occurs, is left out."""
    maps = column.combine_chunks()
    counts = np.zeros((windows, edges), dtype=np.int64)
    offsets, values = maps.offsets.to_numpy(), maps.items.to_numpy()
    for row, position in enumerate(place):
        if offsets[row + 1] > offsets[row]:
            counts[position] = values[offsets[row] : offsets[row] + edges]
    return counts


def _infinities(cursor: duckdb.DuckDBPyConnection, plan: Plan, columns: Sequence[Measured], watch: Watch) -> Ints:
    parts = ", ".join(f"count(*) FILTER (isinf(x{i}))" for i in range(len(columns)))
    sql = f"SELECT w, {parts} FROM {plan.rows.select(plan.expressions(columns))} GROUP BY w"
    table = fetch(cursor, sql, plan.rows.parameters, text="counting infinities", watch=watch)
    counts = np.zeros((len(columns), len(plan.keys)), dtype=np.int64)
    counts[:, np.searchsorted(plan.keys, table.column(0).to_numpy())] = [column.to_numpy() for column in table.columns[1:]]
    return counts


def _move_infinities(counts: ColumnCounts, infinite: Ints) -> ColumnCounts:
    counts.counts[:, -2] += infinite
    counts.counts[:, -1] -= infinite
    return counts


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
