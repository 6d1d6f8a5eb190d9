"""A story: pinned statements in an order, with somebody's own words and notes, kept as a file beside the case.

A story is frozen; each change returns another one with a line in its history. It holds no number of its own: what is computed comes from
the pin that a slide names, or is computed again when the slide is live.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable, born
from monitor.export.words import both_written, check_words, with_line
from monitor.incidents.record import MOST, By, Change

FORMAT = 1
MOST_SLIDES = 60
"""Slides that a story may have: more is no story."""
LONGEST_TITLE = 200
Words = Literal["heading", "words", "notes"]
"""What somebody writes on a slide: a heading instead of the computed one, words beside the sentence, notes for who speaks."""
_SLIDE_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One message.

    Parameters
    ----------
    id : within its story.
    pin : id of the pinned statement; "" where somebody's own words are all.
    live : whether the statement is computed again whenever it is shown; else it stands as it was pinned.
    """

    id: str
    pin: str = ""
    heading: str = ""
    words: str = ""
    notes: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Slides in their order. `created` is ISO 8601, UTC; `for_whom` says who it is told to."""

    id: str
    created: str
    case: str
    title: str
    for_whom: str = ""
    slides: tuple[Slide, ...] = ()
    history: tuple[Change, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no story can hold: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        if max(len(self.title), len(self.for_whom)) > LONGEST_TITLE:
            raise SelectionError(f"The title of a story has more than {LONGEST_TITLE} letters. Shorten it.")
        if len(self.slides) > MOST_SLIDES or len(self.history) > MOST:
            raise SelectionError(f"A story has more than {MOST_SLIDES} slides. Make two of it.")
        names = [one.id for one in self.slides]
        if len(set(names)) < len(names) or not all(_SLIDE_ID.fullmatch(one) for one in names):
            raise SelectionError("Two slides of a story have one id, or one has none.")
        check_words(*(text for one in self.slides for text in (one.heading, one.words, one.notes)))

    def slide(self, slide_id: str) -> Slide:
        """Return a slide by its id.

        Raises
        ------
        SelectionError
            It is gone.
        """
        found = next((one for one in self.slides if one.id == slide_id), None)
        if found is None:
            raise SelectionError("The slide is gone: somebody took it out of the story meanwhile. The history says who.")
        return found


@dataclass(frozen=True, slots=True)
class Stories:
    """The stories of a case, the newest first, and the files that are not readable."""

    stories: tuple[Story, ...]
    unreadable: tuple[Unreadable, ...] = ()


_SHELF = Shelf("story", TypeAdapter(Story), FORMAT, "stories")


def new_story(case: Case, title: str, *, for_whom: str = "", slides: Sequence[Slide] = (), by: By) -> Story:
    """Return a story with an id of its own; `keep_story` keeps it.

    Raises
    ------
    SelectionError
        It has no title, or more than a story can hold.
    """
    if not title.strip():
        raise SelectionError("The story has no title. Give it one: it is the first thing that is read.")
    now = born()
    history = (Change(by.at, by.who, "story", "", title.strip()),)
    return Story(
        id=now.id,
        created=now.created,
        case=case.name,
        title=title.strip(),
        for_whom=for_whom.strip(),
        slides=tuple(slides),
        history=history,
    )


def slide_of(pin_id: str = "", **parts: str | bool) -> Slide:
    """Return a slide with an id of its own."""
    return replace(Slide(id=secrets.token_hex(4), pin=pin_id), **parts)  # type: ignore[arg-type]


def list_stories(case: Case) -> Stories:
    """Return the stories of a case."""
    found, unreadable = _SHELF.every(case)
    return Stories(tuple(reversed(found)), tuple(unreadable))


def keep_story(case: Case, story: Story) -> Story:
    """Keep a story (or replace the one with its id).

    Raises
    ------
    SourceError
        It cannot be written.
    """
    _SHELF.keep(case, story)
    return story


def change_story(case: Case, story_id: str, change: Callable[[Story], Story]) -> Story:
    """Change a story as it lies in its file now.

    Raises
    ------
    SelectionError
        There is no such story, or the change is refused.
    SourceError
        Its file cannot be read or written.
    """
    return _SHELF.change(case, story_id, change)


def take_story_away(case: Case, story_id: str) -> None:
    """Move a story to the trash folder beside it.

    Raises
    ------
    SelectionError
        There is no such story.
    SourceError
        It cannot be moved.
    """
    _SHELF.take_away(case, story_id)


def written(story: Story, slide_id: str, part: Words, texts: tuple[str, str], by: By) -> Story:
    """Return a story with other words on a slide; `texts` are those that the writer saw before, and the new ones.

    Where somebody else wrote there meanwhile, both stand there.

    Raises
    ------
    SelectionError
        The slide is gone, or the words are too long.
    """
    slide = story.slide(slide_id)
    theirs = getattr(slide, part)
    text = both_written(texts[0], theirs, texts[1].strip())
    changed: dict[str, Any] = {part: text}
    return _changed(story, replace(slide, **changed), by, (f"{part} of slide {_place(story, slide)}", theirs, text))


def made_live(story: Story, slide_id: str, by: By, *, live: bool) -> Story:
    """Return a story with a slide that is computed again when it is shown, or stands as it was pinned."""
    slide = story.slide(slide_id)
    names = {True: "live", False: "as pinned"}
    return _changed(story, replace(slide, live=live), by, (f"slide {_place(story, slide)}", names[slide.live], names[live]))


def added(story: Story, slide: Slide, by: By) -> Story:
    """Return a story with a further slide at its end."""
    line = with_line(story.history, by, "added slide", "", str(len(story.slides) + 1))
    return replace(story, slides=(*story.slides, slide), history=line)


def removed(story: Story, slide_id: str, by: By) -> Story:
    """Return a story without a slide; its words stay in the history."""
    slide = story.slide(slide_id)
    said = " / ".join(text for text in (slide.heading, slide.words, slide.notes) if text) or f"the pin {slide.pin}"
    line = with_line(story.history, by, f"took out slide {_place(story, slide)}", said, "")
    return replace(story, slides=tuple(one for one in story.slides if one.id != slide_id), history=line)


def moved_to(story: Story, slide_id: str, place: int, by: By) -> Story:
    """Return a story with a slide at another place, counted from 1; one beyond the end is the end."""
    slide = story.slide(slide_id)
    rest = [one for one in story.slides if one.id != slide_id]
    at = min(max(place, 1), len(story.slides)) - 1
    line = with_line(story.history, by, "place of a slide", str(_place(story, slide)), str(at + 1))
    return replace(story, slides=(*rest[:at], slide, *rest[at:]), history=line)


def titled(story: Story, title: str, for_whom: str, by: By) -> Story:
    """Return a story with another title.

    Raises
    ------
    SelectionError
        It is empty or too long.
    """
    if not title.strip():
        raise SelectionError("The story has no title. Give it one: it is the first thing that is read.")
    lines = with_line(story.history, by, "title", story.title, title.strip())
    lines = with_line(lines, by, "for whom", story.for_whom, for_whom.strip())
    return replace(story, title=title.strip(), for_whom=for_whom.strip(), history=lines)


def _place(story: Story, slide: Slide) -> int:
    return story.slides.index(slide) + 1


def _changed(story: Story, slide: Slide, by: By, line: tuple[str, str, str]) -> Story:
    slides = tuple(slide if one.id == slide.id else one for one in story.slides)
    return replace(story, slides=slides, history=with_line(story.history, by, *line))
