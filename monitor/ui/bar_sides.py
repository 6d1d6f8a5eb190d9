"""The two sides in the global bar: what each is, how they change places, and comparisons that are kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from monitor.case import Case
from monitor.engine import Workspace, file_names, model_versions
from monitor.errors import DriftscopeError
from monitor.export.comparisons import Comparisons, list_comparisons, pin_comparison, unpin_comparison
from monitor.ui.opened import workspace_of
from monitor.ui.state import AGAINST, ANOTHER_PERIOD, DATA_OF, KEYS, PARTS
from monitor.ui.text import md_escape

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Streamlit would allow ten years around today only, and silently drop older days from the address."""
TITLES = {"a": "**A** :small[:gray[drawn grey]]", "b": "**B** :small[:gray[drawn blue, cut in windows]]"}
_DAYS = frozenset({"a_from", "a_to", "b_from", "b_to"})
_SAID = "comparison_said"


def chosen(name: str) -> Any:
    """Return a choice, also before its widget exists in this session: then as the address gives it."""
    key = KEYS[name]
    value = st.session_state[key] if key in st.session_state else st.query_params.get(key)
    return _day_of(value) if name in _DAYS else value


def _day_of(value: Any) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None  # the widget refuses it too
    return value if isinstance(value, date) else None


def md_label(text: str) -> str:
    """Return a text as the label of a button shows it letter by letter."""
    return md_escape(text)


def both_sides(case: Case | None, *, presenting: bool) -> None:
    """Show what each side is made of and, unless presenting, the comparisons that are kept."""
    workspace = _opened(case)
    with st.container(width=680):
        for column, side in zip(st.columns(2, gap="medium"), DATA_OF, strict=True):
            with column:
                st.markdown(TITLES[side])
                _side(side, workspace)
    old = [ANOTHER_PERIOD] if chosen("against") == ANOTHER_PERIOD else []
    st.selectbox(
        "Each window of B is compared with", [*AGAINST, *old], key=KEYS["against"], bind="query-params",
        help="All of A, or windows before it: of A and then of B, in time. Windows marked as incidents are left out of those.",
    )  # fmt: skip
    if not presenting:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button("Swap A and B", icon=":material/swap_horiz:", on_click=_swap)
            if case is not None:
                _pin(case)
        if case is not None:
            _kept(case)


def _opened(case: Case | None) -> Workspace | None:
    try:
        return workspace_of(case) if case is not None else None
    except DriftscopeError:
        return None  # the page says what is wrong with the data


def _side(side: str, workspace: Workspace | None) -> None:
    st.segmented_control(
        f"Data set of {side.upper()}", ["reference", "production"], default=DATA_OF[side], required=True, key=KEYS[f"{side}_data"],
        bind="query-params", label_visibility="collapsed", on_change=_leave_old_link,
    )  # fmt: skip
    with st.container(horizontal=True):
        for part, label in (("from", "First day"), ("to", "Last day")):
            key = KEYS[f"{side}_{part}"]
            st.date_input(f"{label} of {side.upper()}", None, FIRST_DAY, LAST_DAY, key=key, bind="query-params", width=150)
    data = str(chosen(f"{side}_data") or DATA_OF[side])
    st.text_input(
        f"Segment of {side.upper()}", key=KEYS[f"{side}_where"], bind="query-params", placeholder="origin = 'JFK'",
        help="A condition in SQL that only this side has to meet.",
    )  # fmt: skip
    _one_of(f"Model version of {side.upper()}", f"{side}_version", model_versions(workspace, data) if workspace else ())
    files = file_names(workspace, data) if workspace else ()
    _one_of(f"File of {side.upper()}", f"{side}_file", files if len(files) > 1 else ())


def _leave_old_link() -> None:
    if chosen("against") == ANOTHER_PERIOD:
        st.session_state[KEYS["against"]] = next(iter(AGAINST))


def _one_of(label: str, name: str, known: tuple[str, ...]) -> None:
    """Show a choice of what the data hold; what the address asks for stays, so that the page can say that it is not there."""
    asked = chosen(name)
    options = [*known, *([str(asked)] if asked and str(asked) not in known else [])]
    if options:
        st.selectbox(label, options, index=None, key=KEYS[name], bind="query-params", placeholder="any")


def _swap() -> None:
    """Let the sides change places; a window before its own makes no sense of the other side."""
    state = st.session_state
    values = {f"{side}_{part}": chosen(f"{side}_{part}") for side in DATA_OF for part in PARTS}
    for side, other in (("a", "b"), ("b", "a")):
        for part in PARTS:
            state[KEYS[f"{side}_{part}"]] = values[f"{other}_{part}"]
        state[KEYS[f"{side}_data"]] = values[f"{other}_data"] or DATA_OF[other]
    state[KEYS["against"]] = next(iter(AGAINST))


def _choices() -> dict[str, str]:
    """Return what the bar says, as the address would, without the case."""
    return {KEYS[name]: str(value) for name in KEYS if name != "case" and (value := chosen(name)) not in (None, "")}


def _pin(case: Case) -> None:
    st.text_input("Name of this comparison", key="comparison_name", placeholder="JFK against Newark", width=220, max_chars=80)
    st.button(
        "Pin this comparison", icon=":material/push_pin:", on_click=_pin_now, args=(case,),
        help="Kept with the case under the name on the left, for everyone who opens it.",
    )  # fmt: skip


def _pin_now(case: Case) -> None:
    try:
        made = pin_comparison(case, str(st.session_state["comparison_name"]), _choices())
    except DriftscopeError as error:
        st.session_state[_SAID] = str(error)
        return
    st.session_state["comparison_name"] = ""
    st.session_state[_SAID] = f"Pinned: {made.name}"


def _kept(case: Case) -> None:
    """Show the comparisons that are kept: one click shows one again."""
    if said := st.session_state.pop(_SAID, None):
        st.caption(md_escape(said))
    found = list_comparisons(case)
    for broken in found.unreadable:
        st.caption(md_escape(broken.message))
    if not found.kept:
        return
    names = [one.name for one in found.kept]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox("Pinned comparisons", names, index=None, key="comparison", placeholder="Choose one", width=300)
        st.button("Show it", on_click=_show, args=(found, picked), disabled=picked is None, key="comparison_show")
        st.button(
            "Unpin", icon=":material/keep_off:", on_click=_unpin, args=(case, found, picked), disabled=picked is None,
            key="comparison_unpin",
        )  # fmt: skip


def _show(found: Comparisons, name: str) -> None:
    one = found.named(name)
    if one is None:
        return
    for known in KEYS:
        if known != "case":
            value = one.choices.get(KEYS[known])
            usual = DATA_OF[known[0]] if known in ("a_data", "b_data") else next(iter(AGAINST)) if known == "against" else None
            _set(known, value or usual)


def _set(name: str, value: str | None) -> None:
    key = KEYS[name]
    if name in _DAYS:
        st.session_state[key] = _day_of(value)
    elif value is None and (name == "windows" or name.endswith("where")):
        st.session_state.pop(key, None) if name == "windows" else st.session_state.__setitem__(key, "")
    else:
        st.session_state[key] = value


def _unpin(case: Case, found: Comparisons, name: str) -> None:
    one = found.named(name)
    try:
        if one is not None:
            unpin_comparison(case, one.id)
    except DriftscopeError as error:
        st.session_state[_SAID] = str(error)
        return
    st.session_state["comparison"] = None
    st.session_state[_SAID] = f"Unpinned: {name}. Its file moved to the trash folder beside it."
