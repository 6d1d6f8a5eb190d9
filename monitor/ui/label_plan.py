"""The button that says which rows to label next."""

from __future__ import annotations

import streamlit as st

from monitor.analyses.label_plan import plan_case
from monitor.export.files import to_csv
from monitor.judgement.estimate import JudgedEstimate
from monitor.ui.measuring import question_of
from monitor.ui.opened import workspace
from monitor.ui.state import View
from monitor.wording import count_text

MANY = 200
"""Rows that are planned unless another number is chosen."""


def show_label_plan(current: View, judged: JudgedEstimate) -> None:
    """Offer a plan where rows wait for labels and have an id."""
    waiting = int((judged.result.rows - judged.result.labelled).sum())
    if not waiting or current.case.roles.id is None or current.presenting:
        return
    st.markdown("#### Which rows to label next")
    st.caption(
        f"{count_text(waiting)} rows have no label. The plan takes more of those whose label tells more, by tenth of score and decision; "
        "read back as labels, its weights keep every metric unbiased."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        many = st.number_input("Rows", min_value=1, max_value=waiting, value=min(MANY, waiting), width=160, key="estimate_plan_rows")
        st.download_button(
            "Download the plan",
            data=lambda: to_csv(plan_case(workspace(current), int(many), question_of(current))),
            file_name=f"{current.case_id}-labels.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/checklist:",
            key="estimate_plan",
        )
