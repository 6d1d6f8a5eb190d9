"""Whether a condition fits the types of its columns, asked before any row is read: what DuckDB says of it is for people who write SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

import duckdb

from monitor.engine.columns import family
from monitor.engine.identifiers import literal, quote
from monitor.errors import SelectionError
from monitor.wording import list_text

_HOLDS = {
    "text": "text", "integer": "whole numbers", "float": "numbers", "decimal": "numbers", "boolean": "true or false",
    "datetime": "dates or times", "clock": "times of day or durations",
}  # fmt: skip
_COMPARED = ("COMPARISON", "BETWEEN", "OPERATOR")


def check_types(cursor: duckdb.DuckDBPyConnection, predicate: str, types: Mapping[str, str], named: Collection[str], relation: str) -> None:
    """Check that a condition on columns that are `named` fits their `types`; `relation` stands after FROM.

    Raises
    ------
    SelectionError
        It compares what cannot be compared, such as a text with a number.
    """
    if not named or not set(named) <= set(types):
        return  # a label may come from another source
    empty = ", ".join(f"CAST(NULL AS {types[name]}) AS {quote(name)}" for name in named)
    try:
        cursor.execute(f"SELECT 1 FROM (SELECT {empty}) WHERE ({predicate}\n)").fetchall()
    except (duckdb.BinderException, duckdb.ConversionException) as error:
        raise _unfit(predicate, types, named) from error
    except duckdb.Error:
        return  # nothing that is a matter of types: it is said where rows are read
    for name, kind, value in set(_compared(cursor, predicate, types)):
        text = family(types[name]) == "text"
        if kind == "STRING" and not text and _fails(cursor, f"SELECT 1 WHERE TRY_CAST({literal(value)} AS {types[name]}) IS NULL"):
            raise _unfit(predicate, types, [name])
        words = f"CAST({quote(name)} AS VARCHAR)"
        odd = f"SELECT 1 FROM {relation} WHERE {quote(name)} IS NOT NULL AND TRY_CAST({words} AS DOUBLE) IS NULL LIMIT 1"
        if kind in ("INTEGER", "NUMERIC") and text and _fails(cursor, odd):
            raise _unfit(predicate, types, [name])


def _fails(cursor: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Say whether there is a row; where the rows are not here, none is known."""
    with suppress(duckdb.Error):
        return bool(cursor.execute(sql).fetchall())
    return False


def _unfit(predicate: str, types: Mapping[str, str], named: Collection[str]) -> SelectionError:
    told = list_text([f"'{name}' holds {_HOLDS.get(family(types[name]), types[name])}" for name in sorted(named)])
    texts = sorted(name for name in named if family(types[name]) == "text")
    number = f" Where texts are numbers, write TRY_CAST({quote(texts[0])} AS DOUBLE) instead of {quote(texts[0])}." if texts else ""
    return SelectionError(
        f"'{predicate}' does not fit its columns: {told}. Compare texts with texts in quotes ('3'), numbers with numbers (3), times with "
        f"times in quotes ('2024-05-01').{number}"
    )


def _compared(cursor: duckdb.DuckDBPyConnection, predicate: str, types: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the columns that are compared with values, each with the kind and the text of the value."""
    known = {name.lower(): name for name in types}
    parsed = cursor.execute("SELECT json_serialize_sql(?)", [f"SELECT * FROM t WHERE ({predicate}\n)"]).fetchall()[0][0]
    for node in _nodes(json.loads(parsed)):
        if node["class"] not in _COMPARED:
            continue
        parts = [*node.get("children", []), *(node[side] for side in ("left", "right", "input", "lower", "upper") if side in node)]
        names = [".".join(part["column_names"]).lower() for part in parts if part["class"] == "COLUMN_REF"]
        values = [part["literal"] for part in parts if part["class"] == "CONSTANT"]
        yield from ((known[name], str(value["kind"]), str(value.get("text"))) for name in names if name in known for value in values)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "class" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item)
