"""Counts of some of the rows, in a form that adds up: what counts rows anywhere - in this process, on a worker of a cluster - hands over.

Arrow record batches of rows in, one tidy table out (`SCHEMA`): integers and fixed-point sums, so that tables of disjoint rows add up to the
table of all of them whatever the batches, partitions and their order. Values, windows and conditions are the very SQL of the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from monitor.engine.cells import SETS_AT_ONCE, set_mask
from monitor.engine.columns import ZONED, ZONED_NS
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.kernel import count_numbers
from monitor.engine.rows import Rows, left_out
from monitor.engine.tally import batch_rows, rows_by_level
from monitor.engine.windows import moment_sql
from monitor.profile import Cells, ColumnCounts, Ints
from monitor.sums import Sums

SCHEMA = pa.schema(
    {
        "column": pa.int32(),
        "window": pa.int64(),
        "cell": pa.int32(),
        "level": pa.string(),
        "n": pa.int64(),
        "top": pa.float64(),
        "least": pa.float64(),
        "most": pa.float64(),
        "first": pa.int64(),
        "last": pa.int64(),
    }
)
"""One row per thing that was counted. Tables are added up by `KEYS`: `n` and `top` are summed, `least` and `first` are minima, `most` and
`last` maxima.

`column` is a position in the task's numbers, then levels; `window` a window's key. Numbers: `n` rows in `cell` >= 0, or with `cell` < 0 a
part of a fixed-point sum (-1 - 2j low and -2 - 2j high and top of sum j), with the smallest and largest finite value beside the first.
Levels: `n` rows of `level` (null: missing). ROWS: `n` rows of the window, `first` and `last` their microseconds on the local clock.
EXCLUDED: `n` rows that the condition at `cell` left out.
"""
KEYS = ("column", "window", "cell", "level")
ADDED = {"n": "sum", "top": "sum", "least": "min", "most": "max", "first": "min", "last": "max"}
ROWS, EXCLUDED = -1, -2
BATCH = "batch"
MOST_LEVELS = 500_000
"""Rows by level that are kept before they are added up."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is counted of rows of a data set, whoever counts them: it holds no connection, and can be sent elsewhere.

    `types` are the columns that are read with their SQL types; `rows` the selection (its relation is not used); `numbers` and `levels` SQL
    of what is counted, `cells` those of the numbers.
    """

    types: tuple[tuple[str, str], ...]
    rows: Rows
    numbers: tuple[str, ...]
    cells: tuple[Cells, ...]
    levels: tuple[str, ...]
    timezone: str

    def reading(self, batch: pa.Schema) -> str:
        """Return SQL of the rows of a batch with the columns as the case reads them; one that the batch lacks is missing."""
        own = {field.name.lower(): field for field in batch}
        columns = ", ".join(f"{_read(own.get(name.lower()), sql_type)} AS {quote(name)}" for name, sql_type in self.types)
        return f"(SELECT {columns or 'NULL AS nothing'} FROM {BATCH})"


def _read(field: pa.Field | None, sql_type: str) -> str:
    """Return SQL of a column of a batch as a type: moments with a zone and without it are both of UTC, whole numbers are nanoseconds."""
    sql_type = "VARCHAR" if sql_type.startswith("ENUM") else sql_type
    if field is None:
        return f"CAST(NULL AS {sql_type})"
    column, zoned = quote(field.name), sql_type in (ZONED, ZONED_NS)
    if sql_type.startswith("TIMESTAMP") and pa.types.is_integer(field.type):
        naive = f"make_timestamp_ns({column})"
        return f"CAST(timezone('UTC', {naive}) AS {sql_type})" if zoned else f"CAST({naive} AS {sql_type})"
    if pa.types.is_timestamp(field.type) and sql_type.startswith("TIMESTAMP") and zoned != (field.type.tz is not None):
        return f"CAST(timezone('UTC', {column}) AS {sql_type})"
    return f"CAST({column} AS {sql_type})"


def count_part(batches: Iterable[pa.RecordBatch], task: Task) -> Iterator[pa.RecordBatch]:
    """Count rows, however they are cut into batches, and yield the table of `SCHEMA` in batches."""
    with duckdb.connect(":memory:", config={"threads": "1", "autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"SET TimeZone = {literal(task.timezone)}")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_external_access = false")
        counted = _Counted(task)
        for table in gathered(batches, batch_rows(len(task.numbers))):
            with translated("counting rows"):
                counted.add(connection, table)
    yield from counted.table().to_batches()


def gathered(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Put small batches together and cut large ones, so that each table but the last has `rows` rows.

    >>> small = pa.record_batch({"x": [1]})
    >>> [one.num_rows for one in gathered([small] * 5, 2)]
    [2, 2, 1]
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count < rows:
            continue
        table, whole = pa.Table.from_batches(held).combine_chunks(), count // rows * rows
        yield from (table.slice(start, rows) for start in range(0, whole, rows))
        held, count = table.slice(whole).to_batches(), count - whole
    if count:
        yield pa.Table.from_batches(held).combine_chunks()


class _Counted:
    """What was counted so far."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.keys: Ints = np.zeros(0, dtype=np.int64)
        self.numbers = [_empty(cell, 0) for cell in task.cells]
        self.rest: list[pa.Table] = []

    def add(self, connection: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
        """Count some more rows."""
        task = self.task
        rows = replace(task.rows, relation=task.reading(table.schema))
        connection.register(BATCH, table)
        self.rest.append(window_rows(connection, rows, table.num_rows))
        self._numbers(connection, rows)
        for start in range(0, len(task.levels), SETS_AT_ONCE):
            self.rest.append(level_rows(connection, rows, task.levels[start : start + SETS_AT_ONCE], len(task.numbers) + start))
        connection.unregister(BATCH)
        if sum(one.num_rows for one in self.rest) > MOST_LEVELS:
            self.rest = [added(self.rest)]

    def _numbers(self, connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
        if not self.task.numbers:
            return
        found = connection.sql(f"SELECT * FROM {rows.select(self.task.numbers)}", params=rows.parameters).to_arrow_table()
        keys = np.unique(found.column(0).to_numpy())
        if not len(keys):
            return
        counted = count_numbers(found.combine_chunks().to_batches(), self.task.cells, keys, threads=1)
        self._widen(keys)
        at = np.searchsorted(self.keys, keys)
        for own, more in zip(self.numbers, counted, strict=True):
            _add(own, more, at)

    def _widen(self, keys: Ints) -> None:
        every = np.union1d(self.keys, keys)
        if len(every) == len(self.keys):
            return
        at = np.searchsorted(every, self.keys)
        wider = [_empty(cell, len(every)) for cell in self.task.cells]
        for new, old in zip(wider, self.numbers, strict=True):
            _add(new, old, at)
        self.keys, self.numbers = every, wider

    def table(self) -> pa.Table:
        """Return all that was counted."""
        return added([*self.rest, *(number_rows(i, self.keys, counts) for i, counts in enumerate(self.numbers))])


def _empty(cells: Cells, windows: int) -> ColumnCounts:
    counts = np.zeros((windows, cells.width), dtype=np.int64)
    return ColumnCounts.of_numbers(cells, counts, Sums.none(windows, 6), np.full(windows, np.nan), np.full(windows, np.nan))


def _add(own: ColumnCounts, more: ColumnCounts, at: Ints) -> None:
    """Add counts to those of the windows at some positions, in place."""
    own.counts[at] += more.counts
    for name in ("top", "high", "low"):
        getattr(own.sums, name)[at] += getattr(more.sums, name)
    own.low[at], own.high[at] = np.fmin(own.low[at], more.low), np.fmax(own.high[at], more.high)


def window_rows(connection: duckdb.DuckDBPyConnection, rows: Rows, read: int) -> pa.Table:
    """Return the rows of each window, their first and last moment, and how many rows each condition left out."""
    sql = f"SELECT w, count(*), min(x0), max(x0) FROM {rows.select([moment_sql(rows.local)])} GROUP BY w"
    found = connection.sql(sql, params=rows.parameters).to_arrow_table()
    keys, counts, first, last = found.columns
    chosen = sum(counts.to_pylist())
    reasons = [reason for reason, _, _ in rows.conditions]
    why = left_out(connection, rows, read - chosen)
    places = [reasons.index(one.reason) for one in why]
    left = counted_rows(column=[EXCLUDED] * len(why), window=[0] * len(why), cell=places, n=[one.rows for one in why])
    return pa.concat_tables(
        [counted_rows(column=[ROWS] * len(keys), window=keys, cell=[0] * len(keys), n=counts, first=first, last=last), left]
    )


def level_rows(connection: duckdb.DuckDBPyConnection, rows: Rows, levels: Sequence[str], before: int) -> pa.Table:
    """Return the rows of each level of some columns, of which `before` come first, by window."""
    found = connection.sql(rows_by_level(rows.select(levels), len(levels)), params=rows.parameters).to_arrow_table()
    masks = np.array([set_mask(i, len(levels)) for i in range(len(levels))], dtype=np.int64)
    order = np.argsort(masks)
    column = before + order[np.searchsorted(masks[order], found.column("s").to_numpy())]
    return counted_rows(
        column=column, window=found.column("w"), cell=np.zeros(len(column)), level=found.column("level"), n=found.column("n")
    )


def number_rows(column: int, keys: Ints, counts: ColumnCounts) -> pa.Table:
    """Return the counts of a column of numbers in windows with these keys (w,)."""
    window, cell = np.nonzero(counts.counts)
    cells = counted_rows(column=np.full(len(window), column), window=keys[window], cell=cell, n=counts.counts[window, cell])
    sums, parts = counts.sums.carried(), [cells]
    known = np.isfinite(counts.low)
    for j in range(sums.low.shape[1]):
        at = np.flatnonzero(known if j == 0 else known & ((sums.low[:, j] != 0) | (sums.high[:, j] != 0) | (sums.top[:, j] != 0)))
        own = {"column": np.full(len(at), column), "window": keys[at]}
        ends = {"least": counts.low[at] + 0.0, "most": counts.high[at] + 0.0} if j == 0 else {}
        parts.append(counted_rows(**own, cell=np.full(len(at), -1 - 2 * j), n=sums.low[at, j], **ends))
        parts.append(counted_rows(**own, cell=np.full(len(at), -2 - 2 * j), n=sums.high[at, j], top=sums.top[at, j]))
    return pa.concat_tables(parts)


def counted_rows(**columns: Any) -> pa.Table:
    """Return rows of `SCHEMA`; what is not given is null."""
    given = {name: pa.chunked_array([values]) if isinstance(values, pa.Array) else values for name, values in columns.items()}
    length = len(next(iter(given.values())))
    arrays = [_array(given[field.name], field.type) if field.name in given else pa.nulls(length, field.type) for field in SCHEMA]
    return pa.table(arrays, schema=SCHEMA)


def _array(values: Any, kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
    return values.cast(kind) if isinstance(values, pa.ChunkedArray) else pa.array(values).cast(kind)


def added(tables: Sequence[pa.Table]) -> pa.Table:
    """Add up tables of disjoint rows."""
    every = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
    found = every.group_by(list(KEYS), use_threads=False).aggregate(list(ADDED.items()))
    named = {f"{name}_{how}": name for name, how in ADDED.items()}
    return found.rename_columns([named.get(name, name) for name in found.column_names]).select(SCHEMA.names).cast(SCHEMA)
