from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.case import WindowSize
from monitor.engine.nesting import finer, nest, spans
from monitor.engine.windows import to_utc
from monitor.profile import Windows

parse = WindowSize.parse


def blocks(first: str, count: int, hours: float = 24, timezone: str = "UTC") -> Windows:
    """Return consecutive blocks that start on the local clock."""
    moments = [datetime.fromisoformat(first) + timedelta(hours=hours * i) for i in range(count + 1)]
    edges = to_utc(moments, timezone)
    return Windows(tuple(str(i) for i in range(count)), edges[:-1], edges[1:])


@pytest.mark.parametrize(
    ("size", "shorter"),
    [
        ("1 month", "1 day"),
        ("1 week", "1 day"),
        ("1 day", "1 hour"),
        ("2 weeks", "1 week"),
        ("3 days", "1 day"),
        ("6 hours", "1 hour"),
        ("1000 rows", "100 rows"),
    ],
)
def test_shorter_windows(size: str, shorter: str) -> None:
    assert finer(parse(size)) == parse(shorter)


@pytest.mark.parametrize("size", ["1 hour", "190 rows", "1005 rows", "whole"])
def test_no_shorter_windows(size: str) -> None:
    assert finer(parse(size)) is None


def test_days_nest_into_iso_weeks() -> None:
    days = blocks("2013-04-20", 10)  # a Saturday
    assert nest(days, parse("1 week"), "UTC", per_window=1) == [[0, 1], [2, 3, 4, 5, 6, 7, 8], [9]]


def test_days_nest_into_months_and_pairs_of_months() -> None:
    days = blocks("2013-01-30", 60)
    assert [len(group) for group in nest(days, parse("1 month"), "UTC", per_window=1)] == [2, 28, 30]
    assert [len(group) for group in nest(days, parse("2 months"), "UTC", per_window=1)] == [30, 30]


def test_hours_nest_on_the_local_clock() -> None:
    local = blocks("2013-04-20T00:00", 48, hours=1, timezone="America/New_York")
    assert [len(group) for group in nest(local, parse("1 day"), "America/New_York", per_window=1)] == [24, 24]
    assert [len(group) for group in nest(local, parse("1 day"), "UTC", per_window=1)] == [20, 24, 4]


def test_blocks_of_rows_nest_by_their_number() -> None:
    assert nest(blocks("2013-01-01", 7), parse("1000 rows"), "UTC", per_window=3) == [[0, 1, 2], [3, 4, 5], [6]]


@given(st.integers(1, 200), st.sampled_from(["1 day", "1 week", "2 weeks", "1 month"]), st.sampled_from(["UTC", "Asia/Kolkata"]))
def test_every_block_is_in_one_window_in_order(count: int, size: str, timezone: str) -> None:
    groups = nest(blocks("2013-03-01", count), parse(size), timezone, per_window=1)
    assert [position for group in groups for position in group] == list(range(count))


def test_spans_count_windows_by_the_calendar() -> None:
    two = Windows(
        ("a", "b"), np.array(["2013-01-01", "2013-01-01"], "datetime64[us]"), np.array(["2013-01-15", "2013-01-04"], "datetime64[us]")
    )
    assert spans(two, np.array([10, 10]), parse("1 week"), 5.0).tolist() == [2.0, 1.0]


def test_spans_count_rows_where_there_is_no_time() -> None:
    timeless = Windows(("whole",), np.array(["NaT"], "datetime64[us]"), np.array(["NaT"], "datetime64[us]"))
    assert spans(timeless, np.array([5000]), parse("1 week"), 500.0).tolist() == [10.0]
    assert spans(blocks("2013-01-01", 1), np.array([5000]), parse("1000 rows"), 1000.0).tolist() == [5.0]
