"""What a file holds, told by its first bytes: a format, an encoding, a header."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from monitor.engine.dialect import PACKED, SEPARATORS, beginning, dialect_in, lines_in
from monitor.engine.layouts import other_layout
from monitor.errors import SourceError
from monitor.tables import Skipped

_HOLDS: tuple[tuple[bytes, str, str], ...] = (
    (b"PAR1", "parquet", "a Parquet file: let its name end in .parquet"),
    (b"ARROW1", "arrow", "an Arrow file: let its name end in .arrow"),
    (b"\x1f\x8b", "gzip", "packed with gzip: let its name end in .gz"),
    (b"\x28\xb5\x2f\xfd", "zstd", "packed with zstd: let its name end in .zst"),
    (b"BZh", "bz2", "packed with bzip2: let its name end in .bz2"),
    (b"PK\x03\x04", "", "a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV"),
    (b"\xfd7zXZ", "", "packed with xz: unpack it"),
    (b"SQLite format 3", "", "an SQLite database: let its name end in .sqlite and name a table, 'file.sqlite::table'"),
    (b"%PDF", "", "a PDF: export its table"),
    (b"version https://git-lfs", "", "a pointer of Git LFS, not the data: fetch them with 'git lfs pull'"),
    (b"<!doctype html", "", "a web page: a download went wrong, fetch the file again"),
    (b"<html", "", "a web page: a download went wrong, fetch the file again"),
)
SAVE = (
    "Save it as UTF-8, or name its encoding under [data] (a new case: driftscope init --encoding, or Encoding in Set-up), "
    "such as cp1251 for Russian or shift_jis for Japanese."
)
_BEGINNING = 64


def check_content(data: str, file: Path, expected: str) -> None:
    """Check that a file holds what its name says; `expected` is a format, or how it is packed.

    Raises
    ------
    SourceError
        It is empty, cannot be opened, or is of another format.
    """
    try:
        with file.open("rb") as opened:
            begins = opened.read(_BEGINNING)
    except OSError as error:
        raise SourceError(f"{data}: '{file}' cannot be opened: {error.strerror}. Make it readable, or correct its path.") from error
    if not begins:
        raise SourceError(f"{data}: '{file}' is empty (0 bytes). Write it again or take it out of [data].")
    found = next(((what, told) for magic, what, told in _HOLDS if begins.lower().startswith(magic.lower())), None)
    if found is not None and found[0] != expected:
        raise SourceError(f"{data}: '{file.name}' is {found[1]}.")
    if found is None and expected == "arrow":
        raise SourceError(
            f"{data}: '{file.name}' cannot be read as arrow: it is no Arrow file. Write a file, not a stream (pyarrow.ipc.new_file)."
        )


def csv_notes(data: str, file: Path, name: str) -> tuple[Skipped, ...]:
    """Say what is odd about the columns of a CSV file that people call `name`.

    Raises
    ------
    SourceError
        It has no header, or is no text.
    """
    header = _header(data, file, name)
    numbers = [one for one in header if _is_number(one)]
    if numbers and 2 * len(numbers) >= len(header):
        raise SourceError(f"{data}: '{name}' seems to have no header: its first line is {header[:6]}. Add a line of column names.")
    notes = duplicates(data, [one for one in header if one])
    unnamed = sum(not one.strip() for one in header)
    if unnamed:
        message = f"{data}: {unnamed} column(s) of '{name}' have no name; read as 'column<position>'."
        notes.append(Skipped(data, "unnamed_columns", message))
    return tuple(notes)


def duplicates(data: str, written: Sequence[str]) -> list[Skipped]:
    """Say which written names DuckDB cannot tell apart."""
    counted = Counter(name.lower() for name in written)
    twice = sorted({name for name in written if counted[name.lower()] > 1})
    if not twice:
        return []
    message = f"{data}: column names {twice} differ by nothing or only by case; the later ones are read as '<name>_1', '<name>_2' ..."
    return [Skipped(data, "duplicate_columns", message)]


def check_separated(data: str, file: Path, columns: Iterable[str]) -> None:
    """Check that a CSV was not read as one column because its lines do not fit its header.

    Raises
    ------
    SourceError
        The name of its one column holds a separator, or its lines are laid out in another way.
    """
    names = list(columns)
    if len(names) == 1 and any(sign in names[0] for sign in SEPARATORS):
        raise SourceError(
            f"{data}: '{file.name}' cannot be read as csv: not every line has as many fields as its header, seen {names[0][:80]!r}. "
            "Every line needs the same number of fields; put texts that hold a separator in quotes."
        )
    lines = _first_lines(data, file, file.name) if len(names) == 1 else []
    odd = other_layout(lines[dialect_in(lines).skip :])
    if odd:
        raise SourceError(f"{data}: '{file.name}' cannot be read as a table: {odd}.")


def _header(data: str, file: Path, name: str) -> list[str]:
    lines = _first_lines(data, file, name)
    found = dialect_in(lines)
    text = lines[found.skip] if found.skip < len(lines) else ""
    if not text.strip() or "\x00" in text:
        raise SourceError(f"{data}: the first line of '{name}' is not a line of column names, seen {text[:40]!r}. Write the file again.")
    return list(found.header) if found.separator else _sniffed(text)


def _sniffed(text: str) -> list[str]:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text, delimiters="".join(SEPARATORS))
    except csv.Error:
        dialect = csv.excel
    return next(csv.reader([text], dialect))


def _first_lines(data: str, file: Path, name: str) -> list[str]:
    kind = PACKED.get(file.suffix.lower())
    try:
        begins = beginning(file)
    except OSError as error:
        told = f"{data}: '{name}' cannot be unpacked" if kind else f"{data}: '{name}' cannot be read"
        raise SourceError(f"{told}: {str(error)[:120]}. Write the file again, or correct its ending.") from error
    first = next((line for line in begins.splitlines(keepends=True) if line.strip()), b"")
    try:
        first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{data}: '{name}' is not a text file in UTF-8: {encoding_of(first)}. {SAVE}") from error
    return lines_in(begins)


def encoding_of(content: bytes) -> str:
    """Say what is known of the encoding of bytes that are not UTF-8: which of the many others they are in, nobody can tell.

    >>> encoding_of("größe".encode("latin-1"))
    'it is damaged or in another encoding, which its bytes do not tell'
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and (b"\x00" in content or len(content) == 2):
        return "it is UTF-16"
    letters = content.decode("latin-1")
    plain = all(letter.isprintable() or letter in "\r\n\t" or "\x80" <= letter <= "\x9f" for letter in letters)
    return "it is damaged or in another encoding, which its bytes do not tell" if plain else "it holds bytes that are no text"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
