"""What people know of an incident: how far it is dealt with, by whom, whether the cause was right, and what helped.

A record is frozen; each change returns another one with a line in its history. `monitor.export.incident_records` keeps them as files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from monitor.engine.store import digest
from monitor.errors import SelectionError
from monitor.incidents.cause import Cause, Hypothesis
from monitor.judgement.finding import NO_TIME

FORMAT = 1
LONGEST = 4000
"""Letters that a text may have."""
MOST = 1000
"""Notes, links, lines of history and the like that a record may have."""
ID_LENGTH = 16
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


class Workflow(StrEnum):
    """How far an incident is dealt with."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class Answer(StrEnum):
    """What somebody said to "was this right?"."""

    NOT_ASKED = ""
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history: `who` changed `what` from `before` to `after`, at a moment (ISO 8601, UTC)."""

    at: str
    who: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote, at a moment (ISO 8601, UTC)."""

    at: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, and when (ISO 8601, UTC)."""

    who: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An incident as people deal with it. Moments are ISO 8601 in UTC, "" where there is none.

    Parameters
    ----------
    id : stable: a digest of case, cause, columns, segment and the day of the onset, as first found.
    cause, columns, segment, beside, start, end, share_rows : as last measured; `end` "" while it lasts. `onset`: as first found.
    detected : when it could be known: the end of the first window that an analysis alarmed about.
    reached : when each state of `workflow` was first reached.
    answer : to "was this right?"; `corrected` is the cause that somebody gave instead, `reason` why it was corrected or dismissed.
    known_as : what it is known as, where it is no fault ("season", "campaign").
    remedy, helped : what was done, and whether it helped (None: not said).
    merged_into : id of the record that it is told with; `split_off` keys of findings that are no part of it.
    """

    id: str
    case: str
    created: str
    cause: Cause
    columns: tuple[str, ...] = ()
    segment: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    onset: str = ""
    detected: str = ""
    start: str = ""
    end: str = ""
    share_rows: float | None = None
    workflow: Workflow = Workflow.OPENED
    reached: Mapping[Workflow, str] = field(default_factory=dict)
    owner: str = ""
    notes: tuple[Note, ...] = ()
    links: tuple[str, ...] = ()
    answer: Answer = Answer.NOT_ASKED
    corrected: Cause | None = None
    reason: str = ""
    known_as: str = ""
    remedy: str = ""
    helped: bool | None = None
    merged_into: str = ""
    split_off: tuple[str, ...] = ()
    history: tuple[Change, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no record can hold: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        texts = (self.case, self.owner, self.reason, self.known_as, self.remedy, *self.links, *(note.text for note in self.notes))
        if max(map(len, texts), default=0) > LONGEST:
            raise SelectionError(f"A text of an incident is longer than {LONGEST:,} letters. Shorten it, or link to it.")
        if max(map(len, (self.notes, self.links, self.history, self.split_off, self.columns))) > MOST:
            raise SelectionError(f"An incident has more than {MOST:,} notes, links or changes.")
        for link in self.links:
            check_link(link)
        for moment in (self.created, self.onset, self.detected, self.start, self.end, *self.reached.values()):
            to_moment(moment)

    @property
    def told_cause(self) -> Cause:
        """Return the cause that is told: the one given by hand, where there is one."""
        return self.corrected or self.cause

    @property
    def open(self) -> bool:
        """Whether somebody still has to deal with it."""
        return self.workflow not in (Workflow.RESOLVED, Workflow.DISMISSED) and not self.merged_into


def check_link(link: str) -> str:
    """Return a link that leads to a page, and nothing else.

    Raises
    ------
    SelectionError

    Examples
    --------
    >>> check_link("https://wiki.example/incident/7")
    'https://wiki.example/incident/7'
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not link.isprintable() or " " in link:
        raise SelectionError(f"'{link}' is no link to a page. Give one that begins with https:// or http://.")
    return link


def to_moment(text: str) -> np.datetime64:
    """Return a moment of a record, UTC; NaT for "".

    Raises
    ------
    SelectionError
        It is none.

    Examples
    --------
    >>> to_moment("2026-03-04T14:00:00Z")
    np.datetime64('2026-03-04T14:00:00.000000')
    """
    if text and not _MOMENT.fullmatch(text):
        raise SelectionError(f"'{text}' is no moment. Write it as 2026-03-04T14:00:00Z.")
    try:
        return np.datetime64(text.removesuffix("Z") or "NaT", "us")
    except ValueError as error:
        raise SelectionError(f"'{text}' is in no calendar. Write a moment as 2026-03-04T14:00:00Z.") from error


def to_text(moment: np.datetime64) -> str:
    """Write a moment as a record holds it.

    >>> to_text(np.datetime64("2026-03-04T14:00")), to_text(np.datetime64("NaT"))
    ('2026-03-04T14:00:00Z', '')
    """
    return "" if np.isnat(moment) else f"{moment.astype('datetime64[s]')}Z"


def incident_id(case: str, found: Hypothesis) -> str:
    """Return the stable id of an incident that is found for the first time."""
    day = str(found.start.astype("datetime64[D]"))
    segment = [sorted(found.segment.items()), sorted(found.beside)]
    return digest(case, found.cause.value, sorted(found.columns), segment, day)[:ID_LENGTH]


def opened(case: str, found: Hypothesis, by: By, *, detected: np.datetime64 = NO_TIME) -> Record:
    """Return the record of an incident that was not known; `detected`: when it could be known, UTC."""
    start = to_text(found.start)
    record = Record(id=incident_id(case, found), case=case, created=by.at, cause=found.cause, onset=start, detected=to_text(detected))
    return replace(measured(record, found), reached={Workflow.OPENED: by.at})


def measured(record: Record, found: Hypothesis) -> Record:
    """Return a record with what was measured anew; its id and what people said of it stay, and so does the cause that they gave another for
    where `found` is told with theirs."""
    return replace(
        record,
        cause=record.cause if found.cause is record.corrected else found.cause,
        columns=found.columns,
        segment=dict(found.segment),
        beside=found.beside,
        start=to_text(found.start),
        end=to_text(found.end),
        share_rows=found.share_rows if np.isfinite(found.share_rows) else None,
    )


def moved(record: Record, state: Workflow, by: By) -> Record:
    """Return a record in another state of its workflow; the first time of each stays."""
    changed = _changed(record, by, workflow=state)
    return replace(changed, reached={state: by.at, **record.reached})


def owned(record: Record, owner: str, by: By) -> Record:
    """Return a record with another owner."""
    return _changed(record, by, owner=owner.strip())


def noted(record: Record, text: str, by: By) -> Record:
    """Return a record with a further note.

    Raises
    ------
    SelectionError
        It is empty or too long.
    """
    return replace(record, notes=(*record.notes, note_of(text, by)))


def note_of(text: str, by: By) -> Note:
    """Return what somebody says.

    Raises
    ------
    SelectionError
        It is empty.
    """
    if not text.strip():
        raise SelectionError("The note is empty. Write what others should know.")
    return Note(by.at, by.who, text.strip())


def linked(record: Record, link: str, by: By) -> Record:
    """Return a record with a further link; one that it has is not added again.

    Raises
    ------
    SelectionError
        It does not lead to a page.
    """
    return _changed(record, by, links=tuple(dict.fromkeys((*record.links, check_link(link.strip())))))


def confirmed(record: Record, by: By) -> Record:
    """Return a record whose cause somebody confirmed."""
    return _changed(record, by, answer=Answer.CONFIRMED, corrected=None, reason="")


def corrected(record: Record, cause: Cause, by: By, *, reason: str = "") -> Record:
    """Return a record with the cause that somebody gave instead of the one found."""
    return _changed(record, by, answer=Answer.CORRECTED, corrected=cause, reason=reason.strip())


def dismissed(record: Record, reason: str, by: By) -> Record:
    """Return a record that somebody dismissed: nothing had to be done.

    Raises
    ------
    SelectionError
        No reason is given.
    """
    if not reason.strip():
        raise SelectionError("Say why the incident is dismissed: the next one like it will be told with your reason.")
    return moved(_changed(record, by, answer=Answer.DISMISSED, corrected=None, reason=reason.strip()), Workflow.DISMISSED, by)


def explained(record: Record, known_as: str, by: By) -> Record:
    """Return a record that is known as something that is no fault, such as a season or a campaign; "" takes that back."""
    return _changed(record, by, known_as=known_as.strip())


def remedied(record: Record, remedy: str, by: By, *, helped: bool | None = None) -> Record:
    """Return a record with what was done, and whether it helped."""
    return _changed(record, by, remedy=remedy.strip(), helped=helped)


def merged(record: Record, into: Record, by: By) -> Record:
    """Return a record that is told with another one.

    Raises
    ------
    SelectionError
        They are the same, or the other is itself told with one.
    """
    if record.id == into.id or into.merged_into:
        raise SelectionError(f"The incident '{record.id}' cannot be told with '{into.id}'. Choose one that stands on its own.")
    return _changed(record, by, merged_into=into.id)


def parted(record: Record, by: By) -> Record:
    """Return a record that stands on its own again."""
    return _changed(record, by, merged_into="")


def split(record: Record, keys: tuple[str, ...], by: By) -> Record:
    """Return a record without some findings (by their keys as evidence): they are no part of it, now and when it is measured again."""
    return _changed(record, by, split_off=tuple(dict.fromkeys((*record.split_off, *keys))))


def _changed(record: Record, by: By, **parts: Any) -> Record:
    """Return a record with some parts changed, and a line of history for each that is not what it was."""
    lines = [
        Change(by.at, by.who, name, _text(getattr(record, name)), _text(new)) for name, new in parts.items() if getattr(record, name) != new
    ]
    return replace(record, **parts, history=(*record.history, *lines))


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
