"""How data are cut in time: a window size knows its size and its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.errors import SelectionError

UNITS = ("hour", "day", "week", "month", "rows", "whole")
UNIT_HOURS: Mapping[str, float] = {"hour": 1.0, "day": 24.0, "week": 168.0, "month": 730.5}
"""Length of a calendar unit in hours; a month is a twelfth of 365.25 days."""


FIRST_YEAR, LAST_YEAR = 1678, 2261
"""What nanoseconds since 1970 can count in 64 bits. Times outside of it (9999-12-31, year 1) stand for "never" or for an error."""
MOST_YEARS = 100
"""A window is at most so long."""


@dataclass(frozen=True, slots=True)
class WindowSize:
    """How long a window is: `count` hours, days, weeks, months or rows; or the whole selection."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str | Mapping[str, int] | WindowSize) -> WindowSize:
        """Read "1 week", "2 days", "5000 rows", "whole" or {"rows": 5000}.

        Raises
        ------
        SelectionError
            When the text is none of these.

        >>> WindowSize.parse("2 days"), str(WindowSize.parse({"rows": 5000}))
        (WindowSize(count=2, unit='day'), '5000 rows')
        """
        if isinstance(text, WindowSize):
            return text
        if isinstance(text, Mapping):
            text = f"{text.get('rows')} rows" if set(text) == {"rows"} else str(dict(text))
        if text.strip().lower() == "whole":
            return cls(1, "whole")
        match = re.fullmatch(r"\s*(?:(\d{1,9})\s+)?(hour|day|week|month|row)s?\s*", text.lower())
        if match is None or int(match[1] or 1) == 0 or (match[2] == "row" and match[1] is None):
            raise SelectionError(
                f"Window size '{text}' is not understood. Write '<n> hour', '<n> day', '<n> week', '<n> month', '<n> rows' or 'whole'."
            )
        size = cls(int(match[1] or 1), "rows" if match[2] == "row" else match[2])
        if (size.hours or 0.0) > MOST_YEARS * 12 * UNIT_HOURS["month"]:
            raise SelectionError(f"Windows of {size} are longer than {MOST_YEARS} years. Choose a smaller size, or 'whole'.")
        return size

    @property
    def calendar(self) -> bool:
        """Whether windows are cut on the calendar."""
        return self.unit in UNIT_HOURS

    @property
    def hours(self) -> float | None:
        """Length in hours where windows are cut on the calendar (months on average), else None.

        >>> WindowSize.parse("2 weeks").hours, WindowSize.parse("50 rows").hours
        (336.0, None)
        """
        return self.count * UNIT_HOURS[self.unit] if self.calendar else None

    @property
    def words(self) -> str:
        """The size as people say it.

        >>> WindowSize.parse("1 week").words, WindowSize.parse("5000 rows").words, WindowSize.parse("whole").words
        ('week', 'blocks of 5,000 rows', 'the whole period')
        """
        if self.unit == "whole":
            return "the whole period"
        if self.unit == "rows":
            return f"blocks of {self.count:,d} rows"
        return self.unit if self.count == 1 else f"{self.count} {self.unit}s"

    def __str__(self) -> str:
        """Return the text that `parse` reads back."""
        if self.unit == "whole":
            return "whole"
        return f"{self.count} {self.unit}" + ("s" if self.calendar and self.count > 1 else "")
