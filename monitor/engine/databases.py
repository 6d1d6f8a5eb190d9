"""Tables of databases as sources: DuckDB files, Postgres and MySQL servers."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from monitor.engine.files import find, stamp
from monitor.engine.identifiers import first_line, literal, quote
from monitor.engine.source import Source, count_rows, described
from monitor.engine.store import digest
from monitor.errors import ExtensionMissingError, SourceError

DATABASES = {"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "duckdb": "duckdb"}


def open_table(connection: duckdb.DuckDBPyConnection, data: str, place: str, root: Path) -> Source:
    """Attach a database and return one of its tables ("file.duckdb::schema.table") as a source."""
    address, _, table = place.rpartition("::")
    engine, target, files = _database(data, address, root)
    if engine != "duckdb":
        _load_extension(connection, engine, place)
    alias = f"source_{data}"
    kind = "" if engine == "duckdb" else f"TYPE {engine}, "
    try:
        connection.execute(f"ATTACH {literal(target)} AS {alias} ({kind}READ_ONLY)")
    except duckdb.Error as error:
        raise SourceError(f"{data}: '{_without_password(address)}' cannot be opened: {first_line(error)} Check the address.") from error
    relation = ".".join([alias, *(quote(part) for part in table.split("."))])
    types = described(connection, data, relation)
    rows = count_rows(connection, data, relation)
    # A server cannot be asked cheaply whether anything changed: what is computed from it lives as long as this workspace.
    version: object = stamp(files) if files else os.urandom(16).hex()
    order = ("rowid",) if engine == "duckdb" and "rowid" not in types and _has_rowid(connection, relation) else ()
    return Source(data, relation, order, digest(version, table, types, rows), types, rows, tuple(files))


def _has_rowid(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {relation} LIMIT 0")
    except duckdb.BinderException:
        return False
    return True


def _database(data: str, address: str, root: Path) -> tuple[str, str, list[Path]]:
    scheme, separator, _ = address.partition("://")
    if separator:
        if scheme not in DATABASES:
            raise SourceError(f"{data}: databases of kind '{scheme}' are not known. Use {', '.join(DATABASES)}.")
        return DATABASES[scheme], address, []
    file = find(data, address, root)[0]
    return "duckdb", str(file), [file]


def _without_password(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}***@{rest.rpartition('@')[2]}" if separator and "@" in rest else address


def _load_extension(connection: duckdb.DuckDBPyConnection, engine: str, place: str) -> None:
    try:
        connection.execute(f"LOAD {engine}")
    except duckdb.Error as error:
        raise ExtensionMissingError(
            f"'{_without_password(place)}' needs DuckDB's extension '{engine}', which is not installed; "
            f'nothing is fetched without being asked. Run "INSTALL {engine}" once in DuckDB {duckdb.__version__} where there is network, '
            "or export the table to Parquet and name that file."
        ) from error
