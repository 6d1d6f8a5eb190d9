"""A story as Markdown: a heading a slide, the notes as a quotation. Whatever comes from data or people is shown letter by letter."""

from __future__ import annotations

from monitor.export.deck import Deck, Message
from monitor.export.documents import document
from monitor.export.markdown import escape


def deck_markdown(deck: Deck) -> bytes:
    """Return a story as Markdown (UTF-8)."""
    parts = [f"# {escape(deck.title)}", escape(deck.about)]
    for number, one in enumerate(deck.messages, start=1):
        parts += _message(one, number)
    return document("\n\n".join(part for part in parts if part) + "\n")


def _message(one: Message, number: int) -> list[str]:
    title = "" if one.chart is None else str(one.chart.get("description") or "")
    return [
        "---",
        f"## {number}. {escape(one.heading)}",
        escape(one.told),
        _lines(one.words),
        f"*Picture: {escape(title)}*" if title else "",
        f"<sub>{escape(one.source)}</sub>" if one.source else "",
        f"> Notes: {_lines(one.notes)}" if one.notes else "",
    ]


def _lines(text: str) -> str:
    return "  \n".join(escape(line) for line in text.splitlines() if line.strip())
