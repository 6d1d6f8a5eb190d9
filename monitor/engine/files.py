"""Files as sources: what a case names, in which format each is, and the SQL that reads them."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from monitor.engine.dialect import PACKED, dialect_of
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
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
Stamp = tuple[str, int, int, int, str]
END_BYTES = 65_536
MOST_LOOKED_AT = 10_000
"""Names of files in a folder that are looked at to say what it holds."""
LONGEST_PATH = 4000
"""Bytes of a path; no system that we know takes longer ones."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How files of one format are read; with `partitions` folders such as year=2024 are columns; `encoding` is that of text (empty: told
    by the bytes)."""

    format: str
    partitions: bool = False
    encoding: str = ""

    def relation(self, files: Sequence[Path], *, path: str | None = None, looked_at: int = -1) -> str:
        """Return SQL of the rows of files to stand after FROM; `path` names a further column with the path of the row's file. So many rows
        of CSV are looked at before types are fixed (-1: all)."""
        if self.format != "csv":
            return self._relation(files, path)
        # Files of one data set may be written in several ways; each is read in its own, in the order of the files.
        alike = [(dialect, [file for _, file in group]) for dialect, group in groupby(_dialects(files), key=lambda one: one[0])]
        parts = [self._relation(group, path, f"{options}, sample_size={looked_at}") for options, group in alike]
        return parts[0] if len(parts) == 1 else f"({' UNION ALL BY NAME '.join(f'SELECT * FROM {part}' for part in parts)})"

    def _relation(self, files: Sequence[Path], path: str | None, dialect: str = "") -> str:
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
            return f"read_csv([{names}], header=true, {types}{dialect}{options})"
        lines = "auto" if ".json" in (suffix.lower() for suffix in files[0].suffixes) else "newline_delimited"
        return f"read_json([{names}], format='{lines}', sample_size=-1{options})"


def _dialects(files: Sequence[Path]) -> list[tuple[str, Path]]:
    return [(dialect_of(file).options, file) for file in files]


def find(data: str, place: str, root: Path) -> list[Path]:
    """Return the files that a path or a pattern names; `root` is the folder of the case, of which no letter is a pattern.

    Raises
    ------
    SourceError
        It leads out of the folder, names a folder, nothing, or more files than anybody means.
    """
    _check_place(data, place, root)
    path = Path(place)
    whole = path if path.is_absolute() else root / path
    if os.path.isdir(whole):
        patterns = files_below(whole)
        named = patterns or [f"{whole}/*.parquet"]
        seen = f"it holds files of {len(patterns)} kinds" if len(patterns) > 1 else "" if patterns else "it holds no file that can be read"
        told = [place + one.removeprefix(str(whole)) for one in named[:3]]
        raise SourceError(
            f"{data}: '{place}' is a folder{f'; {seen}' if seen else ''}. Name its files, for example {' or '.join(map(repr, told))}."
        )
    found = [whole.resolve()] if os.path.isfile(whole) else each_once(matching(data, place, root))
    odd = next((file for file in found if not _in_utf8(str(file))), None)
    if odd is not None:
        raise SourceError(f"{data}: the name of the file {str(odd)!r} is not in UTF-8. Rename it.")
    if not found:
        raise SourceError(f"{data}: nothing at '{place}' (looked in '{root}'). Check the path in [data].")
    return found


def each_once(files: Iterable[Path]) -> list[Path]:
    """Return files in their order without those that are one before under another name (a hard link)."""
    found: dict[tuple[int, int], Path] = {}
    for file in files:
        facts = _facts(file)
        found.setdefault((facts.st_dev, facts.st_ino), file)
    return list(found.values())


def files_below(folder: Path) -> list[str]:
    """Return a pattern for each kind of file that a folder holds, in itself or in folders within it; hidden ones count for nothing."""
    found: dict[str, bool] = {}
    looked = 0
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith((".", "_")))
        for name in names:
            looked += 1
            ending = _ending(name)
            if ending and not name.startswith((".", "_")):
                found[ending] = found.get(ending, False) or Path(here) != folder
        if looked > MOST_LOOKED_AT:
            break
    return [f"{glob.escape(str(folder))}/{'**/' if deep else ''}*{ending}" for ending, deep in sorted(found.items())]


def _ending(name: str) -> str:
    """Return the ending of a file that can be read, as it is written, with that of its packing; empty for any other."""
    stem, packed = os.path.splitext(name)
    if packed.lower() not in PACKED:
        stem, packed = name, ""
    ending = os.path.splitext(stem)[1]
    return ending + packed if ending.lower() in FORMATS else ""


def folder_at(data: str, place: str, root: Path) -> Path:
    """Return the folder that a path names.

    Raises
    ------
    SourceError
        It leads out of the folder of the case.
    """
    _check_place(data, place, root)
    return (root / place).resolve()


def _check_place(data: str, place: str, root: Path) -> None:
    path = Path(place)
    if "\x00" in place or len(os.fsencode(place)) > LONGEST_PATH:
        raise SourceError(f"{data}: {place[:80]!r} is no path: it holds a NUL character or is too long. Correct [data].")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", place):
        raise SourceError(f"{data}: '{place}' is an address, and nothing is fetched from one. Load the file down and give its path.")
    if not path.is_absolute() and not _inside(root, root / path):
        raise SourceError(f"{data}: '{place}' leads out of the case folder '{root}'. Give the absolute path if that is meant.")


def _in_utf8(text: str) -> bool:
    return text.encode(errors="replace") == text.encode(errors="surrogateescape")


def _inside(root: Path, path: Path) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(root)


def format_of(data: str, file: Path) -> str:
    """Return the format of a file by its ending: parquet, csv, json or arrow."""
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in PACKED]
    found = FORMATS.get(suffixes[-1]) if suffixes else None
    if suffixes and suffixes[-1] in _WORKBOOKS:
        raise SourceError(
            f"{data}: '{file.name}' is a workbook, which is not read. Save the sheet that is meant as CSV (UTF-8) or Parquet."
        )
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


def stamp(files: Iterable[Path], *, whole: bool = False) -> list[Stamp]:
    """Return what tells whether files changed: path, inode, bytes, the time of the last change in ns, and a hash of what lies at both ends
    (of all of it with `whole`): a file may be written over within one tick of the clock, or have its time set back.

    Raises
    ------
    SourceError
        One of them is gone, or may not be read.
    """
    return [_stamped(file, whole) for file in files]


def _stamped(file: Path, whole: bool) -> Stamp:
    facts = _facts(file)
    try:
        return str(file), facts.st_ino, facts.st_size, facts.st_mtime_ns, _hash(file, whole)
    except OSError as error:
        raise _unread(file, error) from error


def _facts(file: Path) -> os.stat_result:
    try:
        return file.stat()
    except OSError as error:
        raise _unread(file, error) from error


def _unread(file: Path, error: OSError) -> SourceError:
    return SourceError(f"'{file}' cannot be read: {error.strerror}. Make it readable, or name other files under [data].")


def _hash(file: Path, whole: bool) -> str:
    with file.open("rb") as opened:
        if whole:
            return hashlib.file_digest(opened, "blake2b").hexdigest()
        begins = opened.read(END_BYTES)
        opened.seek(max(opened.seek(0, os.SEEK_END) - END_BYTES, 0))
        return hashlib.blake2b(begins + opened.read(END_BYTES)).hexdigest()


def same(stamped: Iterable[Stamp], *, whole: bool = False) -> bool:
    """Say whether files are what they were when they were stamped."""
    before = list(stamped)
    try:
        return stamp([Path(name) for name, *_ in before], whole=whole) == before
    except SourceError:
        return False


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
