"""The page Drift: which columns changed, since when and how much?"""

from __future__ import annotations

import streamlit as st

from monitor.ui.comparing import drift_screen
from monitor.ui.state import view


def drift_page() -> None:
    """Show the page."""
    drift_screen(view(), analysis="drift", head=st.container())
