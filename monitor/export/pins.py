"""Pinned findings: kept beside a case, commented on, taken away and put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.export.pin import FORMAT, Pin, subject_of
from monitor.export.shelf import Shelf, Unreadable
from monitor.export.words import both_written, check_words

LONGEST_COMMENT = 4000
"""Letters that a comment may have."""


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins of a case, the newest first, and the files that are not readable."""

    pins: tuple[Pin, ...]
    unreadable: tuple[Unreadable, ...] = ()


_SHELF = Shelf("pin", TypeAdapter(Pin), FORMAT)


def pin(case: Case, kept: Pin) -> Pin:
    """Keep a pin (or replace the one with its id).

    Raises
    ------
    SourceError
        When it cannot be written.
    """
    _SHELF.keep(case, kept)
    return kept


def keep_once(case: Case, new: Pin) -> Pin:
    """Keep a pin; where one says the same of the same rows, renew that one instead: its id stays, and its comment
    stands before the new one (two that are too long together stay two pins).

    Raises
    ------
    SourceError
        When it cannot be written.
    """
    before = next((one for one in list_pins(case).pins if _said(one) == _said(new)), None)
    if before is None:
        return pin(case, new)
    comment = "\n\n".join(dict.fromkeys(text for one in (before, new) if (text := one.comment.strip())))
    if len(comment) > LONGEST_COMMENT:
        return pin(case, new)
    return pin(case, replace(new, id=before.id, created=before.created, comment=comment))


def _said(one: Pin) -> tuple[str, ...]:
    """Return what makes a pin the one it is: what it says, and of which rows, cut how."""
    settings, selections = one.provenance.get("settings"), one.provenance.get("selections")
    cut = [str(settings.get(name)) for name in ("windows", "against")] if isinstance(settings, Mapping) else []
    return one.analysis, subject_of(one), one.title, one.sentence, str(selections), *cut


def list_pins(case: Case, *, trashed: bool = False) -> Pins:
    """Return the pins of a case (or those that were taken away), the newest first."""
    found, unreadable = _SHELF.every(case, trashed=trashed)
    return Pins(tuple(reversed(found)), tuple(unreadable))


def comment(case: Case, pin_id: str, text: str, *, before: str | None = None) -> Pin:
    """Write a comment on a pin, in place of the one it has; where the writer saw another one (`before`), both stand there.

    Raises
    ------
    SelectionError
        When there is no such pin, or both are too long together.
    SourceError
        When its file cannot be read or written.
    """

    def commented(one: Pin) -> Pin:
        if before is None:
            return replace(one, comment=text)
        said = both_written(before, one.comment, text)
        check_words(said)
        return replace(one, comment=said)

    return _SHELF.change(case, pin_id, commented)


def unpin(case: Case, pin_id: str) -> Path:
    """Take a pin away: its file moves to the trash folder beside it; return where it is now.

    Raises
    ------
    SelectionError
        When there is no such pin.
    SourceError
        When it cannot be moved.
    """
    return _SHELF.take_away(case, pin_id)


def put_back(case: Case, pin_id: str) -> Path:
    """Put a pin back that was taken away; return where it is now.

    Raises
    ------
    SelectionError
        When it is not in the trash, or is back already.
    SourceError
        When it cannot be moved.
    """
    return _SHELF.put_back(case, pin_id)
