"""Numbers that no value of the reference lets expect, however few rows have them: no alarm of a window, but news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.analyses.drift_result import DriftResult
from monitor.engine import Workspace
from monitor.profile import ColumnCounts
from monitor.stats.contract.terms import range_of


@dataclass(frozen=True, slots=True)
class FarValues:
    """A column with `rows` beyond `ends`, the smallest and largest value of the reference, on sides on which some lie farther than windows
    of the reference let expect; `extremes` are the farthest there, nan where a side has none; `window` is the first position."""

    column: str
    rows: int
    ends: tuple[float, float]
    extremes: tuple[float, float]
    window: int


def find_far_values(workspace: Workspace, drift: DriftResult) -> tuple[FarValues, ...]:
    """Return the columns of numbers that have such values.

    How far windows without change go is what a contract would suggest (`range_of`): what as many windows again do not pass.
    """
    own, production = (side.columns for side in drift.sides.both)
    whole = [name for name in production if name in workspace.columns and drift.sides.part(name).column == name]
    found = (_far(name, own[name], production[name]) for name in whole if production[name].cells.bounded)
    return tuple(one for several in found for one in several)


def _far(name: str, own: ColumnCounts, production: ColumnCounts) -> Iterator[FarValues]:
    allowed, cells = range_of(own.low, own.high), production.cells
    low, high = allowed.low is not None and production.low < allowed.low, allowed.high is not None and production.high > allowed.high
    sides = [(0, np.asarray(low), np.nanmin), (cells.size - 1, np.asarray(high), np.nanmax)]
    passed = [side for side in sides if side[1].any()]
    if not passed:
        return
    beyond = np.sum([production.counts[:, at] for at, _, _ in passed], axis=0)
    extremes = [
        float(ends(side)) if far.any() else float("nan")
        for (_, far, ends), side in zip(sides, (production.low, production.high), strict=True)
    ]
    yield FarValues(name, int(beyond.sum()), (cells.low, cells.high), (extremes[0], extremes[1]), int(np.flatnonzero(beyond)[0]))
