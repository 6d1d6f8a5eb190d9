"""What an incident of a known cause is called, with its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.incidents.cause import Hypothesis
from monitor.incidents.dated import time_text, told_from, told_until
from monitor.incidents.words import claim
from monitor.wording import window_moment, window_text, window_unit


def title_of(cause: Hypothesis, labels: Mapping[str, str], *, timezone: str, year: bool) -> str:
    """Return what an incident of a known cause is called, with its time."""
    return f"{claim(cause, labels)} {when_of(cause, timezone, year=year)}".rstrip()


def when_of(cause: Hypothesis, timezone: str, *, year: bool) -> str:
    """Write the time of a cause: "from 6 Mar to 13 Mar"."""
    return time_text(told_from(cause, timezone), told_until(cause, timezone), timezone=timezone, year=year)


def by_windows(cause: Hypothesis, ids: Sequence[str]) -> str:
    """Return since when, by the names of windows, where rows have no time."""
    if cause.held is None:
        return ""
    first, last = (window_text(ids[at]) for at in cause.held)
    if cause.ongoing:
        return f"since {first}"
    if first == last:
        return f"in {first}"
    moments = [window_moment(ids[at]) for at in cause.held]
    same = None not in moments and len({one.year for one in moments if one is not None}) == 1 and window_unit(ids[cause.held[0]]) != "month"
    return f"from {window_text(ids[cause.held[0]], year=not same)} to {last}"
