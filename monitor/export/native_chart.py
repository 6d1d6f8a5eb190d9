"""What a chart is in PowerPoint: the lines or columns that its Vega-Lite draws, their names and colours, its axes, its form of numbers.

What is drawn is read from the marks of the chart, never guessed from the columns of its table: a native chart shows what the others show.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from monitor.wording import number_text, window_text

Spec = Mapping[str, Any]
Values = tuple[float | None, ...]

LINES = frozenset({"line", "area", "point"})
MOST_SERIES = 8
_KNOWN = re.compile(r"isValid\(datum\.(\w+)\)(?:\s*&&\s*)?")
ENDS = ("low", "high")
PARTIAL = "datum.partial"
"""What points are drawn hollow by."""
SHARE_DECIMALS = 2
"""Further digits that a percentage needs fewer of than the share does."""
MARKS = 5
"""About how many marks an axis of values has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, or the columns of one colour: `values` one a category (None: nothing there), `colour` as RRGGBB ("": none is given).

    `joined`: whether its points are a line; `quiet`: whether it is drawn thin, beside what the chart is about; `hollow`: positions of
    values of windows that are cut short or wait for labels, which are drawn hollow.
    """

    name: str
    values: Values
    colour: str = ""
    joined: bool = True
    quiet: bool = False
    hollow: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What PowerPoint draws: categories and series, lines or columns, what the axes are called, and how values are written there."""

    names: tuple[str, ...]
    series: tuple[Series, ...]
    lines: bool
    across: str = ""
    upward: str = ""
    share: bool = False
    least: float | None = None
    """Where the axis of values begins; None: where PowerPoint says, at 0 as a rule."""

    @property
    def step(self) -> float:
        """How far the marks of the axis of values lie apart: a round number; 0 where there is nothing to draw."""
        known = [one for each in self.series for one in each.values if one is not None]
        low = min([0.0, *known]) if self.least is None else self.least
        return round_step(max([0.0, *known]) - low)

    @property
    def number_format(self) -> str:
        """Return how PowerPoint writes the values on their axis: in percent where they are shares, no digit more than the marks need."""
        return number_format(self.step, share=self.share)


def round_step(span: float) -> float:
    """Return the round number of which about MARKS make a span.

    >>> [round_step(one) for one in (0.0092, 90.0, 0.4, 0.0)]
    [0.002, 20.0, 0.1, 0.0]
    """
    if not span > 0 or not math.isfinite(span):
        return 0.0
    power = 10.0 ** math.floor(math.log10(span / MARKS))
    return float(f"{next(one for one in (1, 2, 5, 10) if span / MARKS <= one * power) * power:.1g}")


def number_format(step: float, *, share: bool) -> str:
    """Return a format of PowerPoint for the marks of an axis that lie `step` apart.

    >>> [number_format(one, share=False) for one in (2000.0, 20.0, 0.5, 0.002)], number_format(0.002, share=True)
    (['#,##0', '#,##0', '0.0', '0.000'], '0.0%')
    """
    decimals = 0 if not step else max(0, -math.floor(math.log10(step) + 1e-9) - (SHARE_DECIMALS if share else 0))
    return ("0" if share or decimals else "#,##0") + (f".{'0' * decimals}" if decimals else "") + ("%" if share else "")


@dataclass(frozen=True, slots=True)
class _Layer:
    """One mark with what it is drawn of: its rows, its channels, and texts that it gives all of its rows."""

    mark: str
    own: Mapping[str, Any]
    channels: Mapping[str, Any]
    rows: pd.DataFrame
    given: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def channel(self, name: str) -> Mapping[str, Any]:
        found = self.channels.get(name)
        return found if isinstance(found, Mapping) else {}

    @property
    def up(self) -> str:
        return str(self.channel("y").get("field", ""))

    @property
    def ends(self) -> str:
        return str(self.channel("y2").get("field", ""))

    @property
    def whole(self) -> bool:
        """Whether it is one number along all of the chart."""
        return self.mark == "rule" and "aggregate" in self.channel("y") and not self.ends and "x" not in self.channels


def native_chart(spec: Spec) -> Drawn | None:
    """Return what PowerPoint draws of a complete Vega-Lite specification; None where it cannot draw that: then a picture stands there."""
    table = pd.DataFrame((spec.get("data") or {}).get("values") or [])
    if table.empty:
        return None
    layers = list(_layers(spec, table))
    columns = [one for one in layers if one.mark == "bar"]
    drawn = columns or [one for one in layers if one.mark in LINES and not one.ends]
    drawn = [one for one in drawn if one.up in table and one.channel("y").get("type") == "quantitative" and _across(one)]
    if not drawn:
        return None
    names = _categories(drawn)
    series = _every(drawn, layers, names)
    if series is None or not 0 < len(series) <= MOST_SERIES:
        return None
    y, x = drawn[0].channel("y"), drawn[0].channel("x")
    form = str((y.get("axis") or {}).get("format", ""))
    return Drawn(
        names=tuple(names.values()), series=tuple(series), lines=not columns, across=_axis_title(x), upward=_axis_title(y),
        share=form.endswith(("%", "p")), least=None if columns else _least(y, series),
    )  # fmt: skip


def _layers(spec: Spec, table: pd.DataFrame) -> Iterator[_Layer]:
    """Return the marks of a chart; those whose rows are chosen by more than that something is known are left out."""
    shared: Mapping[str, Any] = spec.get("encoding") or {}
    for part in spec.get("layer") or [spec]:
        if not isinstance(part, Mapping) or "mark" not in part:
            continue
        mark = part["mark"] if isinstance(part["mark"], Mapping) else {"type": part["mark"]}
        steps = [*(spec.get("transform") or ()), *((part.get("transform") or ()) if part is not spec else ())]
        rows = _rows(table, [one["filter"] for one in steps if "filter" in one])
        if rows is not None:
            given = {str(one["as"]): str(one["calculate"])[1:-1] for one in steps if _is_text(one.get("calculate"))}
            channels = {**shared, **(part.get("encoding") or {})}
            yield _Layer(str(mark.get("type")), mark, channels, rows, given, str(part.get("name") or ""))


def _is_text(told: object) -> bool:
    return isinstance(told, str) and len(told) > 1 and told[0] == told[-1] and told[0] in "'\""


def _rows(table: pd.DataFrame, filters: Iterable[object]) -> pd.DataFrame | None:
    """Return the rows in which what a mark asks for is known; None where it asks for anything else."""
    for one in filters:
        if not isinstance(one, str) or _KNOWN.sub("", one).strip():
            return None
        wanted = [name for name in _KNOWN.findall(one) if name in table]
        table = table.dropna(subset=wanted)
    return table


def _across(one: _Layer) -> str:
    """Return the column that a mark is drawn along; empty where it is none of the table."""
    name = str(one.channel("x").get("field", ""))
    return name if name in one.rows else ""


def _key(one: _Layer) -> pd.Series[Any]:
    """Return the place of each row of a mark along the axis: its window, else its value there."""
    name = _across(one)
    return one.rows["window" if name == "time" and "window" in one.rows else name]


def _categories(drawn: Iterable[_Layer]) -> dict[Any, str]:
    """Return what each place along the axis is called there."""
    return {key: told for one in drawn for key, told in zip(_key(one), _labels(one), strict=True)}


def _labels(one: _Layer) -> list[str]:
    name, channel = _across(one), one.channel("x")
    if name == "time":
        moments = pd.to_datetime(one.rows[name], utc=True)
        return list(moments.dt.strftime(str((channel.get("axis") or {}).get("format") or "%-d %b %Y")))
    if name == "window":
        return [window_text(str(window)) for window in one.rows[name]]
    return [number_text(float(value)) if channel.get("type") == "quantitative" else str(value) for value in one.rows[name]]


def _every(drawn: list[_Layer], layers: list[_Layer], names: Mapping[Any, str]) -> list[Series] | None:
    """Return the series of a chart, levels along all of it and what it lies within after what it is about; None where a place has two
    values."""
    found: dict[str, Series] = {}
    joined = {one.up for one in drawn if one.mark != "point"}
    for one in (each for each in drawn if each.mark != "point" or each.up not in joined):  # points of a line are no further series
        for title, rows, colour in _parts(one):
            values = _values(one, rows, names, one.up)
            if values is None:
                return None
            name = title if title not in found else f"{title}, other side"
            hollow = _hollow(drawn, one, rows, names)
            found[name] = Series(name=name, values=values, colour=colour, joined=one.mark != "point", hollow=hollow)
    levels = [each for one in layers if one.whole and one.up in one.rows if (each := _level(one, len(names))) is not None]
    return [*found.values(), *levels, *(_interval(layers, names, [one.values for one in found.values()]) or _band(layers, len(names)))]


def _parts(one: _Layer) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Return the series of a mark: their names, rows and colours."""
    colour = one.channel("color")
    name, scale = str(colour.get("field", "")), colour.get("scale") or {}
    shades = dict(zip(map(str, scale.get("domain") or ()), scale.get("range") or (), strict=False))
    if name in one.rows and name not in one.given:
        for title in [*shades, *(each for each in one.rows[name].astype(str).unique() if each not in shades)]:
            rows = one.rows[one.rows[name].astype(str) == title]
            if len(rows):
                yield title, rows, _hex(shades.get(title))
        return
    title, shade = _named(one, _axis_title(one.channel("y")))
    yield title, one.rows, shade


def _values(one: _Layer, rows: pd.DataFrame, names: Mapping[Any, str], column: str) -> Values | None:
    """Return a value for each category; None where one has several."""
    told = pd.to_numeric(rows[column], errors="coerce").set_axis(_key(one).loc[rows.index]).dropna()
    if not told.index.is_unique:
        return None
    known = told.to_dict()
    return tuple(float(known[name]) if name in known and math.isfinite(known[name]) else None for name in names)


def _hollow(drawn: list[_Layer], one: _Layer, rows: pd.DataFrame, names: Mapping[Any, str]) -> tuple[int, ...]:
    """Return the positions of values that the chart draws hollow; none where it draws none so."""
    points = [each for each in drawn if each.mark == "point" and each.up == one.up]
    if "partial" not in rows or not any(PARTIAL in str(each.channels) for each in points):
        return ()
    cut = set(_key(one).loc[rows.index][rows["partial"].fillna(False).astype(bool)])
    return tuple(at for at, name in enumerate(names) if name in cut)


def _level(one: _Layer, many: int) -> Series | None:
    """Return a number that is the same along all of a chart."""
    value = _extreme(one, "y")
    title, colour = _named(one, "Reference")
    return None if value is None else Series(name=title, values=(value,) * many, colour=colour)


def _extreme(one: _Layer, channel: str) -> float | None:
    """Return the largest or smallest value of a column, as a channel asks for; None where nothing is known."""
    told = one.channel(channel)
    numbers = pd.to_numeric(one.rows[str(told["field"])], errors="coerce").dropna() if told.get("field") in one.rows else pd.Series()
    return None if numbers.empty else float(numbers.max() if told.get("aggregate") == "max" else numbers.min())


def _named(one: _Layer, otherwise: str) -> tuple[str, str]:
    """Return what all rows of a mark are called, and their colour."""
    colour = one.channel("color")
    scale = colour.get("scale") or {}
    shades = dict(zip(scale.get("domain") or (), scale.get("range") or (), strict=False))
    title = one.given.get(str(colour.get("field", ""))) or one.name or otherwise
    return title, _hex(shades.get(title) or one.own.get("color") or one.own.get("stroke"))


def _interval(layers: list[_Layer], names: Mapping[Any, str], drawn: list[Values]) -> list[Series]:
    """Return the ends of the interval of a chart, as two thin lines; none where they are the values themselves."""
    found = next((one for one in layers if one.mark in ("area", "rule") and {one.up, one.ends} <= set(one.rows) and _across(one)), None)
    if found is None:
        return []
    ends = [_values(found, found.rows, names, column) for column in (found.up, found.ends)]
    known = [one for one in ends if one is not None and one not in drawn and any(value is not None for value in one)]
    colour = _hex(found.own.get("color"))
    return [Series(name=f"Interval, {end}", values=one, colour=colour, quiet=True) for end, one in zip(ENDS, known, strict=False)]


def _band(layers: list[_Layer], many: int) -> list[Series]:
    """Return the ends of what is usual all along a chart, as two thin lines."""
    found = next((one for one in layers if one.mark == "rect" and one.ends and "aggregate" in one.channel("y")), None)
    ends = [] if found is None else [_extreme(found, channel) for channel in ("y", "y2")]
    if found is None or None in ends:
        return []
    title, colour = _named(found, "Usual")
    return [Series(name=f"{title}, {end}", values=(one,) * many, colour=colour, quiet=True) for end, one in zip(ENDS, ends, strict=True)]


def _axis_title(channel: Mapping[str, Any]) -> str:
    axis = channel.get("axis") or {}
    return str(axis.get("title") or channel.get("title") or "")


def _least(y: Mapping[str, Any], series: Iterable[Series]) -> float | None:
    """Return where the axis of values begins where it need not begin at 0: a round number below all of them."""
    known = [value for one in series for value in one.values if value is not None]
    if (y.get("scale") or {}).get("zero", True) or not known or min(known) <= 0:
        return None
    low, high = min(known), max(known)
    step = 10.0 ** math.floor(math.log10(high - low)) if high > low else 0.0
    return math.floor(low / step) * step if step else None


def _hex(colour: object) -> str:
    told = str(colour or "").removeprefix("#").upper()
    return told if re.fullmatch(r"[0-9A-F]{6}", told) else ""
