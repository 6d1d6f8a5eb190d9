"""The open end cells of a number, cut finer for drawing: production often lies beyond everything that the reference had."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift_result import DriftResult
from monitor.analyses.rows import window_selection
from monitor.analyses.sides import Question
from monitor.engine import Selection, Workspace, values
from monitor.errors import SelectionError
from monitor.vocabulary import WHOLE

SAMPLE = 20_000
PIECES = 8
HEAVY = 0.2
"""Share of either side's rows from which an end cell is cut."""


@dataclass(frozen=True, slots=True)
class _Sides:
    reference: NDArray[np.float64]
    production: NDArray[np.float64]


def cut_heavy_ends(
    workspace: Workspace, result: DriftResult, question: Question, window: str, cells: pd.DataFrame, last: str = ""
) -> pd.DataFrame:
    """Return the cells of a numeric column (see `cell_table`) with heavy first and last cells cut into equal pieces.

    The share of a cut cell stays exact; how it spreads over the pieces comes from at most 20,000 rows a side. Cells of categories, of
    light ends and of windows that are blocks of rows are returned as they are.
    """
    inside = cells.index[cells["lower"].notna() & cells["upper"].notna()]
    column = str(cells["column"].iloc[0])
    if len(inside) < 3 or not (result.sides.size.calendar or window == WHOLE):
        return cells
    ends = [int(end) for end in (inside[0], inside[-1]) if cells.loc[end, ["share_reference", "share_production"]].max() >= HEAVY]
    if not ends:
        return cells
    sides = _values(workspace, question, column, window_selection(result, question.production, window, last))
    parts = [_pieces(cells.loc[[i]], sides) if i in ends else cells.loc[[i]] for i in cells.index]
    return pd.concat(parts, ignore_index=True)


def _values(workspace: Workspace, question: Question, column: str, chosen: Selection) -> _Sides:
    # Compared with other windows the reference itself may be empty, and a level may have no row in the window.
    before, after = (_sampled(workspace, side, column, question.seed) for side in (question.reference, chosen))
    return _Sides(before, after)


def _sampled(workspace: Workspace, selection: Selection, column: str, seed: int) -> NDArray[np.float64]:
    try:
        return np.asarray(values(workspace, selection, column, limit=SAMPLE, seed=seed).values, dtype=float)
    except SelectionError:
        return np.array([])


def _pieces(cell: pd.DataFrame, sides: _Sides) -> pd.DataFrame:
    low, high = float(cell["lower"].iloc[0]), float(cell["upper"].iloc[0])
    if not (np.isfinite(low) and np.isfinite(high) and high > low):
        return cell
    edges = np.linspace(low, high, PIECES + 1)
    pieces = pd.concat([cell] * PIECES, ignore_index=True).assign(lower=edges[:-1], upper=edges[1:])
    for name, own in (("reference", sides.reference), ("production", sides.production)):
        found = np.histogram(own[(own > low) & (own <= high)], edges)[0]
        spread = found / found.sum() if found.sum() else np.full(PIECES, 1 / PIECES)
        pieces[f"share_{name}"] = float(cell[f"share_{name}"].iloc[0]) * spread
        pieces[f"n_{name}"] = np.round(float(cell[f"n_{name}"].iloc[0]) * spread).astype(np.int64)
    pieces["cell"] = [f"{a:.4g} to {b:.4g}" for a, b in pairwise(edges)]
    return pieces
