"""Why a mean moved: the waterfall of its change, how far columns moved beside what that did, and how much columns matter."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, require
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.wording import list_text, number_text, plural

LABEL_LIMIT = 230
STEP = 24
ASIDE = -0.5
"""Where columns stand on the axis of the quadrant that were not judged: aside of those that did not move."""
FAR, MOVED = 1, 4
"""Points of the quadrant that carry their name: those that moved farthest, and that moved predictions most."""


def waterfall_chart(
    table: pd.DataFrame, *, unit: str, title: str, selected: str | None = None, note: str = "", theme: Theme = "light"
) -> Chart:
    """Draw how a mean moved from one side to the other, a floating bar for each part.

    Parameters
    ----------
    table : rows in the order of the picture: `label, column` (null: no single column), `start, end` (what the mean was before and after the
        part), `part` (before, up, down, after), `value, lower, upper` (of the part; of the ends what the mean is)
    unit : what the mean is measured in, such as "Mean probability"

    A click on a bar reports the parameter `cell` with the field `column`.
    """
    data = require(table, ("label", "column", "start", "end", "part", "value"), "waterfall")
    data = data.assign(place=range(len(data)), chosen=data["column"].eq(selected or "") & data["column"].notna())
    data = data.assign(**{f"{end}_at": data["start"] + data[end] if end in data else float("nan") for end in ("lower", "upper")})
    inner = data[~data["part"].isin(["before", "after"])]
    told = [f"{row['label']} {number_text(row['value'])}" for _, row in inner.head(3).iterrows()]
    ends = [number_text(float(data["value"].iloc[i])) for i in (0, -1)]
    alt_text = f"Waterfall of the {unit[:1].lower()}{unit[1:]} from {ends[0]} to {ends[1]}. Largest parts: {list_text(told)}."
    return finish(_waterfall_spec(unit, theme), data, title=title, alt=alt_text, theme=theme, note=note, height=STEP * len(data))


@lru_cache(maxsize=16)
def _waterfall_spec(unit: str, theme: Theme) -> Spec:
    colours = palette(theme)
    axis = alt.Axis(title=None, labelLimit=LABEL_LIMIT, labelColor=colours.ink)
    tips = field_tooltip(
        label=("N", "Column", ""), value=("Q", unit, EXACT), lower=("Q", "95 % interval from", EXACT), upper=("Q", "to", EXACT)
    )
    pick = alt.selection_point(name="cell", fields=["column"], on="click", clear="dblclick", toggle=False)
    base = alt.Chart(NO_DATA).encode(y=alt.Y(field="label", type="nominal", sort=_by("place"), axis=axis), tooltip=tips)
    scale = alt.Scale(
        domain=["before", "up", "down", "after"],
        range=[colours.reference, colours.direction[5], colours.direction[1], colours.production],
    )
    x = alt.X(field="start", type="quantitative", title=unit, scale=alt.Scale(zero=False), axis=alt.Axis(format=EXACT, tickCount=6))
    bars = base.transform_filter("datum.part == 'up' || datum.part == 'down'").mark_bar(height=14)
    ends = base.transform_filter("datum.part == 'before' || datum.part == 'after'").mark_tick(thickness=4, size=18)
    layers: list[Any] = [
        bars.encode(
            x=x,
            x2=alt.X2(field="end"),
            color=alt.Color(field="part", type="nominal", scale=scale, legend=None),
            stroke=alt.condition("datum.chosen", alt.value(colours.ink), alt.value(None)),
        ).add_params(pick),
        ends.encode(x=alt.X(field="end", type="quantitative"), color=alt.Color(field="part", type="nominal", scale=scale, legend=None)),
        base.transform_filter("isValid(datum.lower_at) && datum.part != 'before' && datum.part != 'after'")
        .mark_rule(color=colours.ink, strokeWidth=1.2)
        .encode(x=alt.X(field="lower_at", type="quantitative"), x2=alt.X2(field="upper_at")),
        base.transform_filter("datum.part != 'before' && datum.part != 'after'")
        .mark_text(align="left", dx=6, color=colours.ink, fontSize=11)
        .encode(x=alt.X(field="far", type="quantitative"), text=alt.Text(field="said", type="nominal")),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container"), theme)


def _by(field: str) -> alt.EncodingSortField:
    return alt.EncodingSortField(field=field, op="min", order="ascending")


def quadrant_chart(table: pd.DataFrame, *, unit: str, title: str, selected: str | None = None, theme: Theme = "light") -> Chart:
    """Draw how far each column moved beside what that did to the mean prediction; who lies in both is named.

    Parameters
    ----------
    table : one row per column: `column, label, drift` (times as far as it had to be; 1 and more alarms; nan: not judged, drawn aside),
        `moved` (size of its part of the change), `contribution` (with sign), `importance`

    A click on a point reports the parameter `cell` with the field `column`.
    """
    data = require(table, ("column", "label", "drift", "moved", "contribution", "importance"), "quadrant")
    ranked = {name: data[name].rank(ascending=False, method="first") for name in ("drift", "moved")}
    named = (ranked["drift"] <= FAR) | (ranked["moved"] <= MOVED)
    known = data["drift"].notna()
    data = data.assign(
        told=data["label"].where(named, ""), chosen=data["column"].eq(selected or ""), at=data["drift"].where(known, ASIDE),
        said=[number_text(one) if one == one else "not judged" for one in data["drift"]],
    )  # fmt: skip
    first = {name: "none" if (ranked[name] != 1).all() else str(data.loc[ranked[name] == 1, "label"].iloc[0]) for name in ranked}
    aside = data.loc[~known, "label"].tolist()
    alt_text = (
        f"{plural(len(data), 'column')} by how far they moved and what that did to predictions. Moved farthest: {first['drift']}. "
        f"Moved predictions most: {first['moved']}." + (f" Not judged: {list_text(aside)}." if aside else "")
    )
    note = f"On the left, not judged for drift: {list_text(aside, limit=3)}" if aside else ""
    return finish(_quadrant_spec(unit, theme, aside=bool(aside)), data, title=title, alt=alt_text, theme=theme, note=note)


@lru_cache(maxsize=16)
def _quadrant_spec(unit: str, theme: Theme, *, aside: bool) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        label=("N", "Column", ""), said=("N", "Moved, times its limit", ""), contribution=("Q", f"Adds to the {unit}", EXACT),
        importance=("Q", "Mean size of its attributions", EXACT),
    )  # fmt: skip
    pick = alt.selection_point(name="cell", fields=["column"], on="click", clear="dblclick", toggle=False)
    x = alt.X(
        field="at", type="quantitative", title="How far it moved (1 = its limit)", scale=alt.Scale(type="symlog", constant=1),
        axis=alt.Axis(
            values=[*([ASIDE] if aside else []), 0, 1, 2, 5, 10, 20, 50, 100], labelExpr="datum.value < 0 ? 'not judged' : datum.value"
        ),
    )  # fmt: skip
    y = alt.Y(field="moved", type="quantitative", title=f"What that did to the {unit}", axis=alt.Axis(format=NUMBER, tickCount=5))
    base = alt.Chart(NO_DATA).encode(x=x, y=y, tooltip=tips)
    colour = alt.condition("datum.contribution >= 0", alt.value(colours.direction[5]), alt.value(colours.direction[1]))
    layers: list[Any] = [
        alt.Chart(NO_DATA).mark_rule(color=colours.quiet, strokeDash=[4, 3]).encode(x=alt.X(datum=1, type="quantitative")),
        base.mark_circle(size=90, opacity=0.9)
        .encode(color=colour, stroke=alt.condition("datum.chosen", alt.value(colours.ink), alt.value(None)))
        .add_params(pick),
        base.mark_text(align="left", dx=8, fontSize=11, color=colours.ink, limit=180).encode(text=alt.Text(field="told", type="nominal")),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=320), theme)


def importance_chart(
    table: pd.DataFrame, *, unit: str, names: Names | None = None, title: str, note: str = "", theme: Theme = "light"
) -> Chart:
    """Draw how much columns matter on both sides, beside each other, with intervals and the places that they moved.

    Parameters
    ----------
    table : one row per column and side: `label, side` ("reference" or "production"), `value, lower, upper, far` (the larger upper end of
        both), `place` (order of the picture), `said` (how its rank changed)
    """
    data = require(table, ("label", "side", "value", "lower", "upper", "far", "place", "said"), "chart of importances")
    called = names or Names()
    data = data.assign(side_word=data["side"].map({"reference": called.reference, "production": called.production}))
    first = data.sort_values("place", kind="stable")["label"].drop_duplicates().head(3)
    alt_text = f"How much columns matter on both sides. Most: {list_text([str(one) for one in first])}."
    height = 26 * data["label"].nunique()
    return finish(_importance_spec(unit, called, theme), data, title=title, alt=alt_text, theme=theme, note=note, height=height)


@lru_cache(maxsize=16)
def _importance_spec(unit: str, called: Names, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        label=("N", "Column", ""), side_word=("N", "Side", ""), value=("Q", unit, EXACT), lower=("Q", "95 % interval from", EXACT),
        upper=("Q", "to", EXACT), rank=("Q", "Place", ","),
    )  # fmt: skip
    scale = alt.Scale(domain=[called.reference, called.production], range=[colours.reference, colours.production])
    legend = alt.Legend(title=None, symbolType="circle", labelLimit=0, columns=called.columns)
    axis = alt.Axis(title=None, labelLimit=LABEL_LIMIT, labelColor=colours.ink)
    offset = alt.YOffset(field="side", type="nominal", sort=["reference", "production"])
    base = alt.Chart(NO_DATA).encode(y=alt.Y(field="label", type="nominal", sort=_by("place"), axis=axis), tooltip=tips)
    colour = alt.Color(field="side_word", type="nominal", scale=scale, legend=legend)
    x = alt.X(field="value", type="quantitative", title=unit, axis=alt.Axis(format=NUMBER, tickCount=5), scale=alt.Scale(zero=True))
    ends = base.mark_rule(strokeWidth=1.5).encode(x=alt.X(field="lower", type="quantitative"), x2=alt.X2(field="upper"), color=colour)
    said = base.transform_filter("datum.side == 'production'").mark_text(align="left", dx=8, fontSize=11, color=colours.quiet)
    layers: list[Any] = [
        ends.encode(yOffset=offset),
        base.mark_circle(size=50, opacity=1).encode(x=x, color=colour, yOffset=offset),
        said.encode(x=alt.X(field="far", type="quantitative"), text=alt.Text(field="said", type="nominal")),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container"), theme)
