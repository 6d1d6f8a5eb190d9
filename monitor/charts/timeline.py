"""Figures by window: a statistic with its expectation, a value with its interval, the volume of rows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, highest, lowest, named, require
from monitor.charts.notes import band_layers, has_notes, on_bands, on_time, time_layers
from monitor.charts.theme import COUNT, EXACT, NUMBER, SHARE, STATUS_SHAPES, Palette, Theme, palette, status_text
from monitor.charts.windows import WindowAxis, band_x, time_x, window_axis, with_time
from monitor.vocabulary import Status
from monitor.wording import common_unit, count_text, number_text, period_text, plural, share_text, window_text

_MEASURED, _EXPECTED, _THRESHOLD = "Measured", "Expected", "Threshold"
_JUDGED = (Status.ALERT, Status.WARNING, Status.STABLE, Status.TOO_FEW_ROWS, Status.NOT_JUDGED)


def statistic_timeline_chart(
    table: pd.DataFrame,
    *,
    label: str,
    method: str,
    annotations: pd.DataFrame | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw one column's statistic by window over the band that is expected without drift.

    Parameters
    ----------
    table : one row per window: `window, score, expected` (upper end under no drift), `threshold`, `status`; optionally `lower`
    label, method : of the column and the statistic, for people
    annotations : `time` (naive, on the case's clock) and `text`: deploys, incidents, label arrival
    """
    data = with_time(require(table, ("window", "score", "expected", "threshold", "status"), "statistic timeline")).sort_values(
        "window", kind="stable"
    )
    statuses = data["status"].astype(str).replace(str(Status.NOT_APPLICABLE), str(Status.NOT_JUDGED))
    floor = data["lower"] if "lower" in data else np.minimum(0.0, data["expected"].fillna(0.0))
    data = data.assign(lower=floor, verdict=statuses.map({str(s): status_text(s) for s in Status}))
    axis = window_axis(data["window"])
    words = title or _statistic_title(data, label, method)
    return finish(
        _statistic_spec(axis, method, has_notes(annotations, data, axis), theme),
        on_time(data, annotations, axis),
        title=words,
        alt=_statistic_alt(data, label, method),
        theme=theme,
    )


def _statistic_title(data: pd.DataFrame, label: str, method: str) -> str:
    out = data[data["status"].isin([Status.ALERT, Status.WARNING])]
    if out.empty:
        return f"{label}: {method} stays within its expectation"
    first = window_text(str(out["window"].iloc[0]))
    return f"{label}: {method} above its expectation in {count_text(len(out))} of {plural(len(data), 'window')}, first: {first}"


def _statistic_alt(data: pd.DataFrame, label: str, method: str) -> str:
    known = data[np.isfinite(data["score"].astype(float))]
    if known.empty:
        return f"{method} of {label} by {_unit(data)}: no window could be measured."
    top = highest(known, "score")
    counts = ", ".join(f"{count_text(int(n))} {str(word).lower()}" for word, n in data["verdict"].value_counts().items())
    return (
        f"{method} of {label}, {period_text(str(data['window'].iloc[0]), str(data['window'].iloc[-1]))}: {counts}. "
        f"Highest {number_text(float(top['score']))} in {top['when']}, expected up to {number_text(float(top['expected']))}."
    )


def _unit(data: pd.DataFrame) -> str:
    return {"rows": "block of rows", "whole": "period", "other": "window"}.get(unit := common_unit(data["window"]), unit)


@lru_cache(maxsize=64)
def _statistic_spec(axis: WindowAxis, method: str, annotated: bool, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        when=("N", "Window", ""),
        score=("Q", method, EXACT),
        expected=("Q", "Expected up to", EXACT),
        threshold=("Q", "Threshold", EXACT),
        verdict=("N", "Verdict", ""),
    )
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=tips)
    y = alt.Y(field="score", type="quantitative", title=method, axis=alt.Axis(format="~g", tickCount=5))
    series = {name: base.transform_calculate(series=f"'{name}'") for name in (_MEASURED, _EXPECTED, _THRESHOLD)}
    colour = _series_colour(colours)
    upper, lower = alt.Y(field="expected", type="quantitative"), alt.Y2(field="lower")
    band = series[_EXPECTED].mark_area(interpolate="monotone", opacity=0.45).encode(y=upper, y2=lower, color=colour)
    level = alt.Y(field="threshold", type="quantitative")
    limit = series[_THRESHOLD].mark_line(strokeDash=[5, 4], strokeWidth=1.2).encode(y=level, color=colour)
    line = series[_MEASURED].mark_line(strokeWidth=2).encode(y=y, color=colour)
    layers: list[Any] = [band, limit, line, _verdicts(base, y, colours)]
    if annotated:
        layers += time_layers(colours)
    return bare_spec(
        alt.layer(*layers).resolve_scale(shape="independent", fill="independent").properties(width="container", height=220), theme
    )


def _series_colour(colours: Palette) -> alt.Color:
    scale = alt.Scale(domain=[_MEASURED, _EXPECTED, _THRESHOLD], range=[colours.production, colours.band, colours.quiet])
    return alt.Color(
        field="series",
        type="nominal",
        scale=scale,
        legend=alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1, labelLimit=0),
    )


def _verdicts(base: alt.Chart, y: alt.Y, colours: Palette) -> alt.Chart:
    words = [status_text(s) for s in _JUDGED]
    shapes = alt.Scale(domain=words, range=[STATUS_SHAPES[s] for s in _JUDGED])
    fills = [colours.status[Status.ALERT], colours.status[Status.WARNING], colours.production, colours.background, colours.background]
    legend = alt.Legend(title=None, values=words[:2], orient="bottom", direction="horizontal")
    marks: alt.Chart = base.mark_point(size=55, strokeWidth=0.6, opacity=1, stroke=colours.background).encode(
        y=y,
        shape=alt.Shape(field="verdict", type="nominal", scale=shapes, legend=legend),
        fill=alt.Fill(field="verdict", type="nominal", scale=alt.Scale(domain=words, range=fills), legend=legend),
        size=alt.condition("datum.status === 'stable'", alt.value(18), alt.value(70)),
    )
    return marks


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
    data = with_time(require(table, ("window", "value"), "series chart")).sort_values("window", kind="stable")
    interval = {"lower", "upper"} <= set(data.columns)
    data = data.assign(reference=np.nan if reference is None else reference)
    axis = window_axis(data["window"])
    spec = _series_spec(axis, label, (interval, reference is not None, share, has_notes(annotations, data, axis)), theme)
    words = title or _series_title(data, label, reference, share)
    return finish(spec, on_time(data, annotations, axis), title=words, alt=_series_alt(data, label, reference, share), theme=theme)


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
    table : one row per window: `window, value, lower, upper, reference_value, reference_low, reference_high`
    label : name and unit of the value, for people
    share : whether the value is a share in [0, 1], written in percent
    """
    data = with_time(require(table, _RANGED, "chart of a value in its range")).sort_values("window", kind="stable")
    data = data.assign(outside=(data["value"] < data["reference_low"]) | (data["value"] > data["reference_high"]))
    axis, before = window_axis(data["window"]), float(data["reference_value"].iloc[0])
    spec = _range_spec(axis, label, names or Names(), (share, has_notes(annotations, data, axis)), theme)
    words = title or _series_title(data, label, before, share)
    alt_text = _series_alt(data, label, before, share)
    if data["outside"].any():
        alt_text += f" {plural(int(data['outside'].sum()), 'window')} outside the range of the reference's own windows."
    return finish(spec, on_time(data, annotations, axis), title=words, alt=alt_text, theme=theme)


_RANGED = ("window", "value", "lower", "upper", "reference_value", "reference_low", "reference_high")


def _written(value: float, share: bool) -> str:
    return share_text(value) if share else number_text(value)


def _series_title(data: pd.DataFrame, label: str, reference: float | None, share: bool) -> str:
    known = data["value"].dropna()
    if known.empty:
        return f"{label}: no window has a value"
    span = f"{label}: {_written(float(known.min()), share)} to {_written(float(known.max()), share)}"
    return span if reference is None else f"{span}, {_written(reference, share)} in the reference"


def _series_alt(data: pd.DataFrame, label: str, reference: float | None, share: bool) -> str:
    known = data.dropna(subset=["value"])
    if known.empty:
        return f"{label} by {_unit(data)}: no window has a value."
    low, high = lowest(known, "value"), highest(known, "value")
    beside = "" if reference is None else f" Reference {_written(reference, share)}."
    period = period_text(str(known["window"].iloc[0]), str(known["window"].iloc[-1]))
    return (
        f"{label} by {_unit(data)}, {period}: lowest "
        f"{_written(float(low['value']), share)} in {low['when']}, highest "
        f"{_written(float(high['value']), share)} in {high['when']}.{beside}"
    )


@lru_cache(maxsize=64)
def _series_spec(axis: WindowAxis, label: str, parts: tuple[bool, bool, bool, bool], theme: Theme) -> Spec:
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
        rule = alt.Chart(NO_DATA).mark_rule(color=colours.reference, strokeWidth=2)
        layers.append(rule.encode(y=alt.Y(field="reference", type="quantitative", aggregate="max")))
    if interval:
        bounds = {"y": alt.Y(field="lower", type="quantitative"), "y2": alt.Y2(field="upper")}
        layers.append(base.mark_area(color=colours.production, opacity=0.2, interpolate="monotone").encode(**bounds))
    layers.append(
        base.mark_line(color=colours.production, strokeWidth=2, point=alt.OverlayMarkDef(size=22, color=colours.production)).encode(y=y)
    )
    if annotated:
        layers += time_layers(colours)
    return bare_spec(alt.layer(*layers).properties(width="container", height=180), theme)


@lru_cache(maxsize=64)
def _range_spec(axis: WindowAxis, label: str, names: Names, parts: tuple[bool, bool], theme: Theme) -> Spec:
    share, annotated = parts
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
    shown = {names.production: colours.production, names.reference: colours.reference, own: colours.band}
    scale = alt.Scale(domain=list(shown), range=list(shown.values()))
    legend = alt.Legend(title=None, symbolType="square", symbolOpacity=1, labelLimit=0, columns=2)
    colour = alt.Color(field="side", type="nominal", scale=scale, legend=legend)
    low = alt.Y(field="reference_low", type="quantitative", aggregate="min")
    band = named(whole, own).mark_rect(opacity=0.35).encode(y=low, y2=alt.Y2(field="reference_high", aggregate="max"), color=colour)
    level = named(whole, names.reference).mark_rule(strokeWidth=2)
    bounds = {"y": alt.Y(field="lower", type="quantitative"), "y2": alt.Y2(field="upper")}
    interval = base.mark_area(color=colours.production, opacity=0.25, interpolate="monotone").encode(**bounds)
    line, size = named(base, names.production), alt.condition("datum.outside", alt.value(75), alt.value(16))
    layers: list[Any] = [
        band,
        level.encode(y=alt.Y(field="reference_value", type="quantitative", aggregate="max"), color=colour),
        interval,
        line.mark_line(strokeWidth=2).encode(y=y, color=colour),
        line.mark_point(filled=True, opacity=1, stroke=colours.background, strokeWidth=0.6).encode(y=y, color=colour, size=size),
        *(time_layers(colours) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=200), theme)


def volume_chart(
    table: pd.DataFrame, *, noun: str = "row", annotations: pd.DataFrame | None = None, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the number of rows by window as bars (`window, rows`)."""
    data = with_time(require(table, ("window", "rows"), "volume chart")).sort_values("window", kind="stable").drop(columns="time")
    total, low, high = int(data["rows"].sum()), lowest(data, "rows"), highest(data, "rows")
    span = f"{count_text(int(low['rows']))} to {count_text(int(high['rows']))}"
    words = title or f"{plural(total, noun)}, {span} by {_unit(data)}"
    alt_text = f"Bars of {noun}s by {_unit(data)}: {plural(total, noun)} in all, fewest in {low['when']}, most in {high['when']} ({span})."
    axis = window_axis(data["window"])
    spec = _volume_spec(axis, noun, has_notes(annotations, data, axis), theme)
    return finish(spec, on_bands(data, annotations, axis), title=words, alt=alt_text, theme=theme)


@lru_cache(maxsize=32)
def _volume_spec(axis: WindowAxis, noun: str, annotated: bool, theme: Theme) -> Spec:
    title = f"{noun.capitalize()}s"
    bars = (
        alt.Chart(NO_DATA)
        .mark_bar(color=palette(theme).production, opacity=0.75)
        .encode(
            x=band_x(axis),
            y=alt.Y(field="rows", type="quantitative", title=title, axis=alt.Axis(format=COUNT, tickCount=4)),
            tooltip=field_tooltip(when=("N", "Window", ""), rows=("Q", title, COUNT)),
        )
    )
    drawn = alt.layer(bars, *band_layers(palette(theme), labels="above")) if annotated else bars
    return bare_spec(drawn.properties(width="container", height=120), theme)
