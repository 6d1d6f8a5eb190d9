"""Rows that fail checks of data quality, counted by column and window in one query per data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.case import WindowSize
from monitor.engine.columns import ColumnInfo, Measured, Transform, family, local_time
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import literal
from monitor.engine.rows import left_out, select_rows, time_order
from monitor.engine.running import Cancel, Progress, Watch, fetch
from monitor.engine.selection import Selection
from monitor.engine.windows import key_sql
from monitor.engine.workspace import Workspace
from monitor.profile import Excluded, Ints, Windows
from monitor.vocabulary import Kind, Role

SENTINELS = (-9.0, -99.0, -999.0, -9999.0, 9999.0, 99999.0, 999999.0, 9999999.0)
"""Numbers that stand for "not known" in many files."""
PLACEHOLDERS = (
    "unknown",
    "undefined",
    "none",
    "null",
    "nil",
    "n/a",
    "na",
    "nan",
    "-",
    "--",
    "?",
    "tbd",
    "default",
    "dummy",
    "not available",
)
"""Words that do."""
MOJIBAKE = "\ufffd|\u00c3[\u0080-\u00bf]|\u00c2[\u0080-\u00bf]|\u00e2\u20ac"
"""What is left of UTF-8 that was read as Latin-1, or of letters that could not be read."""
FIRST_DATE, LAST_DATE = "TIMESTAMP '1971-01-01'", "TIMESTAMP '2100-01-01'"
ONCE = frozenset({"precision", "precision_tenths"})
"""Checks that count a value once an hour: rows that share a measurement, such as the weather of an hour, are no rows of their own."""
SHORT, NEAR = "6e-8", "0.001"
"""A value that float32 has in place of one with one decimal is that value: it lies within half of its last bit, and so near at most."""
ALL_ROWS = ""
"""Column of checks of whole rows."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows that fail a check: `hits` (w,) of the `known` (w,) rows that it is asked of."""

    hits: Ints
    known: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCounts:
    """Counts of checks by (column, check), of `windows` with so many `rows` (w,); `sql` counted them, `excluded` says what was left out."""

    windows: Windows
    rows: Ints
    counts: Mapping[tuple[str, str], Counted]
    excluded: tuple[Excluded, ...]
    sql: str


def count_checks(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    columns: Sequence[str],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> CheckCounts:
    """Count the rows of each window that fail each check.

    Parameters
    ----------
    columns : which are checked; those that the data set lacks are left out.

    Raises
    ------
    SelectionError
        Nothing is selected, or it cannot be cut into such windows.
    """
    data = selection.data
    if workspace.kept is not None and data == "production":
        return _kept_checks(workspace, selection, size, columns)
    present = [info for name in columns if data in (info := workspace.schema.info(name)).types]
    named = workspace.columns.get(workspace.case.roles.id or "")
    identity = named.name if named is not None and data in named.types else None
    names = [*(one.name for one in present), *([identity] if identity else [])]
    selected = select_rows(workspace, selection, size, names, ordered=True)
    order = time_order(selected.local)
    hour = key_sql(WindowSize(1, "hour"), selected.local) if selected.local else "0"
    asked = [(one.name, check, sql) for one in present for check, sql in _column_checks(workspace, one, data, (order, hour))]
    same = ", ".join([*(_value(workspace, one, data) for one in present), *([selected.local] if selected.local else [])])
    distinct = [("duplicate_rows", f"hash({same})")] if same else []
    distinct += [("duplicate_ids", _value(workspace, workspace.schema.info(identity), data, Kind.CATEGORICAL))] if identity else []
    parts = [sql for _, _, sql in asked] + [sql for _, sql in distinct]
    counted = [_counted(check, f"x{i}") for i, (_, check, _) in enumerate(asked)]
    counted += [f"count(x{i}), count(x{i}) - count(DISTINCT x{i})" for i in range(len(asked), len(parts))]
    sql = f"SELECT w{''.join(f', {one}' for one in counted)} FROM {selected.select(parts)} GROUP BY w ORDER BY w"
    with workspace.cursor() as cursor:
        windows, _, rows = find_windows(cursor, workspace, selected, size, Watch(cancel=cancel))
        excluded = left_out(cursor, selected, workspace.rows(data) - int(rows.sum()))
        table = fetch(cursor, sql, selected.parameters, text="checking values", watch=Watch(progress, cancel))
    keys = [*((column, check) for column, check, _ in asked), *((ALL_ROWS, check) for check, _ in distinct)]
    found = [np.asarray(column.to_numpy(), dtype=np.int64) for column in table.columns[1:]]
    counts = {key: Counted(found[2 * i + 1], found[2 * i]) for i, key in enumerate(keys)}
    return CheckCounts(windows=windows, rows=rows, counts=counts, excluded=excluded, sql=sql)


def _kept_checks(workspace: Workspace, selection: Selection, size: WindowSize, columns: Sequence[str]) -> CheckCounts:
    """Return what a profile store keeps."""
    found = workspace.kept.checks(workspace, selection, size, columns).counts if workspace.kept else {}
    selected = select_rows(workspace, selection, size, [])
    with workspace.cursor() as cursor:
        windows, _, rows = find_windows(cursor, workspace, selected, size, Watch())
        excluded = left_out(cursor, selected, workspace.rows(selection.data) - int(rows.sum()))
    counts = {key: Counted(hits, known) for key, (hits, known) in found.items()}
    return CheckCounts(windows=windows, rows=rows, counts=counts, excluded=excluded, sql="counted when the store was written")


def _counted(check: str, x: str) -> str:
    """Return SQL of how many rows (or different values) a check is asked of, and how many of them fail it."""
    if check in ONCE:
        return f"count(DISTINCT {x}.value), count(DISTINCT {x}.value) FILTER (WHERE {x}.fails)"
    return f"count({x}), coalesce(CAST(count_if({x}) AS BIGINT), 0)"


def _value(workspace: Workspace, info: ColumnInfo, data: str, kind: Kind | None = None) -> str:
    asked = kind or (Kind.NUMERIC if info.kind is Kind.NUMERIC else Kind.CATEGORICAL)
    return workspace.schema.sql(Measured(info.name, info.name, asked, Transform.NONE, Role.FEATURE), data)


def _column_checks(workspace: Workspace, info: ColumnInfo, data: str, time: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the checks of a column with SQL of whether a row fails, null where it is not asked."""
    if info.kind is Kind.DATETIME:
        moment = local_time(info, data, workspace.case.timezone)
        yield "date", f"{moment} < {FIRST_DATE} OR {moment} >= {LAST_DATE}"
        return
    value = _value(workspace, info, data)
    if info.kind is Kind.NUMERIC:
        yield from _number_checks(value, whole=family(info.types[data]) in ("integer", "boolean"), time=time)
    elif family(info.types[data]) == "text":
        yield from _text_checks(value)


def _number_checks(value: str, *, whole: bool, time: tuple[str, str]) -> Iterator[tuple[str, str]]:
    order, hour = time
    known = f"CASE WHEN {value} IS NOT NULL AND NOT isnan({value}) THEN"
    yield "default_value", f"{known} {value} IN ({', '.join(repr(one) for one in SENTINELS)}) END"
    yield "zeros", f"{known} {value} = 0 END"
    yield "stuck", f"{known} coalesce({value} = lag({value}) OVER (ORDER BY {order}), false) END"
    if not whole:
        yield "impossible", f"{known} isinf({value}) END"
        once = f"hash({value}, {hour})"
        known = f"CASE WHEN {value} IS NOT NULL AND NOT isnan({value}) AND {value} <> 0 THEN"  # 0 has no decimals to lose
        yield "precision", f"{known} {{'value': {once}, 'fails': {value} = trunc({value})}} END"
        tenths = f"(round({value}, 1) = {value} OR abs(round({value}, 1) - {value}) <= least(abs({value}) * {SHORT}, {NEAR}))"
        yield "precision_tenths", f"{known} {{'value': {once}, 'fails': {tenths}}} END"


def _text_checks(value: str) -> Iterator[tuple[str, str]]:
    yield "whitespace", f"trim({value}) <> {value} OR {value} = ''"
    yield "encoding", f"regexp_matches({value}, {literal(MOJIBAKE)})"
    yield "default_value", f"lower(trim({value})) IN ({', '.join(literal(one) for one in PLACEHOLDERS)})"
    yield "mixed_types", f"CASE WHEN {value} IS NOT NULL THEN TRY_CAST({value} AS DOUBLE) IS NOT NULL END"
