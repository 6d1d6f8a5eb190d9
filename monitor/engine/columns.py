"""What each column is, what is measured of it, and the SQL that yields that as a number or a level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.case.windows import FIRST_YEAR, LAST_YEAR
from monitor.engine.identifiers import literal, quote
from monitor.engine.zones import iso_sql
from monitor.errors import ColumnMissingError, nearest
from monitor.vocabulary import Kind, Role

INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"})
FLOATS = frozenset({"FLOAT", "DOUBLE"})
NUMBERS = frozenset({"integer", "float", "decimal"})
EXACT = 2**53
"""Whole numbers below it are exact as DOUBLE."""
ZONED = "TIMESTAMP WITH TIME ZONE"
ZONED_NS = "TIMESTAMPTZ_NS"
MOST_SECONDS = 9e12
"""Unix seconds beyond it are no time that DuckDB can hold."""
CLOCK = frozenset({"TIME", "TIME_NS", "TIME WITH TIME ZONE", "INTERVAL"})
EPOCHS = {"epoch_s": 1.0, "epoch_ms": 1e3, "epoch_us": 1e6, "epoch_ns": 1e9}
SEVERAL_EPOCHS = "epoch_several"
"""Unix time of which some rows are in one unit and others in another."""
EARLY, LATE = 631_152_000, 4_102_444_800
"""Seconds of 1990 and of 2100, between which numbers are told to be Unix time."""


class Transform(StrEnum):
    """What is measured of a column."""

    NONE = "none"
    HOUR = "hour"
    WEEKDAY = "weekday"
    LAG_HOURS = "lag_hours"
    LENGTH = "length"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column of the case's data. `types` maps each data set that has it to its SQL type there."""

    name: str
    role: Role
    kind: Kind
    types: Mapping[str, str]
    reason: str
    """Why it has this kind, as a sentence part for people."""
    encoding: str = "native"
    """How a datetime is written: native, text, or epoch_s, epoch_ms, epoch_us, epoch_ns."""
    encodings: Mapping[str, str] = field(default_factory=dict)
    """The encoding of Unix time by data set, where data sets differ."""
    late: bool = False
    """Whether (some of) its values come from the labels source."""

    @property
    def type(self) -> str:
        """SQL type in the reference, or where else it is."""
        return self.types.get("reference") or next(iter(self.types.values()))

    @property
    def source(self) -> str:
        """Data sets that have it, such as "reference, production"."""
        return ", ".join(self.types)


@dataclass(frozen=True, slots=True)
class Measured:
    """Something that is counted: a column itself, or a feature derived from a datetime or text column."""

    name: str
    column: str
    kind: Kind
    transform: Transform
    role: Role


def family(sql_type: str) -> str:
    """Return integer, float, decimal, boolean, text, datetime, clock, nested or other.

    >>> family("DECIMAL(9,2)"), family("STRUCT(a INTEGER)"), family("TIMESTAMP_NS")
    ('decimal', 'nested', 'datetime')
    """
    upper = sql_type.upper()
    if upper.endswith("]") or upper.startswith(("STRUCT", "MAP", "UNION", "LIST", "VARIANT")):
        return "nested"
    if upper.startswith(("DATE", "TIMESTAMP")):
        return "datetime"
    exact = {"BOOLEAN": "boolean", "VARCHAR": "text", "UUID": "text", "JSON": "text", '"NULL"': "null", "NULL": "null"}
    groups = (("integer", INTEGERS), ("float", FLOATS), ("clock", CLOCK))
    found = next((name for name, types in groups if upper in types), exact.get(upper))
    return found or ("decimal" if upper.startswith("DECIMAL") else "text" if upper.startswith("ENUM") else "other")


def derive(info: ColumnInfo, timestamp: str | None) -> tuple[Measured, ...]:
    """List what is measured of a column; a datetime gives hour, weekday and lag against the timestamp, a text its length and words."""

    def one(suffix: str, kind: Kind, transform: Transform) -> Measured:
        return Measured(f"{info.name} ({suffix})", info.name, kind, transform, info.role)

    if info.kind is Kind.DATETIME:
        clock = () if info.type == "DATE" else (one("hour", Kind.NUMERIC, Transform.HOUR),)
        lag = () if timestamp in (None, info.name) else (one("lag, h", Kind.NUMERIC, Transform.LAG_HOURS),)
        return (*clock, one("weekday", Kind.CATEGORICAL, Transform.WEEKDAY), *lag)
    if info.kind is Kind.TEXT:
        return one("length", Kind.NUMERIC, Transform.LENGTH), one("words", Kind.NUMERIC, Transform.WORDS)
    return (Measured(info.name, info.name, info.kind, Transform.NONE, info.role),)


def local_time(info: ColumnInfo, data: str, timezone: str) -> str:
    """Return SQL of a datetime column as a naive TIMESTAMP on the clock of `timezone`."""
    column, sql_type = quote(info.name), info.types[data]
    if family(sql_type) == "datetime":
        naive = sql_type not in (ZONED, ZONED_NS)
        moment = _microseconds(column, naive=naive) if sql_type in ("TIMESTAMP_NS", ZONED_NS) else column
        if not naive:
            return f"timezone({literal(timezone)}, {moment})"
        return moment if sql_type in ("TIMESTAMP", "TIMESTAMP_NS") else f"CAST({column} AS TIMESTAMP)"
    encoding = info.encodings.get(data, info.encoding)
    if encoding in EPOCHS or encoding == SEVERAL_EPOCHS:
        number = _seconds(f"TRY_CAST({column} AS DOUBLE)", encoding)
        known = f"CASE WHEN abs({number}) < {MOST_SECONDS} THEN {number} END"
        return f"timezone({literal(timezone)}, to_timestamp({known}))"
    # The session's time zone is the case's: text without an offset is read as local time, text with one keeps it.
    text = column if family(sql_type) == "text" else f"CAST({column} AS VARCHAR)"
    return f"timezone({literal(timezone)}, {iso_sql(text, zoned=True)})"


def _seconds(number: str, encoding: str) -> str:
    """Return SQL of Unix time in seconds; in several units each number is of the one by which it lies nearest to our time."""
    if encoding in EPOCHS:
        return f"{number} / {EPOCHS[encoding]!r}"
    steps = " ".join(f"WHEN abs({number}) < {LATE * factor!r} THEN {number} / {factor!r}" for factor in sorted(EPOCHS.values()))
    return f"CASE {steps} END"


def _microseconds(column: str, *, naive: bool) -> str:
    """Return SQL of a moment in nanoseconds, cut (not rounded: that may be the next day) to microseconds."""
    cut = f"(epoch_ns({column}) - (epoch_ns({column}) % 1000 + 1000) % 1000) // 1000"
    return f"make_timestamp({cut})" if naive else f"make_timestamptz({cut})"


def _wide(info: ColumnInfo, data: str, column: str) -> str:
    """Return SQL of a number as DOUBLE. 49.99 of 32 bits is 49.990001 of 64: beside a wider column it is the number it was written for."""
    own = info.types[data]
    if own == "FLOAT" and set(info.types.values()) - {"FLOAT"}:
        return f"CAST(CAST({column} AS VARCHAR) AS DOUBLE)"
    return column if own == "DOUBLE" else f"CAST({column} AS DOUBLE)"


def as_number(info: ColumnInfo, data: str) -> str:
    """Return SQL of a column as DOUBLE; what is no number is missing."""
    column, sort = quote(info.name), family(info.types[data])
    if sort in ("integer", "decimal", "float"):
        return _wide(info, data, column)
    if sort == "boolean":
        return f"CAST(CAST({column} AS TINYINT) AS DOUBLE)"
    if sort == "datetime":
        return f"CAST(epoch_ns({column}) AS DOUBLE) / 1e9" if info.types[data] == ZONED_NS else f"CAST(epoch({column}) AS DOUBLE)"
    if sort == "clock":
        return f"CAST(epoch({column}) AS DOUBLE) / 3600.0"
    return f"TRY_CAST(CAST({column} AS VARCHAR) AS DOUBLE)"


def as_level(info: ColumnInfo, data: str) -> str:
    """Return SQL of a column as the canonical text of its level: the one place that decides which values are one level.

    Numbers are written the shortest way (1 = 1.0, 0.5 = 0.50; as float32 has them where any data set keeps them so short); where another
    data set has numbers, so are texts that are numbers. Where any data set has booleans, or the kind is boolean, yes and 1 are `true`,
    no and 0 are `false`. NaN is missing.
    """
    column, sort = quote(info.name), family(info.types[data])
    sorts = {family(one) for one in info.types.values()}
    short, mixed = "FLOAT" in info.types.values(), info.late or (sort == "text" and bool(sorts & NUMBERS))
    text = column if info.types[data] == "VARCHAR" and not info.late else f"CAST({column} AS VARCHAR)"
    if info.kind is Kind.BOOLEAN or "boolean" in sorts:
        return text if sort == "boolean" and not info.late else _truth(text, short=short)
    if mixed:
        number = f"TRY_CAST({text} AS DOUBLE)"
        return f"CASE WHEN {number} IS NULL OR NOT isfinite({number}) THEN {text} ELSE {_shortest(number, short=short)} END"
    if sort in ("float", "decimal"):
        number = column if info.types[data] == "DOUBLE" else f"CAST({column} AS DOUBLE)"
        return f"CASE WHEN NOT isnan({number}) THEN {_shortest(number, short=short)} END"
    return text


def _truth(text: str, *, short: bool) -> str:
    """Return SQL of a text as true or false; what is neither stays itself."""
    number, word = f"TRY_CAST({text} AS DOUBLE)", f"TRY_CAST(trim({text}) AS BOOLEAN)"
    other = f"WHEN isfinite({number}) THEN {_shortest(number, short=short)} WHEN isnan({number}) THEN NULL ELSE {text}"
    known = f"WHEN {number} = 1 THEN 'true' WHEN {number} = 0 THEN 'false' WHEN {word} THEN 'true' WHEN NOT {word} THEN 'false'"
    return f"CASE {known} {other} END"


def _shortest(number: str, *, short: bool) -> str:
    """Return SQL of a DOUBLE as the shortest text that tells it from others."""
    text = f"CAST({number} AS VARCHAR)"
    if short:
        text = f"coalesce(CAST(TRY_CAST({number} AS FLOAT) AS VARCHAR), {text})"
    whole = f"abs({number}) < {EXACT} AND {number} = trunc({number})"
    return f"CASE WHEN {whole} THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE {text} END"


def _of_our_time(moment: str) -> str:
    """Return SQL of a moment that is missing where it lies outside of the years that windows may lie in."""
    return f"CASE WHEN year({moment}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR} THEN {moment} END"


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a case with the clock that they are read on."""

    columns: Mapping[str, ColumnInfo]
    timezone: str
    timestamp: str | None
    refused: Mapping[str, str] = field(default_factory=dict)
    """Why columns of the data are not among them."""

    def info(self, name: str) -> ColumnInfo:
        """Return a column, or raise ColumnMissingError with the reason or the nearest name."""
        if name not in self.columns and name in self.refused:
            raise ColumnMissingError(self.refused[name])
        if name not in self.columns:
            raise ColumnMissingError(f"The data have no column '{name}'.{nearest(name, self.columns)}")
        return self.columns[name]

    def time(self, data: str) -> str | None:
        """Return SQL of the timestamp role as local time, or nothing where the data set has none."""
        if self.timestamp is None or data not in self.info(self.timestamp).types:
            return None
        return local_time(self.info(self.timestamp), data, self.timezone)

    def sql(self, measured: Measured, data: str) -> str:
        """Return SQL of something measured: DOUBLE when its kind is numeric, VARCHAR otherwise."""
        info = self.info(measured.column)
        if data not in info.types:
            raise ColumnMissingError(f"Data set '{data}' has no column '{measured.column}'.")
        if measured.transform is Transform.NONE:
            return as_number(info, data) if measured.kind is Kind.NUMERIC else as_level(info, data)
        if measured.transform in (Transform.LENGTH, Transform.WORDS):
            text = f"CAST({quote(info.name)} AS VARCHAR)"
            words = f"len(regexp_extract_all({text}, '\\S+'))"
            return f"CAST({words if measured.transform is Transform.WORDS else f'length({text})'} AS DOUBLE)"
        # What stands for "never" (9999-12-31, year 1) has no hour, and lies nearer every day.
        local = _of_our_time(local_time(info, data, self.timezone))
        if measured.transform is Transform.HOUR:
            return f"CAST(hour({local}) AS DOUBLE)"
        if measured.transform is Transform.WEEKDAY:
            return f"dayname({local})"
        time = self.time(data)
        return f"CAST(epoch_us({local}) - epoch_us({time}) AS DOUBLE) / 3.6e9" if time else "CAST(NULL AS DOUBLE)"
