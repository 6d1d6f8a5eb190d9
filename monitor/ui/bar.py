"""The global bar: case, the two sides, window size and segment; all of it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from monitor.case import Case
from monitor.errors import CaseError, SelectionError
from monitor.ui import asking, bar_sides, here
from monitor.ui.choice import is_offered
from monitor.ui.parameters import PARAMETERS
from monitor.ui.state import known_cases, read_case, side_words, window_choices
from monitor.ui.text import md_escape

LABEL = 70
"""Letters of the comparison that its button has room for."""


def global_bar(*, presenting: bool = False, case_only: bool = False) -> None:
    """Show the bar: all of it, folded into one button when presenting, or only the case where nothing else matters."""
    if presenting:
        with st.popover("", icon=":material/tune:", type="tertiary", key="globalbar", help="What is shown"):
            _widgets(folded=True)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="globalbar"):
        if case_only:
            _case_choice()
        else:
            _widgets(folded=False)


def _widgets(*, folded: bool) -> None:
    case = _case_choice()
    with _part(_comparison(case), ":material/compare_arrows:", "compare", folded):
        bar_sides.both_sides(case, presenting=folded)
    asking.bar_one(
        "win", "Window", window_choices(case), usual=str(case.windows) if case else None, width=150, accept_new_options=True,
        help="How long a window is: '1 week', '2 days', '5000 rows' or 'whole'.",
    )  # fmt: skip
    with _part("Some rows" if here.asked("where") else "All rows", ":material/filter_alt:", "rows", folded):
        _segment(case)


def _part(label: str, icon: str, key: str, folded: bool) -> AbstractContextManager[Any]:
    return st.container(key=key) if folded else st.popover(label, icon=icon, key=key)


def _case_choice() -> Case | None:
    names, asked = list(known_cases()), here.asked("case")
    case = asked if asked in names else None
    asking.prepare("case", case)
    change = asking.on_change_of("case", "", then=_left_behind)
    st.selectbox("Case", names, index=0 if case else None, key="case", width=220, placeholder="Choose a case", on_change=change)
    return _case(case)


def _case(name: str | None) -> Case | None:
    try:
        return read_case(known_cases()[name]) if name else None
    except CaseError:
        return None  # the page says what is wrong with it


def _left_behind() -> Mapping[str, str | None]:
    """Return the methods that the case which is chosen does not have."""
    case = _case(st.session_state.get("case"))
    methods = {name: here.asked(name) for name in PARAMETERS if name in ("drift_method", "predictions_method")}
    return {name: None for name, title in methods.items() if title and (case is None or not is_offered(title, case))}


def _comparison(case: Case | None) -> str:
    """Say on the button what is compared, as far as there is room."""
    if case is None:
        return "Comparison"
    try:
        words = side_words(here.address().texts(), case)
    except SelectionError:
        return "Comparison"  # the page says what is wrong with it
    text = " ".join(f"{words[:1].upper()}{words[1:]}".split())
    return md_escape(text if len(text) <= LABEL else f"{text[: LABEL - 1].rstrip()}…")


def _segment(case: Case | None) -> None:
    asking.bar_text(
        "where", "Only rows where", placeholder="carrier = 'UA' and distance > 500",
        help="A condition in SQL over the columns of the data, for both sides; it is checked before it is run.",
    )  # fmt: skip
    if case is not None and case.roles.segments:
        names = ", ".join(f"`{name}`" for name in case.roles.segments if name.isidentifier())
        st.caption(f"Segments of this case: {names}")
