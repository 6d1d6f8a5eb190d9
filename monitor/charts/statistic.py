"""One column's statistic by window, with the one limit from which it alarms and its runs shaded."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from monitor.charts.binning import binned_series, shared_note
from monitor.charts.chart import NO_DATA, Chart, Spec, bare_spec, field_tooltip, finish, highest, require
from monitor.charts.notes import Places, note_places, on_time, time_layers
from monitor.charts.theme import EXACT, NUMBER, STATUS_SHAPES, Palette, Theme, palette, status_text
from monitor.charts.windows import HOLLOW, WindowAxis, cut_short_note, span_text, time_x, unit_text, window_axis, with_time
from monitor.vocabulary import Status
from monitor.wording import count_text, number_text, plural

_MEASURED, _LIMIT, _USUAL = "Measured", "Limit", "Usual"
_JUDGED = (Status.ALERT, Status.WARNING, Status.STABLE, Status.TOO_FEW_ROWS, Status.NOT_JUDGED)
_ALARMS = (Status.ALERT, Status.WARNING)


def statistic_timeline_chart(
    table: pd.DataFrame,
    *,
    label: str,
    method: str,
    annotations: pd.DataFrame | None = None,
    title: str | None = None,
    theme: Theme = "light",
) -> Chart:
    """Draw one column's statistic by window with the limit from which it alarms; runs of windows are shaded.

    Parameters
    ----------
    table : one row per window: `window, score, limit` (of the run where it belongs to one, else of the window alone), `status, run`;
        optionally `lower`, a limit on the other side, `expected`, what is usual, and `when`, `units`, `partial` (see `with_time`)
    label, method : of the column and the statistic, for people
    annotations : `time` (naive, on the case's clock) and `text`: deploys, incidents, label arrival

    Of more windows than a screen tells apart each point is the strongest of several, as on the map.
    """
    data = with_time(require(table, ("window", "score", "limit", "status", "run"), "statistic timeline"))
    every = data.sort_values("window", kind="stable").reset_index(drop=True)
    data = binned_series(every).reset_index(drop=True)
    statuses = data["status"].astype(str).replace(str(Status.NOT_APPLICABLE), str(Status.NOT_JUDGED))
    data = data.assign(
        limit=_finite(data["limit"]),
        lower=_finite(data["lower"]) if "lower" in data else np.nan,
        verdict=statuses.map({str(s): status_text(s) for s in Status}),
    )
    known = data["limit"].notna()
    data = data.assign(lone=known & ~known.shift(fill_value=False) & ~known.shift(-1, fill_value=False))
    data, axis = _with_runs(data), window_axis(data)
    lines, runs, lone = (bool(one.any()) for one in (data["lower"].notna(), data["run"].notna(), data["lone"]))
    usual = "expected" in data and bool(data["expected"].notna().any())
    told = tuple(status_text(one) for one in _JUDGED if one != Status.STABLE and (statuses == str(one)).any())
    parts = (note_places(annotations, data, axis), lines, runs, lone, usual, told)
    return finish(
        _statistic_spec(axis, method, parts, theme),
        on_time(data, annotations, axis),
        title=title or _title(every, label, method),
        alt=_alt_text(data, label, method),
        theme=theme,
        note=" · ".join(part for part in (shared_note(every, "point"), cut_short_note(data, HOLLOW), _without_limit(data)) if part),
    )


def _without_limit(data: pd.DataFrame) -> str:
    """Say where no limit is drawn though something was measured and judged; empty where there is no such window."""
    judged = data["status"].astype(str).isin([*_ALARMS, Status.STABLE])
    silent = data[data["limit"].isna() & data["score"].notna() & judged]
    if silent.empty:
        return ""
    where = str(silent["when"].iloc[0]) if len(silent) == 1 else plural(len(silent), "window")
    return f"No limit drawn: no score of that window alone would alarm ({where})"


def _finite(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype(float).replace([np.inf, -np.inf], np.nan)


def _with_runs(data: pd.DataFrame) -> pd.DataFrame:
    """Add where the shade of a run begins and ends to its first row: half a window before it and after it."""
    inside = data["run"].notna()
    changes = data["run"].where(inside, "") != data["run"].where(inside, "").shift()
    last = data.groupby(changes.cumsum())["time"].transform("last")
    half = data["time"].diff().min() / 2 if data["time"].notna().sum() > 1 else pd.Timedelta(hours=12)
    begins = inside & changes
    return data.assign(run_from=(data["time"] - half).where(begins), run_to=(last + half).where(begins))


def _title(data: pd.DataFrame, label: str, method: str) -> str:
    """Count what is drawn."""
    out = data[data["status"].isin(_ALARMS)]
    if out.empty:
        return f"{label}: {method}, no window beyond its limit"
    many = f"{count_text(len(out))} of {plural(len(data), 'window')}"
    runs = out["run"].dropna().nunique()
    told = f"{plural(runs, 'run')} beyond the limit, {many}" if runs else f"beyond its limit in {many}"
    return f"{label}: {method}, {told}, first: {out['when'].iloc[0]}"


def _alt_text(data: pd.DataFrame, label: str, method: str) -> str:
    known = data[np.isfinite(data["score"].astype(float))]
    if known.empty:
        return f"{method} of {label} by {unit_text(data)}: no window could be measured."
    top = highest(known, "score")
    counts = ", ".join(f"{count_text(int(n))} {str(word).lower()}" for word, n in data["verdict"].value_counts().items())
    limit = f", where the limit is {number_text(float(top['limit']))}" if np.isfinite(top["limit"]) else ""
    return f"{method} of {label}, {span_text(data)}: {counts}. Highest {number_text(float(top['score']))} in {top['when']}{limit}."


@lru_cache(maxsize=64)
def _statistic_spec(axis: WindowAxis, method: str, parts: tuple[Places, bool, bool, bool, bool, tuple[str, ...]], theme: Theme) -> Spec:
    (annotated, two_sided, shaded, lone, usual, told), colours = parts, palette(theme)
    tips = field_tooltip(
        when=("N", "Window", ""),
        score=("Q", method, EXACT),
        **({"expected": ("Q", _USUAL, EXACT)} if usual else {}),
        limit=("Q", "Limit", EXACT),
        verdict=("N", "Verdict", ""),
    )
    base = alt.Chart(NO_DATA).transform_filter("isValid(datum.window)").encode(x=time_x(axis), tooltip=tips)
    y = alt.Y(field="score", type="quantitative", title=method, axis=alt.Axis(format=NUMBER, tickCount=5))
    colour = _series_colour(colours, usual=usual)
    measured, limit = (base.transform_calculate(series=f"'{name}'") for name in (_MEASURED, _LIMIT))
    lines = [
        layer
        for name in (("limit", "lower") if two_sided else ("limit",))
        for layer in _limit_layers(limit, alt.Y(field=name, type="quantitative"), colour, lone)
    ]
    if usual:
        typical = base.transform_calculate(series=f"'{_USUAL}'").mark_line(strokeWidth=1.4)
        lines.append(typical.encode(y=alt.Y(field="expected", type="quantitative"), color=colour))
    layers: list[Any] = [
        *(_shades(axis, colours) if shaded else []),
        *lines,
        measured.mark_line(strokeWidth=2).encode(y=y, color=colour),
        _verdicts(base, y, colours, told),
        *(time_layers(colours, annotated) if annotated else []),
    ]
    drawn = (
        alt.layer(*layers)
        .resolve_scale(shape="independent", fill="independent", stroke="independent")
        .properties(width="container", height=220)
    )
    return bare_spec(drawn, theme)


def _limit_layers(base: alt.Chart, y: alt.Y, colour: alt.Color, lone: bool) -> list[alt.Chart]:
    """Return the line of a limit, broken where no window alone can alarm, and a stroke where a window between such has one."""
    line = base.mark_line(strokeDash=[5, 4], strokeWidth=1.4, interpolate="step", invalid="break-paths-filter-domains")
    strokes = base.transform_filter("datum.lone").mark_point(shape="stroke", size=120, strokeWidth=1.4, opacity=1)
    return [part.encode(y=y, color=colour) for part in ((line, strokes) if lone else (line,))]


def _shades(axis: WindowAxis, colours: Palette) -> list[alt.Chart]:
    """Return what shades the time of each run."""
    mark: dict[str, Any] = {"color": colours.band, "opacity": 0.3}
    if not axis.timed:
        inside = alt.Chart(NO_DATA).transform_filter("isValid(datum.run)")
        return [inside.mark_rect(**mark).encode(x=time_x(axis))]
    x, x2 = alt.X(field="run_from", type="temporal", scale=alt.Scale(type="utc")), alt.X2(field="run_to")
    return [alt.Chart(NO_DATA).transform_filter("isValid(datum.run_from)").mark_rect(**mark).encode(x=x, x2=x2)]


def _series_colour(colours: Palette, *, usual: bool) -> alt.Color:
    domain, ranged = [_MEASURED, _LIMIT], [colours.production, colours.ink]
    scale = alt.Scale(domain=[*domain, *([_USUAL] if usual else [])], range=[*ranged, *([colours.reference] if usual else [])])
    legend = alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1, labelLimit=0)
    return alt.Color(field="series", type="nominal", scale=scale, legend=legend)


def _verdicts(base: alt.Chart, y: alt.Y, colours: Palette, told: tuple[str, ...]) -> alt.Chart:
    """Return the marks of windows; the legend names the verdicts `told`, those of which there is a window."""
    words = [status_text(s) for s in _JUDGED]
    shapes = alt.Scale(domain=words, range=[STATUS_SHAPES[s] for s in _JUDGED])
    fills = [colours.status[Status.ALERT], colours.status[Status.WARNING], colours.production, colours.background, colours.background]
    edges = [*[colours.background] * 3, *[colours.quiet] * 2]  # hollow marks are seen by their edge alone
    legend = alt.Legend(title=None, values=list(told), orient="bottom", direction="horizontal", labelLimit=0) if told else None
    edge = alt.Stroke(field="verdict", type="nominal", scale=alt.Scale(domain=words, range=edges), legend=legend)
    marks: alt.Chart = base.mark_point(size=55, strokeWidth=0.8, opacity=1).encode(
        y=y,
        shape=alt.Shape(field="verdict", type="nominal", scale=shapes, legend=legend),
        fill=alt.Fill(field="verdict", type="nominal", scale=alt.Scale(domain=words, range=fills), legend=legend),
        fillOpacity=alt.condition("datum.partial", alt.value(0), alt.value(1)),
        stroke=alt.condition("datum.partial", alt.value(colours.quiet), edge),
        size=alt.condition("datum.status === 'stable'", alt.value(18), alt.value(70)),
    )
    return marks
