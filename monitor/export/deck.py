"""What a story says, slide by slide, in words that every format writes alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from monitor.errors import DriftscopeError
from monitor.export.charts import to_vega_lite
from monitor.export.pin import Pin
from monitor.export.report import WORDS, pin_charts
from monitor.export.story import Slide, Story
from monitor.vocabulary import Status
from monitor.wording import day_text

MOST_WORDS = 60
"""Words that a slide shows, its message and what somebody wrote among them: who listens reads no more; the rest is spoken."""
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])|\n")
GONE = "The pinned statement is gone: its file was taken away from beside the case."


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is computed: a title, a sentence, how it was judged (a `Status`, or empty), its picture as complete Vega-Lite."""

    title: str
    sentence: str
    status: str = ""
    chart: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One slide as it is shown: `heading` is the message, `sentence` what was computed, `words` what somebody says of it, `notes` what is
    spoken, `status` a word, `source` where it comes from."""

    heading: str
    sentence: str = ""
    words: str = ""
    notes: str = ""
    status: str = ""
    source: str = ""
    chart: Mapping[str, Any] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What every format holds, in this order."""
        return tuple(text for text in (self.heading, self.told, self.words, self.source) if text)

    @property
    def told(self) -> str:
        """The computed sentence with its status."""
        return f"{self.status.capitalize()}. {self.sentence}" if self.status and self.sentence else self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """A story as it is shown; `about` is a line with the case, for whom, and of which day."""

    title: str
    about: str
    messages: tuple[Message, ...]


Refresh = Callable[[Pin], Statement]
"""Computes a pinned statement again."""


def deck_of(story: Story, pins: Sequence[Pin], refresh: Refresh) -> Deck:
    """Return a story as it is shown: live slides are computed again by `refresh`; what it refuses is told and shown as it was pinned."""
    known = {one.id: one for one in pins}
    return Deck(
        title=story.title,
        about=about(story),
        messages=tuple(message_of(one, known.get(one.pin), refresh) for one in story.slides),
    )


def about(story: Story) -> str:
    """Return the line below the title: the case, unless it is the title, and for whom."""
    return " · ".join(part for part in (story.case if story.case != story.title else "", story.for_whom) if part)


def heading_of(slide: Slide, kept: Pin | None) -> str:
    """Return what a slide is about as it was written or pinned, without computing it again."""
    return slide.heading or (kept.title if kept else GONE if slide.pin else "…")


def message_of(slide: Slide, kept: Pin | None, refresh: Refresh) -> Message:
    """Return a slide as it is shown."""
    if not slide.pin:
        return Message(heading=heading_of(slide, None), words=slide.words, notes=slide.notes)
    if kept is None:
        return Message(heading=heading_of(slide, None), sentence=GONE if slide.heading else "", words=slide.words, notes=slide.notes)
    told, source = _computed(slide, kept, refresh)
    heading = slide.heading or told.title
    shown, rest = _shown(_beyond(told, slide.heading), MOST_WORDS - len(f"{heading} {slide.words}".split()))
    return Message(
        heading=heading,
        sentence=shown,
        words=slide.words,
        notes="\n".join(text for text in (rest, slide.notes) if text),
        status=WORDS[Status(told.status)] if told.status in set(Status) else "",
        source=source,
        chart=told.chart,
    )


def as_pinned(kept: Pin) -> Statement:
    """Return a statement as it was pinned."""
    drawn = pin_charts(kept, theme="light")[0]
    return Statement(
        title=kept.title,
        sentence=kept.sentence,
        status=str(kept.finding.get("status", "")),
        chart=to_vega_lite(drawn[0]) if drawn else None,
    )


def _computed(slide: Slide, kept: Pin, refresh: Refresh) -> tuple[Statement, str]:
    pinned = f"as pinned on {_day(kept)}"
    if not slide.live:
        return as_pinned(kept), _source(kept, pinned)
    try:
        return refresh(kept), _source(kept, "computed when shown")
    except DriftscopeError as error:
        return as_pinned(kept), _source(kept, f"{pinned}, for it cannot be computed again: {error}")


def _day(kept: Pin) -> str:
    try:
        return day_text(datetime.fromisoformat(kept.created))
    except ValueError:
        return kept.created


def _source(kept: Pin, when: str) -> str:
    settings, selections = kept.provenance.get("settings"), kept.provenance.get("selections")
    rows = ""
    if isinstance(selections, Mapping) and isinstance(settings, Mapping):
        rows = f"{selections.get('production')} against {selections.get('reference')}, windows of {settings.get('windows')}"
    return " · ".join(part for part in (rows, when) if part)


def _shown(text: str, most: int) -> tuple[str, str]:
    """Return the first sentences of what was computed, as many as have no more words than may be shown (one at least), and the rest."""
    ends = [found.span() for found in _ENDS.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    pieces = [text[first:last] for first, last in zip(starts, [*(start for start, _ in ends), len(text)], strict=True)]
    words = list(accumulate(len(one.split()) for one in pieces))
    many = max(sum(one <= most for one in words), 1)
    if many >= len(pieces):
        return text, ""
    return text[: ends[many - 1][0]], text[starts[many] :]


def _beyond(told: Statement, heading: str) -> str:
    """Return what the computed words say beyond the heading."""
    if not told.sentence or told.sentence.rstrip(".") == told.title.rstrip("."):
        return told.title if heading else ""
    return told.sentence
