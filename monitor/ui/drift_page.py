"""The page Drift: which columns changed, since when and how much?"""

from __future__ import annotations

import streamlit as st

from monitor.judgement.findings import find_drift
from monitor.judgement.sentences import answer
from monitor.ui.comparing import drift_screen, figures
from monitor.ui.measuring import judged
from monitor.ui.present import page_head
from monitor.ui.state import view


def drift_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    result = judged(current)
    with head:
        page_head("drift", answer(result))
        figures(result, find_drift(result))
    drift_screen(current, analysis="drift")
