"""Who writes: whoever signed in, else the name that somebody gave in this session, else the account of this machine."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from monitor.export.incident_records import by
from monitor.export.words import account
from monitor.incidents.record import By
from monitor.ui.door import locked, signed_in
from monitor.ui.text import md_escape

_NAME = "writer_name"
LONGEST_NAME = 80


def writer() -> By:
    """Return who changes something now."""
    return by(_signed_in() or str(st.session_state.get(_NAME) or "").strip() or account())


def ask_name() -> None:
    """Ask under which name changes are noted, where nobody signs in."""
    if signed := _signed_in():
        st.caption(f"You write as {md_escape(signed)}.")
        return
    st.text_input("You write as", key=_NAME, placeholder=account(), max_chars=LONGEST_NAME, width=220, help="Stands in the history.")


def _signed_in() -> str:
    person = signed_in()
    return "" if person is None else person.id


def away_button(what: str, name: str, act: Callable[[], None]) -> None:
    """Offer to take a thing away, such as a "board", by its name."""
    label, key = f"Take this {what} away", f"{what}_away_{name}"
    st.button(label, key=key, icon=":material/delete:", on_click=act, type="tertiary", disabled=locked())
