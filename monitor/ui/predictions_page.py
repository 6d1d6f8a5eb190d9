"""The page Predictions: does the model answer differently than before?"""

from __future__ import annotations

import streamlit as st

from monitor.analyses.output import summarise_output
from monitor.analyses.predictions import OUTPUTS
from monitor.ui.comparing import drift_screen
from monitor.ui.measuring import screen
from monitor.ui.opened import workspace
from monitor.ui.overview_page import output_charts
from monitor.ui.present import empty_state, page_head, show_chart
from monitor.ui.state import view
from monitor.ui.work import kept


def predictions_page() -> None:
    """Show the page."""
    current = view()
    if not workspace(current).measured(roles=OUTPUTS):
        page_head("predictions", "The case names neither predictions nor scores.")
        empty_state("There is nothing to compare.", "Give a column the role prediction or score.", page="setup")
        return
    head, output = st.container(), st.container()
    with output:
        shown = screen(current, "predictions")
        charts = kept(
            ("output", shown.key, current.theme), lambda: output_charts(current, summarise_output(shown.judged.result, current.case))
        )
        pairs = list(charts.items())
        for first in range(0, len(pairs), 2):
            for place, (name, chart) in zip(st.columns(2, gap="medium"), pairs[first : first + 2], strict=False):
                with place:
                    show_chart(chart, key=f"predictions_{name}")
    drift_screen(current, analysis="predictions", head=head)
