"""The page KPIs: are the goals met, which way do they go, what lies behind a miss and what does it cost?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.charts import Theme, series_chart
from monitor.errors import ColumnMissingError, KindError, MethodError
from monitor.export.files import to_csv
from monitor.judgement.kpis import Goal, State, Tree, kpi_headline
from monitor.registry.goals import goals_of
from monitor.ui.measuring import judged_of, question_of
from monitor.ui.money_doubt import money_doubt
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state, page_head, show_chart
from monitor.ui.state import view
from monitor.ui.text import md_escape
from monitor.wording import plural

PAGE = "kpis"
LOOK = {
    State.MET: ("Met", ":material/check_circle:", "green"),
    State.CLOSE: ("Nearly met", ":material/change_history:", "orange"),
    State.MISSED: ("Missed", ":material/error:", "red"),
    State.UNKNOWN: ("Not known", ":material/help:", "gray"),
}
EXAMPLE = 'In case.toml: [[kpis]] name = "Fraud found", metric = "recall", target = 0.3, owner = "…", parent = "the goal that it serves".'


def kpis_page() -> None:
    """Show the page."""
    current = view()
    if not current.case.kpis:
        page_head(PAGE, "This case has no goals yet.")
        empty_state("Nobody wrote down what is to be reached.", EXAMPLE)
        return
    try:
        tree = goals_of(workspace(current), question_of(current), lambda name: judged_of(current, name))
    except (ColumnMissingError, KindError, MethodError) as error:
        page_head(PAGE, "The goals cannot be read.", str(error))
        return
    page_head(PAGE, kpi_headline(tree), _doubt(tree))
    money_doubt(current, PAGE)
    unit = current.windows.unit if current.windows.calendar else "window"
    for goal in tree.goals:
        _card(tree, goal, unit, current.theme)
    st.download_button(
        "Download the goals by window", data=lambda: to_csv(_by_window(tree)), file_name=f"{current.case_id}-kpis.csv", mime="text/csv",
        on_click="ignore", icon=":material/download:", key="kpis_file",
    )  # fmt: skip


def _doubt(tree: Tree) -> str:
    waiting = sum(one.state is State.UNKNOWN for one in tree.goals)
    late = f" {plural(waiting, 'goal')} cannot be read yet." if waiting else ""
    return f"Each goal is told of the last window that is complete; labels may come weeks later.{late}"


def _card(tree: Tree, goal: Goal, unit: str, theme: Theme) -> None:
    """Show one goal: how it stands, its course, what lies behind it, what it costs, who owns it."""
    indent = tree.depth[goal.section.name]
    place = st.columns([0.04 * indent, 1 - 0.04 * indent])[1] if indent else st.container()
    word, icon, colour = LOOK[goal.state]
    with place, st.container(border=True):
        left, right = st.columns([0.68, 0.32], gap="medium")
        with left:
            st.markdown(f"**{md_escape(tree.sentence(goal))}**")
            with st.container(horizontal=True, gap="small"):
                st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
                if goal.section.owner:
                    st.badge(md_escape(goal.section.owner), icon=":material/person:", color="gray")
                st.badge(md_escape(goal.title), color="gray")
            for text in (tree.contribution(goal), tree.cost(goal)):
                if text:
                    st.caption(md_escape(text))
        with right:
            rows = pd.DataFrame({"window": goal.windows, "value": goal.values}).dropna()
            if len(rows):
                chart = series_chart(
                    rows, label="Share" if goal.share else "Value", share=goal.share, title=f"{goal.title} by {unit}", theme=theme
                )
                show_chart(chart, key=f"kpis_{goal.section.name}", height=70)


def _by_window(tree: Tree) -> pd.DataFrame:
    rows = [
        {"goal": one.section.name, "parent": one.section.parent, "metric": one.section.metric, "window": window, "value": value,
         "target": one.section.target, "tolerance": one.section.tolerance, "state": state.value, "owner": one.section.owner}
        for one in tree.goals
        for window, value, state in zip(one.windows, one.values, one.states, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)
