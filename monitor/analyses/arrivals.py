"""Since when a column that only production has holds values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause
from monitor.engine import Cancel, Selection, Workspace
from monitor.engine.contract import count_broken
from monitor.profile import Windows
from monitor.tables import Skipped

NEW = "missing_in_reference"
"""Why a column that only production has is not measured."""


def arrivals(
    workspace: Workspace, selection: Selection, size: WindowSize, skipped: Sequence[Skipped], windows: Windows, cancel: Cancel | None = None
) -> Mapping[str, int]:
    """Return the position of the first window in which each new column has a value; those without any, and of rows that are gone, not.

    Parameters
    ----------
    skipped : what is not measured; that of new columns is looked at.
    windows : the windows whose positions are meant.

    Raises
    ------
    SelectionError, CancelledError
    """
    new = [one.what for one in skipped if one.reason == NEW and one.what in workspace.columns]
    if not new or workspace.kept is not None or workspace.counter is not None:
        return {}
    clauses = [Clause(column=name, check=Check.NEW_COLUMN) for name in new]
    found = count_broken(workspace, selection, size, clauses, cancel=cancel)
    at = {window: i for i, window in enumerate(windows.ids)}
    first = {clause.column: np.flatnonzero(found.counts[clause.id].hits) for clause in clauses if clause.id in found.counts}
    told = {name: found.windows.ids[where[0]] for name, where in first.items() if len(where)}
    return {name: at[window] for name, window in told.items() if window in at}
