"""What another tool said of a column, beside what our own analysis of drift says of the same column and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.judgement.judged import Judged
from monitor.vocabulary import Status

ALARMS = (Status.WARNING.value, Status.ALERT.value)
OURS = ("our_window", "our_method", "our_status")
Place = tuple[str, pd.Timestamp, pd.Timestamp]
"""A column and a period; NaT where the tool says no time."""
Ours = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one column: numbers of the tool of which we judged the same time, by who alarmed."""

    column: str
    both: int
    theirs: int
    ours: int
    neither: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.both + self.theirs + self.ours + self.neither


def with_ours(imported: pd.DataFrame, judged: Judged) -> pd.DataFrame:
    """Return imported numbers with `our_window`, `our_method` and `our_status`: the worst that we judged of the column in windows that
    share time with the tool's; null where we judged none.

    Parameters
    ----------
    judged : drift.
    """
    own = judged.table[judged.table["primary"]]
    by_column = {str(column): part for column, part in own.groupby("column", sort=False)}
    known: dict[Place, Ours] = {}
    found = []
    for column, start, end in zip(imported["column"], imported["start"], imported["end"], strict=True):
        place = (str(column), start, end)
        if place not in known:
            known[place] = _ours(place, by_column)
        found.append(known[place])
    ours = pd.DataFrame(found, columns=list(OURS), index=imported.index, dtype=object)
    return pd.concat([imported, ours], axis=1)


_NOTHING: Ours = (None, None, None)
_WORST = (Status.STABLE.value, *ALARMS)


def _ours(place: Place, by_column: Mapping[str, pd.DataFrame]) -> Ours:
    column, start, end = place
    part = by_column.get(column)
    if part is None or pd.isna(start):
        return _NOTHING
    until = start + pd.Timedelta(1, "us") if pd.isna(end) else end
    meets = (part["window_start"] < until) & (part["window_end"] > start) & part["status"].isin(_WORST)
    shared = part[meets.to_numpy(bool)]
    if shared.empty:
        return _NOTHING
    worst = shared.iloc[int(np.argmax([_WORST.index(one) for one in shared["status"]]))]
    return str(worst["window"]), str(worst["method"]), str(worst["status"])


def agreement(beside: pd.DataFrame) -> Sequence[Agreement]:
    """Return how far both agree, a row a column, the most often otherwise first; numbers without an alarm or without ours do not count.

    Several numbers of one column and period are one: the tool alarmed where any of them did.
    """
    judged = beside[beside["alarm"].notna() & beside["our_status"].notna()]
    rows = []
    for column, part in judged.groupby("column", sort=True):
        periods = part.groupby(["start", "end"], dropna=False).agg(alarm=("alarm", "max"), status=("our_status", "first"))
        theirs, ours = periods["alarm"].astype(bool), periods["status"].isin(ALARMS)
        counts = [int(one.sum()) for one in (theirs & ours, theirs & ~ours, ~theirs & ours, ~theirs & ~ours)]
        rows.append(Agreement(str(column), *counts))
    return sorted(rows, key=lambda one: (-(one.theirs + one.ours), one.column))
