"""The frame around every page: navigation, global bar, address, errors as sentences. app.py calls `main` and nothing else."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from monitor.charts.chart import unchecked
from monitor.charts.theme import Theme
from monitor.errors import CaseError, SelectionError
from monitor.places import app_folder
from monitor.ui import bar, board_tiles, door, here, menu, navigation, opened, slides, story_slides
from monitor.ui.address import Refusal
from monitor.ui.navigation import PageEntry
from monitor.ui.new_case import open_created
from monitor.ui.state import Problem, known_cases, read_case, read_view, set_view
from monitor.ui.stored import say_store
from monitor.ui.way_back import said_in_words

_FRAMED: ContextVar[bool] = ContextVar("framed", default=False)
NAME = "Driftscope"
NO_MENU = '<style>[data-testid="stSidebar"] { display: none; }</style>'
"""The sidebar that was there before presenting began would stand empty beside the first slide."""
COMPACT = """<style>
@media (min-width: 769px) {
  [data-testid="stApp"]:not(:has([data-testid="stExpandSidebarButton"])) [data-testid="stMainBlockContainer"] { padding-top: .8rem; }
  [data-testid="stHeader"] { background: transparent; }
  /* It lies over the bar: only what can be pressed in it takes a click. */
  [data-testid="stHeader"], [data-testid="stHeader"] * { pointer-events: none; }
  [data-testid="stHeader"] :is(button, a), [data-testid="stHeader"] :is(button, a) * { pointer-events: auto; }
  [data-testid="stMainBlockContainer"] { padding-left: 2.5rem; padding-right: 2.5rem; }
  .st-key-globalbar { padding-right: 3rem; }
}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: .6rem; }
[data-testid="stMain"] h1 { padding: 0; }
[data-testid="stMetric"] > div { padding: .3rem .8rem; display: flex; flex-flow: row wrap; align-items: baseline; gap: 0 .6rem; }
[data-testid="stMetricLabel"] { flex-basis: 100%; }
[data-testid="stMetricLabel"] p { white-space: normal; }
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] :is(span, p) { white-space: normal; overflow: visible; }
[class*="_close_up"][data-testid="stVerticalBlock"] { gap: .35rem; }
[class*="_close_up"] [data-testid="stVerticalBlock"] { gap: .35rem; }
</style>"""
"""The answer and what it rests on are seen without scrolling: no empty strip above the bar, little around what stands there."""
DARK_INK = """<style>
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"], [data-testid="stMultiSelectTagsContainer"] span {
  color: #0F172A !important;
}
[data-testid="stCode"] .token:is(.keyword, .function, .class-name) { color: #60A5FA !important; }
[data-testid="stCode"] .token:is(.comment, .punctuation) { color: #9CA3AF !important; }
</style>"""
"""Streamlit writes white on the accent; the accent that is legible as text on a dark page needs dark letters. Its own colours of words,
comments and brackets of code are 4.3 and 4.5 times as light as what they stand on: these are above 4.5 (WCAG 2.2, 1.4.3)."""


@contextmanager
def frame() -> Iterator[None]:
    """Mark that app.py runs, so that a page knows it stands in its frame."""
    token = _FRAMED.set(True)
    try:
        yield
    finally:
        _FRAMED.reset(token)


def page_guard() -> None:
    """Stand as the first line of every script in pages/.

    On a fresh server Streamlit runs such a script on its own for a deep link, without app.py. Then the frame is run from here:
    it registers the navigation, which leaves that mode for the whole process, and runs the page inside the frame.
    """
    if _FRAMED.get():
        return
    main()
    st.stop()


def favicon() -> str:
    """Return the path of the local icon: a Material icon would be fetched from a foreign host."""
    return str(app_folder() / "static" / "favicon.png")


@st.cache_resource(show_spinner=False)
def _freeze() -> None:
    """Take what is imported by now out of every later garbage collection (100-200 ms after each run otherwise)."""
    gc.collect()
    gc.freeze()
    atexit.register(opened.close_all)


def theme() -> Theme:
    """Return the theme of this browser."""
    return "dark" if st.context.theme.type == "dark" else "light"


def main() -> None:
    """Run the frame, then the page."""
    unchecked()
    st.set_page_config(page_title=NAME, page_icon=favicon(), layout="wide")
    st.html(COMPACT + (DARK_INK if theme() == "dark" else ""))
    door.enter()
    _read_address()
    with frame():
        page = st.navigation(navigation.pages(), position="hidden")
        shown = navigation.entry_of(page)
        st.set_page_config(page_title=_tab_title(shown))
        if here.presenting():
            st.html(NO_MENU)
        else:
            menu.show(page, theme())
        _read_choices(shown)
        with said_in_words(shown):
            if _in_slides(shown):
                story_slides.show() if shown.url == story_slides.PAGE else slides.show(shown.url)
            else:
                page.run()
        if not here.presenting():
            board_tiles.offer(shown)
        elif not _in_slides(shown):
            _ways_out(shown)
    _freeze()


def _in_slides(page: PageEntry) -> bool:
    """Return whether slides stand in place of the page: where the address asks for one, or the page is told by one, and always for a
    story, which is nothing else."""
    return here.presenting() and (here.asked("slide") is not None or page.url == story_slides.PAGE or slides.in_place_of(page.url))


def _ways_out(page: PageEntry) -> None:
    """Show how to leave a page that is presented without its controls, or to go on to the slides."""
    with st.container(horizontal=True, key="present_ways"):
        here.link(page.url, label="Leave", icon=":material/close:", changes={"present": None})
        if page.url != board_tiles.PAGE:
            here.link(page.url, label="As slides", icon=":material/slideshow:", changes={"slide": "1"})


def _read_address() -> None:
    """Take over the address, name the case in it, and write it before anything slow begins."""
    open_created()
    first = next(iter(known_cases()), None)
    if "case" not in here.read().values and first is not None:
        here.name_case(first)
    here.write()


def _tab_title(page: PageEntry) -> str:
    try:
        case = read_case(known_cases()[here.asked("case") or ""]).name
    except (CaseError, KeyError):
        case = ""
    return " · ".join(part for part in (case, page.title, NAME) if part)


def _read_choices(page: PageEntry) -> None:
    comparing = page.title not in navigation.WITHOUT_BAR
    quiet = here.presenting()
    if not quiet:
        bar.global_bar(page.url, case_only=not comparing)
    here.set_notices(st.container())
    here.say_refusals(page.url, comparing=comparing)
    try:
        _refuse(here.blocking(comparing=comparing))
        shown = read_view(here.address(), theme=theme(), presenting=quiet, comparing=comparing)
        set_view(shown)
        if comparing and not quiet:
            say_store(shown.case.root)
    except (CaseError, SelectionError) as error:
        set_view(Problem(error))


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        kind = CaseError if any(one.name == "case" for one in refusals) else SelectionError
        raise kind(" ".join(one.why for one in refusals))
