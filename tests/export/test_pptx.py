"""A report as slides."""

import io
from itertools import combinations

from pptx import Presentation

from monitor.export.deck import Deck, Message
from monitor.export.deck_pptx import deck_pptx
from monitor.export.pptx import to_pptx
from monitor.export.report import Figures, Report, Section

WINDOWS = {
    "data": {"values": [{"window": "2026-W01", "value": 3.5}, {"window": "2026-W02", "value": 3.0}]},
    "mark": "line",
    "encoding": {"x": {"field": "window", "type": "ordinal"}, "y": {"field": "value", "type": "quantitative", "title": "Rows"}},
    "title": {"text": "Rows by week"},
}


def slides(report):
    return list(Presentation(io.BytesIO(to_pptx(report))).slides)


def words(slide):
    tables = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return "\n".join([shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] + tables)


def overlapping(slide):
    """Return the pairs of shapes that lie over each other, and those that leave the slide."""
    boxes = [(one.left, one.top, one.left + one.width, one.top + one.height, one.name) for one in slide.shapes]
    pairs = [(a[4], b[4]) for a, b in combinations(boxes, 2) if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
    return pairs + [one[4] for one in boxes if one[2] > 12192120 or one[3] > 6858000]  # EMU of 13.333 and 7.5 inches


def test_each_slide_has_one_message_and_a_chart_that_can_be_edited():
    report = Report(
        title="Flights", answer="It broke.", doubt="Since when?", decide={"Cause": "=cents\x07"}, facts={}, charts=(WINDOWS,),
        sections=(Section(title="Amount is higher", sentence="By 100.", status="alert"),), skipped=("Fairness: no groups",),
    )  # fmt: skip
    first, chart, unseen = slides(report)
    assert ("It broke." in words(first), "=cents\ufffd" in words(first), "Amount is higher. Alert. By 100." in words(chart)) == (
        True,
        True,
        True,
    )
    assert "no groups" in words(unseen)
    drawn = next(shape for shape in chart.shapes if shape.has_chart)
    assert list(drawn.chart.plots[0].series[0].values) == [3.5, 3.0]
    assert drawn._element.xpath(".//p:cNvPr")[0].get("descr") == "Rows by week"


def test_findings_that_are_words_alone_share_a_slide_and_long_tables_go_on():
    plain = [Section(title=f"Finding {n}", sentence=f"Finding {n}: it moved.", status="alert") for n in range(5)]
    table = Figures(("Goal", "State"), tuple((f"Goal {n}", "missed " * 40) for n in range(12)), "of 12 goals none is met")
    report = Report(title="t", answer="a", facts={}, sections=(*plain, Section(title="Goals", sentence="", figures=table)))
    _, joined, *rest = slides(report)
    assert [f"Finding {n}: it moved." in words(joined) for n in range(5)] == [True] * 5
    assert sum(words(one).count("Goal ") - words(one).count("Goal S") for one in rest) == 12
    assert len(rest) > 1
    assert [pair for one in rest for pair in overlapping(one)] == []


def test_nothing_lies_over_anything_however_long_the_words_are():
    long = "A burst of nearly alike rows where the country is GB and the merchant is clothing and the device is android " * 2
    told = Message(heading=long, sentence=long * 3, words=long, source="from somewhere", chart=WINDOWS)
    short = Message(heading="Short", sentence="Said.", chart=WINDOWS)
    made = list(Presentation(io.BytesIO(deck_pptx(Deck(title="t", about="x", messages=(told, short))))).slides)
    assert [pair for one in made for pair in overlapping(one)] == []
    assert [sum(shape.has_chart for shape in one.shapes) for one in made] == [0, 1, 1]
