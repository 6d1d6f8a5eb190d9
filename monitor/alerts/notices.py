"""What was told: one file beside the case for each incident and target, with every attempt."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.engine.store import digest
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable
from monitor.incidents.record import ID_LENGTH, to_moment
from monitor.vocabulary import Severity

FORMAT = 1
MOST = 200
"""Attempts that a notice keeps: the first ones and the last ones."""
LONGEST = 1000


def moment_of(text: str) -> datetime:
    """Return a moment of a notice, aware.

    >>> moment_of("2026-03-04T14:00:00Z")
    datetime.datetime(2026, 3, 4, 14, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


class Act(StrEnum):
    """What somebody is told."""

    OPENED = "opened"
    REPEATED = "repeated"
    ESCALATED = "escalated"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One attempt to tell somebody: at a moment (ISO 8601, UTC), to a `target`; `done` whether it got there, `error` why not ("" while it
    is not known: the attempt was cut off)."""

    at: str
    act: Act
    rule: str
    target: str
    owner: str = ""
    done: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one target was told of one incident. `held` is since when it waits for quiet hours to end ("": it does not)."""

    id: str
    case: str
    incident: str
    target: str
    title: str
    severity: Severity
    created: str
    held: str = ""
    tellings: tuple[Telling, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no notice can hold: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        texts = (self.case, self.title, self.target, self.incident, *(text for one in self.tellings for text in (one.rule, one.error)))
        if max(map(len, texts)) > LONGEST or len(self.tellings) > MOST:
            raise SelectionError(f"A notice has texts of at most {LONGEST:,} letters and at most {MOST} attempts.")
        for moment in (self.created, self.held, *(one.at for one in self.tellings)):
            to_moment(moment)

    @property
    def done(self) -> tuple[Telling, ...]:
        """What got there."""
        return tuple(one for one in self.tellings if one.done)

    @property
    def told(self) -> Telling | None:
        """When it was told first, since it was last told to be over; None where it was not."""
        last = next((at for at in reversed(range(len(self.done))) if self.done[at].act is Act.OVER), -1)
        return next((one for one in self.done[last + 1 :] if one.act is Act.OPENED), None)

    @property
    def waiting(self) -> bool:
        """Whether something was to be told, and did not get there: it was quiet, or it failed."""
        return bool(self.held) or (bool(self.tellings) and not self.done)

    @property
    def failed(self) -> str:
        """Why the last attempt did not get there; empty where it did, or none was made."""
        last = self.tellings[-1] if self.tellings else None
        return "" if last is None or last.done else last.error or "the attempt was cut off"

    def since(self, telling: Telling) -> tuple[Telling, ...]:
        """Return what got there from a telling on."""
        return self.done[self.done.index(telling) :]

    def with_telling(self, one: Telling) -> Notice:
        """Return it with a further attempt, or with the end of the one under way."""
        under_way = bool(self.tellings) and self.tellings[-1] == replace(one, done=False, error="")
        tellings = (*(self.tellings[:-1] if under_way else self.tellings), one)
        return replace(self, held="", tellings=(*tellings[: MOST // 2], *tellings[-MOST // 2 :]) if len(tellings) > MOST else tellings)


_SHELF = Shelf("notice", TypeAdapter(Notice), FORMAT, "notices", re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}"))


def notice_id(case: Case, incident: str, target: str) -> str:
    """Return what the notice of an incident to a target is called, everywhere: two of the same id are one message."""
    return digest("notice", case.name, incident, target)[:ID_LENGTH]


def list_notices(case: Case) -> tuple[tuple[Notice, ...], tuple[Unreadable, ...]]:
    """Return the notices of a case, the first first, and the files that are not readable."""
    found, unreadable = _SHELF.every(case)
    return tuple(sorted(found, key=lambda one: (one.created, one.id))), tuple(unreadable)


def keep_notice(case: Case, one: Notice) -> Notice:
    """Keep a notice (or replace the one with its id).

    Raises
    ------
    SourceError
        It cannot be written.
    """
    _SHELF.keep(case, one)
    return one
