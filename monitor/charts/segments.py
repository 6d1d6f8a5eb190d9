"""Segments: what they add to a metric, and a metric in one of them beside all other rows, window by window."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.notes import Places, note_places, on_time, time_layers
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import HOLLOW, WindowAxis, cut_short_note, time_x, window_axis, with_time
from monitor.wording import number_text, plural

SEGMENT, OTHERS, USUAL = "Segment", "All other rows", "Segment, reference"
_BESIDE = ("window", "value", "elsewhere", "reference_value", "waiting")
_ADDED = ("label", "added", "lower", "upper", "status")
LABEL_WIDTH = 480
"""Pixels that the name of a segment may have beside its bar."""


def beside_chart(
    table: pd.DataFrame,
    *,
    label: str,
    segment: str,
    names: Names | None = None,
    annotations: pd.DataFrame | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw a metric of a segment by window beside that of all other rows; a grey rule is the segment over the whole reference.

    Windows that wait for labels are left out: the few that come first are no sample, and would stretch the axis.

    Parameters
    ----------
    table : one row per window: `window, value, elsewhere, reference_value, waiting`; optionally `partial`, which is drawn hollow
    label : name of the metric, for people
    """
    data = with_time(require(table, _BESIDE, "chart of a segment")).sort_values("window", kind="stable")
    left_out = data["waiting"].astype(bool)
    waiting = f"Not drawn: {plural(int(left_out.sum()), 'window')} whose labels are not in yet" if left_out.any() else ""
    data = data if left_out.all() else data[~left_out]
    long = pd.concat([data.assign(shown=data["value"], series=SEGMENT), data.assign(shown=data["elsewhere"], series=OTHERS)])
    axis = window_axis(data)
    spec = _beside_spec(axis, label, note_places(annotations, data, axis), theme)
    note = " · ".join(part for part in (cut_short_note(data, HOLLOW), waiting) if part)
    before = number_text(float(data["reference_value"].iloc[0]))
    text = f"{label} where {segment}, by window, beside all other rows; {before} in the segment over the whole reference."
    return finish(spec, on_time(long, annotations, axis), title=f"{label} where {segment}", alt=text, theme=theme, note=note)


@lru_cache(maxsize=32)
def _beside_spec(axis: WindowAxis, label: str, annotated: Places, theme: Theme) -> Spec:
    colours = palette(theme)
    scale = alt.Scale(domain=[SEGMENT, OTHERS, USUAL], range=[colours.production, colours.quiet, colours.reference])
    legend = alt.Legend(title=None, symbolType="stroke", columns=3)
    colour = alt.Color(field="series", type="nominal", scale=scale, legend=legend)
    filled = alt.Fill(field="series", type="nominal", scale=scale, legend=legend)
    fill = alt.condition("datum.partial", alt.value(colours.background), filled)
    tips = field_tooltip(when=("N", "Window", ""), series=("N", "Rows", ""), shown=("Q", label, EXACT), n=("Q", "Rows of the segment", ","))
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=tips)
    y = alt.Y(field="shown", type="quantitative", title=label, scale=alt.Scale(zero=False), axis=alt.Axis(format=NUMBER, tickCount=5))
    dash = alt.condition(f"datum.series == '{SEGMENT}'", alt.value([1, 0]), alt.value([4, 3]))
    whole = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)")
    usual = whole.transform_calculate(series=f"'{USUAL}'").mark_rule(strokeWidth=2)
    layers: list[Any] = [
        usual.encode(y=alt.Y(field="reference_value", type="quantitative", aggregate="max"), color=colour),
        base.mark_line(strokeWidth=2).encode(y=y, color=colour, strokeDash=dash),
        base.mark_point(size=22, strokeWidth=1.5, opacity=1).encode(y=y, color=colour, fill=fill),
        *(time_layers(colours, annotated) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=220), theme)


def contribution_chart(table: pd.DataFrame, *, label: str, theme: Theme = "light") -> Chart:
    """Draw what segments add to the metric of all rows, with intervals: those that alarm in colour.

    Parameters
    ----------
    table : one row per segment in the order that is drawn: `label, added, lower, upper, status`
    """
    data = require(table, _ADDED, "chart of contributions")
    data = data.assign(place=range(len(data)), loud=data["status"].isin(["alert", "warning"]))
    spec = _added_spec(tuple(data["label"]), theme)
    first = data.iloc[0]
    text = f"What segments add to the {label} of all rows. First: {first['label']}, {number_text(float(first['added']))}."
    return finish(spec, data, title="What each segment adds to the metric of all rows", alt=text, theme=theme, height=24 * len(data) + 10)


@lru_cache(maxsize=32)
def _added_spec(order: tuple[str, ...], theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        label=("N", "Segment", ""), metric=("N", "Metric", ""), added=("Q", "Adds", EXACT), lower=("Q", "95 % interval from", EXACT),
        upper=("Q", "to", EXACT), share=("Q", "Share of rows", ".3~p"),
    )  # fmt: skip
    axis = alt.Axis(title=None, labelLimit=LABEL_WIDTH, ticks=False)
    y = alt.Y(field="label", type="nominal", sort=list(order), axis=axis)
    colour = alt.condition("datum.loud", alt.value(colours.production), alt.value(colours.band))
    base = alt.Chart(NO_DATA).encode(y=y, tooltip=tips)
    bars = base.mark_bar(height=12).encode(
        x=alt.X(field="added", type="quantitative", title="Added to the metric of all rows", axis=alt.Axis(format=NUMBER, tickCount=5)),
        color=colour,
    )
    ends = base.mark_rule(color=colours.ink, strokeWidth=1).encode(x=alt.X(field="lower", type="quantitative"), x2=alt.X2(field="upper"))
    return bare_spec(alt.layer(bars, ends).properties(width="container"), theme)
