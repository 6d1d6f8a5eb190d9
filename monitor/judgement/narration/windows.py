"""Names of windows and periods, from a window's own size and bounds, as people write dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from monitor.case import WindowSize
from monitor.judgement.narration.dates import (
    INSTANT,
    Span,
    add_months,
    clock_span,
    day,
    day_span,
    local,
    month,
    month_span,
    of_this_year,
    whole_months,
)
from monitor.vocabulary import WHOLE
from monitor.wording import plural, window_moment, window_text

_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
CLOCK_CHANGE = timedelta(hours=1)
"""How far bounds may lie from the size of a window because clocks were changed."""


@dataclass(frozen=True, slots=True)
class WindowNames:
    """How windows of one size are called on one clock.

    Times are UTC (numpy datetime64) and are shown on the clock of `timezone`; where there are none (NaT), the id of the window is read.
    `year` says whether dates carry their year; a period from one year to another always does.
    """

    size: WindowSize
    timezone: str = "UTC"
    year: bool = True
    beside: bool = False
    """Whether both sides lie in the same time: then they differ, and nothing changed since."""
    same: bool = False
    """Whether all windows lie in one year: then a date beside another one needs no year of its own."""

    labels: tuple[str, ...] = ()
    """What the columns beside each other are called: a name that is cut short is none that fits two of them."""

    @property
    def differ(self) -> str:
        """What columns do that are not alike on both sides, after "3 of 20 columns"."""
        return "differ" if self.beside else "changed"

    @classmethod
    def spanning(cls, size: WindowSize, timezone: str, first_start: np.datetime64, last_end: np.datetime64) -> WindowNames:
        """Return the names for a screen of windows: without years where all of it lies in this year.

        >>> early, late = np.datetime64("2013-03-01"), np.datetime64("2013-06-01")
        >>> names = WindowNames.spanning(WindowSize(1, "day"), "UTC", early, late)
        >>> names.undated.since(np.datetime64("2013-04-22"))
        'since 22 Apr'
        """
        first, last = local(first_start, timezone), local(last_end, timezone)
        if first is None or last is None or first.year != (last - INSTANT).year:
            return cls(size, timezone)
        return cls(size, timezone, year=not of_this_year(first, timezone), same=True)

    @property
    def undated(self) -> WindowNames:
        """The names of dates whose year is told already: without it, where all lie in the same."""
        return replace(self, year=False) if self.same else self

    def text(self, start: np.datetime64, end: np.datetime64, window: str = "", *, year: bool | None = None) -> str:
        """Name a window.

        >>> names = WindowNames(WindowSize(2, "week"))
        >>> names.text(np.datetime64("2013-04-22"), np.datetime64("2013-05-06"))
        '2 weeks from 22 Apr 2013'
        >>> names.text(np.datetime64("2013-04-22"), np.datetime64("2013-04-29"))
        '22 to 28 Apr 2013'
        """
        moment = self._moment(start, window)
        if moment is None:
            return window_text(WHOLE) if self.size.unit == "whole" else window_text(window) if window else "a window without a name"
        until = local(end, self.timezone)
        if until is not None and abs(until - self._after(moment)) > CLOCK_CHANGE:
            return self._span(moment, until, self._years(year)).text
        return self._named(moment, self._years(year))

    def the(self, start: np.datetime64, end: np.datetime64, window: str = "", *, year: bool | None = None) -> str:
        """Name a window with its article.

        >>> WindowNames(WindowSize(1, "week")).the(np.datetime64("2013-04-08"), np.datetime64("2013-04-15"))
        'the week of 8 Apr 2013'
        """
        text = self.text(start, end, window, year=year)
        article = self.size.calendar and self._own(start, end, window) and (self.size.unit == "week" or self.size.count > 1)
        return f"the {text}" if article else text

    def within(self, start: np.datetime64, end: np.datetime64, window: str = "", *, year: bool | None = None) -> str:
        """Say when, of one window.

        >>> noon = np.datetime64("2013-07-05T12"), np.datetime64("2013-07-05T13")
        >>> WindowNames(WindowSize(1, "hour")).within(*noon)
        'at 12:00 on 5 Jul 2013'
        >>> WindowNames(WindowSize(5000, "rows")).within(*noon, "rows-000012")
        'in block 12'
        """
        moment = self._moment(start, window)
        if moment is None:
            return f"in {self.text(start, end, window)}"
        if not self._own(start, end, window):
            return self.period(start, end, window, window, year=year)
        if self.size.count > 1 or self.size.unit not in ("hour", "day"):
            return f"in {self.the(start, end, window, year=year)}"
        return f"{'at' if self.size.unit == 'hour' else 'on'} {self._point(moment, self._years(year))}"

    def since(self, start: np.datetime64, window: str = "", *, year: bool | None = None) -> str:
        """Say since when, of what goes on; of hours with the clock time.

        >>> late = np.datetime64("2013-07-01T04:00")
        >>> WindowNames(WindowSize(1, "week"), "America/New_York").since(late)
        'since 1 Jul 2013'
        >>> WindowNames(WindowSize(6, "hour"), "America/New_York", year=False).since(late)
        'since 00:00 on 1 Jul'
        >>> WindowNames(WindowSize(5000, "rows")).since(late, "rows-000002")
        'since block 2 (1 Jul 2013)'
        >>> WindowNames(WindowSize(1, "week"), "America/New_York", beside=True).since(late)
        'from 1 Jul 2013 on'
        """
        if self.size.unit == "whole":
            return f"in {window_text(WHOLE)}"
        moment = self._moment(start, window)
        if moment is not None:
            return self._begun(self._point(moment, self._years(year)))
        begun = local(start, self.timezone)
        dated = f" ({day(begun, self._years(year))})" if begun is not None and window else ""
        name = self.text(start, start, window) if window else day(begun, self._years(year)) if begun is not None else ""
        return self._begun(f"{name}{dated}") if name else ""

    def _begun(self, point: str) -> str:
        return f"from {point} on" if self.beside else f"since {point}"

    def period(
        self,
        first_start: np.datetime64,
        last_end: np.datetime64,
        first_window: str = "",
        last_window: str = "",
        *,
        year: bool | None = None,
    ) -> str:
        """Say from when to when; of days and longer windows, the last day is the last that belongs to it.

        >>> june = np.datetime64("2013-06-15"), np.datetime64("2013-06-29")
        >>> WindowNames(WindowSize(1, "day")).period(*june), WindowNames(WindowSize(1, "week"), year=False).period(*june)
        ('from 15 to 28 Jun 2013', 'from 15 to 28 Jun')
        """
        if self.size.unit == "whole":
            return f"in {window_text(WHOLE)}"
        first, last = self._moment(first_start, first_window), self._moment(np.datetime64("NaT"), last_window)
        until = local(last_end, self.timezone) or (self._after(last) if last is not None else None)
        if first is None or until is None:
            return _blocks(window_text(first_window), window_text(last_window))
        return self._span(first, until, self._years(year)).when

    def count(self, n: int) -> str:
        """Count windows.

        >>> [WindowNames(WindowSize.parse(size)).count(3) for size in ("1 day", "2 weeks", "24 hours", "500 rows")]
        ['3 days', '3 two-week windows', '3 windows of 24 hours', '3 blocks']
        """
        count, unit = self.size.count, self.size.unit
        if not self.size.calendar:
            return plural(n, "block" if unit == "rows" else "window")
        if count == 1:
            return plural(n, unit)
        return plural(n, f"{_NUMBERS[count - 2]}-{unit} window") if count <= 12 else f"{plural(n, 'window')} of {count} {unit}s"

    def one(self, start: np.datetime64, end: np.datetime64) -> bool:
        """Say whether what lies between two bounds is no longer than one window; so it is where they are not known.

        >>> WindowNames(WindowSize(1, "week")).one(np.datetime64("2013-04-22"), np.datetime64("2013-04-29"))
        True
        """
        first, until = local(start, self.timezone), local(end, self.timezone)
        return first is None or until is None or not self.size.calendar or until <= self._after(first) + CLOCK_CHANGE

    def _years(self, year: bool | None) -> bool:
        return self.year if year is None else year

    def _moment(self, start: np.datetime64, window: str) -> datetime | None:
        """Return the start of a calendar window on the local clock."""
        return (local(start, self.timezone) or window_moment(window)) if self.size.calendar else None

    def _own(self, start: np.datetime64, end: np.datetime64, window: str) -> bool:
        """Say whether bounds are those of a window of this size."""
        moment, until = self._moment(start, window), local(end, self.timezone)
        return moment is not None and (until is None or abs(until - self._after(moment)) <= CLOCK_CHANGE)

    def _after(self, start: datetime) -> datetime:
        """Return the end of the window that starts then, on the local clock."""
        try:
            return add_months(start, self.size.count) if self.size.unit == "month" else start + self._length()
        except (OverflowError, ValueError):
            return start

    def _length(self) -> timedelta:
        """Return how long windows of whole hours, days or weeks are; those that no clock cuts have no length."""
        return timedelta(hours=self.size.hours) if self.size.hours is not None else timedelta(0)

    def _named(self, start: datetime, year: bool) -> str:
        count, unit = self.size.count, self.size.unit
        first = f"{day(start, year)}, {start:%H:%M}" if unit == "hour" else self._point(start, year)
        if count > 1:
            return f"{count} {unit}s from {first}"
        return f"week of {first}" if unit == "week" else first

    def _point(self, start: datetime, year: bool) -> str:
        if self.size.unit == "hour":
            return f"{start:%H:%M} on {day(start, year)}"
        return month(start, year) if self.size.unit == "month" else day(start, year)

    def _span(self, first: datetime, until: datetime, year: bool) -> Span:
        """Return from one moment to another, the second exclusive."""
        if self.size.unit == "hour":
            return clock_span(first, until, year)
        return month_span(first, until, year) if self.size.unit == "month" and whole_months(first, until) else day_span(first, until, year)


def _blocks(first: str, last: str) -> str:
    if not first or not last or first == last:
        return f"in {first or last}" if first or last else ""
    return f"from {first} to {last}"
