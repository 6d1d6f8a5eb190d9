"""Months, quarters, weeks and days of the year written as text: parts of a calendar, which are levels to a reader. Always a doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

_YEAR, _MONTH = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])"
_DAY = "00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6]"
_PARTS = (
    ("months", rf"{_YEAR}-{_MONTH}", "%Y-%m", ""),
    ("months", rf"{_YEAR}/{_MONTH}", "%Y/%m", ""),
    ("months", rf"{_MONTH}/{_YEAR}", "%m/%Y", ""),
    ("months", rf"{_MONTH}-{_YEAR}", "%m-%Y", ""),
    ("months", rf"[A-Z][a-z]{{2}}-{_YEAR}", "%b-%Y", ""),
    ("months", rf"[A-Z][a-z]{{2}} {_YEAR}", "%b %Y", ""),
    ("months", rf"{_YEAR}(?:0[1-9]|1[0-2])", "%Y%m", ""),
    ("days of the year", rf"{_YEAR}-[0-3][0-9]{{2}}", "%Y-%j", ""),
    ("quarters", rf"{_YEAR}[ /-]?Q[1-4]|Q[1-4][ /-]?{_YEAR}", "", "2024-04-01 for 2024-Q2"),
    ("days of the year", rf"{_YEAR}(?:{_DAY})", "%Y%j", ""),
    ("days of weeks", rf"{_YEAR}-?W[0-5][0-9]-?[1-7]", "", "2024-02-26 for 2024-W09-1"),
    ("weeks", rf"{_YEAR}[ /-]?W[0-5][0-9]|W[0-5][0-9][ /-]?{_YEAR}", "", "2024-02-26 for 2024-W09"),
)
"""What each is called, how it is written, the format that reads it as its first day, and where there is none an example of that day."""
FEWEST = 2
"""Different values from which they are parts of a calendar."""


def calendar_doubt(name: str, values: Sequence[str], *, timed: bool) -> str:
    """Say of values that are parts of a calendar what to write if they are the time of the rows (`timed`: another column is); else nothing.

    >>> calendar_doubt("month", ["2024-03", "2024-04"], timed=False)[:66]
    "month: its values ('2024-03', '2024-04') are months of a calendar,"
    >>> calendar_doubt("size", ["12-34", "2024-13"], timed=False)
    ''
    """
    found = next((one for one in _PARTS if len(values) >= FEWEST and all(re.fullmatch(one[1], value.strip()) for value in values)), None)
    if found is None:
        return ""
    what, _, format_, example = found
    told = f"{name}: its values ({', '.join(map(repr, values[:2]))}) are {what} of a calendar, read as levels: each later one is new"
    if timed:
        return f'{told}. If they only tell the time, write ignore = ["{name}"] under [roles]'
    written = f'write {name} = "{format_}" under [formats] (the first day)' if format_ else f"write them as their first day ({example})"
    return f'{told}. If they are the time of the rows, {written} and timestamp = "{name}" under [roles]'
