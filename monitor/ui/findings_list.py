"""What was found on a screen, one row per run; choosing one looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding, State
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.sentences import sentence
from monitor.ui.status import status_mark
from monitor.ui.text import md_escape
from monitor.wording import number_text, plural

STATES = {State.NEW: "new", State.ONGOING: "goes on", State.OVER: "over"}
ROW = 56
TALLEST = 488


def findings_list(judged: JudgedDrift | JudgedMultivariate, page: str, choose: Callable[[Finding], None]) -> None:
    """Show every finding with its sentence, in their order; `choose` looks at the one that is chosen."""
    st.markdown(f"**{plural(len(judged.findings), 'run')}**  \n:small[:gray[{md_escape(_counted(judged.findings))}]]")
    config = st.column_config
    table = pd.DataFrame(
        {
            "Verdict": [f"{status_mark(one.status)}\n{STATES[one.state]}" for one in judged.findings],
            "What changed": [sentence(one, judged.names, judged.against) for one in judged.findings],
            "Strength": [number_text(one.strength, 2) for one in judged.findings],
        }
    )
    st.dataframe(
        table, key=f"{page}_findings", hide_index=True, on_select=lambda: _from_list(judged.findings, page, choose), selection_mode="single-row",
        row_height=ROW, height=min(38 + ROW * len(table), TALLEST), alt="What changed, one row per run of windows",
        column_config={
            "Verdict": config.TextColumn(width=76, help="How large, and whether it is new, goes on or is over"),
            "What changed": config.TextColumn(width=352),
            "Strength": config.TextColumn(width=62, alignment="right", help="How many times as far as it had to be"),
        },
    )  # fmt: skip


def _counted(findings: Sequence[Finding]) -> str:
    counts = {word: sum(one.state is state for one in findings) for state, word in STATES.items()}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{said}; choose one to see it close up"


def _from_list(findings: Sequence[Finding], page: str, choose: Callable[[Finding], None]) -> None:
    event = st.session_state.get(f"{page}_findings")
    chosen = event["selection"]["rows"] if event else []
    if chosen and chosen[0] < len(findings):
        choose(findings[chosen[0]])
