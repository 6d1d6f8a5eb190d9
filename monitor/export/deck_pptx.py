"""A story as slides for PowerPoint: a message each, a chart that can be edited where its table allows it, what is spoken in the notes."""

from __future__ import annotations

from typing import Any

from pptx.util import Inches

from monitor.export.deck import Deck, Message
from monitor.export.pptx import HEIGHT, MARGIN, QUIET, clean, deck_bytes, draw_chart, new_deck, new_slide, write_text

LINE, LETTERS = 0.36, 95
"""Inches that a line of the text is high, and letters that it holds: where the picture begins depends on them."""
TITLE_LETTERS, TITLE_LINE = 62, 0.55
LEAST_PICTURE = 2.2
"""Inches of a picture below which it is left to the other formats."""


def deck_pptx(deck: Deck) -> bytes:
    """Return a story as a presentation."""
    made = new_deck()
    cover = new_slide(made, deck.title, size=40)
    write_text(cover, deck.about, top=int(Inches(3.4)), size=20, colour=QUIET)
    for one in deck.messages:
        _message(made, one)
    return deck_bytes(made)


def _message(made: Any, one: Message) -> None:
    slide = new_slide(made, one.heading, size=30)
    top = 0.75 + TITLE_LINE * _lines(one.heading, TITLE_LETTERS)
    for text, colour in ((one.told, QUIET), (one.words, None)):
        if text:
            write_text(slide, text, top=int(Inches(top)), size=18, **({} if colour is None else {"colour": colour}))
            top += 0.1 + LINE * _lines(text, LETTERS)
    room = HEIGHT / Inches(1) - top - 1.0
    if one.chart is not None and room >= LEAST_PICTURE:
        draw_chart(slide, one.chart, top=int(Inches(top + 0.1)), bottom=int(MARGIN + Inches(0.3)))
    if one.source:
        write_text(slide, one.source, top=int(HEIGHT - Inches(0.6)), size=11, colour=QUIET)
    slide.notes_slide.notes_text_frame.text = clean("\n\n".join(part for part in (one.notes, one.source) if part))


def _lines(text: str, letters: int) -> int:
    return sum(max(1, -(-len(line) // letters)) for line in text.splitlines())
