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
BAR, MOST_ROWS = 34, 30
"""Height of a row in pixels (its name stands over its bar, and has the whole width), and rows that are drawn."""
_NAMES = {INCIDENT: "The incident", Status.ALERT.value: "Alert", Status.WARNING.value: "Warning", NOTE: "Deploy or other event"}
SHORT, LONG = pd.Timedelta(days=2), pd.Timedelta(days=700)
"""Below and from which the axis tells hours, and months with their year."""


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
    known = data[["start", "end"]].stack()
    span = known.max() - known.min() if len(known) else SHORT
    dates = "%-d %b %H:%M" if span < SHORT else "%b %Y" if span >= LONG else "%-d %b"
    return finish(
        _spec(theme, seen, dates, onset=bool(data["onset"].notna().any())),
        data,
        title=title,
        alt=text,
        theme=theme,
        height=BAR * max(len(data), 2),
    )


@lru_cache(maxsize=16)
def _spec(theme: Theme, seen: tuple[str, ...], dates: str, *, onset: bool) -> Spec:
    colours = palette(theme)
    hues = {INCIDENT: colours.ink, NOTE: colours.quiet, **{one.value: colours.status[one] for one in (Status.ALERT, Status.WARNING)}}
    scale = alt.Scale(domain=list(seen), range=[hues[one] for one in seen])
    legend = alt.Legend(title=None, orient="top", labelExpr=f"({json.dumps(_NAMES)})[datum.label]", symbolType="square", columns=2)
    tips = field_tooltip(told=("N", "What", ""), group=("N", "Found by", ""), strength=("Q", "Times as far as it takes to alarm", EXACT))
    y = alt.Y(field="order", type="ordinal", title=None, axis=None)
    told = f"utcFormat(datum.value, '{dates}')"
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", labelFlush=True, labelExpr=told, tickCount=6, grid=True)
    x = alt.X(field="start", type="temporal", scale=alt.Scale(type="utc"), axis=axis)
    base = alt.Chart(NO_DATA)
    bars = base.mark_bar(height=10, cornerRadius=2, yOffset=8).encode(
        x=x, x2=alt.X2(field="end"), y=y, tooltip=tips, color=alt.Color(field="status", type="nominal", scale=scale, legend=legend)
    )
    events = base.transform_filter(f"datum.status === '{NOTE}'").mark_point(
        shape="diamond", size=60, filled=True, color=colours.quiet, opacity=1, yOffset=8
    )
    marks = events.encode(x=x, y=y, tooltip=tips)
    names = base.mark_text(align="left", baseline="middle", dx=4, yOffset=-6, color=colours.ink, limit=alt.ExprRef("width"))
    words = names.encode(x=alt.value(0), y=y, text=alt.Text(field="label", type="nominal"), tooltip=tips)
    dashed = base.transform_filter("isValid(datum.onset)").mark_rule(color=colours.ink, strokeDash=[3, 3], strokeWidth=1)
    rule = dashed.encode(x=alt.X(field="onset", type="temporal", scale=alt.Scale(type="utc"), aggregate="min"))
    drawn = [bars, *([marks] if NOTE in seen else []), *([rule] if onset else []), words]  # an axis over no row at all has no end
    return bare_spec(alt.layer(*drawn).properties(width="container", height=100), theme)
