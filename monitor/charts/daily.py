"""The mean of a column by hour of the day, before and since: where a clock that is set otherwise shows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import EXACT, NUMBER, Theme, palette

_HOURS = ("hour", "reference", "production")


def daily_chart(table: pd.DataFrame, *, label: str, names: Names = Names(), theme: Theme = "light") -> Chart:  # noqa: B008 - immutable
    """Draw the mean by hour of the day of both sides.

    Parameters
    ----------
    table : one row per hour: `hour` (0..23), `reference` and `production`, means, null for an hour that has hardly any rows.
    label : the column, for people.
    """
    data = require(table, _HOURS, "chart of hours").sort_values("hour", kind="stable").reset_index(drop=True)
    hours = data.set_index("hour")
    highest = [f"{hours[side].idxmax()}:00" if hours[side].notna().any() else "no hour" for side in _HOURS[1:]]
    title = f"{label} by hour of the day"
    inside = names.inside
    text = f"{title}: highest at {highest[1]} in {inside.production}, at {highest[0]} in {inside.reference}."
    return finish(_spec(label, names, theme), data, title=title, alt=text, theme=theme)


@lru_cache(maxsize=16)
def _spec(label: str, names: Names, theme: Theme) -> Spec:
    colours = palette(theme)
    sides = (("reference", names.reference), ("production", names.production))
    tips = field_tooltip(hour=("Q", "Hour of the day", ""), **{field: ("Q", name, EXACT) for field, name in sides})
    x = alt.X(field="hour", type="quantitative", title="Hour of the day", scale=alt.Scale(domain=[0, 23]), axis=alt.Axis(tickCount=8))
    scale = alt.Scale(domain=[names.reference, names.production], range=[colours.reference, colours.production])
    legend = alt.Legend(title=None, symbolType="stroke", columns=names.columns, labelLimit=0)
    colour = alt.Color(field="side", type="nominal", scale=scale, legend=legend)
    y: dict[str, Any] = {
        "type": "quantitative", "title": f"Mean of {label}", "scale": alt.Scale(zero=False), "axis": alt.Axis(format=NUMBER, tickCount=5),
    }  # fmt: skip
    base = alt.Chart(NO_DATA).encode(x=x, tooltip=tips)
    lines = [
        base.transform_calculate(side=repr(name)).mark_line(strokeWidth=2, point=True).encode(y=alt.Y(field=field, **y), color=colour)
        for field, name in sides
    ]
    return bare_spec(alt.layer(*lines).properties(width="container", height=200), theme)
