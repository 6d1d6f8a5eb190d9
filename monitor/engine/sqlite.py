"""Tables of SQLite files, read with Python's own sqlite3: nothing is installed and nothing is fetched."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote as escaped

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.engine.identifiers import quote
from monitor.engine.limits import SECONDS_VARIABLE, most_seconds
from monitor.errors import SourceError, TimeLimitError, nearest

HEADER = b"SQLite format 3\x00"
ENDINGS = (".sqlite", ".sqlite3", ".db3")
BATCH_ROWS = 50_000
STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock."""
_TYPES = {"integer": pa.int64(), "real": pa.float64(), "text": pa.string(), "blob": pa.binary(), "null": pa.string()}


def is_sqlite(file: Path) -> bool:
    """Say whether a file is an SQLite database, by its ending or its first bytes."""
    if file.suffix.lower() in ENDINGS:
        return True
    with file.open("rb") as opened:
        return opened.read(len(HEADER)) == HEADER


def versions(file: Path) -> list[Path]:
    """Return the files that hold what the database holds now: itself and, where it is, the log of what is not in it yet."""
    log = file.with_name(f"{file.name}-wal")
    return [file, log] if log.is_file() else [file]


def write_table(data: str, file: Path, table: str, target: Path) -> None:
    """Write a table or view of an SQLite database as Parquet, in its own order.

    Raises
    ------
    SourceError
        It is no such database, or has no such table.
    TimeLimitError
        Reading took longer than a query may.
    """
    late = time.monotonic() + most_seconds()
    try:
        with closing(sqlite3.connect(f"file:{escaped(str(file))}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")  # a view of a stranger calls no function with effects
            database.set_progress_handler(lambda: int(time.monotonic() > late), STEPS)
            _check_table(data, database, file, table)
            _write(database, table, target)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        if time.monotonic() > late:
            raise TimeLimitError(
                f"{data}: reading '{table}' of '{file.name}' took longer than {most_seconds():g} s. Export it to Parquet, "
                f"or allow more: {SECONDS_VARIABLE}=<seconds>."
            ) from error
        raise SourceError(f"{data}: '{file.name}' cannot be read as SQLite: {error}. Export the table to Parquet or CSV.") from error


def _check_table(data: str, database: sqlite3.Connection, file: Path, table: str) -> None:
    rows = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name").fetchall()
    known = [str(name) for (name,) in rows]
    if table not in known:
        has = f"It has {', '.join(known[:10])}." if known else "It has none."
        raise SourceError(f"{data}: '{file.name}' has no table '{table[:80]}'.{nearest(table, known)} {has}")


def _write(database: sqlite3.Connection, table: str, target: Path) -> None:
    names = [str(row[1]) for row in database.execute(f"PRAGMA table_info({quote(table)})").fetchall()]
    sorts = _sorts(database, table, names)
    schema = pa.schema([(name, _TYPES[sort]) for name, sort in zip(names, sorts, strict=True)])
    listed = ", ".join(f"CAST({quote(name)} AS TEXT)" if sort == "text" else quote(name) for name, sort in zip(names, sorts, strict=True))
    with pq.ParquetWriter(target, schema) as writer:
        for batch in _batches(database, f"SELECT {listed} FROM {quote(table)}"):
            columns = [pa.array(values, type=kind) for values, kind in zip(zip(*batch, strict=True), schema.types, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _batches(database: sqlite3.Connection, sql: str) -> Iterator[Sequence[tuple[object, ...]]]:
    cursor = database.execute(sql)
    while rows := cursor.fetchmany(BATCH_ROWS):
        yield rows


def _sorts(database: sqlite3.Connection, table: str, names: Sequence[str]) -> list[str]:
    """Return what each column holds, for SQLite lets every value have a type of its own: whole and broken numbers are numbers, anything
    beside them makes text of all."""
    found = []
    for name in names:
        rows = database.execute(f"SELECT DISTINCT typeof({quote(name)}) FROM {quote(table)}").fetchall()
        held = {str(sort) for (sort,) in rows} - {"null"}
        found.append("real" if held == {"integer", "real"} else held.pop() if len(held) == 1 else "text" if held else "null")
    return found
