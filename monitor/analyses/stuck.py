"""Numbers that keep one value in all rows of a segment for a window or longer, where they vary elsewhere and used to vary there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.drift_result import DriftResult
from monitor.engine import Selection, Workspace
from monitor.engine.evidence import LevelRanges, ranges_within
from monitor.profile import Ints
from monitor.vocabulary import Kind, Role

LEAST_ROWS = 30
"""Rows of a segment in a window from which one value in all of them is looked at."""
BY_CHANCE = 1e-6
"""How likely rows without change may have one value: each that of the row before, as often as rows of the reference have it."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A column that has one `value` in all rows with `by` at `level`, in the windows `at` (w,), which have `rows` (w,) there."""

    column: str
    by: str
    level: str
    value: float
    at: NDArray[np.bool_]
    rows: Ints


def find_stuck(
    workspace: Workspace, sides: tuple[Selection, Selection], drift: DriftResult, repeated: Mapping[str, float]
) -> tuple[Stuck, ...]:
    """Return what is stuck in a segment of production; nothing where rows are not at hand.

    Parameters
    ----------
    sides : the reference and production.
    repeated : share of the reference's rows that have the value of the row before, by column.
    """
    reference, production = sides
    if workspace.kept is not None or (workspace.counter is not None and workspace.counter.holds(production.data)):
        return ()
    counted = drift.sides.production.columns
    names = [name for name in counted if name in workspace.columns and counted[name].cells.numeric and name in repeated]
    found: list[Stuck] = []
    for by in _segments(workspace):
        now = ranges_within(workspace, production, drift.sides.size, names, by, LEAST_ROWS)
        stuck = [one for name in names for one in _constant(now, name, by, repeated[name], counted[name].low < counted[name].high)]
        if stuck:
            before = ranges_within(workspace, reference, drift.sides.size, sorted({one.column for one in stuck}), by, LEAST_ROWS)
            found += [one for one in stuck if _varied(before, one)]
    return tuple(found)


def _segments(workspace: Workspace) -> list[str]:
    both = {"reference", "production"}
    kinds = (Kind.CATEGORICAL, Kind.BOOLEAN)
    return [name for name, one in workspace.columns.items() if one.role is Role.SEGMENT and one.kind in kinds and set(one.types) >= both]


def _constant(now: LevelRanges, name: str, by: str, repeated: float, varies: NDArray[np.bool_]) -> Iterator[Stuck]:
    """Yield the levels of a segment at which a column has one value in windows in which it varies elsewhere."""
    for level, (rows, low, high) in now.of(name).items():
        with np.errstate(divide="ignore"):
            likely = (rows - 1) * np.log(repeated)
        at = varies & (rows >= LEAST_ROWS) & (low == high) & (likely <= np.log(BY_CHANCE))
        for value in np.unique(low[at]):
            yield Stuck(name, by, level, float(value), at & (low == value), rows)


def _varied(before: LevelRanges, one: Stuck) -> bool:
    """Say whether the reference knows the level, and never had one value there in a window."""
    rows, low, high = before.of(one.column).get(one.level, (np.array([]), np.array([]), np.array([])))
    return bool((rows >= LEAST_ROWS).any() and not ((rows >= LEAST_ROWS) & (low == high)).any())
