"""Screens of drift from arrays in memory: rows already coded into cells go through the same measuring and judging as files do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from monitor.analyses.baselines import Baseline
from monitor.analyses.drift_columns import measure_columns
from monitor.analyses.drift_result import MEASURED, DriftResult
from monitor.analyses.sides import ENOUGH_BLOCKS, Question, Sides
from monitor.case import WindowSize
from monitor.engine import finer, nest, spans
from monitor.engine.cutting import bucket_of, cut_levels, cut_numbers
from monitor.engine.kernel import count_numbers
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.findings import ALARMS
from monitor.profile import Cells, ColumnCounts, Profile, Windows
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.tables import Provenance
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Times = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of rows: `values` (n,) (nan: missing; level numbers where it is categorical) and `codes` (n,), the cell of each row."""

    values: Floats
    codes: Ints
    cells: Cells

    @property
    def objects(self) -> NDArray[np.object_]:
        """Values as other tools take them: numbers, or levels as text with None."""
        if self.cells.numeric:
            return self.values
        return np.array([None if np.isnan(v) else f"level {v:.0f}" for v in self.values], dtype=object)


def numbers(name: str, values: Floats, reference: Ints) -> Column:
    """Code numbers into the cells that the engine would cut from the reference rows."""
    known = values[reference][np.isfinite(values[reference])]
    low, high = (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)
    cells = cut_numbers(name, Kind.NUMERIC, known, low, high)
    codes = np.where(np.isnan(values), cells.width - 1, np.searchsorted(cells.edges, values))
    return Column(values, codes, cells)


def levels(name: str, values: Floats, reference: Ints) -> Column:
    """Code level numbers into cells as the engine does: common ones by name, the others in buckets."""
    known, counts = np.unique(values[reference][~np.isnan(values[reference])], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    cells = cut_levels(name, Kind.CATEGORICAL, [(f"level {known[i]:.0f}", int(counts[i])) for i in order])
    named = {level: i for i, level in enumerate(cells.levels)}
    every = [f"level {v}" for v in range(int(np.nanmax(values)) + 1)]
    place = np.array([named[one] if one in named else len(named) + bucket_of(one, cells.buckets) for one in every])
    codes = np.where(np.isnan(values), cells.width - 1, place[np.nan_to_num(values).astype(int)])
    return Column(values, codes, cells)


def screen(columns: Sequence[Column], times: Times, reference: Ints, production: Ints, size: WindowSize) -> JudgedDrift:
    """Measure and judge every column by the default methods; `reference` and `production` are positions of rows in time order."""
    sides = _sides(columns, times, reference, production, size)
    part = measure_columns(None, sides, Question(), ("default",), CATALOGUE)  # type: ignore[arg-type]  # nothing is read again
    provenance = Provenance({}, {}, {}, 0, {}, (), {}, "", 0.0)
    result = DriftResult(
        analysis="drift",
        case="in memory",
        table=MEASURED.check(pd.concat(part.tables, ignore_index=True)),
        skipped=(),
        provenance=provenance,
        sides=sides,
        catalogue=CATALOGUE,
        verdicts={},
        labels={},
    )
    return judge_drift(result)


def alarmed(judged: JudgedDrift) -> pd.DataFrame:
    """Return whether each column (row) alarms in each window (column)."""
    primary = judged.primary
    return primary.assign(alarm=primary["status"].isin(ALARMS)).pivot(index="column", columns="window", values="alarm")


def _sides(columns: Sequence[Column], times: Times, reference: Ints, production: Ints, size: WindowSize) -> Sides:
    """Do as `monitor.analyses.sides.gather` does for files."""
    blocks, block_size, shorter = _profile(columns, times, reference, size), size, finer(size)
    if len(blocks.windows) < ENOUGH_BLOCKS and shorter is not None:
        blocks, block_size = _profile(columns, times, reference, shorter), shorter
    per_window = max(1, round(size.count / block_size.count)) if size.unit == "rows" else 1
    groups = tuple(tuple(group) for group in nest(blocks.windows, size, "UTC", per_window=per_window))
    rows = blocks.take(groups, [str(i) for i in range(len(groups))]).rows
    counted = _profile(columns, times, production, size)
    return Sides(
        blocks=blocks,
        groups=groups,
        production=counted,
        spans=spans(counted.windows, counted.rows, size, float(np.mean(rows))),
        baseline=Baseline(None, "the whole reference"),
        size=size,
        block_size=block_size,
    )


def window_of(times: Times, size: WindowSize) -> tuple[Ints, Windows]:
    """Return the window of each row (rows in time order) and the windows, cut by rows, hours, days or weeks."""
    if size.unit == "rows":
        key = np.arange(len(times)) // size.count
        first = np.flatnonzero(np.diff(key, prepend=-1))
        starts, ends = times[first], times[np.append(first[1:], len(times)) - 1] + np.timedelta64(1, "us")
        return key, Windows(tuple(f"rows-{i + 1:06d}" for i in range(len(first))), starts, ends)
    step = {"hour": 1, "day": 24, "week": 168}[size.unit] * size.count
    monday = np.datetime64("2000-01-03T00", "h")
    number = (times.astype("datetime64[h]") - monday).astype(np.int64) // step
    kept, key = np.unique(number, return_inverse=True)
    starts = (monday + kept * np.timedelta64(step, "h")).astype("datetime64[us]")
    return key, Windows(tuple(str(start) for start in starts), starts, starts + np.timedelta64(step, "h"))


def _profile(columns: Sequence[Column], times: Times, rows: Ints, size: WindowSize) -> Profile:
    key, windows = window_of(times[rows], size)
    counted = {column.cells.column: _counts(column, rows, key, len(windows)) for column in columns}
    return Profile(windows, np.bincount(key, minlength=len(windows)), counted)


def _counts(column: Column, rows: Ints, key: Ints, windows: int) -> ColumnCounts:
    cells, values = column.cells, column.values[rows]
    counts = np.bincount(key * cells.width + column.codes[rows], minlength=windows * cells.width).reshape(windows, cells.width)
    if not cells.numeric:
        return ColumnCounts.of_levels(cells, counts, unseen=_unseen(column, rows, key, windows))
    batch = pa.record_batch({"w": key, "x": values})
    return count_numbers([batch], [cells], np.arange(windows), threads=1)[0]


def _unseen(column: Column, rows: Ints, key: Ints, windows: int) -> Ints:
    """Count the rows at levels that the reference never had."""
    seen = np.array([float(level.removeprefix("level ")) for level in column.cells.known])
    values = column.values[rows]
    return np.bincount(key[~np.isnan(values) & ~np.isin(values, seen)], minlength=windows)
