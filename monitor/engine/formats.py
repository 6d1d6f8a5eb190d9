"""How the text of a column is read: numbers in clothes, dates in any common order. No data here: a format is words and SQL.

The words are what stands in [formats] of a case: a strptime format ("%d/%m/%Y %H:%M"), or "number" and what its numbers wear
("decimal comma", "percent", "currency €", "unit kg", several of them with commas between).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.engine.identifiers import literal
from monitor.engine.month_names import NAMED, named_otherwise, plain_months, plain_months_sql
from monitor.engine.number_formats import NumberFormat
from monitor.engine.zones import in_region_sql, iso_sql, offset_format, plain_region, plain_zone, plain_zone_sql, zones_among

MARKERS = (
    *("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "none", "NaN", "nan", "<NA>", "\\N", "?", "-", "--", ".", "n.a.", "N.A."),
    *("(null)", "(NULL)", "[NULL]", "<null>", "nil", "NIL", "—", "–", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"),
    *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000"),
)
"""Texts that stand for a missing value among numbers or dates (those of pandas' and R's readers, dumps of MySQL and its date of zeros, and
errors of spreadsheets)."""
CERTAIN_MARKERS = ("", "N/A", "n/a", "#N/A", "NULL", "null", "NaN", "nan", "<NA>", "\\N")
"""Those of them that are nobody's level (and blanks), so that they are missing among other texts too."""

LIKELY = 0.5
"""A format is tried on all values when at least this share of the values looked at could have it."""
_CODES = re.compile(r"(?:[^%]|%Ob|%-?[aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%])+")
"""Texts that DuckDB takes as strptime formats."""


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """Dates or times as text; `formats` are strptime formats, of which the first that fits is used."""

    formats: tuple[str, ...]

    @property
    def words(self) -> str:
        """The format as it is written in [formats]."""
        return " | ".join(self.formats)

    @property
    def told(self) -> str:
        """The format in a sentence."""
        foreign = ", %Ob is the name of a month" if any(NAMED in one for one in self.formats) else ""
        return f"dates ({self.words}{foreign})" if len(self.formats) < 4 else f"dates ({self.formats[0]}, with or without a time{foreign})"

    @property
    def zoned(self) -> bool:
        """Whether there is an offset or a zone."""
        return any("%z" in one or "%Z" in one for one in self.formats)

    @property
    def day_only(self) -> bool:
        """Whether there is no time of day."""
        return not any(re.search("%[HIsfMTX]", one) for one in self.formats)

    def sql(self, text: str, *, plain: bool = False) -> str:
        """Return SQL of a text as TIMESTAMP (TIMESTAMP WITH TIME ZONE where it has an offset), NULL where it is no such date.

        `plain`: of a text that has an offset for its zone already."""
        formats = [one.replace(NAMED, "%b") for one in self.formats]
        source = plain_months_sql(text) if formats != list(self.formats) else text
        source = plain_zone_sql(source) if self.zoned and not plain else source
        if any("%p" in one for one in self.formats):
            source = f"regexp_replace({source}, '([ap])\\.m\\.', '\\1m', 'i')"
        parsed = _parsed(source, [offset_format(one) for one in formats])
        regions = [one for one in formats if one.endswith("%Z")]
        if regions:  # the engine would take names of zones as what they mean somewhere
            parsed = f"CASE WHEN {in_region_sql(source)} THEN {_parsed(source, regions)} ELSE {parsed} END"
        # "%Y" reads 24 as the year 24.
        return f"CASE WHEN regexp_matches({text}, '[0-9]{{4}}') THEN {parsed} END" if all("%Y" in one for one in self.formats) else parsed


@dataclass(frozen=True, slots=True)
class IsoFormat:
    """Dates or times as ISO 8601 writes them."""

    zoned: bool = False

    @property
    def words(self) -> str:
        """The format as it is written in [formats]."""
        return "iso"

    @property
    def told(self) -> str:
        """The format in a sentence."""
        return "dates (ISO 8601)"

    def sql(self, text: str, *, plain: bool = False) -> str:
        """Return SQL of a text as TIMESTAMP (TIMESTAMP WITH TIME ZONE where it has an offset), NULL where it is no such date.

        `plain`: of a text that has an offset for its zone already."""
        return iso_sql(text, zoned=self.zoned, plain=plain)


@dataclass(frozen=True, slots=True)
class TruthFormat:
    """True and false as text, in small letters or large."""

    @property
    def words(self) -> str:
        """The format as it is written in [formats]."""
        return "true or false"

    @property
    def told(self) -> str:
        """The format in a sentence."""
        return self.words

    def sql(self, text: str) -> str:
        """Return SQL of a text as BOOLEAN, NULL where it is neither."""
        return f"CASE lower(trim({text})) WHEN 'true' THEN true WHEN 'false' THEN false END"


def _parsed(text: str, formats: Sequence[str]) -> str:
    return f"try_strptime({text}, [{', '.join(map(literal, formats))}])"


Format = NumberFormat | TimeFormat | IsoFormat | TruthFormat


def parse_format(text: str) -> Format:
    """Return the format that words of [formats] stand for.

    Raises
    ------
    ValueError
        They stand for none; the text says what is known.

    >>> parse_format("decimal comma, percent")
    NumberFormat(decimal='comma', before='', after='%', bare=False)
    """
    if text in ("iso", "true or false"):
        return IsoFormat() if text == "iso" else TruthFormat()
    if "%" in text:
        parts = tuple(part.strip() for part in text.split("|"))
        odd = next((part for part in parts if not _CODES.fullmatch(part)), None)
        if odd is not None:
            raise ValueError(f"'{odd}' in '{text}' is no strptime format: write one such as '%d/%m/%Y %H:%M', several with ' | ' between")
        return TimeFormat(parts)
    found, bare = {"decimal": "point", "before": "", "after": ""}, False
    for part in (part.strip() for part in text.split(",")):
        word, _, rest = part.partition(" ")
        if part in ("decimal comma", "decimal point"):
            found["decimal"] = rest
        elif part == "bare":
            bare = True
        elif part == "percent":
            found["after"] = "%"
        elif word in ("currency", "unit") and rest:
            found["before" if word == "currency" else "after"] = rest
        elif part != "number":
            raise ValueError(
                f"'{text}' is no format: write a strptime format such as '%d/%m/%Y %H:%M', or number, decimal comma, "
                "percent, true or false, 'currency €', 'unit kg', 'bare' where some have it and some have not (several with commas between)"
            )
    return NumberFormat(**found, bare=bare)


_DATES = (
    ("%d/%m/%Y", "%m/%d/%Y"),
    ("%d-%m-%Y", "%m-%d-%Y"),
    ("%d.%m.%Y", "%m.%d.%Y"),
    ("%d/%m/%y", "%m/%d/%y", "%y/%m/%d"),
    ("%d-%m-%y", "%m-%d-%y", "%y-%m-%d"),
    ("%d.%m.%y", "%m.%d.%y", "%y.%m.%d"),
    ("%Y-%m-%d",),
    ("%Y/%m/%d",),
    ("%Y.%m.%d",),
    ("%d %b %Y",),
    ("%d-%b-%Y",),
    ("%d%b%Y",),
    ("%d%b%y",),
    ("%d/%b/%Y",),
    ("%d %b %y",),
    ("%d-%b-%y",),
    ("%d %B %Y",),
    ("%b %d, %Y",),
    ("%B %d, %Y",),
    ("%b %d %Y",),
    ("%d/%b/%y",),
    ("%a, %d %b %Y",),
    ("%A, %d %B %Y",),
    ("%a %b %d %Y",),
    ("%Y年%m月%d日",),
)
"""Orders of day, month and year that are tried; those of one row can be mistaken for each other."""
_CLOCKS = (
    *("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S,%f", "%H.%M", "%H.%M.%S", "%H.%M.%S.%f", "%H:%M Uhr", "%H:%M:%S Uhr"),
    *("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p", "%I:%M:%S.%f %p", "%I.%M.%S %p", "%I.%M.%S.%f %p"),
)
_JOINTS = (" ", "T", ", ", ":", " - ", "-")
_ZONES = ("", "%z", " %Z")
_HOURS = (" %H", "T%H")
_WHOLE = (
    ("%a %b %d %H:%M:%S %Y",),
    ("%a %b %d %H:%M:%S %Z %Y",),
    tuple(f"%Y%m%d{joint}{time}{zone}" for joint in "T -" for time in ("%H%M", "%H%M%S", "%H%M%S.%f", "%H:%M:%S") for zone in ("", "%z")),
)
"""Dates and times that are no order of day, month and year with a time after it (those of C, of the shell, the basic form of ISO 8601)."""


def dated(day: str, *, zoned: bool) -> TimeFormat:
    """Return a format of one order of day, month and year, with a time of day or without."""
    zones = _ZONES if zoned else ("",)
    timed = (f"{day}{joint}{time}{zone}" for joint in _JOINTS for time in _CLOCKS for zone in zones)
    return TimeFormat((day, *(f"{day}{hour}" for hour in _HOURS), *timed))


_LOOKS_DATED = re.compile(
    r"\s*(\d{1,4}[-/. 年]\d{1,2}[-/. 月]\d|\d{1,2}([-/ ][A-Za-z]{3}|[A-Za-z]{3}\d{2})"
    r"|[A-Za-z]{3,9},? +([A-Za-z]{3,9} +)?\d{1,2}|\d{8}[T -]\d{4})"
)
SOME = 0.02
"""Part of the values from which an order is one of several that a column has."""


def time_candidates(values: Sequence[str]) -> list[TimeFormat | IsoFormat]:
    """Return the formats that texts like these could have, by the separators that they use; the most likely first."""
    found = _candidates(values, _DATES, _WHOLE)
    if not named_otherwise(values):
        return found
    named = [(day.replace("%b", NAMED),) for row in _DATES for day in row if "%b" in day and "%a" not in day]
    return [*found, *_candidates([plain_months(value) for value in values], named, ())[1:]]


def named_candidates(values: Sequence[str], names: Sequence[str]) -> list[TimeFormat]:
    """Return the formats that times could have that end in a name (or have it before the year), as a part of them.

    >>> [one.words for one in named_candidates(["2024-02-27 13:00 BST"], ["BST"])][0]
    '%Y-%m-%d %H:%M BST'
    """
    named = re.compile(rf" ({'|'.join(names)})\b")
    found = time_candidates([named.sub("", value) for value in values])
    formats = [[one for one in format_.formats if re.search("%[HI]", one)] for format_ in found if isinstance(format_, TimeFormat)]
    return [TimeFormat(tuple(_with_name(one, name) for one in every for name in names)) for every in formats if every]


def _with_name(format_: str, name: str) -> str:
    return format_.replace(" %Y", f" {name} %Y") if format_.endswith("%S %Y") else f"{format_} {name}"


def _candidates(values: Sequence[str], dates: Sequence[tuple[str, ...]], whole: Sequence[tuple[str, ...]]) -> list[TimeFormat | IsoFormat]:
    if not values or sum(_LOOKS_DATED.match(value) is not None for value in values) < LIKELY * len(values):
        return []
    zoned = zones_among(values)
    shapes = {_shape(value) for value in values}
    days = [dated(day, zoned=zoned) for row in dates for day in row if _likely(day, values)]
    every = [*days, *(TimeFormat(formats) for formats in whole)]
    regions = any(plain_region(one) != one for one in map(plain_zone, values))
    able = [tuple(one for one in format_.formats if regions or not one.endswith(" %Z")) for format_ in every]
    kept = [tuple(one for one in formats if not shapes.isdisjoint(_shapes(one))) for formats in able]
    return [IsoFormat(zoned), *(TimeFormat(formats) for formats in kept if formats)]


def mistakable(one: TimeFormat, other: TimeFormat) -> bool:
    """Say whether two formats read the same texts as different days: day and month change places."""
    pairs = [row for row in _DATES if len(row) > 1]
    return any(_of_row(one, row) and _of_row(other, row) for row in pairs)


def _of_row(format_: TimeFormat, row: Sequence[str]) -> bool:
    return all(text.startswith(tuple(row)) for text in format_.formats)


def joined(formats: Sequence[TimeFormat]) -> TimeFormat:
    """Return several formats as one; those of years of two digits come first, for one of four digits takes them for years of old."""
    every = [one for format_ in formats for one in format_.formats]
    return TimeFormat(tuple(dict.fromkeys(sorted(every, key=lambda one: "%Y" in one))))


def _shape(text: str) -> str:
    """Return a text with its numbers as 0 and its words as a.

    >>> _shape("Mon, 01 Jan 2024 15:00:00 GMT"), _shape("1/2/24 3:05 p.m.")
    ('a, 0 a 0 0:0:0+0:0', '0/0/0 0:0 a')
    """
    plain = plain_zone(" ".join(re.sub(r"\b([ap])\.m\.", r"\1m", text, flags=re.IGNORECASE).split()))
    return re.sub(r"[^\W\d_年月日]+", "a", re.sub(r"\d+", "0", plain_region(plain)))


@lru_cache(maxsize=16_384)
def _shapes(format_: str) -> frozenset[str]:
    """Return the shapes that texts of a format have. The formats are some ten thousand, the same for every column."""
    every = {format_.replace("%Z", "x/x"), offset_format(format_)} if "%Z" in format_ else {format_}
    texts = [re.sub("%O?[bBaAp]", "x", re.sub("%[dmYyHIMSf]", "0", one)) for one in every]
    zones = ("+00:00", "-00:00", "+0000", "-00")
    return frozenset(_shape(text.replace("%z", zone)) for text in texts for zone in (zones if "%z" in text else ("",)))


_PARTS = {"%d": r"\d{1,2}", "%m": r"\d{1,2}", "%Y": r"\d{4}", "%y": r"\d{2}"} | dict.fromkeys((NAMED, "%b", "%B", "%a", "%A"), "[A-Za-z]+")


def _likely(day: str, values: Sequence[str]) -> bool:
    """Say whether values look like an order of day, month and year, whatever their numbers.

    >>> _likely("%d/%m/%Y", ["31/12/2024"]), _likely("%d/%m/%y", ["31/12/2024"])
    (True, False)
    """
    pieces = re.split("(%O?[a-zA-Z])", day)
    pattern = re.compile(r"\s*" + "".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces) + r"(?!\d)")
    return sum(pattern.match(value) is not None for value in values) >= SOME * len(values)
