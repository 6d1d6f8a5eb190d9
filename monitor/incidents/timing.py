"""How long an incident took: until it could be known, until somebody dealt with it, until it was over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.incidents.incident import Incident
from monitor.incidents.record import Workflow, to_moment
from monitor.wording import number_text, plural

AT_ONCE = "at once"
_HOUR = np.timedelta64(1, "h")
LEAST = 1 / 60
"""Hours below which nothing is said: the click that marks a step has then opened the record as well."""
DONE = (Workflow.ACKNOWLEDGED, Workflow.MITIGATED, Workflow.RESOLVED, Workflow.DISMISSED)
"""What people do, in its order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was reached, and `hours` since what it is counted from."""

    name: str
    hours: float
    since: str

    @property
    def text(self) -> str:
        """Say it: "could be known 2.5 days after it began"."""
        told = hours_text(self.hours)
        return f"{self.name} {told}" if told == AT_ONCE else f"{self.name} {told} after it {self.since}"


def steps_of(one: Incident) -> tuple[Step, ...]:
    """Return the steps that were reached: when it could be known, counted from its onset, and what people did since it was opened."""
    found = []
    if not np.isnat(one.detected) and not np.isnat(one.told.start):
        found.append(Step("could be known", float((one.detected - one.told.start) / _HOUR), "began"))
    return (*found, *_done(one))


def _done(one: Incident) -> Iterator[Step]:
    """Return what people did since it was opened, in its order; what was marked before what comes before it tells no time."""
    reached = {} if one.record is None else one.record.reached
    opened = reached.get(Workflow.OPENED)
    last = LEAST
    for state in DONE if opened else ():
        if state not in reached:
            continue
        hours = float((to_moment(reached[state]) - to_moment(opened or "")) / _HOUR)
        if hours >= last:
            yield Step(f"was {state.value}", hours, "was opened")
            last = hours


def hours_text(hours: float) -> str:
    """Write a length of time in the unit that people would use.

    >>> [hours_text(one) for one in (0.0, 0.1, 1.0, 30.0, 60.0)]
    ['at once', '6 minutes', '1 hour', '30 hours', '2.5 days']
    """
    if hours < LEAST:
        return AT_ONCE
    for size, unit in ((1 / 60, "minute"), (1.0, "hour"), (24.0, "day")):
        count = hours / size
        if unit == "day" or count < {"minute": 60, "hour": 48}[unit]:
            break
    told = number_text(count, 2)
    return plural(int(count), unit) if told == str(int(count)) else f"{told} {unit}s"
