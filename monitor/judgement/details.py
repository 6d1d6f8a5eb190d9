"""One column in a window or a run of windows, close up: its cells before and after, with those marked that moved beyond chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.moved_cells import group_labels
from monitor.errors import SelectionError
from monitor.judgement.assessment import overdispersion
from monitor.judgement.drift import JudgedDrift
from monitor.profile import Cells
from monitor.stats.counts.comparison import Layout
from monitor.stats.counts.grouping import BINS, group_counts

FINE = 20
"""Groups of cells that a distribution is drawn with."""
MOVED_T = 3.0
"""Standard errors (with the reference's own variation in them) from which a cell counts as moved."""


def cell_table(judged: JudgedDrift, column: str, window: str, last: str = "") -> pd.DataFrame:
    """Return the cells of a column in a window, or in the run of windows that ends with `last`, one row each.

    Columns: `column, label, cell, lower, upper, share_reference, share_production, n_reference, n_production, moved`.

    Raises
    ------
    SelectionError
        The screen has no such column or window.
    """
    sides = judged.result.sides
    ids = sides.production.windows.ids
    if column not in sides.production.columns or window not in ids or (last or window) not in ids:
        raise SelectionError(f"There is no column '{column}' in window '{window}' on this screen.")
    part = slice(ids.index(window), ids.index(last or window) + 1)
    reference, production = sides.reference(column), sides.production.columns[column]
    layout = _layout(judged, column)
    before = group_counts(reference.counts, layout.groups)
    before = before[part].sum(axis=0) if len(before) > 1 else before[0]
    after = group_counts(production.counts, layout.groups)[part].sum(axis=0)
    lower, upper = _bounds(production.cells, layout.groups)
    last = layout.groups[production.cells.size - 1]
    if production.cells.numeric and _drawn(production.cells, before[0] + after[0]):
        lower[0] = _below(reference.low, production.low)
    if production.cells.numeric and _drawn(production.cells, before[last] + after[last]):
        upper[last] = _above(reference.high, production.high)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = before / before.sum(), after / after.sum()
    table = pd.DataFrame(
        {
            "column": column,
            "label": judged.result.labels.get(column, column),
            "cell": group_labels(production.cells, layout.groups),
            "lower": lower,
            "upper": upper,
            "share_reference": shares[0],
            "share_production": shares[1],
            "n_reference": before.astype(np.int64),
            "n_production": after.astype(np.int64),
        }
    )
    table["moved"] = _moved(judged, column, part, table)
    return table


def cell_members(judged: JudgedDrift, column: str) -> tuple[tuple[int, ...], ...]:
    """Return the cells of the column that each row of its `cell_table` stands for."""
    groups = _layout(judged, column).groups
    return tuple(tuple(np.flatnonzero(groups == group).tolist()) for group in range(int(groups.max()) + 1))


def _layout(judged: JudgedDrift, column: str) -> Layout:
    sides = judged.result.sides
    reference, production = sides.reference(column), sides.production.columns[column]
    return Layout.of(production.cells, reference.counts, bins=FINE if production.cells.numeric else BINS)


def _drawn(cells: Cells, rows: float) -> bool:
    """Say whether an end is closed for drawing: an end without rows stays open, so that it is left out."""
    return rows > 0 or not cells.bounded


def _below(reference: Any, production: Any) -> float:
    """Return a number just below the smallest value of both sides, minus infinity if there is none."""
    lowest = float(np.fmin.reduce(np.append(reference, production)))
    return -np.inf if np.isnan(lowest) else float(np.nextafter(lowest, -np.inf))


def _above(reference: Any, production: Any) -> float:
    highest = float(np.fmax.reduce(np.append(reference, production)))
    return np.inf if np.isnan(highest) else highest


def _bounds(cells: Cells, groups: Any) -> tuple[Any, Any]:
    """Return lower and upper bound of every group; nan for levels, `other` and `missing`."""
    count = int(groups.max()) + 1
    lower, upper = np.full(count, np.nan), np.full(count, np.nan)
    if cells.numeric:
        low, high = cells.bounds
        for group in range(count - 2):
            members = np.flatnonzero(groups == group)
            if not cells.gaps[members].all():  # what lies between the few values of a column is no stretch of the axis
                lower[group], upper[group] = low[members[0]], high[members[-1]]
    return lower, upper


def _moved(judged: JudgedDrift, column: str, part: slice, table: pd.DataFrame) -> Any:
    """Mark cells that differ by MOVED_T standard errors and by at least a fifth of the largest difference."""
    n, m = table["n_production"].sum(), table["n_reference"].sum()
    if n == 0 or m == 0:
        return np.zeros(len(table), dtype=bool)
    rows = judged.result.sides.production.columns[column].rows.astype(float)
    phi = float(np.average(overdispersion(judged.assessment.evidence_on(column), column, rows)[part], weights=rows[part]))
    pooled = (table["n_production"] + table["n_reference"]).to_numpy(dtype=float) / (n + m)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 0.0) * (1 / n + 1 / m) * phi)
    difference = (table["share_production"] - table["share_reference"]).abs().to_numpy()
    return (difference > MOVED_T * error) & (difference >= 0.2 * difference.max(initial=0.0)) & (difference > 0)
