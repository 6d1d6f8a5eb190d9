"""Anything DuckDB reads: files, globs, tables of other databases. Each becomes a relation, a fingerprint and notes."""

from __future__ import annotations

import bz2
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from monitor.case import Case
from monitor.engine.contents import SAVE, check_content, check_separated, csv_notes, encoding_of
from monitor.engine.databases import import_table, open_table
from monitor.engine.dialect import PACKED
from monitor.engine.encodings import in_utf8
from monitor.engine.file_schemas import renamed_notes, schema_notes, without_columns
from monitor.engine.files import Reader, each_once, find, folder_at, format_of, partition_notes, same, short_names, stamp
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.lakes import import_lake, lake_of
from monitor.engine.limits import limited
from monitor.engine.narrow import HALF, narrow_columns
from monitor.engine.source import Part, Source, count_rows, described, unreadable
from monitor.engine.sqlite import is_sqlite, versions, write_table
from monitor.engine.store import Store, digest
from monitor.errors import SourceError
from monitor.tables import Skipped

PARQUET = Reader("parquet")
VIRTUAL = ("file_index", "file_row_number")


def open_source(
    connection: duckdb.DuckDBPyConnection,
    data: str,
    places: Sequence[str],
    *,
    root: Path,
    store: Store,
    partitions: bool = False,
    encoding: str = "",
) -> Source:
    """Register what a case names under [data] and return it; with `partitions` folders such as year=2024 are columns, `encoding` is that of
    text files (empty: told by their bytes).

    Raises
    ------
    SourceError
        When something is missing, empty, damaged or of an unknown format; the text says what was seen and what to do.
    ExtensionMissingError
        When a DuckDB extension is needed that is neither installed nor can be.
    """
    tables = [place for place in places if "::" in place or lake_of(root / place)]
    if tables:
        if len(places) > 1:
            raise SourceError(f"{data}: a table cannot be combined with other sources, seen {list(places)}. Name one table.")
        return _checked(_open_table(connection, data, tables[0], root=root, store=store))
    # A link, or two patterns that overlap, name a file twice; it is read once.
    files = each_once(file for place in places for file in find(data, place, root))
    formats = {format_of(data, file) for file in files}
    if len(formats) > 1:
        raise SourceError(f"{data}: files of one data set must have one format, seen {sorted(formats)}. Convert them or name one kind.")
    for file in files:
        check_content(data, file, PACKED.get(file.suffix.lower(), format_of(data, file)))
    reader = Reader(formats.pop(), partitions, encoding)
    source = _checked(_open_files(connection, data, files, reader=reader, store=store))
    return source if partitions else replace(source, notes=(*source.notes, *partition_notes(data, files, source.types)))


def _open_table(connection: duckdb.DuckDBPyConnection, data: str, place: str, *, root: Path, store: Store) -> Source:
    """Open a table of a server, of a folder (Delta, Iceberg) or of a database in a file."""
    address, _, table = place.rpartition("::") if "::" in place else (place, "", "")
    if address.partition(".")[0] == "spark":
        raise SourceError(f"{data}: '{place[:200]}' is a table that Spark reads. Count it with --engine spark, or name files.")
    if "://" in address:
        path, key, told, lost = import_table(data, address, table, store)
        message = f"{data}: {lost:,} dates beyond the years 1 to 9999 are missing."
        return _imported(connection, data, path, key, told, [Skipped(data, "far_dates", message)] if lost else [])
    if lake_of(root / address):
        folder = folder_at(data, address, root)
        path, key, told = import_lake(data, folder, table, store)
        return _imported(connection, data, path, key, told, [])
    file = find(data, address, root)[0]
    if is_sqlite(file):
        return _open_sqlite(connection, data, file, table, store)
    return open_table(connection, data, address, table, root)


def _imported(connection: duckdb.DuckDBPyConnection, data: str, path: Path, key: str, told: str, notes: Sequence[Skipped]) -> Source:
    source = open_parquet(connection, data, [path])
    told_at = Skipped(data, "version", f"{data}: {told}.")
    return replace(source, fingerprint=digest(key, source.types, source.rows), notes=(*source.notes, *notes, told_at), version=told)


def files_of(case: Case) -> set[Path]:
    """Return the files that the data of a case lie in now; what names none is left out."""
    places = [place for named in (case.data.reference, case.data.production, case.data.labels or ()) for place in named]
    found: set[Path] = set()
    for place in places:
        path = place.partition("::")[0]
        if "://" not in path and not os.path.isdir(case.root / path):
            with suppress(SourceError):
                found.update(find("data", path, case.root))
    return found


def _checked(source: Source) -> Source:
    if source.rows == 0:
        raise SourceError(f"{source.data}: the source has {len(source.types)} columns but no rows. Check how it is written.")
    for name in source.types:
        quote(name)
    return source


def _open_files(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], *, reader: Reader, store: Store) -> Source:
    names = short_names(files)
    if reader.format == "parquet":
        source = open_parquet(connection, data, files, reader)
        return replace(source, parts=tuple(Part(name, i) for i, name in enumerate(names)) if source.order else ())
    stamped = stamp(files, whole=True)
    path = store.path("import", digest(stamped, reader), ".parquet")
    plain, notes = in_utf8(data, stamped, wanted=reader.encoding, store=store) if reader.format != "arrow" else (files, [])
    notes += csv_notes(data, plain[0], files[0].name) if reader.format == "csv" else ()
    if not _whole(path):
        _import(connection, data, _unpacked(data, plain, store), reader, store, path)
    if not same(stamped, whole=True):
        raise SourceError(f"{data}: the files change while they are read. Wait until they are written, then open the case again.")
    source = open_parquet(connection, data, [path])
    if reader.format == "arrow":
        source = replace(source, narrow=_halves(plain))
    if reader.format == "csv":
        check_separated(data, files[0], source.types)
    key = digest("rows of files", stamped, reader)
    parts = _imported_parts(connection, data, (files, plain), reader=reader, store=store, key=key) if source.order else ()
    return replace(
        source,
        fingerprint=digest(stamped, source.types, source.rows),
        notes=(*source.notes, *notes),
        parts=parts,
        without=_without(connection, data, plain, reader=reader, store=store, key=key) if reader.format == "csv" and len(files) > 1 else {},
        textual=reader.format == "csv",
        dateless=reader.format in ("csv", "json"),
    )


def _without(
    connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], *, reader: Reader, store: Store, key: str
) -> dict[str, tuple[int, ...]]:
    """Return the positions of the files of text that lack a column which others have, by column; they are looked at once."""
    stored = store.load("columns of files", key)
    if stored is None:
        headers = [described(connection, data, reader.relation([file], looked_at=1)) for file in _unpacked(data, files, store)]
        store.save("columns of files", key, {}, without_columns(headers))
        return without_columns(headers)
    return {name: tuple(lacking) for name, lacking in stored[1].items()}


def _open_sqlite(connection: duckdb.DuckDBPyConnection, data: str, file: Path, table: str, store: Store) -> Source:
    stamped = stamp(versions(file))
    path = store.path("import", digest(stamped, "sqlite", table), ".parquet")
    if not _whole(path):
        store.write(path, lambda temporary: write_table(data, file, table, temporary))
    source = open_parquet(connection, data, [path])
    return replace(source, fingerprint=digest(stamped, table, source.types, source.rows), textual=True, dateless=True)


def _whole(path: Path) -> bool:
    """Say whether an imported file is there and can be read; one that was cut or overwritten is made again."""
    try:
        return int(pq.read_metadata(path).num_columns) > 0
    except (OSError, pa.ArrowInvalid):
        return False


def retyped(
    connection: duckdb.DuckDBPyConnection, source: Source, replaced: Mapping[str, str], store: Store, *, unread: Mapping[str, str]
) -> Source:
    """Return a data set with some columns read in another way, as a file of the store; `replaced` is SQL by column, `unread` that of the
    texts that are not read."""
    zoned = any("WITH TIME ZONE" in sql for sql in replaced.values())
    zone = connection.execute("SELECT current_setting('TimeZone')").fetchall()[0][0] if zoned else ""  # of times without an offset
    key = digest("retyped", source.fingerprint, sorted(replaced.items()), sorted(unread.items()), zone)
    hidden = {name: f"@driftscope.unread{i}" for i, name in enumerate(unread)}
    path = store.path("read", key, ".parquet")
    if not _whole(path):
        listed = ", ".join(f"{sql} AS {quote(name)}" for name, sql in replaced.items())
        more = "".join(f', {sql} AS "{hidden[name]}"' for name, sql in unread.items())
        copied = f"SELECT * REPLACE ({listed}){more} FROM {source.relation}"
        with translated("reading text"):
            store.write(path, lambda temporary: _copy(connection, copied, temporary))
    read = open_parquet(connection, source.data, [path])
    types = {name: sql_type for name, sql_type in read.types.items() if name not in hidden.values()}
    made = replace(source, relation=read.relation, order=read.order, types=types, fingerprint=key, files=(path,))
    return replace(made, parts=_moved(connection, source), unread={name: f'"{one}"' for name, one in hidden.items()})


def _copy(connection: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    with limited(connection, "importing data"):
        connection.execute(f"COPY ({sql}) TO {literal(str(path))} (FORMAT parquet)")


def _moved(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[Part, ...]:
    """Return the parts of a data set after its files were written into one."""
    if not any(part.file for part in source.parts):
        return source.parts
    with translated("counting the rows of files"), limited(connection, "counting the rows of files"):
        counted = dict(connection.execute(f"SELECT file_index, count(*) FROM {source.relation} GROUP BY 1").fetchall())
    ends = list(accumulate(int(counted.get(part.file, 0)) for part in source.parts))
    starts = [0, *ends[:-1]]
    return tuple(Part(part.name, 0, first, last) for part, first, last in zip(source.parts, starts, ends, strict=True))


def _imported_parts(
    connection: duckdb.DuckDBPyConnection, data: str, both: tuple[list[Path], list[Path]], *, reader: Reader, store: Store, key: str
) -> tuple[Part, ...]:
    """Return where the rows of each file came to lie in the one that they were imported to, in the order of the files: as the case names
    them, and as they are read."""
    files, plain = both
    names = short_names(files)
    if len(files) == 1:
        return (Part(names[0], 0),)
    stored = store.load("files", key)
    rows = list(stored[1]) if stored is not None else _rows_by_file(connection, data, _unpacked(data, plain, store), reader)
    if stored is None:
        store.save("files", key, {}, rows)
    ends = [sum(rows[: i + 1]) for i in range(len(rows))]
    return tuple(Part(name, 0, end - count, end) for name, count, end in zip(names, rows, ends, strict=True))


def _rows_by_file(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], reader: Reader) -> list[int]:
    if reader.format == "arrow":
        return [int(pads.dataset(str(file), format="ipc").count_rows()) for file in files]
    try:
        with limited(connection, "counting the rows of files"):
            counted = connection.execute(
                f'SELECT "@driftscope.path", count(*) FROM {reader.relation(files, path="@driftscope.path")} GROUP BY 1'
            ).fetchall()
    except duckdb.Error as error:
        raise unreadable(data, error) from error
    rows = {str(path): int(count) for path, count in counted}
    return [rows.get(str(file), 0) for file in files]


def open_parquet(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], reader: Reader = PARQUET) -> Source:
    """Return Parquet files as a data set."""
    relation = reader.relation(files)
    types = described(connection, data, relation)
    rows = count_rows(connection, data, relation)
    schemas = [described(connection, data, reader.relation([file])) for file in files] if len(files) > 1 else []
    notes = (*schema_notes(data, files, schemas), *renamed_notes(connection, data, files[0], types))
    without = without_columns(schemas)
    order = VIRTUAL if not set(VIRTUAL) & {name.lower() for name in types} else ()
    narrow = (
        narrow_columns(connection, files, types) if "FLOAT" in types.values() or any(one.reason == "type_differs" for one in notes) else {}
    )
    own = digest(stamp(files), types, rows)
    return Source(data, relation, order, own, types, rows, tuple(files), notes, narrow=narrow, without=without)


def _import(connection: duckdb.DuckDBPyConnection, data: str, files: list[Path], reader: Reader, store: Store, path: Path) -> None:
    def make(temporary: Path) -> None:
        relation = _arrow(connection, files) if reader.format == "arrow" else f"SELECT * FROM {reader.relation(files)}"
        _copy(connection, relation, temporary)

    try:
        store.write(path, make)
    except (duckdb.Error, pa.ArrowInvalid) as error:
        names = f"'{files[0].name}'" if len(files) == 1 else f"one of {len(files):,} files"
        raise SourceError(f"{data}: {names} cannot be read as {reader.format}: {_why(error, files[0], reader.format)}") from error


def _why(error: Exception, file: Path, format_: str) -> str:
    """Return why an import failed and what to do, without DuckDB's copies of the data and of the SQL."""
    text = str(error)
    odd = b"" if file.suffix.lower() in PACKED or format_ == "arrow" else _odd_bytes(file)
    if odd or "not utf-8 encoded" in text:
        return f"it is not a text file in UTF-8; {encoding_of(odd) if odd else 'some bytes are no text'}. {SAVE}"
    if "write failed" in text or "No space left" in text:
        return "what was read cannot be kept: the disk is full, or files may not be as large. Free some, or set DRIFTSCOPE_CACHE elsewhere."
    if "Error when sniffing" in text:
        return "no separator gives every line the same number of fields, or its line ends are mixed. Write it again with one kind of each."
    lines = [line.strip() for line in re.split(r"Possible (?:Solution|fixes)", text)[0].splitlines()]
    told = " ".join(line for line in lines if line and not line.startswith(("Original Line", "LINE ", "^")))
    hint = "Every line needs the same number of fields, in UTF-8." if format_ == "csv" else "Write the file again."
    return f"{re.sub(r'^[A-Za-z ]+ Error: ', '', told)[:240].rstrip('.')}. {hint}"


def _odd_bytes(file: Path) -> bytes:
    """Return the first line of a file that is not in UTF-8; nothing where all are."""
    with file.open("rb") as lines:
        begins = lines.read(2)
        if begins in (b"\xff\xfe", b"\xfe\xff"):
            return begins
        lines.seek(0)
        return next((line for line in lines if line.decode(errors="replace") != line.decode(errors="ignore")), b"")[:10_000]


def _unpacked(data: str, files: Sequence[Path], store: Store) -> list[Path]:
    """Return files that DuckDB can read: those that are packed with bzip2, which it does not know, are unpacked in the store."""
    return [_without_bzip2(data, file, store) if file.suffix.lower() == ".bz2" else file for file in files]


def _without_bzip2(data: str, file: Path, store: Store) -> Path:
    path = store.path("unpacked", digest(stamp([file])), Path(file.stem).suffix.lower())

    def make(temporary: Path) -> None:
        with bz2.open(file) as packed, temporary.open("wb") as plain:
            shutil.copyfileobj(packed, plain)

    try:
        return path if path.is_file() else store.write(path, make)
    except (OSError, EOFError) as error:
        raise SourceError(f"{data}: '{file.name}' cannot be unpacked: {error}. Write the file again.") from error


def _halves(files: Sequence[Path]) -> dict[str, str]:
    """Return the half floats of Arrow files."""
    return {
        field.name: HALF for field in pads.dataset([str(file) for file in files], format="ipc").schema if pa.types.is_float16(field.type)
    }


def _arrow(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    names = [str(file) for file in files]
    given = pads.dataset(names, format="ipc")
    known = pa.schema([field.with_type(pa.float32()) if pa.types.is_float16(field.type) else field for field in given.schema])
    connection.register("arrow_import", given if known == given.schema else pads.dataset(names, format="ipc", schema=known))
    return "SELECT * FROM arrow_import"
