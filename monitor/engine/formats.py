"""How the text of a column is read: numbers in clothes, dates in any common order. No data here: a format is words and SQL.

The words are what stands in [formats] of a case: a strptime format ("%d/%m/%Y %H:%M"), or "number" and what its numbers wear
("decimal comma", "percent", "currency €", "unit kg", several of them with commas between).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.engine.identifiers import literal

MARKERS = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "none", "NaN", "nan", "<NA>", "\\N", "?", "-", "--", ".", "n.a.", "N.A.")
"""Texts that stand for a missing value among numbers or dates (those of pandas' and R's readers, MySQL's dump and spreadsheets)."""
CERTAIN_MARKERS = ("N/A", "n/a", "#N/A", "NULL", "null", "NaN", "nan", "<NA>", "\\N")
"""Those of them that are nobody's level, so that they are missing among other texts too."""

_CURRENCY = "[$€£¥₹₽₺₩]|[A-Z]{3}|kr|zł|Kč|Fr\\.?"
_UNIT = "%|[$€£¥₹₽₺₩]|[A-Za-zµ°Ω²³/]{1,8}"
_GROUPED = {
    "point": r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?:[ '’][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+",
    "comma": r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[1-9][0-9]{0,2}(?:[ '’][0-9]{3})+|[0-9]+)(?:,[0-9]+)?|,[0-9]+",
}
LIKELY = 0.5
"""A format is tried on all values when at least this share of the values looked at could have it."""
_ZERO_LED = re.compile(r"\s*[+-]?0\d")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EDGE = f"({_CURRENCY})?"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """Numbers as text: the decimal sign ("point" or "comma"; thousands may be set apart by the other sign, blanks or apostrophes), what
    stands before each ("$") and after each ("%", "kg")."""

    decimal: str = "point"
    before: str = ""
    after: str = ""

    @property
    def plain(self) -> bool:
        """Whether nothing but digits, sign, point and exponent is read."""
        return self == NumberFormat()

    @property
    def words(self) -> str:
        """The format as it is written in [formats]."""
        worn = [f"currency {self.before}"] if self.before else []
        worn += ["percent"] if self.after == "%" else [f"unit {self.after}"] if self.after else []
        return ", ".join([*(["decimal comma"] if self.decimal == "comma" else []), *worn]) or "number"

    @property
    def told(self) -> str:
        """The format in a sentence."""
        return "numbers" if self.plain else f"numbers ({self.words})"

    def sql(self, text: str) -> str:
        """Return SQL of a text as DOUBLE, NULL where it is no such number."""
        trimmed = f"trim(translate({text}, '\u00a0\u202f\u2212', '  -'))"
        plain = f"TRY_CAST({trimmed} AS DOUBLE)"
        before, after = re.escape(self.before), re.escape(self.after)
        core = _GROUPED[self.decimal]
        pattern = rf"\(?[+-]? ?{before} ?[+-]?(?:{core}) ?{after}\)?"
        digits = f"regexp_extract({trimmed}, {literal(f'({core}) ?{after}' + chr(92) + ')?$')}, 1)"
        other = "," if self.decimal == "point" else "."
        number = f"translate({digits}, {literal(other + ' ’' + chr(39))}, '')"
        if self.decimal == "comma":
            number = f"replace({number}, ',', '.')"
        sign = f"CASE WHEN regexp_matches({trimmed}, '^[(]|^[^0-9]*-') THEN -1 ELSE 1 END"
        dressed = f"CASE WHEN regexp_full_match({trimmed}, {literal(pattern)}) THEN {sign} * TRY_CAST({number} AS DOUBLE) END"
        whole = not self.before and not self.after and self.decimal == "point"
        return f"coalesce({plain}, {dressed})" if whole else dressed


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
        return f"dates ({self.words})" if len(self.formats) < 4 else f"dates ({self.formats[0]}, with or without a time)"

    @property
    def day_only(self) -> bool:
        """Whether there is no time of day."""
        return not any(re.search("%[HIsfMTX]", one) for one in self.formats)

    def sql(self, text: str) -> str:
        """Return SQL of a text as TIMESTAMP (TIMESTAMP WITH TIME ZONE where it has an offset), NULL where it is no such date."""
        formats = ", ".join(literal(one) for one in self.formats)
        zoned = any("%z" in one for one in self.formats)
        # DuckDB reads "Z" as an offset only when it is written out.
        source = f"regexp_replace({text}, 'Z$', '+00:00')" if zoned else text
        parsed = f"try_strptime({source}, [{formats}])"
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

    def sql(self, text: str) -> str:
        """Return SQL of a text as TIMESTAMP (TIMESTAMP WITH TIME ZONE where it has an offset), NULL where it is no such date."""
        # A cast reads 01/02/24 as a day of the year 1.
        cast = f"TRY_CAST(trim({text}) AS {'TIMESTAMPTZ' if self.zoned else 'TIMESTAMP'})"
        return f"CASE WHEN regexp_matches({text}, '^\\s*[0-9]{{4}}') THEN {cast} END"


Format = NumberFormat | TimeFormat | IsoFormat


def parse_format(text: str) -> Format:
    """Return the format that words of [formats] stand for.

    Raises
    ------
    ValueError
        They stand for none; the text says what is known.

    >>> parse_format("decimal comma, percent")
    NumberFormat(decimal='comma', before='', after='%')
    """
    if text == "iso":
        return IsoFormat()
    if "%" in text:
        return TimeFormat(tuple(part.strip() for part in text.split(" | ")))
    found = {"decimal": "point", "before": "", "after": ""}
    for part in (part.strip() for part in text.split(",")):
        word, _, rest = part.partition(" ")
        if part in ("decimal comma", "decimal point"):
            found["decimal"] = rest
        elif part == "percent":
            found["after"] = "%"
        elif word in ("currency", "unit") and rest:
            found["before" if word == "currency" else "after"] = rest
        elif part != "number":
            raise ValueError(
                f"'{text}' is no format: write a strptime format such as '%d/%m/%Y %H:%M', or number, decimal comma, percent, "
                "'currency €', 'unit kg' (several with commas between)"
            )
    return NumberFormat(**found)


_DATES = (
    ("%d/%m/%Y", "%m/%d/%Y"),
    ("%d-%m-%Y", "%m-%d-%Y"),
    ("%d.%m.%Y", "%m.%d.%Y"),
    ("%d/%m/%y", "%m/%d/%y"),
    ("%d-%m-%y", "%m-%d-%y"),
    ("%d.%m.%y", "%m.%d.%y"),
    ("%Y/%m/%d",),
    ("%Y.%m.%d",),
    ("%d %b %Y",),
    ("%d-%b-%Y",),
    ("%d/%b/%Y",),
    ("%d %b %y",),
    ("%d-%b-%y",),
    ("%d %B %Y",),
    ("%b %d, %Y",),
    ("%B %d, %Y",),
    ("%b %d %Y",),
    ("%a, %d %b %Y",),
    ("%A, %d %B %Y",),
)
"""Orders of day, month and year that are tried; those of one row can be mistaken for each other."""
_TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%H.%M", "%H.%M.%S")
_JOINTS = (" ", "T", ", ", ":")
_ZONES = ("", "%z", " %z")


def dated(day: str, *, zoned: bool) -> TimeFormat:
    """Return a format of one order of day, month and year, with a time of day or without."""
    zones = _ZONES if zoned else ("",)
    return TimeFormat((day, *(f"{day}{joint}{time}{zone}" for joint in _JOINTS for time in _TIMES for zone in zones)))


_LOOKS_DATED = re.compile(r"\s*(\d{1,4}[-/. ]\d{1,2}[-/. ]\d|\d{1,2}[-/ ][A-Za-z]{3}|[A-Za-z]{3,9},? \d{1,2})")
_ZONED = re.compile(r"(Z|[+-]\d{2}:?\d{2})\s*$")


def time_candidates(values: Sequence[str]) -> list[TimeFormat | IsoFormat]:
    """Return the formats that texts like these could have, by the separators that they use; the most likely first."""
    if not values or sum(_LOOKS_DATED.match(value) is not None for value in values) < LIKELY * len(values):
        return []
    zoned = any(_ZONED.search(value.partition(":")[2]) for value in values)
    days = [day for row in _DATES for day in row if _likely(day, values)]
    return [IsoFormat(zoned), *(dated(day, zoned=zoned) for day in days)]


_PARTS = {"%d": r"\d{1,2}", "%m": r"\d{1,2}", "%Y": r"\d{4}", "%y": r"\d{2}"} | dict.fromkeys(("%b", "%B", "%a", "%A"), "[A-Za-z]+")


def _likely(day: str, values: Sequence[str]) -> bool:
    """Say whether values look like an order of day, month and year, whatever their numbers.

    >>> _likely("%d/%m/%Y", ["31/12/2024"]), _likely("%d/%m/%y", ["31/12/2024"])
    (True, False)
    """
    pieces = re.split("(%[a-zA-Z])", day)
    pattern = re.compile(r"\s*" + "".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces) + r"(?!\d)")
    return sum(pattern.match(value) is not None for value in values) >= LIKELY * len(values)


def number_candidates(values: Sequence[str]) -> list[NumberFormat]:
    """Return the formats that number-like texts could have: what the most of them wear, with either decimal sign."""
    if not values:
        return []
    worn = [_worn(value) for value in values]
    commonest = max(dict.fromkeys(worn), key=worn.count)
    if commonest is None or any(_ZERO_LED.match(value) for value in values):
        return []
    before, after = commonest
    return [NumberFormat(decimal, before, after) for decimal in ("point", "comma")]


_DRESS = re.compile(rf"\(?[+-]? ?(?P<before>{_CURRENCY})? ?[+-]?[0-9.,'’ ]*[0-9] ?(?P<after>{_UNIT})?\)?")


def _worn(value: str) -> tuple[str, str] | None:
    text = value.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-")
    if _PLAIN.fullmatch(text):
        return "", ""
    found = _DRESS.fullmatch(text)
    return (found["before"] or "", found["after"] or "") if found else None
