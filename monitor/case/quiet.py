"""When nobody wants to be woken, and how long a span of time is: as rules of alerts write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.errors import SettingError, nearest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_SHORT = {"m": "minute", "min": "minute", "h": "hour", "d": "day", "w": "week"}
_SPAN = re.compile(r"\s*(\d{1,4})\s*([a-z]+?)s?\s*", re.IGNORECASE)
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_LONGEST = 8
"""Days after which the end of quiet hours is looked for no more: a whole week that is quiet never ends."""


def read_span(text: str) -> timedelta:
    """Read "30 minutes", "4 hours", "1 day" or "1 week".

    Raises
    ------
    SettingError
        It is none of these.

    >>> read_span("4 hours"), read_span("1d")
    (datetime.timedelta(seconds=14400), datetime.timedelta(days=1))
    """
    match = _SPAN.fullmatch(text)
    unit = "" if match is None else _SHORT.get(match[2].lower(), match[2].lower())
    if match is None or unit not in UNIT_SECONDS or int(match[1]) == 0:
        raise SettingError(f"'{text}' is no span of time. Write one such as '30 minutes', '4 hours', '1 day' or '1 week'.")
    return timedelta(seconds=int(match[1]) * UNIT_SECONDS[unit])


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of some days in which nobody is told: from `start` on the clock of `zone` ("": that of the case) to `end`, on the next day if
    that is not later; both None: the whole day. `days` are those on which it begins, 0 Monday."""

    days: frozenset[int]
    start: time | None
    end: time | None
    zone: str = ""

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """Read "22:00-07:00", "Sat,Sun", "Mon-Fri 20:00-08:00" or "22:00-07:00 Europe/Berlin".

        Raises
        ------
        SettingError
            It is none of these.
        """
        days, zone = frozenset(range(7)), ""
        hours: tuple[time | None, time | None] = (None, None)
        parts = text.split()
        if parts and not parts[0][:1].isdigit():
            days = _days(parts.pop(0), text)
        if parts and (match := _HOURS.fullmatch(parts[0])):
            hours = _clock(match[1], match[2], text), _clock(match[3], match[4], text)
            parts.pop(0)
        if parts and (zone := parts.pop(0)):
            _check_zone(zone)
        if parts or not text.strip() or (hours == (None, None) and len(days) == 7):
            raise SettingError(_refused(text))
        return cls(days, *hours, zone)

    def until(self, moment: datetime, timezone: str) -> datetime | None:
        """Return when it ends, UTC, if it holds at a moment (aware); None if it does not.

        >>> Quiet.parse("22:00-07:00").until(datetime(2026, 3, 4, 23, 0, tzinfo=UTC), "UTC")
        datetime.datetime(2026, 3, 5, 7, 0, tzinfo=datetime.timezone.utc)
        """
        zone = ZoneInfo(self.zone or timezone)
        today = moment.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            begins, ends = self._on(day, zone)
            if day.weekday() in self.days and begins <= moment < ends:
                return ends
        return None

    def _on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the bounds, UTC, of what begins on a day; an hour that the clock leaves out or has twice is taken as the clock's first."""
        over_night = self.start is None or self.end is None or self.end <= self.start
        last = day + timedelta(days=1) if over_night else day
        bounds = (day, self.start or time(0)), (last, self.end or time(0))
        first, second = (datetime.combine(*one, tzinfo=zone).astimezone(UTC) for one in bounds)
        return first, second


def quiet_until(quiet: tuple[Quiet, ...], moment: datetime, timezone: str) -> datetime | None:
    """Return when somebody may be told, UTC, if any quiet hours hold at a moment; None if none do. Hours that follow each other are one."""
    ends, last = moment, moment + timedelta(days=_LONGEST)
    while ends < last:
        further = [until for one in quiet if (until := one.until(ends, timezone)) is not None]
        if not further:
            break
        ends = max(further)
    return None if ends == moment else ends


def _days(text: str, whole: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first[:3] not in DAYS or (last or first)[:3] not in DAYS:
            raise SettingError(_refused(whole))
        low, high = DAYS.index(first[:3]), DAYS.index((last or first)[:3])
        found |= {(low + step) % 7 for step in range((high - low) % 7 + 1)}
    return frozenset(found)


def _clock(hours: str, minutes: str, whole: str) -> time:
    if hours == "24" and minutes == "00":
        return time(0)
    if int(hours) > 23 or int(minutes) > 59:
        raise SettingError(_refused(whole))
    return time(int(hours), int(minutes))


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(f"The time zone '{zone}' of quiet hours is unknown.{nearest(zone, ('UTC', 'Europe/Berlin'))}") from error


def _refused(text: str) -> str:
    return f"'{text}' are no quiet hours. Write '22:00-07:00', 'Sat,Sun' or 'Mon-Fri 20:00-08:00 Europe/Berlin'."
