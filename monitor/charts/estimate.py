"""Estimated performance by window beside what labels say, so far or for good."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Names, Spec, bare_spec, field_tooltip, finish, named, require
from monitor.charts.notes import Places, note_places, on_time, time_layers
from monitor.charts.theme import EXACT, NUMBER, SHARE, Theme, palette
from monitor.charts.windows import HOLLOW, WindowAxis, cut_short_note, time_x, unit_text, window_axis, with_time
from monitor.wording import number_text, plural, share_text

ESTIMATED, REALISED, LABELS_ONLY, BLEND = "Estimated", "Realised", "Labels so far", "Both as one"
_COLUMNS = ("window", "estimated", "lower", "upper", "realised", "labels_only", "blended", "failed", "reference_value")


def estimated_chart(
    table: pd.DataFrame,
    *,
    label: str,
    share: bool = False,
    names: Names | None = None,
    annotations: pd.DataFrame | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw an estimate by window with its interval, what was realised, and where labels are coming in what they say so far and both as one.

    Parameters
    ----------
    table : one row per window: `window, estimated, lower, upper, realised, labels_only, blended, failed, reference_value`; where labels
        contradict the estimate (`failed`) what was realised is drawn larger
    label, share : name of the metric, and whether it is written in percent
    """
    data = with_time(require(table, _COLUMNS, "chart of estimates")).sort_values("window", kind="stable")
    axis = window_axis(data)
    called = names or Names()
    blending = bool(data["blended"].notna().any())
    spec = _spec(axis, label, called, (share, note_places(annotations, data, axis), blending), theme)
    return finish(
        spec, on_time(data, annotations, axis), title=_title(data, label, share), alt=_alt(data, label, share), theme=theme,
        note=cut_short_note(data, HOLLOW),
    )  # fmt: skip


def _written(value: float, share: bool) -> str:
    return share_text(value) if share else number_text(value)


def _title(data: pd.DataFrame, label: str, share: bool) -> str:
    failed = int(data["failed"].sum())
    if failed:
        return f"{label}: labels contradict the estimate in {plural(failed, 'window')}"
    known = data["estimated"].dropna()
    if known.empty:
        return f"{label}: nothing can be estimated"
    return f"{label}: estimated {_written(float(known.min()), share)} to {_written(float(known.max()), share)}"


def _alt(data: pd.DataFrame, label: str, share: bool) -> str:
    both = data.dropna(subset=["estimated", "realised"])
    told = f"{label} by {unit_text(data)}, estimated without labels beside what labels say."
    if both.empty:
        return f"{told} No window has both."
    away = float(np.mean(np.abs(both["estimated"] - both["realised"])))
    inside = int(((both["realised"] >= both["lower"]) & (both["realised"] <= both["upper"])).sum())
    return f"{told} {_written(away, share)} apart on average; in {inside} of {plural(len(both), 'window')} within the interval."


@lru_cache(maxsize=64)
def _spec(axis: WindowAxis, label: str, names: Names, parts: tuple[bool, Places, bool], theme: Theme) -> Spec:
    share, annotated, blending = parts
    form, exact = (SHARE, ".4~p") if share else (NUMBER, EXACT)
    tips = field_tooltip(
        when=("N", "Window", ""), estimated=("Q", ESTIMATED, exact), lower=("Q", "95 % interval from", exact), upper=("Q", "to", exact),
        realised=("Q", REALISED, exact), labels_only=("Q", LABELS_ONLY, exact), blended=("Q", BLEND, exact),
    )  # fmt: skip
    colours = palette(theme)
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=tips)
    y: dict[str, Any] = {"type": "quantitative", "scale": alt.Scale(zero=False), "axis": alt.Axis(format=form, tickCount=5), "title": label}
    shown = {ESTIMATED: colours.production, REALISED: colours.ink, names.reference: colours.reference}
    shown |= {LABELS_ONLY: colours.quiet, BLEND: colours.direction[5]} if blending else {}
    scale = alt.Scale(domain=list(shown), range=list(shown.values()))
    legend = alt.Legend(title=None, symbolType="square", labelLimit=0, columns=5)
    colour = alt.Color(field="side", type="nominal", scale=scale, legend=legend)
    level = named(alt.Chart(NO_DATA).transform_filter("isValid(datum.window)"), names.reference).mark_rule(strokeWidth=2)
    bounds = {"y": alt.Y(field="lower", type="quantitative"), "y2": alt.Y2(field="upper")}
    size = alt.condition("datum.failed", alt.value(75), alt.value(20))
    filled = alt.Fill(field="side", type="nominal", scale=scale, legend=legend)
    fill = alt.condition("datum.partial", alt.value(colours.background), filled)
    marks = [(REALISED, "realised", "circle")]
    marks += [(LABELS_ONLY, "labels_only", "diamond"), (BLEND, "blended", "square")] if blending else []
    layers: list[Any] = [
        level.encode(y=alt.Y(field="reference_value", type="quantitative", aggregate="max"), color=colour),
        base.mark_area(color=colours.production, opacity=0.2, interpolate="monotone").encode(**bounds),
        named(base, ESTIMATED).mark_line(strokeWidth=2, point=False).encode(y=alt.Y(field="estimated", **y), color=colour),
        *(
            named(base, name)
            .transform_filter(f"isValid(datum.{field})")
            .mark_point(opacity=1, shape=shape, strokeWidth=1.5)
            .encode(y=alt.Y(field=field, **y), color=colour, fill=fill, size=size)
            for name, field, shape in marks
        ),
        *(time_layers(colours, annotated) if annotated else []),
    ]
    return bare_spec(alt.layer(*layers).properties(width="container", height=240), theme)
