"""Rows of a selection as arrays of numbers and level codes, for formulas that look at several columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.case import WindowSize
from monitor.engine.columns import Measured
from monitor.engine.counting import find_windows
from monitor.engine.nesting import finer
from monitor.engine.rows import PLACE, Rows, left_out, select_rows
from monitor.engine.running import Cancel, Progress, Watch, fetch, stream
from monitor.engine.selection import Selection
from monitor.engine.windows import key_sql
from monitor.engine.workspace import Workspace
from monitor.profile import Cells, Excluded, Floats, Ints, Windows
from monitor.vocabulary import Kind

BATCH_ROWS = 65_536
BLOCKS = 10
"""Blocks that a window is cut into where the calendar gives none."""
_MOST_HASH = 2**64 - 1


@dataclass(frozen=True, slots=True)
class MatrixRows:
    """Rows as arrays.

    `numeric` (n, p) float64, nan where missing; `categorical` (n, c) positions in the levels of the column, -1 where missing, the number
    of levels where it is none of them; `window` (n,) position in the windows. A sample also has `block` (n,), ids of the short stretches
    of time that neighbours share (never of two windows), and `place` (n, 2), the file and row that each came from; so have batches that
    were asked for places.
    """

    numeric: Floats
    categorical: Ints
    window: Ints
    block: Ints
    place: Ints


@dataclass(frozen=True, slots=True)
class Matrix:
    """A selection that can be read as arrays: `numeric` and `categorical` columns, its windows with their rows, what is left out."""

    workspace: Workspace
    selection: Selection
    size: WindowSize
    numeric: tuple[Measured, ...]
    categorical: tuple[Measured, ...]
    levels: Mapping[str, tuple[str, ...]]
    windows: Windows
    keys: Ints
    rows: Ints
    excluded: tuple[Excluded, ...]
    watch: Watch

    def batches(self, *, placed: bool = False) -> Iterator[MatrixRows]:
        """Yield all rows, batch by batch, in no particular order; memory holds one batch. With `placed` each knows where it came from.

        Raises
        ------
        CancelledError
            When the work was called off.
        """
        selected, names = self._select(ordered=placed), self._expressions() + list(PLACE if placed else ())
        sql, total = f"SELECT * FROM {selected.select(names)}", int(self.rows.sum())
        with self.workspace.cursor() as cursor:
            batches = stream(cursor, sql, selected.parameters, batch_rows=BATCH_ROWS, expected=total, text="reading rows", watch=self.watch)
            for batch in batches:
                yield self._arrays(pa.Table.from_batches([batch]))

    def at(self, place: Ints) -> MatrixRows:
        """Return the rows of the selection at places (n, 2), file and row, in that order; one that is not in it is left out."""
        selected, names = self._select(ordered=True), [*self._expressions(), *PLACE]
        k = len(names)
        wanted = pa.table({"@n": np.arange(len(place)), "@f": place[:, 0], "@r": place[:, 1]})
        outputs = "".join(f", s.x{i}" for i in range(k))
        sql = f'SELECT s.w{outputs} FROM {selected.select(names)} AS s JOIN wanted ON s.x{k - 2} = "@f" AND s.x{k - 1} = "@r" ORDER BY "@n"'
        with self.workspace.cursor() as cursor:
            cursor.register("wanted", wanted)
            table = fetch(cursor, sql, selected.parameters, text="reading rows", watch=self.watch)
            cursor.unregister("wanted")
        return self._arrays(table)

    def sample(self, per_window: int, *, seed: int = 0) -> MatrixRows:
        """Return about `per_window` rows of each window, the same ones each time, in order of time (where there is one) within windows."""
        return self._sampled(_limits(self.rows, per_window), seed)

    def sample_evenly(self, rows: int, *, seed: int = 0) -> MatrixRows:
        """Return about so many rows, of each window the same share, the same ones each time, in the order of `sample`."""
        total = int(self.rows.sum())
        return self._sampled(_limits(np.full(len(self.rows), total), rows), seed)

    def _sampled(self, limits: list[int], seed: int) -> MatrixRows:
        """Return the rows of each window whose hash is within its limit."""
        selected = self._select(ordered=True)
        moment = f"epoch_us({selected.local})" if selected.local else "CAST(NULL AS BIGINT)"
        names = [*self._expressions(), self._block_sql(selected.local), moment, *PLACE]
        inner = selected.select([*names, f'hash("@driftscope.file", "@driftscope.row", {int(seed)})'])
        k = len(names)
        outputs = ", ".join(f"s.x{i}" for i in range(k))
        sql = f"SELECT s.w, {outputs} FROM {inner} AS s JOIN sampled AS l ON s.w = l.w WHERE s.x{k} <= l.most"
        with self.workspace.cursor() as cursor:
            cursor.register("sampled", pa.table({"w": self.keys, "most": pa.array(limits, pa.uint64())}))
            order = f"s.w, s.x{k - 3} NULLS LAST, s.x{k - 2}, s.x{k - 1}"
            table = fetch(cursor, f"{sql} ORDER BY {order}", selected.parameters, text="sampling rows", watch=self.watch)
            cursor.unregister("sampled")
        return self._arrays(table)

    @property
    def sql(self) -> str:
        """SQL that reads the rows, as people read it."""
        selected = self._select(ordered=False)
        parts = ",\n  ".join(f"{sql} AS x{i}" for i, sql in enumerate(self._expressions()))
        values = "\n-- values of ?: " + ", ".join(str(value) for value in selected.parameters) if selected.parameters else ""
        return f"SELECT {selected.key} AS w,\n  {parts}\nFROM {selected.relation}\nWHERE {selected.where};{values}"

    def _select(self, *, ordered: bool) -> Rows:
        columns = [m.column for m in (*self.numeric, *self.categorical)]
        return select_rows(self.workspace, self.selection, self.size, columns, ordered=ordered)

    def _expressions(self) -> list[str]:
        return [self.workspace.schema.sql(m, self.selection.data) for m in (*self.numeric, *self.categorical)]

    def _block_sql(self, local: str | None) -> str:
        shorter = finer(self.size) if self.size.calendar else None
        return key_sql(shorter, local) if shorter is not None and local else "CAST(NULL AS BIGINT)"

    def _arrays(self, table: pa.Table) -> MatrixRows:
        columns = table.columns[1:]
        p, c, n = len(self.numeric), len(self.categorical), table.num_rows
        numeric, categorical = np.empty((n, p)), np.empty((n, c), dtype=np.int64)
        for i in range(p):
            numeric[:, i] = columns[i].to_numpy()
        for i, measured in enumerate(self.categorical):
            categorical[:, i] = _codes(columns[p + i], self.levels[measured.name])
        window = np.searchsorted(self.keys, table.column(0).to_numpy())
        nothing = np.zeros((0, 2), dtype=np.int64)
        if len(columns) == p + c:
            return MatrixRows(numeric, categorical, window, nothing[:, 0], nothing)
        place = np.column_stack([columns[i].to_numpy() for i in (-2, -1)]).astype(np.int64)
        if len(columns) == p + c + 2:
            return MatrixRows(numeric, categorical, window, nothing[:, 0], place)
        return MatrixRows(numeric, categorical, window, _blocks(columns[p + c], window, len(self.keys)), place)


def open_matrix(
    workspace: Workspace,
    selection: Selection,
    cells: Mapping[str, Cells],
    *,
    windows: WindowSize,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Matrix:
    """Prepare to read the columns of `cells` by window; levels are all those that the reference had, those with a cell first.

    Raises
    ------
    SelectionError
        When nothing is selected, or the windows need a timestamp that is not there, or are too many.
    """
    measured = workspace.measured(cells)
    watch = Watch(progress, cancel)
    rows = select_rows(workspace, selection, windows, [m.column for m in measured])
    with workspace.cursor() as cursor:
        found, keys, counts = find_windows(cursor, workspace, rows, windows, Watch(cancel=cancel))
        excluded = left_out(cursor, rows, workspace.rows(selection.data) - int(counts.sum()))
    categorical = tuple(m for m in measured if m.kind is not Kind.NUMERIC)
    return Matrix(
        workspace=workspace,
        selection=selection,
        size=windows,
        numeric=tuple(m for m in measured if m.kind is Kind.NUMERIC),
        categorical=categorical,
        levels={m.name: (*cells[m.name].levels, *sorted(cells[m.name].known.difference(cells[m.name].levels))) for m in categorical},
        windows=found,
        keys=keys,
        rows=counts,
        excluded=excluded,
        watch=watch,
    )


def _limits(rows: Ints, per_window: int) -> list[int]:
    """Return the largest hash that is in the sample, by window."""
    return [_MOST_HASH if count <= per_window else int(per_window / count * _MOST_HASH) for count in rows.tolist()]


def _codes(column: pa.ChunkedArray, levels: Sequence[str]) -> Ints:
    found = pc.index_in(column, value_set=pa.array(levels, pa.string())).fill_null(len(levels))
    codes = np.asarray(found.to_numpy(), dtype=np.int64)
    return np.where(column.is_null().to_numpy(), -1, codes)


def _blocks(keys: pa.ChunkedArray, window: Ints, windows: int) -> Ints:
    """Return ids of stretches of time: calendar ones, else tenths of each window in order of time."""
    if keys.null_count:
        counts = np.bincount(window, minlength=windows)
        first = np.cumsum(counts) - counts
        return np.asarray(window * BLOCKS + (np.arange(len(window)) - first[window]) * BLOCKS // counts[window])
    key = np.asarray(keys.to_numpy(), dtype=np.int64)
    return np.unique(np.column_stack([window, key - key.min(initial=0)]), axis=0, return_inverse=True)[1].reshape(-1)
