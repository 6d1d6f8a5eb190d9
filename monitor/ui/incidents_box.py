"""What happened, on other pages: the open incidents, which a page looks for once it has shown everything else."""

from __future__ import annotations

import os
from collections.abc import Collection

import streamlit as st

from monitor.incidents.incident import Incident, Severity
from monitor.incidents.judged import JudgedIncidents
from monitor.registry import find_analysis
from monitor.ui import here
from monitor.ui.asking import picked
from monitor.ui.findings_list import STATES
from monitor.ui.measuring import already_judged, judged_of
from monitor.ui.state import View
from monitor.ui.status import BadgeColour
from monitor.ui.text import md_escape
from monitor.ui.work import stopped_something

PAGE = "incidents"
SHOWN = 6
LOOK_VARIABLE = "DRIFTSCOPE_LOOK"
"""Environment variable that says when pages look for incidents: by themselves (without it), or when a person asks (`asked`)."""
ASKED = "asked"
COLOURS: dict[Severity, BadgeColour] = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "orange",
    Severity.LOW: "gray",
}
SEVERE: Collection[Severity] = (Severity.CRITICAL, Severity.HIGH)


def incidents_at_hand(current: View) -> JudgedIncidents | None:
    """Return the incidents if they were looked for with these choices before."""
    found: JudgedIncidents | None = already_judged(current, PAGE)
    return found


def look_for_incidents(current: View) -> bool:
    """Look for incidents with progress and a Stop where this is called; say whether they are at hand now: not where a person has to ask, or
    stopped it, or the case lacks what it needs."""
    by_itself = os.environ.get(LOOK_VARIABLE) != ASKED
    if not by_itself or stopped_something() or find_analysis(PAGE).lacks(current.case):
        return False
    with st.container(border=True):
        st.markdown("Looking for what happened: all analyses together, grouped by cause, place and onset.")
        judged_of(current, PAGE)
    return True


def severe(judged: JudgedIncidents | None) -> bool:
    """Say whether an incident is open that is high or critical."""
    return judged is not None and any(not one.settled and one.severity in SEVERE for one in judged.incidents)


def incidents_box(judged: JudgedIncidents | None) -> None:
    """Show the incidents, those that are open first, the most severe first; before they were looked for, the way to look."""
    with st.container(border=True):
        if judged is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown("What happened? All analyses together, grouped by cause, place and onset.", width="content")
                here.link(PAGE, label="Look for causes")
            return
        lasting = [one for one in judged.incidents if not one.settled]
        shown = [*lasting, *(one for one in judged.incidents if one.settled)]
        over = len(judged.incidents) - len(lasting)
        st.markdown(f"**Incidents: {len(lasting)} open, {over} over**" if judged.incidents else "**No incident**")
        for one in shown[:SHOWN]:
            _line(one)
        if len(shown) > SHOWN:
            here.link(PAGE, label=f"{len(shown) - SHOWN} more")


def _line(one: Incident) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        severity_badges(one)
        here.link(PAGE, label=md_escape(one.title), changes={"incident": one.id})


def picked_incident(judged: JudgedIncidents, usual: str) -> str:
    """Return the id of the incident that the address asks for, of one that is told with another the other's; else `usual`, and why."""
    home = judged.homes.get(here.asked("incident") or "")
    return home or picked("incident", [one.id for one in judged.incidents], usual)


def severity_badges(one: Incident) -> None:
    """Show how severe an incident is, and whether it goes on."""
    st.badge(one.severity.value.capitalize(), color=COLOURS[one.severity])
    st.badge(one.lasts or STATES[one.state], color="gray")
    if one.record is not None:
        st.badge(one.workflow.value, color="gray")
