"""Rows cut apart by the levels (or ranges) of one column: which part a row is in, as SQL, and the rows of a part, as a condition."""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitor.engine.cell_predicate import among_sql, interval_sql, missing_sql, not_among_sql
from monitor.engine.columns import Measured, Transform
from monitor.engine.workspace import Workspace
from monitor.errors import SettingError
from monitor.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Split:
    """How rows are cut apart by a column.

    Part i holds the rows of `levels[i]` or, for numbers, of the range between `edges[i - 1]` (excluded) and `edges[i]`; the last but
    one part holds every other value (infinite ones, where there are ranges), the last one rows without a value.
    """

    column: str
    levels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    @property
    def named(self) -> int:
        """Number of parts that have a level or range of their own."""
        return len(self.edges) + 1 if self.edges else len(self.levels)

    @property
    def parts(self) -> int:
        """Number of all parts."""
        return self.named + 2


def split_column(workspace: Workspace, column: str) -> Measured:
    """Return the column that rows can be cut apart by.

    Raises
    ------
    ColumnMissingError
        There is no such column on both sides.
    SettingError
        It is a time or a free text, which has no levels.
    """
    measured = workspace.measured([column])[0]
    if measured.transform is not Transform.NONE:
        raise SettingError(f"'{column}' has no levels to cut rows by: it is a time or a text. Name a column of categories or numbers.")
    return measured


def part_sql(workspace: Workspace, split: Split, data: str) -> str:
    """Return SQL of the part that a row is in, 0 to parts - 1."""
    chosen = [(part, part_predicate(workspace, split, part, data)) for part in (split.named + 1, *range(split.named))]
    return f"CASE {' '.join(f'WHEN {where} THEN {part}' for part, where in chosen)} ELSE {split.named} END"


def part_key(workspace: Workspace, split: Split, key: str, data: str) -> str:
    """Return SQL of one integer for window and part: the window's `key` times the number of parts, plus the part."""
    return f"(({key}) * {split.parts} + {part_sql(workspace, split, data)})"


def part_predicate(workspace: Workspace, split: Split, part: int, data: str) -> str:
    """Return a condition for the rows of a part: the one by which they are counted."""
    measured = split_column(workspace, split.column)
    value, numeric = workspace.schema.sql(measured, data), measured.kind is Kind.NUMERIC
    if part == split.named + 1:
        return missing_sql(value, may_be_nan=numeric)
    if part < split.named:
        bounds = (-math.inf, *split.edges, math.inf)
        return interval_sql(value, bounds[part], bounds[part + 1]) if split.edges else among_sql(value, [split.levels[part]])
    if split.edges:
        return f"isinf({value})"
    return f"NOT ({missing_sql(value, may_be_nan=True)})" if numeric else not_among_sql(value, split.levels)
