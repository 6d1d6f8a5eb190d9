"""Dates that are written as one number, such as 20240131: a reader takes them for quantities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import duckdb

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import family
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.limits import limited
from monitor.engine.source import Source

FEWEST = 5
"""Different dates that there are at least: a few numbers may look like dates by accident."""
_FORMATS = {"%Y%m%d": 1, "%Y%m%d%H%M": 10**4, "%Y%m%d%H%M%S": 10**6}
_FIRST, _LAST = 1950_01_01, 2099_12_31


def compact_dates(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source], facts: Mapping[str, ColumnFacts]) -> dict[str, str]:
    """Return the format of each column of whole numbers of which all values in all data sets are dates."""
    held = list(sources)
    likely = {one.name: words for one in facts.values() if one.distinct >= FEWEST and _whole(one) for words in _proposed(one)}
    with translated("looking for dates"), limited(connection, "looking for dates"):
        checked = {name: list(chain(*(_counts(connection, source, name, words) for source in held))) for name, words in likely.items()}
    return {name: likely[name] for name, counts in checked.items() if counts and all(values == dates for values, dates in counts)}


def _whole(fact: ColumnFacts) -> bool:
    return family(fact.type) == "integer" or (family(fact.type) == "text" and fact.numbers == 1.0)


def _proposed(fact: ColumnFacts) -> Iterator[str]:
    for words, factor in _FORMATS.items():
        if _FIRST * factor <= fact.low and fact.high < (_LAST + 1) * factor:
            yield words


def _counts(connection: duckdb.DuckDBPyConnection, source: Source, name: str, words: str) -> list[tuple[int, int]]:
    if name not in source.types:
        return []
    text = f"CAST({quote(name)} AS VARCHAR)"
    sql = f"SELECT count({text}), count(try_strptime({text}, {literal(words)})) FROM {source.relation}"
    return [(int(row[0]), int(row[1])) for row in connection.execute(sql).fetchall()]
