"""Doing something and saying that it was done, or why it could not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from monitor.errors import DriftscopeError
from monitor.ui.text import md_escape


def told(act: Callable[[], Any], done: str = "") -> bool:
    """Do something and say that it was done, or why it could not be; return whether it was."""
    try:
        act()
    except DriftscopeError as error:
        st.toast(md_escape(error), icon=":material/error:")
        return False
    if done:
        st.toast(done, icon=":material/check_circle:")
    return True
