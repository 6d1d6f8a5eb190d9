"""Files as sources: what a case names, in which format each is, and the SQL that reads them."""

from __future__ import annotations

import csv
import glob
import gzip
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.engine.identifiers import literal
from monitor.engine.patterns import matching
from monitor.errors import SourceError
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


@dataclass(frozen=True, slots=True)
class Reader:
    """How files of one format are read; with `partitions` folders such as year=2024 are columns."""

    format: str
    partitions: bool = False

    def relation(self, files: Sequence[Path], *, path: str | None = None) -> str:
        """Return SQL of the rows of files to stand after FROM; `path` names a further column with the path of the row's file."""
        # A bracket or star that is part of a file's own name must not be taken for a pattern.
        names = ", ".join(literal(glob.escape(str(file))) for file in files)
        options = f", hive_partitioning={'true' if self.partitions else 'false'}" + (", union_by_name=true" if len(files) > 1 else "")
        options += f", filename={literal(path)}" if path is not None else ""
        if self.format == "parquet":
            return f"read_parquet([{names}]{options})"
        if self.format == "csv":
            # All rows are looked at before types are fixed: a late text in a column of numbers makes it text, not an error. Dates stay
            # text: their order is decided on all values of all data sets (reading.py), not file by file.
            types = "auto_type_candidates=['BOOLEAN', 'TIME', 'BIGINT', 'DOUBLE', 'VARCHAR']"
            return f"read_csv([{names}], header=true, sample_size=-1, {types}{options})"
        lines = "auto" if files[0].name.lower().removesuffix(".gz").endswith(".json") else "newline_delimited"
        return f"read_json([{names}], format='{lines}', sample_size=-1{options})"


def find(data: str, place: str, root: Path) -> list[Path]:
    """Return the files that a path or a pattern names; `root` is the folder of the case, of which no letter is a pattern.

    Raises
    ------
    SourceError
        It leads out of the folder, names a folder, nothing, or more files than anybody means.
    """
    path = Path(place)
    if "\x00" in place:
        raise SourceError(f"{data}: {place[:80]!r} is no path: it holds a NUL character. Correct [data].")
    if not path.is_absolute() and not _inside(root, root / path):
        raise SourceError(f"{data}: '{place}' leads out of the case folder '{root}'. Give the absolute path if that is meant.")
    whole = path if path.is_absolute() else root / path
    if whole.is_file():
        return [whole.resolve()]
    if whole.is_dir():
        raise SourceError(f"{data}: '{place}' is a folder. Name its files, for example '{place}/*.parquet'.")
    found = matching(data, place, root)
    if not found:
        raise SourceError(f"{data}: nothing at '{place}' (looked in '{root}'). Check the path in [data].")
    return found


def _inside(root: Path, path: Path) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(root)


def format_of(data: str, file: Path) -> str:
    """Return the format of a file by its ending: parquet, csv, json or arrow."""
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in (".gz", ".zst")]
    found = FORMATS.get(suffixes[-1]) if suffixes else None
    if found is None:
        raise SourceError(f"{data}: the format of '{file.name}' is not known. Use {', '.join(FORMATS)}, or 'file.duckdb::table'.")
    return found


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


def stamp(files: Iterable[Path]) -> list[tuple[str, int, int, int]]:
    """Return what tells whether files changed: path, inode, bytes and the time of the last change in ns."""
    stats = [(file, file.stat()) for file in files]
    return [(str(file), facts.st_ino, facts.st_size, facts.st_mtime_ns) for file, facts in stats]


def partition_notes(data: str, files: Sequence[Path], columns: Iterable[str]) -> list[Skipped]:
    """Say which folders look like partitions, which are not read as columns."""
    known = {name.lower() for name in columns}
    folders = dict.fromkeys(match[1] for file in files for part in file.parts[:-1] if (match := re.fullmatch(r"([A-Za-z_]\w*)=.+", part)))
    new = [name for name in folders if name.lower() not in known]
    if not new:
        return []
    given = f"{data}: the folders give {', '.join(new)}, which no file holds and which is not read"
    message = f"{given}. Write partitions = true under [data] to read it as a column."
    return [Skipped(data, "partitions", message)]


def duplicates(data: str, written: Sequence[str]) -> list[Skipped]:
    """Say which written names DuckDB cannot tell apart."""
    lowered = [name.lower() for name in written]
    twice = sorted({name for name in written if lowered.count(name.lower()) > 1})
    if not twice:
        return []
    message = f"{data}: column names {twice} differ by nothing or only by case; the later ones are read as '<name>_1', '<name>_2' ..."
    return [Skipped(data, "duplicate_columns", message)]


def csv_notes(data: str, files: Sequence[Path]) -> tuple[Skipped, ...]:
    """Say what is odd about the columns of a CSV file.

    Raises
    ------
    SourceError
        It has no header, or is no text.
    """
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
