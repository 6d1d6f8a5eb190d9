"""Gaps between groups: of every group over all windows, and of one by window; the band beyond which a gap is unfair is shaded."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.notes import Places, note_places, on_time, time_layers
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import HOLLOW, WindowAxis, cut_short_note, time_x, unit_text, window_axis, with_time
from monitor.wording import number_text, plural

_GROUPS = ("side", "group", "n", "value", "others", "gap", "lower", "upper")
_GAPS = ("window", "gap", "lower", "upper", "value", "others", "n", "reference")
ROW, FARTHEST = 34, 50.0
"""Height of a group; ratios farther than so many times (or parts) are drawn at the edge."""
Band = tuple[float, float] | None


def groups_chart(
    table: pd.DataFrame, *, metric: str, band: Band = None, names: Names | None = None, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw how far a metric of each group lies from that of all other rows, on both sides, with its interval.

    Parameters
    ----------
    table : one row per side and group: `side` (reference, production), `group, n, value, others, gap, lower, upper`
    metric : its name for people
    band : of ratios, between which a gap is fair; None: gaps are differences
    """
    data = require(table, _GROUPS, "chart of groups")
    called = names or Names()
    data = data.assign(side=data["side"].map({"reference": called.reference, "production": called.production}))
    data = _drawn(data, band)
    many = data["group"].nunique()
    now = data[data["side"] == called.production].dropna(subset=["gap"])
    words = title or f"{metric}: {plural(many, 'group')} beside all others"
    span = f" From {number_text(float(now['gap'].min()))} to {number_text(float(now['gap'].max()))}." if len(now) else ""
    text = f"{metric} of each group, {_unit(band)}, with 95 % intervals, of both sides.{span}"
    spec = _groups_spec((called.reference, called.production), metric, band, many, theme)
    return finish(spec, data, title=words, alt=text, theme=theme)


def gap_chart(
    table: pd.DataFrame,
    *,
    label: str,
    band: Band = None,
    annotations: pd.DataFrame | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw how far a metric of one group lies from that of all other rows by window; the reference's gap is a grey rule.

    Parameters
    ----------
    table : one row per window: `window, gap, lower, upper, value, others, n, reference`; optionally `when`, `units`, `partial`
    label : what is compared, for people
    """
    data = with_time(require(table, _GAPS, "chart of a gap")).sort_values("window", kind="stable")
    data = _drawn(data, band)
    axis = window_axis(data)
    known = data["gap"].dropna()
    span = f"{number_text(float(known.min()))} to {number_text(float(known.max()))}" if len(known) else "no window has a value"
    words = title or f"{label}: {span} by {unit_text(data)}"
    text = f"{label} by {unit_text(data)}, {_unit(band)}: {span}."
    spec = _gap_spec(axis, label, band, note_places(annotations, data, axis), theme)
    return finish(spec, on_time(data, annotations, axis), title=words, alt=text, theme=theme, note=cut_short_note(data, HOLLOW))


def _unit(band: Band) -> str:
    return "difference to all others" if band is None else "in parts of that of all others"


def _drawn(data: pd.DataFrame, band: Band) -> pd.DataFrame:
    """Say where each gap and its interval are drawn (`drawn_gap` ...): ratios beyond what a logarithmic axis holds, 0 among them, at its
    edge; an interval without an end has none to be read."""
    ends = data[["gap", "lower", "upper"]]
    drawn = ends if band is None else ends.clip(1 / FARTHEST, FARTHEST)[data["gap"].notna()].reindex(data.index)
    return data.assign(**ends.replace([np.inf, -np.inf], np.nan)).join(drawn.add_prefix("drawn_"))


def _value_axis(band: Band, title: str) -> dict[str, Any]:
    scale = alt.Scale(zero=False, nice=False) if band is None else alt.Scale(type="log", nice=False, padding=12)
    return {"type": "quantitative", "title": title, "scale": scale, "axis": alt.Axis(format=NUMBER, tickCount=5)}


def _said(band: Band, metric: str) -> str:
    return f"{metric}: difference to all others" if band is None else f"{metric}, times that of all others"


@lru_cache(maxsize=32)
def _groups_spec(called: tuple[str, str], metric: str, band: Band, many: int, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        group=("N", "Group", ""), side=("N", "Side", ""), value=("Q", metric, EXACT), others=("Q", "All others", EXACT),
        gap=("Q", "Difference" if band is None else "Times that of others", EXACT), lower=("Q", "95 % interval from", EXACT),
        upper=("Q", "to", EXACT), n=("Q", "Rows it rests on", ",d"),
    )  # fmt: skip
    scale = alt.Scale(domain=list(called), range=[colours.reference, colours.production])
    colour = alt.Color(field="side", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="square", labelLimit=0))
    y = alt.Y(field="group", type="nominal", title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False))
    offset = alt.YOffset(field="side", type="nominal", sort=list(called))
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.gap)").encode(y=y, yOffset=offset, color=colour, tooltip=tips)
    x = _value_axis(band, _said(band, metric))
    layers: list[Any] = [*_band_layers(band, theme, vertical=True)]
    layers.append(base.mark_rule(strokeWidth=2, opacity=0.7).encode(x=alt.X(field="drawn_lower", **x), x2=alt.X2(field="drawn_upper")))
    layers.append(base.mark_point(filled=True, size=60, opacity=1).encode(x=alt.X(field="drawn_gap", **x)))
    return bare_spec(alt.layer(*layers).properties(width="container", height=max(many, 2) * ROW), theme)


def _band_layers(band: Band, theme: Theme, *, vertical: bool) -> list[Any]:
    """Shade what is fair, and draw where groups are alike."""
    colours, none = palette(theme), alt.Chart(NO_DATA)
    same = alt.datum(0.0 if band is None else 1.0)
    rule = none.mark_rule(color=colours.ink, strokeDash=[4, 4], opacity=0.6)
    layers = [rule.encode(x=same) if vertical else rule.encode(y=same)]
    if band is not None:
        ends: dict[str, Any] = {"x": alt.datum(band[0]), "x2": alt.datum(band[1])}
        if not vertical:
            ends = {"y": alt.datum(band[0]), "y2": alt.datum(band[1])}
        layers.insert(0, alt.Chart(NO_DATA).mark_rect(color=colours.band, opacity=0.02 if vertical else 0.25).encode(**ends))
    return layers


@lru_cache(maxsize=32)
def _gap_spec(axis: WindowAxis, label: str, band: Band, annotated: Places, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        when=("N", "Window", ""), value=("Q", "The group", EXACT), others=("Q", "All others", EXACT),
        gap=("Q", "Difference" if band is None else "Times that of others", EXACT), lower=("Q", "95 % interval from", EXACT),
        upper=("Q", "to", EXACT), n=("Q", "Rows it rests on", ",d"),
    )  # fmt: skip
    y = _value_axis(band, "Difference to all others" if band is None else "Times that of all others")
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window) && isValid(datum.gap)").encode(x=time_x(axis), tooltip=tips)
    before = alt.Chart(NO_DATA).transform_filter("isValid(datum.reference)").mark_rule(color=colours.reference, strokeWidth=2)
    hollow = alt.condition("datum.partial", alt.value(colours.background), alt.value(colours.production))
    layers: list[Any] = [
        *_band_layers(band, theme, vertical=False),
        before.encode(y=alt.Y(field="reference", type="quantitative", aggregate="max")),
        base.mark_rule(color=colours.production, opacity=0.4, strokeWidth=2).encode(
            y=alt.Y(field="drawn_lower", **y), y2=alt.Y2(field="drawn_upper")
        ),
        base.mark_line(color=colours.production, strokeWidth=1.5).encode(y=alt.Y(field="drawn_gap", **y)),
        base.mark_point(filled=True, opacity=1, size=26, stroke=colours.production).encode(y=alt.Y(field="drawn_gap", **y), fill=hollow),
        *(time_layers(colours, annotated) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=220), theme)
