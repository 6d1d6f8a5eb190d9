"""Records of incidents as files beside the case, as pins are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.export.files import moment_iso
from monitor.export.shelf import Shelf, Unreadable
from monitor.incidents.cause import Hypothesis
from monitor.incidents.memory import record_of
from monitor.incidents.record import FORMAT, ID_LENGTH, By, Record, measured, opened

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
