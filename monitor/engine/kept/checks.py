"""Failed checks of a partition by day, and how those of many add up: a value stuck over midnight is seen at the ends of days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from monitor.case import WindowSize
from monitor.engine.check_kernel import Counted
from monitor.engine.checks import ALL_ROWS, ORDER, CheckCounts, count_checks
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.kept.counting import DAY, NEW, days_of, window_sql
from monitor.engine.kept.manifest import Partition
from monitor.engine.rows import select_rows
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.profile import Floats, Ints, Profile

STUCK, DUPLICATE_IDS = "stuck", "duplicate_ids"
SCHEMA = pa.schema(
    {
        "window": pa.int64(),
        "column": pa.string(),
        "check": pa.string(),
        "hits": pa.int64(),
        "known": pa.int64(),
        "first": pa.float64(),
        "last": pa.float64(),
        "rows_hit": pa.int64(),
        "rows_known": pa.int64(),
    }
)
"""One row per day, column and check. `rows_hit` and `rows_known` are rows where a check is judged by different values, null else, and not
there in stores that were written before. Of `stuck` the hits are those within the day, `first` and `last` the values of its first and last
row (null: missing), so that whether a value goes on over midnight is known whichever days are put together."""


_ADDED = ("hits", "known", "rows_hit", "rows_known")


@dataclass(frozen=True, slots=True)
class Summed:
    """What fails by column and check, in the windows `counted`."""

    counted: Profile
    counts: Mapping[tuple[str, str], Counted]


def check_partition(workspace: Workspace, columns: Sequence[str]) -> pa.Table:
    """Count the rows of all of production that fail each check, by day."""
    found = count_checks(workspace, NEW, DAY, columns, ids=False)  # ids are kept, and may repeat in another partition
    keys = _keys(found)
    tables = []
    for (column, check), one in found.counts.items():
        ends = found.ends[column] if check == STUCK else None
        hits = one.hits - np.append(False, ends.first[1:] == ends.last[:-1]) if ends else one.hits
        first, last = (ends.first, ends.last) if ends else (None, None)
        tables.append(_table(keys, (column, check), [hits, one.known, first, last, *(one.rows or (None, None))]))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _keys(found: CheckCounts) -> Ints:
    """Return the keys of the days, of their ids."""
    return np.asarray((np.array(found.windows.ids, dtype="datetime64[D]") - np.datetime64("2000-01-03")).astype(np.int64))


def _table(keys: Ints, of: tuple[str, str], told: Sequence[Ints | Floats | None]) -> pa.Table:
    """Return the rows of one check of one column; `told` are the fields of SCHEMA from the hits on, None: null."""
    fields = [field.type for field in SCHEMA][3:]
    values = [
        pa.nulls(len(keys), sort) if one is None else pa.array(one, sort, from_pandas=True) for one, sort in zip(told, fields, strict=True)
    ]
    return pa.table([pa.array(keys), *(pa.array([name] * len(keys), pa.string()) for name in of), *values], schema=SCHEMA)


def sum_checks(
    workspace: Workspace,
    folder: Path,
    partitions: Sequence[Partition],
    counted: Profile,
    selection: Selection,
    size: WindowSize,
    columns: Collection[str],
) -> Summed:
    """Add up the failed checks of partitions by window; repeated ids are looked for in the narrow rows."""
    listed = ", ".join(literal(str(folder / one.file)) for one in sorted(partitions, key=lambda one: (one.first, one.key)))
    names = ", ".join(literal(name) for name in (*columns, ALL_ROWS))
    days = days_of(selection, workspace.case.timezone)
    order = '"window", file_index'
    over = f'(PARTITION BY "column", "check" ORDER BY {order})'
    # The row before the first one of a day is the last one of the day before, whichever partition that lies in.
    goes_on = f'CAST(coalesce("check" = {literal(STUCK)} AND "first" = lag("last") OVER {over}, false) AS BIGINT)'
    without = "SELECT CAST(NULL AS BIGINT) AS rows_hit, CAST(NULL AS BIGINT) AS rows_known WHERE false"  # of older stores
    every = f"SELECT *, file_index FROM read_parquet([{listed}], union_by_name = true) UNION ALL BY NAME {without}"
    sql = f"""
        SELECT w, "column", "check", {", ".join(f"CASE WHEN count(*) = count({one}) THEN CAST(sum({one}) AS BIGINT) END" for one in _ADDED)}
        FROM (
            SELECT {window_sql(size)} AS w, "column", "check", hits + {goes_on} AS hits, known, rows_hit, rows_known
            FROM ({every}) WHERE "column" IN ({names}) AND {days}
        ) GROUP BY ALL ORDER BY w
        """
    with workspace.cursor() as cursor, translated("adding up checks"):
        table = cursor.sql(sql).to_arrow_table()
        ids = _repeated_ids(workspace, selection, size)
    keys = np.unique(table.column("w").to_numpy())
    both = list(zip(table.column("column").to_pylist(), table.column("check").to_pylist(), strict=True))
    places: dict[tuple[str, str], list[int]] = {}
    for place, name in enumerate(both):
        places.setdefault(name, []).append(place)
    counts = {name: _counted(table.take(rows), keys) for name, rows in places.items()}
    if ids is not None:
        counts[(ALL_ROWS, DUPLICATE_IDS)] = Counted(*ids)
    place_of = {name: i for i, name in enumerate((*columns, ALL_ROWS))}
    ordered = sorted(counts, key=lambda one: (place_of[one[0]], ORDER.index(one[1])))
    return Summed(counted, {name: counts[name] for name in ordered})


def _counted(table: pa.Table, keys: Ints) -> Counted:
    """Return what fails one check by window; rows only where all days have them."""
    at = np.searchsorted(keys, table.column("w").to_numpy())
    found = [np.zeros(len(keys), dtype=np.int64) for _ in _ADDED]
    for sums, column in zip(found, table.columns[3:], strict=True):
        sums[at] = column.fill_null(0).to_numpy()
    return Counted(found[0], found[1], None if table.columns[5].null_count else (found[2], found[3]))


def _repeated_ids(workspace: Workspace, selection: Selection, size: WindowSize) -> tuple[Ints, Ints] | None:
    name = workspace.case.roles.id
    if name is None or name not in workspace.source("production").types:
        return None
    rows = select_rows(workspace, selection, size, [name])
    value = f"CAST({quote(name)} AS VARCHAR)"
    sql = f"SELECT w, count(x0), count(x0) - count(DISTINCT x0) FROM {rows.select([value])} GROUP BY w ORDER BY w"
    with workspace.cursor() as cursor, translated("counting repeated ids"):
        table = cursor.sql(sql, params=rows.parameters).to_arrow_table()
    return table.column(2).to_numpy().astype(np.int64), table.column(1).to_numpy().astype(np.int64)
