"""A column of text in all data sets of a case: its values looked at, and what formats and markers they have counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from monitor.engine.formats import LIKELY, SOME, Format, IsoFormat, TimeFormat, TruthFormat
from monitor.engine.identifiers import literal, quote
from monitor.engine.number_formats import NumberFormat
from monitor.engine.source import Source
from monitor.engine.zones import plain_zone

LOOKED_AT = 3_000
"""Distinct values of a column by which formats are proposed; all values decide."""
MOST_MARKERS = 3
"""A column of numbers has at most so many texts of its own that stand for a missing value."""


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list of SQL."""
    return ", ".join(map(literal, texts)) or "''"


@dataclass(frozen=True, slots=True)
class Count:
    """How many values a column has in all data sets, how many of them have a format, and whether they need its finer type."""

    format: Format
    values: int
    fits: int
    finer: bool

    @property
    def misfits(self) -> int:
        """How many values do not have the format."""
        return self.values - self.fits

    @property
    def type(self) -> str:
        """The SQL type that the values become."""
        if isinstance(self.format, NumberFormat):
            return "DOUBLE" if self.finer else "BIGINT"
        if isinstance(self.format, TruthFormat):
            return "BOOLEAN"
        return "TIMESTAMP WITH TIME ZONE" if self.format.zoned else "TIMESTAMP" if self.finer else "DATE"


def _finer(one: Format, value: str) -> str:
    """Return SQL of whether a value needs the finer type: DOUBLE instead of BIGINT, TIMESTAMP instead of DATE."""
    if isinstance(one, NumberFormat):
        return f"NOT isfinite({value}) OR {value} <> trunc({value}) OR abs({value}) >= 9007199254740992"
    return "false" if isinstance(one, TruthFormat) else f"{value} <> date_trunc('day', {value})"


def _of_plain(one: Format) -> str:
    """Return SQL of a text `x` in a format, beside `z`, the same with its zone made plain."""
    return one.sql("z", plain=True) if isinstance(one, TimeFormat | IsoFormat) and one.zoned else one.sql("x")


@dataclass(frozen=True, slots=True)
class Texts:
    """One column in the data sets that hold it as text."""

    column: str
    connection: duckdb.DuckDBPyConnection
    sources: tuple[Source, ...]
    markers: tuple[str, ...]

    @property
    def imported(self) -> bool:
        """Whether any of the data sets comes from a format in which everything is text."""
        return any(source.textual for source in self.sources)

    @property
    def dateless(self) -> bool:
        """Whether any of the data sets comes from a format in which a date can only be text."""
        return any(source.dateless for source in self.sources)

    @property
    def _text(self) -> str:
        return f"trim(CAST({quote(self.column)} AS VARCHAR))"

    def _query(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def _values(self, markers: Sequence[str]) -> str:
        every = " UNION ALL ".join(
            f"SELECT trim(CAST({quote(self.column)} AS VARCHAR)) AS x FROM {source.relation}" for source in self.sources
        )
        return f"(SELECT x FROM ({every}) WHERE x <> '' AND x NOT IN ({listed(markers)}))"

    def looked_at(self) -> list[str]:
        """Return distinct values from places spread over each data set, without blanks and markers."""
        found: dict[str, None] = {}
        for source in self.sources:
            step = max(1, source.rows // (4 * LOOKED_AT))
            some = f" WHERE file_row_number % {step} = 0" if step > 1 and "file_row_number" in source.order else ""
            sql = f"SELECT DISTINCT trim(CAST({quote(self.column)} AS VARCHAR)) FROM {source.relation}{some} LIMIT {LOOKED_AT}"
            found.update(dict.fromkeys(str(value) for (value,) in self._query(sql) if value))
        return [value for value in found if value not in self.markers]

    def count(self, formats: Sequence[Format]) -> list[Count]:
        """Return for each format how many values there are, how many have it, and whether they need the finer type."""
        parts = ["count(*)"]
        for one in formats:
            value = one.sql("x")
            parts += [f"count({value})", f"coalesce(bool_or({_finer(one, value)}), false)"]
        row = self._query(f"SELECT {', '.join(parts)} FROM {self._values(self.markers)}")[0]
        return [Count(one, int(str(row[0])), int(str(row[1 + 2 * i])), bool(row[2 + 2 * i])) for i, one in enumerate(formats)]

    def others(self, one: Format) -> list[tuple[str, int]]:
        """Return the commonest values that do not have a format, with their rows."""
        unfit = f"FROM {self._values(self.markers)} WHERE {one.sql('x')} IS NULL"
        sql = f"SELECT x, count(*) {unfit} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_MARKERS + 1}"
        return [(str(text), int(str(rows))) for text, rows in self._query(sql)]

    def distinct(self, one: Format) -> int:
        """Return how many different values have a format."""
        return int(str(self._query(f"SELECT count(DISTINCT {one.sql('x')}) FROM {self._values(self.markers)}")[0][0]))

    def days_of_month(self, one: Format) -> int:
        """Return how many different days of the month the values have as dates of a format."""
        return int(str(self._query(f"SELECT count(DISTINCT day({one.sql('x')})) FROM {self._values(self.markers)}")[0][0]))

    def used(self, markers: Sequence[str]) -> tuple[str, ...]:
        """Return those of the markers that occur."""
        every = " UNION ALL ".join(f"SELECT DISTINCT {self._text} AS x FROM {source.relation}" for source in self.sources)
        found = {text for (text,) in self._query(f"SELECT x FROM ({every}) WHERE x IN ({listed(markers)})")}
        return tuple(marker for marker in markers if marker in found)

    def narrowed(self, candidates: Sequence[Format], values: Sequence[str]) -> list[Format]:
        """Return the candidates that at least half of some values have; dates that some have, with the times of day that occur."""
        dates = [one.formats for one in candidates if isinstance(one, TimeFormat)]
        single = [TimeFormat((one,)) for formats in dates for one in formats]
        tried: list[Format] = [*candidates, *single]
        if not tried:
            return []
        # Zones once for all formats: for each of them they would take longer than all else.
        counts = ", ".join(f"count({_of_plain(one)})" for one in tried)
        both = [list(values), [plain_zone(value) for value in values]]
        row = self.connection.execute(f"SELECT {counts} FROM (SELECT unnest(?) AS x, unnest(?) AS z)", both).fetchall()[0]
        fits = dict(zip(tried, row, strict=True))
        likely = [one for one in candidates if fits[one] >= (LIKELY if isinstance(one, NumberFormat) else SOME) * len(values)]
        return [
            TimeFormat(tuple(f for f in one.formats if fits[TimeFormat((f,))])) if isinstance(one, TimeFormat) else one for one in likely
        ]
