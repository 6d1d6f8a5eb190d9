"""Conditions that this program writes, in words: values of a column, times, rows left out. What an analyst wrote by hand stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from monitor.wording import day_text, list_text, moment_text

_NAME, _TEXT = r'"(?:[^"]|"")+"', r"'(?:[^']|'')*'"
_IN = re.compile(rf"({_NAME}) (?:= ({_TEXT})|IN \(({_TEXT}(?:, {_TEXT})*)\))")
_NULL = re.compile(rf"({_NAME}) IS NULL")
_TIME = re.compile(rf"({_NAME}) (>=|<) ({_TEXT})")
_LEFT_OUT = re.compile(r"NOT coalesce\(\((.*)\), false\)", re.DOTALL)
_QUOTED = re.compile(rf"{_TEXT}|{_NAME}")
_AND = re.compile(r"\sAND\s")
WITHOUT = "without rows where"
MOST_LEVELS = 3
Label = Callable[[str], str]


def left_out(condition: str) -> str:
    """Return the condition of all rows but those of a condition, rows of which it cannot be said among them."""
    return f"NOT coalesce(({condition}), false)"


def leaves_out(condition: str | None) -> bool:
    """Say whether a condition leaves out rows as `left_out` does."""
    return any(_LEFT_OUT.fullmatch(part) for part in _parts(condition or ""))


def condition_words(condition: str, label: Label = str) -> str:
    r"""Write a condition for people; parts that were written by hand as they are.

    >>> condition_words("NOT coalesce((\"land\" = 'FR' AND \"at\" >= '2025-04-02 00:00:00' AND \"at\" < '2025-04-06 00:00:00'), false)")
    'without rows where land is FR and at is from 2 Apr 2025 and before 6 Apr 2025'
    >>> condition_words("\"land\" IN ('FR', 'EE') AND (amount > 3)", str.capitalize)
    'Land is FR or EE and amount > 3'
    """
    return " and ".join(_part(part, label) for part in _parts(condition))


def where_words(condition: str, label: Label = str) -> str:
    r"""Write which rows a condition keeps, as it stands after what they are.

    >>> where_words("amount > 3"), where_words(left_out("\"land\" = 'FR'"))
    ('where amount > 3', 'without rows where land is FR')
    """
    told = condition_words(condition, label)
    return told if told.startswith(WITHOUT) else f"where {told}"


def _part(part: str, label: Label) -> str:
    if found := _LEFT_OUT.fullmatch(part):
        return f"{WITHOUT} {condition_words(found[1], label)}"
    if found := _IN.fullmatch(part):
        levels = [one[1:-1].replace("''", "'") for one in re.findall(_TEXT, found[2] or found[3])]
        return f"{label(_plain(found[1]))} is {list_text(levels, MOST_LEVELS).replace(' and ', ' or ')}"
    if found := _NULL.fullmatch(part):
        return f"{label(_plain(found[1]))} is missing"
    if (found := _TIME.fullmatch(part)) and (told := _moment(found[3][1:-1])):
        return f"{f'{label(_plain(found[1]))} is from' if found[2] == '>=' else 'before'} {told}"
    return part


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"')


def _moment(text: str) -> str:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return day_text(told) if told.time() == datetime.min.time() else moment_text(told.replace(second=0, microsecond=0))


def _parts(condition: str) -> Iterator[str]:
    """Return the parts that all have to hold, without the brackets around each."""
    text = condition.strip()
    masked = _QUOTED.sub(lambda found: "x" * len(found[0]), text)  # brackets and words within quotes are none
    begin, ends = 0, []
    for found in () if "BETWEEN" in masked.upper() else _AND.finditer(masked):
        before = masked[: found.start()]
        if before.count("(") == before.count(")"):
            ends.append((begin, found.start()))
            begin = found.end()
    ends.append((begin, len(text)))
    for first, last in ends:
        part = text[first:last].strip()
        if len(ends) == 1 and not _bracketed(part):
            yield part
        elif _bracketed(part):
            yield from _parts(part[1:-1])
        else:
            yield part


def _bracketed(text: str) -> bool:
    """Say whether one pair of brackets holds the whole text."""
    depth = 0
    for place, letter in enumerate(_QUOTED.sub(lambda found: "x" * len(found[0]), text)):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place == len(text) - 1 and place > 0
    return False
