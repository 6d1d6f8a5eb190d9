"""The frame around every page: navigation, global bar, errors as sentences. app.py calls `main` and nothing else."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from monitor.charts.theme import Theme
from monitor.errors import CaseError, DriftscopeError, SelectionError
from monitor.places import app_folder
from monitor.ui import bar, navigation, opened
from monitor.ui.new_case import open_created
from monitor.ui.state import DriftProblem, read_view, set_view
from monitor.ui.text import md_escape

_FRAMED: ContextVar[bool] = ContextVar("framed", default=False)


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


def presenting() -> bool:
    """Say whether `?present=true` hides the controls."""
    return str(st.query_params.get("present", "")).lower() in ("true", "1", "yes")


def main() -> None:
    """Run the frame, then the page."""
    st.set_page_config(page_title="Driftscope", page_icon=favicon(), layout="wide")
    open_created()
    with frame():
        quiet = presenting()
        page = st.navigation(navigation.pages(), position="hidden" if quiet else "sidebar", expanded=True)
        _read_choices(quiet, bar_wanted=page.title not in navigation.WITHOUT_BAR)
        with said_in_words():
            page.run()
    _freeze()


def _read_choices(quiet: bool, *, bar_wanted: bool) -> None:
    bar.global_bar(presenting=quiet, case_only=not bar_wanted)
    choices = {str(key): value for key, value in st.session_state.items()}
    try:
        current = read_view(choices, theme=theme(), presenting=quiet)
    except (CaseError, SelectionError) as error:
        set_view(DriftProblem(error))
        return
    set_view(current)
    if bar_wanted:
        st.caption(md_escape(current.words))


@contextmanager
def said_in_words() -> Iterator[None]:
    """Show what the package raises on purpose as a message instead of a stack of calls."""
    try:
        yield
    except DriftscopeError as error:
        st.error(md_escape(error), title=_headline(error), icon=":material/error:")
        st.page_link(navigation.entry("setup").path, label="Look at the set-up of this case", icon=":material/settings:")


def _headline(error: DriftscopeError) -> str:
    words = {CaseError: "This case cannot be read", SelectionError: "These rows cannot be selected"}
    return next((text for kind, text in words.items() if isinstance(error, kind)), "This could not be done")
