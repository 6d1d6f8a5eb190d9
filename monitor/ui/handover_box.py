"""What the page Retraining shows of handing over: to whom, the request, what was sent, and what came back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.alerts.notices import moment_of
from monitor.case import Case
from monitor.case.trust import HANDS_OVER, hands_over, trust_retraining
from monitor.errors import DriftscopeError, SettingError
from monitor.gate import Right
from monitor.handover.asking import shown
from monitor.handover.payload import payload_of
from monitor.handover.records import Handover, Trained, list_handovers
from monitor.handover.results import list_all_trained
from monitor.handover.sending import named_target, next_run
from monitor.handover.sets import TrainingSet, last_set, read_set
from monitor.handover.words import retrained_text, sent_text, set_text
from monitor.ui.door import locked
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.wording import local_text

EXAMPLE = 'In case.toml: \\[retraining\\] target = "train"; where "train" is stands in your own targets.toml.'


def handover_box(current: View) -> None:
    """Show who retrains, what would be sent now, what was, and what came of it."""
    case = current.case
    st.markdown("#### Handing over")
    handovers, damaged = list_handovers(case)
    for one in damaged:
        st.warning(md_escape(one.message), icon=":material/warning:")
    if told := retrained_text(handovers, list_all_trained(case), case.timezone):
        st.markdown(f"**{md_escape(told)}**")
    if case.retraining is None:
        st.caption(f"The case names nobody who retrains. {EXAMPLE}")
    else:
        _trust(case, presenting=current.presenting)
        _request(case)
    _sent(case, handovers)
    training_runs(case, "##### What came back")


def _trust(case: Case, *, presenting: bool) -> None:
    """Say that nothing is handed over while it is not trusted, and let the receiver decide."""
    why = hands_over(case)
    if not why:
        return
    st.warning(f"{md_escape(why[0].upper() + why[1:])}. {HANDS_OVER}", title="Nothing is handed over", icon=":material/gpp_maybe:")
    if not presenting and st.button(
        "I have read it and trust it", icon=":material/verified_user:", key="retraining_trust", disabled=locked(Right.OWN)
    ):
        try:
            trust_retraining(case)
        except SettingError as error:
            st.error(md_escape(str(error)), icon=":material/error:")
            return
        st.rerun()


def _request(case: Case) -> None:
    """Show the target, and folded the request by which the last set would be handed to it."""
    try:
        name, target = named_target(case)
    except SettingError as error:
        st.warning(md_escape(str(error)), icon=":material/warning:")
        return
    with st.container(horizontal=True, gap="small"):
        st.badge(md_escape(name), icon=":material/send:", color="gray")
        st.badge(md_escape(target.place), icon=":material/dns:", color="gray")
    one = _last(case)
    if one is None:
        return
    before, run = next_run(case, one, name)
    has = before is not None and before.done is not None
    st.caption(md_escape(f"{set_text(one)}, the last that you built: {sent_text(before, case.timezone) if before else 'not sent yet'}."))
    folded = st.expander(
        "The request that handed it over" if has else "The request that would hand it over",
        icon=":material/preview:", key="retraining_request", on_change="rerun",
    )  # fmt: skip
    if folded.open:
        with folded:
            st.caption("Without secrets. This page sends nothing: driftscope retrain send CASE does.")
            st.code(shown(payload_of(one, case, run), target), language=None, wrap_lines=True, height=420)


def _last(case: Case) -> TrainingSet | None:
    try:
        folder = last_set(case)
        if folder is not None:
            return read_set(case, folder, rows=False)
    except DriftscopeError as error:
        st.warning(md_escape(str(error)), icon=":material/warning:")
        return None
    st.caption(
        "You have built no training set of this case yet: driftscope retrain build CASE --out DIR, then driftscope retrain send CASE."
    )
    return None


def _sent(case: Case, handovers: tuple[Handover, ...]) -> None:
    st.markdown("##### What was sent")
    rows = [
        {
            "When": local_text(moment_of(attempt.at), case.timezone),
            "Got there": "yes" if attempt.done else f"no: {attempt.error or 'cut off'}",
            "Target": one.target,
            "Answer": attempt.answer,
            "By": attempt.who,
            "Rows": f"{one.rows:,d}",
            "Set": one.set,
            "Run": attempt.run,
            "at": attempt.at,
        }
        for one in handovers
        for attempt in one.attempts
    ]
    if not rows:
        st.caption("Nothing was sent yet.")
        return
    table = pd.DataFrame(rows).sort_values("at", ascending=False, kind="stable").drop(columns="at")
    st.dataframe(table, hide_index=True)


def training_runs(case: Case, heading: str) -> None:
    """Show what came of training sets that were handed over; nothing where none was."""
    trained = list_all_trained(case)
    if not trained:
        return
    st.markdown(heading)
    st.dataframe(pd.DataFrame([_run_row(one, case.timezone) for one in trained]), hide_index=True)


def _run_row(one: Trained, timezone: str) -> dict[str, str]:
    return {
        "When": local_text(moment_of(one.when), timezone),
        "Outcome": one.outcome.value,
        "Model version": one.model_version,
        "Set": one.set,
        "Rows": "" if one.rows is None else f"{one.rows:,d}",
        "Says": one.message or one.status,
        "Told by": one.who or one.source,
        "Run": one.run,
    }
