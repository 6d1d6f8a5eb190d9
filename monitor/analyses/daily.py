"""At which hour of the day columns peak, by window: where a clock that is set otherwise shows, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.analyses.sides import Question, Sides
from monitor.case import WindowSize
from monitor.engine import Selection, Workspace
from monitor.engine.columns import family
from monitor.engine.sampling import WINDOW_COLUMN, sample
from monitor.profile import Windows
from monitor.stats.inference.daily import Peaks, peaks
from monitor.vocabulary import Kind

Ints = NDArray[np.int64]

ROWS = 50_000
"""Rows of a side that are looked at: of a column whose day explains a tenth of its variance they tell the hour of each of fifty windows
within a quarter of an hour; reading and adding them up is a fifth of measuring 120,000 flights."""
FEWEST_WINDOWS = 3
"""Reference windows with a clear peak from which a column is said to have one."""
LARGEST = 1e150
"""A column that holds more is not asked: the squares of its values are no floats."""
NUMBERS = frozenset({"integer", "float", "decimal"})
"""Sorts of columns that are asked: durations and numbers written as text are not."""
MOSTLY = 0.5
"""Part of the reference's windows that show it."""


@dataclass(frozen=True, slots=True)
class Daily:
    """When a column peaks in the day: in the `own` windows of the reference, and by window of production."""

    own: Peaks
    production: Peaks


def measure_daily(workspace: Workspace, question: Question, sides: Sides) -> Mapping[str, Daily]:
    """Return when columns of numbers peak in the day, of those that do so clearly in the reference.

    Windows are compared with the reference, are whole days at least, and rows are at hand with their hour; else nothing is asked.
    """
    stamp = workspace.schema.timestamp
    whole = sides.size.unit in ("day", "week", "month") and sides.block_size.unit in ("day", "week", "month")
    if stamp is None or not whole or sides.baseline.weights is not None or workspace.counter is not None or workspace.kept is not None:
        return {}
    columns = [name for name in sides.production.columns if _is_number(workspace, name)]
    own = _peaks(workspace, question.reference, stamp, columns, (sides.block_size, sides.blocks.windows))
    clear = [name for name, one in own.items() if np.isfinite(one.hour).sum() >= max(FEWEST_WINDOWS, MOSTLY * len(one.hour))]
    now = _peaks(workspace, question.production, stamp, clear, (sides.size, sides.production.windows))
    return {name: Daily(own[name], now[name]) for name in clear if name in now}


def _is_number(workspace: Workspace, name: str) -> bool:
    info = workspace.columns.get(name)
    if info is None or info.kind is not Kind.NUMERIC or len(info.types) < 2:
        return False
    return {family(one) for one in info.types.values()} <= NUMBERS


def _peaks(
    workspace: Workspace, selection: Selection, stamp: str, columns: Sequence[str], cut: tuple[WindowSize, Windows]
) -> Mapping[str, Peaks]:
    size, windows = cut
    if not columns:
        return {}
    rows = sample(workspace, selection, [stamp, *columns], rows=ROWS, windows=size)
    at = pc.index_in(rows.column(WINDOW_COLUMN), value_set=pa.array(windows.ids, pa.string())).fill_null(-1).to_numpy().astype(np.int64)
    moment = rows.column(stamp).cast(pa.timestamp("us")).to_numpy()
    hour: Ints = moment.astype("datetime64[h]").astype(np.int64) % 24
    found = {}
    for name in columns:
        value = np.asarray(rows.column(name).cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        known = np.isfinite(value) & (at >= 0) & ~np.isnat(moment)
        if np.abs(value[known]).max(initial=0.0) > LARGEST:
            continue
        found[name] = peaks(hour[known], value[known], at[known], len(windows))
    return found
