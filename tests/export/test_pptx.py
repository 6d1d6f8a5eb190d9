"""A report as slides."""

import io

from pptx import Presentation

from monitor.export.pptx import series_of, to_pptx
from monitor.export.report import Report, Section

WINDOWS = {"data": {"values": [{"window": "2026-W01", "value": 3.5, "reference_value": 3.0}]}, "title": {"text": "Rows by week"}}


def slides(report):
    return list(Presentation(io.BytesIO(to_pptx(report))).slides)


def words(slide):
    tables = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return "\n".join([shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] + tables)


def test_each_slide_has_one_message_and_a_chart_that_can_be_edited():
    report = Report(
        title="Flights", answer="It broke.", doubt="Since when?", decide={"Cause": "=cents\x07"}, facts={}, charts=(WINDOWS,),
        sections=(Section(title="Amount is higher", sentence="By 100.", status="alert"),), skipped=("Fairness: no groups",),
    )  # fmt: skip
    first, page, chart, finding, unseen = slides(report)
    assert ("It broke." in words(first), "=cents�" in words(page), "By 100." in words(finding)) == (True, True, True)
    assert "no groups" in words(unseen)
    drawn = next(shape for shape in chart.shapes if shape.has_chart)
    assert list(drawn.chart.plots[0].series[1].values) == [3.5]
    assert drawn._element.xpath(".//p:cNvPr")[0].get("descr") == "Rows by week"


def test_shares_by_side_are_columns_and_what_else_is_drawn_a_picture():
    rows = [{"side": "Before", "share": 0.5, "low": 1.0, "level": None}, {"side": "Now", "share": 0.25, "low": 1.0, "level": None}]
    found = series_of({"data": {"values": rows}})
    assert (found.names, found.series, found.lines) == (("1.0",), {"Before": (0.5,), "Now": (0.25,)}, False)
    assert series_of({"data": {"values": [{"x": 1}]}}) is None
