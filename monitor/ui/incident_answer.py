"""What people say of an incident: was the cause right, who deals with it and how far, what was done; and incidents of the past like it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from monitor.errors import DriftscopeError
from monitor.export.incident_records import change_incident, list_incidents, note_known
from monitor.incidents.cause import Cause
from monitor.incidents.incident import Incident
from monitor.incidents.memory import similar
from monitor.incidents.record import (
    LONGEST,
    Answer,
    By,
    Record,
    Workflow,
    confirmed,
    corrected,
    dismissed,
    explained,
    measured,
    moved,
    noted,
    opened,
    owned,
    remedied,
)
from monitor.ui import here
from monitor.ui.drawer import close_drawer, drawer
from monitor.ui.history import moment_words
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.writer import writer
from monitor.wording import list_text, share_text

ORDINARY = "ordinary"
RIGHT, WRONG, NOBODY, KNOWN = "Yes, this was the cause", "No, the cause was another", "Nothing was wrong", "It is known and no fault"
STEPS = tuple(Workflow)
HELPED = {"not known yet": None, "it helped": True, "it did not help": False}
Change = Callable[[Record, By], Record]


def answer_buttons(current: View, one: Incident) -> None:
    """Offer to say whether the cause was right, and how far the incident is dealt with."""
    _right(current, one, f"right_{one.id}")
    _deal(current, one, f"deal_{one.id}")


def _right(current: View, one: Incident, key: str) -> None:
    with drawer("Was this right?", icon=":material/rule:", key=key), st.form(f"right_form_{one.id}", border=False):
        said = st.radio("The cause", (RIGHT, WRONG, NOBODY, KNOWN), index=None, key=f"incident_said_{one.id}")
        cause = st.selectbox(
            "If another: which", list(Cause), index=None, format_func=_spaced, placeholder="Choose a cause", key=f"incident_cause_{one.id}"
        )
        reason = st.text_input("Why, or as what it is known", max_chars=LONGEST, key=f"incident_reason_{one.id}")
        if st.form_submit_button("Keep", type="primary"):
            if wrong := _unclear(one, said, cause):
                st.error(wrong, icon=":material/error:")
            else:
                told_as = (reason.strip() or ORDINARY) if said == KNOWN else ""
                answer = (cause or Cause.UNKNOWN, reason)
                keep_change(current, one, lambda record, who: _answered(record, who, said or "", answer), known=told_as, drawer=key)


def _unclear(one: Incident, said: str | None, cause: Cause | None) -> str:
    """Say what an answer lacks before it can be kept; empty where it is clear."""
    if said is None:
        return "Choose an answer."
    if said == WRONG and cause is None:
        return "Choose which cause it was; 'unknown' where nobody knows."
    if said == WRONG and cause is one.cause:
        return f"'{_spaced(one.cause)}' is the cause that is told. Choose another one, or '{RIGHT}'."
    if said != WRONG and cause is not None:
        return f"A cause is chosen, and so is '{said}'. Choose '{WRONG}', or no cause."
    return ""


def _deal(current: View, one: Incident, key: str) -> None:
    with drawer("Deal with it", icon=":material/assignment_ind:", key=key), st.form(f"deal_form_{one.id}", border=False):
        known = one.record
        state = st.selectbox("State", STEPS, index=_step(one), format_func=lambda each: str(each.value), key=f"incident_state_{one.id}")
        owner = st.text_input("Owner", value=known.owner if known else "", max_chars=LONGEST, key=f"incident_owner_{one.id}")
        note = st.text_area("Note", max_chars=LONGEST, key=f"incident_note_{one.id}")
        remedy = st.text_input("What was done", value=known.remedy if known else "", max_chars=LONGEST, key=f"incident_remedy_{one.id}")
        helped = st.selectbox("Did it help?", list(HELPED), key=f"incident_helped_{one.id}")
        if st.form_submit_button("Keep", type="primary"):
            done = (remedy, HELPED[helped or "not known yet"])
            dealt = (state or Workflow.OPENED, owner, note)
            keep_change(current, one, lambda record, who: _dealt(record, who, dealt, done), drawer=key)


def past_of(current: View, one: Incident) -> None:
    """Show what was noted of it, and incidents of the past like it with what was done."""
    record = one.record
    for note in () if record is None else record.notes:
        when = moment_words(note.at, current.case.timezone)
        st.markdown(f":small[:gray[{md_escape(when)} · {md_escape(note.who)}]] {md_escape(note.text)}")
    like = similar(record or opened(current.case.name, one.recorded, By("", "")), list_incidents(current.case).records)
    if not like:
        return
    st.markdown("**Incidents like it**")
    rows = [
        {
            "Since": each.record.start,
            "Cause": _spaced(each.record.told_cause),
            "Columns": list_text(list(each.record.columns)),
            "Alike": f"{share_text(each.likeness, 2)} ({list_text(list(each.shared))})",
            "What was done": each.record.remedy or each.record.reason or each.record.known_as,
            "It helped": {None: "", True: "yes", False: "no"}[each.record.helped],
        }
        for each in like
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _spaced(cause: Cause) -> str:
    return cause.value.replace("_", " ")


def _step(one: Incident) -> int:
    return STEPS.index(one.workflow)


def record_for(current: View, one: Incident, who: By) -> Record:
    """Return the record of an incident, a new one where there is none."""
    return opened(current.case.name, one.recorded, who, detected=one.detected) if one.record is None else one.record


def keep_change(current: View, one: Incident, change: Change, *, known: str = "", drawer: str = "", shown: str = "") -> None:
    """Keep what was said, `known` as what it is known also among the annotations of the case; the page is made again with it.

    `drawer` is closed then (its key), and the incident `shown` looked at (its id), where they are named.
    """
    who = writer()
    record = record_for(current, one, who)
    try:
        change_incident(current.case, record.id, lambda now: change(measured(now, one.recorded), who), new=record)
        if known:
            note_known(current.case, one, known)
    except DriftscopeError as error:
        st.error(md_escape(str(error)), icon=":material/error:")
        return
    close_drawer(drawer)
    if shown:
        here.choose({"incident": shown})
    st.rerun()


def _answered(record: Record, who: By, said: str, told: tuple[Cause, str]) -> Record:
    cause, reason = told
    if said == RIGHT:  # of a cause that was given by hand: it stays
        return record if record.answer is Answer.CORRECTED else confirmed(record, who)
    if said == WRONG:
        return confirmed(record, who) if cause is record.cause else corrected(record, cause, who, reason=reason)
    return dismissed(record, reason, who) if said == NOBODY else explained(record, reason or ORDINARY, who)


def _dealt(record: Record, who: By, told: tuple[Workflow, str, str], done: tuple[str, bool | None]) -> Record:
    state, owner, note = told
    changed = owned(moved(record, state, who), owner, who)
    changed = noted(changed, note, who) if note.strip() else changed
    return remedied(changed, done[0], who, helped=done[1]) if done[0].strip() else changed
