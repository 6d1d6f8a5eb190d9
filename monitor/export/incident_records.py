"""Records of incidents as files beside the case, as pins are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from monitor.case import Case, load_case, save_case
from monitor.case.model import Annotation
from monitor.errors import SourceError
from monitor.export.files import moment_iso
from monitor.export.shelf import Shelf, Unreadable
from monitor.gate import Right
from monitor.incidents.cause import Hypothesis
from monitor.incidents.incident import Incident
from monitor.incidents.memory import record_of
from monitor.incidents.record import FORMAT, ID_LENGTH, LONGEST, By, Record, measured, opened
from monitor.judgement.narration.dates import local

KNOWN = "known"
"""Kind of the annotations that say what an incident is known as."""
_SHELF = Shelf("record of an incident", TypeAdapter(Record), FORMAT, "incidents", re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}"))


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a case, the first that was found first, and the files that are not readable."""

    records: tuple[Record, ...]
    unreadable: tuple[Unreadable, ...] = ()

    def of(self, record_id: str) -> Record | None:
        """Return one by its id; None where there is none."""
        return next((one for one in self.records if one.id == record_id), None)


def by(who: str) -> By:
    """Return somebody who changes something now."""
    return By(who, moment_iso(datetime.now(UTC).replace(microsecond=0)))


def list_incidents(case: Case) -> Records:
    """Return what is kept of a case's incidents."""
    found, unreadable = _SHELF.every(case)
    return Records(tuple(sorted(found, key=lambda one: (one.created, one.id))), tuple(unreadable))


def keep_incident(case: Case, record: Record) -> Record:
    """Keep a record (or replace the one with its id).

    Raises
    ------
    SourceError
        It cannot be written.
    """
    _SHELF.keep(case, record)
    return record


def note_known(case: Case, one: Incident, known_as: str) -> None:
    """Write what an incident is known as into the case's annotations, where every chart tells it; nothing else of case.toml changes.

    Raises
    ------
    CaseError, SourceError
        The file cannot be read as it stands now, or not be written.
    """
    start, end = (local(moment, case.timezone) for moment in (one.told.start, one.told.end))
    if start is None:
        return
    fresh = load_case(case.root)
    note = Annotation(start=start, end=end, kind=KNOWN, text=f"{known_as}: {one.claim}"[:LONGEST])
    if note not in fresh.annotations:
        try:
            save_case(replace(fresh, annotations=(*fresh.annotations, note)), right=Right.WORK)
        except OSError as error:
            raise SourceError(f"The case file of '{case.name}' cannot be written: {error}. Add the annotation by hand.") from error


def found_again(records: Records, case: Case, found: Hypothesis, who: By) -> Record:
    """Return the record of an incident that was measured: the one that is kept, with what is new, or a new one. Nothing is written."""
    known = record_of(case.name, found, records.records)
    return opened(case.name, found, who) if known is None else measured(known, found)


def change_incident(case: Case, record_id: str, change: Callable[[Record], Record], *, new: Record | None = None) -> Record:
    """Change a record as it lies in its file now (`new` where there is none yet), and keep it.

    Raises
    ------
    SelectionError
        There is none with that id, or the change is refused.
    SourceError
        Its file cannot be read or written.
    """
    return _SHELF.change(case, record_id, change, new=new)
