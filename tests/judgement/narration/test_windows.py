from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.case import WindowSize
from monitor.judgement.finding import FindingKind
from monitor.judgement.narration.dates import of_this_year
from monitor.judgement.narration.examples import example
from monitor.judgement.narration.sentences import headline
from monitor.judgement.narration.windows import WindowNames

NAT = np.datetime64("NaT")


def names(size: str, timezone: str = "UTC", *, year: bool = True) -> WindowNames:
    return WindowNames(WindowSize.parse(size), timezone, year)


def at(*moments: str) -> list[np.datetime64]:
    return [np.datetime64(moment) for moment in moments]


@pytest.mark.parametrize(
    ("size", "start", "end", "text", "the"),
    [
        ("1 week", "2013-04-22", "2013-04-29", "week of 22 Apr 2013", "the week of 22 Apr 2013"),
        ("2 weeks", "2013-04-22", "2013-05-06", "2 weeks from 22 Apr 2013", "the 2 weeks from 22 Apr 2013"),
        ("1 month", "2013-04-01", "2013-05-01", "Apr 2013", "Apr 2013"),
        ("3 months", "2013-04-01", "2013-07-01", "3 months from Apr 2013", "the 3 months from Apr 2013"),
        ("1 day", "2013-04-21", "2013-04-22", "21 Apr 2013", "21 Apr 2013"),
        ("1 hour", "2013-04-21T13", "2013-04-21T14", "21 Apr 2013, 13:00", "21 Apr 2013, 13:00"),
        ("6 hours", "2013-04-21T12", "2013-04-21T18", "6 hours from 21 Apr 2013, 12:00", "the 6 hours from 21 Apr 2013, 12:00"),
        ("1 week", "2013-04-22", "2013-05-20", "22 Apr to 19 May 2013", "22 Apr to 19 May 2013"),
        ("1 week", "2013-12-30", "2014-01-20", "30 Dec 2013 to 19 Jan 2014", "30 Dec 2013 to 19 Jan 2014"),
    ],
)
def test_a_window_is_named_by_its_own_size_and_bounds(size: str, start: str, end: str, text: str, the: str) -> None:
    assert (names(size).text(*at(start, end)), names(size).the(*at(start, end))) == (text, the)


@pytest.mark.parametrize(
    ("size", "window", "text"),
    [
        ("500 rows", "rows-000012", "block 12"),
        ("whole", "whole", "the whole period"),
        ("2 weeks", "2013-W17", "2 weeks from 22 Apr 2013"),
        ("1 day", "before the release", "before the release"),
        ("1 day", "", "a window without a name"),
    ],
)
def test_a_window_without_times_is_named_by_its_id(size: str, window: str, text: str) -> None:
    assert names(size).text(NAT, NAT, window) == text


def test_times_are_shown_on_the_clock_of_the_case() -> None:
    night = at("2013-07-01T04:00", "2013-07-02T04:00")
    assert names("1 day", "America/New_York").text(*night) == "1 Jul 2013"
    assert names("1 hour", "Asia/Kolkata").since(night[0]) == "since 09:30 on 1 Jul 2013"


def test_a_day_on_which_clocks_change_is_a_day() -> None:
    assert names("1 day", "America/New_York").text(*at("2013-03-10T05:00", "2013-03-11T04:00")) == "10 Mar 2013"
    assert names("6 hours", "America/New_York").text(*at("2013-03-10T05:00", "2013-03-10T10:00")) == "6 hours from 10 Mar 2013, 00:00"


@pytest.mark.parametrize(
    ("size", "start", "end", "words"),
    [
        ("1 day", "2013-07-05", "2013-07-06", "on 5 Jul"),
        ("1 week", "2013-07-01", "2013-07-08", "in the week of 1 Jul"),
        ("1 month", "2013-07-01", "2013-08-01", "in Jul"),
        ("1 hour", "2013-07-05T13", "2013-07-05T14", "at 13:00 on 5 Jul"),
        ("2 days", "2013-07-05", "2013-07-07", "in the 2 days from 5 Jul"),
        ("1 day", "2013-07-05", "2013-07-08", "from 5 to 7 Jul"),
        ("500 rows", "NaT", "NaT", "in block 7"),
        ("whole", "NaT", "NaT", "in the whole period"),
    ],
)
def test_when_of_one_window(size: str, start: str, end: str, words: str) -> None:
    assert names(size, year=False).within(*at(start, end), "rows-000007") == words


@pytest.mark.parametrize(
    ("size", "start", "words"),
    [
        ("1 week", "2013-04-22", "since 22 Apr"),
        ("3 months", "2013-04-01", "since Apr"),
        ("6 hours", "2013-04-22T06", "since 06:00 on 22 Apr"),
        ("500 rows", "NaT", "since block 2"),
        ("500 rows", "2013-04-22T06:13", "since block 2 (22 Apr)"),
        ("whole", "2013-04-22", "in the whole period"),
    ],
)
def test_since_when(size: str, start: str, words: str) -> None:
    assert names(size, year=False).since(np.datetime64(start), "rows-000002") == words


@pytest.mark.parametrize(
    ("size", "start", "end", "words"),
    [
        ("1 day", "2013-06-15", "2013-06-29", "from 15 to 28 Jun 2013"),
        ("1 week", "2013-06-24", "2013-07-08", "from 24 Jun to 7 Jul 2013"),
        ("1 day", "2013-12-30", "2014-01-02", "from 30 Dec 2013 to 1 Jan 2014"),
        ("1 day", "2013-06-15", "2013-06-16", "on 15 Jun 2013"),
        ("1 month", "2013-04-01", "2014-01-01", "from Apr to Dec 2013"),
        ("1 month", "2013-04-01", "2014-02-01", "from Apr 2013 to Jan 2014"),
        ("1 month", "2013-04-01", "2013-05-01", "in Apr 2013"),
        ("1 month", "2013-04-10", "2013-05-20", "from 10 Apr to 19 May 2013"),
        ("1 hour", "2013-06-15T13", "2013-06-15T16", "from 13:00 to 16:00 on 15 Jun 2013"),
        ("1 hour", "2013-06-15T13", "2013-06-16T00", "from 13:00 to 24:00 on 15 Jun 2013"),
        ("1 hour", "2013-12-31T22", "2014-01-01T04", "from 22:00 on 31 Dec 2013 to 04:00 on 1 Jan 2014"),
        ("500 rows", "NaT", "NaT", "from block 3 to block 7"),
        ("whole", "NaT", "NaT", "in the whole period"),
    ],
)
def test_a_period_ends_on_its_last_day(size: str, start: str, end: str, words: str) -> None:
    assert names(size).period(*at(start, end), "rows-000003", "rows-000007") == words


def test_a_period_without_times_is_read_off_its_ids() -> None:
    assert names("2 weeks").period(NAT, NAT, "2013-W17", "2013-W19") == "from 22 Apr to 19 May 2013"
    assert names("500 rows").period(NAT, NAT, "rows-000003", "rows-000003") == "in block 3"
    assert names("1 day").period(NAT, NAT) == ""


def test_years_are_told_where_a_screen_holds_more_than_one() -> None:
    size = WindowSize(1, "day")
    one = WindowNames.spanning(size, "UTC", *at("2013-01-01", "2014-01-01"))
    two = WindowNames.spanning(size, "UTC", *at("2013-01-01", "2014-01-02"))
    assert (one.year, two.year, WindowNames.spanning(size, "UTC", NAT, NAT).year) == (False, True, True)
    assert one.text(*at("2013-05-01", "2013-05-02"), year=True) == "1 May 2013"


@pytest.mark.parametrize(
    ("size", "n", "words"),
    [("1 day", 14, "14 days"), ("1 week", 1, "1 week"), ("2 weeks", 3, "3 two-week windows"), ("6 hours", 1, "1 six-hour window"),
     ("90 days", 2, "2 windows of 90 days"), ("500 rows", 1200, "1,200 blocks"), ("whole", 1, "1 window")],
)  # fmt: skip
def test_counting_windows(size: str, n: int, words: str) -> None:
    assert names(size).count(n) == words


@given(
    size=st.sampled_from(["1 hour", "6 hours", "1 day", "3 days", "1 week", "2 weeks", "1 month", "5 months", "9 rows", "whole"]),
    start=st.integers(-(2**62), 2**62),
    length=st.integers(-(10**15), 10**15),
    timezone=st.sampled_from(["UTC", "America/New_York", "Pacific/Apia"]),
)
def test_any_bounds_have_a_name(size: str, start: int, length: int, timezone: str) -> None:
    called, low, high = names(size, timezone), np.datetime64(start, "us"), np.datetime64(start + length, "us")
    said = [
        called.text(low, high),
        called.the(low, high),
        called.within(low, high),
        called.period(low, high, "a", "b"),
        called.since(low, "a"),
    ]
    assert all(said)
    assert not any("NaT" in text or "None" in text for text in said)


def test_another_year_than_this_is_told_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.judgement.narration.windows.of_this_year", of_this_year)
    today = np.datetime64("now").astype("datetime64[D]")
    this = today.astype("datetime64[Y]").astype("datetime64[s]")
    day = np.timedelta64(1, "D")
    now = WindowNames.spanning(WindowSize(1, "week"), "UTC", this + 7 * day, this + 28 * day)
    then = WindowNames.spanning(WindowSize(1, "week"), "UTC", np.datetime64("2013-04-01"), np.datetime64("2013-06-03"))
    assert now.since(this + 7 * day) == "since 8 Jan"
    assert then.within(np.datetime64("2013-04-08"), np.datetime64("2013-04-15")) == "in the week of 8 Apr 2013"
    assert then.period(np.datetime64("2013-04-08"), np.datetime64("2013-05-06")) == "from 8 Apr to 5 May 2013"
    said = example(FindingKind.MISSING, before=0.01, after=0.22)
    assert headline(said, then) == "Amount is missing in 22% of rows since 1 Apr 2013"
    long = example(FindingKind.MISSING, label="A name of ten words that is as long as this", before=0.01, after=0.22)
    assert headline(long, then).endswith("… is missing in 22% of rows since 1 Apr 2013"), "a part of the name goes before the year does"
