"""What belongs to an incident, by hand: told with another one, without some of its findings, and with links to pages about it."""

from __future__ import annotations

import streamlit as st

from monitor.errors import SelectionError
from monitor.export.incident_records import keep_incident, list_incidents
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.record import LONGEST, By, Record, check_link, linked, merged, parted, split
from monitor.judgement.narration.sentences import headline
from monitor.ui.door import locked
from monitor.ui.drawer import drawer
from monitor.ui.incident_answer import keep_change, record_for
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.writer import writer

ALONE = "stands on its own"


def joining_buttons(current: View, judged: JudgedIncidents, one: Incident) -> None:
    """Offer to tell an incident with another, to split findings off, and to link it."""
    others = {other.id: other.title for other in judged.incidents if other.id != one.id}
    names = {each.key: headline(each.finding, judged.names, judged.against) for each in one.evidence}
    with drawer("Merge, split, link", icon=":material/call_merge:", key=_key(one)), st.form(f"join_form_{one.id}", border=False):
        into = st.selectbox(
            "It is the same incident as", ["", *others], format_func=lambda each: others.get(each, ALONE), key=f"incident_into_{one.id}"
        )
        off = st.multiselect(
            "Findings that are no part of it", list(names), format_func=lambda each: names[each], key=f"incident_split_{one.id}"
        )
        link = st.text_input("Link to a ticket or page", max_chars=LONGEST, placeholder="https://", key=f"incident_link_{one.id}")
        if st.form_submit_button("Keep", type="primary"):
            _change(current, judged, one, (into or "", tuple(off), link.strip()))
    _undo(current, one)


def _change(current: View, judged: JudgedIncidents, one: Incident, said: tuple[str, tuple[str, ...], str]) -> None:
    into, off, link = said
    if not any(said):
        st.error("Choose an incident, findings, or write a link.", icon=":material/error:")
    elif off and len(off) == len(one.evidence):
        st.error("An incident keeps at least one finding. To say that nothing happened, use 'Was this right?'.", icon=":material/error:")
    elif wrong := _no_link(link):
        st.error(md_escape(wrong), icon=":material/error:")
    else:

        def change(record: Record, who: By) -> Record:
            return _said(record, who, (_home(current, judged, into), off, link))

        keep_change(current, one, change, drawer=_key(one), shown=into)


def _key(one: Incident) -> str:
    return f"join_{one.id}"


def _no_link(link: str) -> str:
    """Say what is wrong with a link, before anything is kept; empty where nothing is, or none was written."""
    try:
        return "" if not link or check_link(link) else link
    except SelectionError as error:
        return str(error)


def _home(current: View, judged: JudgedIncidents, into: str) -> Record | None:
    """Return the record of the incident that another is told with, kept if it was not: its id is to stay."""
    other = judged.incident(into) if into else None
    return None if other is None else keep_incident(current.case, record_for(current, other, writer()))


def _said(record: Record, who: By, told: tuple[Record | None, tuple[str, ...], str]) -> Record:
    into, off, link = told
    changed = record if into is None else merged(record, into, who)
    changed = split(changed, off, who) if off else changed
    return linked(changed, link, who) if link else changed


def _undo(current: View, one: Incident) -> None:
    """Show what was merged into an incident, with the way back, and its links."""
    titles = {away.id: away.title for away in one.absorbed}
    for number, each in enumerate(list_incidents(current.case).records):
        if each.merged_into == one.id:  # which may not be found any more
            told = titles.get(each.id) or f"{each.told_cause.value.replace('_', ' ')} since {each.start[:10]}"
            st.button(
                f"Told with it: {md_escape(told)}. Part them again", key=f"part_{one.id}_{number}", type="tertiary",
                icon=":material/call_split:", on_click=_part, args=(current, each), disabled=locked(),
            )  # fmt: skip
    for link in () if one.record is None else one.record.links:
        st.link_button(md_escape(link), link, icon=":material/link:", type="tertiary")


def _part(current: View, record: Record) -> None:
    keep_incident(current.case, parted(record, writer()))
