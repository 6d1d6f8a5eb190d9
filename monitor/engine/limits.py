"""How long a query may run and how much memory it may take. Both belong to whoever runs Driftscope, so no case can raise them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer

import duckdb

from monitor.errors import CancelledError, SettingError, TimeLimitError

SECONDS_VARIABLE = "DRIFTSCOPE_QUERY_SECONDS"
MEMORY_VARIABLE = "DRIFTSCOPE_MEMORY_LIMIT"
MOST_SECONDS = 900.0
"""What one query may take where the environment says nothing else: more than reading any data set that fits a machine."""
LONGEST_SECONDS = 1e6


def most_seconds() -> float:
    """Return how many seconds one query may run.

    Raises
    ------
    SettingError
        The environment holds something else than a number of seconds.
    """
    told = os.environ.get(SECONDS_VARIABLE)
    if not told:
        return MOST_SECONDS
    if not re.fullmatch(r"\d{1,7}(\.\d+)?", told) or not 0 < float(told) <= LONGEST_SECONDS:
        raise SettingError(f"{SECONDS_VARIABLE} is {told[:40]!r}. Set it to a number of seconds from 0.1 to {LONGEST_SECONDS:,.0f}.")
    return float(told)


def most_memory() -> str | None:
    """Return how much memory queries may take, as DuckDB writes it ("4GB"); None where nothing is set: DuckDB takes four fifths of it all.

    Raises
    ------
    SettingError
        The environment holds something else than an amount of memory.
    """
    told = os.environ.get(MEMORY_VARIABLE)
    if not told:
        return None
    if not re.fullmatch(r"\d{1,9}(\.\d+)?\s*([KMGT]i?B|%)", told):
        raise SettingError(f"{MEMORY_VARIABLE} is {told[:40]!r}. Set it to an amount of memory such as 800MB, 4GB or 50%.")
    return told


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, doing: str) -> Iterator[None]:
    """Interrupt what the connection does within when it takes longer than it may.

    Raises
    ------
    TimeLimitError
        It took longer; the text says what, how long and what to do.
    """
    seconds, late = most_seconds(), Event()

    def end() -> None:
        late.set()
        connection.interrupt()

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (duckdb.InterruptException, CancelledError) as error:
        if not late.is_set():
            raise
        raise TimeLimitError(
            f"Stopped while {doing}: it took longer than {seconds:g} s. Choose a shorter period, fewer columns or a simpler condition, "
            f"or allow more: {SECONDS_VARIABLE}=<seconds>."
        ) from error
    finally:
        timer.cancel()
