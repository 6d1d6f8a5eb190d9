"""The rows of a selection as SQL, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from monitor.case import WindowSize
from monitor.case.windows import FIRST_YEAR, LAST_YEAR
from monitor.engine.condition_types import check_types
from monitor.engine.identifiers import quote
from monitor.engine.running import fetch
from monitor.engine.selection import Selection, check_predicate
from monitor.engine.source import Part
from monitor.engine.windows import key_sql, within_calendar
from monitor.engine.workspace import Workspace
from monitor.errors import SelectionError
from monitor.profile import Excluded

SHARED, WRONG = "on the other side too", "made wrong by an incident"
NEVER = f"time before {FIRST_YEAR} or after {LAST_YEAR}"
"""Why rows are left out that are named to be."""
PLACE = ('CAST("@driftscope.file" AS BIGINT)', 'CAST("@driftscope.row" AS BIGINT)')
"""SQL of where an ordered row stands: number of its file, and its number there."""


def time_order(local: str | None) -> str:
    """Return SQL of the order of rows: by time, ties in the order of files; without a time in the order of files."""
    place = '"@driftscope.file", "@driftscope.row"'
    return f"{local} NULLS LAST, {place}" if local else place


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a selection as SQL: a relation, the conditions that they meet (each with why others do not), their window key."""

    relation: str
    conditions: tuple[tuple[str, str, tuple[Any, ...]], ...]
    key: str
    local: str | None

    @property
    def where(self) -> str:
        """SQL of all conditions."""
        return " AND ".join(f"({sql})" for _, sql, _ in self.conditions) or "true"

    @property
    def parameters(self) -> list[Any]:
        """Values of the conditions, in order."""
        return [value for _, _, values in self.conditions for value in values]

    def select(self, expressions: Sequence[str]) -> str:
        """Return a subquery with the window key `w` and the expressions as x0, x1 ..."""
        parts = "".join(f", {expression} AS x{i}" for i, expression in enumerate(expressions))
        return f"(SELECT {self.key} AS w{parts} FROM {self.relation} WHERE {self.where})"


def select_rows(
    workspace: Workspace, selection: Selection, windows: WindowSize, columns: Sequence[str], *, ordered: bool = False, read: bool = True
) -> Rows:
    """Return the rows of a selection with their window key as SQL; without `read`, to be shown or to be counted elsewhere.

    Raises
    ------
    SelectionError
        There is nothing that they could be selected by, or only a sample of them here.
    """
    data = selection.data
    if read and workspace.counter is not None and workspace.counter.holds(data):
        raise SelectionError(f"The rows of the {data} are read by Spark alone, which gives counts. Ask for nothing that needs rows.")
    local = workspace.schema.time(data)
    calendar = windows.calendar
    if local is None and (calendar or _by_time(selection)):
        asked = f"Windows of {windows}" if calendar else "A selection by time"
        raise SelectionError(f"{asked} need the timestamp role, which '{data}' does not have. Name it in [roles], or use 'whole' or rows.")
    conditions, named = _conditions(workspace, selection, local, timed=calendar)
    needed = {*columns, *named}
    by_rows = windows.unit == "rows"
    relation = workspace.relation(data, needed, ordered=by_rows or ordered or _by_file(selection))
    if not by_rows:
        key = key_sql(windows, local) if calendar and local else "0"
        return Rows(relation, tuple(conditions), key, local)
    order = time_order(local)
    where = " AND ".join(f"({sql})" for _, sql, _ in conditions) or "true"
    # The position of a row is found among the selected rows only, so they are selected before they are numbered.
    numbered = (
        f'(SELECT *, (row_number() OVER (ORDER BY {order}) - 1) // {windows.count} AS "@driftscope.window" FROM {relation} WHERE {where})'
    )
    inner = tuple(("", "true", values) for _, _, values in conditions)
    return Rows(numbered, inner, '"@driftscope.window"', local)


def columns_needed(workspace: Workspace, selection: Selection, columns: Iterable[str]) -> frozenset[str]:
    """Return the columns of the data that are read to count `columns` of a selection: they, the timestamp, what its conditions name."""
    local, stamp = workspace.schema.time(selection.data), workspace.schema.timestamp
    _, named = _conditions(workspace, selection, local, timed=False)
    return frozenset({*columns, *named, *([stamp] if local and stamp else [])})


def _conditions(
    workspace: Workspace, selection: Selection, local: str | None, *, timed: bool
) -> tuple[list[tuple[str, str, tuple[Any, ...]]], set[str]]:
    found: list[tuple[str, str, tuple[Any, ...]]] = []
    named: set[str] = set()
    if local and (timed or selection.start or selection.end):
        found.append(("no timestamp", f"{local} IS NOT NULL", ()))
        found.append((NEVER, within_calendar(local), ()))
    zone = ZoneInfo(workspace.case.timezone)
    for bound, sign in ((selection.start, ">="), (selection.end, "<")):
        if bound is not None:
            found.append(("outside the period", f"{local} {sign} CAST(? AS TIMESTAMP)", (_wall(bound, zone),)))
    if selection.model_version is not None:
        column = version_column(workspace, selection.data)
        named.add(column)
        found.append(("other model version", f"CAST({quote(column)} AS VARCHAR) = ?", (selection.model_version,)))
    if selection.file is not None:
        found.append(("another file", _in_file(workspace.part(selection.data, selection.file)), ()))
    if selection.where:
        with workspace.cursor() as cursor:
            own = check_predicate(cursor, selection.where, columns_of(workspace, selection.data))
            source = workspace.source(selection.data)
            check_types(cursor, selection.where, source.types, own, source.relation)
        named |= own
        found.append(("outside the segment", f"{selection.where}\n", ()))
    left = [(WRONG, one) for one in selection.wrong] + ([] if selection.without is None else [(SHARED, selection.without)])
    for reason, one in left:
        other, more = _conditions(workspace, one, local, timed=False)
        named |= more
        both = " AND ".join(f"({sql})" for _, sql, _ in other) or "true"
        found.append((reason, f"NOT coalesce({both}, false)", tuple(value for _, _, values in other for value in values)))
    return found, named


def _by_time(selection: Selection) -> bool:
    own = selection.start is not None or selection.end is not None
    return own or any(_by_time(one) for one in selection.left_out)


def _by_file(selection: Selection) -> bool:
    return selection.file is not None or any(_by_file(one) for one in selection.left_out)


def _in_file(part: Part) -> str:
    inside = f'"@driftscope.file" = {part.file:d}'
    return inside if part.last is None else f'{inside} AND "@driftscope.row" >= {part.first:d} AND "@driftscope.row" < {part.last:d}'


def absent_sql(workspace: Workspace, data: str, column: str) -> str:
    """Return SQL of whether an ordered row comes from a file that has no such column, though others do; empty where all have it."""
    source = workspace.source(data)
    lacking = [source.parts[i] for i in source.without.get(column, ()) if i < len(source.parts)]
    return f"({' OR '.join(f'({_in_file(part)})' for part in lacking)})" if lacking else ""


def version_column(workspace: Workspace, data: str) -> str:
    """Return the column that holds the model version of a data set's rows.

    Raises
    ------
    SelectionError
        There is none.
    """
    column = workspace.case.roles.model_version
    if column is None:
        raise SelectionError("The selection names a model version, but no column has the role model_version. Name it in [roles].")
    if column not in workspace.source(data).types:
        raise SelectionError(f"The selection names a model version, but the {data} has no column '{column}'. Take the version away.")
    return column


def columns_of(workspace: Workspace, data: str) -> list[str]:
    """Return the columns that a condition on a data set may name."""
    late = [name for name, info in workspace.columns.items() if info.late]
    return list(dict.fromkeys([*workspace.source(data).types, *late]))


def _wall(bound: datetime, zone: ZoneInfo) -> datetime:
    return bound.astimezone(zone).replace(tzinfo=None)


def left_out(cursor: duckdb.DuckDBPyConnection, rows: Rows, expected: int) -> tuple[Excluded, ...]:
    """Count the rows that are not selected by the first condition that they fail; `expected` is how many there are."""
    if expected == 0:
        return ()
    reasons = [reason for reason, _, _ in rows.conditions]
    if not any(reasons):
        return (Excluded("outside the selection", expected),)
    met: list[str] = []
    parts, parameters = [], []
    earlier: list[Any] = []
    for _, sql, values in rows.conditions:
        kept = "".join(f" AND coalesce(({one}), false)" for one in met)
        parts.append(f"count(*) FILTER (WHERE NOT coalesce(({sql}), false){kept})")
        parameters += [*values, *earlier]
        earlier += values
        met.append(sql)
    table = fetch(cursor, f"SELECT {', '.join(parts)} FROM {rows.relation}", parameters, text="counting what is left out")
    total: dict[str, int] = {}
    for reason, column in zip(reasons, table.columns, strict=True):
        total[reason] = total.get(reason, 0) + int(column[0].as_py())
    return tuple(Excluded(reason, count) for reason, count in total.items() if count)
