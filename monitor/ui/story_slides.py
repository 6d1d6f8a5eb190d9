"""A story full screen: a message a slide, live or as it was pinned, with the words that somebody gave it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from monitor.charts import stored_chart
from monitor.export.deck import Message, about, heading_of, message_of
from monitor.export.pin import Pin
from monitor.export.pins import list_pins
from monitor.export.story import Story, list_stories
from monitor.ui import here
from monitor.ui.again import refresher
from monitor.ui.asking import picked
from monitor.ui.present import show_chart
from monitor.ui.slides import LARGE, PLOT, asked_slide, ways
from monitor.ui.state import View, view
from monitor.ui.text import md_escape

PAGE = "story"


def show() -> None:
    """Show the slide of the story that the address asks for; the first is its title."""
    current = view()
    st.html(LARGE)
    stories = list_stories(current.case).stories
    if not stories:
        st.title("This case has no story yet.", anchor=False)
        here.link(PAGE, label="Make one", changes={"present": None, "slide": None})
        return
    story = chosen_story(stories)
    count = len(story.slides) + 1
    at = asked_slide(count)
    known = {one.id: one for one in pins_of(current)}
    if at == 1:
        _cover(story, known)
    else:
        slide = story.slides[at - 2]
        show_message(message_of(slide, known.get(slide.pin), refresher(current)), current, key="story_chart")
    ways(at, count, cover=True)


def _cover(story: Story, known: Mapping[str, Pin]) -> None:
    """Show what the story is called, for whom it is, and what it will say."""
    st.title(md_escape(story.title), anchor=False)
    if about(story):
        st.markdown(f"##### :gray[{md_escape(about(story))}]")
    st.markdown("\n".join(f"{n}. {md_escape(heading_of(one, known.get(one.pin)))}" for n, one in enumerate(story.slides, start=1)))


def chosen_story(stories: tuple[Story, ...]) -> Story:
    """Return the story that the address names, else the newest."""
    name = picked(PAGE, [one.id for one in stories], stories[0].id)
    return next(one for one in stories if one.id == name)


def pins_of(current: View) -> tuple[Pin, ...]:
    """Return the pins that slides may name: also those that were taken off the page Findings since."""
    return (*list_pins(current.case).pins, *list_pins(current.case, trashed=True).pins)


def show_message(one: Message, current: View, *, key: str) -> None:
    """Show a message: what it says, its picture, what was computed, what somebody says of it, where it comes from."""
    st.title(md_escape(one.heading), anchor=False)
    if one.told:
        st.markdown(_lines(one.told, ":gray[{}]"))
    if one.words:
        st.markdown(_lines(one.words, "{}"))
    if one.chart is not None:
        show_chart(stored_chart(one.chart, theme=current.theme), key=key, height=PLOT)
    if one.source:
        st.caption(md_escape(one.source))


def _lines(text: str, form: str) -> str:
    """Write each line of a text as large as the others."""
    return "\n\n".join(f"##### {form.format(md_escape(line))}" for line in text.splitlines() if line.strip())
