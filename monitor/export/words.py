"""Words that people write beside what was computed: how long they may be, and what happens when two write at once."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from monitor.errors import SelectionError
from monitor.incidents.record import LONGEST, MOST, By, Change

ANALYST = "analyst"
"""Who changes something on a machine that does not say who is at it."""


def account() -> str:
    """Return the name of the account that this program runs under."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ANALYST


def both_written(before: str, theirs: str, mine: str) -> str:
    r"""Return what stands after somebody wrote `mine` in place of `before`, where meanwhile it became `theirs`: nobody's words are lost.

    Examples
    --------
    >>> both_written("", "", "mine"), both_written("", "theirs", "mine"), both_written("old", "old", "")
    ('mine', 'theirs\n\nmine', '')
    """
    if theirs in (before, mine):
        return mine
    return theirs if not mine.strip() or mine in theirs else f"{theirs}\n\n{mine}"


def check_words(*texts: str) -> None:
    """Refuse texts that are longer than a record can hold.

    Raises
    ------
    SelectionError
    """
    longest = max(map(len, texts), default=0)
    if longest > LONGEST:
        raise SelectionError(f"A text has {longest:,} letters, and at most {LONGEST:,} are kept. Shorten it.")


def with_line(history: Sequence[Change], by: By, what: str, before: str, after: str) -> tuple[Change, ...]:
    """Return a history with a further line, where something changed; of very many lines the first go."""
    if before == after:
        return tuple(history)
    return (*history, Change(by.at, by.who, what, before, after))[-MOST:]
