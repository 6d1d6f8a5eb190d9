"""What a deterministic sample says of each column: what guesses of roles and kinds rest on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from monitor.engine.columns import family
from monitor.engine.identifiers import quote
from monitor.engine.number_formats import POWER, coded
from monitor.engine.zones import iso_sql


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a deterministic sample says of a column; shares are in [0, 1], `words` is the mean number of words of a value; `spread`
    how far whole numbers, all different, lie at most from ones that are spread evenly from `low` to `high`, in parts of the rows; `runs`
    the part of the steps from one row to the next that go the way that most of them go."""

    name: str
    type: str
    rows: int
    present: int
    distinct: int
    numbers: float = 0.0
    times: float = 0.0
    zero_led: float = 0.0
    words: float = 0.0
    low: float = float("nan")
    high: float = float("nan")
    spread: float = 1.0
    runs: float = 0.0
    examples: tuple[str, ...] = ()
    power: str = ""
    """A value such as 12E5, if there are any."""
    coded: bool = False
    """Whether there are so many of them that they are codes rather than powers of ten."""
    others: tuple[str, ...] = ()
    """Texts that are no numbers, the first six different ones."""

    @property
    def distinct_share(self) -> float:
        """Distinct values among the values present."""
        return self.distinct / self.present if self.present else 0.0


def column_facts(connection: duckdb.DuckDBPyConnection, relation: str, types: Mapping[str, str]) -> dict[str, ColumnFacts]:
    """Look at a sample once and return the facts of every column that can be measured; `relation` stands after FROM."""
    usable = {name: sql_type for name, sql_type in types.items() if family(sql_type) not in ("nested", "other")}
    if not usable:
        return {}
    columns = ", ".join(f"{_readable(name, sql_type)} AS c{position}" for position, (name, sql_type) in enumerate(usable.items()))
    sample = connection.sql(f"SELECT {columns} FROM {relation}").to_arrow_table()
    return {
        name: _facts_of(connection, name, sql_type, sample.column(position).combine_chunks())
        for position, (name, sql_type) in enumerate(usable.items())
    }


def _readable(name: str, sql_type: str) -> str:
    sort = family(sql_type)
    if sql_type in ("BIGINT", "UBIGINT"):
        return quote(name)  # as DOUBLE ids beyond 2**53 would be one
    if sort in ("integer", "decimal", "float"):
        return f"CAST({quote(name)} AS DOUBLE)"
    return f"CAST({quote(name)} AS VARCHAR)"


def _facts_of(connection: duckdb.DuckDBPyConnection, name: str, sql_type: str, values: pa.Array) -> ColumnFacts:
    present = values.drop_null()
    unique = pc.unique(present).to_pylist()
    facts = ColumnFacts(
        name,
        sql_type,
        len(values),
        len(present),
        len(unique),
        examples=tuple(f"{value:.10g}" if isinstance(value, float) else str(value)[:40] for value in unique[:5]),
    )
    if not unique:
        return facts
    if not isinstance(unique[0], str):
        finite = [value for value in unique if math.isfinite(value)]
        spread = _spread(finite) if family(sql_type) == "integer" and len(unique) == len(values) > 1 else 1.0
        low, high = min(finite, default=math.nan), max(finite, default=math.nan)
        return replace(facts, low=low, high=high, spread=spread, runs=_runs(present))
    return _text_facts(connection, facts, present, unique) if family(sql_type) == "text" else facts


def _spread(different: Sequence[float]) -> float:
    """Return the Kolmogorov-Smirnov distance of different values from the even law between their ends.

    >>> _spread([0.0, 1.0, 2.0, 3.0]), _spread([0.0, 1.0, 2.0, 100.0])
    (0.25, 0.73)
    """
    ordered = sorted(different)
    width = ordered[-1] - ordered[0]
    even = [(one - ordered[0]) / width for one in ordered]
    return max(max((i + 1) / len(even) - one, one - i / len(even)) for i, one in enumerate(even))


def _runs(values: pa.Array) -> float:
    """Return the part of the steps from each value to the next that go up, or of those that go down, whichever is larger.

    >>> _runs(pa.array([1, 2, 4, 3, 7])), _runs(pa.array([3, 2, 1])), _runs(pa.array([5]))
    (0.75, 1.0, 0.0)
    """
    before, after = values[:-1], values[1:]
    steps = [pc.sum(one).as_py() or 0 for one in (pc.greater(after, before), pc.less(after, before))]
    return max(steps) / len(after) if len(after) else 0.0


def _text_facts(connection: duckdb.DuckDBPyConnection, facts: ColumnFacts, present: pa.Array, unique: list[str]) -> ColumnFacts:
    numbers = {text: number for text in unique if (number := _number(text)) is not None}
    share = pc.mean(pc.is_in(present, value_set=pa.array(list(numbers), pa.string()))).as_py()
    dated = sum(re.match(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d", text) is not None for text in unique) / len(unique)
    times = 0.0
    if dated == 1.0:
        sql = f"SELECT avg(CAST({iso_sql('x', zoned=True)} IS NOT NULL AS INT)) FROM unnest(?) AS t(x)"
        row = next(iter(connection.execute(sql, [unique]).fetchall()), None)  # read to the end: else the connection stays busy
        times = float(row[0]) if row else 0.0
    finite = [number for number in numbers.values() if math.isfinite(number)]
    return replace(
        facts,
        numbers=share,
        times=times,
        zero_led=sum(re.match("0[0-9]", text) is not None for text in unique) / len(unique),
        words=sum(len(text.split()) for text in unique[:1000]) / len(unique[:1000]),
        low=min(finite, default=math.nan),
        high=max(finite, default=math.nan),
        power=next((text for text in numbers if POWER.fullmatch(text)), ""),
        coded=coded(list(numbers)),
        others=tuple(text[:40] for text in islice((text for text in unique if text not in numbers), 6)),
    )


def _number(text: str) -> float | None:
    """Return the number that a text is to DuckDB; Python knows digits of other alphabets too."""
    try:
        return float(text) if text.isascii() else None
    except ValueError:
        return None
