"""The global bar: case, the two sides, window size and segment; all of it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from monitor.analyses.chosen_sides import SIDES
from monitor.case import Case
from monitor.engine import Workspace, time_span
from monitor.errors import CaseError, SelectionError
from monitor.ui import asking, bar_rows, bar_sides, here, slides
from monitor.ui.choice import is_offered
from monitor.ui.parameters import PARAMETERS
from monitor.ui.state import Extent, case_titles, known_cases, read_case, side_words, window_choices
from monitor.ui.text import md_escape

LABEL = 70
"""Letters of the comparison that its button has room for."""


def global_bar(page: str, *, case_only: bool = False) -> None:
    """Show the bar of a page: all of it, or only the case where nothing else matters."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="globalbar"):
        case = _case_choice()
        if not case_only:
            _widgets(case)
        if case is not None:
            st.button(
                "Present", icon=":material/slideshow:", type="tertiary", key="present_button", on_click=here.choose,
                args=({"present": "true", "slide": slides.first_of(page)},),
                help="One message per screen; arrow keys go on and back.",
            )  # fmt: skip


def _widgets(case: Case | None) -> None:
    workspace = bar_sides.opened(case)
    with st.popover(_comparison(case), icon=":material/compare_arrows:", key="compare"):
        bar_sides.both_sides(case)
    asking.bar_one(
        "win", "Window", window_choices(case, _extent(workspace)), usual=str(case.windows) if case else None, width=130,
        accept_new_options=True, label_visibility="collapsed",
        help="How long a window is: '1 week', '2 days', '5000 rows' or 'whole'.",
    )  # fmt: skip
    with st.popover("Some rows" if here.asked("where") else "All rows", icon=":material/filter_alt:", key="rows"):
        bar_rows.segment(case, workspace)
    if case is not None:
        bar_rows.chips(case)


def _extent(workspace: Workspace | None) -> Extent | None:
    """Return how much is cut into windows: the days of B that are asked for, else all of its data set."""
    if workspace is None:
        return None
    data = here.asked(SIDES["b"]["data"]) or "production"
    span, rows = time_span(workspace, data), workspace.rows(data)
    if span is None:
        return Extent(None, rows)
    first, last = (here.asked(SIDES["b"][part]) for part in ("from", "to"))
    start = max(span[0], datetime.fromisoformat(first)) if first else span[0]
    end = min(span[1], datetime.fromisoformat(last) + timedelta(days=1)) if last else span[1]
    hours, every = ((b - a) / timedelta(hours=1) for a, b in ((start, end), span))
    return Extent(max(hours, 0.0), round(rows * max(hours, 0.0) / every) if every else rows)


def _case_choice() -> Case | None:
    cases, asked = known_cases(), here.asked("case")
    names, titles = list(cases), case_titles(cases)
    case = asked if asked in names else None
    asking.prepare("case", case)
    change = asking.on_change_of("case", "", then=_left_behind)
    st.selectbox(
        "Case",
        names,
        index=0 if case else None,
        format_func=lambda name: titles.get(name, name),
        key="case",
        width=220,
        placeholder="Choose a case",
        on_change=change,
        label_visibility="collapsed",
    )
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
