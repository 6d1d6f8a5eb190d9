"""The address of this session: read at the start of each run, changed by what a person chooses, written by the frame.

Nothing else in the screens reads or writes the address, makes a link to a page or binds a widget to the address; a test sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from monitor.access.exposure import local
from monitor.ui import navigation
from monitor.ui.address import Address, Refusal
from monitor.ui.navigation import PageEntry
from monitor.ui.parameters import YES
from monitor.ui.text import md_escape

_KEPT, _WRITTEN, _CHOSEN = "address.kept", "address.written", "address.chosen"
_NOTICES: ContextVar[DeltaGenerator | None] = ContextVar("notices", default=None)


def read() -> Address:
    """Take over the address of the browser if it is another than the one that was written, and return what holds.

    A run that a choice started keeps to the choice: the browser may not have received the last address yet.
    """
    state, browser = st.session_state, _in_browser()
    chosen = state.pop(_CHOSEN, False)
    if _KEPT not in state or (not chosen and browser != state.get(_WRITTEN)):
        state[_KEPT] = browser
    return address()


def write() -> None:
    """Write what holds into the address of the browser."""
    if _in_browser() != address():
        st.query_params.from_dict(address().query())
    st.session_state[_WRITTEN] = address()


def _in_browser() -> Address:
    return Address({name: tuple(st.query_params.get_all(name)) for name in st.query_params})


def address() -> Address:
    """Return the address that holds."""
    kept = st.session_state.get(_KEPT)
    return kept if isinstance(kept, Address) else Address()


def asked(name: str) -> str | None:
    """Return what the address asks for, if it is honoured.

    Raises
    ------
    SettingError
        When the table of parameters has no such name.
    """
    return address().text(name)


def name_case(case_id: str) -> None:
    """Write a case into an address that names none."""
    st.session_state[_KEPT] = Address({"case": (case_id,), **address().values})


def choose(changes: Mapping[str, str | None]) -> None:
    """Choose something else; None takes a choice back. For callbacks: the run that follows shows it and writes it."""
    set_address(address().change(changes))


def set_address(new: Address) -> None:
    """Go to another address on the same page. For callbacks."""
    st.session_state[_KEPT] = new
    st.session_state[_CHOSEN] = True


def leave_out(*names: str) -> None:
    """Take choices back, whatever they said. For callbacks."""
    set_address(address().without(names))


def app() -> str:
    """Return the address at which others reach this app; empty where only this machine does."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.hostname and not local(parts.hostname) else ""


def presenting() -> bool:
    """Say whether `?present=true` hides the controls; an address that names a slide presents it."""
    said = asked("present")
    return asked("slide") is not None if said is None else said.lower() in YES


def link(url: str, *, label: str = "", icon: str = "", changes: Mapping[str, str | None] | None = None) -> None:
    """Show a link to a page that takes every choice along, with some changed."""
    link_to(url, address().change(changes or {}), label=label, icon=icon)


def link_to(url: str, to: Address, *, label: str = "", icon: str = "") -> None:
    """Show a link to a page with an address of its own."""
    one = navigation.entry(url)
    st.page_link(one.path, label=label or one.title, icon=icon or one.icon, query_params=to.query())


def menu_link(one: PageEntry, page: StreamlitPage) -> None:
    """Show the entry of a page in the menu; `page` is the one that is open, which may stand at two addresses."""
    target = page if navigation.entry_of(page) == one else one.path
    st.page_link(target, label=one.title, icon=one.icon, help=one.question, query_params=address().query())


def set_notices(place: DeltaGenerator) -> None:
    """Keep the place where this run says what it cannot honour."""
    _NOTICES.set(place)


def refuse(name: str, why: str, *, also: tuple[str, ...] = ()) -> None:
    """Say at the top of the page that a choice is not honoured and why, with a button that takes it out of the address."""
    place = _NOTICES.get()
    with place if place is not None else st.container():
        row = st.container(horizontal=True, vertical_alignment="center", key=f"refused.{name}")
        row.warning(md_escape(why), icon=":material/link_off:", width="stretch")
        if not presenting():
            row.button("Leave it out", key=f"leave.{name}", on_click=leave_out, args=(name, *also), type="tertiary")


def say_refusals(page: str, *, comparing: bool) -> None:
    """Say what of the address this page does not honour; a page that compares refuses the comparison itself."""
    for one in address().refusals():
        if one.page in ("", page) and not (one.compares_otherwise and (comparing or one.name == "case")):
            refuse(one.name, one.why)


def blocking(*, comparing: bool) -> tuple[Refusal, ...]:
    """Return what has to be put right before anything can be shown."""
    return tuple(one for one in address().refusals() if one.compares_otherwise and (comparing or one.name == "case"))
