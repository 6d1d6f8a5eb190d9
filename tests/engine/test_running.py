from __future__ import annotations

import threading
import time

import duckdb
import pytest

from monitor.engine.running import Watch, fetch
from monitor.errors import CancelledError

LONG = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b WHERE (a.range + b.range) % 7 = 1"


def test_a_running_query_is_interrupted() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    start = time.perf_counter()
    with pytest.raises(CancelledError, match="Cancelled while adding up"):
        fetch(duckdb.connect(), LONG, text="adding up", watch=Watch(cancel=cancel))
    assert time.perf_counter() - start < 5


def test_parts_of_the_work_share_one_scale() -> None:
    told: list[float] = []
    watch = Watch(lambda share, _: told.append(share)).part(0.5, 1.0).part(0.0, 0.5)
    watch.tell(0.0, "")
    watch.tell(1.0, "")
    assert told == [0.5, 0.75]
