"""Labels that come in a file of their own: which of its columns joins the rows, which is the label, and which says when it was known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import family
from monitor.engine.identifiers import quote, translated
from monitor.engine.ids import id_text
from monitor.engine.role_names import counts_rows
from monitor.engine.roles import Guess, epoch_of, guess_kind, guess_roles
from monitor.vocabulary import Kind, Role

KEYS, SHARED = 1000, 0.5
"""Values of a column of the labels that are looked for in the data, and the part of them that is found at least."""
MOSTLY = 0.5
"""Part of the values that differ in a column that can join rows: labels that are restated repeat its values."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A column of the labels whose values are those of a column of the data; `share` of them, 0..1."""

    labels: str
    data: str
    share: float


@dataclass(frozen=True, slots=True)
class LabelRoles:
    """What was guessed of a labels source: roles of its columns, and what a person should look at."""

    guesses: tuple[Guess, ...]
    doubts: tuple[str, ...] = ()


def some_keys(connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts]) -> dict[str, list[str]]:
    """Return some values of each column of the labels that may join rows, as text."""
    found = {}
    for name in (one.name for one in facts.values() if one.present and one.distinct_share >= MOSTLY and _sorted_as_key(one)):
        column = quote(name)
        value = f"CAST({column} AS VARCHAR)" if family(facts[name].type) == "text" else id_text(column, facts[name].type)
        sql = f"SELECT DISTINCT {value} v FROM {relation} WHERE {column} IS NOT NULL ORDER BY v LIMIT {KEYS}"
        with translated("looking for the column that labels are joined by"):
            found[name] = [str(row[0]) for row in connection.execute(sql).fetchall()]
    return found


def _sorted_as_key(fact: ColumnFacts) -> bool:
    whole = family(fact.type) == "float" and all(float(one).is_integer() for one in fact.examples)  # ids beside nothing become broken
    return (whole or family(fact.type) in ("integer", "text")) and guess_kind(fact)[0] is not Kind.DATETIME


def joined_by(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    facts: Mapping[str, ColumnFacts],
    own: Mapping[str, ColumnFacts],
    keys: Mapping[str, Sequence[str]],
) -> Joined | None:
    """Return the column of the labels and that of the data (`relation`, `facts`; `own` are those of the labels) which share values; of
    several those of one name, then those that share most."""
    found = list(_shared(connection, relation, facts, own, keys))
    return max(found, key=lambda one: (one.labels == one.data, one.share), default=None)


def _shared(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    facts: Mapping[str, ColumnFacts],
    own: Mapping[str, ColumnFacts],
    keys: Mapping[str, Sequence[str]],
) -> Iterator[Joined]:
    able = [one.name for one in facts.values() if one.present and one.distinct_share >= MOSTLY and _sorted_as_key(one)]
    for labels, values in keys.items():
        for data in able:
            column, sort = quote(data), facts[data].type
            as_written = family(sort) == family(own[labels].type) == "text"
            text, key = (f"CAST({column} AS VARCHAR)", "v") if as_written else (id_text(column, sort), id_text("v", "VARCHAR"))
            sql = f"SELECT count(DISTINCT {text}) FROM {relation} WHERE {text} IN (SELECT {key} FROM unnest(?) AS t(v))"
            with translated("looking for the rows of labels"):
                row = connection.execute(sql, [list(values)]).fetchall()[0]
            if (share := row[0] / max(len(values), 1)) >= SHARED:
                yield Joined(labels, data, share)


def label_roles(facts: Mapping[str, ColumnFacts], joined: Joined | None) -> LabelRoles:
    """Guess what the columns of a labels source are, by their contents first: the column that joins, a time, and the label is left."""
    if joined is None:
        return LabelRoles((), ("labels: no column shares its values with a column of the data; name the one that joins them as id",))
    kind = guess_kind(facts[joined.labels])[0]
    key = Guess(joined.data, Role.ID, kind, f"{joined.share:.0%} of its values in the labels are in the data", joined.labels == joined.data)
    rest = {name: one for name, one in facts.items() if name != joined.labels and not counts_rows(name)}
    named = {one.role: one.column for one in guess_roles(rest)}
    times = [name for name, one in rest.items() if guess_kind(one)[0] is Kind.DATETIME or (epoch_of(one) is not None and one.distinct > 2)]
    known_at = named.get(Role.LABEL_TIMESTAMP, named.get(Role.TIMESTAMP, times[0] if len(times) == 1 else None))
    left = [name for name in rest if name not in times]
    label = named.get(Role.LABEL, left[0] if left else None)
    if label is None:
        return LabelRoles((key,), (f"labels: none of {', '.join(rest)} looks like a label; name it in [roles]",))
    sure = len(left) == 1
    why = "the labels file holds it" if sure else "the labels file holds it beside others"
    found = [key, Guess(label, Role.LABEL, guess_kind(facts[label])[0], why, sure)]
    if known_at is not None:
        found.append(Guess(known_at, Role.LABEL_TIMESTAMP, Kind.DATETIME, "the time in the labels file", len(times) == 1))
    other = f"labels: '{joined.labels}' holds what is called '{joined.data}' in the data; give it that name, so that they can be joined"
    return LabelRoles(tuple(found), () if joined.labels == joined.data else (other,))
