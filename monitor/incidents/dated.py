"""When an incident was, as people write it: since when, how long, and what came true in turn."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from monitor.incidents.cause import Hypothesis
from monitor.judgement.narration.dates import INSTANT, day, day_span, local
from monitor.wording import count_text, share_text

CLOSE = timedelta(hours=1)
"""Time to midnight that no row of a segment need fall in."""


def time_text(start: np.datetime64, end: np.datetime64, *, timezone: str, year: bool) -> str:
    """Say when, to the minute where it is not midnight: "since 14:00 on 4 Mar", "from 4 Mar to 13:00 on 9 Mar".

    >>> first, last = np.datetime64("2013-03-04T14:00"), np.datetime64("2013-03-09T00:00")
    >>> time_text(first, last, timezone="UTC", year=False), time_text(first, np.datetime64("NaT"), timezone="UTC", year=True)
    ('from 14:00 on 4 Mar to 8 Mar', 'since 14:00 on 4 Mar 2013')
    >>> time_text(first, last, timezone="UTC", year=True)
    'from 14:00 on 4 Mar to 8 Mar 2013'
    """
    first, last = (point_text(one, timezone, year=year, ends=ends) for one, ends in ((start, False), (end, True)))
    if not last:
        return f"since {first}" if first else ""
    if not first:
        return f"until {last}"
    if first == last:
        return f"on {first}"
    return f"from {point_text(start, timezone, year=year and not same_year(start, end, timezone))} to {last}"


def same_year(start: np.datetime64, end: np.datetime64, timezone: str) -> bool:
    """Say whether two moments lie in one year on a clock; not where one is not known."""
    first, last = local(start, timezone), local(end, timezone)
    return first is not None and last is not None and first.year == (last - INSTANT).year


def lasting_text(until: np.datetime64, timezone: str, *, year: bool) -> str:
    """Say how long what labels show lasts at least; empty where nothing is missing.

    >>> lasting_text(np.datetime64("2026-05-16T23:41"), "UTC", year=False)
    'to 16 May at least'
    """
    told = day_text_of(until, timezone, year=year)
    return f"to {told} at least" if told else ""


def told_from(cause: Hypothesis, timezone: str) -> np.datetime64:
    """Return when people say that it began: the midnight before its first row, or less than CLOSE after it, else the full hour before it,
    where that lies within the bounds of its onset; else that row. Of a version that rows name it is its first row.

    >>> from monitor.vocabulary import Cause
    >>> early, late = np.datetime64("2026-03-04T23:41"), np.datetime64("2026-03-05T00:12")
    >>> str(told_from(Hypothesis(cause=Cause.CLIPPED, start=late, onset_lower=early, onset_upper=late), "UTC"))
    '2026-03-05T00:00:00.000000'
    """
    first, before, after = (local(one, timezone) for one in (cause.start, cause.onset_lower, cause.onset_upper))
    if cause.version or first is None or before is None or after is None or not before <= first <= after:
        return cause.start
    midnight, hour = first.replace(hour=0, minute=0, second=0, microsecond=0), first.replace(minute=0, second=0, microsecond=0)
    next_ = midnight + timedelta(days=1)
    near = (next_,) if next_ - first <= CLOSE else ()
    round_ = next((one for one in (midnight, *near, hour) if before <= one <= after), first)
    return cause.start + np.timedelta64(int((round_ - first) / timedelta(microseconds=1)), "us")


def told_until(cause: Hypothesis, timezone: str) -> np.datetime64:
    """Return when people say that it ended: at midnight where its last row lies less than CLOSE before, else after that row."""
    last = local(cause.end, timezone)
    if last is None:
        return cause.end
    midnight = last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    rest = midnight - last
    return cause.end + np.timedelta64(int(rest / timedelta(microseconds=1)), "us") if rest <= CLOSE else cause.end


def point_text(moment: np.datetime64, timezone: str, *, year: bool, ends: bool = False) -> str:
    """Write a moment on a clock, empty for NaT; of an end at midnight the day before it."""
    told = local(moment, timezone)
    if told is None:
        return ""
    if told.hour or told.minute:
        return f"{told:%H:%M} on {day(told, year)}"
    before = local(moment - np.timedelta64(1, "us"), timezone) if ends else told
    return day(before or told, year)


def day_text_of(moment: np.datetime64, timezone: str, *, year: bool) -> str:
    """Write the day of a moment on a clock, empty for NaT."""
    told = local(moment, timezone)
    return "" if told is None else day(told, year)


def parts_text(cause: Hypothesis, timezone: str, *, year: bool) -> str:
    """Say what came true in turn beside what was expected, each with its days; empty where nothing is known in parts."""
    of = "are positive" if cause.proof is not None and cause.proof.measure == "labels" else "are answered wrong"
    told: list[str] = []
    for one in cause.parts:
        first, until = local(one.start, timezone), local(one.end, timezone)
        days = day_span(first, until + INSTANT, year and not told).when if first is not None and until is not None else ""
        rows = f"of {count_text(one.rows)} labelled rows {of}" if not told else f"of {count_text(one.rows)}"
        told.append(f"{days} {share_text(one.share, 2)} {rows}, {share_text(one.expected, 2)} expected".strip())
    return "; ".join(told)
