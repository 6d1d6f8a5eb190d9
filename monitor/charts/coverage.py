"""What monitors make of incidents: a grid of incidents by monitors; the darker, the sooner it fires."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import Theme, palette
from monitor.wording import plural

_NEEDED = ("incident", "monitor", "state", "told", "does", "rows", "finding")
ROW = 22
STATES = ("within one window", "later", "alarmed before", "silent")


def coverage_chart(table: pd.DataFrame, *, order: Sequence[str], monitors: Sequence[str], theme: Theme = "light") -> Chart:
    """Draw which monitor fires at which incident.

    Parameters
    ----------
    table : one row per incident and monitor that was asked: `incident, monitor, state` (of STATES), `told` (a few letters in the cell),
        `does, rows, finding`
    order, monitors : incidents from top to bottom, monitors from left to right
    """
    data = require(table, _NEEDED, "chart of coverage")
    fired = int(data["state"].isin(STATES[:2]).sum())
    return finish(
        _spec(tuple(order), tuple(monitors), theme),
        data,
        title="Which monitor fires, and after how many windows",
        alt=f"Grid of {plural(len(order), 'incident')} by {plural(len(monitors), 'monitor')}: {fired} of {len(data)} cells fire.",
        theme=theme,
    )


@lru_cache(maxsize=32)
def _spec(order: tuple[str, ...], monitors: tuple[str, ...], theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        incident=("N", "Incident", ""), does=("N", "What is done", ""), rows=("Q", "Rows concerned", ",d"), monitor=("N", "Monitor", ""),
        told=("N", "Fires", ""), finding=("N", "It says", ""),
    )  # fmt: skip
    y = alt.Y(field="incident", type="nominal", title=None, sort=list(order), axis=alt.Axis(labelLimit=260, ticks=False, domain=False))
    x = alt.X(
        field="monitor",
        type="nominal",
        title=None,
        sort=list(monitors),
        axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
    )
    scale = alt.Scale(domain=list(STATES), range=[colours.production, colours.direction[1], colours.reference, colours.grid])
    colour = alt.Color(field="state", type="nominal", scale=scale, legend=alt.Legend(title=None, orient="bottom", symbolType="square"))
    base = alt.Chart(NO_DATA).encode(x=x, y=y, tooltip=tips)
    layers: list[Any] = [
        base.mark_rect(stroke=colours.background, strokeWidth=2).encode(color=colour),
        base.transform_filter("datum.state != 'silent'")
        .mark_text(fontSize=11, color=colours.background)
        .encode(text=alt.Text(field="told", type="nominal")),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=max(len(order), 2) * ROW), theme)
