"""What the model answers, in more than one number: deciles of a score by window, quantiles of a predicted value."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, highest, named, require
from monitor.charts.theme import EXACT, NUMBER, Theme, palette
from monitor.charts.windows import WindowAxis, band_x, time_x, window_axis, with_time
from monitor.wording import number_text, plural, share_text

_DECILES = ("window", "decile", "lower", "upper", "share_reference", "share_production")
_QUANTILES = ("window", "low", "median", "high", "reference_low", "reference_median", "reference_high")


def decile_windows_chart(
    table: pd.DataFrame,
    *,
    label: str,
    selected: str | None = None,
    names: Names | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw the share of each window's scores in each decile of the reference's scores: about a tenth everywhere without change.

    Parameters
    ----------
    table : one row per window and decile: `window, decile, lower, upper, share_reference, share_production`
    selected : window drawn with a frame

    A click on a cell reports the parameter `cell` with the field `window`.
    """
    data = with_time(require(table, _DECILES, "decile heat map")).drop(columns="time")
    data = data.assign(sel=(data["window"] == selected).to_numpy(bool), times=data["share_production"] / data["share_reference"])
    known = data.dropna(subset=["share_production"])
    words = title or _decile_title(known, label)
    said = ""
    if len(known):
        most = highest(known, "share_production")
        said = f" Most: decile {int(most['decile'])} holds {share_text(float(most['share_production']))} in {most['when']}."
    spec = _decile_windows_spec(window_axis(data), label, names or Names(), theme)
    chart = finish(spec, data, title=words, alt=f"Heat map of the deciles of the {label} by window.{said}", theme=theme)
    top = min(max(2.0, float(np.nanmax(known["times"])) if len(known) else 2.0), 4.0)
    # One is the middle colour, whatever the ends are.
    domain = [*np.linspace(0, 1, 4), *np.linspace(1, top, 4)[1:]]
    chart.spec["layer"][0]["encoding"]["color"]["scale"]["domain"] = [round(float(one), 6) for one in domain]
    return chart


def _decile_title(known: pd.DataFrame, label: str) -> str:
    outer = known["decile"].isin([known["decile"].min(), known["decile"].max()])
    ends = known[outer].groupby("decile")["share_production"].agg(["min", "max"])
    if len(ends) < 2:
        return f"Deciles of the {label} by window"
    low, high = (f"{share_text(one['min'], 2)} to {share_text(one['max'], 2)}" for _, one in ends.iterrows())
    return f"The lowest decile of the {label} holds {low} of a window, the highest {high}; a tenth is expected"


@lru_cache(maxsize=32)
def _decile_windows_spec(axis: WindowAxis, label: str, names: Names, theme: Theme) -> Spec:
    colours = palette(theme)
    y = alt.Y(field="decile", type="ordinal", sort="descending", title=f"Decile of the {label}", axis=alt.Axis(domain=False, ticks=False))
    place: dict[str, Any] = {"x": band_x(axis), "y": y}
    place["tooltip"] = field_tooltip(
        when=("N", "Window", ""),
        decile=("Q", "Decile", ""),
        lower=("Q", "From", NUMBER),
        upper=("Q", "To", NUMBER),
        share_production=("Q", names.production, ".4~p"),
        share_reference=("Q", names.reference, ".4~p"),
    )
    legend = alt.Legend(gradientLength=140, gradientThickness=10, format=".2~g", titleLimit=320, tickCount=4)
    scale = alt.Scale(range=list(colours.direction), interpolate="rgb", clamp=True)
    colour = alt.Color(
        field="times",
        type="quantitative",
        title=f"Times the share in {names.inside.reference} (1 is expected)",
        scale=scale,
        legend=legend,
    )
    click = alt.selection_point(name="cell", fields=["window"], on="click", clear="dblclick", toggle=False)
    base = alt.Chart(NO_DATA)
    cells = base.transform_filter("isValid(datum.share_production)").mark_rect().encode(**place, color=colour).add_params(click)
    ring = base.transform_filter("datum.sel").mark_rect(filled=False, stroke=colours.ink, strokeWidth=1.5).encode(**place)
    return bare_spec(alt.layer(cells, ring).properties(width="container", height=200), theme)


def quantile_chart(
    table: pd.DataFrame, *, label: str, names: Names | None = None, title: str | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the median of a value by window with the range that holds eight of ten rows, and both of the reference in grey.

    Parameters
    ----------
    table : one row per window: `window, low, median, high` (10 %, 50 % and 90 % quantile) and the same of the reference as
        `reference_low, reference_median, reference_high`
    """
    data = with_time(require(table, _QUANTILES, "quantile chart")).sort_values("window", kind="stable")
    axis = window_axis(data)
    known = data["median"].dropna()
    span = f"{number_text(float(known.min()))} to {number_text(float(known.max()))}" if len(known) else "not known"
    before = number_text(float(data["reference_median"].iloc[0]))
    words = title or f"{label}: median {span}, {before} in the reference"
    text = f"Median and 10 % to 90 % range of {label} in {plural(len(data), 'window')}. Median {span}, {before} in the reference."
    return finish(_quantile_spec(axis, label, names or Names(), theme), data, title=words, alt=text, theme=theme)


@lru_cache(maxsize=32)
def _quantile_spec(axis: WindowAxis, label: str, called: Names, theme: Theme) -> Spec:
    colours = palette(theme)
    tips = field_tooltip(
        when=("N", "Window", ""), low=("Q", "10 %", EXACT), median=("Q", "Median", EXACT), high=("Q", "90 %", EXACT),
        reference_median=("Q", "Median of the reference", EXACT),
    )  # fmt: skip
    names = {side: f"{side}: median and 10 % to 90 %" for side in (called.production, called.reference)}
    scale = alt.Scale(domain=list(names.values()), range=[colours.production, colours.reference])
    colour = alt.Color(
        field="side", type="nominal", scale=scale, legend=alt.Legend(title=None, symbolType="square", symbolOpacity=1, labelLimit=0)
    )
    whole = named(alt.Chart(NO_DATA), names[called.reference])
    base = alt.Chart(NO_DATA).encode(x=time_x(axis), tooltip=tips)
    line = named(base, names[called.production])
    axis_y = alt.Axis(format=NUMBER, tickCount=5)

    def y(name: str, **extra: Any) -> alt.Y:
        return alt.Y(field=name, type="quantitative", title=label, scale=alt.Scale(zero=False), axis=axis_y, **extra)

    layers = [
        whole.mark_rect(opacity=0.22).encode(
            y=y("reference_low", aggregate="max"), y2=alt.Y2(field="reference_high", aggregate="max"), color=colour
        ),
        whole.mark_rule(strokeWidth=2).encode(y=y("reference_median", aggregate="max"), color=colour),
        line.mark_area(opacity=0.2, interpolate="monotone").encode(y=y("low"), y2=alt.Y2(field="high"), color=colour),
        line.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=22)).encode(y=y("median"), color=colour),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=200), theme)
