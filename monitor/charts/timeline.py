"""Figures by window: a value with its interval, its range in the reference, the volume of rows."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, highest, lowest, named, require
from monitor.charts.notes import Places, band_layers, note_places, on_bands, on_time, time_layers
from monitor.charts.theme import COUNT, EXACT, NUMBER, REFERENCE, SHARE, Theme, palette
from monitor.charts.windows import FAINT, HOLLOW, WindowAxis, band_x, cut_short_note, span_text, time_x, unit_text, window_axis, with_time
from monitor.wording import count_text, number_text, plural, share_text

GOAL = "Goal"
"""What a level is called that is to be reached."""
ASKED = "Asked"
"""What the level of an objective is called."""


def series_chart(
    table: pd.DataFrame,
    *,
    label: str,
    reference: float | None = None,
    share: bool = False,
    annotations: pd.DataFrame | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw a value by window with its interval, the reference's value as a grey rule.

    Parameters
    ----------
    table : one row per window: `window, value`, optionally `lower` and `upper`
    label : name and unit of the value, for people
    reference : the value in the reference
    share : whether the value is a share in [0, 1], written in percent
    """
    data = _by_window(table, reference)
    words = title or series_title(data, label, reference, share)
    alt_text = _series_alt(data, label, reference, share)
    return _series(data, label, "" if reference is None else REFERENCE, share, annotations, (words, alt_text), theme)


def target_chart(table: pd.DataFrame, *, label: str, target: float, title: str, share: bool = False, theme: Theme = "light") -> Chart:
    """Draw a value by window (`window, value`) with what is to be reached as a grey rule."""
    data = _by_window(table, target)
    alt_text = f"{_series_alt(data, label, None, share)} To be reached: {_written(target, share)}."
    return _series(data, label, GOAL, share, None, (title, alt_text), theme)


def _by_window(table: pd.DataFrame, level: float | None) -> pd.DataFrame:
    data = with_time(require(table, ("window", "value"), "series chart")).sort_values("window", kind="stable")
    return data.assign(reference=np.nan if level is None else level)


def _series(
    data: pd.DataFrame, label: str, ruled: str, share: bool, annotations: pd.DataFrame | None, words: tuple[str, str], theme: Theme
) -> Chart:
    """Draw what both kinds of series have; `ruled` is what the grey rule is called, `words` the title and the text for those who cannot
    see it."""
    interval, axis = {"lower", "upper"} <= set(data.columns), window_axis(data)
    spec = _series_spec(axis, label, (interval, ruled, share, note_places(annotations, data, axis)), theme)
    title, alt_text = words
    return finish(spec, on_time(data, annotations, axis), title=title, alt=alt_text, theme=theme, note=cut_short_note(data, HOLLOW))


def range_chart(
    table: pd.DataFrame,
    *,
    label: str,
    share: bool = False,
    names: Names | None = None,
    annotations: pd.DataFrame | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw a value by window with its interval over the range of the reference's own windows; values outside it are drawn larger.

    Parameters
    ----------
    table : one row per window: `window, value, lower, upper, reference_value, reference_low, reference_high`; the last two are null where
        one value is expected, and differ where each window has a range of its own;
        rows with `partial` are drawn hollow, `waiting` says that they wait for labels
    label : name and unit of the value, for people
    share : whether the value is a share in [0, 1], written in percent
    """
    data = with_time(require(table, _RANGED, "chart of a value in its range")).sort_values("window", kind="stable")
    data = data.assign(outside=(data["value"] < data["reference_low"]) | (data["value"] > data["reference_high"]))
    axis, before = window_axis(data), float(data["reference_value"].iloc[0])
    ranges = len(data[["reference_low", "reference_high"]].dropna(how="all").drop_duplicates())
    ranged = "" if not ranges else "one" if ranges == 1 else "each"
    spec = _range_spec(axis, label, names or Names(), (share, ranged, note_places(annotations, data, axis)), theme)
    words = title or series_title(data, label, before, share)
    alt_text, note = _series_alt(data, label, before, share, (names or Names()).reference), _hollow_note(data)
    if data["outside"].any():
        alt_text += f" {plural(int(data['outside'].sum()), 'window')} outside the range of the reference's own windows."
    return finish(spec, on_time(data, annotations, axis), title=words, alt=alt_text, theme=theme, note=note)


def objective_chart(
    table: pd.DataFrame,
    *,
    label: str,
    objective: float,
    names: Names | None = None,
    annotations: pd.DataFrame | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw a share by window (`window, value, lower, upper`) with its interval beside the share that is asked for, which is no share of the
    reference."""
    told = table.assign(reference_value=objective, reference_low=np.nan, reference_high=np.nan)
    title = f"{series_title(told, label, None, share=True)}, {objective * 100:.6g}% asked"
    called = Names(ASKED, (names or Names()).production)
    return range_chart(told, label=label, share=True, names=called, annotations=annotations, title=title, theme=theme)


def on_one_scale(charts: Mapping[str, Chart]) -> dict[str, Chart]:
    """Return charts of `range_chart` that all have the same scale, no legend and no note, so that they can be compared side by side."""
    names = ["value", "lower", "upper", "reference_low", "reference_high", "reference_value"]
    every = np.concatenate([chart.data[names].to_numpy(dtype=float).ravel() for chart in charts.values()] or [np.empty(0)])
    if not np.isfinite(every).any():
        return dict(charts)
    domain = [float(np.nanmin(every)), float(np.nanmax(every))]
    return {name: replace(chart, spec=_scaled(chart.spec, domain)) for name, chart in charts.items()}


def _scaled(spec: Spec, domain: list[float]) -> Spec:
    own = copy.deepcopy(spec) | {"title": {"text": spec["title"]["text"]}}
    for layer in own["layer"]:
        encoding = layer["encoding"]
        if "y" in encoding:
            encoding["y"] |= {"scale": {"domain": domain, "nice": False}, "title": None}
        if "field" in encoding.get("color", {}):
            encoding["color"]["legend"] = None
    return own


def _hollow_note(data: pd.DataFrame) -> str:
    """Say what hollow points are: windows that still wait for labels (`waiting`, where the table says so), and those cut short."""
    waiting = data["waiting"].astype(bool) if "waiting" in data else pd.Series(False, index=data.index)
    told = f"{HOLLOW}: labels are not in yet, no verdict" if waiting.any() else ""
    return " · ".join(part for part in (told, cut_short_note(data[~waiting], HOLLOW)) if part)


_RANGED = ("window", "value", "lower", "upper", "reference_value", "reference_low", "reference_high")


def _written(value: float, share: bool) -> str:
    return share_text(value) if share else number_text(value)


def series_title(data: pd.DataFrame, label: str, reference: float | None, share: bool) -> str:
    """Say from where to where a value lies, and where in the reference."""
    known = data["value"].dropna()
    if known.empty:
        return f"{label}: no window has a value"
    span = f"{label}: {_written(float(known.min()), share)} to {_written(float(known.max()), share)}"
    return span if reference is None else f"{span}, {_written(reference, share)} in the reference"


def _series_alt(data: pd.DataFrame, label: str, reference: float | None, share: bool, side: str = REFERENCE) -> str:
    known = data.dropna(subset=["value"])
    if known.empty:
        return f"{label} by {unit_text(data)}: no window has a value."
    low, high = lowest(known, "value"), highest(known, "value")
    beside = "" if reference is None else f" {side} {_written(reference, share)}."
    period = span_text(known)
    return (
        f"{label} by {unit_text(data)}, {period}: lowest "
        f"{_written(float(low['value']), share)} in {low['when']}, highest "
        f"{_written(float(high['value']), share)} in {high['when']}.{beside}"
    )


@lru_cache(maxsize=64)
def _series_spec(axis: WindowAxis, label: str, parts: tuple[bool, str, bool, Places], theme: Theme) -> Spec:
    interval, ruled, share, annotated = parts
    colours = palette(theme)
    form, exact = (SHARE, ".4~p") if share else (NUMBER, EXACT)
    titles: dict[str, tuple[str, str, str]] = {"when": ("N", "Window", ""), "value": ("Q", label, exact)}
    if interval:
        titles |= {"lower": ("Q", "From", exact), "upper": ("Q", "To", exact)}
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=field_tooltip(**titles))
    y = alt.Y(field="value", type="quantitative", title=label, scale=alt.Scale(zero=False), axis=alt.Axis(format=form, tickCount=5))
    layers: list[Any] = []
    if ruled:
        rule = alt.Chart(NO_DATA, name=ruled).mark_rule(color=colours.reference, strokeWidth=2)
        layers.append(rule.encode(y=alt.Y(field="reference", type="quantitative", aggregate="max")))
    if interval:
        bounds = {"y": alt.Y(field="lower", type="quantitative"), "y2": alt.Y2(field="upper")}
        layers.append(base.mark_area(color=colours.production, opacity=0.2, interpolate="monotone").encode(**bounds))
    layers.append(base.mark_line(color=colours.production, strokeWidth=2).encode(y=y))
    points = base.mark_point(filled=True, opacity=1, size=22, stroke=colours.production, strokeWidth=1)
    layers.append(points.encode(y=y, fill=_hollow(colours.production, colours.background)))
    if annotated:
        layers += time_layers(colours, annotated)
    return bare_spec(alt.layer(*layers).properties(width="container", height=180), theme)


def _hollow(colour: str, background: str) -> Any:
    """Return the filling of points: none in windows that are cut short."""
    return alt.condition("datum.partial", alt.value(background), alt.value(colour))


@lru_cache(maxsize=64)
def _range_spec(axis: WindowAxis, label: str, names: Names, parts: tuple[bool, str, Places], theme: Theme) -> Spec:
    """Return the picture; `ranged`: with a band that is "one" of all windows, or of "each" its own."""
    share, ranged, annotated = parts
    form, exact = (SHARE, ".4~p") if share else (NUMBER, EXACT)
    tips = field_tooltip(
        when=("N", "Window", ""), value=("Q", label, exact), lower=("Q", "95 % interval from", exact), upper=("Q", "to", exact),
        reference_low=("Q", f"{names.reference}: its windows from", exact), reference_high=("Q", "to", exact),
    )  # fmt: skip
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=tips)
    whole = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)")
    y = alt.Y(field="value", type="quantitative", title=label, scale=alt.Scale(zero=False), axis=alt.Axis(format=form, tickCount=5))
    colours = palette(theme)
    own = "Range of its own windows"
    shown = {names.production: colours.production, names.reference: colours.reference} | ({own: colours.band} if ranged else {})
    scale = alt.Scale(domain=list(shown), range=list(shown.values()))
    symbol: dict[str, Any] = {"symbolType": "square"} if ranged else {"symbolType": "stroke", "symbolStrokeWidth": 3}
    legend = alt.Legend(title=None, symbolOpacity=1, labelLimit=0, columns=2, **symbol)
    colour = alt.Color(field="side", type="nominal", scale=scale, legend=legend)
    if ranged == "each":
        low, high = alt.Y(field="reference_low", type="quantitative"), alt.Y2(field="reference_high")
        band = named(base, own).mark_area(opacity=0.35, interpolate="step").encode(y=low, y2=high, color=colour)
    else:
        low, high = alt.Y(field="reference_low", type="quantitative", aggregate="min"), alt.Y2(field="reference_high", aggregate="max")
        band = named(whole, own).mark_rect(opacity=0.35).encode(y=low, y2=high, color=colour)
    level = named(whole, names.reference).mark_rule(strokeWidth=2)
    bounds = {"y": alt.Y(field="lower", type="quantitative"), "y2": alt.Y2(field="upper")}
    interval = base.mark_area(color=colours.production, opacity=0.25, interpolate="monotone").encode(**bounds)
    line, size = named(base, names.production), alt.condition("datum.outside", alt.value(75), alt.value(16))
    layers: list[Any] = [
        *([band] if ranged else []),
        level.encode(y=alt.Y(field="reference_value", type="quantitative", aggregate="max"), color=colour),
        interval,
        line.mark_line(strokeWidth=2).encode(y=y, color=colour),
        line.mark_point(opacity=1, stroke=colours.production, strokeWidth=1).encode(
            y=y, fill=_hollow(colours.production, colours.background), size=size
        ),
        *(time_layers(colours, annotated) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=200), theme)


def volume_chart(
    table: pd.DataFrame, *, noun: str = "row", annotations: pd.DataFrame | None = None, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the number of rows by window as bars (`window, rows`)."""
    data = with_time(require(table, ("window", "rows"), "volume chart")).sort_values("window", kind="stable").drop(columns="time")
    total, low, high = int(data["rows"].sum()), lowest(data, "rows"), highest(data, "rows")
    span = f"{count_text(int(low['rows']))} to {count_text(int(high['rows']))}"
    words = title or f"{plural(total, noun)}, {span} by {unit_text(data)}"
    alt_text = (
        f"Bars of {noun}s by {unit_text(data)}: {plural(total, noun)} in all, fewest in {low['when']}, most in {high['when']} ({span})."
    )
    axis = window_axis(data)
    spec = _volume_spec(axis, noun, note_places(annotations, data, axis), theme)
    return finish(spec, on_bands(data, annotations, axis), title=words, alt=alt_text, theme=theme, note=cut_short_note(data, FAINT))


@lru_cache(maxsize=32)
def _volume_spec(axis: WindowAxis, noun: str, annotated: Places, theme: Theme) -> Spec:
    title = f"{noun.capitalize()}s"
    bars = (
        alt.Chart(NO_DATA)
        .mark_bar(color=palette(theme).production)
        .encode(
            x=band_x(axis),
            opacity=alt.condition("datum.partial", alt.value(0.3), alt.value(0.75)),
            y=alt.Y(field="rows", type="quantitative", title=title, axis=alt.Axis(format=COUNT, tickCount=4)),
            tooltip=field_tooltip(when=("N", "Window", ""), rows=("Q", title, COUNT)),
        )
    )
    drawn = alt.layer(bars, *band_layers(palette(theme), annotated, labels="above")) if annotated else bars
    return bare_spec(drawn.properties(width="container", height=120), theme)
