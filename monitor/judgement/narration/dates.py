"""Days, months and spans of time on a local clock, as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in words: `first` and `last`, which is empty where both would read the same; `at` is how one point is told ("on")."""

    first: str
    last: str = ""
    at: str = "on"

    @property
    def text(self) -> str:
        """The span as a name: "15 to 28 Jun 2013"."""
        return f"{self.first} to {self.last}" if self.last else self.first

    @property
    def when(self) -> str:
        """The span as a time: "from 15 to 28 Jun 2013", "on 5 Jul 2013"."""
        return f"{'from' if self.last else self.at} {self.text}"


def local(moment: np.datetime64, timezone: str) -> datetime | None:
    """Return a moment in UTC on a clock; None for NaT and for what lies outside the calendar.

    >>> local(np.datetime64("2013-07-01T04:00"), "America/New_York")
    datetime.datetime(2013, 7, 1, 0, 0)
    """
    stamp = None if np.isnat(moment) else moment.astype("datetime64[us]").astype(object)
    if not isinstance(stamp, datetime):
        return None
    try:
        return stamp.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return None


def of_this_year(moment: datetime, timezone: str) -> bool:
    """Say whether a moment on a clock lies in the year that it is there today: only then is a date told without its year.

    >>> of_this_year(datetime(2013, 7, 5), "UTC")
    False
    """
    return moment.year == datetime.now(ZoneInfo(timezone)).year


def day(moment: datetime, year: bool) -> str:
    """Write a day.

    >>> day(datetime(2013, 7, 5), True), day(datetime(2013, 7, 5), False)
    ('5 Jul 2013', '5 Jul')
    """
    return f"{moment.day} {moment:%b}" + (f" {moment.year}" if year else "")


def month(moment: datetime, year: bool) -> str:
    """Write a month.

    >>> month(datetime(2013, 7, 5), True)
    'Jul 2013'
    """
    return f"{moment:%b}" + (f" {moment.year}" if year else "")


def add_months(start: datetime, count: int) -> datetime:
    """Return the first day of a month, so many months later.

    >>> add_months(datetime(2013, 11, 1), 3)
    datetime.datetime(2014, 2, 1, 0, 0)
    """
    years, month_ = divmod(start.month - 1 + count, 12)
    return start.replace(year=start.year + years, month=month_ + 1, day=1)


def whole_months(first: datetime, until: datetime) -> bool:
    """Say whether two moments, the second exclusive, bound whole months.

    >>> whole_months(datetime(2013, 4, 1), datetime(2013, 6, 1))
    True
    """
    return first.day == 1 and until.day == 1


def day_span(first: datetime, until: datetime, year: bool) -> Span:
    """Return the days from one moment to another, the second exclusive.

    >>> day_span(datetime(2013, 6, 15), datetime(2013, 6, 29), True).when
    'from 15 to 28 Jun 2013'
    >>> day_span(datetime(2013, 12, 30), datetime(2014, 1, 2), False).when
    'from 30 Dec 2013 to 1 Jan 2014'
    """
    last = max(first, until - INSTANT)
    both = first.year != last.year
    if first.date() == last.date():
        return Span(day(first, year))
    if (first.year, first.month) == (last.year, last.month):
        return Span(str(first.day), day(last, year))
    return Span(day(first, both), day(last, year or both))


def month_span(first: datetime, until: datetime, year: bool) -> Span:
    """Return the months from one moment to another, the second exclusive.

    >>> month_span(datetime(2013, 4, 1), datetime(2013, 10, 1), True).when
    'from Apr to Sep 2013'
    >>> month_span(datetime(2013, 4, 1), datetime(2013, 5, 1), False).when
    'in Apr'
    """
    last = max(first, until - INSTANT)
    both = first.year != last.year
    if (first.year, first.month) == (last.year, last.month):
        return Span(month(first, year), at="in")
    return Span(month(first, both), month(last, year or both))


def clock_span(first: datetime, until: datetime, year: bool) -> Span:
    """Return the hours from one moment to another.

    >>> clock_span(datetime(2013, 3, 3, 22), datetime(2013, 3, 4, 4), True).when
    'from 22:00 on 3 Mar to 04:00 on 4 Mar 2013'
    >>> clock_span(datetime(2013, 3, 3, 22), datetime(2013, 3, 4), True).when
    'from 22:00 to 24:00 on 3 Mar 2013'
    """
    last = max(first, until - INSTANT)
    both = first.year != last.year
    end = "24:00" if until.date() > last.date() else f"{max(first, until):%H:%M}"
    if first.date() == last.date():
        return Span(f"{first:%H:%M}", f"{end} on {day(first, year)}")
    return Span(f"{first:%H:%M} on {day(first, both)}", f"{end} on {day(last, year or both)}")
