"""Popovers that close by themselves once what they ask for is kept: what they cover is what was changed."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from monitor.ui.door import locked

_CLOSING = "drawer.closing"


def drawer(label: str, *, icon: str, key: str, only_asks: bool = True) -> DeltaGenerator:
    """Return a popover that `close_drawer` closes; what only asks to change things is locked where nothing may be changed."""
    if st.session_state.get(_CLOSING) == key:
        del st.session_state[_CLOSING]
        st.session_state[key] = False
    return st.popover(label, icon=icon, key=key, disabled=only_asks and locked(), on_change="rerun")


def close_drawer(key: str) -> None:
    """Close a popover with the next run, which is to follow."""
    st.session_state[_CLOSING] = key
