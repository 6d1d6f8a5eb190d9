"""The two sides in the global bar: what each is, how they change places, and comparisons that are kept."""

from __future__ import annotations

import streamlit as st

from monitor.case import Case
from monitor.engine import Workspace, file_names, model_versions
from monitor.errors import DriftscopeError
from monitor.export.comparisons import Comparisons, list_comparisons, pin_comparison, unpin_comparison
from monitor.ui import asking, here
from monitor.ui.opened import workspace_of
from monitor.ui.parameters import AGAINST_WORDS, ANOTHER_PERIOD, COMPARISON, SIDES
from monitor.ui.state import DATA_OF
from monitor.ui.text import md_escape

TITLES = {"a": "**A** :small[:gray[drawn grey]]", "b": "**B** :small[:gray[drawn blue, cut in windows]]"}
USUAL = {SIDES["a"]["data"]: DATA_OF["a"], SIDES["b"]["data"]: DATA_OF["b"], "a": AGAINST_WORDS[0]}
"""What the comparison is where the address says nothing."""
_SAID = "comparison_said"


def both_sides(case: Case | None, *, presenting: bool) -> None:
    """Show what each side is made of and, unless presenting, the comparisons that are kept."""
    workspace = _opened(case)
    with st.container(width=680):
        for column, side in zip(st.columns(2, gap="medium"), DATA_OF, strict=True):
            with column:
                st.markdown(TITLES[side])
                _side(side, workspace)
    asking.bar_one(
        "a", "Each window of B is compared with", AGAINST_WORDS, usual=USUAL["a"],
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
    name, letter = SIDES[side], side.upper()
    data, change = _data_of(side), asking.on_change_of(name["data"], DATA_OF[side], then=_leave_old_link)
    asking.bar_part(name["data"], f"Data set of {letter}", list(DATA_OF.values()), value=data, change=change)
    with st.container(horizontal=True):
        asking.bar_day(name["from"], f"First day of {letter}")
        asking.bar_day(name["to"], f"Last day of {letter}")
    asking.bar_text(
        name["where"], f"Segment of {letter}", placeholder="origin = 'JFK'", help="A condition in SQL that only this side has to meet."
    )
    versions = model_versions(workspace, data) if workspace else ()
    asking.bar_one(name["version"], f"Model version of {letter}", versions, placeholder="any")
    files = file_names(workspace, data) if workspace else ()
    asking.bar_one(name["file"], f"File of {letter}", files if len(files) > 1 else (), placeholder="any")


def _data_of(side: str) -> str:
    """Return the data set of a side; links of older versions say another period, which was always one of production."""
    old = side == "a" and here.asked("a") == ANOTHER_PERIOD
    return "production" if old else here.asked(SIDES[side]["data"]) or DATA_OF[side]


def _leave_old_link() -> dict[str, str | None]:
    return {"a": None} if here.asked("a") == ANOTHER_PERIOD else {}


def _swap() -> None:
    """Let the sides change places; a window before its own makes no sense of the other side."""
    asked = {side: {part: here.asked(name) for part, name in SIDES[side].items()} | {"data": _data_of(side)} for side in DATA_OF}
    changes: dict[str, str | None] = {"a": None}
    for side, other in (("a", "b"), ("b", "a")):
        changes |= {SIDES[side][part]: text for part, text in asked[other].items()}
    _choose(changes)


def _choose(changes: dict[str, str | None]) -> None:
    """Choose sides; what is so anyway is left out of the address."""
    here.choose({name: None if USUAL.get(name) == text else text for name, text in changes.items()})


def _choices(case: Case) -> dict[str, str]:
    """Return the whole comparison, what is usual as well, so that it stays the same when the case is edited."""
    usual = USUAL | {"win": str(case.windows)}
    return {name: text for name in COMPARISON if (text := here.asked(name) or usual.get(name))}


def _pin(case: Case) -> None:
    st.text_input("Name of this comparison", key="comparison_name", placeholder="JFK against Newark", width=220, max_chars=80)
    st.button(
        "Pin this comparison", icon=":material/push_pin:", on_click=_pin_now, args=(case,),
        help="Kept with the case under the name on the left, for everyone who opens it.",
    )  # fmt: skip


def _pin_now(case: Case) -> None:
    try:
        made = pin_comparison(case, str(st.session_state["comparison_name"]), _choices(case))
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
    _choose({known: one.choices.get(known) for known in COMPARISON})


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
