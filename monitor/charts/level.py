"""How high scores are beside labels by window, and which rows get a label: by window and tenth of the score."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import EXACT, NUMBER, SHARE, Theme, palette
from monitor.charts.windows import WindowAxis, band_x, time_x, unit_text, window_axis, with_time

SAYS, IS = "What the model says", "What labels say"
_LEVEL = ("window", "n", "expected", "observed", "lower", "upper")
_LABELLED = ("window", "tenth", "n", "share")


def said_chart(table: pd.DataFrame, *, share: bool, title: str, theme: Theme = "light") -> Chart:
    """Draw the mean of what a model says by window beside the mean of the labels with its interval.

    Parameters
    ----------
    table : one row per window: `window, n, expected, observed, lower, upper`
    share : whether both are shares of positives.
    title : what it shows, in words.
    """
    data = with_time(require(table, _LEVEL, "chart of levels")).sort_values("window", kind="stable")
    text = f"Mean of what the model says and of labels by {unit_text(data)}. {title}"
    return finish(_level_spec(window_axis(data), share, theme), data, title=title, alt=text, theme=theme)


def label_share_chart(table: pd.DataFrame, *, title: str, theme: Theme = "light") -> Chart:
    """Draw the share of rows that have a label by window and tenth of the score.

    Parameters
    ----------
    table : one row per window and tenth (1 the lowest scores): `window, tenth, n, share`
    """
    data = with_time(require(table, _LABELLED, "chart of label shares")).sort_values("window", kind="stable")
    text = f"Share of rows with a label by {unit_text(data)} and tenth of the score. {title}"
    return finish(_share_spec(window_axis(data), theme), data, title=title, alt=text, theme=theme)


@lru_cache(maxsize=16)
def _level_spec(axis: WindowAxis, share: bool, theme: Theme) -> Spec:
    form, exact = (SHARE, ".4~p") if share else (NUMBER, EXACT)
    tips = field_tooltip(
        when=("N", "Window", ""), n=("Q", "Rows with a label", ","), expected=("Q", SAYS, exact), observed=("Q", IS, exact),
        lower=("Q", "95 % interval from", exact), upper=("Q", "to", exact),
    )  # fmt: skip
    colours = palette(theme)
    scale = alt.Scale(domain=[SAYS, IS], range=[colours.production, colours.ink])
    colour = alt.Color(field="side", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="square", labelLimit=0))
    base = alt.Chart(NO_DATA).encode(x=time_x(axis), tooltip=tips)
    what = "Share of positives" if share else "Mean"
    channel: dict[str, Any] = {
        "type": "quantitative",
        "title": what,
        "scale": alt.Scale(zero=False),
        "axis": alt.Axis(format=form, tickCount=5),
    }
    ends = base.mark_rule(color=colours.ink, opacity=0.5).encode(y=alt.Y(field="lower", **channel), y2=alt.Y2(field="upper"))
    said = base.transform_calculate(side=f"'{SAYS}'").mark_line(strokeWidth=2).encode(y=alt.Y(field="expected", **channel), color=colour)
    seen = base.transform_calculate(side=f"'{IS}'").mark_point(filled=True, size=30, opacity=1)
    layers = [ends, said, seen.encode(y=alt.Y(field="observed", **channel), color=colour)]
    return bare_spec(alt.layer(*layers).properties(width="container", height=240), theme)


@lru_cache(maxsize=16)
def _share_spec(axis: WindowAxis, theme: Theme) -> Spec:
    tips = field_tooltip(
        when=("N", "Window", ""),
        tenth=("Q", "Tenth of the score, 1 the lowest", ""),
        n=("Q", "Rows", ","),
        share=("Q", "Have a label", ".4~p"),
    )
    colours = palette(theme)
    scale = alt.Scale(range=list(colours.magnitude[::-1]), domain=[0, 1])
    colour = alt.Color(
        field="share", type="quantitative", scale=scale, legend=alt.Legend(title="Have a label", format=SHARE, tickCount=3, orient="top")
    )
    y = alt.Y(field="tenth", type="ordinal", sort="descending", title="Tenth of the score", axis=alt.Axis(labelAngle=0))
    base = alt.Chart(NO_DATA).mark_rect().encode(x=band_x(axis), y=y, color=colour, tooltip=tips)
    return bare_spec(base.properties(width="container", height=200), theme)
