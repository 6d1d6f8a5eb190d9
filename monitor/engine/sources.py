"""Anything DuckDB reads: files, globs, tables of other databases. Each becomes a relation, a fingerprint and notes."""

from __future__ import annotations

import csv
import glob
import gzip
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as pads

from monitor.engine.identifiers import first_line, literal, quote
from monitor.engine.store import Store, digest
from monitor.errors import ExtensionMissingError, SourceError
from monitor.tables import Skipped

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
DATABASES = {"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}
DATABASE_FILES = {".duckdb": "duckdb", ".ddb": "duckdb", ".db": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite"}
VIRTUAL = ("file_index", "file_row_number")


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


def open_source(connection: duckdb.DuckDBPyConnection, data: str, places: Sequence[str], *, root: Path, store: Store) -> Source:
    """Register what a case names under [data] and return it.

    Raises
    ------
    SourceError
        When something is missing, empty, damaged or of an unknown format; the text says what was seen and what to do.
    ExtensionMissingError
        When a DuckDB extension is needed that is neither installed nor can be.
    """
    tables = [place for place in places if "::" in place]
    if tables:
        if len(places) > 1:
            raise SourceError(f"{data}: a database table cannot be combined with other sources, seen {list(places)}. Name one table.")
        return _checked(_open_table(connection, data, tables[0], root))
    files = [file for place in places for file in _find(data, place, root)]
    formats = {_format(data, file) for file in files}
    if len(formats) > 1:
        raise SourceError(f"{data}: files of one data set must have one format, seen {sorted(formats)}. Convert them or name one kind.")
    for file in files:
        if file.stat().st_size == 0:
            raise SourceError(f"{data}: '{file}' is empty (0 bytes). Write it again or take it out of [data].")
    return _checked(_open_files(connection, data, files, format_=formats.pop(), store=store))


def _checked(source: Source) -> Source:
    if source.rows == 0:
        raise SourceError(f"{source.data}: the source has {len(source.types)} columns but no rows. Check how it is written.")
    for name in source.types:
        quote(name)
    return source


def _find(data: str, place: str, root: Path) -> list[Path]:
    path = Path(place)
    if not path.is_absolute() and not _inside(root, root / path):
        raise SourceError(f"{data}: '{place}' leads out of the case folder '{root}'. Give the absolute path if that is meant.")
    pattern = str(path if path.is_absolute() else root / path)
    if os.path.isfile(pattern):
        return [Path(pattern).resolve()]
    if os.path.isdir(pattern):
        raise SourceError(f"{data}: '{place}' is a folder. Name its files, for example '{place}/*.parquet'.")
    found = sorted(Path(file).resolve() for file in glob.glob(pattern, recursive=True) if os.path.isfile(file))
    if not found:
        raise SourceError(f"{data}: nothing at '{place}' (looked in '{root}'). Check the path in [data].")
    return found


def _inside(root: Path, path: Path) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(root)


def _format(data: str, file: Path) -> str:
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in (".gz", ".zst")]
    found = FORMATS.get(suffixes[-1]) if suffixes else None
    if found is None:
        raise SourceError(f"{data}: the format of '{file.name}' is not known. Use {', '.join(FORMATS)}, or 'file.duckdb::table'.")
    return found


def _open_files(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], *, format_: str, store: Store) -> Source:
    names = short_names(files)
    if format_ == "parquet":
        source = _open_parquet(connection, data, files)
        return replace(source, parts=tuple(Part(name, i) for i, name in enumerate(names)) if source.order else ())
    stamp = _stamp(files)
    path = store.path("import", digest(stamp, format_), ".parquet")
    notes = _csv_notes(data, files) if format_ == "csv" else ()
    if not path.is_file():
        _import(connection, data, files, format_, store, path)
    source = _open_parquet(connection, data, [path])
    parts = _imported_parts(connection, data, files, format_, store) if source.order else ()
    return replace(source, fingerprint=digest(stamp, source.types, source.rows), notes=(*source.notes, *notes), parts=parts)


def short_names(files: Sequence[Path]) -> list[str]:
    """Return the name of each file, with as many of its folders as tell it from the others.

    >>> short_names([Path("/d/a/x.csv"), Path("/d/b/x.csv"), Path("/d/b/y.csv")])
    ['a/x.csv', 'b/x.csv', 'y.csv']
    """
    names = [file.name for file in files]
    for depth in range(2, max((len(file.parts) for file in files), default=0) + 1):
        twice = {name for name in names if names.count(name) > 1}
        names = ["/".join(file.parts[-depth:]) if name in twice else name for file, name in zip(files, names, strict=True)]
    return names


def _imported_parts(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], format_: str, store: Store) -> tuple[Part, ...]:
    """Return where the rows of each file came to lie in the one that they were imported to, in the order of the files."""
    names = short_names(files)
    if len(files) == 1:
        return (Part(names[0], 0),)
    key = digest("rows of files", _stamp(files), format_)
    stored = store.load("files", key)
    rows = list(stored[1]) if stored is not None else _rows_by_file(connection, data, files, format_)
    if stored is None:
        store.save("files", key, {}, rows)
    ends = [sum(rows[: i + 1]) for i in range(len(rows))]
    return tuple(Part(name, 0, end - count, end) for name, count, end in zip(names, rows, ends, strict=True))


def _rows_by_file(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], format_: str) -> list[int]:
    if format_ == "arrow":
        return [int(pads.dataset(str(file), format="ipc").count_rows()) for file in files]
    try:
        counted = connection.execute(f'SELECT "@path", count(*) FROM {_reader(files, format_, path="@path")} GROUP BY 1').fetchall()
    except duckdb.Error as error:
        raise _unreadable(data, error) from error
    rows = {str(path): int(count) for path, count in counted}
    return [rows.get(str(file), 0) for file in files]


def _stamp(files: Sequence[Path]) -> list[tuple[str, int, int]]:
    stats = [file.stat() for file in files]
    return [(file.name, stat.st_size, stat.st_mtime_ns) for file, stat in zip(files, stats, strict=True)]


def _scan(files: Sequence[Path]) -> str:
    # A bracket or star that is part of a file's own name must not be taken for a pattern.
    names = ", ".join(literal(glob.escape(str(file))) for file in files)
    union = ", union_by_name=true" if len(files) > 1 else ""
    return f"read_parquet([{names}]{union})"


def _open_parquet(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path]) -> Source:
    relation = _scan(files)
    types = described(connection, data, relation)
    rows = _count(connection, data, relation)
    schemas = [described(connection, data, _scan([file])) for file in files] if len(files) > 1 else []
    notes = (*_schema_notes(data, files, schemas), *_renamed_notes(connection, data, files[0], types))
    order = VIRTUAL if not set(VIRTUAL) & {name.lower() for name in types} else ()
    return Source(data, relation, order, digest(_stamp(files), types, rows), types, rows, tuple(files), notes)


def described(connection: duckdb.DuckDBPyConnection, data: str, relation: str) -> dict[str, str]:
    """Return the SQL type of every column of a relation."""
    try:
        return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    except duckdb.Error as error:
        raise _unreadable(data, error) from error


def _count(connection: duckdb.DuckDBPyConnection, data: str, relation: str) -> int:
    try:
        row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error as error:
        raise _unreadable(data, error) from error
    return int(row[0]) if row else 0


def _unreadable(data: str, error: Exception) -> SourceError:
    return SourceError(f"{data}: cannot be read: {first_line(error)} Write the file again, or correct its path or its ending.")


def _schema_notes(data: str, files: Sequence[Path], schemas: Sequence[dict[str, str]]) -> list[Skipped]:
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


def _renamed_notes(connection: duckdb.DuckDBPyConnection, data: str, file: Path, types: dict[str, str]) -> list[Skipped]:
    query = "SELECT name FROM parquet_schema(?) WHERE num_children IS NULL"
    written = [str(row[0]) for row in connection.execute(query, [glob.escape(str(file))]).fetchall()]
    return duplicates(data, written)


def duplicates(data: str, written: Sequence[str]) -> list[Skipped]:
    """Say which written names DuckDB cannot tell apart."""
    lowered = [name.lower() for name in written]
    twice = sorted({name for name in written if lowered.count(name.lower()) > 1})
    if not twice:
        return []
    message = f"{data}: column names {twice} differ by nothing or only by case; the later ones are read as '<name>_1', '<name>_2' ..."
    return [Skipped(data, "duplicate_columns", message)]


def _import(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], format_: str, store: Store, path: Path) -> None:
    def make(temporary: Path) -> None:
        relation = _arrow(connection, files) if format_ == "arrow" else f"SELECT * FROM {_reader(files, format_)}"
        connection.execute(f"COPY ({relation}) TO {literal(str(temporary))} (FORMAT parquet)")

    try:
        store.write(path, make)
    except (duckdb.Error, pa.ArrowInvalid) as error:
        hint = "Every line needs the same number of fields, in UTF-8." if format_ == "csv" else "Write the file again."
        raise SourceError(f"{data}: cannot be read as {format_}: {' '.join(str(error).split())[:300]} {hint}") from error


def _reader(files: Sequence[Path], format_: str, *, path: str | None = None) -> str:
    names = ", ".join(literal(glob.escape(str(file))) for file in files)
    union = (", union_by_name=true" if len(files) > 1 else "") + (f", filename={literal(path)}" if path is not None else "")
    if format_ == "csv":
        # All rows are looked at before types are fixed: a late text in a column of numbers makes it text, not an error.
        return f"read_csv([{names}], header=true, sample_size=-1{union})"
    lines = "auto" if files[0].name.lower().removesuffix(".gz").endswith(".json") else "newline_delimited"
    return f"read_json([{names}], format='{lines}', sample_size=-1{union})"


def _arrow(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    connection.register("arrow_import", pads.dataset([str(file) for file in files], format="ipc"))
    return "SELECT * FROM arrow_import"


def _csv_notes(data: str, files: Sequence[Path]) -> tuple[Skipped, ...]:
    header = _header(data, files[0])
    numbers = [name for name in header if _is_number(name)]
    if numbers and 2 * len(numbers) >= len(header):
        raise SourceError(f"{data}: '{files[0].name}' seems to have no header: its first line is {header[:6]}. Add a line of column names.")
    notes = duplicates(data, [name for name in header if name])
    unnamed = sum(not name.strip() for name in header)
    if unnamed:
        message = f"{data}: {unnamed} column(s) of '{files[0].name}' have no name; read as 'column<position>'."
        notes.append(Skipped(data, "unnamed_columns", message))
    return tuple(notes)


def _header(data: str, file: Path) -> list[str]:
    opened: Any = gzip.open if file.suffix.lower() == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            text = lines.readline(1_000_000)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise SourceError(f"{data}: '{file.name}' is not a text file in UTF-8 ({error}). Save it as UTF-8.") from error
    if not text.strip() or "\x00" in text:
        raise SourceError(
            f"{data}: the first line of '{file.name}' is not a line of column names, seen {text[:40]!r}. Write the file again."
        )
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    return next(csv.reader([text], dialect))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _open_table(connection: duckdb.DuckDBPyConnection, data: str, place: str, root: Path) -> Source:
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
    rows = _count(connection, data, relation)
    # A server cannot be asked cheaply whether anything changed: what is computed from it lives as long as this workspace.
    stamp: object = _stamp(files) if files else os.urandom(16).hex()
    order = ("rowid",) if engine == "duckdb" and "rowid" not in types and _has_rowid(connection, relation) else ()
    return Source(data, relation, order, digest(stamp, table, types, rows), types, rows, tuple(files))


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
    file = _find(data, address, root)[0]
    return DATABASE_FILES.get(file.suffix.lower(), "duckdb"), str(file), [file]


def _without_password(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}***@{rest.rpartition('@')[2]}" if separator and "@" in rest else address


def _load_extension(connection: duckdb.DuckDBPyConnection, engine: str, place: str) -> None:
    try:
        connection.execute(f"LOAD {engine}")
    except duckdb.Error:
        try:
            connection.execute(f"INSTALL {engine}")
            connection.execute(f"LOAD {engine}")
        except duckdb.Error as error:
            raise ExtensionMissingError(
                f"'{_without_password(place)}' needs DuckDB's extension '{engine}', which is not installed and could not be fetched "
                f'({first_line(error)}). Where there is network, run "INSTALL {engine}" once in DuckDB {duckdb.__version__}; '
                "or export the table to Parquet and name that file."
            ) from error
