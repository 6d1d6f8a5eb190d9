from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.case import WindowSize
from monitor.engine import Selection, open_tables, profile
from monitor.engine.windows import calendar_windows, key_sql
from monitor.profile import Windows

at = datetime.fromisoformat


def windows_of(moments: list[datetime], size: str, timezone: str = "UTC") -> Windows:
    parsed = WindowSize.parse(size)
    rows = duckdb.execute(f"SELECT DISTINCT {key_sql(parsed, 't')} AS k FROM (SELECT unnest(?) AS t) ORDER BY k", [moments]).fetchall()
    return calendar_windows([row[0] for row in rows], parsed, timezone)


@pytest.mark.parametrize(
    ("size", "name", "start", "end"),
    [
        ("1 hour", "2013-04-21T13", "2013-04-21T13", "2013-04-21T14"),
        ("1 day", "2013-04-21", "2013-04-21", "2013-04-22"),
        ("1 week", "2013-W16", "2013-04-15", "2013-04-22"),
        ("1 month", "2013-04", "2013-04-01", "2013-05-01"),
        ("2 weeks", "2013-W15", "2013-04-08", "2013-04-22"),
        ("3 months", "2013-04", "2013-04-01", "2013-07-01"),
        ("6 hour", "2013-04-21T12", "2013-04-21T12", "2013-04-21T18"),
    ],
)
def test_ids_and_bounds(size: str, name: str, start: str, end: str) -> None:
    found = windows_of([at("2013-04-21T13:59:59.999999")], size)
    assert found.ids == (name,)
    assert (found.start[0], found.end[0]) == (np.datetime64(start, "us"), np.datetime64(end, "us"))


def test_two_weeks_count_from_the_first_monday_of_2000() -> None:
    found = windows_of([at("2000-01-02"), at("2000-01-03"), at("2000-01-16"), at("2000-01-17")], "2 weeks")
    assert found.ids == ("1999-W51", "2000-W01", "2000-W03")


def test_the_last_days_of_a_year_may_be_in_the_first_week_of_the_next() -> None:
    assert windows_of([at("2013-12-30"), at("2014-01-05")], "1 week").ids == ("2014-W01",)


def test_bounds_are_the_local_midnights_in_utc() -> None:
    found = windows_of([at("2013-03-10T12:00"), at("2013-03-11")], "1 day", "America/New_York")
    assert found.start.astype(str).tolist() == ["2013-03-10T05:00:00.000000", "2013-03-11T04:00:00.000000"]


@given(
    st.datetimes(at("1601-01-01"), at("2199-01-01")),
    st.sampled_from(["1 hour", "5 hour", "1 day", "7 days", "1 week", "3 weeks", "1 month", "7 months"]),
)
def test_every_moment_lies_in_its_window(moment: datetime, size: str) -> None:
    found = windows_of([moment], size)
    assert found.start[0] <= np.datetime64(moment, "us") < found.end[0]


def days(times: object, timezone: str) -> tuple[tuple[str, ...], list[int]]:
    table = pd.DataFrame({"ts": times})
    with open_tables(table, table, roles={"timestamp": "ts"}, timezone=timezone) as workspace:
        found = profile(workspace, Selection(), cells={}, windows=WindowSize(1, "day"))
    return found.windows.ids, found.rows.tolist()


def test_naive_times_are_local_and_zoned_ones_are_converted() -> None:
    naive = pd.to_datetime(["2013-07-01 23:30", "2013-07-02 00:30"])
    assert days(naive, "America/New_York") == (("2013-07-01", "2013-07-02"), [1, 1])
    assert days(naive.tz_localize("UTC"), "America/New_York") == (("2013-07-01",), [2])
    assert days(naive.tz_localize("UTC"), "Asia/Kolkata") == (("2013-07-02",), [2])


@pytest.mark.parametrize("marker", [[], ["NA"]])
def test_text_with_mixed_offsets_is_read_row_by_row(marker: list[str]) -> None:
    """In the time zone of the case that it is opened with, whichever it was before."""
    texts = ["2013-07-01T23:30:00+00:00", "2013-07-01T23:30:00-04:00", "2013-07-01 23:30:00", *marker]
    assert days(texts, "America/New_York") == (("2013-07-01",), [3])
    assert days(texts, "UTC") == (("2013-07-01", "2013-07-02"), [2, 1])


def test_text_without_an_offset_is_local_time() -> None:
    texts = ["2013-07-01 00:30:00", "2013-07-01T23:30:00"]
    assert days(texts, "America/New_York") == days(texts, "Asia/Kolkata") == (("2013-07-01",), [2])


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9])
def test_unix_time_is_known_by_its_size(factor: int) -> None:
    assert days([1372636800 * factor + factor // 2, 1372723200 * factor], "UTC") == (("2013-07-01", "2013-07-02"), [1, 1])


def test_dates_are_days() -> None:
    assert days([pd.Timestamp("2013-07-01").date()], "America/New_York") == (("2013-07-01",), [1])


def test_a_period_is_half_open_on_the_local_clock() -> None:
    table = pd.DataFrame({"ts": pd.to_datetime(["2013-06-30 23:59", "2013-07-01 00:00", "2013-07-31 23:59", "2013-08-01 00:00"])})
    zone = "America/New_York"
    with open_tables(table, table, roles={"timestamp": "ts"}, timezone=zone) as workspace:
        found = profile(workspace, Selection.parse("2013-07", timezone=zone), cells={}, windows=WindowSize(1, "whole"))
    assert found.rows.tolist() == [2]
    assert found.windows.start[0] == np.datetime64("2013-07-01T04:00", "us")
