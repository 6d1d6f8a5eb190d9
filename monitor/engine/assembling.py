"""From a selection to a task that anybody can count, and from the counts of all its rows back to a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.case import WindowSize
from monitor.engine.cells import SETS_AT_ONCE, set_mask
from monitor.engine.columns import Measured
from monitor.engine.counter import Survey
from monitor.engine.identifiers import quote
from monitor.engine.partial import EXCLUDED, ROWS, Task
from monitor.engine.rows import columns_needed, select_rows
from monitor.engine.running import Watch
from monitor.engine.selection import Selection
from monitor.engine.tally import Counted, count_levels
from monitor.engine.windows import NO_TIME, windows_of
from monitor.engine.workspace import Workspace
from monitor.errors import SelectionError
from monitor.profile import Cells, ColumnCounts, Excluded, Ints, Profile
from monitor.sums import Sums
from monitor.vocabulary import Kind

TABLE = "counted_elsewhere"


@dataclass(frozen=True, slots=True)
class Counting:
    """A selection by windows of `size`, as a `task`, with the columns `names` in the order that the task has them in."""

    task: Task
    numbers: tuple[Measured, ...]
    levels: tuple[Measured, ...]
    cells: Mapping[str, Cells]
    size: WindowSize


def plan_counting(workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], size: WindowSize) -> Counting:
    """Return what has to be counted, each row by itself.

    Raises
    ------
    SelectionError
        It takes more than one row to know what counts: windows of rows, one file of several, labels that are joined.
    """
    measured = workspace.measured(cells) if cells else ()
    numbers = tuple(m for m in measured if m.kind is Kind.NUMERIC)
    levels = tuple(m for m in measured if m.kind is not Kind.NUMERIC)
    needed = columns_needed(workspace, selection, [m.column for m in measured])
    _by_row(workspace, selection, size, needed)
    data, schema = selection.data, workspace.schema
    types = workspace.source(data).types
    task = Task(
        types=tuple((name, types[name]) for name in sorted(needed)),
        rows=select_rows(workspace, selection, size, [m.column for m in measured], read=False),
        numbers=tuple(schema.sql(m, data) for m in numbers),
        cells=tuple(cells[m.name] for m in numbers),
        levels=tuple(schema.sql(m, data) for m in levels),
        timezone=workspace.case.timezone,
    )
    return Counting(task, numbers, levels, cells, size)


def _by_row(workspace: Workspace, selection: Selection, size: WindowSize, needed: frozenset[str]) -> None:
    if size.unit == "rows":
        raise SelectionError(
            f"Windows of {size} need the order of all rows, which Spark does not keep. Use windows of time or whole, or --engine duckdb."
        )
    if any(one.file is not None for one in (selection, *selection.left_out)):
        raise SelectionError("Rows are told apart by file only with --engine duckdb. Leave the file away.")
    late = sorted(name for name in needed if workspace.columns[name].late) if needed else []
    if late:
        raise SelectionError(f"'{late[0]}' comes from the labels source, which is joined only with --engine duckdb. Leave it away.")


def profile_of(cursor: duckdb.DuckDBPyConnection, counted: pa.Table, plan: Counting, watch: Watch) -> Profile:
    """Return the profile that a table of counts (partial.SCHEMA) of all rows adds up to.

    Raises
    ------
    SelectionError
        No row is selected, or there are more windows than anybody can look at.
    """
    rows = counted.filter(pc.equal(counted["column"], ROWS)).sort_by("window")
    keys, counts = _whole(rows["window"]), _whole(rows["n"])
    if not len(keys):
        raise SelectionError("Nothing is selected: no row meets the period, segment and model version. Widen them.")
    bounds = (_whole(rows["first"].fill_null(NO_TIME)), _whole(rows["last"].fill_null(NO_TIME)))
    windows = windows_of(keys, bounds, plan.size, plan.task.timezone)
    found = dict(zip((m.name for m in plan.numbers), _numbers(counted, plan.task.cells, keys), strict=True))
    found |= _levels(cursor, counted, plan, keys, watch)
    return Profile(windows, counts, {name: found[name] for name in plan.cells}, _excluded(counted, plan))


def survey_of(counted: pa.Table, plan: Counting) -> Survey:
    """Return the range of each column of numbers, which of them have infinite ones, and the levels of each other one."""
    ends = counted.filter(pc.equal(counted["cell"], -1))
    found = {i: (low, high) for i, low, high in zip(*(ends[name].to_pylist() for name in ("column", "least", "most")), strict=True)}
    none = (float("nan"), float("nan"))
    bounds = {m.name: found.get(i, none) for i, m in enumerate(plan.numbers)}
    named = counted.filter(counted["level"].is_valid())
    rows: dict[int, list[tuple[str, int]]] = {}
    for i, level, n in zip(*(named[name].to_pylist() for name in ("column", "level", "n")), strict=True):
        rows.setdefault(i, []).append((level, n))
    common = {i: sorted(levels, key=lambda one: (-one[1], one[0])) for i, levels in rows.items()}
    other = counted.filter(pc.equal(counted["cell"], 1))["column"].to_pylist()  # of the two cells beside the one for all finite values
    infinite = frozenset(m.name for i, m in enumerate(plan.numbers) if i in other)
    return Survey(bounds, {m.name: common.get(len(plan.numbers) + i, []) for i, m in enumerate(plan.levels)}, infinite)


def _whole(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _excluded(counted: pa.Table, plan: Counting) -> tuple[Excluded, ...]:
    left = counted.filter(pc.equal(counted["column"], EXCLUDED)).sort_by("cell")
    reasons, total = [reason for reason, _, _ in plan.task.rows.conditions], dict[str, int]()
    for place, rows in zip(left["cell"].to_pylist(), left["n"].to_pylist(), strict=True):
        total[reasons[place]] = total.get(reasons[place], 0) + rows
    return tuple(Excluded(reason, rows) for reason, rows in total.items())


def _numbers(counted: pa.Table, cells: Sequence[Cells], keys: Ints) -> list[ColumnCounts]:
    """Read the counts of columns of numbers: rows by cell, and what stands in cells below 0."""
    counted = counted.select(["column", "window", "cell", "n", "top", "least", "most"])
    own = counted.filter(pc.and_(pc.greater_equal(counted["column"], 0), pc.less(counted["column"], len(cells)))).sort_by("column")
    column, cell, n = _whole(own["column"]), _whole(own["cell"]), _whole(own["n"])
    window = np.searchsorted(keys, _whole(own["window"]))
    top, low, high = (own[name].to_numpy() for name in ("top", "least", "most"))
    bounds = np.searchsorted(column, np.arange(len(cells) + 1))
    found = []
    for i, one in enumerate(cells):
        part = slice(bounds[i], bounds[i + 1])
        inside = np.flatnonzero(cell[part] >= 0)
        counts, sums = np.zeros((len(keys), one.width), dtype=np.int64), Sums.none(len(keys), 6)
        counts[window[part][inside], cell[part][inside]] = n[part][inside]
        parts = np.flatnonzero(cell[part] < 0)
        at, which, values = window[part][parts], -1 - cell[part][parts], n[part][parts]
        lower = which % 2 == 0
        sums.low[at[lower], which[lower] // 2] = values[lower]
        sums.high[at[~lower], which[~lower] // 2] = values[~lower]
        sums.top[at[~lower], which[~lower] // 2] = top[part][parts][~lower]
        ends = np.full((2, len(keys)), np.nan)
        first = which == 0
        ends[0, at[first]], ends[1, at[first]] = low[part][parts][first], high[part][parts][first]
        found.append(ColumnCounts.of_numbers(one, counts, sums.carried(), ends[0], ends[1]))
    return found


def _levels(cursor: duckdb.DuckDBPyConnection, counted: pa.Table, plan: Counting, keys: Ints, watch: Watch) -> dict[str, ColumnCounts]:
    found: dict[str, ColumnCounts] = {}
    before = len(plan.numbers)
    cursor.register(TABLE, counted)
    for start in range(0, len(plan.levels), SETS_AT_ONCE):
        part = plan.levels[start : start + SETS_AT_ONCE]
        masks = " ".join(f"WHEN {before + start + i} THEN {set_mask(i, len(part))}" for i in range(len(part)))
        own = f'"column" BETWEEN {before + start} AND {before + start + len(part) - 1}'
        sql = f'SELECT "window" AS w, CASE "column" {masks} END AS s, level, n FROM {quote(TABLE)} WHERE {own}'
        cells = [plan.cells[m.name] for m in part]
        found |= dict(zip((m.name for m in part), count_levels(cursor, Counted(sql), cells, keys, watch), strict=True))
    cursor.unregister(TABLE)
    return found
