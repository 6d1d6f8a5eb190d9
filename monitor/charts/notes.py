"""What happened and when, on every axis of windows: incidents as bands, deploys and the like as rules, each with its words."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
"""Labels stand on so many lines, so that neighbours do not cover each other; the height of a line in pixels."""
LABEL, LETTER, PLOT = 190, 6.2, 480
"""Pixels that a label may have, that a letter of it takes, and that a plot is taken to be wide."""
Places = tuple[tuple[int, bool, bool], ...]
"""Lines that hold labels, each with whether they end where the thing began (near the right edge) instead of beginning there, and whether
they tell of incidents."""
_TIMES = {"hour": "h", "day": "D", "week": "W", "month": "M"}
DAY = pd.Timedelta(days=1)


def note_places(annotations: pd.DataFrame | None, data: pd.DataFrame, axis: WindowAxis) -> Places:
    """Return where the labels stand of what happened in the time that is drawn; none where nothing did."""
    if not axis.timed or annotations is None:
        return ()
    notes = _within(annotations, data)
    told = notes["note_line"].tolist(), notes["note_left"].tolist(), notes["note_kind"].eq(INCIDENT).tolist()
    return tuple(sorted(set(zip(*told, strict=True))))


def on_time(data: pd.DataFrame, annotations: pd.DataFrame | None, axis: WindowAxis) -> pd.DataFrame:
    """Add what happened as further rows, so that one table holds all that is drawn: `note, note_kind, note_time, note_end, note_line,
    note_left`."""
    if annotations is None or not note_places(annotations, data, axis):
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
            "note_line": notes["note_line"],
            "note_left": notes["note_left"],
        }
    )
    return pd.concat([data, rows], ignore_index=True)


_TOLD = ("note", "note_kind", "note_first", "note_line", "note_left")


def on_bands(data: pd.DataFrame, annotations: pd.DataFrame | None, axis: WindowAxis) -> pd.DataFrame:
    """Add to the first row of each window what happened in it: `note`, `note_kind`, and `note_first` where something begins."""
    if annotations is None or not note_places(annotations, data, axis):
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
            told.loc[row, ["note_line", "note_left"]] = [int(here["note_line"].iloc[0]), bool(here["note_left"].iloc[0])]
            seen.add(said)
    return told


def _within(annotations: pd.DataFrame, data: pd.DataFrame) -> pd.DataFrame:
    """Return what happened in the time that is drawn, with `end`, `note_kind` and where its label stands (`note_line`, -1 where there is no
    room, and `note_left`); an incident without an end lasts a day."""
    notes = require(annotations, ("time", "text"), "annotation layer") if len(annotations) else annotations
    starts = _starts(data)
    if notes.empty or starts.empty:
        return notes.iloc[:0].assign(note_line=[], note_left=[], note_kind=[])
    kinds = notes["kind"] if "kind" in notes else pd.Series("note", index=notes.index)
    time = pd.to_datetime(notes["time"])
    incident = kinds.eq("incident")
    given = pd.to_datetime(notes["end"]) if "end" in notes else pd.Series(pd.NaT, index=notes.index)
    moment = time + pd.Timedelta(seconds=1)
    end = given.where(given.notna(), time + DAY).where(incident, moment)
    notes = notes.assign(time=time, end=end, note_kind=np.where(incident, INCIDENT, EVENT)).sort_values("time", kind="stable")
    first, last = starts.min(), _ends(data).max()
    notes = notes.loc[(notes["end"] > first) & (notes["time"] < last)]
    places = _placed(((notes["time"].clip(lower=first) - first) / (last - first) * PLOT).tolist(), notes["text"].astype(str).tolist())
    return pd.DataFrame(notes.assign(note_line=[one[0] for one in places], note_left=[one[1] for one in places]))


def _placed(starts: Sequence[float], texts: Sequence[str]) -> list[tuple[int, bool]]:
    """Return for each label the first line on which it covers no other, and whether it ends where it would begin; -1 where none has room.

    >>> _placed([0.0, 20.0, 470.0], ["A deploy", "Another deploy", "A third"])
    [(0, False), (1, False), (0, True)]
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LINES)]
    places = []
    for start, text in zip(starts, texts, strict=True):
        width = min(len(text) * LETTER, LABEL) + 8
        left = start + width > PLOT
        begin = start - width if left else start
        free = (line for line in range(LINES) if all(begin >= end or begin + width <= other for other, end in taken[line]))
        line = next(free, -1)
        if line >= 0:
            taken[line].append((begin, begin + width))
        places.append((line, left))
    return places


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


def time_layers(colours: Palette, places: Places) -> list[alt.Chart]:
    """Return the layers that draw `on_time` on an axis of time."""
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.note_time)")
    x = alt.X(field="note_time", type="temporal", scale=alt.Scale(type="utc"))
    tip = field_tooltip(note=("N", "Note", ""))
    incident = base.transform_filter("isValid(datum.note_end)").mark_rect(color=colours.status[Status.WARNING], opacity=0.14)
    rule = base.mark_rule(strokeDash=[2, 2], strokeWidth=1.5).encode(x=x, stroke=_stroke(colours, places), tooltip=tip)
    labels = _labels(base, colours, {"x": x}, "note", ("inside", places))
    return [incident.encode(x=x, x2=alt.X2(field="note_end"), tooltip=tip), rule, *labels]


def band_layers(colours: Palette, places: Places, *, labels: Literal["above", "below"], field: str = "window") -> list[alt.Chart]:
    """Return the layers that draw `on_bands` on an axis of windows as bands, with labels above or below the plot."""
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.note)")
    x = alt.X(field=field, type="ordinal", sort="ascending")
    tip = field_tooltip(when=("N", "Window", ""), note=("N", "Note", ""))
    incident = base.transform_filter(f"datum.note_kind === {json.dumps(INCIDENT)}")
    band = incident.mark_rect(color=colours.status[Status.WARNING], opacity=0.22).encode(x=x, tooltip=tip)
    rule = base.mark_rule(strokeDash=[2, 2], strokeWidth=1.5).encode(x=x, stroke=_stroke(colours, places), tooltip=tip)
    first = base.transform_filter("isValid(datum.note_first)")
    return [band, rule, *_labels(first, colours, {"x": x}, "note_first", (labels, places))]


def _labels(
    base: alt.Chart,
    colours: Palette,
    place: dict[str, Any],
    field: str,
    where: tuple[Literal["inside", "above", "below"], Places],
) -> list[alt.Chart]:
    """Return the labels, one layer for each line and side that holds any: a layer without rows would leave its scale without a value."""
    side, places = where
    y = alt.value("height") if side == "below" else alt.value(0)
    baseline: Literal["top", "bottom"] = "bottom" if side == "above" else "top"
    parts = []
    for line, left in dict.fromkeys((line, left) for line, left, _ in places):
        if line < 0:
            continue
        offset = -2 - line * LINE_HEIGHT if side == "above" else 2 + line * LINE_HEIGHT
        mine = base.transform_filter(f"datum.note_line === {line} && datum.note_left === {json.dumps(left)}")
        look: dict[str, Any] = {"align": "right" if left else "left", "baseline": baseline, "dx": -4 if left else 4, "dy": offset}
        look |= {"fontSize": 11, "limit": LABEL}
        halo = mine.mark_text(
            **look, color=colours.background, stroke=colours.background, strokeWidth=4
        )  # keeps what is drawn off the label
        parts += [
            mark.encode(**place, y=y, text=alt.Text(field=field, type="nominal"))
            for mark in (halo, mine.mark_text(**look, color=colours.ink))
        ]
    return parts


def _stroke(colours: Palette, places: Places) -> alt.Stroke:
    """Return the colour of rules; its legend names what there is only."""
    hues = {INCIDENT: colours.status[Status.WARNING], EVENT: colours.quiet}
    kinds = sorted({INCIDENT if incident else EVENT for *_, incident in places})
    scale = alt.Scale(domain=kinds, range=[hues[one] for one in kinds])
    legend = alt.Legend(title=None, orient="bottom", symbolType="stroke", symbolStrokeWidth=2, labelLimit=0, columns=1)
    return alt.Stroke(field="note_kind", type="nominal", scale=scale, legend=legend)
