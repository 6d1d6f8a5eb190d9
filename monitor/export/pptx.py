"""A report as slides (PowerPoint): one message each; charts that can be edited where their table allows it, with a text for all."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.util import Inches, Pt

from monitor.export.charts import png_of
from monitor.export.report import COVERAGE, Figures, Report, Section

WIDTH, HEIGHT, MARGIN = int(Inches(13.333)), int(Inches(7.5)), int(Inches(0.6))


def _colour(code: str) -> Any:
    return RGBColor.from_string(code)  # type: ignore[no-untyped-call]


INK, QUIET = _colour("1F2933"), _colour("5B6672")
SERIES = (_colour("777777"), _colour("D1350F"), _colour("0072B2"))
BLANK = 6
"""Position of the layout without places."""
BELOW_TITLE, CHART_TOP = int(Inches(1.9)), int(Inches(1.7))
MOST_SECTIONS, MOST_ROWS = 20, 12
ROWS_A_SLIDE = 4
"""Rows of a table of texts that one slide has room for."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Letters that XML cannot hold."""


def to_pptx(report: Report) -> bytes:
    """Return a report as a presentation: the answer, the first page, a slide for each chart and each finding, what was not judged."""
    deck = new_deck()
    first = new_slide(deck, report.answer, size=36)
    write_text(first, "\n".join(part for part in (report.title, report.doubt) if part), top=Inches(4.2), size=18, colour=QUIET)
    if report.decide:
        _table(new_slide(deck, report.title), list(report.decide.items()))
    if report.coverage is not None:
        _coverage(deck, report.coverage)
    for spec in report.charts:
        draw_chart(new_slide(deck, title_of(spec)), spec)
    for one in report.sections[:MOST_SECTIONS]:
        _finding(deck, one)
    if len(report.sections) > MOST_SECTIONS:
        write_text(
            new_slide(deck, f"{len(report.sections) - MOST_SECTIONS} further findings"), "They stand in the report as HTML or Markdown."
        )
    if report.skipped:
        write_text(new_slide(deck, "Not judged"), "\n".join(report.skipped[:MOST_ROWS]), size=14)
    return deck_bytes(deck)


def title_of(spec: Mapping[str, Any]) -> str:
    """Return what a chart is called."""
    title = spec.get("title", "")
    return str(title.get("text", "") if isinstance(title, Mapping) else title)


def alt_of(spec: Mapping[str, Any]) -> str:
    """Return what a chart says to those who cannot see it: its own text, else what it is called."""
    return str(spec.get("description") or title_of(spec))


def new_deck() -> Any:
    """Return an empty presentation of wide slides."""
    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    return deck


def deck_bytes(deck: Any) -> bytes:
    """Return a presentation as a file."""
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def new_slide(deck: Any, title: str, *, size: int = 28) -> Any:
    """Add a slide with its message on top, and return it."""
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    write_text(slide, title, top=MARGIN, size=size, colour=INK, bold=True)
    return slide


def write_text(slide: Any, text: str, *, top: int = BELOW_TITLE, size: int = 20, colour: Any = INK, bold: bool = False) -> None:
    """Write a text below what stands there, a paragraph a line."""
    box = slide.shapes.add_textbox(MARGIN, top, WIDTH - 2 * MARGIN, Inches(1.2))
    frame = box.text_frame
    frame.word_wrap = True
    for number, line in enumerate(clean(text).split("\n")):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = colour


def clean(text: object) -> str:
    """Return a text without the letters that XML cannot hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def _coverage(deck: Any, table: Figures) -> None:
    """Add slides with a table of texts, a few rows each, and its note below the last."""
    parts = [table.rows[at : at + ROWS_A_SLIDE] for at in range(0, len(table.rows), ROWS_A_SLIDE)]
    slide: Any = None
    for rows in parts:
        slide = new_slide(deck, COVERAGE)
        shape = slide.shapes.add_table(len(rows) + 1, len(table.columns), MARGIN, Inches(1.4), WIDTH - 2 * MARGIN, Inches(3))
        for at, cells in enumerate((table.columns, *rows)):
            for column, text in enumerate(cells):
                cell = shape.table.cell(at, column)
                cell.text = clean(text)
                for paragraph in cell.text_frame.paragraphs:
                    paragraph.font.size = Pt(10)
    if slide is not None and table.note:
        write_text(slide, f"{table.note[:1].upper()}{table.note[1:]}.", top=int(Inches(6.9)), size=12, colour=QUIET)


def _table(slide: Any, rows: Sequence[tuple[str, str]]) -> None:
    shape = slide.shapes.add_table(len(rows), 2, MARGIN, Inches(1.7), WIDTH - 2 * MARGIN, Inches(0.5 * len(rows)))
    table = shape.table
    table.first_row = False
    table.columns[0].width, table.columns[1].width = Inches(2.2), WIDTH - 2 * MARGIN - int(Inches(2.2))
    for at, pair in enumerate(rows):
        for column, text in enumerate(pair):
            cell = table.cell(at, column)
            cell.text = clean(text)
            for paragraph in cell.text_frame.paragraphs:
                paragraph.font.size, paragraph.font.bold = Pt(15), column == 0


def _finding(deck: Any, one: Section) -> None:
    slide = new_slide(deck, one.title)
    told = f"{one.status.capitalize()}. {one.sentence}" if one.status else one.sentence
    write_text(slide, told, top=Inches(1.5), size=18)
    if one.comment:
        write_text(slide, f"“{one.comment}”", top=Inches(6.3), size=16, colour=QUIET)
    if one.charts:
        draw_chart(slide, one.charts[0], top=Inches(2.4))


def draw_chart(slide: Any, spec: Mapping[str, Any], *, top: int = CHART_TOP, bottom: int = MARGIN) -> None:
    """Draw a chart: one that can be edited where its table is of a kind that PowerPoint draws, else its picture."""
    place = (MARGIN, top, WIDTH - 2 * MARGIN, HEIGHT - top - bottom)
    found = series_of(spec)
    if found is None:
        shape: Any = slide.shapes.add_picture(io.BytesIO(png_of(spec)), MARGIN, top, height=place[3])
        if shape.width > place[2]:
            shape.width, shape.height = place[2], int(shape.height * place[2] / shape.width)
        describe(shape, alt_of(spec))
        return
    data: Any = CategoryChartData(number_format="General")  # type: ignore[no-untyped-call]
    data.categories = [clean(name) for name in found.names]
    for name, values in found.series.items():
        data.add_series(clean(name), values)
    shape = slide.shapes.add_chart(XL_CHART_TYPE.LINE if found.lines else XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    _painted(shape.chart, lines=found.lines)
    describe(shape, alt_of(spec))


def _painted(chart: Any, *, lines: bool) -> None:
    """Give a chart its legend, and each series its colour."""
    several = list(chart.plots[0].series)
    chart.has_legend, chart.has_title = len(several) > 1, False
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    for at, one in enumerate(several):
        colour = SERIES[at % len(SERIES)]
        if lines:
            one.smooth = False
            one.format.line.color.rgb = colour
        else:
            one.format.fill.solid()
            one.format.fill.fore_color.rgb = colour


def describe(shape: Any, text: str) -> None:
    """Give a shape the text for those who cannot see it."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", clean(text))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What PowerPoint draws: categories, series by name, and whether they are lines."""

    names: tuple[str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    lines: bool


def series_of(spec: Mapping[str, Any]) -> Drawn | None:
    """Return the series of a chart whose table is a number by window, or shares by side; None of any other."""
    table = pd.DataFrame(spec.get("data", {}).get("values") or [])
    if {"window", "value", "reference_value"} <= set(table):
        drawn = table.dropna(subset=["window"])
        names = tuple(drawn["when" if "when" in drawn else "window"].astype(str))
        return Drawn(names, {"Reference": _numbers(drawn["reference_value"]), "Production": _numbers(drawn["value"])}, lines=True)
    if {"window", "value"} <= set(table) and table["window"].is_unique:
        drawn = table.dropna(subset=["window"])
        return Drawn(tuple(drawn["when" if "when" in drawn else "window"].astype(str)), {"Value": _numbers(drawn["value"])}, lines=True)
    if {"side", "share", "low", "level"} <= set(table):
        name = "level" if table["level"].notna().any() else "low"
        wide = table.drop_duplicates(["side", name]).pivot(index=name, columns="side", values="share")
        order = table[name].drop_duplicates().tolist()
        sides = dict.fromkeys(table["side"])
        return Drawn(tuple(str(one) for one in order), {side: _numbers(wide[side].reindex(order)) for side in sides}, lines=False)
    return None


def _numbers(values: pd.Series[Any]) -> tuple[float | None, ...]:
    return tuple(None if pd.isna(one) else float(one) for one in values)
