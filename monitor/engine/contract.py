"""Rows that break the clauses of a contract: counted by window in one query per data set, and looked at one clause at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause
from monitor.contract.model import MOST_LEVELS, NeverTogether, RangeBy, RowRule, Sort
from monitor.engine.columns import NUMBERS, ColumnInfo, as_level, as_number, family, local_time
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import literal, quote
from monitor.engine.rows import absent_sql, columns_of, left_out, select_rows, time_order
from monitor.engine.running import Cancel, Progress, Watch, fetch
from monitor.engine.selection import Selection, check_predicate
from monitor.engine.workspace import Workspace
from monitor.errors import ColumnMissingError, SelectionError
from monitor.profile import Excluded, Ints, Windows

NOT_COUNTED = (Check.SHIFT,)
"""Clauses that no row breaks by itself."""
MOST_SEEN = 20
"""Values of broken rows that are looked at by window; of levels as many as a contract may name and one, so that what is accepted holds."""
_YES_NO = ("true", "false", "t", "f", "yes", "no", "y", "n", "0", "1")


@dataclass(frozen=True, slots=True)
class Broken:
    """Rows that break a clause: `hits` (w,) of the `known` (w,) that it is asked of."""

    hits: Ints
    known: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCounts:
    """Counts by id of a clause, of `windows` with so many `rows` (w,); `unread`: why a clause could not be counted, by id."""

    windows: Windows
    rows: Ints
    counts: Mapping[str, Broken]
    unread: Mapping[str, str]
    excluded: tuple[Excluded, ...]
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What broken rows hold: `values` with their rows, the commonest first, and not all where a window has very many; `low` and `high` of
    numbers, nan else; `first` local time, and that of each value (`since`)."""

    values: Mapping[str, int]
    low: float
    high: float
    first: datetime | None
    since: Mapping[str, datetime] = field(default_factory=dict)

    def __add__(self, other: Seen) -> Seen:
        """Return what the rows of both hold."""
        total = Counter(self.values)
        total.update(other.values)
        first = min((one for one in (self.first, other.first) if one is not None), default=None)
        low, high = float(np.fmin(self.low, other.low)), float(np.fmax(self.high, other.high))
        values = dict(sorted(total.items(), key=lambda one: (-one[1], one[0])))
        return Seen(values=values, low=low, high=high, first=first, since=_earliest(self.since, other.since))


def count_broken(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    clauses: Sequence[Clause],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> BrokenCounts:
    """Count the rows of each window that break each clause.

    Raises
    ------
    SelectionError
        Nothing is selected, or it cannot be cut into such windows.
    """
    asked, unread = _asked(workspace, selection, clauses)
    names = sorted({name for _, _, named in asked for name in named})
    selected = select_rows(workspace, selection, size, names, ordered=True)
    order = time_order(selected.local)
    parts = [sql.replace(_ORDER, order) for _, sql, _ in asked]
    counted = "".join(f", count(x{i}), coalesce(CAST(count_if(x{i}) AS BIGINT), 0)" for i in range(len(parts)))
    sql = f"SELECT w{counted} FROM {selected.select(parts)} GROUP BY w ORDER BY w"
    with workspace.cursor() as cursor:
        windows, _, rows = find_windows(cursor, workspace, selected, size, Watch(cancel=cancel))
        excluded = left_out(cursor, selected, workspace.rows(selection.data) - int(rows.sum()))
        table = fetch(cursor, sql, selected.parameters, text="checking the contract", watch=Watch(progress, cancel))
    found = [np.asarray(column.to_numpy(), dtype=np.int64) for column in table.columns[1:]]
    counts = {clause.id: Broken(found[2 * i + 1], found[2 * i]) for i, (clause, _, _) in enumerate(asked)}
    return BrokenCounts(windows=windows, rows=rows, counts=counts, unread=unread, excluded=excluded, sql=sql)


def _asked(
    workspace: Workspace, selection: Selection, clauses: Sequence[Clause]
) -> tuple[list[tuple[Clause, str, frozenset[str]]], dict[str, str]]:
    """Return the clauses that can be counted, each with its SQL and the columns that it names, and why others cannot."""
    asked: list[tuple[Clause, str, frozenset[str]]] = []
    unread: dict[str, str] = {}
    for clause in clauses:
        if clause.check in NOT_COUNTED or (clause.check is Check.REQUIRED and not workspace.source(selection.data).without):
            continue
        try:
            named = named_by(workspace, selection.data, clause)
            asked.append((clause, _fails(workspace, selection.data, clause), named))
        except (ColumnMissingError, SelectionError) as error:
            unread[clause.id] = str(error)
    return asked, unread


def named_by(workspace: Workspace, data: str, clause: Clause) -> frozenset[str]:
    """Return the columns that a clause names, all of which a data set has.

    Raises
    ------
    ColumnMissingError
        It lacks one.
    SelectionError
        A rule is no condition.
    """
    rule = clause.rule
    if isinstance(rule, RowRule):
        with workspace.cursor() as cursor:
            parts = [check_predicate(cursor, one, columns_of(workspace, data)) for one in (rule.holds, rule.when) if one]
        return frozenset[str]().union(*parts)
    named = rule.columns if isinstance(rule, NeverTogether) else (rule.column, rule.by) if isinstance(rule, RangeBy) else (clause.column,)
    for name in named:
        info = workspace.schema.info(name)
        if data not in info.types and not info.late:
            raise ColumnMissingError(f"The {data} has no column '{name}'.")
    return frozenset(named)


_ORDER = "@driftscope.order@"
"""Stands in SQL for the order of time, which is known when rows are selected."""


def _fails(workspace: Workspace, data: str, clause: Clause) -> str:
    """Return SQL of whether a row breaks a clause, null where it is not asked."""
    rule = clause.rule
    if isinstance(rule, RowRule):
        when = f"({rule.when}\n) AND " if rule.when else ""
        return f"CASE WHEN {when}({rule.holds}\n) IS NOT NULL THEN NOT ({rule.holds}\n) END"
    if isinstance(rule, NeverTogether):
        first, second = (as_level(workspace.schema.info(name), data) for name in rule.columns)
        met = " OR ".join(f"({first} = {literal(a)} AND {second} = {literal(b)})" for a, b in rule.pairs)
        return f"CASE WHEN ({first}) IS NOT NULL AND ({second}) IS NOT NULL THEN {met} END"
    if isinstance(rule, RangeBy):
        number, level = as_number(workspace.schema.info(rule.column), data), as_level(workspace.schema.info(rule.by), data)
        cases = " ".join(
            f"WHEN {literal(name)} THEN {number} < {low!r} OR {number} > {high!r}" for name, (low, high) in rule.ranges.items()
        )
        return f"CASE WHEN isfinite({number}) THEN CASE {level} {cases} END END"
    if clause.check is Check.REQUIRED:
        return absent_sql(workspace, data, clause.column) or "false"
    fails = _column_fails(workspace.schema.info(clause.column), data, clause, workspace.case.timezone)
    unread, absent = workspace.source(data).unread.get(clause.column), absent_sql(workspace, data, clause.column)
    if clause.check is Check.MISSING and absent:  # the column is lost there, which is told as that
        fails = f"CASE WHEN NOT {absent} THEN {fails} END"
    return _OF_UNREAD[clause.check](fails, f"{unread} IS NOT NULL") if unread is not None and clause.check in _OF_UNREAD else fails


_OF_UNREAD: Mapping[Check, Callable[[str, str], str]] = {
    Check.MISSING: lambda fails, unread: f"({fails}) AND NOT ({unread})",
    Check.NEW_COLUMN: lambda fails, unread: f"({fails}) OR {unread}",
    Check.TYPE: lambda fails, unread: f"CASE WHEN {unread} THEN true ELSE {fails} END",
}
"""What texts that are not read change of a clause: rows hold them, so that nothing is missing there, and they are of no type."""


def _column_fails(info: ColumnInfo, data: str, clause: Clause, timezone: str) -> str:
    if clause.check is Check.NEW_COLUMN:
        return f"NOT ({no_value(info, data)})"
    terms = clause.terms
    if terms is None:
        raise ColumnMissingError(f"The clause '{clause.id}' has no terms.")
    if clause.check is Check.MISSING:
        return no_value(info, data)
    if clause.check is Check.TYPE and terms.type is not None:
        return f"CASE WHEN NOT ({no_value(info, data)}) THEN {_of_type(info, data, terms.type, timezone)} END"
    if clause.check is Check.RANGE:
        number = as_number(info, data)
        ends = [f"{number} < {terms.min!r}"] if terms.min is not None else []
        ends += [f"{number} > {terms.max!r}"] if terms.max is not None else []
        return f"CASE WHEN {number} IS NOT NULL AND NOT isnan({number}) THEN {' OR '.join(ends)} END"
    level = as_level(info, data)
    tests = {
        Check.LEVELS: f"{level} NOT IN ({', '.join(literal(one) for one in terms.levels or ('',))})",
        Check.PATTERN: f"NOT regexp_full_match({level}, {literal(terms.pattern)})",
        Check.UNIQUE: f"row_number() OVER (PARTITION BY {level} ORDER BY {_ORDER}) > 1",
        Check.CONSTANT: f"{level} <> min({level}) OVER ()",
    }
    if clause.check is Check.MONOTONE:
        value = local_time(info, data, timezone) if family(info.types[data]) == "datetime" else as_number(info, data)
        sign = "<" if terms.monotone == "increasing" else ">"
        return f"CASE WHEN {value} IS NOT NULL THEN coalesce({value} {sign} lag({value}) OVER (ORDER BY {_ORDER}), false) END"
    return f"CASE WHEN ({level}) IS NOT NULL THEN {tests[clause.check]} END"


def no_value(info: ColumnInfo, data: str) -> str:
    """Return SQL of whether a row has no value: null, or not a number."""
    column = quote(info.name)
    return f"{column} IS NULL OR isnan({column})" if family(info.types.get(data, info.type)) == "float" else f"{column} IS NULL"


def _of_type(info: ColumnInfo, data: str, wanted: Sort, timezone: str) -> str:
    """Return SQL of whether a value is not of a type, however it is stored."""
    sort, column = family(info.types.get(data, info.type)), quote(info.name)
    if wanted is Sort.TEXT:
        return "false" if sort == "text" else "true"
    if wanted is Sort.DATETIME:
        return "false" if sort == "datetime" else f"({local_time(info, data, timezone)}) IS NULL"
    if wanted is Sort.BOOLEAN:
        known = ", ".join(literal(one) for one in _YES_NO)
        return "false" if sort == "boolean" else f"lower(trim(CAST({column} AS VARCHAR))) NOT IN ({known})"
    number = f"TRY_CAST(CAST({column} AS VARCHAR) AS DOUBLE)" if sort == "text" else as_number(info, data)
    if sort not in NUMBERS | {"text", "boolean"}:
        return "true"
    return f"{number} IS NULL" if wanted is Sort.NUMBER else f"{number} IS NULL OR {number} <> trunc({number})"


def look_at(workspace: Workspace, selection: Selection, size: WindowSize, clause: Clause) -> dict[int, Seen]:
    """Return what the rows that break a clause hold, by position of the window.

    Raises
    ------
    SelectionError, ColumnMissingError
        It cannot be counted.
    """
    data = selection.data
    names = sorted(named_by(workspace, data, clause))
    rows = select_rows(workspace, selection, size, names, ordered=True)
    column = workspace.schema.info(clause.column) if clause.column else None
    numeric = column is not None and family(column.types.get(data, column.type)) in NUMBERS
    number = as_number(column, data) if column is not None and numeric else "CAST(NULL AS DOUBLE)"
    fails = _fails(workspace, data, clause).replace(_ORDER, time_order(rows.local))
    shown, unread = _shown(workspace, data, names), workspace.source(data).unread.get(clause.column)
    shown = f"coalesce({shown}, {unread})" if unread is not None else shown
    inner = rows.select([fails, shown, number, rows.local or "CAST(NULL AS TIMESTAMP)"])
    most = MOST_LEVELS + 1 if clause.check is Check.LEVELS else MOST_SEEN
    sql = (
        f"SELECT w, x1, count(*) AS n, min(min(x2)) OVER (PARTITION BY w), max(max(x2)) OVER (PARTITION BY w), "
        f"min(min(x3)) OVER (PARTITION BY w), min(x3) FROM {inner} WHERE x0 GROUP BY w, x1 "
        f"QUALIFY row_number() OVER (PARTITION BY w ORDER BY n DESC, x1) <= {most} ORDER BY w, n DESC, x1"
    )
    with workspace.cursor() as cursor:
        _, keys, _ = find_windows(cursor, workspace, rows, size, Watch())
        table = fetch(cursor, sql, rows.parameters, text="looking at broken rows")
    found: dict[int, Seen] = {}
    for w, value, n, low, high, first, since in zip(*(_listed(table, i) for i in range(7)), strict=True):
        at = int(np.searchsorted(keys, w))
        values = {} if value is None else {str(value): int(n)}
        began = {} if value is None or since is None else {str(value): since}
        one = Seen(values=values, low=_number(low), high=_number(high), first=first, since=began)
        found[at] = found[at] + one if at in found else one
    return found


def _earliest(one: Mapping[str, datetime], other: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return the earlier moment of each value."""
    return {value: min(side[value] for side in (one, other) if value in side) for value in {**one, **other}}


def _shown(workspace: Workspace, data: str, names: Sequence[str]) -> str:
    """Return SQL of what is shown of a broken row: its value, or those of all columns that a rule names."""
    levels = [as_level(workspace.schema.info(name), data) for name in names]
    if len(levels) == 1:
        return levels[0]
    told = (f"{literal(f'{name} = ')} || coalesce({sql}, 'none')" for name, sql in zip(names, levels, strict=True))
    return " || ', ' || ".join(told)


def _listed(table: Any, i: int) -> list[Any]:
    return list(table.column(i).to_pylist())


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
