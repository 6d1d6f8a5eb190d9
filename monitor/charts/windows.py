"""Windows as an axis: ids stay text, dates are drawn on the case's own clock whatever the browser's time zone.

A browser would read a naive date in its own zone and move it by a day, so bands are the ids themselves (their
labels are parsed and written in UTC by Vega) and continuous axes use the local clock time labelled as UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from monitor.charts.chart import each
from monitor.wording import common_unit, window_moment, window_text

_PARSE = {
    "hour": "utcParse(datum.value, '%Y-%m-%dT%H')",
    "day": "utcParse(datum.value, '%Y-%m-%d')",
    "week": "utcParse(datum.value + '-1', '%G-W%V-%u')",
    "month": "utcParse(datum.value, '%Y-%m')",
}
_FORMAT = {"hour": "%-d %b %H:00", "day": "%-d %b", "week": "%-d %b", "month": "%b"}
_TITLE = {"hour": "Hour", "day": "Day", "week": "Week starting", "month": "Month", "rows": "Block of rows", "whole": "", "other": ""}


@dataclass(frozen=True, slots=True)
class WindowAxis:
    """What an axis of windows looks like: their unit and the years they span (0 when they have no dates)."""

    unit: str
    first_year: int
    last_year: int

    @property
    def timed(self) -> bool:
        """Whether the windows lie on a calendar."""
        return self.unit in _PARSE and self.first_year > 0

    @property
    def title(self) -> str:
        """Title of the axis, with the year or years where they are not in the labels."""
        words = _TITLE[self.unit]
        if not self.timed:
            return words
        years = str(self.first_year) if self.first_year == self.last_year else f"{self.first_year} to {self.last_year}"
        return f"{words}, {years}"

    @property
    def format(self) -> str:
        """d3 time format of a date on the axis."""
        return _FORMAT[self.unit] + ("" if self.first_year == self.last_year else " %Y")


def window_axis(ids: Iterable[str]) -> WindowAxis:
    """Look at window ids and say how their axis is drawn."""
    known = list(dict.fromkeys(ids))
    moments = [moment.year for name in known if (moment := window_moment(name))]
    timed = len(moments) == len(known) and bool(known)
    return WindowAxis(common_unit(known), min(moments), max(moments)) if timed else WindowAxis(common_unit(known), 0, 0)


def band_x(axis: WindowAxis, *, orient: Literal["top", "bottom"] = "bottom", title: bool = True) -> alt.X:
    """Return the x channel of windows as bands, with few, readable labels."""
    label: dict[str, Any] = {}
    if axis.timed:
        label = {"labelExpr": f"utcFormat({_PARSE[axis.unit]}, '{axis.format}')"}
    elif axis.unit == "rows":
        label = {"labelExpr": "format(toNumber(slice(datum.value, 5)), ',')"}
    elif axis.unit == "whole":
        label = {"labelExpr": "'whole period'"}
    drawn = alt.Axis(
        title=axis.title if title else None,
        orient=orient,
        labelAngle=0,
        labelOverlap="greedy",
        labelSeparation=14,
        grid=False,
        titleAnchor="start" if orient == "top" else "middle",
        **cast(Any, label),
    )
    return alt.X(field="window", type="ordinal", sort="ascending", axis=drawn)


def time_x(axis: WindowAxis) -> alt.X:
    """Return the x channel of windows in time: column `time` on the case's clock, or bands where there are no dates."""
    if not axis.timed:
        return band_x(axis)
    ticks: Any = "month" if axis.unit == "month" else 8  # more ticks than months would repeat their names
    drawn = alt.Axis(
        title=axis.title, format=axis.format, labelAngle=0, labelOverlap="greedy", labelSeparation=14, tickCount=ticks, grid=False
    )
    return alt.X(field="time", type="temporal", scale=alt.Scale(type="utc"), axis=drawn)


def with_time(table: pd.DataFrame) -> pd.DataFrame:
    """Add `when` (the window as people write it) and `time` (its start on the case's clock, labelled UTC; empty without dates)."""
    starts = pd.to_datetime(pd.Series(each(table["window"], window_moment), index=table.index), utc=True)
    return table.assign(window=each(table["window"], str), when=each(table["window"], window_text), time=starts)
