"""Charts of several columns at once: matrix of associations, map of rows, bars of contributions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, highest, require
from monitor.charts.theme import EXACT, NUMBER, SHARE, Theme, palette
from monitor.wording import count_text, list_text, number_text, plural, share_text

Which = Literal["difference", "before", "after"]
_WHICH_WORDS = {"difference": "Change of association", "before": "Association before", "after": "Association after"}


def matrix_chart(table: pd.DataFrame, *, which: Which = "difference", title: str | None = None, theme: Theme = "light") -> Chart:
    """Draw the association of every pair of columns: before, after or the change.

    Parameters
    ----------
    table : one row per pair (both orders, or one: the other half stays empty): `row_label, column_label, before, after, difference`
        (associations in [-1, 1]); rows and columns keep the order of the table
    """
    data = require(table, ("row_label", "column_label", "before", "after", "difference"), "matrix")
    labels = list(dict.fromkeys([*data["row_label"], *data["column_label"]]))
    place = {name: position for position, name in enumerate(labels)}
    data = data.assign(row=data["row_label"].map(place), column=data["column_label"].map(place))
    far = float(np.nanmax(np.abs(data[which].to_numpy(float)), initial=0.0))
    top = highest(data.assign(size=data["difference"].abs()), "size") if data["difference"].notna().any() else None
    pair = "" if top is None else f"{top['row_label']} and {top['column_label']}"
    moved = "" if top is None else f"from {number_text(float(top['before']), 2)} to {number_text(float(top['after']), 2)}"
    words = title or (f"{pair}: association {moved}" if pair else "No pair could be measured")
    alt_text = f"Matrix of {plural(len(labels), 'column')}, {_WHICH_WORDS[which].lower()}. Largest change: {pair} {moved}."
    chart = finish(_matrix_spec(which, theme), data, title=words, alt=alt_text, theme=theme, height=max(18 * len(labels), 60))
    reach = 1.0 if which != "difference" else max(far, 0.1)
    chart.spec["encoding"]["color"]["scale"]["domain"] = [-reach, reach]
    return chart


@lru_cache(maxsize=16)
def _matrix_spec(which: Which, theme: Theme) -> Spec:
    colours = palette(theme)
    axis: dict[str, Any] = {"title": None, "labelColor": colours.ink}
    legend = alt.Legend(gradientLength=180, gradientThickness=10, tickCount=5, titleLimit=300)
    pick = alt.selection_point(name="pair", fields=["row_label", "column_label"], on="click", clear="dblclick", toggle=False)
    cells = (
        alt.Chart(NO_DATA)
        .mark_rect(stroke=colours.background, strokeWidth=0.5)
        .encode(
            x=alt.X(field="column_label", type="nominal", sort=_by("column"), axis=alt.Axis(labelAngle=-45, labelLimit=160, **axis)),
            y=alt.Y(field="row_label", type="nominal", sort=_by("row"), axis=alt.Axis(labelLimit=240, **axis)),
            color=alt.Color(
                field=which,
                type="quantitative",
                title=_WHICH_WORDS[which],
                scale=alt.Scale(range=list(colours.direction), interpolate="rgb"),
                legend=legend,
            ),
            tooltip=field_tooltip(
                row_label=("N", "Column", ""),
                column_label=("N", "With", ""),
                before=("Q", "Before", ".3~f"),
                after=("Q", "After", ".3~f"),
                difference=("Q", "Change", "+.3~f"),
            ),
        )
    )
    return bare_spec(cells.add_params(pick).properties(width="container"), theme)


def _by(field: str) -> alt.EncodingSortField:
    return alt.EncodingSortField(field=field, op="min", order="ascending")


def scatter_chart(
    table: pd.DataFrame,
    *,
    x_title: str = "First component",
    y_title: str = "Second component",
    names: Names | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw rows as points of a map: reference grey below, production blue above.

    Parameters
    ----------
    table : one row per point: `x, y`, `side` ("reference" or "production"), optionally `name` (what the row is called on hover)

    Dragging a rectangle reports the parameter `lasso` with the ranges of `x` and `y`.
    """
    data = require(table, ("x", "y", "side"), "map of rows")
    called = names or Names()
    words_of = {"reference": called.reference, "production": called.production}
    data = data.assign(side_word=data["side"].astype(str).map(words_of))
    many, before = (int((data["side"] == side).sum()) for side in ("production", "reference"))
    size = f"{plural(many, 'row')} of {called.inside.production} over {plural(before, 'row')} of {called.inside.reference}"
    centre = data.groupby("side")[["x", "y"]].mean()
    where = ", ".join(
        f"{getattr(called.inside, str(name))} around ({number_text(row['x'], 2)}, {number_text(row['y'], 2)})"
        for name, row in centre.iterrows()
    )
    words = title or f"Map of {size}"
    spec = _scatter_spec(x_title, y_title, called, "name" in data.columns, theme)
    return finish(spec, data, title=words, alt=f"Map of rows by {x_title.lower()} and {y_title.lower()}: {size}; {where}.", theme=theme)


@lru_cache(maxsize=16)
def _scatter_spec(x_title: str, y_title: str, called: Names, named: bool, theme: Theme) -> Spec:
    colours = palette(theme)
    scale = alt.Scale(domain=[called.reference, called.production], range=[colours.reference, colours.production])
    tips: dict[str, tuple[str, str, str]] = {"name": ("N", "Row", "")} if named else {}
    tips |= {"side_word": ("N", "From", ""), "x": ("Q", x_title, EXACT), "y": ("Q", y_title, EXACT)}
    brush = alt.selection_interval(name="lasso", encodings=["x", "y"])
    quiet = alt.Axis(grid=True, tickCount=5, format=NUMBER)
    base = alt.Chart(NO_DATA).encode(
        x=alt.X(field="x", type="quantitative", title=x_title, axis=quiet, scale=alt.Scale(zero=False)),
        y=alt.Y(field="y", type="quantitative", title=y_title, axis=quiet, scale=alt.Scale(zero=False)),
        color=alt.Color(
            field="side_word",
            type="nominal",
            scale=scale,
            legend=alt.Legend(title=None, symbolOpacity=1, symbolType="circle", labelLimit=0),
        ),
        tooltip=field_tooltip(**tips),
    )
    below = base.transform_filter("datum.side === 'reference'").mark_circle(size=14, opacity=0.35)
    above = base.transform_filter("datum.side === 'production'").mark_circle(size=14, opacity=0.45)
    return bare_spec(alt.layer(below.add_params(brush), above).properties(width="container", height=380), theme)


def contribution_bar_chart(
    table: pd.DataFrame, *, value_title: str, share: bool = False, limit: int = 20, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw contributions as bars from the largest; blue below zero and orange above where there are both signs.

    Parameters
    ----------
    table : one row per bar: `label, value`, optionally `lower` and `upper`
    value_title : what the bars are and their unit
    share : whether values are shares, written in percent
    limit : bars that are drawn; the table holds all
    """
    data = require(table, ("label", "value"), "contribution chart")
    data = data.assign(size=data["value"].abs()).sort_values("size", ascending=False, kind="stable").drop(columns="size")
    data = data.assign(place=range(len(data)), rises=data["value"] >= 0)
    signed = bool((data["value"] < 0).any())
    told = [f"{row['label']} {share_text(row['value']) if share else number_text(row['value'])}" for _, row in data.head(3).iterrows()]
    words = title or f"{list_text([str(name) for name in data['label'].head(2)])} contribute most"
    note = f"The {limit} largest of {count_text(len(data))}" if len(data) > limit else ""
    spec = _contribution_spec(value_title, (signed, share, {"lower", "upper"} <= set(data.columns)), limit, theme)
    height = 22 * max(min(len(data), limit), 1)
    return finish(spec, data, title=words, alt=f"Bars of {value_title.lower()}: {list_text(told)}.", theme=theme, note=note, height=height)


@lru_cache(maxsize=32)
def _contribution_spec(value_title: str, parts: tuple[bool, bool, bool], limit: int, theme: Theme) -> Spec:
    signed, share, interval = parts
    colours = palette(theme)
    rises, falls = (colours.direction[-2], colours.direction[1]) if signed else (colours.production, colours.production)
    axis = alt.Axis(title=None, labelLimit=260, labelColor=colours.ink)
    tips: dict[str, tuple[str, str, str]] = {"label": ("N", "What", ""), "value": ("Q", value_title, ".4~p" if share else EXACT)}
    if interval:
        tips |= {"lower": ("Q", "From", EXACT), "upper": ("Q", "To", EXACT)}
    base = (
        alt.Chart(NO_DATA)
        .transform_filter(f"datum.place < {limit}")
        .encode(y=alt.Y(field="label", type="nominal", sort=_by("place"), axis=axis), tooltip=field_tooltip(**tips))
    )
    form = alt.Axis(format=SHARE if share else NUMBER, tickCount=6)
    colour = alt.Color(field="rises", type="nominal", legend=None, scale=alt.Scale(domain=[True, False], range=[rises, falls]))
    layers: list[Any] = [
        base.mark_bar(height=14).encode(x=alt.X(field="value", type="quantitative", title=value_title, axis=form), color=colour)
    ]
    if interval:
        layers.append(
            base.mark_rule(color=colours.ink, strokeWidth=1.5).encode(x=alt.X(field="lower", type="quantitative"), x2=alt.X2(field="upper"))
        )
    if signed:
        layers.append(alt.Chart(NO_DATA).mark_rule(color=colours.quiet).encode(x=alt.X(datum=0, type="quantitative")))
    return bare_spec(alt.layer(*layers).properties(width="container"), theme)
