from __future__ import annotations

import time

import duckdb
import pytest

from monitor.engine.running import Watch, fetch
from monitor.errors import CancelledError


@pytest.mark.parametrize("stop", [KeyboardInterrupt, CancelledError])
def test_a_query_ends_when_it_is_interrupted(stop: type[BaseException]) -> None:
    def interrupt(share: float, text: str) -> None:
        if time.monotonic() - began > 0.2:
            raise stop(text)

    began = time.monotonic()
    with duckdb.connect() as connection, pytest.raises(stop, match="counting"):
        fetch(connection, "SELECT sum(sin(i)) FROM range(100_000_000_000) AS t(i)", text="counting", watch=Watch(interrupt))
    assert time.monotonic() - began < 20
