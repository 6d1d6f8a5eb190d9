"""What was found on a screen, one row per run with its sentence; each can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np
import streamlit as st

from monitor.judgement.finding import Finding, State
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.ui import here
from monitor.ui.opened import workspace
from monitor.ui.pinning import pin_one
from monitor.ui.rows_behind import rows_link
from monitor.ui.state import View
from monitor.ui.status import status_badge
from monitor.ui.text import md_escape
from monitor.wording import count_text, plural

STATES = {State.NEW: "new", State.ONGOING: "going on", State.OVER: "over"}
SHOWN = 40
HEIGHT = 520
FEW = 4
"""Findings that stand on the page as they are; more of them scroll."""


def findings_list(
    view: View,
    judged: Judged,
    page: str,
    look: Callable[[Finding], None],
    *,
    pins: bool = True,
    note: str = "",
    findings: Sequence[Finding] | None = None,
) -> None:
    """Show every finding with its sentence, in their order; `look` looks at the one whose button is pressed, `pins` says whether one can be
    pinned here, `note` what its numbers are; `findings` are those that the page does not show elsewhere (default all)."""
    shown = judged.findings if findings is None else tuple(findings)
    with st.container(horizontal=True, vertical_alignment="center"):
        counted = md_escape(_counted(shown))
        st.markdown(f"**{plural(len(shown), 'run')} found**  \n:small[:gray[{counted}]]", width="stretch")
        if pins and shown and not view.presenting:
            pin_one(view, judged, page)
    timed = view.windows.calendar and not bool(np.isnat(judged.windows.start).any())
    if note:
        st.caption(md_escape(note))
    height: Literal["content"] | int = HEIGHT if len(shown) > FEW else "content"
    with st.container(height=height, border=len(shown) > FEW, gap="small", key=f"{page}_findings"):
        for number, one in enumerate(shown[:SHOWN]):
            rows = rows_link(workspace(view), judged, one) if timed and not view.presenting else None
            _row(view, one, sentence(one, judged.names, judged.against), f"{page}_look_{number}", look, rows=rows)
        if len(shown) > SHOWN:
            st.caption(f"{count_text(len(shown) - SHOWN)} more in the downloads and the report.")


def _row(view: View, one: Finding, said: str, key: str, look: Callable[[Finding], None], *, rows: Mapping[str, str | None] | None) -> None:
    with st.container(gap="xxsmall"):
        st.markdown(md_escape(said))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            status_badge(one.status)
            st.badge(STATES[one.state], color="gray")
            if not view.presenting:
                st.button("See it", key=key, type="tertiary", icon=":material/search:", on_click=look, args=(one,))
                if rows is not None:
                    here.link("rows", label="Its rows", changes=rows)


def _counted(findings: Sequence[Finding]) -> str:
    counts = {word: sum(one.state is state for one in findings) for state, word in STATES.items()}
    return ", ".join(f"{count_text(count)} {word}" for word, count in counts.items() if count)
