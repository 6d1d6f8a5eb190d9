"""What proves a cause: values before, now, and with the cause taken away."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import NUMBER, SHARE, Theme, palette
from monitor.incidents.picture import BEFORE, NOW, UNDONE, WIDE
from monitor.vocabulary import Status

_DRAWN = ("side", "low", "high", "level", "share", "rows")


def proof_chart(table: pd.DataFrame, *, title: str, label: str, theme: Theme = "light") -> Chart:
    """Draw shares of values before a cause, since, and with the cause taken away, on one axis.

    Parameters
    ----------
    table : one row per side and cell: `side` (BEFORE, NOW, UNDONE), `low` and `high` of numbers, `level` of levels, `share` of the side's
        rows 0..1, `rows`
    label : the column, for people.
    """
    data = require(table, _DRAWN, "proof of a cause")
    numeric = bool(data["low"].notna().any())
    sides = [one for one in (BEFORE, NOW, UNDONE) if data["side"].eq(one).any()]
    scale = "none" if not numeric else "log" if data["low"].min() > 0 and data["high"].max() > WIDE * data["low"].min() else "linear"
    text = f"{title} Shares of {label}: {', '.join(sides)}."
    return finish(_spec(scale, tuple(sides), label, theme), data, title=title, alt=text, theme=theme)


@lru_cache(maxsize=32)
def _spec(scale: Literal["none", "linear", "log"], sides: tuple[str, ...], label: str, theme: Theme) -> Spec:
    colours = palette(theme)
    shades = {BEFORE: colours.reference, NOW: colours.status[Status.ALERT], UNDONE: colours.production}
    tips = field_tooltip(side=("N", "Rows", ""), level=("N", label, ""), share=("Q", "Share", ".3~p"), rows=("Q", "Rows", ","))
    colour = alt.Color(
        field="side",
        type="nominal",
        legend=alt.Legend(title=None, orient="top", symbolType="square"),
        scale=alt.Scale(domain=list(sides), range=[shades[one] for one in sides]),
    )
    y = alt.Y(field="share", type="quantitative", title="Share of rows", axis=alt.Axis(format=SHARE, tickCount=4))
    base = alt.Chart(NO_DATA)
    if scale == "none":
        x = alt.X(field="level", type="nominal", title=label, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, labelLimit=90))
        apart = alt.XOffset(field="side", type="nominal", sort=list(sides))
        return bare_spec(base.mark_bar().encode(x=x, xOffset=apart, y=y, color=colour, tooltip=tips).properties(**_SIZE), theme)
    x = alt.X(
        field="low", type="quantitative", title=label, axis=alt.Axis(format=NUMBER), scale=alt.Scale(type=scale, zero=False, nice=False)
    )
    drawn = base.mark_area(interpolate="step-after", opacity=0.25, line={"strokeWidth": 2}).encode(
        x=x, y=y.stack(None), color=colour, tooltip=tips
    )
    return bare_spec(drawn.properties(**_SIZE), theme)


_SIZE: Any = {"width": "container", "height": 220}
