"""How a CSV is cut into lines and fields: where its header is and which sign parts its fields. Told by its first lines, not guessed from
values: a separator that gives the lines as many fields as the header has; no line is a remark once the header is there."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from monitor.engine.identifiers import literal
from monitor.engine.number_formats import POWER

PACKED = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
"""Endings of files that are packed."""
SEPARATORS = (",", ";", "\t", "|")
LINES = 200
"""Lines after the header that are looked at."""
AGREE = 0.9
"""Part of them that has as many fields as the header; a line break within quotes, a remark or a sum at the end may break some."""
_BEGINNING = 1 << 20
_BREAK = re.compile(r"\r\n|\n|\r")
_BEYOND_NUMBERS = re.compile(r"[;\t|]|,(?!\d)|(?<!\d),")
_TOLD = re.compile(r"\s*\"?sep=([,;|\t:^~#])\"?\s*")
"""The first line of a CSV that is meant for Excel. Signs that mean something else in a CSV, quotes above all, part no fields."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """`header` is the line of column names as fields (none: it is not known which line that is), `skip` the lines before it, `separator`
    what parts its fields (empty: not known), `escape` what stands before a quote within quotes (empty: quotes are other ones); `texts` are
    columns whose numbers have two readings, so that they are decided on all values of all data sets."""

    header: tuple[str, ...] = ()
    skip: int = 0
    separator: str = ""
    escape: str = '"'
    texts: tuple[str, ...] = ()

    @property
    def options(self) -> str:
        """Options of DuckDB's reader, each after a comma; what is not known it guesses."""
        known = f", delim='{self.separator}', skip={self.skip}" if self.separator else f", skip={self.skip}" if self.skip else ""
        # What DuckDB guesses may be the apostrophe of 4'522.48.
        quoted = f", quote='\"', escape='{self.escape}'" if self.separator and self.escape else ""
        typed = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.texts)
        return f", comment=''{known}{quoted}{f', types={{{typed}}}' if typed else ''}"


def dialect_of(file: Path) -> Dialect:
    """Return how a CSV in UTF-8 is written; nothing is known of one that cannot be read."""
    try:
        return dialect_in(lines_in(beginning(file)))
    except OSError:
        return Dialect()


def beginning(file: Path) -> bytes:
    """Return the first megabyte of a file as it is when it is unpacked.

    Raises
    ------
    OSError
        It cannot be read or unpacked.
    """
    with pa.input_stream(str(file), compression=PACKED.get(file.suffix.lower())) as stream:
        return bytes(stream.read(_BEGINNING))


def lines_in(begins: bytes) -> list[str]:
    """Return the lines of the first megabyte of a text in UTF-8, without one that is cut."""
    lines = _BREAK.split(begins.decode("utf-8-sig", errors="replace"))
    return lines[:-1] if len(begins) == _BEGINNING and len(lines) > 1 else lines


def dialect_in(lines: Sequence[str]) -> Dialect:
    """Return how the first lines of a CSV are written.

    >>> dialect_in(["# exported", "when;what", "12:00;a, b, c", "12:01;d, e, f"])
    Dialect(header=('when', 'what'), skip=1, separator=';', escape='"', texts=())
    """
    skip, told = _before_header(lines)
    if skip == len(lines):
        return Dialect()
    separator = told or _separator(lines[skip : skip + LINES])
    header = tuple(_fields([lines[skip]], separator)[0]) if separator else ()
    found = Dialect(header, skip, separator, _escape(lines[skip : skip + LINES], separator))
    twofold = (*powers_in(lines, found), *_grouped_in(lines, found))
    return replace(found, texts=tuple(name for name in twofold if _once(name, header)))


def _once(name: str, header: Sequence[str]) -> bool:
    return name == name.strip() and [one.lower() for one in header].count(name.lower()) == 1


def _grouped_in(lines: Sequence[str], found: Dialect) -> list[str]:
    """Return the columns of which all numbers with a point have three digits behind it: thousands as likely as decimals.

    >>> lines = ["a;b;c;d", "1.234;1.234;0.123;1.234", "850;1.5;1.234;2850"]
    >>> _grouped_in(lines, Dialect(("a", "b", "c", "d"), 0, ";"))
    ['a']
    """
    if not any(_THOUSANDS.search(line) for line in lines):
        return []
    return [
        name
        for name, values in _columns_in(lines, found)
        if any("." in value for value in values) and all(_GROUPED.fullmatch(value) for value in values)
    ]


_GROUPED = re.compile(r"-?(0|[1-9][0-9]{0,2}(\.[0-9]{3})?)")
_THOUSANDS = re.compile(r"(?<![\d.])[1-9][0-9]{0,2}\.[0-9]{3}(?![\d.])")


def _columns_in(lines: Sequence[str], found: Dialect) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns of the first lines after the header, each with its values; none where it is not known what parts them."""
    if not found.separator:
        return
    rows = _fields([line for line in lines[found.skip + 1 : found.skip + 1 + _LOOKED_AT] if line.strip()], found.separator)
    for i, name in enumerate(found.header):
        yield name, [row[i].strip() for row in rows if len(row) > i and row[i].strip() not in _BLANK]


_BLANK = frozenset({"", "NA", "NULL", "null", "nan", "NaN"})
_LOOKED_AT = 3_000


def powers_in(lines: Sequence[str], found: Dialect) -> dict[str, str]:
    """Return an example of each column of whole numbers of which some are like 12E5, codes as likely as powers of ten.

    >>> lines = ["a;b;c", "12E5;1e+05;3", "17;2E3x;4"]
    >>> powers_in(lines, dialect_in(lines))
    {'a': '12E5'}
    """
    if not any(POWER.search(line) for line in lines):
        return {}
    powers = ((name, [one for one in values if not one.isdigit()]) for name, values in _columns_in(lines, found))
    return {name: some[0] for name, some in powers if some and all(POWER.fullmatch(one) for one in some)}


def _escape(lines: Sequence[str], separator: str) -> str:
    r"""Return what stands before a quote within quotes; empty where fields stand in apostrophes.

    >>> _escape(['a,b', r'"say \"hi\" to",2'], ","), _escape(["a,b", "'x','y'"], ","), _escape(["a,b", "4'522,'n"], ",")
    ('\\', '', '"')
    """
    sign = re.escape(separator)
    if any(re.search(rf'\\"(?!{sign}|$)', line) for line in lines):
        return "\\"
    apostrophes = sum(re.search(rf"(^|{sign})'[^']*'({sign}|$)", line) is not None for line in lines[1:])
    return "" if apostrophes > len(lines[1:]) / 2 and not any('"' in line for line in lines) else '"'


def _before_header(lines: Sequence[str]) -> tuple[int, str]:
    """Return how many lines come before the header, and the separator where one of them tells it."""
    told = ""
    for i, line in enumerate(lines):
        found = _TOLD.fullmatch(line) if not told else None
        told = found[1] if found else told
        if line.strip() and not found and not _remark(lines[i : i + LINES]):
            return i, told
    return len(lines), told


def _remark(lines: Sequence[str]) -> bool:
    """Say whether the first of some lines is a remark; a header may begin with "#" too (#date;price)."""
    return lines[0].startswith("#") and (lines[0][1:2] in ("", " ", "#", "\t") or not _separator(lines))


def _separator(lines: Sequence[str]) -> str:
    """Return the sign that gives the lines as many fields as their first; of several the one that gives most, empty where none does."""
    able = [sign for sign in SEPARATORS if sign in lines[0]]
    if not able and any("," in line for line in lines) and not any(_BEYOND_NUMBERS.search(line) for line in lines):
        return ";"  # one column of numbers with decimal commas or groups of digits
    many = {sign: _agreeing(lines, sign) for sign in able}
    fitting = [sign for sign in able if many[sign][0] >= AGREE]
    return max(fitting, key=lambda sign: many[sign], default="")


def _agreeing(lines: Sequence[str], sign: str) -> tuple[float, int]:
    """Return the part of the lines with as many fields as the header, and how many those are; one more that is empty is a sign at the end
    of each line."""
    header, *rest = _fields([line for line in lines if line.strip()], sign)
    fit = [len(row) == len(header) or (len(row) == len(header) + 1 and not row[-1]) for row in rest]
    return (sum(fit) / len(fit) if fit else 1.0), len(header)


def _fields(lines: Sequence[str], sign: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=sign))
    except csv.Error:  # a field beyond the limit of the module, or a NUL
        return [line.split(sign) for line in lines]
