"""What people make of a pinned finding together, on its card."""

from __future__ import annotations

import streamlit as st

from monitor.export.discussion import Discussion, Step, assigned, discuss, remarked, stepped
from monitor.export.pin import Pin
from monitor.incidents.record import LONGEST
from monitor.ui.door import locked
from monitor.ui.drawer import close_drawer, drawer
from monitor.ui.history import history_of, moment_words
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.told import told
from monitor.ui.writer import writer

STEPS = tuple(Step)


def show_discussion(current: View, kept: Pin, known: Discussion | None) -> None:
    """Show who deals with a pin, how far it is and what was said of it; ask for more unless it is presented."""
    now = known or Discussion(id=kept.id, case=kept.case)
    if now.assignee or now.step is not Step.OPEN:
        st.caption(md_escape(" · ".join(part for part in (now.step.value.capitalize(), now.assignee) if part)))
    for one in now.remarks:
        when = moment_words(one.at, current.case.timezone)
        st.markdown(f":small[:gray[{md_escape(when)} · {md_escape(one.who)}]] {md_escape(one.text)}")
    if not current.presenting:
        _form(current, kept, now)


def _form(current: View, kept: Pin, now: Discussion) -> None:
    with drawer("Discuss", icon=":material/forum:", key=(key := f"discuss.{kept.id}"), only_asks=False):
        with st.form(f"discuss_form.{kept.id}", border=False, clear_on_submit=True):
            remark = st.text_area("What you say", max_chars=LONGEST, key=f"remark.{kept.id}")
            step = st.selectbox("State", STEPS, index=STEPS.index(now.step), format_func=lambda one: str(one.value), key=f"step.{kept.id}")
            assignee = st.text_input("Who deals with it", now.assignee, max_chars=200, key=f"assignee.{kept.id}")
            pressed = st.form_submit_button("Keep", type="primary", disabled=locked())
        history_of(now.history, current.case.timezone, key=f"discuss_history.{kept.id}")
    if pressed:
        _keep(current, kept, now, (remark, step or now.step, assignee), key=key)


def _keep(current: View, kept: Pin, seen: Discussion, said: tuple[str, Step, str], *, key: str) -> None:
    """Keep what was said; a field that the writer left as it was seen does not take back what somebody else chose meanwhile."""
    remark, step, assignee = said
    who = writer()

    def change(now: Discussion) -> Discussion:
        changed = assigned(now, assignee, who) if assignee.strip() != seen.assignee else now
        changed = stepped(changed, step, who) if step is not seen.step else changed
        return remarked(changed, remark, who) if remark.strip() else changed

    if told(lambda: discuss(current.case, kept, change), "Kept."):
        close_drawer(key)
        st.rerun()
