"""How the text of a column is read, as it was decided: as SQL, and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.engine.columns import family
from monitor.engine.formats import Format, IsoFormat, parse_format
from monitor.engine.identifiers import quote
from monitor.engine.texts import listed
from monitor.tables import Skipped

READ = "read_as"
AMBIGUOUS = "format_ambiguous"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column's text is read.

    `format` is in the words of [formats] (none: it stays text), `type` the SQL type it becomes, `markers` are the texts that are missing
    values, `odd` examples of the `misfits` values that have another format; `rival` is the other format that all values have as well.
    """

    format: str | None = None
    type: str = "VARCHAR"
    markers: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    misfits: int = 0
    rival: str | None = None
    apart: tuple[str, ...] = ()
    """Two formats of numbers or dates, each that of one data set, so that none is read."""
    scales: tuple[str, ...] = ()
    """What the data sets hold where some write percent and others parts of 1."""
    zones: tuple[str, ...] = ()
    """Names behind times of which nobody can know which zone is meant, so that none is read."""

    offsets: tuple[str, ...] = ()
    """A time with an offset and one without, where some values have one and others none."""

    @property
    def changes(self) -> bool:
        """Whether anything is read in another way than it is written."""
        return bool(self.markers) or (self.format is not None and not self.undecided)

    @property
    def undecided(self) -> bool:
        """Whether these are dates whose order or zone nobody can know from the values."""
        return bool(self.zones) or (self.rival is not None and "%" in self.rival)

    @property
    def choices(self) -> tuple[str, str]:
        """The formats of which a person has to choose; the second is empty where there is one."""
        return str(self.format), self.rival or ""

    def sql(self, column: str, sql_type: str) -> str:
        """Return SQL of a column as it is read."""
        text = quote(column)
        if not written(sql_type, dated="%" in (self.format or "")):
            numbers = [number for marker in self.markers if (number := as_number(marker)) is not None]
            return f"CASE WHEN {text} NOT IN ({', '.join(map(repr, numbers))}) THEN {text} END" if numbers else text
        text = text if family(sql_type) == "text" else f"CAST({text} AS VARCHAR)"
        if self.markers:
            text = f"CASE WHEN trim({text}) NOT IN ({listed(self.markers)}) THEN {text} END"
        if self.format is None or self.undecided:
            return text
        return f"CAST({_format_of(self.format, self.type).sql(text)} AS {self.type})"

    def unread_sql(self, column: str, sql_type: str) -> str:
        """Return SQL of the texts of a column that do not fit its format and are no markers; empty where there are none such."""
        if not self.misfits or self.format is None or self.undecided or not written(sql_type, dated="%" in self.format):
            return ""
        text = f"trim(CAST({quote(column)} AS VARCHAR))"
        return f"CASE WHEN ({self.sql(column, sql_type)}) IS NULL AND {text} NOT IN ({listed(('', *self.markers))}) THEN {text} END"


def _format_of(words: str, sql_type: str) -> Format:
    found = parse_format(words)
    return IsoFormat(zoned=sql_type.endswith("ZONE")) if isinstance(found, IsoFormat) else found


def as_number(text: str) -> float | None:
    """Return the number that a text is, none where it is none."""
    try:
        return float(text)
    except ValueError:
        return None


def written(sql_type: str, *, dated: bool = False) -> bool:
    """Say whether a column may hold something else than text, written as text; `dated` ones may be written as whole numbers too."""
    return (family(sql_type) == "text" and sql_type != "UUID") or (dated and family(sql_type) == "integer")


def notes_of(name: str, reading: Reading) -> list[Skipped]:
    """Return what is to be said of how a column is read."""
    return [*_notes(name, reading), *_scale_notes(name, reading), *_offset_notes(name, reading)]


def _offset_notes(name: str, reading: Reading) -> list[Skipped]:
    if not reading.offsets:
        return []
    aware, naive = reading.offsets
    message = (
        f"some times of '{name}' have an offset ('{aware}') and others none ('{naive}'): those are read as times of the case's time zone. "
        "If they were written on another clock, name it as timezone under [windows]."
    )
    return [Skipped(name, "zone_changed", message)]


def _notes(name: str, reading: Reading) -> list[Skipped]:
    if reading.undecided:
        return [Skipped(name, AMBIGUOUS, ambiguous(name, reading))]
    if reading.apart:
        ways = " and ".join(f"'{one}'" for one in reading.apart)
        what = "dates whose day and month" if any("%" in one for one in reading.apart) else "numbers that"
        message = f"'{name}' holds {what} the data sets write in different ways ({ways}); no format reads all. Write them in one."
        return [Skipped(name, AMBIGUOUS, message)]
    if replace(reading, offsets=()) == Reading("iso", reading.type):
        return []
    parts = []
    if reading.format is not None:
        parts.append(f"is read as {parse_format(reading.format).told}")
    if reading.markers:
        told = ", ".join(repr(one) if one else "nothing but blanks" for one in reading.markers)
        parts.append(f"{told} {'stands' if len(reading.markers) == 1 else 'stand'} for a missing value")
    if reading.misfits:
        parts.append(f"{reading.misfits:,} values such as {', '.join(map(repr, reading.odd[:3]))} do not fit and are missing")
    told = f"'{name}' {'; '.join(parts)}. " if reading.format else f"'{name}': {'; '.join(parts)}. "
    if reading.rival is not None:
        return [Skipped(name, AMBIGUOUS, f"{told}All values could be read as {reading.rival} too: say which in [formats].")]
    return [Skipped(name, READ, told.strip())]


def _scale_notes(name: str, reading: Reading) -> list[Skipped]:
    if not reading.scales:
        return []
    if not any("%" in one for one in reading.scales):
        told = f"'{name}' is {' and '.join(reading.scales)}; the numbers are compared as they are written. If those have another unit"
        return [Skipped(name, "unit_changed", f"{told}, write all of them in one.")]
    message = (
        f"'{name}' is {' and '.join(reading.scales)}: percent and parts of 1 are two scales (25% is 0.25), and the numbers are compared as "
        "they are written. Write all of them in one."
    )
    return [Skipped(name, "unit_changed", message)]


def ambiguous(name: str, reading: Reading) -> str:
    """Return what a person has to say of dates that have two readings, or whose zone nobody can know."""
    told = f'{name} = "{reading.format}"' + (f' or {name} = "{reading.rival}"' if reading.rival else "")
    if reading.zones:
        names = " and ".join(f"'{one}'" for one in reading.zones)
        return (
            f"times of '{name}' end in {names}: which time zone that means is not certain, so that they are not read. "
            f'Write {told} under [formats] in case.toml, and the zone that is meant under [windows], such as timezone = "Asia/Tokyo".'
        )
    return f"every date of '{name}' can be read as {reading.format} and as {reading.rival}. Say which under [formats] in case.toml: {told}."
