"""A story as slides for PowerPoint: a message each, beside a chart that can be edited, what is spoken in the notes."""

from __future__ import annotations

from typing import Any

from monitor.export.deck import Deck, Message
from monitor.export.pptx_chart import draw_chart, is_native
from monitor.export.pptx_slides import (
    GAP,
    INK,
    INSIDE,
    MARGIN,
    QUIET,
    TEXT_SIZES,
    Place,
    clean,
    deck_bytes,
    empty_slide,
    fitting,
    lines_high,
    lines_of,
    new_deck,
    new_slide,
    write_foot,
    write_text,
)

TEXT_PART = 0.38
"""Part of a slide that belongs to the text beside a chart."""


def deck_pptx(deck: Deck) -> bytes:
    """Return a story as a presentation."""
    made = new_deck()
    cover = empty_slide(made)
    used = write_text(cover, deck.title, Place(MARGIN, 2.6, INSIDE, 2.0), sizes=(40, 34, 28, 22), bold=True)
    write_text(cover, deck.about, Place(MARGIN, 2.6 + used + GAP, INSIDE, 1.0), sizes=(20, 16, 12), ink=QUIET)
    for number, one in enumerate(deck.messages, start=1):
        _message(made, one, f"{number} of {len(deck.messages)}")
    return deck_bytes(made)


def _message(made: Any, one: Message, number: str) -> None:
    slide, place = new_slide(made, one.heading)
    both = "\n".join(text for text in (one.told, one.words) if text)
    write_foot(slide, one.source, number)
    _spoken(slide, one)
    if one.chart is None:
        _texts(slide, one, place)
        return
    whole = room = place
    if both and is_native(one.chart):
        place, room = place.split(TEXT_PART)
    elif both:  # a picture keeps its shape, which is wide
        place = Place(place.left, place.top, place.width, place.height / 2)
        room = room.below(min(_high(both, place), place.height) + GAP)
    if both and not _fits(both, place):  # so much is said that the chart has a slide of its own
        _texts(slide, one, whole)
        slide, room = new_slide(made, one.heading)
        write_foot(slide, one.source, number)
    elif both:
        _texts(slide, one, place)
    draw_chart(slide, one.chart, room)


def _high(text: str, place: Place) -> float:
    size = fitting(text, place.width, place.height - GAP, TEXT_SIZES)
    return lines_high(lines_of(text, place.width, size), size) + GAP


def _fits(text: str, place: Place) -> bool:
    return lines_high(lines_of(text, place.width, TEXT_SIZES[-1]), TEXT_SIZES[-1]) + GAP <= place.height


def _texts(slide: Any, one: Message, place: Place) -> None:
    """Write what was computed and what somebody says of it, in one size."""
    both = "\n".join(text for text in (one.told, one.words) if text)
    size = fitting(both, place.width, place.height - GAP, TEXT_SIZES)
    for text, ink in ((one.told, QUIET if one.words else INK), (one.words, INK)):
        if text:
            place = place.below(write_text(slide, text, place, sizes=(size,), ink=ink) + GAP)


def _spoken(slide: Any, one: Message) -> None:
    slide.notes_slide.notes_text_frame.text = clean("\n\n".join(part for part in (one.notes, one.source) if part))
