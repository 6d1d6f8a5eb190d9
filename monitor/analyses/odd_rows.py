"""Rows that are odd twice: a level that the reference never had, of few rows, and a number beyond all that the reference had, seldom too.

Each alone is news that may be true; both in one row are most often a row that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from monitor.analyses.drift_result import DriftResult
from monitor.engine import Selection, Workspace, sample
from monitor.engine.identifiers import literal, quote
from monitor.errors import SelectionError

FEW_ROWS = 10
"""Rows of production that have a level, or pass an end, in any number of rows, for it to be odd."""
SELDOM = 0.001
"""Share of production's rows that lie beyond the reference at most, where one of them is odd: half a year of another season is none."""
MOST_ROWS = 20
"""Odd rows at most: of more it is no longer single rows that are wrong."""


@dataclass(frozen=True, slots=True)
class OddRow:
    """One row: its day ("2013-07-27", empty where none is known) and id, the column with the level, and `numbers`: columns with values and
    the reference's own end on that side, those that fewest rows pass first."""

    day: str
    id: str
    column: str
    level: str
    numbers: tuple[tuple[str, float, float], ...]


def find_odd_rows(workspace: Workspace, selection: Selection, drift: DriftResult) -> tuple[OddRow, ...]:
    """Return the odd rows of production in the order of time; none where they are more than single rows."""
    if workspace.kept is not None or (workspace.counter is not None and workspace.counter.holds(selection.data)):
        return ()
    levels, bounds = _rare_levels(workspace, drift), _seldom_passed(workspace, drift)
    if not levels or not bounds:
        return ()
    new = " OR ".join(f"{quote(name)} IN ({', '.join(map(literal, several))})" for name, several in levels.items())
    beyond = " OR ".join(f"{quote(name)} < {low!r} OR {quote(name)} > {high!r}" for name, (low, high) in bounds.items())
    where = " AND ".join(f"({part}\n)" for part in (selection.where, new, beyond) if part)
    named = [workspace.schema.timestamp or "", workspace.case.roles.id or ""]
    present = [name for name in named if name in workspace.columns and selection.data in workspace.columns[name].types]
    try:
        table = sample(workspace, replace(selection, where=where), [*present, *levels, *bounds], rows=MOST_ROWS + 1).to_pandas()
    except SelectionError:  # no row is both
        return ()
    found = list(_told(table, named, levels, bounds))
    return tuple(sorted(found, key=lambda one: (one.day, one.id))) if len(found) <= MOST_ROWS else ()


def _told(
    table: pd.DataFrame, named: Sequence[str], levels: Mapping[str, Sequence[str]], bounds: Mapping[str, tuple[float, float]]
) -> Iterator[OddRow]:
    for _, row in table.iterrows():
        column = next(name for name, several in levels.items() if row[name] in several)
        passed = [
            (name, float(row[name]), low if row[name] < low else high)
            for name, (low, high) in bounds.items()
            if _beyond(row[name], low, high)
        ]
        day = f"{row[named[0]]:%Y-%m-%d}" if isinstance(row.get(named[0]), datetime) else ""
        yield OddRow(day, str(row.get(named[1], "")), column, str(row[column]), tuple(passed))


def _beyond(value: float, low: float, high: float) -> bool:
    return bool(value < low or value > high)


def _rare_levels(workspace: Workspace, drift: DriftResult) -> dict[str, list[str]]:
    """Return the levels of texts that the reference never had and that few rows have."""
    found = {}
    for name, one in drift.sides.production.columns.items():
        if name not in workspace.columns or workspace.columns[name].types.get("production") != "VARCHAR":
            continue
        rows: Counter[str] = Counter()
        for levels in one.new_levels:
            rows.update(levels)
        if rare := [level for level, many in rows.items() if many <= FEW_ROWS]:
            found[name] = rare
    return found


def _seldom_passed(workspace: Workspace, drift: DriftResult) -> dict[str, tuple[float, float]]:
    """Return the ends of the reference of columns of numbers that few rows of production pass, those that fewest do first.

    What is derived of a date or a text is no column that rows have.
    """
    found = {}
    for name, one in drift.sides.production.columns.items():
        cells = one.cells
        if not cells.bounded or name not in workspace.columns or drift.sides.part(name).column != name:
            continue
        passed = int(one.counts[:, 0].sum() + one.counts[:, cells.size - 1].sum())
        if 0 < passed <= max(SELDOM * int(one.rows.sum()), FEW_ROWS):
            found[name] = passed, (cells.low, cells.high)
    return {name: ends for name, (_, ends) in sorted(found.items(), key=lambda one: one[1][0])}
