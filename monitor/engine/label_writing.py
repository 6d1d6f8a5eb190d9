"""A label that the data and the labels file write in different words: taken for the same where that is sure, else refused in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import duckdb

from monitor.case import Case
from monitor.engine.columns import NUMBERS, ColumnInfo, family
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.source import Source
from monitor.tables import Skipped
from monitor.vocabulary import Kind, Task
from monitor.wording import list_text

TWO_WRITINGS = "labels_in_two_writings"
_LOOKED_AT = 100
"""Different labels that are compared: more are no classes."""
_SHOWN = 4
_TWO = 2
_TRUE, _FALSE = frozenset({"1", "true", "t", "yes", "y"}), frozenset({"0", "false", "f", "no", "n"})


def one_writing(
    case: Case,
    connection: duckdb.DuckDBPyConnection,
    sources: Mapping[str, Source],
    columns: Mapping[str, ColumnInfo],
    skipped: Sequence[Skipped],
) -> tuple[dict[str, ColumnInfo], list[Skipped]]:
    """Return the columns with a label that is yes and no in all words as such, and without one whose words nobody can match; and what is
    said of those that cannot be measured (`skipped` so far)."""
    name = str(case.roles.label)
    info = columns.get(name)
    own = [sources[data] for data in ("reference", "production") if data in sources and name in sources[data].types]
    if info is None or not info.late or not own:
        return dict(columns), list(skipped)
    types = {source.types[name] for source in (*own, sources["labels"])}
    if "text" not in {family(one) for one in types} or (len(types) == 1 and case.task is not Task.BINARY):
        return dict(columns), list(skipped)
    with translated("comparing labels"), limited(connection, "comparing labels"):
        here, there = _values(connection, own, name), _values(connection, [sources["labels"]], name)
    others = [one for one in skipped if one.what != name]
    if case.task is not Task.REGRESSION and yes_and_no(here | there) and not here & there:
        return {**columns, name: replace(info, kind=Kind.BOOLEAN)}, others
    numbers = case.task is Task.REGRESSION and len({family(one) for one in types} - NUMBERS) > 0
    message = apart(name, here, there, numbers=numbers, binary=case.task is Task.BINARY)
    if message is None:
        return dict(columns), list(skipped)
    return {other: one for other, one in columns.items() if other != name}, [*others, Skipped(name, TWO_WRITINGS, message)]


def _values(connection: duckdb.DuckDBPyConnection, sources: Collection[Source], name: str) -> set[str]:
    column = quote(name)
    every = " UNION ".join(
        f"(SELECT DISTINCT CAST({column} AS VARCHAR) FROM {source.relation} WHERE {column} IS NOT NULL LIMIT {_LOOKED_AT})"
        for source in sources
    )
    return {str(value) for (value,) in connection.execute(every).fetchall()}


def _plain(value: str) -> str:
    """Return a label as it is compared: 1.0 and true as 1.

    >>> _plain("1.0"), _plain("False"), _plain("good")
    ('1', '0', 'good')
    """
    try:
        return f"{float(value):.15g}"
    except ValueError:
        return {"true": "1", "false": "0"}.get(value.lower(), value)


def yes_and_no(values: Collection[str]) -> bool:
    """Say whether labels are yes and no in words of which everybody knows which is which."""
    return bool(values) and {_plain(value).lower() for value in values} <= _TRUE | _FALSE


def apart(name: str, here: Collection[str], there: Collection[str], *, numbers: bool = False, binary: bool = False) -> str | None:
    """Return what to say of labels of the data (`here`) and the labels file (`there`) that have no value in common, of which some are no
    `numbers` where they have to be, or two in each but three together where they are `binary`; None where they can be taken together."""
    both = [{_plain(one) for one in values} for values in (here, there)]
    third = binary and max(map(len, both)) == _TWO < len(both[0] | both[1])  # yes and no as 1 and 0 here, as 1 and -1 there
    if not here or not there or (not numbers and both[0] & both[1] and not third):
        return None
    return (
        f"The label '{name}' is {_told(here)} in the data and {_told(there)} in the labels file, and nothing says which of them mean the "
        f"same. Write it in one way in both (such as 1 and 0), or take '{name}' out of the data if the labels file has all labels."
    )


def _told(values: Collection[str]) -> str:
    shown = sorted(values)
    return list_text([repr(one[:40]) for one in shown[:_SHOWN]] + (["others"] if len(shown) > _SHOWN else []))
