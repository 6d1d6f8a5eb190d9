"""Scores of several classes: columns of probabilities that are called like the classes and add up to one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import duckdb

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.identifiers import quote, translated
from monitor.engine.role_names import plain_name

MOST_CLASSES = 100
APART = 0.02
"""How far the probabilities of a row may be from adding up to one: two digits are written of them."""
ADD_UP = 0.99
"""Part of the rows in which they have to."""


def class_scores(connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts], answer: str) -> dict[str, str]:
    """Return the column of the score of each class, by class; empty where there are none.

    Parameters
    ----------
    relation : stands after FROM.
    answer : column of which the values are the classes.
    """
    with translated("looking for the scores of classes"):
        sql = f"SELECT DISTINCT CAST({quote(answer)} AS VARCHAR) FROM {relation} WHERE {quote(answer)} IS NOT NULL LIMIT {MOST_CLASSES}"
        classes = sorted(str(row[0]) for row in connection.execute(sql).fetchall())
    chances = [name for name, one in facts.items() if name != answer and one.present and one.low >= 0 and one.high <= 1]
    found = {level: name for level in classes if (name := _called(level, chances)) is not None}
    if len(classes) < 3 or len(set(found.values())) < len(classes):
        return {}
    total = " + ".join(f"CAST({quote(name)} AS DOUBLE)" for name in found.values())
    with translated("adding up the scores of classes"):
        row = connection.execute(f"SELECT avg(CAST(abs({total} - 1) <= {APART} AS INT)) FROM {relation}").fetchall()[0]
    return found if row[0] is not None and row[0] >= ADD_UP else {}


def _called(level: str, names: Sequence[str]) -> str | None:
    """Return the column that is called like a class: "p_cat", "proba cat", "cat_score" or "cat"; the shortest of several.

    >>> _called("cat", ["p_dog", "p_cat", "p_cat_2"])
    'p_cat'
    """
    wanted = re.escape(plain_name(level))
    alike = [name for name in names if re.fullmatch(f"(.*_)?{wanted}|{wanted}_.*", plain_name(name))]
    ends = [name for name in alike if re.fullmatch(f"(.*_)?{wanted}", plain_name(name))]
    return min(ends or alike, key=len, default=None)
