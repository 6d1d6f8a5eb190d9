"""Text that looks like one column and is none: lines of a report before the header, columns of fixed widths. Said, never guessed."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from monitor.engine.dialect import LINES, dialect_in

FEWEST = 5
"""Lines from which a file shows how it is laid out."""
MOST_BEFORE = 30
"""Lines of a report that are looked at for a header."""
WORDS, AGREE = 3, 0.9
"""Words of a header from which lines of as many words are columns with blanks between, and the part of the lines that has as many."""


def other_layout(lines: Sequence[str]) -> str:
    """Say what the lines of a file seem to be of which no sign is known that parts its fields; empty if nothing speaks against one column.

    >>> other_layout(["Report: daily", "", "a,b", "1,x", "2,y", "3,z", "4,u", "5,v"])[:48]
    "2 lines stand before its column names (['a', 'b'"
    >>> other_layout(["a    b", *["1    x"] * 5])[:34], other_layout(["a note", *["so be it", "x"] * 5])
    ('its columns seem to be parted by b', '')
    """
    for skip in range(1, min(MOST_BEFORE, len(lines) - FEWEST)):
        header = _names(lines[skip:])
        if header:
            shown = lines[0].strip()[:40]
            stand = "one line stands" if skip == 1 else f"{skip} lines stand"
            told = f"{stand} before its column names ({list(header[:4])}), the first of them {shown!r}"
            return f"{told}. Take them out, or let each begin with '# '"
    return "its columns seem to be parted by blanks (fixed widths). Save it with commas or semicolons" if _in_blanks(lines) else ""


def _names(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first line as names of columns, where those that follow have as many fields and numbers in one of them; none otherwise."""
    if not lines or not lines[0].strip():
        return ()
    found = dialect_in(lines[: LINES + 1])
    named = found.skip == 0 and len(found.header) > 1 and not any(_is_number(one) or not one.strip() for one in found.header)
    if not named or len(set(found.header)) < len(found.header):
        return ()
    rows = list(csv.reader([line for line in lines[1 : LINES + 1] if line.strip()], delimiter=found.separator))
    numbers = [sum(_is_number(row[i]) for row in rows if len(row) > i) for i in range(len(found.header))]
    return found.header if max(numbers) >= AGREE * len(rows) > 0 else ()


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9][0-9.,:/ -]*", text.strip()) is not None


def _in_blanks(lines: Sequence[str]) -> bool:
    full = [line.rstrip() for line in lines[:LINES] if line.strip()]
    if len(full) < FEWEST:
        return False
    many = len(full[0].split())
    alike = sum(len(line.split()) == many for line in full[1:]) >= AGREE * len(full[1:])
    return (many >= WORDS and alike) or _gap_in_all(full)


def _gap_in_all(lines: Sequence[str]) -> bool:
    """Say whether two blanks or more stand at the same place of all lines, with text before and behind."""
    first = max(len(line) - len(line.lstrip()) for line in lines)
    last = min(map(len, lines))
    return any(all(line[at : at + 2] == "  " for line in lines) for at in range(first + 1, last - 2))
