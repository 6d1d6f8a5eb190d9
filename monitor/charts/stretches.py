"""What lasted from when to when: incidents, or the findings that belong to one, as bars along the time."""

from __future__ import annotations

import json
from functools import lru_cache

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import EXACT, Theme, palette
from monitor.vocabulary import Status

_DRAWN = ("label", "order", "group", "start", "end", "status", "strength", "told", "onset")
INCIDENT, NOTE = "incident", "note"
"""What a bar may be beside an alert or a warning: the incident itself, and what the case says happened."""
BAR, MOST_ROWS = 20, 30
"""Height of a row in pixels, and rows that are drawn."""
_NAMES = {INCIDENT: "The incident", Status.ALERT.value: "Alert", Status.WARNING.value: "Warning", NOTE: "Deploy or other event"}
LABEL = 220
"""Pixels that the names beside the bars may have."""


def stretches_chart(table: pd.DataFrame, *, title: str, theme: Theme = "light") -> Chart:
    """Draw bars from start to end, one row each, coloured by status; a rule stands at the onset.

    Parameters
    ----------
    table : one row per bar: `label`, `order` of the rows, `group` (what it is one of), `start`, `end` (on the case's clock), `status` (or
        INCIDENT, or NOTE, which has a mark where it begins), `strength`, `told` (the sentence) and `onset` (alike in all rows, NaT: none)
    title : what is seen, in words.
    """
    data = require(table, _DRAWN, "chart of stretches").sort_values("order", kind="stable").head(MOST_ROWS)
    for name in ("start", "end", "onset"):
        data[name] = pd.to_datetime(data[name]).dt.tz_localize("UTC")
    first = data.iloc[0]
    text = f"{title} {len(data)} bars along the time. First: {first['label']}, from {first['start']:%d %b %Y} to {first['end']:%d %b %Y}."
    seen = tuple(one for one in _NAMES if data["status"].eq(one).any())
    return finish(_spec(theme, seen), data, title=title, alt=text, theme=theme, height=BAR * max(len(data), 2))


@lru_cache(maxsize=16)
def _spec(theme: Theme, seen: tuple[str, ...]) -> Spec:
    colours = palette(theme)
    hues = {INCIDENT: colours.ink, NOTE: colours.quiet, **{one.value: colours.status[one] for one in (Status.ALERT, Status.WARNING)}}
    scale = alt.Scale(domain=list(seen), range=[hues[one] for one in seen])
    legend = alt.Legend(title=None, orient="top", labelExpr=f"({json.dumps(_NAMES)})[datum.label]", symbolType="square", columns=2)
    tips = field_tooltip(told=("N", "What", ""), group=("N", "Found by", ""), strength=("Q", "Times as far as it takes to alarm", EXACT))
    y = alt.Y(field="label", type="nominal", sort=alt.SortField(field="order"), title=None, axis=alt.Axis(labelLimit=LABEL, ticks=False))
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", tickCount=6, grid=True)
    x = alt.X(field="start", type="temporal", scale=alt.Scale(type="utc"), axis=axis)
    base = alt.Chart(NO_DATA)
    bars = base.mark_bar(height=10, cornerRadius=2).encode(
        x=x, x2=alt.X2(field="end"), y=y, tooltip=tips, color=alt.Color(field="status", type="nominal", scale=scale, legend=legend)
    )
    events = base.transform_filter(f"datum.status === '{NOTE}'").mark_point(
        shape="diamond", size=60, filled=True, color=colours.quiet, opacity=1
    )
    marks = events.encode(x=x, y=y, tooltip=tips)
    onset = base.transform_filter("isValid(datum.onset)").mark_rule(color=colours.ink, strokeDash=[3, 3], strokeWidth=1)
    rule = onset.encode(x=alt.X(field="onset", type="temporal", scale=alt.Scale(type="utc"), aggregate="min"))
    return bare_spec(alt.layer(bars, marks, rule).properties(width="container", height=100), theme)
