"""Segments by pick lists: a condition as columns with the values that were picked, beside what was written by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.engine import both_conditions

_NAME, _TEXT = r'"(?:[^"]|"")+"', r"'(?:[^']|'')*'"
_PICK = re.compile(rf"\s*({_NAME}) IN \(({_TEXT}(?:, {_TEXT})*)\)")
_VALUE = re.compile(_TEXT)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Pick:
    """A column and the values of it that are looked at."""

    column: str
    values: tuple[str, ...]

    @property
    def sql(self) -> str:
        """The same as a condition."""
        values = ", ".join("'" + one.replace("'", "''") + "'" for one in self.values)
        return f'"{self.column.replace(chr(34), chr(34) * 2)}" IN ({values})'

    def told(self, label: str) -> str:
        """Return the same in words; `label` is what the column is called."""
        more = len(self.values) - _SHOWN
        shown = self.values if more <= 0 else (*self.values[:_SHOWN], f"{more} more")
        return f"{label} is {' or '.join(shown)}"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a condition says: values that were picked, and what was written by hand (empty if nothing was)."""

    picks: tuple[Pick, ...] = ()
    written: str = ""

    def picked(self, column: str) -> tuple[str, ...]:
        """Return the values that are picked of a column."""
        return next((one.values for one in self.picks if one.column == column), ())

    def pick(self, column: str, values: Sequence[str]) -> Condition:
        """Return the condition with other values of a column; none takes the column out."""
        kept = tuple(one for one in self.picks if one.column != column)
        return Condition((*kept, Pick(column, tuple(values))) if values else kept, self.written)

    @property
    def sql(self) -> str:
        """The condition in SQL.

        Raises
        ------
        SelectionError
            When picks stand beside a text that is not one condition by itself.
        """
        picked = " AND ".join(one.sql for one in self.picks)
        if not picked or not self.written:
            return picked or self.written
        both_conditions(picked, self.written)
        return f"{picked} AND ({self.written}{_end(self.written)})"


def _end(written: str) -> str:
    """Return what ends a comment in a text that may hold one."""
    return "\n" if "--" in written else ""


def read_condition(text: str) -> Condition:
    r"""Read a condition; all of it counts as written by hand unless it begins with picks as `Condition.sql` writes them.

    >>> read_condition("\"carrier\" IN ('UA', 'AA') AND (distance > 500)")
    Condition(picks=(Pick(column='carrier', values=('UA', 'AA')),), written='distance > 500')
    """
    picks, rest = [], text.strip()
    while (found := _PICK.match(rest)) is not None:
        values = tuple(one[1:-1].replace("''", "'") for one in _VALUE.findall(found[2]))
        picks.append(Pick(found[1][1:-1].replace('""', '"'), values))
        rest = rest[found.end() :]
        if not rest.startswith(" AND "):
            break
        rest = rest[len(" AND ") :]
    if not rest:
        return Condition(tuple(picks))
    inner = rest[1:-1].strip() if picks and _is_bracketed(rest) else None
    return Condition((), text.strip()) if inner is None else Condition(tuple(picks), inner)


def _is_bracketed(text: str) -> bool:
    """Say whether one pair of brackets holds the whole text."""
    depth = 0
    for place, letter in enumerate(re.sub(rf"{_TEXT}|{_NAME}", lambda found: "x" * len(found[0]), text)):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
