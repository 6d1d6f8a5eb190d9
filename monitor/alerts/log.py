"""Who was told of what and when, and who took it: what the page shows and `driftscope alert log` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.alerts.notices import Notice, Telling
from monitor.case import Case
from monitor.errors import SelectionError, nearest
from monitor.export.incident_records import by, change_incident
from monitor.incidents.record import Record, Workflow, moved, owned


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One attempt to tell somebody of an incident, how far that is dealt with by now, and who took it and when ("": nobody did)."""

    title: str
    incident: str
    telling: Telling
    workflow: Workflow = Workflow.OPENED
    taken_by: str = ""
    taken_at: str = ""


def told_of(notices: Sequence[Notice], records: Sequence[Record]) -> tuple[Told, ...]:
    """Return every attempt to tell somebody, the last first."""
    known = {one.id: one for one in records}
    found = [_told(one, telling, known.get(one.incident)) for one in notices for telling in one.tellings]
    return tuple(sorted(found, key=lambda one: one.telling.at, reverse=True))


def _told(notice: Notice, telling: Telling, record: Record | None) -> Told:
    one = Told(title=notice.title, incident=notice.incident, telling=telling)
    if record is None:
        return one
    line = next((each for each in record.history if each.what == "workflow"), None)
    return replace(one, workflow=record.workflow, taken_by=line.who if line else "", taken_at=line.at if line else "")


def take(case: Case, records: Sequence[Record], incident: str, who: str) -> Record:
    """Let somebody take an incident that was told: it is told no more until it is over.

    Raises
    ------
    SelectionError
        Nobody was told of such an incident, several begin with these letters, it is settled, or no name is given.
    SourceError
        Its record cannot be read or written.
    """
    if not who.strip():
        raise SelectionError("Say who takes the incident: others will ask that person.")
    found = [one for one in records if incident and one.id.startswith(incident)]
    if len(found) != 1:
        known = [one.id for one in records]
        why = "Several incidents begin" if found else "There is no record of an incident that begins"
        raise SelectionError(f"{why} with '{incident}'.{nearest(incident, known)} 'driftscope alert log' lists those that were told.")
    if found[0].workflow is not Workflow.OPENED:
        raise SelectionError(f"The incident '{found[0].id}' is {found[0].workflow.value} already; its page says by whom.")
    person = by(who.strip())
    return change_incident(case, found[0].id, lambda one: owned(moved(one, Workflow.ACKNOWLEDGED, person), one.owner or person.who, person))
