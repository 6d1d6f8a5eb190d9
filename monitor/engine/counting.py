"""The profile: every column counted on its cells by window, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.engine.cells import cells_key
from monitor.engine.rows import Rows, left_out, select_rows
from monitor.engine.running import Cancel, Progress, Watch, fetch
from monitor.engine.selection import Selection
from monitor.engine.splitting import Split, part_key
from monitor.engine.store import digest
from monitor.engine.tally import Plan, tally
from monitor.engine.windows import NO_TIME, moment_sql, windows_of, within_calendar
from monitor.engine.workspace import Workspace
from monitor.errors import SelectionError
from monitor.profile import Cells, ColumnCounts, Excluded, Ints, Profile, Windows
from monitor.sums import Sums

MOST_PARTS = 50_000
"""Windows times parts that are counted at once."""


def profile(
    workspace: Workspace,
    selection: Selection,
    *,
    cells: Mapping[str, Cells],
    windows: WindowSize,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Profile:
    """Count the selection on `cells` by window.

    Windows without rows are left out, so that profiles of disjoint rows add up to the profile of their union. The result is
    stored under the fingerprint of the data, the selection, the windows and the cells.

    Raises
    ------
    SelectionError
        When nothing is selected, or the windows need a timestamp that is not there, or are more than 5,000.
    CancelledError
        When `cancel` was set.
    """
    watch = Watch(progress, cancel)
    key = _key(workspace, selection, cells, windows)
    stored = workspace.store.load("profile", key)
    if stored is not None:
        watch.tell(1.0, "reading the stored profile")
        return _thaw(cells, *stored)
    kept = workspace.kept if selection.data == "production" else None
    result = kept.profile(workspace, selection, cells, windows, watch) if kept else None
    if result is None:
        result = (_count if workspace.counter is None else workspace.counter.count)(workspace, selection, cells, windows, watch)
    _save(workspace, key, result)
    watch.tell(1.0, "counting")
    return result


def _count(workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize, watch: Watch) -> Profile:
    measured = workspace.measured(cells) if cells else ()
    rows = select_rows(workspace, selection, windows, [m.column for m in measured])
    with workspace.cursor() as cursor:
        found, keys, counts = find_windows(cursor, workspace, rows, windows, watch.part(0.0, 0.1))
        excluded = left_out(cursor, rows, workspace.rows(selection.data) - int(counts.sum()))
        plan = Plan(workspace.schema, selection.data, rows, measured, cells, keys, counts)
        columns = tally(cursor, plan, watch.part(0.1, 1.0))
    return Profile(found, counts, {name: columns[name] for name in cells}, excluded)


def profile_by(
    workspace: Workspace,
    selection: Selection,
    *,
    split: Split,
    cells: Mapping[str, Cells],
    windows: WindowSize,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Profile, ...]:
    """Count the selection as `profile` does, each part of `split` apart, in one pass.

    Return one profile per part, all with the windows of the whole selection (a part may have no row in some), so that they add up to it.

    Raises
    ------
    SelectionError
        As `profile`, or when there are more than 50,000 windows times parts.
    """
    watch = Watch(progress, cancel)
    key = digest(_key(workspace, selection, cells, windows), split)
    stored = workspace.store.load("profile", key)
    if stored is not None:
        return _apart(_thaw(cells, *stored), split)
    measured = workspace.measured(cells)
    rows = select_rows(workspace, selection, windows, [*(m.column for m in measured), split.column])
    with workspace.cursor() as cursor:
        found, keys, counts = find_windows(cursor, workspace, rows, windows, watch.part(0.0, 0.1))
        if len(keys) * split.parts > MOST_PARTS:
            raise SelectionError(f"{len(keys)} windows cannot be cut into {split.parts} parts each. Choose larger windows.")
        excluded = left_out(cursor, rows, workspace.rows(selection.data) - int(counts.sum()))
        apart = replace(rows, key=part_key(workspace, split, rows.key, selection.data))
        both = (keys[:, None] * split.parts + np.arange(split.parts)).ravel()
        columns = tally(cursor, Plan(workspace.schema, selection.data, apart, measured, cells, both, counts), watch.part(0.1, 1.0))
    ids = tuple(f"{name} {part}" for name in found.ids for part in range(split.parts))
    every = Windows(ids, np.repeat(found.start, split.parts), np.repeat(found.end, split.parts))
    result = Profile(every, next(iter(columns.values())).rows, {name: columns[name] for name in cells}, excluded)
    _save(workspace, key, result)
    return _apart(result, split)


def _apart(every: Profile, split: Split) -> tuple[Profile, ...]:
    """Return the profile of each part; windows of `every` are called "<window> <part>"."""
    ids = [name.rpartition(" ")[0] for name in every.windows.ids[:: split.parts]]
    places = range(0, len(every.windows), split.parts)
    return tuple(every.take([[first + part] for first in places], ids) for part in range(split.parts))


def _nothing(cursor: duckdb.DuckDBPyConnection, workspace: Workspace, rows: Rows) -> str:
    """Say why no row is selected."""
    if rows.local is not None:
        sql = f"SELECT count(*) FROM {rows.relation} WHERE {within_calendar(rows.local)}"
        if fetch(cursor, sql, text="looking for times").column(0)[0].as_py() == 0:
            stamp = workspace.case.roles.timestamp
            return (
                f"Nothing is selected: no row has a time between 1678 and 2261 in '{stamp}'. Name another column as timestamp in [roles]."
            )
    return "Nothing is selected: no row meets the period, segment and model version. Widen them."


def find_windows(
    cursor: duckdb.DuckDBPyConnection, workspace: Workspace, rows: Rows, size: WindowSize, watch: Watch
) -> tuple[Windows, Ints, Ints]:
    """Return the windows that have rows, their keys (ascending) and their numbers of rows."""
    sql = f"SELECT w, count(*), min(x0), max(x0) FROM {rows.select([moment_sql(rows.local)])} GROUP BY w ORDER BY w"
    table = fetch(cursor, sql, rows.parameters, text="finding the windows", watch=watch)
    keys, counts = _integers(table.column(0)), _integers(table.column(1))
    if not len(keys):
        raise SelectionError(_nothing(cursor, workspace, rows))
    bounds = [_integers(table.column(i).fill_null(NO_TIME)) for i in (2, 3)]
    return windows_of(keys, (bounds[0], bounds[1]), size, workspace.case.timezone), keys, counts


def _integers(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _key(workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize) -> str:
    case = workspace.case
    read = [(info.name, info.kind, info.encoding, sorted(info.types.items())) for info in workspace.columns.values()]
    settings = [selection, str(windows), case.timezone, case.roles.timestamp, case.roles.model_version, read]
    return digest("profile with its first row", workspace.fingerprint(selection.data), settings, cells_key(cells.values()))


_ARRAYS = ("counts", "low", "high", "unseen", "seen_once", "distinct", "alone", "fresh")
_PARTS = ("top", "high", "low")


def _save(workspace: Workspace, key: str, result: Profile) -> None:
    arrays: dict[str, NDArray[Any]] = {"rows": result.rows, "start": result.windows.start, "end": result.windows.end}
    arrays["first"] = np.array([result.windows.first], dtype="datetime64[us]")
    for i, column in enumerate(result.columns.values()):
        arrays.update({f"{name}{i}": getattr(column, name) for name in _ARRAYS})
        arrays.update({f"sums_{name}{i}": getattr(column.sums, name) for name in _PARTS})
    facts = {
        "ids": result.windows.ids,
        "excluded": [(part.reason, part.rows) for part in result.excluded],
        "new_levels": [[dict(levels) for levels in column.new_levels] for column in result.columns.values()],
    }
    workspace.store.save("profile", key, arrays, facts)


def _thaw(cells: Mapping[str, Cells], arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> Profile:
    columns = {
        name: ColumnCounts(
            cells=cell,
            sums=Sums(*(arrays[f"sums_{part}{i}"] for part in _PARTS)),
            new_levels=tuple(facts["new_levels"][i]),
            **{part: arrays[f"{part}{i}"] for part in _ARRAYS},
        )
        for i, (name, cell) in enumerate(cells.items())
    }
    windows = Windows(tuple(facts["ids"]), arrays["start"], arrays["end"], arrays["first"][0])
    return Profile(windows, arrays["rows"], columns, tuple(Excluded(reason, rows) for reason, rows in facts["excluded"]))
