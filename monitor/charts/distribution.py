"""Two distributions on the same cells: reference grey, production blue, moved cells marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, highest, named, require
from monitor.charts.theme import NUMBER, SHARE, Palette, Theme, palette
from monitor.wording import count_text, list_text, share_text

NO_WIDTH, HAIR = 0.002, 0.004
"""Parts of the axis: cells that are narrower hold one value as far as can be seen; half of what such a value is drawn wide."""
COLUMNS = ("label", "cell", "share_reference", "share_production", "moved")
LEVELS = 20
"""Levels of a categorical column that are drawn: those that changed most."""


def distribution_chart(
    cells: pd.DataFrame,
    *,
    names: Names | None = None,
    title: str | None = None,
    threshold: float | None = None,
    levels: int = LEVELS,
    theme: Theme = "light",
) -> Chart:
    """Draw the shares of rows of two selections on the cells of one column.

    Parameters
    ----------
    cells : one row per cell: `label` (of the column), `cell` (name), `share_reference`, `share_production` (in [0, 1]), `moved`
        (bool) and, for numbers, `lower` and `upper` in units of the column (infinite at the ends; empty for `missing` and
        `infinite`, which are written below the title). Cells of clearly unequal width are drawn as shares per unit.
    threshold : a value of the column to draw as a rule, such as the score from which the model says positive
    levels : how many categories are drawn, those that changed most
    """
    data = require(cells, COLUMNS, "distribution chart")
    called = names or Names()
    bounded = {"lower", "upper"} <= set(data.columns) and bool(data[["lower", "upper"]].notna().any(axis=None))
    return _numeric(data, called, title, threshold, theme) if bounded else _categorical(data, called, title, levels, theme)


def _numeric(cells: pd.DataFrame, names: Names, title: str | None, threshold: float | None, theme: Theme) -> Chart:
    inside = cells["lower"].notna() & cells["upper"].notna()
    data = _with_outlines(cells[inside & ~_empty_end(cells)])
    label = str(cells["label"].iloc[0])
    per_unit = _unequal(data)
    if per_unit:
        width = data["right"] - data["left"]
        data = data.assign(height_reference=data["share_reference"] / width, height_production=data["share_production"] / width)
    else:
        data = data.assign(height_reference=data["share_reference"], height_production=data["share_production"])
    data = data.assign(
        rose=data["share_production"] > data["share_reference"],
        peak=data[["height_reference", "height_production"]].max(axis=1),
        limit=np.nan if threshold is None else threshold,
    )
    spec = _numeric_spec(label, names, per_unit, (threshold is not None, bool(data["moved"].astype(bool).any())), theme)
    said = _movement(cells, names)
    return finish(
        spec,
        data,
        title=title or _title(label, cells),
        alt=f"Histogram of {label}. {said}",
        theme=theme,
        note=_note(_outside(cells[~inside], names), data),
    )


def _empty_end(cells: pd.DataFrame) -> pd.Series[bool]:
    """Say which cells are open ends that hold no row of either side: drawing them would only stretch the axis."""
    open_end = np.isinf(cells["lower"].astype(float)) ^ np.isinf(cells["upper"].astype(float))
    empty: pd.Series[bool] = (cells["share_reference"] + cells["share_production"]).eq(0) & open_end
    return empty


def _with_outlines(cells: pd.DataFrame) -> pd.DataFrame:
    """Add finite bounds to draw: an open end gets the width of its neighbours, a single value (or values so near each other that no one
    could see a width) a hair's width."""
    lower, upper = cells["lower"].to_numpy(float), cells["upper"].to_numpy(float)
    widths = (upper - lower)[np.isfinite(upper - lower)]
    typical = float(np.median(widths[widths > 0])) if (widths > 0).any() else 1.0
    left = np.where(np.isfinite(lower), lower, upper - typical)
    right = np.where(np.isfinite(upper), upper, lower + typical)
    both_open = ~np.isfinite(lower) & ~np.isfinite(upper)
    left, right = np.where(both_open, -typical / 2, left), np.where(both_open, typical / 2, right)
    span = float(right.max() - left.min())
    single = right - left <= max(typical * 1e-6, span * NO_WIDTH)
    hair = max(typical * 0.04, span * HAIR)
    return cells.assign(left=np.where(single, left - hair, left), right=np.where(single, right + hair, right), single=single)


def _unequal(data: pd.DataFrame) -> bool:
    widths = (data["right"] - data["left"])[~data["single"]].to_numpy(float)
    return bool(len(widths) > 1 and not data["single"].any() and widths.max() > 2.5 * widths.min())


def _title(label: str, cells: pd.DataFrame) -> str:
    moved = cells[cells["moved"].astype(bool)]
    if moved.empty:
        return f"{label}: no cell stands out"
    change = (moved["share_production"] - moved["share_reference"]).to_numpy(float)
    most = moved.iloc[int(np.argmax(np.abs(change)))]
    verb = "more" if change[int(np.argmax(np.abs(change)))] > 0 else "fewer"
    return f"{label}: {verb} rows in “{most['cell']}”"


def _movement(cells: pd.DataFrame, names: Names) -> str:
    change = (cells["share_production"] - cells["share_reference"]).to_numpy(float)
    most = np.argsort(-np.abs(change), kind="stable")[:3]
    told = [
        f"{row['cell']} {share_text(row['share_reference'])} to {share_text(row['share_production'])}"
        for _, row in cells.iloc[most].iterrows()
    ]
    return f"Largest changes from {names.inside.reference} to {names.inside.production}: {list_text(told)}."


def _note(text: str, cells: pd.DataFrame) -> str:
    marks = "▲▼ mark what moved most" if cells["moved"].astype(bool).any() else ""
    return " · ".join(part for part in (text, marks) if part)


def _outside(cells: pd.DataFrame, names: Names) -> str:
    some = cells[(cells["share_reference"] > 0) | (cells["share_production"] > 0)]
    told = [
        f"{str(row['cell']).capitalize()}: {share_text(row['share_reference'])} of {names.inside.reference}, "
        f"{share_text(row['share_production'])} of {names.inside.production}"
        for _, row in some.iterrows()
    ]
    return " · ".join(told)


def _sides(names: Names, colours: Palette) -> alt.Scale:
    return alt.Scale(domain=[names.reference, names.production], range=[colours.reference, colours.production])


def _tips(label: str, names: Names) -> list[alt.Tooltip]:
    return field_tooltip(
        cell=("N", label, ""), share_reference=("Q", names.reference, ".4~p"), share_production=("Q", names.production, ".4~p")
    )


@lru_cache(maxsize=128)
def _numeric_spec(label: str, names: Names, per_unit: bool, parts: tuple[bool, bool], theme: Theme) -> Spec:
    (ruled, marked), colours = parts, palette(theme)
    base = alt.Chart(NO_DATA).encode(
        x=alt.X(
            field="left",
            type="quantitative",
            title=label,
            scale=alt.Scale(zero=False, nice=False),
            axis=alt.Axis(format=NUMBER, grid=False, tickCount=8),
        ),
        x2=alt.X2(field="right"),
        tooltip=_tips(label, names),
    )
    height = alt.Axis(format=NUMBER if per_unit else SHARE, tickCount=5)
    words = "Share of rows per unit" if per_unit else "Share of rows"
    legend = alt.Legend(title=None, symbolType="square", symbolOpacity=0.7, offset=18, labelLimit=0, columns=names.columns)
    layers: list[alt.Chart] = []
    for side, name, opacity in (("reference", names.reference, 0.45), ("production", names.production, 0.28)):
        part = named(base, name)
        y = alt.Y(field=f"height_{side}", type="quantitative", title=words, axis=height)
        colour = alt.Color(field="side", type="nominal", scale=_sides(names, colours), legend=legend)
        layers.append(part.mark_rect(opacity=opacity).encode(y=y, y2=alt.Y2(datum=0), color=colour))
        layers.append(part.mark_rule(strokeWidth=2, strokeCap="round").encode(y=y, color=colour))
    if marked:
        layers.append(_moved_marks(colours))
    if ruled:
        layers.append(
            alt.Chart(NO_DATA)
            .mark_rule(strokeDash=[4, 3], color=colours.ink)
            .encode(x=alt.X(field="limit", type="quantitative", aggregate="max"))
        )
    return bare_spec(alt.layer(*layers).properties(width="container", height=220), theme)


def _moved_marks(colours: Palette) -> alt.Chart:
    """Return small triangles above the cells that moved: up where the share rose, down where it fell."""
    shape = alt.Shape(
        field="rose", type="nominal", scale=alt.Scale(domain=[True, False], range=["triangle-up", "triangle-down"]), legend=None
    )
    moved = alt.Chart(NO_DATA).transform_filter("datum.moved").transform_calculate(middle="(datum.left + datum.right) / 2")
    marks: alt.Chart = moved.mark_point(filled=True, size=60, opacity=1, yOffset=-9, color=colours.ink).encode(
        x=alt.X(field="middle", type="quantitative"), y=alt.Y(field="peak", type="quantitative"), shape=shape
    )
    return marks


def _categorical(cells: pd.DataFrame, names: Names, title: str | None, levels: int, theme: Theme) -> Chart:
    label = str(cells["label"].iloc[0])
    change = cells["share_production"] - cells["share_reference"]
    data = cells.assign(change=change, size=change.abs()).sort_values("size", ascending=False, kind="stable")
    data = data.assign(place=range(len(data)), level=data["cell"].astype(str), marked=_marked(data))
    note = f"The {levels} categories of {count_text(len(data))} that changed most" if len(data) > levels else ""
    return finish(
        _categorical_spec(label, names, levels, theme, marked=bool((data["marked"].iloc[:levels] != "").any())),
        data.drop(columns="size"),
        title=title or _title(label, cells),
        alt=f"Bars of {label} by category. {_movement(cells, names)}",
        theme=theme,
        note=_note(note, cells),
        height=28 * min(len(data), levels),
    )


def _marked(data: pd.DataFrame) -> pd.Series[str]:
    arrow = data["change"].gt(0).map({True: "▲", False: "▼"})
    return arrow.where(data["moved"].astype(bool), "")


@lru_cache(maxsize=128)
def _categorical_spec(label: str, names: Names, levels: int, theme: Theme, *, marked: bool) -> Spec:
    colours = palette(theme)
    rows = alt.Chart(NO_DATA).transform_filter(f"datum.place < {levels}")
    axis = alt.Axis(title=None, labelLimit=220, labelColor=colours.ink, domain=False, ticks=False)
    order = alt.EncodingSortField(field="place", op="min", order="ascending")
    level = alt.Y(field="level", type="nominal", sort=order, axis=axis, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.1))
    layers: list[alt.Chart] = []
    for side, name in (("reference", names.reference), ("production", names.production)):
        layers.append(
            named(rows, name)
            .mark_bar(cornerRadiusEnd=1)
            .encode(
                y=level,
                yOffset=alt.YOffset(field="side", type="nominal", scale=alt.Scale(domain=[names.reference, names.production])),
                x=alt.X(field=f"share_{side}", type="quantitative", title="Share of rows", axis=alt.Axis(format=SHARE, tickCount=6)),
                color=alt.Color(
                    field="side",
                    type="nominal",
                    scale=_sides(names, colours),
                    legend=alt.Legend(title=None, symbolType="square", labelLimit=0, columns=names.columns),
                ),
                tooltip=_tips(label, names),
            )
        )
    if marked:  # a layer without rows has no extent, of which Vega warns
        far = rows.transform_filter("datum.marked !== ''").transform_calculate(far="max(datum.share_reference, datum.share_production)")
        text = far.mark_text(align="left", dx=6, color=colours.ink, fontSize=11)
        x = alt.X(field="far", type="quantitative")
        layers.append(text.encode(y=level, x=x, text=alt.Text(field="marked", type="nominal")))
    return bare_spec(alt.layer(*layers).properties(width="container"), theme)


def decile_chart(
    table: pd.DataFrame, *, label: str = "score", names: Names | None = None, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the share of production rows in each decile of the reference's score; without change every bar is at 10%.

    Parameters
    ----------
    table : one row per decile: `decile` (1 the lowest), `lower`, `upper` (of the score), `share_reference`, `share_production`
    """
    data = require(table, ("decile", "lower", "upper", "share_reference", "share_production"), "decile chart")
    called = names or Names()
    change = data["share_production"] - data["share_reference"]
    most = highest(data.assign(size=change.abs()), "size")
    said = f"decile {int(most['decile'])} of the {label} holds {share_text(most['share_production'])} of {called.inside.production}"
    words = title or f"{said[0].upper()}{said[1:]}, against {share_text(most['share_reference'])} of {called.inside.reference}"
    alt_text = f"Bars of the share of rows by decile of the {label}: " + _shares(
        data["decile"].astype(int).astype(str), data["share_production"]
    )
    return finish(_decile_spec(label, called, theme), data, title=words, alt=alt_text, theme=theme)


def _shares(names: pd.Series[str], shares: pd.Series[float]) -> str:
    pairs: Mapping[str, float] = dict(zip(names, shares, strict=True))
    return ", ".join(f"{name} {share_text(share)}" for name, share in pairs.items()) + "."


@lru_cache(maxsize=32)
def _decile_spec(label: str, names: Names, theme: Theme) -> Spec:
    colours = palette(theme)
    x = alt.X(
        field="decile",
        type="ordinal",
        title=f"Decile of the {label} in {names.inside.reference}, from low to high",
        axis=alt.Axis(labelAngle=0),
    )
    tips = field_tooltip(
        decile=("Q", "Decile", ""),
        lower=("Q", "From", NUMBER),
        upper=("Q", "To", NUMBER),
        share_reference=("Q", names.reference, ".4~p"),
        share_production=("Q", names.production, ".4~p"),
    )
    legend = alt.Legend(title=None, symbolType="square", symbolOpacity=1, labelLimit=0, columns=names.columns)
    base = alt.Chart(NO_DATA).encode(x=x, tooltip=tips)
    bars = (
        named(base, names.production)
        .mark_bar(size=20, opacity=0.75)
        .encode(
            y=alt.Y(field="share_production", type="quantitative", title="Share of rows", axis=alt.Axis(format=SHARE, tickCount=5)),
            color=alt.Color(field="side", type="nominal", scale=_sides(names, colours), legend=legend),
        )
    )
    level = (
        named(base, names.reference)
        .mark_tick(thickness=3, width=26, opacity=1)
        .encode(
            y=alt.Y(field="share_reference", type="quantitative"),
            color=alt.Color(field="side", type="nominal", scale=_sides(names, colours), legend=legend),
        )
    )
    return bare_spec(alt.layer(bars, level).properties(width="container", height=200), theme)


def score_distribution_chart(
    cells: pd.DataFrame, *, threshold: float | None, names: Names | None = None, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the scores of two selections on the same cells, with the score from which the model says positive."""
    inside = cells[cells["lower"].notna()]
    words = title
    # The share above the threshold is exact only where a cell starts there; else the title does not claim one.
    if words is None and threshold is not None and inside["lower"].eq(threshold).any():
        called = names or Names()
        above = inside[inside["lower"] >= threshold][["share_reference", "share_production"]].sum()
        words = (
            f"{share_text(above['share_production'])} of {called.inside.production} and {share_text(above['share_reference'])} of "
            f"{called.inside.reference} score {threshold:g} or more"
        )
    return distribution_chart(cells, names=names, title=words, threshold=threshold, theme=theme)
