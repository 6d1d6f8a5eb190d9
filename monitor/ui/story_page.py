"""The page Story: pinned statements in an order, with somebody's own words beside what was computed, and what is spoken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from monitor.export.deck import Deck, as_pinned, deck_of
from monitor.export.pin import Pin
from monitor.export.pins import list_pins, pin
from monitor.export.story import (
    LONGEST_TITLE,
    Slide,
    Story,
    Words,
    added,
    change_story,
    keep_story,
    list_stories,
    made_live,
    moved_to,
    new_story,
    removed,
    slide_of,
    take_story_away,
    titled,
    written,
)
from monitor.export.writers import DECK_FORMS
from monitor.incidents.record import LONGEST, By
from monitor.registry import REGISTRY
from monitor.registry.asking import refresher
from monitor.registry.drafting import draft_story
from monitor.registry.live import Source
from monitor.ui import here
from monitor.ui.asking import ask_one
from monitor.ui.door import locked
from monitor.ui.history import history_of
from monitor.ui.measuring import judged_for, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state, page_head
from monitor.ui.state import View, view
from monitor.ui.story_slides import PAGE, chosen_story, pins_of
from monitor.ui.text import md_escape
from monitor.ui.told import told
from monitor.ui.writer import ask_name, away_button, writer
from monitor.wording import plural

FORMS = {
    ".html": ("HTML", "text/html"),
    ".pptx": ("PowerPoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".md": ("Markdown", "text/markdown"),
    ".pdf": ("PDF", "application/pdf"),
}
OWN = "Words of my own, without a pin"


def story_page() -> None:
    """Show the page."""
    current = view()
    found = list_stories(current.case)
    if not found.stories:
        page_head(PAGE, "This case has no story yet.")
        empty_state(
            "A story puts what is pinned into an order that others can follow.",
            "Draft one from what was found, or begin with an empty one and add what you pinned.",
        )
        _begin(current)
        return
    chosen = chosen_story(found.stories)
    page_head(PAGE, chosen.title, f"{plural(len(chosen.slides), 'slide')}{f', for {chosen.for_whom}' if chosen.for_whom else ''}.")
    _controls(current, found.stories, chosen)
    for bad in found.unreadable:
        st.warning(md_escape(bad.message), icon=":material/warning:")
    pins = {one.id: one for one in pins_of(current)}
    for number, slide in enumerate(chosen.slides, start=1):
        _card(current, chosen, slide, number, pins.get(slide.pin))
    _add(current, chosen)
    history_of(chosen.history, current.case.timezone, key="story_history")


def _controls(current: View, stories: tuple[Story, ...], chosen: Story) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        here.link(PAGE, label="Show it", icon=":material/slideshow:", changes={"story": chosen.id, "present": "true", "slide": "1"})
        if len(stories) > 1:
            titles = {one.id: one.title for one in stories}
            ask_one(
                PAGE, "Story", list(titles), usual=stories[0].id, format_func=titles.__getitem__, width=260, label_visibility="collapsed"
            )
        _downloads(current, chosen)
        with st.popover("Title", icon=":material/title:"), st.form("story_title", border=False):
            title = st.text_input("Title", chosen.title, max_chars=LONGEST_TITLE)
            whom = st.text_input("For whom", chosen.for_whom, max_chars=LONGEST_TITLE)
            if st.form_submit_button("Keep", type="primary", disabled=locked()):
                _change(current, chosen, lambda one, by: titled(one, title, whom, by))
        with st.popover("Another story", icon=":material/add:"):
            _begin(current)
            away_button("story", chosen.id, lambda: _away(current, chosen))
        ask_name()


def _downloads(current: View, chosen: Story) -> None:
    live = any(one.live for one in chosen.slides)
    again = refresher(workspace(current)) if live else as_pinned  # a file is built beside the screen, without what belongs to a session

    def written_as(write: Callable[[Deck], bytes]) -> bytes:
        return write(deck_of(chosen, pins_of(current), again))

    with st.popover("Download", icon=":material/download:", key="story_files"):
        st.caption("The same words and figures in every form. Slides that are live are computed first; a PDF needs a browser here.")
        with st.container(horizontal=True):
            for ending, (label, mime) in FORMS.items():
                build = partial(written_as, DECK_FORMS[ending])
                st.download_button(
                    label, build, f"story-{current.case_id}{ending}", mime, key=f"story{ending}",
                    on_click="ignore",
                )  # fmt: skip


def _begin(current: View) -> None:
    """Offer to draft a story from what was found, or to begin an empty one."""
    with st.form("story_begin", border=False):
        title = st.text_input("Title", current.case.name, max_chars=LONGEST_TITLE)
        whom = st.text_input("For whom", max_chars=LONGEST_TITLE, placeholder="the board, the team on call …")
        with st.container(horizontal=True):
            drafted = st.form_submit_button("Draft from what was found", type="primary", icon=":material/auto_stories:", disabled=locked())
            empty = st.form_submit_button("Begin an empty one", disabled=locked())
    if not (drafted or empty):
        return
    slides = _drafted(current) if drafted else ()
    made: list[Story] = []
    if told(lambda: made.append(keep_story(current.case, new_story(current.case, title, for_whom=whom, slides=slides, by=writer())))):
        here.choose({PAGE: made[0].id})
        st.rerun()


def _drafted(current: View) -> tuple[Slide, ...]:
    """Pin what a story would tell, and return its slides."""
    able = [row for row in REGISTRY.values() if not row.lacks(current.case) and row.name in ("incidents", "performance", "shadow")]
    needed = [row.name for row in sorted(able, key=lambda row: row.without_wrong)]  # after incidents, which say which rows are wrong
    found = {name: judged_for(current, name) for name in needed}
    source = Source(workspace(current), question_of(current), lambda name: judged_for(current, name))
    made = draft_story(source, found, windows=str(current.windows))
    for one in made.pins:
        pin(current.case, one)
    return made.slides


def _card(current: View, story: Story, slide: Slide, number: int, kept: Pin | None) -> None:
    with st.container(border=True, key=f"slide.{slide.id}"):
        statement = None if kept is None else as_pinned(kept)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{number}**", width="content")
            usual = "Message" if statement is None else statement.title
            _words(current, story, slide, ("heading", "Message", usual))
        if statement is not None:
            st.caption(f"Computed: {md_escape(statement.sentence or statement.title)}")
        elif slide.pin:
            st.warning("The pinned statement is gone from beside the case.", icon=":material/warning:")
        left, right = st.columns(2, gap="medium")
        with left:
            _words(current, story, slide, ("words", "Your words, on the slide", "What it means, and for whom"))
        with right:
            _words(current, story, slide, ("notes", "Speaker notes, not on the slide", "What you say"))
        _actions(current, story, slide, number)


def _words(current: View, story: Story, slide: Slide, field: tuple[Words, str, str]) -> None:
    part, label, placeholder = field
    before = str(getattr(slide, part))
    key = f"{part}.{slide.id}.{hash(before)}"  # words written in another window make another widget, which starts with them
    look: dict[str, Any] = {
        "placeholder": placeholder,
        "max_chars": LONGEST,
        "label_visibility": "collapsed",
        "key": key,
        "disabled": locked(),
    }
    ask = st.text_input if part == "heading" else st.text_area
    if part != "heading":
        look |= {"height": "content", "label_visibility": "visible"}

    def save() -> None:
        texts = (before, str(st.session_state.get(key) or ""))
        _change(current, story, lambda one, by: written(one, slide.id, part, texts, by))

    ask(label, before, on_change=save, **look)


def _actions(current: View, story: Story, slide: Slide, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if slide.pin:
            key = f"live.{slide.id}.{slide.live}"
            said = "Computed again whenever it is shown, of the rows that its pin names; else it stands as it was pinned."
            st.toggle("Live", slide.live, key=key, help=said, on_change=lambda: _live(current, story, slide), disabled=locked())
        for label, icon, place in (("Up", ":material/arrow_upward:", number - 1), ("Down", ":material/arrow_downward:", number + 1)):
            if 1 <= place <= len(story.slides):
                _button(label, icon, f"{label}.{slide.id}", partial(_move, current, story, slide, place))
        _button("Take out", ":material/remove:", f"out.{slide.id}", lambda: _out(current, story, slide))
        here.link(
            PAGE, label="See it", icon=":material/visibility:", changes={"story": story.id, "present": "true", "slide": str(number + 1)}
        )


def _live(current: View, story: Story, slide: Slide) -> None:
    _change(current, story, lambda one, by: made_live(one, slide.id, by, live=not slide.live))


def _move(current: View, story: Story, slide: Slide, place: int) -> None:
    _change(current, story, lambda one, by: moved_to(one, slide.id, place, by))


def _out(current: View, story: Story, slide: Slide) -> None:
    _change(current, story, lambda one, by: removed(one, slide.id, by))


def _add(current: View, story: Story) -> None:
    pins = list_pins(current.case).pins
    titles = {one.id: one.title for one in pins}
    with st.form("story_add", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Add a slide", ["", *titles], format_func=lambda one: titles.get(one, OWN), key="story_add_pin", width=520)
        if st.form_submit_button("Add", icon=":material/add:", disabled=locked()):
            _change(current, story, lambda one, by: added(one, slide_of(chosen or ""), by))
            st.rerun()


def _away(current: View, story: Story) -> None:
    if told(lambda: take_story_away(current.case, story.id), "The story is in the trash beside the case."):
        here.leave_out(PAGE)


def _button(label: str, icon: str, key: str, act: Callable[[], None]) -> None:
    st.button(label, icon=icon, key=key, on_click=act, type="tertiary", disabled=locked())


def _change(current: View, story: Story, change: Callable[[Story, By], Story]) -> None:
    who = writer()
    told(lambda: change_story(current.case, story.id, lambda one: change(one, who)))
