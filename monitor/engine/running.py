"""Running a query so that somebody may watch it and call it off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from monitor.engine.identifiers import translated
from monitor.errors import CancelledError

POLL_SECONDS = 0.05

Progress = Callable[[float, str], None]


class Cancel(Protocol):
    """Something like threading.Event."""

    def is_set(self) -> bool:
        """Say whether the work was called off."""
        ...


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far the work is, and who may call it off."""

    progress: Progress | None = None
    cancel: Cancel | None = None

    def tell(self, share: float, text: str) -> None:
        """Report a share in [0, 1] of the work, or raise CancelledError when it was called off."""
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError(f"Cancelled while {text}.")
        if self.progress is not None:
            self.progress(min(max(share, 0.0), 1.0), text)

    def part(self, start: float, end: float) -> Watch:
        """Return a watch of one part of the work: its 0..1 is start..end of the whole."""
        progress = self.progress
        if progress is None:
            return self
        return Watch(lambda share, text: progress(start + share * (end - start), text), self.cancel)


def fetch(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = (), *, text: str, watch: Watch | None = None
) -> pa.Table:
    """Run a query and return its rows; while it runs, report progress and interrupt it when it is called off.

    Raises
    ------
    CancelledError
        When it was called off.
    """
    watch = watch or Watch()
    watch.tell(0.0, text)

    def run() -> pa.Table:
        with translated(text):
            return cursor.sql(sql, params=list(parameters)).to_arrow_table()

    if watch.progress is None and watch.cancel is None:
        return run()
    with ThreadPoolExecutor(max_workers=1) as pool:
        work = pool.submit(run)
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
