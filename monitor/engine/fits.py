"""Columns that belong together by their values: a score and the decision that a threshold makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import duckdb

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import family
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited

FEWEST_ROWS = 50
"""Rows from which a threshold that tells two values apart without an error is no accident."""
AT_ONCE = 20
"""Pairs that are compared in one query: a query of thousands is more than DuckDB plans."""
MOST_PAIRS = 400
"""Pairs that are compared at all; scores and decisions are seldom more than a few columns apart in a list of hundreds."""
FEWEST_SCORES = 20
"""Different values that a score has at least."""


@dataclass(frozen=True, slots=True)
class Fit:
    """All rows of a `score` above `threshold` have one value of a `decision`, all below it the other (of a score that was rounded both
    have rows at it)."""

    score: str
    decision: str
    threshold: float


def fitting(connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts]) -> list[Fit]:
    """Return the scores whose threshold makes a two-valued column; `relation` stands after FROM."""
    pairs = list(_pairs(facts))
    return [fit for first in range(0, len(pairs), AT_ONCE) for fit in _fitting(connection, relation, pairs[first : first + AT_ONCE])]


def _fitting(connection: duckdb.DuckDBPyConnection, relation: str, pairs: Sequence[tuple[str, str]]) -> Iterator[Fit]:
    parts = []
    for score, decision in pairs:
        value = f"CAST({quote(decision)} AS VARCHAR)"
        side = f"{value} = (SELECT max({value}) FROM {relation})"
        number = f"CAST({quote(score)} AS DOUBLE)"
        both = [f"{quote(decision)} IS NOT NULL AND {sign}({side})" for sign in ("", "NOT ")]
        parts += [f"{end}({number}) FILTER (WHERE {rows})" for rows in both for end in ("min", "max")]
    with translated("comparing scores with decisions"), limited(connection, "comparing scores with decisions"):
        row = connection.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()[0]
    for i, (score, decision) in enumerate(pairs):
        low_one, high_one, low_other, high_other = row[4 * i : 4 * i + 4]
        if None not in (low_one, low_other) and (low_one >= high_other or low_other >= high_one):
            yield Fit(score, decision, float(max(low_one, low_other)))


def _pairs(facts: Mapping[str, ColumnFacts]) -> Iterator[tuple[str, str]]:
    enough = [fact for fact in facts.values() if fact.present >= FEWEST_ROWS]
    scores = [fact.name for fact in enough if family(fact.type) in ("float", "decimal") and fact.distinct >= FEWEST_SCORES]
    decisions = [fact.name for fact in enough if fact.distinct == 2 and fact.present == fact.rows]
    yield from islice(product(scores, decisions), MOST_PAIRS)
