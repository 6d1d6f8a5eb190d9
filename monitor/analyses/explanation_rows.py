"""The rows that are explained: a seeded sample of each window of both sides, with what the model was given and what it answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from monitor.analyses.performance_rows import STRETCHES
from monitor.analyses.sides import stretch_size, usual_windows
from monitor.case import WindowSize
from monitor.engine import Cancel, Matrix, Progress, Selection, Wanted, Workspace, open_matrix, read_outcomes, rows_at
from monitor.engine.columns import family
from monitor.errors import SelectionError
from monitor.profile import Windows
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 30
"""Rows of a window that are explained at least, while all windows together do not need MOST times the rows that were asked for."""
MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledSide:
    """Sampled rows of one side.

    `frame` (n rows) holds the columns that were asked for; `window` (n,) is the position of each row in `windows`, which hold `held` (w,)
    rows, whose logged answers have the mean `logged` (w,), nan where that is not known; `block` (n,) are stretches of time that neighbours
    share; `place` (n, 2) the file and row of each. `lost` are columns that the side does not have, which are missing in every row.
    """

    frame: pd.DataFrame
    window: Ints
    windows: Windows
    held: Ints
    block: Ints
    place: Ints
    lost: tuple[str, ...]
    logged: Floats
    data: str
    sql: str
    excluded: dict[str, int]

    @property
    def n(self) -> int:
        """Number of sampled rows."""
        return len(self.window)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How rows are drawn: about `rows` of each side, the same ones each time by `seed`; of a column `logged` all rows are averaged."""

    workspace: Workspace
    columns: tuple[str, ...]
    rows: int
    seed: int
    logged: str = ""
    progress: Progress | None = None
    cancel: Cancel | None = None

    def production(self, selection: Selection, size: WindowSize) -> SampledSide:
        """Sample the judged windows.

        Raises
        ------
        SelectionError, ColumnMissingError, CancelledError
        """
        return self._read(self._matrix(selection, size))

    def reference(self, selection: Selection, size: WindowSize) -> SampledSide:
        """Sample the reference in windows of the size; where they are few, in stretches of shorter ones.

        Raises
        ------
        SelectionError, ColumnMissingError, CancelledError
        """
        size = size if size.unit != "whole" else usual_windows(self.workspace)
        usual = self._matrix(selection, size)
        shorter = stretch_size(size, len(usual.windows))
        if shorter is None:
            return self._read(usual)
        try:
            blocks = self._matrix(selection, shorter)
        except SelectionError:  # too many blocks: the windows themselves have to do
            return self._read(usual)
        return in_stretches(self._read(blocks))

    def _matrix(self, selection: Selection, size: WindowSize) -> Matrix:
        return open_matrix(self.workspace, selection, {}, windows=size, progress=self.progress, cancel=self.cancel)

    def _read(self, matrix: Matrix) -> SampledSide:
        many = max(len(matrix.windows), 1)
        per_window = max(1, min(max(-(-self.rows // many), FEWEST), MOST * self.rows // many))
        drawn = matrix.sample(per_window, seed=self.seed)
        data = matrix.selection.data
        return SampledSide(
            frame=self.frame_at(data, drawn.place),
            window=drawn.window,
            windows=matrix.windows,
            held=matrix.rows,
            block=drawn.block,
            place=drawn.place,
            lost=tuple(name for name in self.columns if not self._there(name, data)),
            logged=self._logged(matrix),
            data=data,
            sql=matrix.sql,
            excluded={one.reason: one.rows for one in matrix.excluded},
        )

    def frame_at(self, data: str, places: Ints) -> pd.DataFrame:
        """Return the rows of a data set at places (n, 2), file and row, as the model is given them; columns that it lacks are missing."""
        there = [name for name in self.columns if self._there(name, data)]
        table = rows_at(self.workspace, data, places, there) if there else pa.table({})
        frame = pd.DataFrame({name: self._column(name, table) for name in there}, index=pd.RangeIndex(len(places)))
        lost = [name for name in self.columns if name not in there]
        return frame.assign(**dict.fromkeys(lost, np.nan))[list(self.columns)]

    def _there(self, name: str, data: str) -> bool:
        return data in self.workspace.schema.info(name).types

    def _logged(self, matrix: Matrix) -> Floats:
        """Return the mean of what was logged over all rows of each window, (w,)."""
        many = len(matrix.windows)
        if not self.logged or matrix.selection.data not in self.workspace.schema.info(self.logged).types:
            return np.full(many, np.nan)
        read = read_outcomes(self.workspace, matrix.selection, matrix.size, Wanted(numbers=(self.logged,)), cancel=self.cancel)
        numbers = read.numbers[self.logged]
        known = np.isfinite(numbers)
        with np.errstate(invalid="ignore"):
            return np.bincount(read.window[known], numbers[known], many) / np.bincount(read.window[known], minlength=many)

    def _column(self, name: str, table: pa.Table) -> pd.Series[Any]:
        """Return a column as the model is given it: numbers as such, also where a data set holds them as text."""
        info, values = self.workspace.schema.info(name), table.column(name).to_pandas()
        if info.kind is not Kind.NUMERIC or family(info.type) == "datetime":
            return pd.Series(values)
        return pd.Series(pd.to_numeric(values, errors="coerce").astype(float))


def in_stretches(side: SampledSide) -> SampledSide:
    """Return a side in longer windows, each of several neighbours, about STRETCHES of them."""
    parts = np.array_split(np.arange(len(side.windows)), min(STRETCHES, len(side.windows)))
    stretch = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    ends = [(part[0], part[-1]) for part in parts]
    windows = Windows(
        tuple(f"{side.windows.ids[first]}..{side.windows.ids[last]}" for first, last in ends),
        side.windows.start[[first for first, _ in ends]],
        side.windows.end[[last for _, last in ends]],
    )
    held = np.array([side.held[part].sum() for part in parts], dtype=np.int64)
    logged = np.array([_mean(side.logged[part], side.held[part]) for part in parts])
    block = side.window  # the shorter windows are what neighbours share
    return replace(side, window=stretch[side.window], windows=windows, held=held, logged=logged, block=block)


def _mean(values: Floats, rows: Ints) -> float:
    """Return the mean of those values that are known, each by its rows; nan where none is."""
    known = np.isfinite(values)
    return float(np.average(values[known], weights=rows[known])) if known.any() else float("nan")
