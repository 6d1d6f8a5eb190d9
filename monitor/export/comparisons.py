"""Pinned comparisons: named choices of the global bar that a case keeps, in `comparisons/` inside its folder of pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable, born

FORMAT = 1
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A named comparison: `choices` are names and values of the address, without the case; `created` is UTC."""

    id: str
    created: str
    name: str
    choices: Mapping[str, str]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The comparisons of a case in order of their names, and the files that are not readable."""

    kept: tuple[Comparison, ...]
    unreadable: tuple[Unreadable, ...] = ()

    def named(self, name: str) -> Comparison | None:
        """Return the comparison of that name."""
        return next((one for one in self.kept if one.name == name), None)


_SHELF = Shelf("comparison", TypeAdapter(Comparison), FORMAT, "comparisons")


def pin_comparison(case: Case, name: str, choices: Mapping[str, str]) -> Comparison:
    """Keep the choices of the bar under a name.

    Raises
    ------
    SelectionError
        The name is empty, too long or taken.
    SourceError
        It cannot be written.
    """
    known, title = list_comparisons(case), " ".join(name.split())
    if not title or len(title) > LONGEST_NAME:
        raise SelectionError(f"Give the comparison a name of 1 to {LONGEST_NAME} letters.")
    if known.named(title) is not None:
        raise SelectionError(f"There is a comparison called '{title}'. Choose another name, or unpin that one first.")
    now = born()
    made = Comparison(id=now.id, created=now.created, name=title, choices={str(key): str(value) for key, value in choices.items()})
    _SHELF.keep(case, made)
    return made


def list_comparisons(case: Case) -> Comparisons:
    """Return the comparisons of a case."""
    found, unreadable = _SHELF.every(case)
    return Comparisons(tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id))), tuple(unreadable))


def unpin_comparison(case: Case, comparison_id: str) -> Path:
    """Take a comparison away: its file moves to the trash folder beside it; return where it is now.

    Raises
    ------
    SelectionError
        There is no such comparison.
    SourceError
        It cannot be moved.
    """
    return _SHELF.take_away(case, comparison_id)
