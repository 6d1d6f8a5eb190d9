"""What happened, on other pages: the open incidents where they were looked for, else the way to look for them."""

from __future__ import annotations

import streamlit as st

from monitor.incidents.incident import Incident, Severity
from monitor.incidents.judged import JudgedIncidents
from monitor.ui import here
from monitor.ui.findings_list import STATES
from monitor.ui.measuring import already_judged
from monitor.ui.state import View
from monitor.ui.status import BadgeColour
from monitor.ui.text import md_escape

PAGE = "incidents"
SHOWN = 4
COLOURS: dict[Severity, BadgeColour] = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "orange",
    Severity.LOW: "gray",
}


def incidents_box(current: View) -> None:
    """Show the open incidents, the most severe first; before they were looked for, what looking would say."""
    judged: JudgedIncidents | None = already_judged(current, PAGE)
    with st.container(border=True, key="incidents_box"):
        if judged is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown("What happened? All analyses together, grouped by cause, place and onset.", width="content")
                here.link(PAGE, label="Look for causes")
            return
        lasting = [one for one in judged.incidents if not one.settled]
        over = len(judged.incidents) - len(lasting)
        st.markdown(f"**Incidents: {len(lasting)} open, {over} over**")
        for one in (lasting or list(judged.incidents))[:SHOWN]:
            _line(one)


def _line(one: Incident) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        severity_badges(one)
        here.link(PAGE, label=md_escape(one.title), changes={"incident": one.id})


def severity_badges(one: Incident) -> None:
    """Show how severe an incident is, and whether it goes on."""
    st.badge(one.severity.value.capitalize(), color=COLOURS[one.severity])
    st.badge(STATES[one.state], color="gray")
    if one.record is not None:
        st.badge(one.workflow.value, color="gray")
