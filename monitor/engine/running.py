"""Running a query so that somebody may watch it and call it off."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from monitor.engine.identifiers import translated
from monitor.engine.limits import limited
from monitor.errors import CancelledError
from monitor.watch import Cancel, Progress, Watch

__all__ = ["Cancel", "Progress", "Watch", "fetch", "stream", "threads_of"]

POLL_SECONDS = 0.05


def fetch(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = (), *, text: str, watch: Watch | None = None
) -> pa.Table:
    """Run a query and return its rows; while it runs, report progress and interrupt it when it is called off.

    Raises
    ------
    CancelledError
        When it was called off.
    TimeLimitError
        When it took longer than a query may.
    """
    watch = watch or Watch()
    watch.tell(0.0, text)

    def run() -> pa.Table:
        with translated(text), limited(cursor, text):
            return cursor.sql(sql, params=list(parameters)).to_arrow_table()

    if watch.progress is None and watch.cancel is None:
        return run()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return _watched(pool.submit(run), cursor, watch, text)


def stream(
    cursor: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[Any] = (),
    *,
    batch_rows: int,
    expected: int,
    text: str,
    watch: Watch,
) -> Generator[pa.RecordBatch]:
    """Run a query and yield its rows batch by batch, in order; memory holds one batch. `expected` rows are 100 % of the progress.

    Raises
    ------
    CancelledError
        When it was called off.
    """

    def start() -> pa.RecordBatchReader:
        with translated(text), limited(cursor, text):
            return cursor.sql(sql, params=list(parameters)).to_arrow_reader(batch_rows)

    def step() -> pa.RecordBatch | None:
        with translated(text), limited(cursor, text):
            try:
                return next(reader, None)
            except OSError as error:  # what goes wrong within a stream comes through Arrow, as text
                raise _RAISED.get(str(error).partition(":")[0], duckdb.Error)(str(error)) from error

    done, quiet = 0, Watch(cancel=watch.cancel)
    watch.tell(0.0, text)
    with ThreadPoolExecutor(max_workers=1) as pool:
        reader = _watched(pool.submit(start), cursor, watch, text)
        while (batch := _watched(pool.submit(step), cursor, quiet, text)) is not None:
            yield batch
            done += batch.num_rows
            watch.tell(done / max(expected, 1), text)


def threads_of(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return how many threads the connection may use."""
    return int(cursor.execute("SELECT current_setting('threads')").fetchall()[0][0])


_RAISED = {
    "INTERRUPT Error": duckdb.InterruptException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
    "Conversion Error": duckdb.ConversionException,
    "Out of Range Error": duckdb.OutOfRangeException,
}
Answer = TypeVar("Answer")


def _watched(work: Future[Answer], cursor: duckdb.DuckDBPyConnection, watch: Watch, text: str) -> Answer:
    """Wait for work on the cursor; report progress, and interrupt it when it is called off."""
    try:
        while not work.done():
            try:
                return work.result(timeout=POLL_SECONDS)
            except NotYet:
                watch.tell(max(cursor.query_progress(), 0.0) / 100, text)
    except (CancelledError, KeyboardInterrupt):
        cursor.interrupt()
        raise
    return work.result()
