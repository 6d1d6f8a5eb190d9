"""Two columns of about the same numbers, row by row: what a model says, and what it is of, whatever they are called. Always a doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import duckdb

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import NUMBERS, family
from monitor.engine.identifiers import quote, translated
from monitor.engine.likely import FEWEST, MOST_CLASSES, MOST_COLUMNS
from monitor.engine.limits import limited
from monitor.engine.roles import Guess
from monitor.vocabulary import Kind, Role

NEAR, SAME = 0.5, 0.9999
"""R squared of one column as the other's prediction from which they are about the same, and from which they are the same column twice."""


def alike_numbers(
    connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]
) -> Iterator[str]:
    """Yield what to ask of the two features that are most alike; `relation` stands after FROM and is a sample.

    The one that varies less is named as the prediction: so it is of one that is right on average.
    """
    able = [one.column for one in guesses if one.role is Role.FEATURE and one.kind is Kind.NUMERIC and _many(facts[one.column])][
        :MOST_COLUMNS
    ]
    if len(able) < 2:
        return
    listed = ", ".join(f"CAST({quote(name)} AS DOUBLE) AS c{i}" for i, name in enumerate(able))
    with translated("comparing columns"), limited(connection, "comparing columns"):
        table = connection.execute(f"SELECT {listed} FROM {relation}").df()
    table.columns = table.columns.map(lambda name: able[int(str(name)[1:])])
    variance, kept = table.var(), []
    for one, other in combinations(able, 2):
        said, true = (one, other) if variance[one] <= variance[other] else (other, one)
        fits = 1 - float(((table[said] - table[true]) ** 2).mean()) / max(float(variance[said]), 1e-300)
        if NEAR <= fits < SAME:
            kept.append((fits, said, true))
    if kept:
        fits, said, true = max(kept)
        yield (
            f"task: '{said}' and '{true}' hold about the same numbers, row by row (R squared {fits:.2f}). If one of them is what a model "
            f'says of the other, write task = "regression" and both roles, such as prediction = "{said}" and label = "{true}"'
        )


def _many(fact: ColumnFacts) -> bool:
    return family(fact.type) in NUMBERS and fact.present >= FEWEST and fact.distinct > MOST_CLASSES
