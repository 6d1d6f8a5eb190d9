from __future__ import annotations

import threading

import duckdb
import pytest

from monitor.engine.running import Watch, fetch, stream
from monitor.errors import CancelledError, KindError, OutOfMemoryError

# It would take hours: that a test of it ends at all says that it was interrupted (pytest's own timeout is minutes).
LONG = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b WHERE (a.range + b.range) % 7 = 1"


def test_a_running_query_is_interrupted() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    connection = duckdb.connect()
    with pytest.raises(CancelledError, match="Cancelled while adding up"):
        fetch(connection, LONG, text="adding up", watch=Watch(cancel=cancel))
    assert fetch(connection, "SELECT 7 AS x", text="adding up").to_pylist() == [{"x": 7}]


def test_parts_of_the_work_share_one_scale() -> None:
    told: list[float] = []
    watch = Watch(lambda share, _: told.append(share)).part(0.5, 1.0).part(0.0, 0.5)
    watch.tell(0.0, "")
    watch.tell(1.0, "")
    assert told == [0.5, 0.75]


def streamed(connection: duckdb.DuckDBPyConnection, sql: str, watch: Watch) -> int:
    return sum(b.num_rows for b in stream(connection, sql, batch_rows=4096, expected=20_000, text="reading", watch=watch))


def test_a_stream_yields_all_rows_and_says_how_far_it_is() -> None:
    told: list[float] = []
    assert streamed(duckdb.connect(), "FROM range(20000)", Watch(lambda share, _: told.append(share))) == 20_000
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_stream_is_interrupted_while_it_blocks() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    connection = duckdb.connect()
    with pytest.raises(CancelledError, match="Cancelled while reading"):
        streamed(connection, LONG, Watch(cancel=cancel))
    assert streamed(connection, "FROM range(3)", Watch()) == 3


def test_errors_within_a_stream_are_of_our_own_tree() -> None:
    bad = "SELECT CAST(CASE WHEN i = 15000 THEN 'x' ELSE '1' END AS INT) FROM range(20000) t(i)"
    with pytest.raises(KindError, match="A value does not fit while reading: Could not convert"):
        streamed(duckdb.connect(), bad, Watch())
    small = duckdb.connect(config={"memory_limit": "10MB", "temp_directory": ""})
    with pytest.raises(OutOfMemoryError, match="Raise memory_limit"):
        streamed(small, "SELECT i FROM range(30_000_000) t(i) ORDER BY hash(i)", Watch())
