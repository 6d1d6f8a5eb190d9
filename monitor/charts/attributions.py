"""What columns add to predictions: by window, by value, by segment, and in one row."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import HATCHED, WindowAxis, band_x, cut_short_note, hatching, window_axis, with_time
from monitor.wording import number_text, plural

ROW = 20
LABEL_LIMIT = 230


def attribution_map_chart(table: pd.DataFrame, *, unit: str, title: str, selected: str | None = None, theme: Theme = "light") -> Chart:
    """Draw what each column adds to the mean prediction, beside the reference, by window: orange more, blue less.

    Parameters
    ----------
    table : one row per column and window, columns in the order of the picture: `column, label, window, value, status`

    A click on a cell reports the parameter `cell` with the fields `column` and `window`.
    """
    data = with_time(require(table, ("column", "label", "window", "value", "status"), "map of attributions")).drop(columns="time")
    place = {name: position for position, name in enumerate(dict.fromkeys(data["column"]))}
    data = data.assign(
        place=data["column"].map(place), loud=data["status"].isin(["alert", "warning"]), chosen=data["column"].eq(selected or "")
    )
    reach = float(np.nanmax(np.abs(data["value"].to_numpy(float)), initial=0.0)) or 1.0
    far = data.iloc[int(np.nanargmax(np.abs(data["value"].fillna(0.0).to_numpy(float))))]
    alt_text = (
        f"Map of {plural(len(place), 'column')} by window. Farthest: {far['label']} in {far['when']}, {number_text(float(far['value']))}."
    )
    note = cut_short_note(data, HATCHED)
    chart = finish(
        _map_spec(window_axis(data), unit, theme), data, title=title, alt=alt_text, theme=theme, note=note, height=ROW * len(place)
    )
    chart.spec["layer"][0]["encoding"]["color"]["scale"]["domain"] = [-reach, reach]
    return chart


@lru_cache(maxsize=16)
def _map_spec(axis: WindowAxis, unit: str, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(when=("N", "Window", ""), label=("N", "Column", ""), value=("Q", unit, EXACT), status=("N", "Verdict", ""))
    pick = alt.selection_point(name="cell", fields=["column", "window"], on="click", clear="dblclick", toggle=False)
    y = alt.Y(field="label", type="nominal", sort=_by("place"), axis=alt.Axis(title=None, labelLimit=LABEL_LIMIT, labelColor=colours.ink))
    x, plain = band_x(axis), alt.Chart(NO_DATA)
    base = plain.encode(x=x, y=y, tooltip=tips)
    legend = alt.Legend(gradientLength=160, gradientThickness=10, tickCount=3, titleLimit=320, format=NUMBER)
    colour = alt.Color(
        field="value", type="quantitative", title=unit, legend=legend,
        scale=alt.Scale(range=list(colours.direction), interpolate="rgb"),
    )  # fmt: skip
    cells = base.mark_rect(stroke=colours.background, strokeWidth=1).encode(color=colour).add_params(pick)
    dots = base.transform_filter("datum.loud").mark_point(filled=True, size=9, color=colours.ink, opacity=0.7)
    return bare_spec(
        alt.layer(cells, *hatching(plain, {"x": x, "y": y, "tooltip": tips}, colours), dots).properties(width="container"), theme
    )


def _by(field: str) -> alt.EncodingSortField:
    return alt.EncodingSortField(field=field, op="min", order="ascending")


def dependence_chart(
    table: pd.DataFrame, *, label: str, unit: str, ordered: bool, names: Names | None = None, theme: Theme = "light"
) -> Chart:
    """Draw what a column adds in each bin of its values on both sides, and below how many rows lie there.

    Parameters
    ----------
    table : one row per bin and side, bins in order: `bin, side` ("reference" or "production"), `mean` (null without rows), `share`
    ordered : whether bins follow one another, so that a line may join them
    """
    data = require(table, ("bin", "side", "mean", "share"), "chart of dependence")
    called = names or Names()
    place = {name: position for position, name in enumerate(dict.fromkeys(data["bin"]))}
    data = data.assign(
        place=data["bin"].map(place), side_word=data["side"].map({"reference": called.reference, "production": called.production})
    )
    known = data.dropna(subset=["mean"])
    top = known.iloc[int(np.argmax(np.abs(known["mean"].to_numpy(float))))] if len(known) else None
    alt_text = f"What {label} adds to the prediction by its value, on both sides."
    alt_text += "" if top is None else f" Most at {top['bin']}: {number_text(float(top['mean']))}."
    return finish(_dependence_spec(unit, ordered, called, theme), data, title=f"What {label} adds, by its value", alt=alt_text, theme=theme)


@lru_cache(maxsize=16)
def _dependence_spec(unit: str, ordered: bool, called: Names, theme: Theme) -> Spec:
    colours = palette(theme)
    scale = alt.Scale(domain=[called.reference, called.production], range=[colours.reference, colours.production])
    colour = alt.Color(
        field="side_word",
        type="nominal",
        scale=scale,
        legend=alt.Legend(title=None, symbolType="circle", labelLimit=0, columns=called.columns),
    )
    tips = field_tooltip(bin=("N", "Value", ""), side_word=("N", "Side", ""), mean=("Q", unit, EXACT), share=("Q", "Share of rows", ".3~p"))
    angle: Any = {"labelAngle": -35, "labelLimit": 110, "title": None, "labelOverlap": False}
    base = alt.Chart(NO_DATA).encode(x=alt.X(field="bin", type="nominal", sort=_by("place"), axis=alt.Axis(**angle)), tooltip=tips)
    y = alt.Y(field="mean", type="quantitative", title=unit, axis=alt.Axis(format=NUMBER, tickCount=5))
    size = alt.Size(field="share", type="quantitative", scale=alt.Scale(range=[12, 400]), legend=None)
    layers: list[Any] = [alt.Chart(NO_DATA).mark_rule(color=colours.quiet).encode(y=alt.Y(datum=0, type="quantitative"))]
    if ordered:
        layers.append(base.mark_line(strokeWidth=1.5).encode(y=y, color=colour))
    layers.append(base.mark_circle(opacity=0.85).encode(y=y, color=colour, size=size))
    return bare_spec(alt.layer(*layers).properties(width="container", height=240), theme)


def summary_chart(table: pd.DataFrame, *, unit: str, title: str, note: str = "", theme: Theme = "light") -> Chart:
    """Draw what each column adds in tenths of its values, one row per column and side: readable where a cloud of points is not.

    Parameters
    ----------
    table : one row per column, side and bin, in the order of the picture: `label, side` ("A" or "B"), `row` (name of its row), `tenth`
        (0 lowest), `bin` (its values), `mean, share`
    """
    data = require(table, ("label", "row", "tenth", "bin", "mean", "share"), "summary of attributions")
    place = {name: position for position, name in enumerate(dict.fromkeys(data["row"]))}
    data = data.assign(place=data["row"].map(place))
    reach = float(np.nanmax(np.abs(data["mean"].to_numpy(float)), initial=0.0)) or 1.0
    alt_text = (
        f"What {plural(data['label'].nunique(), 'column')} add to the prediction by tenth of their values, both sides below each other."
    )
    chart = finish(_summary_spec(unit, theme), data, title=title, alt=alt_text, theme=theme, note=note, height=14 * len(place))
    chart.spec["encoding"]["color"]["scale"]["domain"] = [-reach, reach]
    return chart


@lru_cache(maxsize=8)
def _summary_spec(unit: str, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        label=("N", "Column", ""), side_word=("N", "Side", ""), bin=("N", "Value", ""), mean=("Q", unit, EXACT),
        share=("Q", "Share of rows", ".3~p"),
    )  # fmt: skip
    axis = alt.Axis(
        title=None,
        labelLimit=LABEL_LIMIT,
        labelColor=colours.ink,
        labelExpr="indexof(datum.value, ' · B') > 0 ? '' : slice(datum.value, 0, -4)",
    )
    cells = (
        alt.Chart(NO_DATA)
        .mark_rect()
        .encode(
            x=alt.X(
                field="tenth", type="ordinal", axis=alt.Axis(title="Values, low to high (levels: by what they add)", labels=False)
            ),
            y=alt.Y(field="row", type="nominal", sort=_by("place"), axis=axis, scale=alt.Scale(paddingInner=0.08)),
            color=alt.Color(
                field="mean", type="quantitative", title=unit,
                scale=alt.Scale(range=list(colours.direction), interpolate="rgb"),
                legend=alt.Legend(gradientLength=160, gradientThickness=10, tickCount=3, titleLimit=320, format=NUMBER),
            ),
            tooltip=tips,
        )
    )  # fmt: skip
    return bare_spec(cells.properties(width="container"), theme)
