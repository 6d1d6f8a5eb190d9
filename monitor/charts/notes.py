"""What happened and when, on every axis of windows: incidents as bands, deploys and the like as rules, each with its words."""

from __future__ import annotations

import json
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.chart import NO_DATA, field_tooltip, require
from monitor.charts.theme import Palette
from monitor.charts.windows import WindowAxis, units_of
from monitor.vocabulary import Status
from monitor.wording import window_moment, window_unit

INCIDENT, EVENT = "Incident", "Deploy or other event"
LINES, LINE_HEIGHT = 3, 12
"""Labels take turns on so many lines, so that neighbours do not cover each other; the height of a line in pixels."""
_TIMES = {"hour": "h", "day": "D", "week": "W", "month": "M"}
DAY = pd.Timedelta(days=1)


def has_notes(annotations: pd.DataFrame | None, data: pd.DataFrame, axis: WindowAxis) -> bool:
    """Say whether anything happened in the time that is drawn."""
    return axis.timed and annotations is not None and not _within(annotations, data).empty


def on_time(data: pd.DataFrame, annotations: pd.DataFrame | None, axis: WindowAxis) -> pd.DataFrame:
    """Add what happened as further rows, so that one table holds all that is drawn: `note, note_kind, note_time, note_end, note_line`."""
    if annotations is None or not has_notes(annotations, data, axis):
        return data
    notes = _within(annotations, data)
    # What is over at once ends where it begins: a band without width, so that no scale is ever without a value.
    ends = notes["end"].where(notes["note_kind"] == INCIDENT, notes["time"]).clip(lower=_starts(data).min(), upper=_ends(data).max())
    rows = pd.DataFrame(
        {
            "note_time": notes["time"].clip(lower=_starts(data).min()).dt.tz_localize("UTC"),
            "note_end": ends.dt.tz_localize("UTC"),
            "note": notes["text"].astype(str),
            "note_kind": notes["note_kind"],
            "note_line": np.arange(len(notes)) % LINES,
        }
    )
    return pd.concat([data, rows], ignore_index=True)


_TOLD = ("note", "note_kind", "note_first", "note_line")


def on_bands(data: pd.DataFrame, annotations: pd.DataFrame | None, axis: WindowAxis) -> pd.DataFrame:
    """Add to the first row of each window what happened in it: `note`, `note_kind`, and `note_first` where something begins."""
    if annotations is None or not has_notes(annotations, data, axis):
        return data
    notes = _within(annotations, data)
    starts, ends = _starts(data), _ends(data)
    told = data.assign(**dict.fromkeys(_TOLD)).astype(dict.fromkeys(_TOLD, object))
    seen: set[str] = set()
    for window in sorted(starts.index):
        here = notes[(notes["time"] < ends[window]) & (notes["end"] > starts[window])]
        if here.empty:
            continue
        row = told.index[told["window"] == window][0]
        said = "; ".join(dict.fromkeys(here["text"]))
        told.loc[row, ["note", "note_kind"]] = [said, INCIDENT if (here["note_kind"] == INCIDENT).any() else EVENT]
        if said not in seen:
            told.loc[row, "note_first"] = said
            told.loc[row, "note_line"] = len(seen) % LINES
            seen.add(said)
    return told


def _within(annotations: pd.DataFrame, data: pd.DataFrame) -> pd.DataFrame:
    """Return what happened in the time that is drawn, with `end` and `note_kind`; an incident without an end lasts a day."""
    notes = require(annotations, ("time", "text"), "annotation layer") if len(annotations) else annotations
    starts = _starts(data)
    if notes.empty or starts.empty:
        return notes.iloc[:0]
    kinds = notes["kind"] if "kind" in notes else pd.Series("note", index=notes.index)
    time = pd.to_datetime(notes["time"])
    incident = kinds.eq("incident")
    given = pd.to_datetime(notes["end"]) if "end" in notes else pd.Series(pd.NaT, index=notes.index)
    moment = time + pd.Timedelta(seconds=1)
    end = given.where(given.notna(), time + DAY).where(incident, moment)
    notes = notes.assign(time=time, end=end, note_kind=np.where(incident, INCIDENT, EVENT))
    return pd.DataFrame(notes.loc[(notes["end"] > starts.min()) & (notes["time"] < _ends(data).max())])


def _starts(data: pd.DataFrame) -> pd.Series[Any]:
    """Return the start of each window on the case's clock, by id."""
    ids = data["window"].dropna().astype(str).unique()
    return pd.Series({one: moment for one in ids if (moment := window_moment(one)) is not None}, dtype="datetime64[us]")


def _ends(data: pd.DataFrame) -> pd.Series[Any]:
    """Return the end of each window: windows are as long as the shortest step between two of them."""
    starts = _starts(data).sort_values()
    unit: Any = _TIMES[window_unit(str(starts.index[0]))]
    if unit == "M":
        return starts + pd.offsets.MonthBegin(units_of(data))
    step = starts.diff().min()
    return starts + max(pd.Timedelta(units_of(data), unit), step if pd.notna(step) else pd.Timedelta(0))


def time_layers(colours: Palette) -> list[alt.Chart]:
    """Return the layers that draw `on_time` on an axis of time."""
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.note_time)")
    x = alt.X(field="note_time", type="temporal", scale=alt.Scale(type="utc"))
    tip = field_tooltip(note=("N", "Note", ""))
    incident = base.transform_filter("isValid(datum.note_end)").mark_rect(color=colours.status[Status.WARNING], opacity=0.14)
    rule = base.mark_rule(strokeDash=[2, 2], strokeWidth=1.5).encode(x=x, stroke=_stroke(colours), tooltip=tip)
    return [incident.encode(x=x, x2=alt.X2(field="note_end"), tooltip=tip), rule, *_labels(base, colours, {"x": x}, "note", "inside")]


def band_layers(colours: Palette, *, labels: Literal["above", "below"], field: str = "window") -> list[alt.Chart]:
    """Return the layers that draw `on_bands` on an axis of windows as bands, with labels above or below the plot."""
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.note)")
    x = alt.X(field=field, type="ordinal", sort="ascending")
    tip = field_tooltip(when=("N", "Window", ""), note=("N", "Note", ""))
    incident = base.transform_filter(f"datum.note_kind === {json.dumps(INCIDENT)}")
    band = incident.mark_rect(color=colours.status[Status.WARNING], opacity=0.22).encode(x=x, tooltip=tip)
    rule = base.mark_rule(strokeDash=[2, 2], strokeWidth=1.5).encode(x=x, stroke=_stroke(colours), tooltip=tip)
    first = base.transform_filter("isValid(datum.note_first)")
    return [band, rule, *_labels(first, colours, {"x": x}, "note_first", labels)]


def _labels(
    base: alt.Chart, colours: Palette, place: dict[str, Any], field: str, where: Literal["inside", "above", "below"]
) -> list[alt.Chart]:
    """Return the labels, one layer a line."""
    y = alt.value("height") if where == "below" else alt.value(0)
    baseline: Literal["top", "bottom"] = "bottom" if where == "above" else "top"
    parts = []
    for line in range(LINES):
        offset = -2 - line * LINE_HEIGHT if where == "above" else 2 + line * LINE_HEIGHT
        mark = base.transform_filter(f"datum.note_line === {line}").mark_text(
            align="left", baseline=baseline, dx=4, dy=offset, fontSize=11, color=colours.ink, limit=150
        )
        parts.append(mark.encode(**place, y=y, text=alt.Text(field=field, type="nominal")))
    return parts


def _stroke(colours: Palette) -> alt.Stroke:
    scale = alt.Scale(domain=[INCIDENT, EVENT], range=[colours.status[Status.WARNING], colours.quiet])
    legend = alt.Legend(title=None, orient="bottom", symbolType="stroke", symbolStrokeWidth=2, labelLimit=0, columns=1)
    return alt.Stroke(field="note_kind", type="nominal", scale=scale, legend=legend)
