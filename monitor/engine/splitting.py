"""Rows cut apart by the levels (or ranges) of one column: which part a row is in, as SQL, and the rows of a part, as a condition."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.engine.columns import Measured, Transform, family
from monitor.engine.identifiers import literal, quote
from monitor.engine.workspace import Workspace
from monitor.errors import SettingError
from monitor.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Split:
    """How rows are cut apart by a column.

    Part i holds the rows of `levels[i]` or, for numbers, of the range between `edges[i - 1]` (excluded) and `edges[i]`; the last but
    one part holds every other value, the last one rows without a value.
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
    measured = split_column(workspace, split.column)
    value = workspace.schema.sql(measured, data)
    if split.edges:
        cases = "".join(f" WHEN {value} <= {edge!r} THEN {i}" for i, edge in enumerate(split.edges))
        return f"CASE WHEN {value} IS NULL OR isnan({value}) THEN {split.named + 1}{cases} ELSE {split.named - 1} END"
    cases = "".join(f" WHEN {literal(level)} THEN {i}" for i, level in enumerate(split.levels))
    chosen = f"CASE {value}{cases} ELSE {split.named} END" if cases else str(split.named)
    return f"CASE WHEN {value} IS NULL THEN {split.named + 1} ELSE {chosen} END"


def part_key(workspace: Workspace, split: Split, key: str, data: str) -> str:
    """Return SQL of one integer for window and part: the window's `key` times the number of parts, plus the part."""
    return f"(({key}) * {split.parts} + {part_sql(workspace, split, data)})"


def part_predicate(workspace: Workspace, split: Split, part: int, data: str) -> str:
    """Return a plain condition for the rows of a part, as an analyst would write it."""
    measured = split_column(workspace, split.column)
    name = quote(measured.column)
    may_be_nan = family(workspace.schema.info(measured.column).types[data]) == "float"
    if part == split.named + 1:
        return f"{name} IS NULL OR isnan({name})" if may_be_nan else f"{name} IS NULL"
    if split.edges and part == split.named:
        return f"{name} IS NULL AND {name} IS NOT NULL"  # numbers have no others
    if split.edges:
        lower = f"{name} > {split.edges[part - 1]!r}" if part > 0 else ""
        upper = f"{name} <= {split.edges[part]!r}" if part < len(split.edges) else f"NOT isnan({name})" if may_be_nan else ""
        return " AND ".join(bound for bound in (lower, upper) if bound)
    conditions = [_is_level(workspace, measured, level, data) for level in split.levels]
    if part < split.named:
        return conditions[part]
    known = [f"{name} IS NOT NULL", *([f"NOT isnan({name})"] if may_be_nan else [])]
    return " AND ".join([*known, *(f"NOT ({one})" for one in conditions)])


def _is_level(workspace: Workspace, measured: Measured, level: str, data: str) -> str:
    name, info = quote(measured.column), workspace.schema.info(measured.column)
    if measured.kind is Kind.BOOLEAN:
        return f"CAST({name} AS BOOLEAN) = {level == 'true'}"
    if family(info.types[data]) in ("float", "decimal"):
        return f"{name} = {float(level)!r}"
    return f"CAST({name} AS VARCHAR) = {literal(level)}"
