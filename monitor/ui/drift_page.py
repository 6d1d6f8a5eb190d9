"""The page Drift: which columns changed, since when and how much?"""

from __future__ import annotations

import streamlit as st

from monitor.judgement.sentences import answer
from monitor.ui.comparing import drift_screen, figures
from monitor.ui.measuring import screen
from monitor.ui.present import page_head
from monitor.ui.state import view
from monitor.ui.work import kept


def drift_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    shown = screen(current)
    with head:
        page_head("drift", kept(("answer", shown.key), lambda: answer(shown.judged)))
        figures(shown)
    drift_screen(current, analysis="drift")
