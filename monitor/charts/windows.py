"""Windows as an axis: ids stay text, dates are drawn on the case's own clock whatever the browser's time zone.

A browser would read a naive date in its own zone and move it by a day, so bands are the ids themselves (their
labels are parsed and written in UTC by Vega) and continuous axes use the local clock time labelled as UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from monitor.charts.chart import each
from monitor.charts.theme import Palette
from monitor.wording import common_unit, window_moment, window_text

HOLLOW, FAINT, HATCHED = "Hollow points", "Faint bars", "Hatched cells"
"""How windows are drawn that are cut short."""
STROKES = ((0.0, 0.5, 0.5, 0.0), (0.0, 1.0, 1.0, 0.0), (0.5, 1.0, 1.0, 0.5))
"""The strokes of a hatched cell: from (x, y) to (x, y), as parts of its width and height."""
MOST_TICKS = 8
"""Starts of windows that are written on an axis of time."""
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
    """What an axis of windows looks like: their unit, the years they span (0 when they have no dates), how many units a window is, and the
    starts of windows that are written on an axis of time, on the case's clock (none: round times that the drawing chooses)."""

    unit: str
    first_year: int
    last_year: int
    count: int = 1
    ticks: tuple[datetime, ...] = ()

    @property
    def timed(self) -> bool:
        """Whether the windows lie on a calendar."""
        return self.unit in _PARSE and self.first_year > 0

    @property
    def title(self) -> str:
        """Title of the axis, with the year or years where they are not in the labels."""
        words = _TITLE[self.unit] if self.count == 1 else f"{self.count} {self.unit}s starting"
        if not self.timed:
            return words
        years = str(self.first_year) if self.first_year == self.last_year else f"{self.first_year} to {self.last_year}"
        return f"{words}, {years}"

    @property
    def format(self) -> str:
        """d3 time format of a date on the axis."""
        return _FORMAT[self.unit] + ("" if self.first_year == self.last_year else " %Y")


def window_axis(table: pd.DataFrame) -> WindowAxis:
    """Look at the windows of a table (`window`, and `units` where a window is several days, weeks ...) and say how they are drawn."""
    known = list(dict.fromkeys(table["window"].dropna().astype(str)))
    moments = sorted(moment for name in known if (moment := window_moment(name)))
    unit = common_unit(known)
    if len(moments) != len(known) or not known:
        return WindowAxis(unit, 0, 0)
    count = units_of(table)
    return WindowAxis(unit, moments[0].year, moments[-1].year, count, _ticks(moments) if unit == "week" or count > 1 else ())


def _ticks(moments: Sequence[datetime]) -> tuple[datetime, ...]:
    """Return the starts that are written: every so many windows, so that each label is the start of one."""
    every = -(-len(moments) // MOST_TICKS)
    return tuple(moments[::every])


def units_of(table: pd.DataFrame) -> int:
    """Return how many hours, days, weeks or months a window of the table is."""
    known = table["units"].dropna() if "units" in table else table.iloc[:0, 0]
    return int(known.iloc[0]) if len(known) else 1


def unit_text(table: pd.DataFrame) -> str:
    """Say what the windows of a table are, after "by": week, 2 weeks, block of rows."""
    axis = window_axis(table)
    if axis.count > 1:
        return f"{axis.count} {axis.unit}s"
    return {"rows": "block of rows", "whole": "period", "other": "window"}.get(axis.unit, axis.unit)


def band_x(axis: WindowAxis, *, orient: Literal["top", "bottom"] = "bottom", title: bool = True, field: str = "window") -> alt.X:
    """Return the x channel of windows as bands, with few, readable labels; `field` holds their ids."""
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
    return alt.X(
        field=field, type="ordinal", sort="ascending", axis=drawn, title="window"
    )  # as marks call it for those who cannot see them


def time_x(axis: WindowAxis) -> alt.X:
    """Return the x channel of windows in time: column `time` on the case's clock, or bands where there are no dates."""
    if not axis.timed:
        return band_x(axis)
    ticks: Any = "month" if axis.unit == "month" else 8  # more ticks than months would repeat their names
    values: dict[str, Any] = {"values": [_written(one) for one in axis.ticks]} if axis.ticks else {"tickCount": ticks}
    drawn = alt.Axis(title=axis.title, format=axis.format, labelAngle=0, labelOverlap="greedy", labelSeparation=14, grid=False, **values)
    return alt.X(field="time", type="temporal", scale=alt.Scale(type="utc"), axis=drawn)


def _written(moment: datetime) -> dict[str, Any]:
    return {"year": moment.year, "month": moment.month, "date": moment.day, "hours": moment.hour, "utc": True}


def with_time(table: pd.DataFrame) -> pd.DataFrame:
    """Add `when` (the window as people write it, unless the table says it), `time` (its start on the case's clock, labelled UTC; empty
    without dates) and `partial` (cut short; nothing is unless the table says it)."""
    starts = pd.to_datetime(pd.Series(each(table["window"], window_moment), index=table.index), utc=True)
    named = table if "when" in table else table.assign(when=each(table["window"], window_text))
    cut = named if "partial" in named else named.assign(partial=False)
    return cut.assign(window=each(table["window"], str), time=starts)


def span_text(table: pd.DataFrame) -> str:
    """Write the period from the first window of a table with `when` to the last."""
    first, last = str(table["when"].iloc[0]), str(table["when"].iloc[-1])
    return first if first == last else f"{first} to {last}"


def cut_short_note(table: pd.DataFrame, how: str) -> str:
    """Say how windows are drawn that are cut short; empty where none is."""
    short = table.loc[table["partial"].astype(bool), "when"].unique() if "partial" in table else ()
    return f"{how}: cut short ({', '.join(map(str, short))})" if len(short) else ""


def hatching(base: alt.Chart, place: Mapping[str, Any], colours: Palette) -> list[alt.Chart]:
    """Return strokes across the cells of a map whose windows are cut short; `place` holds the channels `x` and `y` of its bands."""
    short = base.transform_filter("datum.partial").mark_rule(color=colours.background, strokeWidth=1.5)
    return [short.encode(**_stroke(place, *ends)) for ends in STROKES]


def _stroke(place: Mapping[str, Any], x: float, y: float, x2: float, y2: float) -> dict[str, Any]:
    across, down = place["x"].copy(deep=False), place["y"].copy(deep=False)
    across["bandPosition"], down["bandPosition"] = x, y
    to = {"x2": alt.X2(field=across["field"], bandPosition=x2), "y2": alt.Y2(field=down["field"], bandPosition=y2)}
    return {**place, "x": across, "y": down, **to}
