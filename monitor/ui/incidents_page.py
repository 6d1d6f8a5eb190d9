"""The page Incidents: what happened, where, since when, what proves it, what else it may have been, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from monitor.charts import Chart
from monitor.export.html import to_html
from monitor.export.incident_report import incident_report, proof_of
from monitor.export.incident_timeline import stretches_of
from monitor.export.markdown import to_markdown
from monitor.export.postmortem import postmortem
from monitor.export.pptx import to_pptx
from monitor.export.report import Report
from monitor.export.results import as_result
from monitor.incidents.answer import incidents_answer
from monitor.incidents.cause import Cause
from monitor.incidents.condition import rows_condition
from monitor.incidents.incident import Incident, Severity
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.scene import Scene
from monitor.incidents.story import Story, story_of
from monitor.incidents.told import told_evidence
from monitor.judgement.finding import State
from monitor.registry import find_analysis
from monitor.ui import here
from monitor.ui.asking import ask_one, ask_part
from monitor.ui.comparing import skipped_note
from monitor.ui.incident_answer import answer_buttons, past_of
from monitor.ui.incident_joining import joining_buttons
from monitor.ui.incidents_box import picked_incident, severity_badges
from monitor.ui.measuring import judged_key, judged_of, question_of
from monitor.ui.opened import workspace
from monitor.ui.pinning import pin_one
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, file_button, key_figures, page_head, show_chart
from monitor.ui.remedies_box import next_of, remedies_box, tried_text
from monitor.ui.rows_behind import NARROWING
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import plural, share_text

PAGE = "incidents"
OPEN, EVERY, ANYBODY, NOBODY = "Open", "All", "All owners", "Nobody is named"
PARTS: Mapping[str, Callable[[Incident], bool]] = {
    OPEN: lambda one: not one.settled,
    "New": lambda one: not one.settled and one.state is State.NEW,
    "Ongoing": lambda one: not one.settled and one.state is State.ONGOING,
    "Over": lambda one: one.settled,
    EVERY: lambda one: True,
}
"""Incidents that can be listed: `parameters` names the same."""
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
LISTED, MORE = 8, 40
"""Incidents in sight, and those behind a fold."""


def incidents_page() -> None:
    """Show the page."""
    current = view()
    judged: JudgedIncidents = judged_of(current, PAGE)
    said = incidents_answer(judged, judged.told_as(here.asked("incident") or ""))
    page_head(PAGE, said.headline, said.doubt)
    if not judged.incidents:
        empty_state("Nothing that was found needs anybody.", "Single warnings stand on the pages of their analyses.")
        _foot(judged, {})
        return
    _figures(judged)
    listed, shown = st.columns([0.36, 0.64], gap="medium")
    with listed:
        chosen = _list(judged)
    with shown:
        charts = _detail(current, judged, chosen)
    _foot(judged, charts)


def _foot(judged: JudgedIncidents, charts: dict[str, Chart]) -> None:
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="incidents_files")
    evidence(judged.provenance, facts=_facts(judged), key="incidents_evidence")


def _figures(judged: JudgedIncidents) -> None:
    lasting = [one for one in judged.incidents if not one.settled]
    severe = sum(one.severity in (Severity.HIGH, Severity.CRITICAL) for one in lasting)
    known = [one for one in judged.incidents if one.cause is not Cause.UNKNOWN]
    explained, found = (sum(len(told_evidence(one, judged)) for one in some) for some in (known, judged.incidents))
    key_figures(
        [
            KeyFigure("Open", str(len(lasting)), f"of {plural(len(judged.incidents), 'incident')}"),
            KeyFigure("Open and severe", str(severe), "high or critical"),
            KeyFigure("Cause known", str(len(known)), f"of {plural(len(judged.incidents), 'incident')}"),
            KeyFigure("Findings explained", str(explained), f"of {found} in incidents"),
        ]
    )


def _list(judged: JudgedIncidents) -> Incident:
    """Show the incidents, and return the one that is looked at."""
    lasting = [one for one in judged.incidents if not one.settled]
    looked = picked_incident(judged, (lasting or list(judged.incidents))[0].id)
    shown = _listed(judged, usual=OPEN if any(one.id == looked for one in lasting) else EVERY)
    chosen = looked if here.asked("incident") or not shown else shown[0].id
    with st.container(border=True, gap="small", key="incidents_list"):
        if not shown:
            st.caption("None of the incidents is such a one.")
        for number, one in enumerate(shown[:LISTED]):
            _row(one, number, len(told_evidence(one, judged)), chosen=one.id == chosen)
        if rest := shown[LISTED : LISTED + MORE]:
            with st.expander(f"{len(shown) - LISTED} more", expanded=chosen in {one.id for one in rest}):
                for number, one in enumerate(rest, start=LISTED):
                    _row(one, number, len(told_evidence(one, judged)), chosen=one.id == chosen)
        if len(shown) > LISTED + MORE:
            st.caption(f"{len(shown) - LISTED - MORE} more in the download.")
    return judged.incident(chosen) or judged.incidents[0]


def _listed(judged: JudgedIncidents, *, usual: str) -> list[Incident]:
    """Ask which incidents are listed, in which state and whose."""
    which = ask_part("incidents_shown", "Shown", list(PARTS), usual=usual)
    owners = {one.id: judged.owners.of(one) or NOBODY for one in judged.incidents}
    named = [ANYBODY, *sorted(set(owners.values()))]
    several = len(named) > 2 or here.asked("incidents_owner") is not None
    whose = ask_one("incidents_owner", "Whose", named, usual=ANYBODY, label_visibility="collapsed") if several else ANYBODY
    return [one for one in judged.incidents if PARTS[which](one) and whose in (ANYBODY, owners[one.id])]


def _row(one: Incident, number: int, findings: int, *, chosen: bool) -> None:
    with st.container(gap="xxsmall"):
        title = md_escape(one.title)
        st.markdown(f"**{title}**" if chosen else title)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            severity_badges(one)
            st.caption(plural(findings, "finding"))
            if not here.presenting() and not chosen:
                st.button("See it", key=f"incident_{number}", type="tertiary", icon=":material/search:", on_click=_look, args=(one.id,))


def _look(name: str) -> None:
    here.choose({"incident": name})


def _detail(current: View, judged: JudgedIncidents, one: Incident) -> dict[str, Chart]:
    """Show one incident from top to bottom: the story, what proves it, what belongs to it, what it was not."""
    story = story_of(one, judged, then=next_of(current, one))
    st.subheader(md_escape(one.title), anchor=False)
    st.markdown("  \n".join(f":small[:gray[{name.upper()}]] {md_escape(text)}" for name, text in story.lines.items()))
    _ways(current, judged, one)
    made = ("proof", judged_key(current, PAGE), one.id, current.theme)
    scene = Scene(workspace=workspace(current), question=question_of(current), judged={})
    proof = kept(made, lambda: (proof_of(one, judged, scene, current.theme),))[0]
    if proof is not None:
        show_chart(proof, key="incident_proof", height=200)
    made = ("incident", judged_key(current, PAGE), one.id, current.theme)
    drawn = kept(made, lambda: (stretches_of(one, judged, current.theme),))[0]
    if drawn is not None:
        show_chart(drawn, key="incident_findings")
    _others(story)
    helped = remedies_box(current, one)
    past_of(current, one)
    return {name: chart for name, chart in (("proof", proof), ("findings", drawn)) if chart is not None} | helped


def _ways(current: View, judged: JudgedIncidents, one: Incident) -> None:
    if current.presenting:
        return
    ids = judged.windows.ids
    where = rows_condition(one.hypothesis, current.case, workspace(current).columns)
    with st.container(horizontal=True, vertical_alignment="center"):
        if current.windows.calendar and not bool(np.isnat(judged.windows.start).any()):
            changes = {**dict.fromkeys(NARROWING), "rows_from": ids[one.first], "rows_to": ids[one.last], "rows_where": where}
            here.link("rows", label="Its rows", changes=changes)
        for strongest in one.evidence[:1]:
            row = find_analysis(strongest.analysis)
            here.link(strongest.analysis, label=f"Strongest finding: {row.title}", changes=dict(row.look(strongest.finding)))
        pin_one(current, judged, PAGE)
        _tell(current, judged, one)
        answer_buttons(current, one)
        joining_buttons(current, judged, one)


def _tell(current: View, judged: JudgedIncidents, one: Incident) -> None:
    """Offer an incident as a page to read, slides, and the skeleton of a postmortem; each is made when it is asked for."""
    scene = Scene(workspace=workspace(current), question=question_of(current), judged={})
    name, key = f"{current.case_id}-{one.id}", f"tell_{one.id}"

    def report() -> Report:
        return incident_report(one, judged, current.case, scene, then=next_of(current, one))

    def afterwards() -> bytes:
        return postmortem(one, judged, then=tried_text(current, one))

    with st.popover("Tell it", icon=":material/ios_share:", key=key):
        file_button("Page (HTML)", lambda: to_html(report()), f"{name}.html", "text/html", key)
        file_button("Slides (PPTX)", lambda: to_pptx(report()), f"{name}.pptx", SLIDES, key)
        file_button("Markdown", lambda: to_markdown(report()), f"{name}.md", "text/markdown", key)
        file_button("Postmortem to fill in", afterwards, f"{name}-postmortem.md", "text/markdown", key)
        st.caption(f"With its data, to be checked elsewhere: `driftscope capsule CASE {one.id} --out DIR`")


def _others(story: Story) -> None:
    if story.beaten:
        st.markdown("**What it was not**")
        st.markdown("\n".join(f"- {md_escape(row['Cause'])}: {md_escape(row['Why not'])}" for row in story.beaten))


def _facts(judged: JudgedIncidents) -> dict[str, str]:
    much, most = (share_text(one) for one in (judged.thresholds.much, judged.thresholds.most))
    return {
        "Cause": "the hypothesis that explains most of what was found, less a price for each free choice; tested on rows that it was not "
        "fitted on",
        "Belongs": "what was found by the cause, is about its columns, or follows from it within its time",
        "Severity": f"two points where the model became worse, one where its answers moved, one for {much} of rows and one for {most}, one "
        "while it lasts: medium from one, high from three, critical from four; warnings alone and seasons are low, versions and mixes "
        "medium unless the model became worse",
        "Not an incident": "single warnings that no other analysis shares",
    }
