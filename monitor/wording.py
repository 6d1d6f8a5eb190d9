"""How numbers, shares and windows are written for people: the same words on screens, charts and reports."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitor.vocabulary import WHOLE

NOTHING = "–"
"""What stands where there is no value."""
MOST = 1e300
"""Numbers farther from zero cannot be rounded to a few digits: the result may be none."""
LEAST = 1e-6
"""Numbers nearer to zero are written with a power of ten: nobody counts more zeros."""
JOINER = "\u2060"
"""An invisible letter (word joiner) that keeps apart what together would be read as an address, a link or a mention."""
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")

_HOUR = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_ROWS = re.compile(r"rows-(\d+)")


def number_text(value: float | None, digits: int = 3) -> str:
    """Write a number with at most `digits` significant digits and thousands separators.

    >>> number_text(12345.6), number_text(0.012345), number_text(0.00005), number_text(float("nan")), number_text(1.797e308)
    ('12,300', '0.0123', '0.00005', '–', '1.80e+308')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    if abs(value) > MOST:
        return f"{value:.{digits - 1}e}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    if abs(rounded) < LEAST:
        return f"{rounded:.{digits - 1}g}"
    text = f"{rounded:,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share_text(share: float | None, digits: int = 3) -> str:
    """Write a share in [0, 1] as a percentage.

    >>> share_text(0.12345), share_text(1.0), share_text(0.0000001)
    ('12.3%', '100%', '<0.001%')
    """
    if share is None or math.isnan(share):
        return NOTHING
    if 0 < abs(share) < 1e-5:
        return "<0.001%"
    return f"{number_text(share * 100, digits)}%"


def count_text(count: int) -> str:
    """Write a count exactly, with thousands separators.

    >>> count_text(336776)
    '336,776'
    """
    return f"{count:,d}"


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Write a count with its noun.

    >>> plural(1, "row"), plural(1200, "row"), plural(2, "category", "categories")
    ('1 row', '1,200 rows', '2 categories')
    """
    return f"{count_text(count)} {noun if count == 1 else nouns or noun + 's'}"


def list_text(names: Sequence[str], limit: int = 4) -> str:
    """Write names as people do, at most `limit` of them.

    >>> list_text(["a", "b", "c"]), list_text(["a", "b", "c"], limit=2)
    ('a, b and c', 'a, b and 1 more')
    """
    shown = [*names] if len(names) <= limit else [*names[:limit], f"{count_text(len(names) - limit)} more"]
    return shown[0] if len(shown) == 1 else " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown else ""


def day_text(day: date) -> str:
    """Write a day.

    >>> day_text(date(2013, 7, 5))
    '5 Jul 2013'
    """
    return f"{day.day} {day:%b} {day.year:04d}"


def moment_text(moment: datetime) -> str:
    """Write a moment on its own clock, to the minute.

    >>> moment_text(datetime(2013, 7, 5, 6, 30))
    '5 Jul 2013, 06:30'
    """
    return f"{day_text(moment)}, {moment:%H:%M}"


def local_text(moment: datetime, timezone: str) -> str:
    """Write a moment in UTC (naive or aware) on the case's clock.

    >>> local_text(datetime(2013, 7, 1, 4, 0), "America/New_York")
    '1 Jul 2013, 00:00'
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment_text(aware.astimezone(ZoneInfo(timezone)))


@lru_cache(maxsize=8192)
def window_unit(window: str) -> str:
    """Say which kind of window an id names: hour, day, week, month, rows, whole or other.

    >>> window_unit("2013-W17"), window_unit("rows-000012"), window_unit("before the release")
    ('week', 'rows', 'other')
    """
    if window == WHOLE:
        return WHOLE
    forms = {"hour": _HOUR, "day": _DAY, "week": _WEEK, "month": _MONTH, "rows": _ROWS}
    return next((unit for unit, form in forms.items() if form.fullmatch(window)), "other")


def common_unit(windows: Iterable[str]) -> str:
    """Say which kind of window all these ids name; "other" if they differ.

    >>> common_unit(["2013-W17", "2013-W18"]), common_unit(["2013-W17", "whole"])
    ('week', 'other')
    """
    units = {window_unit(window) for window in windows}
    return units.pop() if len(units) == 1 else "other"


@lru_cache(maxsize=8192)
def window_moment(window: str) -> datetime | None:
    """Return the first moment of a calendar window on the local clock (naive), None for other windows.

    >>> window_moment("2013-W17"), window_moment("rows-000001")
    (datetime.datetime(2013, 4, 22, 0, 0), None)
    """
    unit = window_unit(window)
    try:
        if unit == "week":
            return datetime.strptime(f"{window}-1", "%G-W%V-%u")  # noqa: DTZ007 - the case's own clock
        formats = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m"}
        return datetime.strptime(window, formats[unit]) if unit in formats else None  # noqa: DTZ007
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def window_text(window: str, *, year: bool = True) -> str:
    """Write a window id as people write it.

    >>> window_text("2013-W17"), window_text("2013-04-21T13"), window_text("2013-04"), window_text("whole")
    ('week of 22 Apr 2013', '21 Apr 2013, 13:00', 'Apr 2013', 'the whole period')
    """
    unit, moment = window_unit(window), window_moment(window)
    if unit == WHOLE:
        return "the whole period"
    if unit == "rows":
        return f"block {count_text(int(window.removeprefix('rows-')))}"
    if moment is None:
        return window
    day = day_text(moment) if year else day_text(moment).rsplit(" ", 1)[0]
    forms = {"week": f"week of {day}", "month": f"{moment:%b} {moment.year}", "hour": f"{day}, {moment:%H:00}"}
    return forms.get(unit, day)


def period_text(first: str, last: str) -> str:
    """Write the period from one window to another.

    >>> period_text("2013-04", "2013-12"), period_text("2013-W14", "2013-W17")
    ('Apr 2013 to Dec 2013', 'week of 1 Apr 2013 to week of 22 Apr 2013')
    """
    return window_text(first) if first == last else f"{window_text(first)} to {window_text(last)}"


def the_window(window: str) -> str:
    """Write a window with its article.

    >>> the_window("2013-W15"), the_window("2013-04")
    ('the week of 8 Apr 2013', 'Apr 2013')
    """
    text = window_text(window)
    return f"the {text}" if window_unit(window) == "week" else text
