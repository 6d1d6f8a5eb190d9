"""What cannot be shown, said as a page: the question stays, the reason is a sentence, and every way back is a button."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches

import streamlit as st

from monitor.analyses.chosen_sides import SIDES
from monitor.errors import CaseError, DriftscopeError, SelectionError, SourceError
from monitor.ui import here
from monitor.ui.navigation import PageEntry
from monitor.ui.parameters import COMPARISON
from monitor.ui.state import UnknownCaseError, known_cases
from monitor.ui.text import md_escape

HEADLINES = {
    UnknownCaseError: "There is no such case",
    CaseError: "This case cannot be read",
    SelectionError: "These rows cannot be selected",
    SourceError: "The data cannot be read",
}
WAYS = {
    "Clear the condition": ("where", SIDES["a"]["where"], SIDES["b"]["where"]),
    "Take all days": tuple(SIDES[side][part] for side in SIDES for part in ("from", "to")),
    "Any version and file": tuple(SIDES[side][part] for side in SIDES for part in ("version", "file")),
    "The usual two sides": (SIDES["a"]["data"], SIDES["b"]["data"], "a"),
    "The case's own windows": ("win",),
}
"""What may be in the way, each taken back by a button."""
MOST_CASES = 6
_GOOD = "address.good"


@contextmanager
def said_in_words(page: PageEntry) -> Iterator[None]:
    """Show what the package raises on purpose as a page with ways back, and remember what was shown when nothing was raised."""
    try:
        yield
    except DriftscopeError as error:
        _refused(page, error)
        return
    st.session_state[_GOOD] = here.address()


def _refused(page: PageEntry, error: DriftscopeError) -> None:
    st.caption(page.question)
    st.title(next((text for kind, text in HEADLINES.items() if isinstance(error, kind)), "This could not be done"), anchor=False)
    st.error(md_escape(error), icon=":material/error:")
    with st.container(horizontal=True, key="way_back"):
        if isinstance(error, UnknownCaseError) or here.asked("case") is None:
            _cases()
        else:
            _ways()
        _undo()
        if page.url != "setup":
            here.link("setup", label="Look at the set-up of this case", icon=":material/settings:")


def _cases() -> None:
    """Offer the cases that there are, those with the nearest name first."""
    names = list(known_cases())
    asked = "".join(here.address().values.get("case", ())[:1])
    near = get_close_matches(asked[:100], names, n=MOST_CASES, cutoff=0.4)
    for name in list(dict.fromkeys([*near, *names]))[:MOST_CASES]:
        label = f"Open {md_escape(name)}"
        st.button(label, key=f"open.{name}", icon=":material/folder_open:", on_click=here.choose, args=({"case": name},))


def _ways() -> None:
    set_here = {label: [name for name in names if name in here.address().values] for label, names in WAYS.items()}
    ways = {label: names for label, names in set_here.items() if names}
    for label, names in ways.items():
        st.button(label, key=f"back.{label}", on_click=here.leave_out, args=names)
    if len(ways) > 1:
        st.button("Everything as the case has it", key="back.all", on_click=here.leave_out, args=COMPARISON)


def _undo() -> None:
    """Offer what was shown before, if that was something else."""
    before = st.session_state.get(_GOOD)
    if before is not None and before != here.address():
        st.button("Undo: show what was shown before", key="back.undo", icon=":material/undo:", on_click=here.set_address, args=(before,))
