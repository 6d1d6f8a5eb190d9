"""Segments: what they add to a metric, and a metric in one of them beside all other rows, window by window."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.notes import has_notes, on_time, time_layers
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import WindowAxis, time_x, window_axis, with_time
from monitor.wording import number_text

SEGMENT, OTHERS, USUAL = "Segment", "All other rows", "Segment, reference"
_BESIDE = ("window", "value", "elsewhere", "reference_value", "waiting")
_ADDED = ("label", "added", "lower", "upper", "status")
MOST_LETTERS = 42


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

    Parameters
    ----------
    table : one row per window: `window, value, elsewhere, reference_value, waiting`
    label : name of the metric, for people
    """
    data = with_time(require(table, _BESIDE, "chart of a segment")).sort_values("window", kind="stable")
    long = pd.concat([data.assign(shown=data["value"], series=SEGMENT), data.assign(shown=data["elsewhere"], series=OTHERS)])
    axis = window_axis(data)
    spec = _beside_spec(axis, label, has_notes(annotations, data, axis), theme)
    note = "Faint: labels are not in yet, no verdict" if data["waiting"].any() else ""
    before = number_text(float(data["reference_value"].iloc[0]))
    text = f"{label} where {segment}, by window, beside all other rows; {before} in the segment over the whole reference."
    return finish(spec, on_time(long, annotations, axis), title=f"{label} where {segment}", alt=text, theme=theme, note=note)


@lru_cache(maxsize=32)
def _beside_spec(axis: WindowAxis, label: str, annotated: bool, theme: Theme) -> Spec:
    colours = palette(theme)
    scale = alt.Scale(domain=[SEGMENT, OTHERS, USUAL], range=[colours.production, colours.quiet, colours.reference])
    colour = alt.Color(field="series", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="stroke", columns=3))
    tips = field_tooltip(when=("N", "Window", ""), series=("N", "Rows", ""), shown=("Q", label, EXACT), n=("Q", "Rows of the segment", ","))
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=tips)
    y = alt.Y(field="shown", type="quantitative", title=label, scale=alt.Scale(zero=False), axis=alt.Axis(format=NUMBER, tickCount=5))
    dash = alt.condition(f"datum.series == '{SEGMENT}'", alt.value([1, 0]), alt.value([4, 3]))
    faint = alt.condition("datum.waiting", alt.value(0.3), alt.value(1.0))
    usual = base.transform_calculate(series=f"'{USUAL}'").mark_rule(strokeWidth=2)
    layers: list[Any] = [
        usual.encode(y=alt.Y(field="reference_value", type="quantitative", aggregate="max"), color=colour),
        base.mark_line(strokeWidth=2).encode(y=y, color=colour, strokeDash=dash),
        base.mark_point(filled=True, size=22).encode(y=y, color=colour, opacity=faint),
        *(time_layers(colours) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=220), theme)


def contribution_chart(table: pd.DataFrame, *, label: str, theme: Theme = "light") -> Chart:
    """Draw what segments add to the metric of all rows, with intervals: those that alarm in colour.

    Parameters
    ----------
    table : one row per segment in the order that is drawn: `label, added, lower, upper, status`
    """
    data = require(table, _ADDED, "chart of contributions")
    data = data.assign(
        short=[one if len(one) <= MOST_LETTERS else one[: MOST_LETTERS - 1] + "…" for one in data["label"]], place=range(len(data))
    )
    data = data.assign(loud=data["status"].isin(["alert", "warning"]))
    spec = _added_spec(tuple(data["short"]), theme)
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
    axis = alt.Axis(title=None, labelLimit=320, ticks=False)
    y = alt.Y(field="short", type="nominal", sort=list(order), axis=axis)
    colour = alt.condition("datum.loud", alt.value(colours.production), alt.value(colours.band))
    base = alt.Chart(NO_DATA).encode(y=y, tooltip=tips)
    bars = base.mark_bar(height=12).encode(
        x=alt.X(field="added", type="quantitative", title="Added to the metric of all rows", axis=alt.Axis(format=NUMBER, tickCount=5)),
        color=colour,
    )
    ends = base.mark_rule(color=colours.ink, strokeWidth=1).encode(x=alt.X(field="lower", type="quantitative"), x2=alt.X2(field="upper"))
    return bare_spec(alt.layer(bars, ends).properties(width="container"), theme)
