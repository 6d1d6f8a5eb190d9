"""What people make of a pinned finding together: who deals with it, how far it is, what each of them said, and who changed what.

One file per pin, beside the pins. Remarks are only ever added, so that nobody's words are lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.pin import Pin
from monitor.export.shelf import Shelf, Unreadable
from monitor.export.words import check_words, with_line
from monitor.incidents.record import MOST, By, Change, Note, note_of

FORMAT = 1


class Step(StrEnum):
    """How far a finding is dealt with."""

    OPEN = "open"
    IN_WORK = "in work"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """What was said of a pin; `id` is the pin's, moments are ISO 8601, UTC."""

    id: str
    case: str
    assignee: str = ""
    step: Step = Step.OPEN
    remarks: tuple[Note, ...] = ()
    history: tuple[Change, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no discussion can hold: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        check_words(self.assignee, *(one.text for one in self.remarks))
        if max(len(self.remarks), len(self.history)) > MOST:
            raise SelectionError(f"A finding has more than {MOST:,} remarks. Close it, and pin it anew.")


@dataclass(frozen=True, slots=True)
class Discussions:
    """What was said of the pins of a case, by their ids, and the files that are not readable."""

    of: dict[str, Discussion]
    unreadable: tuple[Unreadable, ...] = ()


_SHELF = Shelf("discussion", TypeAdapter(Discussion), FORMAT, "discussions")


def list_discussions(case: Case) -> Discussions:
    """Return what was said of the pins of a case."""
    found, unreadable = _SHELF.every(case)
    return Discussions({one.id: one for one in found}, tuple(unreadable))


def discuss(case: Case, pin: Pin, change: Callable[[Discussion], Discussion]) -> Discussion:
    """Change what is said of a pin, as it lies in its file now.

    Raises
    ------
    SelectionError
        The change is refused.
    SourceError
        Its file cannot be read or written.
    """
    return _SHELF.change(case, pin.id, change, new=Discussion(id=pin.id, case=case.name))


def assigned(now: Discussion, assignee: str, by: By) -> Discussion:
    """Return a discussion that somebody else deals with."""
    text = assignee.strip()
    return replace(now, assignee=text, history=with_line(now.history, by, "assignee", now.assignee, text))


def stepped(now: Discussion, step: Step, by: By) -> Discussion:
    """Return a discussion that is further, or back again."""
    return replace(now, step=step, history=with_line(now.history, by, "state", now.step.value, step.value))


def remarked(now: Discussion, text: str, by: By) -> Discussion:
    """Return a discussion with a further remark.

    Raises
    ------
    SelectionError
        It is empty or too long.
    """
    return replace(now, remarks=(*now.remarks, note_of(text, by)))
