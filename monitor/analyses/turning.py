"""Columns whose levels come and go in the reference itself: for whoever looks at whole rows, each new level would be a new kind of row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from monitor.analyses.sides import Question, usual_windows
from monitor.engine import Workspace
from monitor.engine.counting import profile
from monitor.profile import UNKNOWN, Cells, ColumnCounts
from monitor.stats.inference.turnover import Turnover, turnover_of
from monitor.tables import Skipped
from monitor.wording import share_text

FEW = 8
"""Levels up to which a column is none of things that come and go."""
TURNING = 0.2
"""Share of rows at new levels, in the last window of the reference, from which the levels of a column come and go."""


def coming(reference: ColumnCounts) -> Turnover | None:
    """Return how fast levels come that the earlier half of a reference did not have; None where they do not, or that is not known."""
    if reference.cells.numeric or (reference.fresh == UNKNOWN).any():
        return None
    return turnover_of(reference.fresh.astype(np.float64), reference.counts[:, :-1].sum(axis=1).astype(np.float64))


def without_turning(workspace: Workspace, question: Question, cells: Mapping[str, Cells]) -> tuple[dict[str, Cells], tuple[Skipped, ...]]:
    """Return the cells of the columns whose levels do not come and go, and what is said of the others."""
    rare = {name: one for name, one in cells.items() if not one.numeric and len(one.known) > FEW}
    counted = profile(workspace, question.reference, cells=rare, windows=usual_windows(workspace)).columns if rare else {}
    turns = {name: found for name, one in counted.items() if (found := coming(one)) is not None and found.share[-1] >= TURNING}
    skipped = tuple(Skipped(name, "levels_turn_over", _said(name, found)) for name, found in turns.items())
    return {name: one for name, one in cells.items() if name not in turns}, skipped


def _said(name: str, found: Turnover) -> str:
    share = share_text(float(found.share[-1]), 2)
    return f"'{name}' is left out: {share} of the reference's last rows are at levels that its earlier half lacks, so new ones are usual."
