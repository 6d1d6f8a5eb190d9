"""Heat map of drift: columns by windows, colour = size of the change, outline and glyph = verdict."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, each, field_tooltip, finish, require
from monitor.charts.notes import LINE_HEIGHT, LINES, band_layers, has_notes, on_bands
from monitor.charts.theme import EXACT, STATUS_SHAPES, Palette, Theme, palette, status_text
from monitor.charts.windows import WindowAxis, band_x, window_axis, with_time
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, plural

COLUMNS = ("label", "column", "window", "score", "expected", "status", "q_value")
ROW_HEIGHT = 20
_DENSE = 60
_HOLLOW = (Status.TOO_FEW_ROWS, Status.NOT_JUDGED, Status.NOT_APPLICABLE)
_GLYPHS = (Status.ALERT, Status.WARNING, Status.TOO_FEW_ROWS, Status.NOT_JUDGED)


def drift_heatmap_chart(
    table: pd.DataFrame,
    *,
    method: str,
    order: Sequence[str] = (),
    selected: tuple[str, str] | None = None,
    annotations: pd.DataFrame | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw the judged rows of one method as columns by windows.

    Parameters
    ----------
    table : one row per column and window: `label, column, window, score, expected, status, q_value`
    method : name of the method for people, such as "Population stability index"
    order : columns from the most to the least severe; those not named follow in order of appearance
    selected : (column, window) drawn with a ring; nothing is drawn when it is not in the table
    annotations : `time` (naive, on the case's clock) and `text`, `kind`, `end`: what happened; incidents are bands

    A click on a cell reports the parameter `cell` with the fields `column` and `window` (both ids).
    """
    data = _prepare(require(table, COLUMNS, "heat map"), order, selected)
    axis = window_axis(data["window"])
    dense = data["window"].nunique() > _DENSE
    top, signed = _top(data), bool((data["score"] < 0).any())
    spec = _heatmap_spec(axis, method, (dense, signed, has_notes(annotations, data, axis)), theme)
    chart = finish(
        spec,
        on_bands(data, annotations, axis),
        title=title or _title(data),
        alt=_alt_text(data, method),
        theme=theme,
        height=ROW_HEIGHT * max(data["column"].nunique(), 1),
    )
    chart.spec["layer"][0]["encoding"]["color"]["scale"]["domain"] = [-top if signed else 0, top]
    return chart


def _prepare(table: pd.DataFrame, order: Sequence[str], selected: tuple[str, str] | None) -> pd.DataFrame:
    names = list(dict.fromkeys([*(name for name in order if name in set(table["column"])), *table["column"]]))
    place = {name: position for position, name in enumerate(names)}
    hollow = each(table["status"], lambda status: status in _HOLLOW)
    data = with_time(table).assign(
        label=_distinct_labels(table),
        row=each(table["column"], place.__getitem__),
        verdict=each(table["status"], _verdict),
        sel=_is_selected(table, selected),
        drawn=np.isfinite(table["score"].to_numpy(float)) & ~hollow,
    )
    return data.drop(columns="time").sort_values(["row", "window"], kind="stable")


def _verdict(status: str) -> str:
    return status_text(Status.NOT_JUDGED if status == Status.NOT_APPLICABLE else status)


def _is_selected(table: pd.DataFrame, selected: tuple[str, str] | None) -> Any:
    if selected is None:
        return np.zeros(len(table), dtype=bool)
    return ((table["column"] == selected[0]) & (table["window"] == selected[1])).to_numpy(bool)


def _distinct_labels(table: pd.DataFrame) -> Any:
    """Return the labels, with the column's name added where two columns share one."""
    if table["label"].nunique() == table["column"].nunique():
        return table["label"]
    twice = table.groupby("label")["column"].transform("nunique") > 1
    return table["label"].astype(str).where(~twice, table["label"].astype(str) + " (" + table["column"].astype(str) + ")")


def _title(data: pd.DataFrame) -> str:
    alerts = data[data["status"] == Status.ALERT]
    if alerts.empty:
        warned = data.loc[data["status"] == Status.WARNING, "column"].nunique()
        return f"No alert; {plural(warned, 'column')} with a warning" if warned else "No column left its expectation"
    columns, windows = alerts["column"].nunique(), alerts["window"].nunique()
    of_columns, of_windows = data["column"].nunique(), data["window"].nunique()
    return f"{plural(columns, 'column')} of {of_columns} left the expectation, in {plural(windows, 'window')} of {of_windows}"


def _alt_text(data: pd.DataFrame, method: str) -> str:
    counts = data["verdict"].value_counts()
    verdicts = ", ".join(f"{count_text(int(n))} {str(word).lower()}" for word, n in counts.items())
    worst = data[data["status"] == Status.ALERT].groupby("label", sort=False).size().sort_values(ascending=False, kind="stable")
    most = f" Most alerts: {list_text([f'{name} ({n})' for name, n in worst.items()], limit=3)}." if len(worst) else ""
    shape = f"{plural(data['column'].nunique(), 'column')} by {plural(data['window'].nunique(), 'window')}"
    return f"Heat map of {shape}, colour is {method}: {verdicts}.{most}"


def _top(data: pd.DataFrame) -> float:
    """Return the far end of the colour ramp: a calm screen stays pale because the expectation counts too."""
    drawn = data[data["drawn"]]
    scores, expected = np.abs(drawn["score"].to_numpy(float)), drawn["expected"].to_numpy(float)
    finite = np.append(scores[np.isfinite(scores)], 2 * np.median(expected[np.isfinite(expected)]) if np.isfinite(expected).any() else 0.0)
    return float(finite.max()) if finite.max() > 0 else 1.0


@lru_cache(maxsize=64)
def _heatmap_spec(axis: WindowAxis, method: str, parts: tuple[bool, bool, bool], theme: Theme) -> Spec:
    (dense, signed, annotated), colours = parts, palette(theme)
    place: dict[str, Any] = {"x": band_x(axis, orient="top"), "y": _rows(colours)}
    place["tooltip"] = field_tooltip(
        label=("N", "Column", ""),
        when=("N", "Window", ""),
        score=("Q", method, EXACT),
        expected=("Q", "Expected up to", EXACT),
        verdict=("N", "Verdict", ""),
        q_value=("Q", "q-value", ".3~g"),
    )
    scale = alt.Scale(
        type="linear" if signed else "sqrt", range=list(colours.direction if signed else colours.magnitude), interpolate="rgb"
    )
    legend = alt.Legend(gradientLength=120, gradientThickness=10, tickCount=3, labelOverlap="greedy", format="~g", titleLimit=320)
    drift = alt.Color(field="score", type="quantitative", title=method, scale=scale, legend=legend)
    base = alt.Chart(NO_DATA)
    click = alt.selection_point(name="cell", fields=["column", "window"], on="click", clear="dblclick", toggle=False)
    edge: dict[str, Any] = {} if dense else {"stroke": colours.background, "strokeWidth": 0.5}
    cells = base.transform_filter("datum.drawn").mark_rect(**edge).encode(**place, color=drift)
    empty = base.transform_filter("!datum.drawn").mark_rect(
        fill=colours.background, fillOpacity=0.01, stroke=colours.grid, strokeWidth=1, width=_inset(0.9), height=_inset(0.9)
    )
    ring = base.transform_filter("datum.sel").mark_rect(filled=False, stroke=colours.ink, strokeWidth=2.5).encode(**place)
    marks = [
        cells.add_params(click),
        empty.encode(**place),
        *_outlines(base, place, colours, dense),
        _glyphs(base, place, colours, dense, offset=18 + annotated * LINES * LINE_HEIGHT),
        ring,
        *(band_layers(colours, labels="below") if annotated else []),
    ]
    layers = alt.layer(*marks).resolve_scale(color="independent", stroke="independent", fill="independent", shape="independent")
    return bare_spec(layers.properties(width="container"), theme)


def _inset(band: float) -> alt.RelativeBandSize:
    return alt.RelativeBandSize(band=band)


def _rows(colours: Palette) -> alt.Y:
    axis = alt.Axis(title=None, labelLimit=260, labelColor=colours.ink, domain=False, ticks=False)
    return alt.Y(field="label", type="nominal", sort=alt.EncodingSortField(field="row", op="min", order="ascending"), axis=axis)


def _outlines(base: alt.Chart, place: dict[str, Any], colours: Palette, dense: bool) -> list[alt.Chart]:
    """Return the verdicts drawn around cells or, where cells are narrow, as bars at their foot (an alert's is thicker)."""
    parts = []
    for status, thickness in ((Status.WARNING, 2), (Status.ALERT, 5)):
        rows, colour = base.transform_filter(f"datum.status === '{status}'"), colours.status[status]
        if dense:
            mark = rows.mark_rect(color=colour, height=thickness, yOffset=(ROW_HEIGHT - thickness) / 2)
        else:
            mark = rows.mark_rect(filled=False, stroke=colour, strokeWidth=1.5, width=_inset(0.9), height=_inset(0.88))
        parts.append(mark.encode(**place))
    return parts


def _glyphs(base: alt.Chart, place: dict[str, Any], colours: Palette, dense: bool, *, offset: int) -> alt.Chart:
    words = [status_text(s) for s in _GLYPHS]
    ranges = {
        "shape": [STATUS_SHAPES[s] for s in _GLYPHS],
        "fill": [colours.status[Status.ALERT], colours.status[Status.WARNING], "transparent", "transparent"],
        "stroke": [colours.background, colours.background, colours.quiet, colours.quiet],
    }
    channels = {"shape": alt.Shape, "fill": alt.Fill, "stroke": alt.Stroke}
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal", columns=2, labelLimit=0, columnPadding=4, offset=offset)
    look = {
        name: channel(field="verdict", type="nominal", scale=alt.Scale(domain=words, range=ranges[name]), legend=legend)
        for name, channel in channels.items()
    }
    marked: alt.Chart = base.transform_filter("!datum.drawn" if dense else "datum.status !== 'stable'")
    glyphs: alt.Chart = marked.mark_point(size=10 if dense else 55, strokeWidth=0.5 if dense else 1, opacity=1).encode(**place, **look)
    return glyphs
