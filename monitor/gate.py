"""The one gate that everything passes which the screens write: who keeps it says whether somebody may, and notes that they did.

On a command line, and on a machine of one's own, nobody keeps it: whoever runs the program may do what the system lets them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol


class Right(IntEnum):
    """What somebody may do; each holds those before it."""

    LOOK = 1
    """Look at everything and download it."""
    WORK = 2
    """Pin, comment, work on incidents, tell stories and sign."""
    OWN = 3
    """Change settings, contracts, trust and alert rules, and make cases."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is about to be written: what it needs, what it is in words, its file, and the sha256 hex of what will stand in it."""

    right: Right
    what: str
    place: Path
    digest: str = ""


class Keeper(Protocol):
    """Who keeps the gate."""

    def ask(self, change: Change) -> None:
        """Note the change, or refuse it with an AccessError."""

    def failed(self, change: Change, why: str) -> None:
        """Note that a change that was let through could not be made."""


class _Gate:
    keeper: Keeper | None = None


def keep(keeper: Keeper | None) -> None:
    """Let somebody keep the gate of this process, or nobody."""
    _Gate.keeper = keeper


def kept() -> bool:
    """Say whether somebody keeps the gate."""
    return _Gate.keeper is not None


@contextmanager
def passing(right: Right, what: str, place: Path, content: bytes | None = None) -> Iterator[None]:
    """Stand around each write of something that people made.

    Raises
    ------
    AccessError
        Whoever asks may not, or that they did could not be noted.
    """
    keeper = _Gate.keeper
    if keeper is None:
        yield
        return
    change = Change(right, what, place, "" if content is None else sha256(content).hexdigest())
    keeper.ask(change)
    try:
        yield
    except BaseException as error:
        keeper.failed(change, type(error).__name__)
        raise
