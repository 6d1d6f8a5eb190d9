"""Percent in one data set (25%) and parts of 1 in another (0.25), or a unit in one alone: two scales of what may be one number."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from monitor.engine.columns import NUMBERS, family
from monitor.engine.formats import Format, parse_format
from monitor.engine.identifiers import quote
from monitor.engine.number_formats import NumberFormat
from monitor.engine.source import Source

_NAMES = {"reference": "the reference", "labels": "the labels"}


def two_scales(words: str, name: str, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> tuple[str, ...]:
    """Return what each data set holds of a column whose text is read by `words`, percent first, where the text has more than 1% and plain
    numbers are all parts of 1, or which of them write a unit; nothing otherwise.

    >>> two_scales("unit kg", "x", duckdb.connect(), {})
    ()
    """
    found = parse_format(words)
    sorts = {data: family(source.types[name]) for data, source in sources.items() if name in source.types}
    if getattr(found, "after", "") != "%":
        return _one_unit(found, sorts)
    values = {
        data: f"CAST({quote(name)} AS DOUBLE)" if sort in NUMBERS else found.sql(quote(name))
        for data, sort in sorts.items()
        if sort in NUMBERS or sort == "text"
    }
    ranges = {data: _range(connection, sql, sources[data]) for data, sql in values.items()}
    percent = {data: ends for data, ends in ranges.items() if ends is not None and sorts[data] == "text"}
    plain = {data: ends for data, ends in ranges.items() if ends is not None and sorts[data] in NUMBERS}
    parts = {data: ends for data, ends in plain.items() if max(map(abs, ends)) <= 1}
    if not parts or not any(max(map(abs, ends)) > 1 for ends in percent.values()):
        return ()
    told = [f"{low:.4g}% to {high:.4g}% in {_NAMES.get(data, data)}" for data, (low, high) in percent.items()]
    return (*told, *(f"{low:.4g} to {high:.4g} in {_NAMES.get(data, data)}" for data, (low, high) in parts.items()))


def _one_unit(found: Format, sorts: Mapping[str, str]) -> tuple[str, ...]:
    """Return which data sets write a unit or currency and which hold bare numbers; nothing where all do the same."""
    unit = found.before or found.after if isinstance(found, NumberFormat) else ""
    worn = [_NAMES.get(data, data) for data, sort in sorts.items() if sort == "text"]
    bare = [_NAMES.get(data, data) for data, sort in sorts.items() if sort in NUMBERS]
    return (f"written with {unit} in {' and '.join(worn)}", f"without in {' and '.join(bare)}") if unit and worn and bare else ()


def _range(connection: duckdb.DuckDBPyConnection, sql: str, source: Source) -> tuple[float, float] | None:
    asked = f"SELECT min(v), max(v) FROM (SELECT {sql} AS v FROM {source.relation}) WHERE isfinite(v)"
    low, high = connection.execute(asked).fetchall()[0]
    return None if low is None else (float(low), float(high))
