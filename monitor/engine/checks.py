"""Rows that fail checks of data quality, counted by column and window: numbers in one pass, texts by their levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

from monitor.case import WindowSize
from monitor.engine.cells import SETS_AT_ONCE, set_mask
from monitor.engine.check_kernel import KEYS, SENTINELS, Counted, Ends, Failing, UnorderedError, check_rows
from monitor.engine.columns import ColumnInfo, Measured, Transform, as_level, as_number, family, local_time
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import literal, quote
from monitor.engine.rows import PLACE, Rows, left_out, select_rows
from monitor.engine.running import Cancel, Progress, Watch, fetch, stream, threads_of
from monitor.engine.selection import Selection
from monitor.engine.tally import batch_rows, rows_by_level
from monitor.engine.windows import key_sql
from monitor.engine.workspace import Kept, Workspace
from monitor.profile import Excluded, Ints, Windows
from monitor.vocabulary import Kind, Role

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
DEFAULT_DATES = (
    "0001-01-01", "1582-10-15", "1601-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2099-12-31",
    "2999-12-31", "9999-12-31",
)  # fmt: skip
"""Days that do: where the calendars of .NET, SPSS, Windows, SQL Server, spreadsheets and Unix begin, and ends of time."""
MOJIBAKE = "\ufffd|\u00c3[\u0080-\u00bf]|\u00c2[\u0080-\u00bf]|\u00e2\u20ac"
"""What is left of UTF-8 that was read as Latin-1, or of letters that could not be read."""
FIRST_DATE, LAST_DATE = "TIMESTAMP '1971-01-01'", "TIMESTAMP '2100-01-01'"
ALL_ROWS = ""
"""Column of checks of whole rows."""
ORDER = (
    "date",
    "whitespace",
    "encoding",
    "default_value",
    "zeros",
    "stuck",
    "impossible",
    "precision",
    "precision_tenths",
    "mixed_types",
    "unreadable",
    "duplicate_rows",
    "duplicate_ids",
)
"""The order of the checks of a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCounts:
    """Counts of checks by (column, check), of `windows` with so many `rows` (w,); `sql` counted them, `excluded` says what was left out.
    `ends` has the first and last value of each window by column of numbers."""

    windows: Windows
    rows: Ints
    counts: Mapping[tuple[str, str], Counted]
    excluded: tuple[Excluded, ...]
    sql: str
    ends: Mapping[str, Ends] = field(default_factory=dict)


def count_checks(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    columns: Sequence[str],
    *,
    ids: bool = True,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> CheckCounts:
    """Count the rows of each window that fail each check.

    Parameters
    ----------
    columns : which are checked; those that the data set lacks are left out.
    ids : whether repeated ids are counted too.

    Raises
    ------
    SelectionError
        Nothing is selected, or it cannot be cut into such windows.
    """
    data = selection.data
    if workspace.kept is not None and data == "production":
        return _kept_checks(workspace, workspace.kept, selection, size, columns)
    present = [info for name in columns if data in (info := workspace.schema.info(name)).types]
    named = workspace.columns.get(workspace.case.roles.id or "") if ids else None
    identity = [named.name] if named is not None and data in named.types else []
    selected = select_rows(workspace, selection, size, [*(one.name for one in present), *identity], ordered=True)
    with workspace.cursor() as cursor:
        windows, keys, rows = find_windows(cursor, workspace, selected, size, Watch(cancel=cancel))
        excluded = left_out(cursor, selected, workspace.rows(data) - int(rows.sum()))
        query = _Query(workspace, cursor, data, selected, keys, int(rows.sum()), Watch(progress, cancel))
        numbers, ends = query.numbers(present)
        counts = {**query.levels(present), **query.rows(present), **numbers, **query.ids(identity)}
    place = {name: i for i, name in enumerate([*(one.name for one in present), ALL_ROWS])}
    ordered = {key: counts[key] for key in sorted(counts, key=lambda key: (place[key[0]], ORDER.index(key[1])))}
    return CheckCounts(windows=windows, rows=rows, counts=ordered, excluded=excluded, sql=";\n".join(query.asked), ends=ends)


def _kept_checks(workspace: Workspace, kept: Kept, selection: Selection, size: WindowSize, columns: Sequence[str]) -> CheckCounts:
    """Return what a profile store keeps."""
    found = kept.checks(workspace, selection, size, columns)
    of, sql = found.counted, "counted when the store was written"
    return CheckCounts(windows=of.windows, rows=of.rows, counts=found.counts, excluded=of.excluded, sql=sql)


Counts = dict[tuple[str, str], Counted]


@dataclass(slots=True)
class _Query:
    """Queries of checks of the `selected` rows (`many`) by the windows with these keys; `asked` are those that ran."""

    workspace: Workspace
    cursor: duckdb.DuckDBPyConnection
    data: str
    selected: Rows
    keys: Ints
    many: int
    watch: Watch
    asked: list[str] = field(default_factory=list)

    def numbers(self, present: Sequence[ColumnInfo]) -> tuple[Counts, dict[str, Ends]]:
        """Check columns of numbers, and which rows repeat others."""
        chosen = [one for one in present if one.kind is Kind.NUMERIC]
        whole = [family(one.types[self.data]) in ("integer", "boolean") for one in chosen]
        if not present and not self.selected.local:
            return {}, {}
        try:
            found = self._checked(self._number_sql(present, chosen), whole)
        except UnorderedError:
            found = self._checked(f"{self._number_sql(present, chosen)} ORDER BY x1 NULLS LAST, x2, x3", whole)
        counts = {(one.name, check): counted for one, by in zip(chosen, found.numbers, strict=True) for check, counted in by.items()}
        return {**counts, (ALL_ROWS, "duplicate_rows"): found.repeated}, {
            one.name: ends for one, ends in zip(chosen, found.ends, strict=True)
        }

    def _number_sql(self, present: Sequence[ColumnInfo], chosen: Sequence[ColumnInfo]) -> str:
        local = self.selected.local
        hour, moment = (key_sql(WindowSize(1, "hour"), local), f"epoch_us({local})") if local else ("0", "0")
        same = ", ".join([*(self._value(one) for one in present), *([local] if local else [])])
        return f"SELECT * FROM {self.selected.select([hour, moment, *PLACE, *map(self._value, chosen), f'hash({same})'])}"

    def _checked(self, sql: str, whole: Sequence[bool]) -> Failing:
        self.asked[:] = [sql]
        with self.workspace.cursor() as cursor:  # of its own: rows that come in another order are not read to their end
            batches = stream(
                cursor,
                sql,
                self.selected.parameters,
                batch_rows=batch_rows(len(whole) + KEYS),
                expected=self.many,
                text="checking numbers",
                watch=self.watch.part(0.0, 0.7),
            )
            with closing(batches):
                return check_rows(batches, self.keys, whole, threads=threads_of(cursor))

    def levels(self, present: Sequence[ColumnInfo]) -> Counts:
        """Check texts that are levels: each level once, for all of its rows."""
        chosen = [one for one in present if one.kind not in (Kind.NUMERIC, Kind.DATETIME, Kind.TEXT) and _is_text(one, self.data)]
        checks = dict(_text_checks("level"))
        parts = ["coalesce(CAST(sum(n) FILTER (WHERE level IS NOT NULL) AS BIGINT), 0) AS known"]
        parts += [f"coalesce(CAST(sum(n) FILTER (WHERE {sql}) AS BIGINT), 0)" for sql in checks.values()]
        found: Counts = {}
        for start in range(0, len(chosen), SETS_AT_ONCE):
            some = chosen[start : start + SETS_AT_ONCE]
            rows = rows_by_level(self.selected.select([self._value(one) for one in some]), len(some))
            table = self._fetch(f"SELECT w, s, {', '.join(parts)} FROM ({rows}) GROUP BY w, s ORDER BY w, s", "checking levels")
            column = table.column(1).to_numpy()
            for i, one in enumerate(some):
                known, *hits = _columns(table.filter(pa.array(column == set_mask(i, len(some)))), 2)
                found |= {(one.name, check): Counted(part, known) for check, part in zip(checks, hits, strict=True)}
        return found

    def rows(self, present: Sequence[ColumnInfo]) -> Counts:
        """Check dates, and long texts, row by row."""
        asked = [(one.name, check, sql) for one in present for check, sql in self._row_checks(one)]
        if not asked:
            return {}
        counted = "".join(f", count(x{i}), coalesce(CAST(count_if(x{i}) AS BIGINT), 0)" for i in range(len(asked)))
        sql = f"SELECT w{counted} FROM {self.selected.select([sql for _, _, sql in asked])} GROUP BY w ORDER BY w"
        found = _columns(self._fetch(sql, "checking values"), 1)
        return {(name, check): Counted(found[2 * i + 1], found[2 * i]) for i, (name, check, _) in enumerate(asked)}

    def _row_checks(self, info: ColumnInfo) -> Iterator[tuple[str, str]]:
        if info.kind is Kind.DATETIME:
            moment = local_time(info, self.data, self.workspace.case.timezone)
            default = f"strftime({moment}, '%Y-%m-%d') IN ({', '.join(map(literal, DEFAULT_DATES))})"
            yield "date", f"({moment} < {FIRST_DATE} OR {moment} >= {LAST_DATE}) AND NOT {default}"
            yield "default_value", default
        column, unread = quote(info.name), self.workspace.source(self.data).unread.get(info.name)
        if unread is not None:
            told = f"{unread} IS NOT NULL"
            yield "unreadable", f"CASE WHEN {column} IS NOT NULL OR {told} THEN {told} END"
        elif info.kind is Kind.NUMERIC and _is_text(info, self.data):
            yield "unreadable", f"CASE WHEN {column} IS NOT NULL THEN TRY_CAST({column} AS DOUBLE) IS NULL END"
        elif info.kind is Kind.TEXT and _is_text(info, self.data):
            yield from _text_checks(self._value(info))

    def ids(self, names: Sequence[str]) -> Counts:
        """Count rows whose id another row of the window has."""
        found: Counts = {}
        for name in names:
            value = self._value(self.workspace.schema.info(name), Kind.CATEGORICAL)
            rows = f"SELECT w, x0, count(*) AS n FROM {self.selected.select([value])} WHERE x0 IS NOT NULL GROUP BY w, x0"
            sql = f"SELECT w, CAST(sum(n) AS BIGINT), count(*) FROM ({rows}) GROUP BY w ORDER BY w"
            table = self._fetch(sql, "counting repeated ids")
            known, different = (np.zeros(len(self.keys), dtype=np.int64) for _ in range(2))
            place = np.searchsorted(self.keys, table.column(0).to_numpy())
            known[place], different[place] = _columns(table, 1)
            found[ALL_ROWS, "duplicate_ids"] = Counted(known - different, known)
        return found

    def _value(self, info: ColumnInfo, kind: Kind | None = None) -> str:
        asked = kind or (Kind.NUMERIC if info.kind is Kind.NUMERIC else Kind.CATEGORICAL)
        return self.workspace.schema.sql(Measured(info.name, info.name, asked, Transform.NONE, Role.FEATURE), self.data)

    def _fetch(self, sql: str, text: str) -> pa.Table:
        self.asked.append(sql)
        return fetch(self.cursor, sql, self.selected.parameters, text=text, watch=self.watch.part(0.7, 1.0))


def stand_ins(workspace: Workspace, selection: Selection, size: WindowSize, name: str) -> dict[str, Counter[str]]:
    """Return the rows of each stand-in for a missing value of a column, by id of the window."""
    info, data = workspace.schema.info(name), selection.data
    known: tuple[str, ...]
    if info.kind is Kind.DATETIME:
        value, known = f"strftime({local_time(info, data, workspace.case.timezone)}, '%Y-%m-%d')", DEFAULT_DATES
    elif info.kind is Kind.NUMERIC:
        value, known = as_number(info, data), tuple(f"{one:.0f}" for one in SENTINELS)
        value = f"CASE WHEN {value} = trunc({value}) AND abs({value}) < 1e9 THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) END"
    else:
        value, known = f"lower(trim({as_level(info, data)}))", PLACEHOLDERS
    selected = select_rows(workspace, selection, size, [name])
    told = f"x0 IN ({', '.join(map(literal, known))})"
    sql = f"SELECT w, x0, count(*) AS n FROM {selected.select([value])} WHERE {told} GROUP BY w, x0 ORDER BY w, n DESC, x0"
    with workspace.cursor() as cursor:
        windows, keys, _ = find_windows(cursor, workspace, selected, size, Watch())
        table = fetch(cursor, sql, selected.parameters, text="looking at stand-ins for missing values")
    found: dict[str, Counter[str]] = {}
    for key, one, rows in zip(*(column.to_pylist() for column in table.columns), strict=True):
        found.setdefault(windows.ids[int(np.searchsorted(keys, key))], Counter())[one] += rows
    return found


def _is_text(info: ColumnInfo, data: str) -> bool:
    return family(info.types[data]) == "text"


def _columns(table: pa.Table, first: int) -> list[Ints]:
    return [np.asarray(column.to_numpy(), dtype=np.int64) for column in table.columns[first:]]


def _text_checks(value: str) -> Iterator[tuple[str, str]]:
    yield "whitespace", f"trim({value}) <> {value} OR {value} = ''"
    yield "encoding", f"regexp_matches({value}, {literal(MOJIBAKE)})"
    yield "default_value", f"lower(trim({value})) IN ({', '.join(literal(one) for one in PLACEHOLDERS)})"
    yield "mixed_types", f"CASE WHEN {value} IS NOT NULL THEN TRY_CAST({value} AS DOUBLE) IS NOT NULL END"
