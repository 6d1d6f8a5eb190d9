"""Levels that the reference never had, with their rows and their first moment, however few rows have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.analyses.drift_result import DriftResult
from monitor.engine import Selection, Workspace
from monitor.engine.evidence import first_moments
from monitor.vocabulary import Kind

MOST_NEW = 50
"""Levels never seen beyond which a column is one of names that come and go, and no list that anybody reads."""
MOST_PART = 0.5
"""Part of the levels of the reference that may come anew at most, for the same reason; a few may always."""
FEW_NEW = 5


@dataclass(frozen=True, slots=True)
class NewLevels:
    """A column with `rows` of each level that the reference never had, the commonest first, and the local time of its `first` row where
    rows have a time and are at hand."""

    column: str
    rows: Mapping[str, int]
    first: Mapping[str, datetime]


def find_new_levels(workspace: Workspace, selection: Selection, drift: DriftResult) -> tuple[NewLevels, ...]:
    """Return the columns of categories that have levels never seen in the reference."""
    found = []
    gone = workspace.kept is not None or (workspace.counter is not None and workspace.counter.holds(selection.data))
    for name, rows in _counted(workspace, drift).items():
        found.append(NewLevels(name, rows, {} if gone else first_moments(workspace, selection, name, list(rows))))
    return tuple(found)


def _counted(workspace: Workspace, drift: DriftResult) -> dict[str, dict[str, int]]:
    """Return the rows of each new level, by column."""
    found = {}
    for name, one in drift.sides.production.columns.items():
        if name not in workspace.columns or one.cells.kind is not Kind.CATEGORICAL or drift.sides.part(name).column != name:
            continue
        rows: Counter[str] = Counter()
        for levels in one.new_levels:
            rows.update(levels)
        if 0 < len(rows) <= min(MOST_NEW, max(FEW_NEW, MOST_PART * one.cells.size)):
            found[name] = dict(sorted(rows.items(), key=lambda level: (-level[1], level[0])))
    return found
