"""The global bar: case, the two sides, window size and segment, each in the address.

Streamlit writes the shown text of an option into the address, so options are shown by their stable short names.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from monitor.case import Case
from monitor.errors import CaseError, SelectionError
from monitor.ui import bar_sides
from monitor.ui.state import ANOTHER_PERIOD, KEYS, known_cases, read_case, side_words, window_choices

LABEL = 70
"""Letters of the comparison that its button has room for."""
_OF_ONE_CASE = tuple(name for name in KEYS if name != "case")


def global_bar(*, presenting: bool = False, case_only: bool = False) -> None:
    """Show the bar: all of it, folded into one button when presenting, or only the case where nothing else matters."""
    _read_old_link()
    if presenting:
        with st.popover("", icon=":material/tune:", type="tertiary", key="globalbar", help="What is shown"):
            _widgets(folded=True)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="globalbar"):
        if case_only:
            _case_choice()
            _keep()
        else:
            _widgets(folded=False)


def _read_old_link() -> None:
    """Read a link of an older version: another period was always one of production. It stays in the address until A is chosen anew."""
    if bar_sides.chosen("against") == ANOTHER_PERIOD:
        st.session_state[KEYS["a_data"]] = "production"


def _keep() -> None:
    """Keep the choices whose widgets are not on this page."""
    for name in _OF_ONE_CASE:
        if KEYS[name] in st.session_state:
            st.session_state[KEYS[name]] = st.session_state[KEYS[name]]


def _widgets(*, folded: bool) -> None:
    case = _case_choice()
    with _part(_comparison(case), ":material/compare_arrows:", "compare", folded):
        bar_sides.both_sides(case, presenting=folded)
    st.selectbox(
        "Window", window_choices(case), key=KEYS["windows"], bind="query-params", width=150, accept_new_options=True,
        help="How long a window is: '1 week', '2 days', '5000 rows' or 'whole'.",
    )  # fmt: skip
    with _part("Some rows" if bar_sides.chosen("where") else "All rows", ":material/filter_alt:", "rows", folded):
        _segment(case)


def _part(label: str, icon: str, key: str, folded: bool) -> AbstractContextManager[Any]:
    return st.container(key=key) if folded else st.popover(label, icon=icon, key=key)


def _case_choice() -> Case | None:
    names = list(known_cases())
    st.selectbox("Case", names, key=KEYS["case"], bind="query-params", width=220, on_change=_forget)
    return _case(names)


def _case(names: list[str]) -> Case | None:
    chosen = st.session_state.get(KEYS["case"])
    try:
        return read_case(known_cases()[chosen]) if chosen in names else None
    except CaseError:
        return None  # the page says what is wrong with it


def _forget() -> None:
    """Forget the choices that belong to the case that was left."""
    for key in _OF_ONE_CASE:
        st.session_state.pop(KEYS[key], None)


def _comparison(case: Case | None) -> str:
    """Say on the button what is compared, as far as there is room."""
    if case is None:
        return "Comparison"
    try:
        words = side_words({KEYS[name]: bar_sides.chosen(name) for name in KEYS}, case)
    except SelectionError:
        return "Comparison"  # the page says what is wrong with it
    text = " ".join(f"{words[:1].upper()}{words[1:]}".split())
    return bar_sides.md_label(text if len(text) <= LABEL else f"{text[: LABEL - 1].rstrip()}…")


def _segment(case: Case | None) -> None:
    st.text_input(
        "Only rows where", key=KEYS["where"], bind="query-params", placeholder="carrier = 'UA' and distance > 500",
        help="A condition in SQL over the columns of the data, for both sides; it is checked before it is run.",
    )  # fmt: skip
    if case is not None and case.roles.segments:
        names = ", ".join(f"`{name}`" for name in case.roles.segments if name.isidentifier())
        st.caption(f"Segments of this case: {names}")
