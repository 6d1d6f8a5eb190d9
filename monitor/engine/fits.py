"""Columns that belong together by their values: a score and the decision that a threshold makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import duckdb

from monitor.engine.columns import family
from monitor.engine.identifiers import quote, translated
from monitor.engine.roles import ColumnFacts

FEWEST_ROWS = 50
"""Rows from which a threshold that tells two values apart without an error is no accident."""
FEWEST_SCORES = 20
"""Different values that a score has at least."""


@dataclass(frozen=True, slots=True)
class Fit:
    """All rows of a `score` from `threshold` on have one value of a `decision`, all below it the other."""

    score: str
    decision: str
    threshold: float


def fitting(connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts]) -> list[Fit]:
    """Return the scores whose threshold makes a two-valued column; `relation` stands after FROM."""
    pairs = list(_pairs(facts))
    if not pairs:
        return []
    parts = []
    for score, decision in pairs:
        value = f"CAST({quote(decision)} AS VARCHAR)"
        side = f"{value} = (SELECT max({value}) FROM {relation})"
        number = f"CAST({quote(score)} AS DOUBLE)"
        both = [f"{quote(decision)} IS NOT NULL AND {sign}({side})" for sign in ("", "NOT ")]
        ends = [f"{end}({number}) FILTER (WHERE {rows})" for rows in both for end in ("min", "max")]
        parts += ends
    with translated("comparing scores with decisions"):
        row = connection.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()[0]
    found = []
    for i, (score, decision) in enumerate(pairs):
        low_one, high_one, low_other, high_other = row[4 * i : 4 * i + 4]
        if None in (low_one, low_other):
            continue
        if low_one > high_other or low_other > high_one:
            found.append(Fit(score, decision, float(max(low_one, low_other))))
    return found


def _pairs(facts: Mapping[str, ColumnFacts]) -> Iterator[tuple[str, str]]:
    enough = [fact for fact in facts.values() if fact.present >= FEWEST_ROWS]
    scores = [fact.name for fact in enough if family(fact.type) in ("float", "decimal") and fact.distinct >= FEWEST_SCORES]
    decisions = [fact.name for fact in enough if fact.distinct == 2 and fact.present == fact.rows]
    yield from product(scores, decisions)
