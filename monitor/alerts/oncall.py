"""Who owns a model, and who is called now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from monitor.case import Case
from monitor.case.alerting import AlertSection
from monitor.case.quiet import read_span
from monitor.incidents.owners import owners_in


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody's turn to be called: `who` until `until` (UTC), then `then`."""

    who: str
    until: datetime
    then: str


def turn_of(case: Case, moment: datetime) -> Turn | None:
    """Return whose turn it is at a moment (aware); None where nobody takes turns. Turns begin at midnight on the case's clock."""
    owners = case.ownership
    if owners is None or not owners.oncall:
        return None
    zone, length = ZoneInfo(case.timezone), read_span(owners.turn)
    first = datetime.combine(owners.since, time(0))
    local = moment.astimezone(zone).replace(tzinfo=None)
    at = (local - first) // length
    ends = (first + (at + 1) * length).replace(tzinfo=zone).astimezone(UTC)
    people = owners.oncall
    return Turn(people[at % len(people)], ends, people[(at + 1) % len(people)])


def owner_of(case: Case, rule: AlertSection | None = None, *, named: str = "", data: bool = False) -> str:
    """Return who deals with an incident: who took it, else whom the rule names, else the owner of the data or of the model, as `data` says;
    the page of the incident says the same (`monitor.incidents.owners`)."""
    return named or (rule.owner if rule else "") or owners_in(case).usual(data=data)


def owners_of(case: Case) -> Mapping[str, str]:
    """Return who owns what, by what it is; parts that nobody is named for are empty."""
    given = case.ownership
    model = "" if given is None else given.model
    return {
        "What it decides": "" if given is None else given.business,
        "The model": model or case.owner,
        "The data": "" if given is None else given.data,
    }
