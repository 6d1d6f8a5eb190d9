"""Causes of change by window: the parts of the change of a metric, and labels above or below what inputs let expect."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, highest, lowest, require
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import FAINT, WindowAxis, band_x, cut_short_note, window_axis, with_time

ABOVE, BELOW = "Under-predicted: labels above expectation", "Over-predicted: labels below expectation"


def parts_chart(table: pd.DataFrame, *, label: str, parts: tuple[str, str], theme: Theme = "light") -> Chart:
    """Draw two parts of the change of a metric by window as bars on one another (`window, part, score, waiting`).

    Parameters
    ----------
    label : name of the metric, for people
    parts : what the two parts are called, in the column `part`
    """
    data = with_time(require(table, ("window", "part", "score", "waiting"), "chart of parts")).drop(columns="time")
    text = f"Change of {label} by window: {parts[0].lower()}, {parts[1].lower()}."
    return finish(
        _spec(window_axis(data), label, parts, "part", theme), data, title=f"Change of {label}, in its parts", alt=text, theme=theme,
        note=cut_short_note(data, FAINT),
    )  # fmt: skip


def level_chart(table: pd.DataFrame, *, theme: Theme = "light") -> Chart:
    """Draw by window how far labels lie above or below what inputs let expect (`window, score, waiting`)."""
    data = with_time(require(table, ("window", "score", "waiting"), "chart of levels")).drop(columns="time")
    data = data.assign(part=[ABOVE if one > 0 else BELOW for one in data["score"]])
    known = data[~data["waiting"].astype(bool)].dropna(subset=["score"])
    text = "Labels beside what inputs let expect, by window."
    if len(known):
        text += f" Most above in {highest(known, 'score')['when']}, most below in {lowest(known, 'score')['when']}."
    spec = _spec(window_axis(data), "Label − expected", (ABOVE, BELOW), "part", theme)
    return finish(spec, data, title="Level: labels beside what inputs let expect", alt=text, theme=theme, note=cut_short_note(data, FAINT))


@lru_cache(maxsize=32)
def _spec(axis: WindowAxis, label: str, parts: tuple[str, str], field: str, theme: Theme) -> Spec:
    colours = palette(theme)
    scale = alt.Scale(domain=list(parts), range=[colours.direction[5], colours.direction[1]])
    legend = alt.Legend(title=None, symbolType="square", labelLimit=0, columns=1)
    tips = field_tooltip(when=("N", "Window", ""), part=("N", "Part", ""), score=("Q", label, EXACT))
    bars: Any = (
        alt.Chart(NO_DATA)
        .mark_bar()
        .encode(
            x=band_x(axis),
            y=alt.Y(field="score", type="quantitative", title=label, axis=alt.Axis(format=NUMBER, tickCount=5), stack="zero"),
            color=alt.Color(field=field, type="nominal", scale=scale, legend=legend),
            opacity=alt.condition("datum.waiting || datum.partial", alt.value(0.3), alt.value(1.0)),
            tooltip=tips,
        )
    )
    return bare_spec(bars.properties(width="container", height=170), theme)
