"""A partition counted: everything by day, in the form that adds up (partial.SCHEMA), and a profile read back from many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from monitor.case import WindowSize
from monitor.engine.assembling import Counting, profile_of
from monitor.engine.cells import SETS_AT_ONCE
from monitor.engine.columns import Measured
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.partial import ROWS, SCHEMA, Task, counted_rows, level_rows, number_rows, window_rows
from monitor.engine.rows import Rows, select_rows
from monitor.engine.running import Watch
from monitor.engine.selection import Selection
from monitor.engine.tally import Plan, numbers_of
from monitor.engine.windows import key_sql
from monitor.engine.workspace import Workspace
from monitor.errors import RowsGoneError
from monitor.profile import Cells, Ints, Profile
from monitor.vocabulary import Kind

DAY = WindowSize(1, "day")
ORIGIN = "TIMESTAMP '2000-01-03'"
"""Start of the day with the key 0 (engine/windows.py)."""
NEW = Selection("production")


def count_partition(workspace: Workspace, cells: Mapping[str, Cells], order: Sequence[str], watch: Watch) -> pa.Table:
    """Count all of production by day on `cells`; `order` gives each column its position. A column that it lacks is missing in all rows.

    Raises
    ------
    SelectionError
        No row has a time.
    """
    measured = [one for one in workspace.measured() if one.name in cells]
    position = {name: i for i, name in enumerate(order)}
    rows = select_rows(workspace, NEW, DAY, [one.column for one in measured])
    with workspace.cursor() as cursor:
        _, keys, counts = find_windows(cursor, workspace, rows, DAY, Watch(cancel=watch.cancel))
        tables = [window_rows(cursor, rows, int(counts.sum()))]
        numbers = [one for one in measured if one.kind is Kind.NUMERIC]
        plan = Plan(workspace.schema, "production", rows, tuple(measured), cells, keys, counts)
        found = numbers_of(cursor, plan, numbers, watch) if numbers else {}
        tables += [number_rows(position[name], keys, one) for name, one in found.items()]
        levels = [one for one in measured if one.kind is not Kind.NUMERIC]
        for start in range(0, len(levels), SETS_AT_ONCE):
            part = levels[start : start + SETS_AT_ONCE]
            with translated("counting levels"):
                table = level_rows(cursor, rows, plan.expressions(part), 0)
            tables.append(_moved(table, [position[one.name] for one in part]))
    known = {one.name for one in measured}
    tables += [_without_values(position[name], cells[name], keys, counts) for name in order if name not in known]
    return pa.concat_tables(tables)


def _moved(table: pa.Table, positions: Sequence[int]) -> pa.Table:
    """Return rows by level with columns at other positions."""
    moved = np.asarray(positions, dtype=np.int32)[table.column("column").to_numpy()]
    return table.set_column(0, SCHEMA.field("column"), pa.array(moved, pa.int32()))


def _without_values(position: int, cells: Cells, keys: Ints, counts: Ints) -> pa.Table:
    cell = cells.width - 1 if cells.numeric else 0
    return counted_rows(column=np.full(len(keys), position), window=keys, cell=np.full(len(keys), cell), n=counts)


def day_key(moment: datetime, timezone: str) -> int | None:
    """Return the key of the day that begins at a moment on the local clock; None where none does."""
    local = moment.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    since = local - datetime.fromisoformat("2000-01-03")
    return since.days if since.seconds == since.microseconds == 0 else None


def made_of_days(size: WindowSize) -> bool:
    """Say whether windows of a size are made of whole days."""
    return size.unit in ("day", "week", "month", "whole")


def add_up(
    workspace: Workspace,
    files: Sequence[str],
    selection: Selection,
    order: Sequence[str],
    cells: Mapping[str, Cells],
    size: WindowSize,
    *,
    apart: bool,
) -> Profile:
    """Return the profile that partitions add up to; `order` are the columns at their positions in the files, which have no day in
    common where they are `apart`: then days are what was counted, and nothing is left to add."""
    measured = workspace.measured(cells)
    numbers = tuple(one for one in measured if one.kind is Kind.NUMERIC)
    levels = tuple(one for one in measured if one.kind is not Kind.NUMERIC)
    task = Task((), Rows("", (), "0", None), ("",) * len(numbers), tuple(cells[one.name] for one in numbers), (), workspace.case.timezone)
    plan = Counting(task, numbers, levels, cells, size)
    with workspace.cursor() as cursor:
        chosen = _chosen_sql(files, _positions(order, (*numbers, *levels)), size, days_of(selection, workspace.case.timezone))
        sql = chosen if apart and size == DAY else _sum_sql(chosen)
        with translated("adding up partitions"):
            counted = cursor.sql(sql).to_arrow_table().cast(SCHEMA)
        return profile_of(cursor, counted, plan, Watch())


def days_of(selection: Selection, timezone: str) -> str:
    """Return SQL of which days a selection has, by "window".

    Raises
    ------
    RowsGoneError
        It begins or ends within a day.
    """
    parts = []
    for bound, sign in ((selection.start, ">="), (selection.end, "<")):
        if bound is not None:
            key = day_key(bound, timezone)
            if key is None:
                raise RowsGoneError(
                    f"The profile store counts whole days; {bound:%Y-%m-%d %H:%M} lies within one. Begin and end at midnight."
                )
            parts.append(f'"window" {sign} {key}')
    return " AND ".join(parts) or "true"


def window_sql(size: WindowSize) -> str:
    """Return SQL of the key of the window that the day "window" lies in."""
    return "0" if size.unit == "whole" else key_sql(size, f'({ORIGIN} + to_days(CAST("window" AS INTEGER)))')


def _positions(order: Sequence[str], measured: Sequence[Measured]) -> dict[int, int]:
    place = {name: i for i, name in enumerate(order)}
    return {place[one.name]: i for i, one in enumerate(measured)}


def _chosen_sql(files: Sequence[str], positions: Mapping[int, int], size: WindowSize, days: str) -> str:
    cases = " ".join(f"WHEN {old} THEN {new}" for old, new in positions.items())
    column = f'CAST(CASE "column" WHEN {ROWS} THEN {ROWS} {cases} END AS INTEGER)'
    listed = ", ".join(literal(file) for file in files)
    others = ", ".join(quote(name) for name in SCHEMA.names[2:])
    return f"""
        SELECT {column} AS "column", CAST({window_sql(size)} AS BIGINT) AS "window", {others}
        FROM read_parquet([{listed}])
        WHERE "column" IN ({", ".join(map(str, (ROWS, *positions)))}) AND {days}
        """


def _sum_sql(chosen: str) -> str:
    return f"""
        SELECT "column", "window", cell, level,
            CAST(sum(n) AS BIGINT) AS n, sum(top) AS top, min(least) AS least, max(most) AS most,
            min("first") AS "first", max("last") AS "last"
        FROM ({chosen}) GROUP BY ALL
        """
