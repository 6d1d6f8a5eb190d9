"""Tables of Postgres and MySQL servers, read through drivers from PyPI in one snapshot: DuckDB's own extensions are fetched from a network
that many machines have not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.engine.identifiers import first_line
from monitor.engine.limits import most_seconds
from monitor.errors import ExtensionMissingError, SourceError

ALLOWED_VARIABLE = "DRIFTSCOPE_SERVERS"
CONNECT_SECONDS = 10
BATCH_ROWS = 50_000
_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_SORTS: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"),
    "text": pa.string(),
}
_POSTGRES = {16: "boolean", 20: "integer", 21: "integer", 23: "integer", 26: "integer", 700: "float", 701: "float", 1700: "float"}
_POSTGRES |= {1082: "date", 1114: "timestamp", 1184: "instant"}
_MYSQL = dict.fromkeys((1, 2, 3, 8, 9, 13), "integer") | dict.fromkeys((0, 4, 5, 246), "float")
_MYSQL |= {7: "instant", 10: "date", 12: "timestamp"}


def driver(module: str, extra: str) -> Any:
    """Import what reads a kind of source.

    Raises
    ------
    ExtensionMissingError
        It is not installed; the message names the extra that brings it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ExtensionMissingError(
            f"This source needs the package {package}, which is not installed here; nothing is fetched without being asked. "
            f"Run: pip install 'driftscope[{extra}]', or export the table to Parquet and name that file."
        ) from error


def shown(address: str) -> str:
    """Return an address without its password.

    >>> shown("postgres://me:secret@host/db")
    'postgres://***@host/db'
    """
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}***@{rest.rpartition('@')[2]}" if separator and "@" in rest else address


def check_allowed(data: str, address: str) -> None:
    """Check that a server may be asked: a case that came from somebody else must not choose whom this machine calls.

    Raises
    ------
    SourceError
        The server is another machine, which the user has not named.
    """
    host = _split(data, address).hostname or ""
    named = {one.strip() for one in os.environ.get(ALLOWED_VARIABLE, "").split(",")}
    if host not in _LOCAL and host not in named:
        raise SourceError(
            f"{data}: the case names the server '{host[:200]}'. Driftscope calls no other machine unless you say so: "
            f"set {ALLOWED_VARIABLE}={host[:200]}, if you trust it."
        )


def _split(data: str, address: str) -> SplitResult:
    try:
        found = urlsplit(address)
        found.port  # noqa: B018 a port that is none raises here
    except ValueError as error:
        raise SourceError(f"{data}: '{shown(address)[:200]}' is no address: {error}. Correct it in [data].") from error
    if "hostaddr" in found.query or "host=" in found.query or "service" in found.query or "," in found.netloc:
        raise SourceError(f"{data}: '{shown(address)[:200]}' names its server in an unusual way. Write scheme://user@host:port/database.")
    return found


@dataclass(frozen=True, slots=True)
class _Server:
    """How one kind of server is spoken to: `failures` is what its driver raises."""

    connect: Callable[[], Any]
    quote: Callable[[str], str]
    sorts: Mapping[int, str]
    as_text: str
    as_float: str
    failures: type[Exception]


def write_table(data: str, address: str, table: str, target: Path) -> int:
    """Write a table of a server as Parquet, in the order in which it comes; return how many dates beyond the years 1 to 9999 are missing.

    Raises
    ------
    ExtensionMissingError
        The driver is not installed.
    SourceError
        The server cannot be reached, or has no such table.
    """
    check_allowed(data, address)
    server = _postgres(address) if address.startswith("postgres") else _mysql(data, address)
    name = ".".join(server.quote(part) for part in table.split("."))
    try:
        with closing(server.connect()) as connection:
            return _write(server, connection, name, target)
    except (server.failures, OverflowError, pa.ArrowInvalid, UnicodeError) as error:
        told = first_line(error).replace(_split(data, address).password or "\0", "***")
        raise SourceError(
            f"{data}: '{table[:80]}' of '{shown(address)[:200]}' cannot be read: {told} Check the address and the table."
        ) from error


def _postgres(address: str) -> _Server:
    psycopg = driver("psycopg", "postgres")

    def connect() -> Any:
        options = f"-c statement_timeout={int(most_seconds() * 1000)} -c timezone=UTC"
        connection = psycopg.connect(address, connect_timeout=CONNECT_SECONDS, options=options)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    return _Server(connect, lambda name: '"' + name.replace('"', '""') + '"', _POSTGRES, "TEXT", "DOUBLE PRECISION", psycopg.Error)


def _mysql(data: str, address: str) -> _Server:
    pymysql = driver("pymysql", "mysql")
    parts = _split(data, address)

    def connect() -> Any:
        connection = pymysql.connect(
            host=parts.hostname or "localhost",
            port=parts.port or 3306,
            user=unquote(parts.username or "") or None,
            password=unquote(parts.password or os.environ.get("MYSQL_PWD", "")),
            database=parts.path.strip("/") or None,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=int(most_seconds()) + 1,
            local_infile=False,
            init_command="SET time_zone = '+00:00'",
        )
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        return connection

    return _Server(connect, lambda name: "`" + name.replace("`", "``") + "`", _MYSQL, "CHAR", "DOUBLE", pymysql.MySQLError)


def _write(server: _Server, connection: Any, table: str, target: Path) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        columns = [(str(one[0]), server.sorts.get(int(one[1]), "text")) for one in cursor.description]
        cursor.execute(f"SELECT {_outside(server, columns)}, count(*) FROM {table}")
        lost = int(cursor.fetchone()[0])
    listed = ", ".join(f"{_value(server, name, sort)} AS {server.quote(name)}" for name, sort in columns)
    schema = pa.schema([(name, _SORTS[sort]) for name, sort in columns])
    with pq.ParquetWriter(target, schema) as writer:
        for rows in _batches(connection, f"SELECT {listed} FROM {table}"):
            arrays = [
                pa.array(_plain(values, sort), _SORTS[sort]) for values, (_, sort) in zip(zip(*rows, strict=True), columns, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return lost


_DATED = ("date", "timestamp", "instant")


def _held(server: _Server, name: str) -> str:
    """Return SQL of whether a date lies where Python has dates: infinity and 0000-00-00 are what other systems write for never."""
    return f"{server.quote(name)} >= '0001-01-01' AND {server.quote(name)} < '9999-12-31 23:59:59'"


def _outside(server: _Server, columns: Sequence[tuple[str, str]]) -> str:
    dated = [f"({server.quote(name)} IS NOT NULL AND NOT ({_held(server, name)}))" for name, sort in columns if sort in _DATED]
    return " + ".join(f"coalesce(sum(CASE WHEN {one} THEN 1 ELSE 0 END), 0)" for one in dated) or "0"


def _value(server: _Server, name: str, sort: str) -> str:
    column = server.quote(name)
    if sort in _DATED:
        return f"CASE WHEN {_held(server, name)} THEN {column} END"
    as_type = {"text": server.as_text, "float": server.as_float}.get(sort)
    return f"CAST({column} AS {as_type})" if as_type else column


def _plain(values: Sequence[Any], sort: str) -> list[Any]:
    """Return values as Arrow takes them; a driver may give numbers as decimals and dates as texts."""
    if sort == "float":
        return [float(value) if isinstance(value, Decimal) else value for value in values]
    if sort in _DATED:
        return [value if isinstance(value, date | datetime) else datetime.fromisoformat(value) if value else None for value in values]
    return list(values)


def _batches(connection: Any, sql: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    streaming = _streaming(connection)
    with closing(streaming) as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield rows


def _streaming(connection: Any) -> Any:
    """Return a cursor that keeps the rows on the server."""
    if type(connection).__module__.startswith("psycopg"):
        return connection.cursor(name="driftscope")
    return connection.cursor(import_module("pymysql.cursors").SSCursor)
