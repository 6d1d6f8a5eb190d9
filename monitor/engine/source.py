"""A data set that DuckDB can scan, and the files that it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from monitor.engine.identifiers import first_line
from monitor.engine.limits import limited
from monitor.errors import SourceError
from monitor.tables import Skipped


@dataclass(frozen=True, slots=True)
class Part:
    """One file that a data set was made of: its name (with as much of its folder as tells it from the others) and the place of its rows:
    the position of the file that is scanned, its first row there and the first one after."""

    name: str
    file: int
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A data set that DuckDB can scan.

    `relation` is SQL that may stand after FROM; `order` names its hidden columns that give the file order, if it has any;
    `files` are the files that are read when it is scanned; `parts` the files that a case names, as far as rows can be told apart by them.
    """

    data: str
    relation: str
    order: tuple[str, ...]
    fingerprint: str
    types: dict[str, str]
    rows: int
    files: tuple[Path, ...] = ()
    notes: tuple[Skipped, ...] = ()
    parts: tuple[Part, ...] = ()
    textual: bool = False
    """Whether it comes from a format in which everything is text, a missing value included."""
    dateless: bool = False
    """Whether it comes from a format in which a date can only be text, so that dates have to be found."""
    narrow: Mapping[str, str] = field(default_factory=dict)
    """Columns of numbers of fewer bits than they are read with (see narrow.py)."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """SQL of hidden columns of the relation by column: texts that are not read as the others are, and no missing value; else null."""
    without: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Positions of the `parts` that have no such column, by column that others have."""
    version: str = ""
    """Which version of a table it is, in words, or when it was read; empty for files."""


def described(connection: duckdb.DuckDBPyConnection, data: str, relation: str) -> dict[str, str]:
    """Return the SQL type of every column of a relation."""
    try:
        with limited(connection, f"reading the columns of {data}"):
            return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    except duckdb.Error as error:
        raise unreadable(data, error) from error


def count_rows(connection: duckdb.DuckDBPyConnection, data: str, relation: str) -> int:
    """Return the number of rows of a relation."""
    try:
        with limited(connection, f"counting the rows of {data}"):
            row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error as error:
        raise unreadable(data, error) from error
    return int(row[0]) if row else 0


def unreadable(data: str, error: Exception) -> SourceError:
    """Return the error of what cannot be read, with what to do."""
    return SourceError(f"{data}: cannot be read: {first_line(error)} Write the file again, or correct its path or its ending.")
