"""Rows of a selection as positions in cells: what is needed to see which of them are alike, without their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.engine.columns import Measured
from monitor.engine.counting import find_windows
from monitor.engine.identifiers import quote
from monitor.engine.rows import PLACE, left_out, select_rows
from monitor.engine.running import Cancel, Progress, Watch, fetch, stream
from monitor.engine.selection import Selection
from monitor.engine.windows import NO_TIME
from monitor.engine.workspace import Workspace
from monitor.profile import Cells, Excluded, Floats, Ints, Windows
from monitor.vocabulary import Kind

Codes = NDArray[np.int16]

BATCH_ROWS = 65_536
NONE = -100
"""Position of what is missing: next to nothing else."""
LEAST_CELLS, MOST_CELLS = 10, 250
"""Cells that a number is cut into."""
TAILS = (0.001, 0.01, 0.05, 0.95, 0.99, 0.999)
"""Quantiles at which the outer cells are cut once more, for they are wide."""
BEYOND, WIDER = 100, 1.1
"""Cells beyond each end of the reference, each so many times as wide as the one before."""
MOST_LEVELS = 30_000
"""Levels that have a position of their own, the commonest first; all others share one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How something measured becomes a position: how many `edges` lie below a number, where a level stands in `levels`."""

    measured: Measured
    edges: Floats
    levels: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        """Whether positions have an order."""
        return self.measured.kind is Kind.NUMERIC

    @property
    def size(self) -> int:
        """Positions there are, that of all other levels among them."""
        return len(self.edges) + 1 if self.numeric else len(self.levels) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedRows:
    """Rows (n,), in order of time within windows: `window` position in `windows`, of which each has `rows` (w,); `moment` microseconds of
    the local clock, NO_TIME where there is none; `place` (n, 2) the file and row that each came from; `codes` (p, n) positions by column,
    NONE where missing; `score` nan and `identity` (k, n) (hashes of the values of k columns) 0 where there is none. `sql` read them,
    `excluded` says what was left out.
    """

    windows: Windows
    rows: Ints
    window: Ints
    moment: Ints
    place: Ints
    codes: Codes
    score: Floats
    identity: Ints
    excluded: tuple[Excluded, ...]
    sql: str


def cut_columns(workspace: Workspace, measured: Sequence[Measured], cells: Mapping[str, Cells], rows: int) -> tuple[Cut, ...]:
    """Cut each column so that few of a reference's `rows` share all cells: numbers at quantiles, the fewer of them the finer.

    Raises
    ------
    ColumnMissingError
        The reference has no such column.
    """
    numbers = [one for one in measured if one.kind is Kind.NUMERIC]
    many = int(np.clip(np.ceil(max(rows, 1) ** (1 / max(len(numbers), 1))), LEAST_CELLS, MOST_CELLS))
    edges = dict(zip([one.name for one in numbers], _quantiles(workspace, numbers, many), strict=True))
    none = np.zeros(0)
    return tuple(Cut(one, edges.get(one.name, none), () if one.name in edges else _levels(cells[one.name])) for one in measured)


def _levels(cells: Cells) -> tuple[str, ...]:
    """Return the levels that the reference had, those with a cell first."""
    return (*cells.levels, *sorted(cells.known.difference(cells.levels)))[:MOST_LEVELS]


def _quantiles(workspace: Workspace, numbers: Sequence[Measured], many: int) -> list[Floats]:
    """Return the different inner quantiles of each number in the reference."""
    if not numbers:
        return []
    at = ", ".join(map(repr, _shares(many)))
    inner = ", ".join(f"{workspace.schema.sql(one, 'reference')} AS x{i}" for i, one in enumerate(numbers))
    parts = ", ".join(f"quantile_disc(x{i}, [0.0, {at}, 1.0]) FILTER (isfinite(x{i}))" for i in range(len(numbers)))
    relation = workspace.relation("reference", [one.column for one in numbers])
    with workspace.cursor() as cursor:
        table = fetch(cursor, f"SELECT {parts} FROM (SELECT {inner} FROM {relation})", text="cutting numbers")
    found = [column[0].as_py() or [] for column in table.columns]
    return [_edges(np.array([value for value in one if value is not None], dtype=np.float64)) for one in found]


def _shares(many: int) -> list[float]:
    return sorted({*TAILS, *(i / many for i in range(1, many))})


def quantile_edges(values: Floats, many: int) -> Floats:
    """Return the edges that values (n,) of a reference are cut at into about so many cells.

    >>> edges = quantile_edges(np.arange(1.0, 101.0), 10)
    >>> at = np.searchsorted(edges, [11.0, 20.0, 21.0])
    >>> int(at[1] - at[0]), int(at[2] - at[1])
    (0, 1)
    """
    known = np.sort(values[np.isfinite(values)])
    at = [int(np.ceil(share * len(known))) - 1 for share in (0.0, *_shares(many), 1.0)]
    return _edges(known[np.clip(at, 0, None)] if len(known) else known)


def _edges(quantiles: Floats) -> Floats:
    """Return quantiles, the least and the largest among them, as edges, with ever wider cells beyond both ends."""
    if not len(quantiles):
        return quantiles
    low, high = float(quantiles[0]), float(quantiles[-1])
    steps = ((high - low) or abs(high) or 1.0) / 10 * (WIDER ** np.arange(1, BEYOND + 1) - 1)
    below = np.concatenate([low - steps, [np.nextafter(low, -np.inf)]])
    return np.unique(np.concatenate([below[np.isfinite(below)], quantiles, (high + steps)[np.isfinite(high + steps)]]))


def read_coded(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    cuts: Sequence[Cut],
    *,
    also: tuple[Measured | None, Sequence[str]] = (None, ()),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> CodedRows:
    """Read all rows of a selection as positions, batch by batch.

    Parameters
    ----------
    also : the score, where there is one, and the columns whose values are told from each other one by one.

    Raises
    ------
    SelectionError
        Nothing is selected, or it cannot be cut into such windows.
    CancelledError
        When the work was called off.
    """
    watch, (score, identities) = Watch(progress, cancel), also
    named = [*([score.column] if score else []), *identities]
    selected = select_rows(workspace, selection, size, [*(one.measured.column for one in cuts), *named], ordered=True)
    values = [workspace.schema.sql(one.measured, selection.data) for one in cuts]
    told = workspace.schema.sql(score, selection.data) if score else "CAST(NULL AS DOUBLE)"
    moment = f"epoch_us({selected.local})" if selected.local else "CAST(NULL AS BIGINT)"
    hashed = [f"hash(CAST({quote(one)} AS VARCHAR)) * ({quote(one)} IS NOT NULL)::UBIGINT" for one in identities]
    parts = [moment, *PLACE, told, *hashed, *values]
    sql = f"SELECT w, {', '.join(f'x{i}' for i in range(len(parts)))} FROM {selected.select(parts)}"
    with workspace.cursor() as cursor:
        windows, keys, rows = find_windows(cursor, workspace, selected, size, Watch(cancel=cancel))
        excluded = left_out(cursor, selected, workspace.rows(selection.data) - int(rows.sum()))
        batches = [
            _coded(one, cuts, keys, len(identities))
            for one in stream(
                cursor, sql, selected.parameters, batch_rows=BATCH_ROWS, expected=int(rows.sum()), text="reading rows", watch=watch
            )
        ]
    joined = [np.concatenate(one, axis=-1) for one in zip(*batches, strict=True)]
    order = np.lexsort((joined[3], joined[2], joined[1], joined[0]))
    window, moments, file, row, scores, keyed, codes = (one[..., order] for one in joined)
    return CodedRows(
        windows=windows, rows=rows, window=window, moment=moments, place=np.column_stack([file, row]), codes=codes,
        score=scores, identity=keyed, excluded=excluded, sql=sql,
    )  # fmt: skip


def _coded(batch: pa.RecordBatch, cuts: Sequence[Cut], keys: Ints, identities: int) -> tuple[NDArray[np.generic], ...]:
    columns = batch.columns
    window = np.searchsorted(keys, columns[0].to_numpy(zero_copy_only=False))
    moment = pc.fill_null(columns[1], NO_TIME).to_numpy(zero_copy_only=False).astype(np.int64)
    file, row = (columns[i].to_numpy(zero_copy_only=False).astype(np.int64) for i in (2, 3))
    score = columns[4].to_numpy(zero_copy_only=False).astype(np.float64)
    at = 5 + identities
    hashed = [one.to_numpy(zero_copy_only=False).astype(np.uint64).view(np.int64) for one in columns[5:at]]
    identity = np.array(hashed, dtype=np.int64).reshape(identities, batch.num_rows)
    codes = [_positions(column, cut) for column, cut in zip(columns[at:], cuts, strict=True)]
    return window, moment, file, row, score, identity, np.array(codes, dtype=np.int16).reshape(len(cuts), batch.num_rows)


def _positions(column: pa.Array, cut: Cut) -> Codes:
    if cut.numeric:
        values = column.to_numpy(zero_copy_only=False).astype(np.float64)
        return np.where(np.isnan(values), NONE, np.searchsorted(cut.edges, values, side="left")).astype(np.int16)
    found = pc.fill_null(pc.index_in(column, value_set=pa.array(cut.levels, pa.string())), len(cut.levels)).to_numpy(zero_copy_only=False)
    return np.where(column.is_null().to_numpy(zero_copy_only=False), NONE, found).astype(np.int16)
