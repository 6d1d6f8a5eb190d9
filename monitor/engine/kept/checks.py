"""Failed checks of a partition by day, and how those of many add up: a value stuck over midnight is seen at the ends of days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from monitor.case import WindowSize
from monitor.engine.checks import ALL_ROWS, CheckCounts, count_checks
from monitor.engine.columns import Measured, Transform
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.kept.counting import DAY, NEW, days_of, window_sql
from monitor.engine.kept.manifest import Partition
from monitor.engine.rows import select_rows, time_order
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.profile import Ints
from monitor.vocabulary import Kind, Role

STUCK, DUPLICATE_IDS = "stuck", "duplicate_ids"
ORDER = (
    "date",
    "whitespace",
    "encoding",
    "default_value",
    "zeros",
    STUCK,
    "impossible",
    "precision",
    "precision_tenths",
    "mixed_types",
    "duplicate_rows",
    DUPLICATE_IDS,
)
"""The order in which `count_checks` has the checks of a column."""
SCHEMA = pa.schema(
    {
        "window": pa.int64(),
        "column": pa.string(),
        "check": pa.string(),
        "hits": pa.int64(),
        "known": pa.int64(),
        "first": pa.float64(),
        "last": pa.float64(),
    }
)
"""One row per day, column and check. Of `stuck` the hits are those within the day, `first` and `last` the values of its first and last
row (null: missing), so that whether a value goes on over midnight is known whichever days are put together."""


@dataclass(frozen=True, slots=True)
class Summed:
    """Failing rows and rows asked, (w,) each, by column and check."""

    counts: Mapping[tuple[str, str], tuple[Ints, Ints]]


def check_partition(workspace: Workspace, columns: Sequence[str]) -> pa.Table:
    """Count the rows of all of production that fail each check, by day."""
    found = count_checks(workspace, NEW, DAY, columns)
    stuck = [column for column, check in found.counts if check == STUCK]
    ends = _ends(workspace, stuck) if stuck else {}
    keys = _keys(found)
    tables = []
    for (column, check), one in found.counts.items():
        if check == DUPLICATE_IDS:
            continue  # ids are kept, and may repeat in another partition
        first, last = ends.get(column, (None, None))
        hits = one.hits if first is None or last is None or check != STUCK else one.hits - np.append(False, first[1:] == last[:-1])
        told = (first, last) if check == STUCK else (None, None)
        tables.append(_table(keys, column, check, hits, one.known, told))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _keys(found: CheckCounts) -> Ints:
    """Return the keys of the days, of their ids."""
    return np.asarray((np.array(found.windows.ids, dtype="datetime64[D]") - np.datetime64("2000-01-03")).astype(np.int64))


def _table(keys: Ints, column: str, check: str, hits: Ints, known: Ints, ends: tuple[object, object]) -> pa.Table:
    told = [
        pa.nulls(len(keys), pa.float64()) if one is None else pa.array(np.asarray(one, dtype=np.float64), from_pandas=True) for one in ends
    ]
    names = [pa.array([name] * len(keys), pa.string()) for name in (column, check)]
    return pa.table([pa.array(keys), *names, pa.array(hits.astype(np.int64)), pa.array(known), *told], schema=SCHEMA)


def _ends(workspace: Workspace, columns: Sequence[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the value of the first and of the last row of each day, nan where it has none, by column."""
    infos = [workspace.schema.info(name) for name in columns]
    values = [workspace.schema.sql(Measured(one.name, one.name, Kind.NUMERIC, Transform.NONE, Role.FEATURE), "production") for one in infos]
    rows = select_rows(workspace, NEW, DAY, columns, ordered=True)
    order = time_order(rows.local)
    places = [f"row_number() OVER (PARTITION BY {rows.key} ORDER BY {order})", f"count(*) OVER (PARTITION BY {rows.key})"]
    n = len(values)
    names = ", ".join(f"x{i}" for i in range(n))
    at_end = f"x{n} = x{n + 1}"
    chosen = f"{rows.select([*values, *places])} WHERE x{n} = 1 OR {at_end}"
    sql = f"SELECT w, x{n} = 1 AS begins, {at_end} AS ends, {names} FROM {chosen} ORDER BY w, x{n}"
    with workspace.cursor() as cursor, translated("looking at the ends of days"):
        table = cursor.sql(sql, params=rows.parameters).to_arrow_table()
    sides = [table.filter(table.column(name)) for name in ("begins", "ends")]
    return {name: (_floats(sides[0], i), _floats(sides[1], i)) for i, name in enumerate(columns)}


def _floats(table: pa.Table, place: int) -> np.ndarray:
    return np.asarray(table.column(f"x{place}").to_numpy(), dtype=np.float64)


def sum_checks(
    workspace: Workspace, folder: Path, partitions: Sequence[Partition], selection: Selection, size: WindowSize, columns: Collection[str]
) -> Summed:
    """Add up the failed checks of partitions by window; repeated ids are looked for in the narrow rows."""
    listed = ", ".join(literal(str(folder / one.file)) for one in sorted(partitions, key=lambda one: (one.first, one.key)))
    names = ", ".join(literal(name) for name in (*columns, ALL_ROWS))
    days = days_of(selection, workspace.case.timezone)
    order = '"window", file_index'
    over = f'(PARTITION BY "column", "check" ORDER BY {order})'
    # The row before the first one of a day is the last one of the day before, whichever partition that lies in.
    goes_on = f'CAST(coalesce("check" = {literal(STUCK)} AND "first" = lag("last") OVER {over}, false) AS BIGINT)'
    sql = f"""
        SELECT w, "column", "check", CAST(sum(hits) AS BIGINT) AS hits, CAST(sum(known) AS BIGINT) AS known
        FROM (
            SELECT {window_sql(size)} AS w, "column", "check", hits + {goes_on} AS hits, known
            FROM read_parquet([{listed}]) WHERE "column" IN ({names}) AND {days}
        ) GROUP BY ALL ORDER BY w
        """
    with workspace.cursor() as cursor, translated("adding up checks"):
        table = cursor.sql(sql).to_arrow_table()
        ids = _repeated_ids(workspace, selection, size)
    keys = np.unique(table.column("w").to_numpy())
    at = np.searchsorted(keys, table.column("w").to_numpy())
    counts: dict[tuple[str, str], tuple[Ints, Ints]] = {}
    both = list(zip(table.column("column").to_pylist(), table.column("check").to_pylist(), strict=True))
    hits, known = table.column("hits").to_numpy(), table.column("known").to_numpy()
    for place, name in enumerate(both):
        own = counts.setdefault(name, (np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)))
        own[0][at[place]], own[1][at[place]] = hits[place], known[place]
    if ids is not None:
        counts[(ALL_ROWS, DUPLICATE_IDS)] = ids
    place_of = {name: i for i, name in enumerate((*columns, ALL_ROWS))}
    ordered = sorted(counts, key=lambda one: (place_of[one[0]], ORDER.index(one[1])))
    return Summed({name: counts[name] for name in ordered})


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
