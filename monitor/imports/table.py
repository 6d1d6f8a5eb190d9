"""The table of imported results: one row per number that another tool reported, as it reported it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd

from monitor.errors import SelectionError
from monitor.incidents.record import to_moment
from monitor.tables import Contract

IMPORTED = Contract(
    "imported",
    ("import", "number"),
    {
        "import": "id of the import; `driftscope imported CASE --drop ID` takes it away",
        "number": "position in it",
        "tool": "evidently, nannyml, whylogs or sagemaker",
        "version": "version of the tool; null where its file does not say",
        "file": "name of the file that was read",
        "window": "what the tool calls the period; null where it has no name for it",
        "start": "beginning of the period (or the moment that the file is of), UTC; null where neither file nor person said",
        "end": "end of the period, excluded, UTC; null where there is only a moment",
        "column": "column that it is about; null: all of them, or the model",
        "metric": "what was measured, as the tool calls it",
        "method": "how: the id of our profile of that tool where there is one (evidently.psi), else the tool's own word; null where none",
        "value": "the number; null where the tool reported none",
        "lower": "lower end of the tool's interval",
        "upper": "upper end of the tool's interval",
        "threshold_lower": "the tool alarms below it",
        "threshold_upper": "the tool alarms above it (or at it, where that is the tool's rule)",
        "alarm": "whether the tool alarmed; null where its file does not say",
        "message": "what the tool said in words",
    },
)
_NUMBERS = ("value", "lower", "upper", "threshold_lower", "threshold_upper")
LONGEST = 600
"""Letters that a text of another tool may have; the rest is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One number of another tool; the columns of `IMPORTED`. Moments are ISO 8601 in UTC, "" where there is none."""

    metric: str
    column: str | None = None
    method: str | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    threshold_lower: float | None = None
    threshold_upper: float | None = None
    alarm: bool | None = None
    window: str | None = None
    start: str = ""
    end: str = ""
    message: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no import writes: a file may come from a stranger.

        Raises
        ------
        SelectionError
            A moment is none, or a number is not finite.
        """
        for moment in (self.start, self.end):
            to_moment(moment)
        if any(one is not None and not math.isfinite(one) for one in (getattr(self, name) for name in _NUMBERS)):
            raise SelectionError("A number of an import is finite, or null.")

    @property
    def series(self) -> tuple[str, str, str]:
        """What it is a number of: column, metric, method."""
        return self.column or "", self.metric, self.method or ""


def table_of(rows: Sequence[Reported]) -> pd.DataFrame:
    """Return reported numbers as a table, without what is known of their import."""
    names = [one.name for one in fields(Reported)]
    table = pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)
    for name in ("start", "end"):
        table[name] = pd.to_datetime(table[name].replace("", None), utc=True).dt.tz_localize(None).astype("datetime64[us]")
    for name in _NUMBERS:
        table[name] = table[name].astype(float)
    return table
