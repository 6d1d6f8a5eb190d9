"""Keeping what is on the screen as a pin: once, however often it is pressed."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from monitor.case import Case
from monitor.export.pin import Pin
from monitor.export.pins import LONGEST_COMMENT, keep_once
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.registry import find_analysis
from monitor.ui.door import locked
from monitor.ui.drawer import close_drawer, drawer
from monitor.ui.state import View
from monitor.ui.text import md_escape


def pin_key(page: str) -> str:
    """Return the key of the drawer that asks for a pin on a page."""
    return f"{page}_pin"


def pin_drawer(label: str, page: str) -> DeltaGenerator:
    """Return the drawer that asks for a pin on a page; `keep` closes it."""
    return drawer(label, icon=":material/push_pin:", key=pin_key(page))


def pin_form(key: str) -> str | None:
    """Ask for a comment; return it when the button was pressed, else None."""
    with st.form(key, border=False):
        comment = st.text_area("Comment", placeholder="What do you make of it?", max_chars=LONGEST_COMMENT)
        pressed = st.form_submit_button("Pin", type="primary", disabled=locked())
    return str(comment) if pressed else None


def keep(case: Case, new: Pin, *, key: str) -> None:
    """Keep a pin, or renew the one that says the same, say which, and close the drawer of that key that asked for it."""
    kept = keep_once(case, new)
    if kept.id == new.id:
        st.toast("Pinned. It is on the page Findings.", icon=":material/push_pin:")
    else:
        st.toast("This was pinned before: its charts are renewed and your comment is added to it.", icon=":material/push_pin:")
    close_drawer(key)
    st.rerun()


def pin_one(view: View, judged: Judged, page: str) -> None:
    """Offer to pin one of the findings of a page."""
    with pin_drawer("Pin", page):
        said = [sentence(one, judged.names, judged.against) for one in judged.findings]
        picked = st.selectbox("Which", range(len(said)), format_func=said.__getitem__, key=f"{page}_pin_which") if len(said) > 1 else 0
        st.markdown(md_escape(said[picked]))
        comment = pin_form(f"{page}_pin_form")
    if comment is not None:
        row, finding = find_analysis(page), judged.findings[picked]
        query = urlencode(view.address.change({"win": str(view.windows)} | dict(row.look(finding))).of_page(page).query(), doseq=True)
        new = row.pin(finding, judged, view=query, comment=comment, charts=row.report(finding, judged).charts)
        keep(view.case, new, key=pin_key(page))
