"""Tables of databases as sources: DuckDB files, Postgres and MySQL servers."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from monitor.engine.files import FORMATS, find, stamp
from monitor.engine.identifiers import first_line, literal, quote
from monitor.engine.servers import shown, write_table
from monitor.engine.source import Source, count_rows, described
from monitor.engine.store import Store, content_hash, digest
from monitor.errors import SourceError

SERVERS = ("postgres", "postgresql", "mysql")


def open_table(connection: duckdb.DuckDBPyConnection, data: str, address: str, table: str, root: Path) -> Source:
    """Attach a DuckDB file and return one of its tables ("schema.table") as a source."""
    file = find(data, address, root)[0]
    if read_as := FORMATS.get(file.suffix.lower()):
        raise SourceError(
            f"{data}: '{address}' is a file of the format {read_as} by its name, and holds no tables. Name it without '::{table}'."
        )
    alias = f"source_{data}"
    try:
        connection.execute(f"ATTACH {literal(str(file))} AS {alias} (READ_ONLY)")
    except duckdb.Error as error:
        raise SourceError(f"{data}: '{address}' cannot be opened: {first_line(error)} Check the address.") from error
    relation = ".".join([alias, *(quote(part) for part in table.split("."))])
    types = described(connection, data, relation)
    rows = count_rows(connection, data, relation)
    order = ("rowid",) if "rowid" not in types and _has_rowid(connection, relation) else ()
    return Source(data, relation, order, digest(stamp([file]), table, types, rows), types, rows, (file,))


def import_table(data: str, address: str, table: str, store: Store) -> tuple[Path, str, str, int]:
    """Read a table of a server into the store; return the file, the key of its content, when that was first met, and how many dates are
    missing because no calendar has them. A server cannot be asked whether anything changed: it is read on each opening."""
    scheme = address.partition("://")[0]
    if scheme not in SERVERS:
        raise SourceError(f"{data}: databases of kind '{scheme}' are not known. Use {', '.join(SERVERS)}, or name a file.")
    lost = 0

    def make(temporary: Path) -> None:
        nonlocal lost
        lost = write_table(data, address, table, temporary)

    read = store.write(store.path("server", os.urandom(16).hex(), ".parquet"), make)
    key = digest("server", shown(address), table, content_hash(read))
    path = store.path("import", key, ".parquet")
    read.replace(path)
    stored = store.load("met", key)
    met = str(stored[1]) if stored is not None else datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if stored is None:
        store.save("met", key, {}, met)
    return path, key, f"read {met}", lost


def _has_rowid(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {relation} LIMIT 0")
    except duckdb.BinderException:
        return False
    return True
