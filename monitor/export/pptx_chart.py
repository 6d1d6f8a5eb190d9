"""A chart on a slide: one that can be edited where PowerPoint draws what it shows, else its picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.util import Pt

from monitor.export.charts import alt_of, note_of, png_of, title_of
from monitor.export.native_chart import Drawn, Series, native_chart
from monitor.export.pptx_slides import INK, QUIET, Place, clean, colour, describe

COLOURS = ("0072B2", "D1350F", "777777", "E69F00")
"""Of series that have none of their own."""
MOST_LABELS = 8
"""Categories that are written along a chart."""
MARKER = 6
PLOT_PART = 0.7
"""Part of the height of a picture that is plot: the rest belongs to its title, axis and legend."""
TITLE, SMALL = 12, 10
"""Points of the title of a chart, and of what stands along it."""


def draw_chart(slide: Any, spec: Mapping[str, Any], place: Place, *, titled: bool = True) -> None:
    """Draw a chart into a place, under its title unless the slide says it."""
    found = native_chart(spec)
    shape = _picture(slide, spec, place, titled=titled) if found is None else _native(slide, found, place, _title(spec) if titled else "")
    describe(shape, alt_of(spec))


def is_native(spec: Mapping[str, Any]) -> bool:
    """Say whether PowerPoint draws a chart, so that it can have any shape."""
    return native_chart(spec) is not None


def _title(spec: Mapping[str, Any]) -> str:
    return "\n".join(part for part in (title_of(spec), note_of(spec)) if part)


def _picture(slide: Any, spec: Mapping[str, Any], place: Place, *, titled: bool) -> Any:
    left, top, width, height = place.emu
    drawn = {**spec, "title": spec.get("title") if titled else note_of(spec)}
    if isinstance(spec.get("height"), int | float) and isinstance(spec.get("width"), int | float):
        drawn["height"] = max(spec["height"], spec["width"] * place.height / place.width * PLOT_PART)
    shape = slide.shapes.add_picture(io.BytesIO(png_of(drawn)), left, top, width=width)
    if shape.height > height:
        shape.width, shape.height = int(shape.width * height / shape.height), height
    return shape


def _native(slide: Any, found: Drawn, place: Place, title: str) -> Any:
    data: Any = CategoryChartData(number_format=found.number_format)  # type: ignore[no-untyped-call]
    data.categories = [clean(name) for name in found.names]
    for one in found.series:
        data.add_series(clean(one.name), one.values)
    kind = XL_CHART_TYPE.LINE_MARKERS if found.lines else XL_CHART_TYPE.COLUMN_CLUSTERED
    shape = slide.shapes.add_chart(kind, *place.emu, data)
    _titled(shape.chart, title)
    _painted(shape.chart, found)
    _axes(shape.chart, found)
    return shape


def _titled(chart: Any, title: str) -> None:
    chart.font.size, chart.font.color.rgb = Pt(SMALL), QUIET
    chart.has_title = bool(title)
    if not title:
        return
    frame = chart.chart_title.text_frame
    for number, line in enumerate(clean(title).split("\n")):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = line
        paragraph.font.size, paragraph.font.bold = Pt(SMALL if number else TITLE), not number
        paragraph.font.color.rgb = QUIET if number else INK
    chart.chart_title.include_in_layout = False


def _painted(chart: Any, found: Drawn) -> None:
    """Give a chart its legend, and each series its colour and its line."""
    chart.has_legend = len(found.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    for at, (drawn, one) in enumerate(zip(chart.plots[0].series, found.series, strict=True)):
        shade = colour(one.colour or COLOURS[at % len(COLOURS)])
        if found.lines:
            _line(drawn, one, shade)
        else:
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = shade


def _line(drawn: Any, one: Series, shade: Any) -> None:
    """Draw a line with its points, hollow where the chart says so; thin and without points what lies beside."""
    drawn.smooth = False
    drawn.format.line.color.rgb = shade
    drawn.format.line.width = Pt(0.75 if one.quiet else 2.25)
    if not one.joined:
        drawn.format.line.fill.background()
    pointed = not one.joined or bool(one.hollow) or sum(value is not None for value in one.values) == 1
    drawn.marker.style = XL_MARKER_STYLE.CIRCLE if pointed else XL_MARKER_STYLE.NONE
    if not pointed:
        return
    drawn.marker.size = MARKER
    _filled(drawn.marker, shade, shade)
    for at in one.hollow:
        point = drawn.points[at]
        point.format.line.color.rgb = shade
        point.marker.style, point.marker.size = XL_MARKER_STYLE.CIRCLE, MARKER
        _filled(point.marker, colour("FFFFFF"), shade)


def _filled(marker: Any, inside: Any, around: Any) -> None:
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = inside
    marker.format.line.color.rgb = around


def _axes(chart: Any, found: Drawn) -> None:
    """Name the axes, write their numbers as people do, and few of many categories."""
    values, across = chart.value_axis, chart.category_axis
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = found.number_format, False
    values.major_gridlines.format.line.color.rgb = colour("E4E7EB")
    values.format.line.fill.background()
    if found.step:
        values.major_unit = found.step
    if found.least is not None:
        values.minimum_scale = found.least
    across.tick_label_position = XL_TICK_LABEL_POSITION.LOW  # below all values, also where some are negative
    across.has_major_gridlines = False
    every = -(-len(found.names) // MOST_LABELS)
    for name in ("c:tickLblSkip", "c:tickMarkSkip"):
        _skip(across, name, every)
    for axis, title in ((values, found.upward), (across, found.across)):
        axis.has_title = bool(title)
        if title:
            axis.axis_title.text_frame.text = clean(title)
            font = axis.axis_title.text_frame.paragraphs[0].font
            font.size, font.bold, font.color.rgb = Pt(SMALL), False, QUIET


def _skip(axis: Any, name: str, every: int) -> None:
    """Write every so many of the categories: `name` is an element that the library has no word for, before c:noMultiLvlLbl."""
    element = axis._element
    made = element.makeelement(f"{{{element.nsmap['c']}}}{name.removeprefix('c:')}", {"val": str(every)})
    last = element.find(f"{{{element.nsmap['c']}}}noMultiLvlLbl")
    if last is None:
        element.append(made)
    else:
        last.addprevious(made)
