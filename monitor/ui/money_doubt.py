"""Money that is made of values which an incident made wrong: it is said, with a way to leave these rows out."""

from __future__ import annotations

import streamlit as st

from monitor.analyses.chosen_sides import SIDES
from monitor.analyses.condition_words import leaves_out, left_out
from monitor.engine import both_conditions
from monitor.incidents.condition import rows_condition
from monitor.incidents.incident import Incident
from monitor.retraining.found import wrong_rows
from monitor.ui import here
from monitor.ui.measuring import already_judged
from monitor.ui.opened import workspace
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.wording import count_text, list_text

INCIDENTS = "incidents"
WHERE = SIDES["b"]["where"]


def money_doubt(current: View, page: str) -> None:
    """Say which incidents lie in columns that money is made of, over how many rows; nothing where the case names no such column."""
    columns = () if current.case.value is None else current.case.value.columns()
    if not columns:
        return
    judged = already_judged(current, INCIDENTS)
    if judged is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            told = list_text([current.case.label(name) for name in columns])
            st.caption(md_escape(f"Money is made of {told}; {_unseen(current)}"), width="content")
            here.link(INCIDENTS, label="Look for incidents")
        return
    for one in judged.incidents:
        if set(one.hypothesis.columns) & set(columns) and wrong_rows([one], current.case.timezone):
            _told(current, page, one)


def _unseen(current: View) -> str:
    """Say what is not known of values where nobody looked for incidents in the rows that are shown."""
    if leaves_out(current.production.where):
        return "the rows above are left out of it. Whether values of the others are right was not looked at."
    return "whether its values are right was not looked at."


def _told(current: View, page: str, one: Incident) -> None:
    rows = count_text(one.hypothesis.rows)
    condition = rows_condition(one.hypothesis, current.case, workspace(current).columns)
    with st.container(horizontal=True, vertical_alignment="center", key=f"money_{one.id}"):
        st.markdown(f":material/warning: {md_escape(f'{one.title}: money counts these {rows} rows as they stand.')}", width="content")
        if condition is not None:
            others, kept = left_out(condition), current.production.where
            changes = {WHERE: both_conditions(kept, others) if kept else others}
            here.link(page, label=f"Leave these {rows} rows out", icon=":material/filter_alt_off:", changes=changes)
        here.link(INCIDENTS, label="The incident", changes={"incident": one.id})
