"""A case whose rows Spark counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq

from monitor.case import Case
from monitor.engine.opening import open_workspace
from monitor.engine.source import Source
from monitor.engine.sources import open_parquet, open_source
from monitor.engine.spark.counter import SparkCounter
from monitor.engine.spark.tables import Table, is_table, open_table
from monitor.engine.store import Store
from monitor.engine.workspace import Workspace
from monitor.errors import SourceError
from monitor.tables import Skipped
from monitor.wording import plural

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def open_with_spark(case: Case, session: SparkSession, *, cache: Path | None = None) -> Workspace:
    """Open the data of a case, whose rows are counted on a session of Spark.

    Files are opened as ever. Of a table that only Spark reads (`spark::catalog.schema.table`, `spark.FORMAT::PATH`) a sample is kept beside
    the case, which tells what its columns are and where numbers are cut; everything is counted on all of its rows.

    Raises
    ------
    SourceError, CaseError
        As `open_workspace`, or a table is not there, or not allowed.
    """
    tables: dict[str, Table] = {}
    moment = datetime.now(UTC).isoformat(timespec="seconds")

    def opened(connection: duckdb.DuckDBPyConnection, data: str, places: Sequence[str], **settings: Any) -> Source:
        if not any(is_table(place) for place in places):
            return open_source(connection, data, places, **settings)
        if len(places) > 1 or data == "labels":
            raise SourceError(f"{data}: a table of Spark is a reference or production by itself, seen {list(places)}.")
        tables[data] = open_table(session, data, places[0], settings["root"], moment)
        return _sampled(connection, tables[data], session, settings["store"])

    workspace = open_workspace(case, cache=cache, opener=opened)
    return replace(workspace, counter=SparkCounter(session, tables))


def _sampled(connection: duckdb.DuckDBPyConnection, table: Table, session: SparkSession, store: Store) -> Source:
    path = store.path("sampled", table.fingerprint, ".parquet")
    if not path.is_file():
        rows = table.sample(session)
        store.write(path, lambda temporary: pq.write_table(rows, temporary))
    source = open_parquet(connection, table.data, [path])
    told = f"{table.data}: the columns are told from {plural(source.rows, 'row')} of the table; all {table.rows:,} are counted."
    version = "" if table.files is not None else f"read {table.moment}"
    return replace(source, fingerprint=table.fingerprint, notes=(*source.notes, Skipped(table.data, "sampled", told)), version=version)
