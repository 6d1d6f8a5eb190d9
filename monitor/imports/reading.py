"""Reading files of other tools: bytes once, numbers that are finite, moments in UTC, and notes on what was not understood."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.engine import moment_utc
from monitor.errors import SelectionError, SourceError
from monitor.export.files import moment_iso
from monitor.imports.table import LONGEST, Reported

MOST_BYTES = 200_000_000
MOST_ROWS = 50_000
"""Numbers of one import; a file of more is of another kind than the ones that are meant here."""
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read: its bytes, and the time zone in which it is read where it names none."""

    path: Path
    content: bytes
    timezone: str

    def json(self) -> Any:
        """Return what it holds as JSON; numbers that are none (NaN, Infinity) are null.

        Raises
        ------
        SourceError
            It is no JSON.
        """
        try:
            return json.loads(self.content.decode("utf-8-sig"), parse_constant=lambda _: None)
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise SourceError(f"'{self.path}' is not valid JSON: {error}.") from error

    def moment(self, text: object) -> str:
        """Return a moment of the file in UTC, ISO 8601; "" where there is none.

        Raises
        ------
        SourceError
            It is no moment.
        """
        if text is None or text == "":
            return ""
        try:
            return moment_iso(moment_utc(str(text), self.timezone))
        except SelectionError as error:
            raise SourceError(f"'{self.path}': {str(text)[:60]!r} is no moment, so it is not known when its numbers were.") from error


@dataclass(slots=True)
class Draft:
    """What is being read of a file. `timeless`: it does not say when its data were."""

    tool: str
    version: str = ""
    rows: list[Reported] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    timeless: bool = False

    def note(self, text: str) -> None:
        """Keep what was not understood, once."""
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text[:LONGEST])

    def add(self, **parts: Any) -> None:
        """Keep a number; what is no finite number is null."""
        self.rows.append(Reported(**parts))


def read_file(path: Path, timezone: str) -> File:
    """Read a file.

    Raises
    ------
    SourceError
        It is not there, or larger than such files are.
    """
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise SourceError(
                f"'{path}' has {path.stat().st_size / 1e6:,.0f} MB; results have {MOST_BYTES / 1e6:,.0f} at most. Is it data?"
            )
        return File(path, path.read_bytes(), timezone)
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(f"'{path}' cannot be read: {error.strerror}. Name a file that another tool wrote.") from error


def number(value: object) -> float | None:
    """Return a finite number; None for what is none, a boolean included.

    >>> number("0.5"), number(float("nan")), number(True), number("a")
    (0.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def text(value: object) -> str | None:
    """Return a text, cut to what is kept; None for none.

    >>> text(""), text("a")
    (None, 'a')
    """
    return None if value is None or value == "" else str(value)[:LONGEST]


def numbers_in(content: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers that stand directly in an object."""
    return {str(key): found for key, value in content.items() if not isinstance(value, str) and (found := number(value)) is not None}


def of_milliseconds(value: int) -> str:
    """Return a moment that is milliseconds since 1970; "" for 0, which stands for none, and for what no calendar holds.

    >>> of_milliseconds(1767312000000)
    '2026-01-02T00:00:00Z'
    """
    try:
        return moment_iso(datetime.fromtimestamp(value / 1000, tz=UTC)) if value else ""
    except (ValueError, OverflowError, OSError):
        return ""
