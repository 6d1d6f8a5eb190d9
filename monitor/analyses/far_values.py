"""Numbers that no value of the reference lets expect, however few rows have them: no alarm of a window, but news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.analyses.drift_result import DriftResult
from monitor.analyses.odd_rows import FEW_ROWS, SELDOM
from monitor.engine import Workspace
from monitor.profile import ColumnCounts
from monitor.stats.contract.terms import range_of

CLEAR = 0.05
"""Part of the span of the reference's values beyond its ends, from which a number is no record that may as well be true."""


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

    How far windows without change go is what a contract would suggest (`range_of`): what as many windows again do not pass. Of many rows
    it is a matter of drift.
    """
    own, production = (side.columns for side in drift.sides.both)
    whole = [name for name in production if name in workspace.columns and drift.sides.part(name).column == name]
    found = (_far(name, own[name], production[name]) for name in whole if production[name].cells.bounded)
    return tuple(one for several in found for one in several)


def _far(name: str, own: ColumnCounts, production: ColumnCounts) -> Iterator[FarValues]:
    allowed, cells = range_of(own.low, own.high), production.cells
    room = CLEAR * (cells.high - cells.low)
    low = np.inf if allowed.low is None else production.low - min(allowed.low, cells.low - room)
    high = np.inf if allowed.high is None else max(allowed.high, cells.high + room) - production.high
    sides = [(0, low, production.low), (cells.size - 1, high, -production.high)]
    passed = [at for at, left, _ in sides if np.any(left < 0)]
    beyond = production.counts[:, passed].sum(axis=1)
    if 0 < beyond.sum() <= max(SELDOM * int(production.rows.sum()), FEW_ROWS):
        least, most = (float(np.nanmin(values)) if at in passed else float("nan") for at, _, values in sides)
        yield FarValues(name, int(beyond.sum()), (cells.low, cells.high), (least, -most), int(np.flatnonzero(beyond)[0]))
