"""What each way to deal with an incident would have brought, with its interval; right of the line is better."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.wording import number_text

_NEEDED = ("title", "state", "gain", "lower", "upper", "now", "then", "n")
ROW = 30
STATES = ("helps", "hurts", "within chance")


def remedies_chart(table: pd.DataFrame, *, label: str, theme: Theme = "light") -> Chart:
    """Draw the gains of options in one metric.

    Parameters
    ----------
    table : one row per option that was tried: `title, state` (helps, hurts, within chance), `gain, lower, upper, now, then, n`
    label : name of the metric, for people
    """
    data = require(table, _NEEDED, "chart of remedies")
    said = "; ".join(f"{name} {number_text(float(gain), 2)}" for name, gain in zip(data["title"], data["gain"], strict=True))
    return finish(
        _spec(len(data), label, theme),
        data,
        title=f"{label}: how much better a row, with what chance could do",
        alt=f"Gain in {label} by option: {said}.",
        theme=theme,
    )


@lru_cache(maxsize=32)
def _spec(many: int, label: str, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        title=("N", "Option", ""), now=("Q", f"{label} as it was", EXACT), then=("Q", "With it", EXACT), gain=("Q", "Better by", EXACT),
        lower=("Q", "Interval from", EXACT), upper=("Q", "to", EXACT), n=("Q", "Rows", ",d"),
    )  # fmt: skip
    scale = alt.Scale(domain=list(STATES), range=[colours.direction[1], colours.direction[5], colours.reference])
    colour = alt.Color(field="state", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="circle", orient="top"))
    x: dict[str, Any] = {"type": "quantitative", "title": "← worse | better →", "axis": alt.Axis(format=NUMBER, tickCount=5)}
    y = alt.Y(field="title", type="nominal", title=None, sort=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    base = alt.Chart(NO_DATA).encode(y=y, color=colour, tooltip=tips)
    layers: list[Any] = [
        alt.Chart(NO_DATA).mark_rule(color=colours.ink, strokeDash=[4, 4], opacity=0.6).encode(x=alt.datum(0.0)),
        base.mark_rule(strokeWidth=2, opacity=0.7).encode(x=alt.X(field="lower", **x), x2=alt.X2(field="upper")),
        base.mark_point(filled=True, size=60, opacity=1).encode(x=alt.X(field="gain", **x)),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=max(many, 2) * ROW), theme)
