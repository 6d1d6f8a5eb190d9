"""A report as slides (PowerPoint): one message each; charts that can be edited where PowerPoint draws what they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from monitor.export.charts import title_of
from monitor.export.pptx_chart import draw_chart
from monitor.export.pptx_slides import (
    FOOT,
    GAP,
    HEIGHT,
    INSIDE,
    MARGIN,
    QUIET,
    TITLE_SIZES,
    Place,
    deck_bytes,
    empty_slide,
    lines_high,
    lines_of,
    new_deck,
    new_slide,
    write_foot,
    write_table,
    write_text,
)
from monitor.export.report import COVERAGE, Figures, Report, Section, provenance_lines

MOST_SECTIONS = 20
TEXT_PART = 0.36
"""Part of a slide that belongs to the text beside a chart."""
LINES_PART, PAGE_SIZES = 0.66, (12, 11, 10, 9, 8)
"""Part of a report of one slide that belongs to its lines, and points of these."""
FINDINGS, FURTHER = "Findings", "Further answers"
JOINED_SIZE = 16
"""Points of the type in which findings without a picture stand together on a slide."""


def to_pptx(report: Report) -> bytes:
    """Return a report as a presentation: the answer with the first page, a slide for each chart and each finding, what was not judged."""
    deck = new_deck()
    (_one_page if report.one_page else _first)(deck, report)
    if report.coverage is not None and not report.coverage_last:
        _tables(deck, COVERAGE, report.coverage)
    beside = _alone(report)
    for number, spec in enumerate(report.charts[1:] if report.one_page else report.charts, start=1):
        slide, place = new_slide(deck, title_of(spec))
        if beside is not None and number == len(report.charts):
            words = _paragraph(beside).removeprefix("• ")
            place = place.below(write_text(slide, words, Place(place.left, place.top, place.width, 1.2), sizes=(16, 14, 12)) + GAP)
        draw_chart(slide, spec, place, titled=False)
    if report.one_page:
        _pairs(deck, report.further(report.told_by), list(report.facts.items()))
    if beside is None:
        most = MOST_SECTIONS if report.coverage is None and not report.one_page else None  # what a table calls shown stands in every form
        _sections(deck, report.sections[:most], len(report.sections))
    if report.coverage is not None and report.coverage_last:
        _tables(deck, COVERAGE, report.coverage)
    for texts in _pages(report.skipped):
        slide, place = new_slide(deck, report.further("Not judged"))
        write_text(slide, "\n".join(texts), place, sizes=(JOINED_SIZE, 14, 12, 11, 10))
    for title, provenance in report.computed.items() if report.one_page else ():
        _pairs(deck, report.further(f"How this was computed: {title}"), provenance_lines(provenance))
    _numbered(deck)
    return deck_bytes(deck)


def _alone(report: Report) -> Section | None:
    """Return the only section of a report, where it is words alone: they stand with the last chart."""
    one = report.sections[0] if len(report.sections) == 1 and report.charts else None
    return one if one is not None and not one.charts and _shown(one) is None else None


def _numbered(deck: Any) -> None:
    """Write on each slide but the first which one it is."""
    slides = list(deck.slides)
    for number, slide in enumerate(slides[1:], start=2):
        write_foot(slide, "", f"{number} of {len(slides)}")


def _first(deck: Any, report: Report) -> None:
    """Write the answer, what is uncertain of it, and the lines for those who decide; these on a slide of their own where they are many."""
    slide, top = empty_slide(deck), 0.9
    write_text(slide, report.title, Place(MARGIN, 0.45, INSIDE, 0.4), sizes=(16, 14), ink=QUIET)
    top += write_text(slide, report.answer, Place(MARGIN, top, INSIDE, 2.0), sizes=(34, 30, 26, 22, 19), bold=True) + GAP
    if report.doubt:
        top += write_text(slide, report.doubt, Place(MARGIN, top, INSIDE, 1.2), sizes=(18, 16, 14, 12), ink=QUIET) + GAP
    if report.decide:
        lines = list(report.decide.items())
        many = write_table(slide, lines, Place(MARGIN, top, INSIDE, HEIGHT - top - 0.5), headed=False)
        _pairs(deck, report.answer, lines[many:])


def _one_page(deck: Any, report: Report) -> None:
    """Write the answer, the lines to decide by and beside them the first chart on one slide."""
    slide, top, lines = empty_slide(deck), 0.6, list(report.decide.items())
    write_text(slide, report.title, Place(MARGIN, 0.25, INSIDE, 0.3), sizes=(12,), ink=QUIET)
    top += write_text(slide, report.answer, Place(MARGIN, top, INSIDE, 0.9), sizes=TITLE_SIZES, bold=True) + GAP
    place = Place(MARGIN, top, INSIDE, HEIGHT - top - FOOT)
    if report.charts:
        place, right = place.split(LINES_PART)
        draw_chart(slide, report.charts[0], Place(right.left, right.top, right.width, min(right.height, right.width)))
    many = write_table(slide, lines, place, headed=False, sizes=PAGE_SIZES)
    _pairs(deck, report.further(report.answer), lines[many:])


def _pairs(deck: Any, title: str, lines: Sequence[tuple[str, str]]) -> None:
    """Add slides with lines of name and text, as many on each as it has room for."""
    rest = list(lines)
    while rest:
        slide, place = new_slide(deck, title)
        rest = rest[write_table(slide, rest, place, headed=False) :]


def _tables(deck: Any, title: str, table: Figures, above: str = "", before: str = "") -> None:
    """Add slides with a table of texts, as many rows on each as it has room for, a text `before` it, and its note below the last."""
    rest = list(table.rows)
    while rest:
        slide, place = new_slide(deck, title, above=above)
        if before:
            place = place.below(write_text(slide, before, Place(place.left, place.top, place.width, 1.2), sizes=(16, 14, 12)) + GAP)
            before = ""
        room = Place(place.left, place.top, place.width, place.height - (0.3 if table.note else 0.0))
        rest = rest[write_table(slide, [table.columns, *rest], room) - 1 :]
        if table.note and not rest:
            write_foot(slide, f"{table.note[:1].upper()}{table.note[1:]}.")


def _sections(deck: Any, sections: Sequence[Section], many: int) -> None:
    """Add the slides of sections: those without a picture or a table stand together, and one alone waits for the next."""
    plain: list[Section] = []
    for one in sections:
        if not one.charts and _shown(one) is None:
            plain.append(one)
            continue
        if len(plain) > 1:
            _joined(deck, plain)
            plain = []
        _section(deck, one)
    _joined(deck, plain)
    if many > len(sections):
        slide, place = new_slide(deck, f"{many - len(sections)} further findings")
        write_text(slide, "They stand in the report as HTML or Markdown.", place)


def _shown(one: Section) -> Figures | None:
    """Return the table of a section that has a slide: the windows behind a chart have none."""
    return one.figures if one.figures is not None and one.figures.rows and (one.asked or not one.charts) else None


def _section(deck: Any, one: Section) -> None:
    if one.charts:
        slide, place = new_slide(deck, one.title, above=one.asked)
        left, right = place.split(TEXT_PART) if _text(one) else (place, place)
        if _text(one):
            write_text(slide, _text(one), left)
        draw_chart(slide, one.charts[0], right)
    table = _shown(one)
    if table is not None:
        _tables(deck, one.title, table, one.asked, "" if one.charts else _text(one))


def _text(one: Section) -> str:
    told = one.told if one.told.rstrip(".") != one.title.rstrip(".") else ""
    return "\n".join(part for part in (told, f"“{one.comment}”" if one.comment else "") if part)


def _joined(deck: Any, sections: Sequence[Section]) -> None:
    """Add slides with sections that are words alone; one that stands by itself is its own message."""
    if len(sections) == 1:
        slide, place = new_slide(deck, sections[0].title, above=sections[0].asked)
        write_text(slide, _text(sections[0]), place)
    elif sections:
        asked = {one.asked for one in sections}
        for texts in _pages([_paragraph(one) for one in sections]):
            slide, place = new_slide(deck, next(iter(asked)) or FINDINGS if len(asked) == 1 else FURTHER)
            write_text(slide, "\n".join(texts), place, sizes=(JOINED_SIZE, 14, 12, 11, 10))


def _paragraph(one: Section) -> str:
    told = _text(one)
    if told.removeprefix(f"{one.status.capitalize()}. ").startswith(one.title):
        return f"• {told}"
    return f"• {one.title.rstrip('.')}. {told}".rstrip()


def _pages(texts: Sequence[str]) -> Iterator[list[str]]:
    """Return texts page by page, as many as a slide has room for."""
    room = HEIGHT - 2.0
    page: list[str] = []
    used = 0.0
    for text in texts:
        high = lines_high(lines_of(text, INSIDE, JOINED_SIZE), JOINED_SIZE)
        if page and used + high > room:
            yield page
            page, used = [], 0.0
        page, used = [*page, text], used + high
    if page:
        yield page
