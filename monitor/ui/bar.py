"""The global bar: case, the two selections, window size, segment and model version, each in the address.

Streamlit writes the shown text of an option into the address, so options are shown by their stable short names.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import streamlit as st

from monitor.case import Case
from monitor.errors import CaseError
from monitor.ui.state import AGAINST, KEYS, known_cases, period_words, read_case, window_choices

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Streamlit would allow ten years around today only, and silently drop older days from the address."""
_OF_ONE_CASE = ("against", "a_from", "a_to", "b_from", "b_to", "windows", "where", "version")


def global_bar(*, presenting: bool = False, case_only: bool = False) -> None:
    """Show the bar: all of it, folded into one button when presenting, or only the case where nothing else matters."""
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


def _keep() -> None:
    """Keep the choices whose widgets are not on this page."""
    for name in _OF_ONE_CASE:
        if KEYS[name] in st.session_state:
            st.session_state[KEYS[name]] = st.session_state[KEYS[name]]


def _widgets(*, folded: bool) -> None:
    case = _case_choice()
    with _part(_comparison(), ":material/compare_arrows:", "compare", folded):
        _periods()
    st.selectbox(
        "Window", window_choices(case), key=KEYS["windows"], bind="query-params", width=150, accept_new_options=True,
        help="How long a window is: '1 week', '2 days', '5000 rows' or 'whole'.",
    )  # fmt: skip
    with _part(_rows(), ":material/filter_alt:", "rows", folded):
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


def _state(name: str) -> Any:
    """Return a choice, also before its widget exists in this session: then as the address gives it."""
    key = KEYS[name]
    return st.session_state[key] if key in st.session_state else st.query_params.get(key)


def _chosen_day(name: str) -> date | None:
    value = _state(name)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None  # the widget refuses it too
    return value if isinstance(value, date) else None


def _day(label: str, name: str) -> None:
    st.date_input(label, None, FIRST_DAY, LAST_DAY, key=KEYS[name], bind="query-params", width=150)


def _comparison() -> str:
    rows = period_words("production", _chosen_day("b_from"), _chosen_day("b_to"))
    against = {"previous": "the window before", "period": period_words("production", _chosen_day("a_from"), _chosen_day("a_to"))}
    return f"{rows[0].upper()}{rows[1:]} against {against.get(AGAINST.get(_state('against'), 'reference'), 'the reference')}"


def _rows() -> str:
    return "Some rows" if _state("where") or _state("version") else "All rows"


def _periods() -> None:
    st.markdown("**Production** (B, drawn blue)")
    with st.container(horizontal=True):
        _day("First day", "b_from")
        _day("Last day", "b_to")
    st.markdown("**Compared against** (A, drawn grey)")
    st.radio("Against", list(AGAINST), key=KEYS["against"], bind="query-params", label_visibility="collapsed")
    if AGAINST.get(_state("against")) == "period":
        with st.container(horizontal=True):
            _day("First day of A", "a_from")
            _day("Last day of A", "a_to")
        st.button("Swap A and B", icon=":material/swap_horiz:", on_click=_swap)


def _swap() -> None:
    state = st.session_state
    for first, second in (("a_from", "b_from"), ("a_to", "b_to")):
        state[KEYS[first]], state[KEYS[second]] = _state(second), _state(first)


def _segment(case: Case | None) -> None:
    st.text_input(
        "Only rows where", key=KEYS["where"], bind="query-params", placeholder="carrier = 'UA' and distance > 500",
        help="A condition in SQL over the columns of the data; it is checked before it is run.",
    )  # fmt: skip
    if case is not None and case.roles.model_version:
        st.text_input("Only model version", key=KEYS["version"], bind="query-params")
    if case is not None and case.roles.segments:
        names = ", ".join(f"`{name}`" for name in case.roles.segments if name.isidentifier())
        st.caption(f"Segments of this case: {names}")
