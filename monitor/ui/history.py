"""Who changed what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from monitor.incidents.record import Change
from monitor.wording import local_text, plural

SHOWN = 200


def history_of(changes: Sequence[Change], timezone: str, *, key: str) -> None:
    """Show a history, folded: the newest change first."""
    if not changes:
        return
    folded = st.expander(f"History: {plural(len(changes), 'change')}", icon=":material/history:", key=key, on_change="rerun")
    if not folded.open:
        return
    rows = [
        {"When": moment_words(one.at, timezone), "Who": one.who, "What": one.what, "Before": one.before, "After": one.after}
        for one in reversed(changes[-SHOWN:])
    ]
    with folded:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"{plural(len(rows), 'change')}, the newest first")


def moment_words(moment: str, timezone: str) -> str:
    """Return a moment of a record (ISO 8601, UTC) on the clock of a case; as it stands where it is none."""
    try:
        return local_text(datetime.fromisoformat(moment), timezone)
    except ValueError:
        return moment
