"""Slides for PowerPoint: empty ones with their message, texts and tables that are as large as their place has room for."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches, Pt

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
"""Inches of a slide, and what is left free around it."""
INSIDE = WIDTH - 2 * MARGIN
FOOT = 0.55
"""Inches at the bottom of a slide that belong to where it comes from and to its number."""
BLANK = 6
"""Position of the layout without places."""
LETTER, LINE = 0.58, 1.22
"""Width of a letter on average (of the widest type that a machine may put in place of ours), and height of a line, in parts of its size."""
STRESS = 1.12
"""How much wider letters in bold are."""
POINTS = 72
"""Points of an inch."""
TITLE_SIZES, TEXT_SIZES, CELL_SIZES = (28, 25, 22, 19, 17), (20, 18, 16, 14, 12, 11, 10), (14, 12, 11, 10)
TITLE_LINES = 2
GAP = 0.2
PAD = 0.12
"""Inches that a cell of a table is higher than its text."""
WORD, MOST_COLUMN = 5, 60
"""Letters that a column of a table has beside its longest word, and at most in all."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Letters that XML cannot hold."""


def colour(code: str) -> Any:
    """Return a colour from RRGGBB."""
    return RGBColor.from_string(code)  # type: ignore[no-untyped-call]


INK, QUIET, PALE = colour("1F2933"), colour("5B6672"), colour("EEF1F4")


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[int, int, int, int]:
        """The same in the units of the file."""
        return int(Inches(self.left)), int(Inches(self.top)), int(Inches(self.width)), int(Inches(self.height))

    def split(self, part: float) -> tuple[Place, Place]:
        """Return the left `part` of it, and the rest beyond a gap."""
        left = self.width * part
        return Place(self.left, self.top, left, self.height), Place(self.left + left + GAP, self.top, self.width - left - GAP, self.height)

    def below(self, height: float) -> Place:
        """Return what is left of it below `height` inches."""
        return Place(self.left, self.top + height, self.width, max(self.height - height, 0.0))


def new_deck() -> Any:
    """Return an empty presentation of wide slides."""
    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    return deck


def deck_bytes(deck: Any) -> bytes:
    """Return a presentation as a file."""
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def empty_slide(deck: Any) -> Any:
    """Add a slide with nothing on it, and return it."""
    return deck.slides.add_slide(deck.slide_layouts[BLANK])


def new_slide(deck: Any, title: str, *, above: str = "") -> tuple[Any, Place]:
    """Add a slide with its message on top, under what it answers (`above`); return it and the place below that is free."""
    slide, top = empty_slide(deck), MARGIN - 0.1
    if above:
        size = fitting(above, INSIDE, lines_high(1, 14), (14, 12, 10))
        top += 0.05 + write_text(slide, above, Place(MARGIN, top - 0.2, INSIDE, 0.3), sizes=(size,), ink=QUIET)
        top -= 0.2
    high = lines_high(TITLE_LINES, TITLE_SIZES[0])
    used = write_text(slide, title, Place(MARGIN, top, INSIDE, high), sizes=TITLE_SIZES, bold=True)
    begins = top + used + GAP
    return slide, Place(MARGIN, begins, INSIDE, HEIGHT - begins - FOOT)


def write_text(slide: Any, text: str, place: Place, *, sizes: Sequence[int] = TEXT_SIZES, ink: Any = INK, bold: bool = False) -> float:
    """Write a text, a paragraph a line, in the largest of some sizes that its place has room for; return the inches that it takes."""
    width = place.width / (STRESS if bold else 1.0)
    size = fitting(text, width, place.height, sizes)
    used = lines_high(lines_of(text, width, size), size)
    frame = slide.shapes.add_textbox(*Place(place.left, place.top, place.width, used).emu).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, line in enumerate(clean(text).split("\n")):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = ink
    return used


def fitting(text: str, width: float, height: float, sizes: Sequence[int]) -> int:
    """Return the largest size in which a text fits, the smallest where it does in none."""
    return next((size for size in sizes if lines_high(lines_of(text, width, size), size) <= height), sizes[-1])


def lines_of(text: str, width: float, size: int) -> int:
    r"""Return how many lines a text takes.

    >>> lines_of("a" * 100, 5.0, 20), lines_of("one\ntwo", 5.0, 20)
    (4, 2)
    """
    letters = max(int(width * POINTS / (size * LETTER)), 1)
    return sum(max(1, math.ceil(len(line) / letters)) for line in text.split("\n"))


def lines_high(lines: int, size: int) -> float:
    """Return how many inches high some lines are."""
    return lines * size * LINE / POINTS


def clean(text: object) -> str:
    """Return a text without the letters that XML cannot hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def describe(shape: Any, text: str) -> None:
    """Give a shape the text for those who cannot see it."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", clean(text))


def write_foot(slide: Any, text: str, number: str = "") -> None:
    """Write at the bottom of a slide where it comes from, and which one it is."""
    top = HEIGHT - FOOT + 0.1
    if text:
        write_text(slide, text, Place(MARGIN, top, INSIDE - 1.2, 0.35), sizes=(11, 10, 9, 8), ink=QUIET)
    if number:
        write_text(slide, number, Place(WIDTH - MARGIN - 0.9, top, 0.9, 0.3), sizes=(11,), ink=QUIET)


def column_widths(rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Return how wide each column of a table is, in inches: its longest word whole where that can be, the rest by its longest text."""
    columns = list(zip(*rows, strict=True))
    words = [min(max((len(word) for cell in column for word in cell.split()), default=1) + WORD, MOST_COLUMN) for column in columns]
    texts = [max(word, min(max(len(cell) for cell in column), MOST_COLUMN)) for word, column in zip(words, columns, strict=True)]
    room = max(width * POINTS / (CELL_SIZES[1] * LETTER), sum(words))
    spread = (room - sum(words)) / max(sum(texts) - sum(words), 1)
    letters = [word + spread * (text - word) for word, text in zip(words, texts, strict=True)]
    return [width * one / sum(letters) for one in letters]


def write_table(slide: Any, rows: Sequence[Sequence[str]], place: Place, *, headed: bool = True, sizes: Sequence[int] = CELL_SIZES) -> int:
    """Write as many rows of texts as their place has room for, the first as heading; return how many (the heading counts)."""
    widths = column_widths(rows, place.width)
    size = next((one for one in sizes if sum(_row_high(row, widths, one) for row in rows) <= place.height), sizes[-2])
    heights = [_row_high(row, widths, size) for row in rows]
    many = max((n for n in range(1, len(rows) + 1) if sum(heights[:n]) <= place.height), default=1)
    many = min(max(many, 2 if headed else 1), len(rows))
    high = sum(heights[:many])
    table = slide.shapes.add_table(many, len(widths), *Place(place.left, place.top, place.width, high).emu).table
    table.first_row = headed
    table.horz_banding = False
    for at, width in enumerate(widths):
        table.columns[at].width = Inches(width)
    for at, row in enumerate(rows[:many]):
        table.rows[at].height = Inches(heights[at])
        for column, text in enumerate(row):
            _cell(table.cell(at, column), text, size, heading=(at == 0) if headed else column == 0)
    return many


def _row_high(row: Sequence[str], widths: Sequence[float], size: int) -> float:
    return PAD + max(lines_high(lines_of(text, width - 0.2, size), size) for text, width in zip(row, widths, strict=True))


def _cell(cell: Any, text: str, size: int, *, heading: bool) -> None:
    cell.text = clean(text)
    cell.margin_top = cell.margin_bottom = Inches(PAD / 3)
    cell.margin_left = cell.margin_right = Inches(0.1)
    cell.fill.solid()
    cell.fill.fore_color.rgb = PALE if heading else colour("FFFFFF")
    for paragraph in cell.text_frame.paragraphs:
        paragraph.font.size, paragraph.font.bold = Pt(size), heading
        paragraph.font.color.rgb = INK
