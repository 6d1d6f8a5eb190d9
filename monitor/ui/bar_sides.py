"""The two sides in the global bar: what each is, how they change places, and comparisons that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from monitor.analyses.chosen_sides import AGAINST_WORDS, ANOTHER_PERIOD, DATA_OF, SIDES
from monitor.case import Case, WindowSize
from monitor.engine import Workspace, file_names, model_versions, time_span
from monitor.errors import DriftscopeError
from monitor.export.comparisons import Comparisons, list_comparisons, pin_comparison, unpin_comparison
from monitor.ui import asking, here
from monitor.ui.bar_rows import example_condition
from monitor.ui.door import locked
from monitor.ui.opened import workspace_of
from monitor.ui.parameters import COMPARISON
from monitor.ui.presets import Changes, Held, Period, presets
from monitor.ui.text import md_escape

TITLES = {"a": "**A** :small[:gray[drawn grey]]", "b": "**B** :small[:gray[drawn blue, cut in windows]]"}
USUAL = {SIDES["a"]["data"]: DATA_OF["a"], SIDES["b"]["data"]: DATA_OF["b"], "a": AGAINST_WORDS[0]}
"""What the comparison is where the address says nothing."""
_SAID, _PRESET = "comparison_said", "comparison_preset"


def both_sides(case: Case | None) -> None:
    """Show what can be compared by name, what each side is made of, and the comparisons that are kept."""
    workspace = opened(case)
    if case is not None and workspace is not None:
        _presets(case, workspace)
    if case is not None:
        _kept(case)
    with st.form("sides", border=False, width=680):
        for column, side in zip(st.columns(2, gap="medium"), DATA_OF, strict=True):
            with column:
                st.markdown(TITLES[side])
                _side(side, workspace)
        asking.bar_one(
            "a", "Each window of B is compared with", AGAINST_WORDS, usual=USUAL["a"], in_form=True,
            help="All of A, or windows before it: of A and then of B, in time. Windows marked as incidents are left out of those.",
        )  # fmt: skip
        st.form_submit_button(
            "Apply", type="primary", icon=":material/check:", on_click=_apply, args=(_shown(workspace),),
            help="Several changes are measured once.",
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Swap A and B", icon=":material/swap_horiz:", on_click=_swap)
        if case is not None:
            _pin(case)


def opened(case: Case | None) -> Workspace | None:
    """Return the data of a case, None where there is something wrong with them: the page says what."""
    try:
        return workspace_of(case) if case is not None else None
    except DriftscopeError:
        return None


def _presets(case: Case, workspace: Workspace) -> None:
    """Offer the comparisons that the data allow; choosing one shows it."""
    found = presets(held(workspace), _asked_period(), _size(case))
    st.selectbox(
        "Compare", list(found), index=None, key=_PRESET, placeholder="Choose a comparison, or make one below", width=680,
        on_change=_choose_preset, args=(found,),
    )  # fmt: skip


def _choose_preset(found: Mapping[str, Changes]) -> None:
    name = st.session_state[_PRESET]
    st.session_state[_PRESET] = None
    if name in found:
        _choose(dict(found[name]))


def _asked_period() -> Period | None:
    first, last = (here.asked(SIDES["b"][part]) for part in ("from", "to"))
    return Period(date.fromisoformat(first), date.fromisoformat(last)) if first and last and first <= last else None


def _size(case: Case) -> WindowSize:
    asked = here.asked("win")
    return WindowSize.parse(asked) if asked else case.windows


def held(workspace: Workspace) -> Held:
    """Return what the data sets of a case hold to choose from."""
    spans = {data: time_span(workspace, data) for data in DATA_OF.values()}
    days = {data: Period(span[0].date(), span[1].date()) for data, span in spans.items() if span is not None}
    versions = {data: model_versions(workspace, data) for data in DATA_OF.values()}
    return Held(days, versions, {data: file_names(workspace, data) for data in DATA_OF.values()})


def _offered(workspace: Workspace | None) -> dict[str, tuple[str, ...]]:
    """Return the versions and files to choose from, whichever data set a side is."""
    if workspace is None:
        return {"version": (), "file": ()}
    found = held(workspace)
    files = tuple(dict.fromkeys(name for names in found.files.values() if len(names) > 1 for name in names))
    return {"version": tuple(dict.fromkeys(one for every in found.versions.values() for one in every)), "file": files}


def _shown(workspace: Workspace | None) -> tuple[str, ...]:
    """Return the parameters that the form has a field for."""
    offered = _offered(workspace)
    parts = [name for side in SIDES.values() for part, name in side.items() if part not in offered or offered[part] or here.asked(name)]
    return (*parts, "a")


def _side(side: str, workspace: Workspace | None) -> None:
    name, letter, offered = SIDES[side], side.upper(), _offered(workspace)
    asking.bar_part(name["data"], f"Data set of {letter}", list(DATA_OF.values()), value=_data_of(side))
    with st.container(horizontal=True):
        asking.bar_day(name["from"], f"First day of {letter}")
        asking.bar_day(name["to"], f"Last day of {letter}")
    asking.bar_text(
        name["where"], f"Segment of {letter}", placeholder=example_condition(workspace), in_form=True,
        help="A condition in SQL that only this side has to meet.",
    )  # fmt: skip
    asking.bar_one(name["version"], f"Model version of {letter}", offered["version"], placeholder="any", in_form=True)
    asking.bar_one(name["file"], f"File of {letter}", offered["file"], placeholder="any", in_form=True)


def _apply(names: Sequence[str]) -> None:
    """Choose everything that stands in the form at once; what a link of an older version says of A goes once A is another data set."""
    changes: dict[str, str | None] = {name: asking.entered(name) or None for name in names}
    if changes["a"] == ANOTHER_PERIOD and changes[SIDES["a"]["data"]] != "production":
        changes["a"] = None
    _choose(changes)


def _data_of(side: str) -> str:
    """Return the data set of a side; links of older versions say another period, which was always one of production."""
    old = side == "a" and here.asked("a") == ANOTHER_PERIOD
    return "production" if old else here.asked(SIDES[side]["data"]) or DATA_OF[side]


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
    st.text_input("Name of this comparison", key="comparison_name", placeholder="April against March", width=220, max_chars=80)
    st.button(
        "Pin this comparison", icon=":material/push_pin:", on_click=_pin_now, args=(case,), disabled=locked(),
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
        picked = st.selectbox("Pinned comparisons", names, index=None, key="comparison", placeholder="Choose one", width=360)
        st.button("Show it", on_click=_show, args=(found, picked), disabled=picked is None, key="comparison_show")
        st.button(
            "Unpin", icon=":material/keep_off:", on_click=_unpin, args=(case, found, picked), disabled=picked is None or locked(),
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
