"""How a verdict looks: icon, word and colour together, never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from monitor.charts.theme import STATUS_WORDS
from monitor.vocabulary import SEVERITY, Status

BadgeColour = Literal["red", "orange", "gray", "blue"]


@dataclass(frozen=True, slots=True)
class Look:
    """A status on screen: a Material icon, its word, a colour of the theme and the glyph used in tables and charts."""

    icon: str
    word: str
    colour: BadgeColour
    glyph: str


LOOKS: Mapping[Status, Look] = {
    Status.ALERT: Look(":material/error:", STATUS_WORDS[Status.ALERT], "red", "◆"),
    Status.WARNING: Look(":material/warning:", STATUS_WORDS[Status.WARNING], "orange", "▲"),
    Status.STABLE: Look(":material/check_circle:", STATUS_WORDS[Status.STABLE], "gray", "●"),
    Status.TOO_FEW_ROWS: Look(":material/circle:", STATUS_WORDS[Status.TOO_FEW_ROWS], "gray", "○"),
    Status.NOT_JUDGED: Look(":material/help:", STATUS_WORDS[Status.NOT_JUDGED], "gray", "∕"),
    Status.NOT_APPLICABLE: Look(":material/block:", STATUS_WORDS[Status.NOT_APPLICABLE], "gray", "∕"),
}


def status_badge(status: str) -> None:
    """Show a status as a badge."""
    look = LOOKS[Status(status)]
    st.badge(look.word, icon=look.icon, color=look.colour)


def status_mark(status: str) -> str:
    """Return a status for a table cell, where icons cannot be drawn.

    >>> status_mark("alert")
    '◆ Alert'
    """
    look = LOOKS[Status(status)]
    return f"{look.glyph} {look.word}"


def severity(status: str) -> int:
    """Return the rank of a status, 0 the most severe.

    >>> severity("alert") < severity("warning") < severity("stable")
    True
    """
    return SEVERITY.index(Status(status))


def worst(statuses: list[str]) -> Status:
    """Return the most severe of some statuses; stable if there are none.

    >>> worst(["stable", "warning"])
    <Status.WARNING: 'warning'>
    """
    return min((Status(status) for status in statuses), key=SEVERITY.index, default=Status.STABLE)
