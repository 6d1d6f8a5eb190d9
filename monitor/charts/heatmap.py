"""Heat map of drift: columns by windows, colour = how many times as far as it had to be, outlines = runs of windows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.binning import binned, shared_note
from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, each, field_tooltip, finish, require
from monitor.charts.notes import LINE_HEIGHT, Places, band_layers, note_places, on_bands
from monitor.charts.theme import EXACT, SHARE, STATUS_SHAPES, Palette, Theme, palette, status_text
from monitor.charts.windows import HATCHED, WindowAxis, band_x, cut_short_note, hatching, window_axis, with_time
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, plural

COLUMNS = ("label", "column", "window", "score", "limit", "strength", "status", "run", "q_value")
ROW_HEIGHT = 20
STRONGEST = 16
"""Strength from which the colour does not grow darker."""
ROOM = "containerSize()[0] < 480 ? 112 : 320"
"""Pixels that the name of a row may have: on a telephone the map keeps two thirds, and its colour scale is whole."""
_DENSE = 60
_HOLLOW = (Status.TOO_FEW_ROWS, Status.NOT_JUDGED, Status.NOT_APPLICABLE)
_GLYPHS = (Status.ALERT, Status.WARNING, Status.TOO_FEW_ROWS, Status.NOT_JUDGED)
_SHADES = float(1 + np.log2(STRONGEST))


def drift_heatmap_chart(
    table: pd.DataFrame,
    *,
    method: str,
    noun: str = "column",
    order: Sequence[str] = (),
    selected: tuple[str, str] | None = None,
    annotations: pd.DataFrame | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw judged rows as columns by windows; consecutive windows of one run are outlined together.

    Parameters
    ----------
    table : one row per column and window: `label, column, window, score, limit, strength, status, run, q_value`; optionally `measured`
        (by which method), `when`, `units` and `partial` (see `with_time`); with `check`, `score` is a share of rows and
        `limit` the expected one; with `found`, how many runs there are in all these columns, of which only the strongest of a cell is drawn
    method : name of the method for people, such as "Population stability index"
    noun : what a row of the map is
    order : columns from the most to the least severe; those not named follow in order of appearance
    selected : (column, window) drawn with a ring; nothing is drawn when it is not in the table
    annotations : `time` (naive, on the case's clock) and `text`, `kind`, `end`: what happened; incidents are bands

    A click on a cell reports the parameter `cell` with the fields `column` and `window` (both ids).
    """
    every = require(table, COLUMNS, "heat map")
    runs = int(every["found"].iloc[0]) if "found" in every and len(every) else None
    data = _prepare(every, order, selected, method)
    axis = window_axis(data)
    dense = data["slot"].nunique() > _DENSE
    on_axis = data.assign(window=data["slot"])
    return finish(
        _heatmap_spec(axis, (dense, _glyphs_of(data), note_places(annotations, on_axis, axis)), theme, checks="check" in every),
        on_bands(on_axis, annotations, axis).assign(window=data["window"]),
        title=_title(data, noun, runs),
        alt=_alt_text(data, noun),
        theme=theme,
        note=". ".join(one for one in (_beneath(data, runs), shared_note(every, "cell"), cut_short_note(data, HATCHED)) if one),
        height=ROW_HEIGHT * max(data["column"].nunique(), 1),
    )


def _prepare(every: pd.DataFrame, order: Sequence[str], selected: tuple[str, str] | None, method: str) -> pd.DataFrame:
    table, windows = binned(every.drop(columns="found", errors="ignore")), frozenset(every["window"].astype(str))
    names = list(dict.fromkeys([*(name for name in order if name in set(table["column"])), *table["column"]]))
    place = {name: position for position, name in enumerate(names)}
    hollow = each(table["status"], lambda status: status in _HOLLOW)
    strength = np.nan_to_num(table["strength"].to_numpy(float), posinf=STRONGEST)
    alarms = table["status"].isin([Status.ALERT, Status.WARNING])
    data = with_time(table if "measured" in table else table.assign(measured=method)).assign(
        label=_distinct_labels(table),
        row=each(table["column"], place.__getitem__),
        verdict=each(table["status"], _verdict),
        sel=_is_selected(table, selected, windows),
        drawn=~hollow,
        shade=np.where(alarms, 1.001 + np.log2(np.clip(strength, 1, STRONGEST)), np.minimum(strength, 1)),
    )
    data = data.drop(columns="time").sort_values(["row", "slot"], kind="stable").reset_index(drop=True)
    return _with_runs(data)


def _with_runs(data: pd.DataFrame) -> pd.DataFrame:
    """Add to the first row of each run the last window of it (`run_to`); a run that a stronger one covers in part is drawn in parts."""
    inside = data["run"].notna() & data["drawn"]
    changes = (data["run"] != data["run"].shift()) | (data["column"] != data["column"].shift()) | (inside != inside.shift())
    part = changes.cumsum()
    last = data.groupby(part)["slot"].transform("last")
    return data.assign(run_to=last.where(inside & changes, None))


def _verdict(status: str) -> str:
    return status_text(Status.NOT_JUDGED if status == Status.NOT_APPLICABLE else status)


def _is_selected(table: pd.DataFrame, selected: tuple[str, str] | None, windows: frozenset[str]) -> Any:
    if selected is None:
        return np.zeros(len(table), dtype=bool)
    mine = table["column"] == selected[0]
    begun = table.loc[mine & (table["slot"] <= selected[1]), "slot"]
    return (mine & (table["slot"] == begun.max())).to_numpy(bool) if selected[1] in windows else np.zeros(len(table), dtype=bool)


def _distinct_labels(table: pd.DataFrame) -> Any:
    """Return the labels, with the column's name added where two columns share one."""
    if table["label"].nunique() == table["column"].nunique():
        return table["label"]
    twice = table.groupby("label")["column"].transform("nunique") > 1
    return table["label"].astype(str).where(~twice, table["label"].astype(str) + " (" + table["column"].astype(str) + ")")


def _beneath(data: pd.DataFrame, runs: int | None) -> str:
    """Say how many runs are not drawn for a stronger one; empty where all are."""
    drawn = data.loc[data["run_to"].notna(), "run"].nunique()
    return f"{plural(runs - drawn, 'run')} not drawn: in each window the strongest is" if runs is not None and runs > drawn > 0 else ""


def _title(data: pd.DataFrame, noun: str, every: int | None) -> str:
    """Count what was found, as far as it is known beyond what is drawn."""
    found = data[data["run_to"].notna()]
    columns = data["column"].nunique()
    if found.empty:
        alone = data.loc[data["status"].isin([Status.ALERT, Status.WARNING]), "column"].nunique()
        return f"{count_text(alone)} of {plural(columns, noun)} beyond its limit" if alone else f"No run in {plural(columns, noun)}"
    runs = plural(max(found["run"].nunique(), every or 0), "run")
    among = found["column"].nunique()
    return f"{runs} of windows in {plural(columns, noun) if among == columns else f'{count_text(among)} of {plural(columns, noun)}'}"


def _alt_text(data: pd.DataFrame, noun: str) -> str:
    counts = data["verdict"].value_counts()
    verdicts = ", ".join(f"{count_text(int(n))} {str(word).lower()}" for word, n in counts.items())
    worst = data[data["status"] == Status.ALERT].groupby("label", sort=False).size().sort_values(ascending=False, kind="stable")
    most = f" Most alerts: {list_text([f'{name} ({n})' for name, n in worst.items()], limit=3)}." if len(worst) else ""
    shape = f"{plural(data['column'].nunique(), noun)} by {plural(data['window'].nunique(), 'window')}"
    return f"Heat map of {shape}, colour is how many times as far as it had to be: {verdicts}.{most}"


def _glyphs_of(data: pd.DataFrame) -> tuple[str, ...]:
    """Return the words of the verdicts that have a mark in a map; the legend names no other."""
    return tuple(word for word in map(status_text, _GLYPHS) if data["verdict"].eq(word).any())


@lru_cache(maxsize=64)
def _heatmap_spec(axis: WindowAxis, parts: tuple[bool, tuple[str, ...], Places], theme: Theme, *, checks: bool = False) -> Spec:
    (dense, told, annotated), colours = parts, palette(theme)
    place: dict[str, Any] = {"x": band_x(axis, orient="top", field="slot"), "y": _rows(colours)}
    place["tooltip"] = _tooltip(checks=checks)
    base = alt.Chart(NO_DATA)
    click = alt.selection_point(name="cell", fields=["column", "window"], on="click", clear="dblclick", toggle=False)
    edge: dict[str, Any] = {} if dense else {"stroke": colours.background, "strokeWidth": 0.5}
    drawn, colour = base.transform_filter("datum.drawn"), _strength(colours)
    empty = base.transform_filter("!datum.drawn").mark_rect(
        fill=colours.background, fillOpacity=0.01, stroke=colours.grid, strokeWidth=1, width=_inset(0.9), height=_inset(0.9)
    )
    ring = base.transform_filter("datum.sel").mark_rect(filled=False, stroke=colours.ink, strokeWidth=3).encode(**place)
    marks = [
        drawn.mark_rect(**edge).encode(**place, color=colour).add_params(click),
        *hatching(drawn, place, colours),
        empty.encode(**place),
        _outlines(base, place, colours),
        _glyphs(base, place, colours, (dense, told), offset=18 + (1 + max((line for line, *_ in annotated), default=-1)) * LINE_HEIGHT),
        ring,
        *(band_layers(colours, annotated, labels="below", field="slot") if annotated else []),
    ]
    layers = alt.layer(*marks).resolve_scale(stroke="independent", fill="independent", shape="independent")
    return bare_spec(layers.properties(width="container"), theme)


def _tooltip(*, checks: bool) -> list[alt.Tooltip]:
    """Return what is said of a cell; of `checks` the share of rows that fail one, of a method its score."""
    first = {"label": ("N", "Column", ""), "when": ("N", "Window", ""), "verdict": ("N", "Verdict", "")}
    strength = {"strength": ("Q", "Times as far as it had to be", ".3~g")}
    shares = {"measured": ("N", "What", ""), "score": ("Q", "Share of rows", SHARE), "limit": ("Q", "Expected", SHARE)}
    scores = {"measured": ("N", "Measured by", ""), "score": ("Q", "Score", EXACT), "limit": ("Q", "Alone it alarms from", EXACT)}
    last = {} if checks else {"q_value": ("Q", "q-value", ".3~g")}
    return field_tooltip(**first, **strength, **(shares if checks else scores), **last)


def _strength(colours: Palette) -> alt.Color:
    """Return the colour: grey up to 1, one hue above, darker with every doubling."""
    scale = alt.Scale(type="linear", domain=[0, 1, 1.001, _SHADES], range=list(colours.strength), interpolate="rgb", clamp=True)
    times = "datum.value <= 1 ? format(datum.value, '~g') : format(pow(2, datum.value - 1), 'd')"
    legend = alt.Legend(
        title="Strength: above 1 beyond chance", values=[0, 1, 2, 3, 4, _SHADES], labelExpr=times,
        gradientLength=200, gradientThickness=10, titleLimit=320,
    )  # fmt: skip
    return alt.Color(field="shade", type="quantitative", scale=scale, legend=legend)


def _inset(band: float) -> alt.RelativeBandSize:
    return alt.RelativeBandSize(band=band)


def _rows(colours: Palette) -> alt.Y:
    axis = alt.Axis(title=None, labelLimit=alt.ExprRef(expr=ROOM), labelColor=colours.ink, domain=False, ticks=False)
    return alt.Y(field="label", type="nominal", sort=alt.EncodingSortField(field="row", op="min", order="ascending"), axis=axis)


def _outlines(base: alt.Chart, place: dict[str, Any], colours: Palette) -> alt.Chart:
    """Return a frame around each run."""
    first = alt.X(field="slot", type="ordinal", sort="ascending", bandPosition=0)
    run = base.transform_filter("isValid(datum.run_to)").mark_rect(filled=False, stroke=colours.ink, strokeWidth=1, height=_inset(0.94))
    framed: alt.Chart = run.encode(x=first, x2=alt.X2(field="run_to", bandPosition=1), y=place["y"])
    return framed


def _glyphs(base: alt.Chart, place: dict[str, Any], colours: Palette, parts: tuple[bool, tuple[str, ...]], *, offset: int) -> alt.Chart:
    """Return the marks of verdicts: where a run begins, and in every window that was not judged."""
    dense, told = parts
    words = [status_text(s) for s in _GLYPHS]
    ranges = {
        "shape": [STATUS_SHAPES[s] for s in _GLYPHS],
        "fill": [colours.background, colours.background, "transparent", "transparent"],
        "stroke": [colours.ink, colours.ink, colours.quiet, colours.quiet],
    }
    channels = {"shape": alt.Shape, "fill": alt.Fill, "stroke": alt.Stroke}
    look: dict[str, Any] = {"orient": "bottom", "direction": "horizontal", "columns": 2, "labelLimit": 0, "columnPadding": 4}
    legend = alt.Legend(title=None, values=list(told), offset=offset, **look) if told else None
    drawn = {
        name: channel(field="verdict", type="nominal", scale=alt.Scale(domain=words, range=ranges[name]), legend=legend)
        for name, channel in channels.items()
    }
    alarms = "(datum.status === 'alert' || datum.status === 'warning')"
    marked: alt.Chart = base.transform_filter(f"!datum.drawn || isValid(datum.run_to) || ({alarms} && !isValid(datum.run))")
    glyphs: alt.Chart = marked.mark_point(size=10 if dense else 55, strokeWidth=0.5 if dense else 1, opacity=1).encode(**place, **drawn)
    return glyphs
