"""What the reference shows of each column, by window: what a contract can be inferred from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.contract.model import MOST_LEVELS
from monitor.engine.columns import NUMBERS, ColumnInfo, as_level, as_number, family
from monitor.engine.contract import no_value
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import literal, quote
from monitor.engine.rows import select_rows
from monitor.engine.running import Cancel, Progress, Watch, fetch
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.errors import ColumnMissingError
from monitor.profile import Ints, Windows
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEvidence:
    """One column by window, (w,) each: `rows`, `missing`, `low` and `high` of numbers (nan else); `levels` rows of each level (w,) where
    they are few; `distinct` values of all; `whole`: only whole numbers."""

    name: str
    sort: str
    kind: Kind
    rows: Ints
    missing: Ints
    low: Floats
    high: Floats
    distinct: int
    whole: bool
    levels: Mapping[str, Ints]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the reference shows: columns by name, its `windows` and their `rows` (w,)."""

    windows: Windows
    rows: Ints
    columns: Mapping[str, ColumnEvidence]


def read_evidence(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    columns: Sequence[str],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Evidence:
    """Read what a data set shows of columns.

    Raises
    ------
    SelectionError
        Nothing is selected, or it cannot be cut into such windows.
    """
    data = selection.data
    infos = [workspace.schema.info(name) for name in columns]
    rows = select_rows(workspace, selection, size, columns)
    numbers = [as_number(one, data) if _is_number(one, data) else "CAST(NULL AS DOUBLE)" for one in infos]
    finite = [f"CASE WHEN isfinite({number}) THEN {number} END" for number in numbers]
    values = [*(no_value(one, data) for one in infos), *finite]
    many = len(infos)
    counted = "".join(
        f", count_if(x{i}), min(x{i + many}), max(x{i + many}), bool_and(x{i + many} = trunc(x{i + many}))" for i in range(many)
    )
    different = ", ".join(f"approx_count_distinct({quote(one.name)})" for one in infos)
    with workspace.cursor() as cursor:
        windows, keys, found = find_windows(cursor, workspace, rows, size, Watch(cancel=cancel))
        sql = f"SELECT w{counted} FROM {rows.select(values)} GROUP BY w ORDER BY w"
        table = fetch(cursor, sql, rows.parameters, text="reading what the reference shows", watch=Watch(progress, cancel))
        relation = f"{rows.relation} WHERE {rows.where}"
        near = fetch(cursor, f"SELECT {different} FROM {relation}", rows.parameters, text="counting values") if infos else None
    about = {one.name: int(near.column(i)[0].as_py()) for i, one in enumerate(infos)} if near is not None else {}
    made = {}
    for i, one in enumerate(infos):
        part = [table.column(1 + 4 * i + j) for j in range(4)]
        few = _is_listed(one, data) and about[one.name] <= 2 * MOST_LEVELS
        levels = _levels(workspace, selection, size, one, keys) if few else {}
        made[one.name] = ColumnEvidence(
            name=one.name,
            sort=family(one.types.get(data, one.type)),
            kind=one.kind,
            rows=found,
            missing=np.asarray(part[0].to_numpy(), dtype=np.int64),
            low=_floats(part[1]),
            high=_floats(part[2]),
            distinct=len(levels) if levels else about[one.name],
            whole=all(value is not False for value in part[3].to_pylist()),
            levels=levels,
        )
    return Evidence(windows=windows, rows=found, columns=made)


def _floats(column: object) -> Floats:
    return np.asarray([np.nan if value is None else value for value in column.to_pylist()], dtype=np.float64)  # type: ignore[attr-defined]


def _is_number(info: ColumnInfo, data: str) -> bool:
    return info.kind is Kind.NUMERIC or (family(info.types.get(data, info.type)) in NUMBERS and info.kind is not Kind.DATETIME)


def _is_listed(info: ColumnInfo, data: str) -> bool:
    """Say whether the values of a column are levels that a contract can list."""
    return info.kind in (Kind.CATEGORICAL, Kind.BOOLEAN)


def _levels(workspace: Workspace, selection: Selection, size: WindowSize, info: ColumnInfo, keys: Ints) -> dict[str, Ints]:
    """Return the rows of each level of a column by window; none where they are too many."""
    rows = select_rows(workspace, selection, size, [info.name])
    inner = rows.select([as_level(info, selection.data)])
    sql = f"SELECT w, x0, count(*) FROM {inner} WHERE x0 IS NOT NULL GROUP BY w, x0"
    with workspace.cursor() as cursor:
        table = fetch(cursor, sql, rows.parameters, text="counting levels")
    frame = pd.DataFrame({"w": table.column(0).to_numpy(), "level": table.column(1).to_pylist(), "n": table.column(2).to_numpy()})
    if frame["level"].nunique() > MOST_LEVELS:
        return {}
    place = np.searchsorted(keys, frame["w"].to_numpy())
    found = {str(level): np.zeros(len(keys), dtype=np.int64) for level in sorted(frame["level"].unique())}
    for level, at, n in zip(frame["level"], place, frame["n"], strict=True):
        found[str(level)][at] = n
    return found


def exact_distinct(workspace: Workspace, selection: Selection, columns: Sequence[str]) -> dict[str, int]:
    """Return how many different values columns have, exactly."""
    if not columns:
        return {}
    rows = select_rows(workspace, selection, WindowSize(1, "whole"), columns)
    asked = ", ".join(f"count(DISTINCT {quote(name)})" for name in columns)
    with workspace.cursor() as cursor:
        table = fetch(cursor, f"SELECT {asked} FROM {rows.relation} WHERE {rows.where}", rows.parameters, text="counting values")
    return {name: int(table.column(i)[0].as_py()) for i, name in enumerate(columns)}


def level_ranges(
    workspace: Workspace, selection: Selection, size: WindowSize, column: str, by: str, windows: int
) -> dict[str, tuple[Ints, Floats, Floats]]:
    """Return the rows, smallest and largest value (w,) of a number at each level of another column by window."""
    data = selection.data
    rows = select_rows(workspace, selection, size, [column, by])
    number = as_number(workspace.schema.info(column), data)
    inner = rows.select([f"CASE WHEN isfinite({number}) THEN {number} END", as_level(workspace.schema.info(by), data)])
    with workspace.cursor() as cursor:
        _, keys, _ = find_windows(cursor, workspace, rows, size, Watch())
        sql = f"SELECT w, x1, count(x0), min(x0), max(x0) FROM {inner} WHERE x1 IS NOT NULL AND x0 IS NOT NULL GROUP BY w, x1"
        table = fetch(cursor, sql, rows.parameters, text="reading ranges by level")
    found: dict[str, tuple[Ints, Floats, Floats]] = {}
    for w, level, n, low, high in zip(*(column_.to_pylist() for column_ in table.columns), strict=True):
        if level not in found:
            found[level] = (np.zeros(windows, dtype=np.int64), np.full(windows, np.nan), np.full(windows, np.nan))
        at = int(np.searchsorted(keys, w))
        for part, value in zip(found[level], (n, low, high), strict=True):
            part[at] = value
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class LevelRanges:
    """Rows, smallest and largest value (w,) by column and level of another column."""

    found: Mapping[str, Mapping[str, tuple[Ints, Floats, Floats]]]

    def of(self, column: str) -> Mapping[str, tuple[Ints, Floats, Floats]]:
        """Return those of a column, by level."""
        return self.found.get(column, {})


def ranges_within(workspace: Workspace, selection: Selection, size: WindowSize, columns: Sequence[str], by: str, least: int) -> LevelRanges:
    """Return the ranges of columns of numbers at the levels of another that have `least` rows in some window, in one query."""
    data, schema = selection.data, workspace.schema
    rows = select_rows(workspace, selection, size, [*columns, by])
    numbers = [as_number(schema.info(name), data) for name in columns]
    inner = rows.select([as_level(schema.info(by), data), *(f"CASE WHEN isfinite({one}) THEN {one} END" for one in numbers)])
    told = "".join(f", count(x{i}), min(x{i}), max(x{i})" for i in range(1, len(columns) + 1))
    with workspace.cursor() as cursor:
        windows, keys, _ = find_windows(cursor, workspace, rows, size, Watch())
        sql = f"SELECT w, x0{told} FROM {inner} WHERE x0 IS NOT NULL GROUP BY w, x0 HAVING count(*) >= {least:d}"
        table = fetch(cursor, sql, rows.parameters, text="reading ranges by segment").to_pandas()
    found: dict[str, dict[str, tuple[Ints, Floats, Floats]]] = {name: {} for name in columns}
    for level, part in table.groupby(table.columns[1]):
        at = np.searchsorted(keys, part.iloc[:, 0].to_numpy())
        for i, name in enumerate(columns):
            whole = np.zeros(len(windows), dtype=np.int64), np.full(len(windows), np.nan), np.full(len(windows), np.nan)
            for values, column in zip(whole, range(2 + 3 * i, 5 + 3 * i), strict=True):
                values[at] = part.iloc[:, column].to_numpy()
            found[name][str(level)] = whole
    return LevelRanges(found)


def level_counts(workspace: Workspace, selection: Selection, size: WindowSize, column: str) -> dict[str, Ints]:
    """Return the rows of each level of a column by window, (w,) each.

    Raises
    ------
    ColumnMissingError
        The data set has no such column.
    """
    info = workspace.schema.info(column)
    if selection.data not in info.types and not info.late:
        raise ColumnMissingError(f"The {selection.data} has no column '{column}'.")
    rows = select_rows(workspace, selection, size, [column])
    with workspace.cursor() as cursor:
        _, keys, _ = find_windows(cursor, workspace, rows, size, Watch())
    return _levels(workspace, selection, size, info, keys)


def first_moments(workspace: Workspace, selection: Selection, column: str, levels: Sequence[str]) -> dict[str, datetime]:
    """Return the local time of the first row at each level of a column; none where rows have no time.

    Raises
    ------
    SelectionError, ColumnMissingError
    """
    rows = select_rows(workspace, selection, WindowSize(1, "whole"), [column])
    if rows.local is None or not levels:
        return {}
    inner = rows.select([as_level(workspace.schema.info(column), selection.data), rows.local])
    wanted = ", ".join(literal(one) for one in levels)
    sql = f"SELECT x0, min(x1) FROM {inner} WHERE x0 IN ({wanted}) GROUP BY x0 HAVING min(x1) IS NOT NULL"
    with workspace.cursor() as cursor:
        table = fetch(cursor, sql, rows.parameters, text="looking at levels never seen")
    return dict(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
