"""Two models beside each other: a difference by window, and by segment, with its interval; above zero the challenger has more."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.notes import Places, note_places, on_time, time_layers
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import HOLLOW, WindowAxis, cut_short_note, time_x, unit_text, window_axis, with_time
from monitor.wording import number_text, plural

_BY_WINDOW = ("window", "difference", "lower", "upper", "value", "challenger_value", "n")
_BY_SEGMENT = ("segment", "difference", "lower", "upper", "value", "challenger_value", "n", "better")
ROW = 22
_WIDE = 4.0
"""Times the largest difference, beyond which ends of intervals are cut off."""


def difference_chart(
    table: pd.DataFrame, *, label: str, called: tuple[str, str], annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the difference of a metric of two models by window.

    Parameters
    ----------
    table : one row per window: `window, difference, lower, upper, value, challenger_value, n`; optionally `when`, `units`, `partial`
    label : name of the metric, for people
    called : what the two are called: the one in charge, the other
    """
    data = with_time(require(table, _BY_WINDOW, "chart of a difference")).sort_values("window", kind="stable")
    axis = window_axis(data)
    known = data["difference"].dropna()
    data = _clipped(data)
    span = f"{number_text(float(known.min()))} to {number_text(float(known.max()))}" if len(known) else "no window has a value"
    title = f"{label}: {called[1]} less {called[0]}, by {unit_text(data)}"
    text = f"{label} of the {called[1]} less that of the {called[0]} by {unit_text(data)}: {span}."
    spec = _window_spec(axis, label, called, note_places(annotations, data, axis), theme)
    note = "; ".join(filter(None, (cut_short_note(data, HOLLOW), _cut_off(data))))
    return finish(spec, on_time(data, annotations, axis), title=title, alt=text, theme=theme, note=note)


def segment_difference_chart(table: pd.DataFrame, *, label: str, theme: Theme = "light") -> Chart:
    """Draw the difference of a metric of two models in segments (`segment, difference, lower, upper, value, challenger_value, n, better`:
    better, worse, or no difference)."""
    data = _clipped(require(table, _BY_SEGMENT, "chart of segments"))
    counts = data["better"].value_counts()
    text = (
        f"Difference of {label} in {plural(len(data), 'segment')}: better in {counts.get('better', 0)}, worse in {counts.get('worse', 0)}."
    )
    return finish(
        _segment_spec(len(data), label, theme),
        data,
        title=f"{label} by segment: challenger less the model in charge",
        alt=text,
        theme=theme,
        note=_cut_off(data),
    )


def _clipped(data: pd.DataFrame) -> pd.DataFrame:
    """Cut off ends of intervals so wide that nothing else could be seen; the exact ones are told on hover."""
    middle = data["difference"].abs()
    widths = (data["upper"] - data["lower"]).dropna() / 2
    most = _WIDE * max(float(middle.quantile(0.9)) if len(middle.dropna()) else 0.0, float(widths.median()) if len(widths) else 0.0)
    ends = {"from": data["lower"], "to": data["upper"]}
    most = max(most, 1.1 * float(middle.max())) if len(middle.dropna()) else most
    if not np.isfinite(most) or most <= 0:
        return data.assign(**ends)
    return data.assign(**{name: end.clip(-most, most) for name, end in ends.items()})


def _cut_off(data: pd.DataFrame) -> str:
    """Say that ends of intervals are not drawn; empty where all are."""
    cut = ((data["from"] > data["lower"]) | (data["to"] < data["upper"])).any()
    return "Intervals that reach beyond the picture are cut off" if cut else ""


def _tips(label: str, called: tuple[str, str], first: dict[str, Any]) -> Any:
    return field_tooltip(
        **first, value=("Q", f"{label}, {called[0]}", EXACT), challenger_value=("Q", f"{label}, {called[1]}", EXACT),
        difference=("Q", "Difference", EXACT), lower=("Q", "Interval from", EXACT), upper=("Q", "to", EXACT), n=("Q", "Rows", ",d"),
    )  # fmt: skip


@lru_cache(maxsize=32)
def _window_spec(axis: WindowAxis, label: str, called: tuple[str, str], annotated: Places, theme: Theme) -> Spec:
    colours = palette(theme)
    y: dict[str, Any] = {"type": "quantitative", "title": "Difference", "axis": alt.Axis(format=NUMBER, tickCount=5)}
    tips = _tips(label, called, {"when": ("N", "Window", "")})
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window) && isValid(datum.difference)").encode(x=time_x(axis), tooltip=tips)
    hollow = alt.condition("datum.partial", alt.value(colours.background), alt.value(colours.production))
    layers: list[Any] = [
        alt.Chart(NO_DATA).mark_rule(color=colours.ink, strokeDash=[4, 4], opacity=0.6).encode(y=alt.datum(0.0)),
        base.mark_rule(color=colours.production, opacity=0.4, strokeWidth=2).encode(y=alt.Y(field="from", **y), y2=alt.Y2(field="to")),
        base.mark_line(color=colours.production, strokeWidth=1.5).encode(y=alt.Y(field="difference", **y)),
        base.mark_point(filled=True, opacity=1, size=26, stroke=colours.production).encode(y=alt.Y(field="difference", **y), fill=hollow),
        *(time_layers(colours, annotated) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=220), theme)


@lru_cache(maxsize=32)
def _segment_spec(many: int, label: str, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = _tips(label, ("in charge", "challenger"), {"segment": ("N", "Segment", "")})
    scale = alt.Scale(domain=["better", "worse", "no difference"], range=[colours.direction[1], colours.direction[5], colours.reference])
    colour = alt.Color(field="better", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="square"))
    x: dict[str, Any] = {"type": "quantitative", "title": "Difference", "axis": alt.Axis(format=NUMBER, tickCount=5)}
    y = alt.Y(field="segment", type="nominal", title=None, sort=None, axis=alt.Axis(labelLimit=240, ticks=False, domain=False))
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.difference)").encode(y=y, color=colour, tooltip=tips)
    layers: list[Any] = [
        alt.Chart(NO_DATA).mark_rule(color=colours.ink, strokeDash=[4, 4], opacity=0.6).encode(x=alt.datum(0.0)),
        base.mark_rule(strokeWidth=2, opacity=0.7).encode(x=alt.X(field="from", **x), x2=alt.X2(field="to")),
        base.mark_point(filled=True, size=50, opacity=1).encode(x=alt.X(field="difference", **x)),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=max(many, 2) * ROW), theme)
