"""Columns that the files of one data set have: which lack some, which hold them as another type, which names come twice."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from monitor.engine.contents import duplicates
from monitor.tables import Skipped


def without_columns(schemas: Sequence[Mapping[str, str]]) -> dict[str, tuple[int, ...]]:
    """Return the positions of the files that lack a column which others have, by column."""
    known = [{name.lower() for name in schema} for schema in schemas]
    names = dict.fromkeys(name for schema in schemas for name in schema)
    lacking = {name: tuple(i for i, own in enumerate(known) if name.lower() not in own) for name in names}
    return {name: files for name, files in lacking.items() if files}


def schema_notes(data: str, files: Sequence[Path], schemas: Sequence[dict[str, str]]) -> list[Skipped]:
    """Say which columns are not in all files, and which have another type in some."""
    names = sorted({name for schema in schemas for name in schema})
    partial = [name for name in names if not all(name in schema for schema in schemas)]
    mixed = [name for name in names if len({schema[name] for schema in schemas if name in schema}) > 1]
    notes = []
    if partial:
        message = f"{data}: {', '.join(partial)} not in all of the {len(files)} files; missing where the file has no such column."
        notes.append(Skipped(data, "schema_differs", message))
    if mixed:
        notes.append(
            Skipped(data, "type_differs", f"{data}: {', '.join(mixed)} of different types in different files; read as the wider type.")
        )
    return notes


def renamed_notes(connection: duckdb.DuckDBPyConnection, data: str, file: Path, types: dict[str, str]) -> list[Skipped]:
    """Say which columns of a Parquet file DuckDB calls otherwise, because two have one name."""
    query = "SELECT name, coalesce(num_children, 0) FROM parquet_schema(?)"
    rows = connection.execute(query, [glob.escape(str(file))]).fetchall()
    return duplicates(data, _top_names([(str(name), int(inner)) for name, inner in rows]))


def _top_names(tree: Sequence[tuple[str, int]]) -> list[str]:
    """Return the names of columns from those of all nodes of a schema, parents first, each with the number of its children.

    >>> _top_names([("schema", 2), ("a", 1), ("list", 1), ("element", 0), ("b", 0)])
    ['a', 'b']
    """
    names, waiting = [], [tree[0][1]]
    for name, inner in tree[1:]:
        while waiting[-1] == 0:
            waiting.pop()
        if len(waiting) == 1:
            names.append(name)
        waiting[-1] -= 1
        waiting.append(inner)
    return names
