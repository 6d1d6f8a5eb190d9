from __future__ import annotations

import duckdb
import pytest

from monitor.engine.running import Watch, fetch
from monitor.errors import CancelledError

ENDLESS = "SELECT sum(sin(i)) FROM range(100_000_000_000) AS t(i)"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, CancelledError])
def test_a_query_ends_when_it_is_interrupted(stop: type[BaseException]) -> None:
    """Nobody waits for the rest of it (minutes), and the connection answers the next one."""
    told: list[float] = []

    def interrupt(share: float, text: str) -> None:
        told.append(share)
        if len(told) == 3:  # while the query runs
            raise stop(text)

    with duckdb.connect() as connection:
        with pytest.raises(stop, match="counting"):
            fetch(connection, ENDLESS, text="counting", watch=Watch(interrupt))
        assert fetch(connection, "SELECT 7 AS x", text="counting").to_pylist() == [{"x": 7}]
    assert len(told) == 3
