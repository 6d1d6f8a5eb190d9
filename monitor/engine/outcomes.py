"""Rows with what the model said and what turned out to be true, as arrays: what performance is worked out of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.engine.cell_predicate import missing_sql
from monitor.engine.columns import Measured, Transform, local_time
from monitor.engine.counting import find_windows
from monitor.engine.rows import columns_of, left_out, select_rows
from monitor.engine.running import Cancel, Progress, Watch, fetch
from monitor.engine.selection import Selection, check_predicate
from monitor.engine.windows import NO_TIME, key_sql
from monitor.engine.workspace import Workspace
from monitor.profile import Excluded, Floats, Ints, Windows
from monitor.vocabulary import Kind

Bools = NDArray[np.bool_]

MISSING = "@missing"
"""Name of the number of columns without a value of each row, where that is asked for."""
_BLOCKS = {"day": "hour", "week": "hour", "month": "day"}
"""Stretches of time whose rows hang together, at least twenty to a window."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A column of levels: `code` (n,) positions in `names`, -1 where missing."""

    code: Ints
    names: tuple[str, ...]

    def are(self, level: str) -> NDArray[np.bool_]:
        """Say which rows have a level, (n,)."""
        return np.asarray(self.code == (self.names.index(level) if level in self.names else len(self.names)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Columns to read, by how they are read; one may be read in several ways. `expressions` are SQL of one row by the name under which its
    numbers are kept (a condition is 1 where it holds); of `filled` columns is read how many lack a value (kept as MISSING)."""

    numbers: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    expressions: Mapping[str, str] = field(default_factory=dict)
    filled: tuple[str, ...] = ()

    def also(self, other: Wanted) -> Wanted:
        """Return what this and another want, each once."""
        return Wanted(
            numbers=tuple(dict.fromkeys((*self.numbers, *other.numbers))),
            levels=tuple(dict.fromkeys((*self.levels, *other.levels))),
            moments=tuple(dict.fromkeys((*self.moments, *other.moments))),
            expressions={**self.expressions, **other.expressions},
            filled=tuple(dict.fromkeys((*self.filled, *other.filled))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRows:
    """Rows of a selection: `window` (n,) position in `windows`, of which each has `rows` (w,); `block` (n,), ids of stretches of time that
    neighbours share, each in one window; columns (n,) by name as `numbers` (nan missing), `levels` and `moments` (microseconds of the local
    clock, NO_TIME missing). `sql` read them, `excluded` says which rows were left out and why."""

    windows: Windows
    rows: Ints
    window: Ints
    block: Ints
    numbers: Mapping[str, Floats]
    levels: Mapping[str, Levels]
    moments: Mapping[str, Ints]
    excluded: tuple[Excluded, ...]
    sql: str


def read_outcomes(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    wanted: Wanted,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> OutcomeRows:
    """Read columns of all rows of a selection.

    Raises
    ------
    SelectionError
        Nothing is selected, or it cannot be cut into such windows.
    ColumnMissingError
        The data have no such column, or a condition names one that they do not have.
    """
    watch = Watch(progress, cancel)
    named = _named(workspace, wanted.expressions, selection.data)
    kept = workspace.kept.lacking(wanted.filled) if workspace.kept and selection.data == "production" else None
    filled = () if kept else wanted.filled
    selected = select_rows(workspace, selection, size, [*wanted.numbers, *wanted.levels, *wanted.moments, *named, *filled])
    parts = [_sql(workspace, name, Kind.NUMERIC, selection.data) for name in wanted.numbers]
    parts += [_sql(workspace, name, Kind.CATEGORICAL, selection.data) for name in wanted.levels]
    parts += [f"epoch_us({local_time(workspace.schema.info(name), selection.data, workspace.case.timezone)})" for name in wanted.moments]
    parts += [f"CAST(({expression}\n) AS DOUBLE)" for expression in wanted.expressions.values()]
    parts += [kept or _lacking(workspace, wanted.filled, selection.data)] if wanted.filled else []
    block = _BLOCKS.get(size.unit, "day" if size.unit == "whole" else None)
    parts.append(key_sql(WindowSize(1, block), selected.local) if block and selected.local else "CAST(NULL AS BIGINT)")
    sql = f"SELECT w, {', '.join(f'x{i}' for i in range(len(parts)))} FROM {selected.select(parts)}"
    with workspace.cursor() as cursor:
        windows, keys, rows = find_windows(cursor, workspace, selected, size, Watch(cancel=cancel))
        excluded = left_out(cursor, selected, workspace.rows(selection.data) - int(rows.sum()))
        table = fetch(cursor, sql, selected.parameters, text="reading labels and answers", watch=watch)
    window = np.searchsorted(keys, table.column(0).to_numpy())
    columns = table.columns[1:]
    first, second = len(wanted.numbers), len(wanted.numbers) + len(wanted.levels)
    third = second + len(wanted.moments)
    return OutcomeRows(
        windows=windows,
        rows=rows,
        window=window,
        block=_block(columns[-1], window),
        numbers={
            name: _number(column)
            for name, column in zip(
                (*wanted.numbers, *wanted.expressions, *([MISSING] if wanted.filled else [])),
                (*columns[:first], *columns[third:-1]),
                strict=True,
            )
        },
        levels={name: _levels(column) for name, column in zip(wanted.levels, columns[first:second], strict=True)},
        moments={name: _moment(column) for name, column in zip(wanted.moments, columns[second:third], strict=True)},
        excluded=excluded,
        sql=sql,
    )


def _named(workspace: Workspace, expressions: Mapping[str, str], data: str) -> list[str]:
    """Return the columns that expressions name; each is checked to be one plain expression of them, as an analyst's conditions are."""
    known = columns_of(workspace, data)
    with workspace.cursor() as cursor:
        return sorted({column for one in expressions.values() for column in check_predicate(cursor, one, known)})


def _sql(workspace: Workspace, name: str, kind: Kind, data: str) -> str:
    info = workspace.schema.info(name)
    return workspace.schema.sql(Measured(name, name, kind, Transform.NONE, info.role), data)


def _lacking(workspace: Workspace, names: tuple[str, ...], data: str) -> str:
    """Return SQL of how many of some columns lack a value in a row."""
    infos = [workspace.schema.info(name) for name in names]
    values = [(workspace.schema.sql(Measured(one.name, one.name, one.kind, Transform.NONE, one.role), data), one) for one in infos]
    parts = [missing_sql(value, may_be_nan=one.kind is Kind.NUMERIC) for value, one in values]
    return f"CAST({' + '.join(f'CAST(({part}) AS INTEGER)' for part in parts)} AS DOUBLE)"


def _number(column: pa.ChunkedArray) -> Floats:
    values = column.to_numpy().astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _levels(column: pa.ChunkedArray) -> Levels:
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return Levels(coded.indices.fill_null(-1).to_numpy().astype(np.int64), tuple(coded.dictionary.to_pylist()))


def _moment(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.fill_null(column, NO_TIME).to_numpy(), dtype=np.int64)


def _block(column: pa.ChunkedArray, window: Ints) -> Ints:
    """Return one id for the rows of a window that lie in one stretch of time; rows without a time stand alone."""
    if column.null_count == len(column):
        return np.arange(len(column), dtype=np.int64)
    key = column.fill_null(NO_TIME).to_numpy().astype(np.int64)
    known, place = np.unique(key, return_inverse=True)
    return np.asarray(window * len(known) + place, dtype=np.int64)
