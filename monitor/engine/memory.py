"""Tables that come through the API: pandas and Arrow, fingerprinted by their content."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypedDict, Unpack

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from monitor.case import Case, Roles, WindowSize, case_from
from monitor.engine.contents import duplicates
from monitor.engine.identifiers import quote, translated
from monitor.engine.narrow import HALF
from monitor.engine.opening import assemble, confine, connect
from monitor.engine.source import Source, described
from monitor.engine.store import Store, digest, user_folder
from monitor.engine.workspace import Workspace
from monitor.errors import CaseError, SourceError, nearest

Table: TypeAlias = pd.DataFrame | pa.Table


class Settings(TypedDict, total=False):
    """What `open_tables` takes besides: as in case.toml, and as `open_workspace`."""

    kinds: Mapping[str, str]
    labels_text: Mapping[str, str]
    formats: Mapping[str, str]
    windows: str
    timezone: str
    thresholds: Mapping[str, Any]
    segments: Mapping[str, str]
    slo: Sequence[Mapping[str, Any]]
    memory_limit: str
    threads: int
    cache: Path


def open_tables(
    reference: Table,
    production: Table,
    *,
    labels: Table | None = None,
    roles: Mapping[str, Any] | Roles | None = None,
    name: str = "in memory",
    task: str = "binary",
    **settings: Unpack[Settings],
) -> Workspace:
    """Open pandas or Arrow tables as a case; what is computed is stored by a hash of their content.

    Raises
    ------
    SourceError
        When a table has no rows, or two columns of one name, or a column that mixes types.
    CaseError
        When a role, kind, window, time zone or threshold is wrong; the text names it as the key of case.toml that it is.
    """
    unknown = next((one for one in settings if one not in Settings.__annotations__), None)
    if unknown is not None:
        raise CaseError(f"There is no setting '{unknown}'.{nearest(unknown, Settings.__annotations__)}")
    case = _case(name, task, roles, settings)
    store = Store((settings.get("cache") or user_folder()).resolve())
    store.folder.mkdir(parents=True, exist_ok=True)
    store.clean()
    connection = connect(case, store, memory_limit=settings.get("memory_limit"), threads=settings.get("threads"))
    try:
        tables = {"reference": reference, "production": production, "labels": labels}
        sources = {data: _open(connection, data, table) for data, table in tables.items() if table is not None}
        confine(connection, sources.values(), store)
        return assemble(case, connection, sources, store)
    except BaseException:
        connection.close()
        raise


def _case(name: str, task: str, roles: Mapping[str, Any] | Roles | None, settings: Settings) -> Case:
    content = {
        "case": {"name": name, "task": task},
        "data": {"reference": "memory", "production": "memory"},
        "roles": roles if isinstance(roles, Roles) else dict(roles or {}),
        "kinds": dict(settings.get("kinds", {})),
        "labels": dict(settings.get("labels_text", {})),
        "formats": dict(settings.get("formats", {})),
        "windows": {"size": str(WindowSize.parse(settings.get("windows", "whole"))), "timezone": settings.get("timezone", "UTC")},
        "thresholds": settings.get("thresholds", {}),
        "segments": dict(settings.get("segments", {})),
        "slo": list(settings.get("slo", ())),
    }
    return case_from(content, root=Path.cwd(), called=f"The case '{name}'")


def _open(connection: duckdb.DuckDBPyConnection, data: str, table: Table) -> Source:
    names = list(table.column_names if isinstance(table, pa.Table) else table.columns)
    counted = Counter(map(str, names))
    twice = next((name for name in names if counted[str(name)] > 1), None)
    if twice is not None:
        raise SourceError(f"{data}: two columns are called {twice!r}. Rename one of them.")
    given = _arrow(data, table)
    arrow = _known_types(given)
    if arrow.num_rows == 0:
        raise SourceError(f"{data}: the table has {arrow.num_columns} columns but no rows. Check how it is made.")
    notes = duplicates(data, arrow.column_names)
    for column in arrow.column_names:
        quote(column)
    with translated(f"reading the table '{data}'"):
        connection.register("given", arrow)
        connection.execute(f"CREATE TABLE {data} AS SELECT * FROM given")
        connection.unregister("given")
    types = described(connection, data, data)
    halves = {field.name: HALF for field in given.schema if pa.types.is_float16(field.type) and field.name in types}
    order = ("rowid",) if "rowid" not in {column.lower() for column in types} else ()
    return Source(data, data, order, digest(_hash(arrow), types), types, arrow.num_rows, notes=tuple(notes), narrow=halves)


def _arrow(data: str, table: Table) -> pa.Table:
    if isinstance(table, pa.Table):
        return table
    if not all(isinstance(column, str) for column in table.columns):
        odd = next(column for column in table.columns if not isinstance(column, str))
        raise SourceError(f"{data}: the column name {odd!r} is not a text. Rename the columns with table.rename(columns=str).")
    try:
        dense = {name: np.asarray(table[name]) for name in map(str, table) if isinstance(table[name].dtype, pd.SparseDtype)}
        plain = table.assign(**dense)
        return pa.Table.from_pandas(plain, preserve_index=False).replace_schema_metadata(None)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        told = " ".join(str(part) for part in error.args)
        raise SourceError(f"{data}: a column mixes types, or has one that Arrow does not know ({told}). Convert it to one type.") from error


def _known_types(table: pa.Table) -> pa.Table:
    """Return a table without the types of Arrow that DuckDB does not read: half floats and decimals of more than 38 digits."""
    fields = [field.with_type(_known_type(field.type)) for field in table.schema]
    return table if [field.type for field in fields] == table.schema.types else table.cast(pa.schema(fields))


def _known_type(one: pa.DataType) -> pa.DataType:
    if pa.types.is_float16(one):
        return pa.float32()
    return pa.float64() if pa.types.is_decimal256(one) else one


def _hash(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()
