"""The SQL behind a profile, as people read it: what a number's evidence shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from monitor.case import WindowSize
from monitor.engine.identifiers import quote
from monitor.engine.rows import select_rows
from monitor.engine.selection import Selection
from monitor.engine.splitting import Split, part_key
from monitor.engine.workspace import Workspace
from monitor.vocabulary import Kind


def profile_sql(workspace: Workspace, selection: Selection, columns: Iterable[str], size: WindowSize, *, split: Split | None = None) -> str:
    """Return SQL that counts the columns by window (and part) to the same numbers as `profile`; `$cells` stands for the stored edges.

    Values of conditions are written as comments behind the statement.
    """
    if workspace.kept is not None and selection.data == "production":
        workspace = replace(workspace, kept=None)  # what was run when the rows were there, on all files together
    measured = workspace.measured(columns)
    rows = select_rows(workspace, selection, size, [*(m.column for m in measured), *([split.column] if split else [])], read=False)
    if split is not None:
        rows = replace(rows, key=part_key(workspace, split, rows.key, selection.data))
    expressions = [(m, workspace.schema.sql(m, selection.data)) for m in measured]
    counted = "count({0}), min({0}), max({0}), histogram({0}, $cells) AS {1}"
    numbers = [counted.format(sql, quote(m.name)) for m, sql in expressions if m.kind is Kind.NUMERIC]
    levels = [f"{sql} AS {quote(m.name)}" for m, sql in expressions if m.kind is not Kind.NUMERIC]
    source = f"FROM {rows.relation}\nWHERE {rows.where}"
    held = workspace.counter is not None and workspace.counter.holds(selection.data)
    statements = [f"-- Counted by Spark on all rows of the {selection.data}; below is the sample of it that is kept here."] if held else []
    if numbers:
        statements.append(f"SELECT {rows.key} AS w,\n  " + ",\n  ".join(numbers) + f"\n{source}\nGROUP BY w;")
    if levels:
        names = ", ".join(f"(w, {quote(m.name)})" for m, _ in expressions if m.kind is not Kind.NUMERIC)
        inner = f"SELECT {rows.key} AS w,\n  " + ",\n  ".join(levels) + f"\n{source}"
        statements.append(f"SELECT *, count(*) FROM (\n{inner}\n)\nGROUP BY GROUPING SETS ({names});")
    if rows.parameters:
        statements.append("-- values of ?: " + ", ".join(str(value) for value in rows.parameters))
    return "\n\n".join(statements)
