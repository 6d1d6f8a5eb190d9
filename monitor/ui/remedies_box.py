"""What would help, on the page of an incident: the options tried on its rows, where that is asked for."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd
import streamlit as st

from monitor.charts import Chart
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.next_step import next_step
from monitor.judgement.narration.figures import number
from monitor.registry.remedy_slides import options_chart
from monitor.remedies import kept
from monitor.remedies.bench import Bench
from monitor.remedies.table import remedies_table
from monitor.remedies.words import answer, next_text
from monitor.retraining.found import wrong_beside
from monitor.ui.asking import ask_part
from monitor.ui.measuring import judged_of, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import show_chart
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import desk, run_cancellable

CHOICES = ("Not tried", "Tried on its rows")


def remedies_box(current: View, one: Incident) -> dict[str, Chart]:
    """Show what could be done about an incident and what it would have brought; return the chart of it."""
    st.markdown("#### What would help?")
    if ask_part("incident_remedies", "Remedies", CHOICES, usual=CHOICES[0]) == CHOICES[0]:
        st.caption(
            "Mending the input, another threshold, calibration, an earlier version and retraining can be tried on its rows. "
            "Models are fitted: that takes up to a minute."
        )
        return {}
    known = tried_before(current, one)
    bench = _bench(current, one)
    if known is None:
        st.rerun()  # the story above says what follows from it
    said = answer(bench)
    st.markdown(f"**{md_escape(said.headline)}**")
    if said.doubt:
        st.caption(md_escape(said.doubt))
    table = remedies_table(bench)
    chart = options_chart(bench, table, theme=current.theme)
    if chart is not None:
        show_chart(chart, key="incident_remedies_chart")
    st.dataframe(_shown(table), hide_index=True)
    st.markdown("  \n".join(_reasons(table)))
    st.download_button(
        "Download the options", data=lambda: table.to_csv(index=False).encode(), file_name=f"{current.case_id}-{one.id}-remedies.csv",
        mime="text/csv", on_click="ignore", icon=":material/download:", key="incident_remedies_file",
    )  # fmt: skip
    return {} if chart is None else {"remedies": chart}


def tried_before(current: View, one: Incident) -> Bench | None:
    """Return the options of an incident where they were tried before; None where they were not."""
    found: Bench | None = desk().result(_key(current, one))
    return found or kept.tried_before(workspace(current), question_of(current), one, _others(current))


def next_of(current: View, one: Incident) -> str:
    """Say what comes next: what follows from options that were tried, else what its cause asks for."""
    bench = tried_before(current, one)
    return next_step(one) if bench is None else next_text(bench, next_step(one))


def _others(current: View) -> tuple[Incident, ...]:
    judged: JudgedIncidents = judged_of(current, "incidents")
    return judged.incidents


def tried_text(current: View, one: Incident) -> str:
    """Say what follows from options that were tried; "" where none were."""
    return "" if tried_before(current, one) is None else next_of(current, one)


def _key(current: View, one: Incident) -> Hashable:
    opened, question = workspace(current), question_of(current)
    prints = tuple(opened.fingerprint(name) for name in ("reference", "production"))
    wrong = wrong_beside(one, _others(current), current.case.timezone)
    return ("remedies", prints, current.case.key(judged=False), question.production, question.seed, repr(one.hypothesis), wrong)


def _bench(current: View, one: Incident) -> Bench:
    opened, question, others = workspace(current), question_of(current), _others(current)
    bench: Bench = run_cancellable(
        _key(current, one),
        lambda progress, cancel: kept.tried_now(opened, question, one, others, progress=progress, cancel=cancel),
        text="Trying what would help",
    )
    return bench


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Option": table["title"],
            "Removes the cause": ["yes" if one else "" for one in table["removes"]],
            "Helps beyond chance": ["yes" if one else "" for one in table["pays"]],
            "Better by, a row": [_interval(row) for row in table.to_dict("records")],
            "In money": [_money(row) for row in table.to_dict("records")],
        }
    ).loc[:, lambda one: (one != "").any()]


def _reasons(table: pd.DataFrame) -> Iterator[str]:
    """Yield why each option stands where it does, and what its figures assume."""
    for row in table.to_dict("records"):
        assumes = f" :gray[Assumes: {md_escape(row['assumes'])}.]" if isinstance(row["assumes"], str) else ""
        yield f":small[{row['rank']}. **{md_escape(row['title'])}** {md_escape(row['reason'])}{assumes}]"


def _interval(row: dict[Hashable, Any]) -> str:
    gain, lower, upper = (float(row[name]) for name in ("gain", "lower", "upper"))
    return "" if math.isnan(gain) else f"{number(gain, 2)} ({number(lower, 2)} to {number(upper, 2)})"


def _money(row: dict[Hashable, Any]) -> str:
    money, lower, upper = (float(row[name]) for name in ("money", "money_lower", "money_upper"))
    if math.isnan(money):
        return ""
    return f"{number(money, 2)} {row['currency'] or ''} ({number(lower, 2)} to {number(upper, 2)})".replace("  ", " ")
