"""The page Alerts: who is told of which incidents, what was told, who took it, and what each rule would have told in the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from monitor.alerts.backtest import backtest
from monitor.alerts.deciding import Situation, Step, decide, situation
from monitor.alerts.happening import Happening, as_known, happenings_of, keep_happenings, kept_happenings, kept_key
from monitor.alerts.log import Told, take, told_of
from monitor.alerts.notices import list_notices, moment_of
from monitor.alerts.oncall import owners_of, turn_of
from monitor.alerts.rules import check_rule
from monitor.alerts.words import act_text, headline, workflow_text
from monitor.case import Case
from monitor.case.alerting import AlertSection
from monitor.case.trust import SENDS, sends, trust_alerts
from monitor.engine import Selection
from monitor.errors import DriftscopeError, SettingError
from monitor.export.files import to_csv
from monitor.export.incident_records import list_incidents
from monitor.gate import Right
from monitor.incidents.record import Workflow
from monitor.ui import here
from monitor.ui.alert_rules import LISTED, rule_card
from monitor.ui.alerts_form import rule_form
from monitor.ui.door import locked, signed_in
from monitor.ui.measuring import judged_of
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state, page_head
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.writer import writer
from monitor.wording import local_text

PAGE = "alerts"
SHOWN = 200
"""Attempts that are listed; the download has all."""
EXAMPLE = 'In case.toml: [[alerts]] name = "Severe", when = "severity >= high", target = "team"; or with the form below.'
_ADD = "alerts_add"


def alerts_page() -> None:
    """Show the page."""
    current = whole(view())
    case = current.case
    if not case.alerts:
        page_head(PAGE, headline(0, 0, 0, 0), "Rules say who is told; where a target is stands in your own settings, never in a case.")
        empty_state("This case has no alert rules.", EXAMPLE)
        _owners(case)
        _form(current)
        return
    found = happenings(current)
    given = _situation(case, found)
    steps = decide(case.alerts, given)
    told = told_of(given.notices, list_incidents(case).records)
    waiting = sum(one.act is not None for one in steps)
    unsent = sum(bool(one.failed) for one in given.notices)
    stands = headline(len(case.alerts), waiting, unsent, len(_untaken(told)), trusted=not sends(case))
    page_head(PAGE, stands, _doubt(current))
    _trust(case, presenting=current.presenting)
    st.markdown("#### Rules")
    for rule in case.alerts:
        _rule(current, rule, given, steps)
    _owners(case)
    _log(current, told)
    _form(current)


def whole(current: View) -> View:
    """Return a view of all rows as the case cuts them: whoever is told is told of all of them."""
    return replace(
        current,
        reference=Selection("reference"),
        production=Selection("production"),
        windows=current.case.windows,
        against="reference",
    )


def happenings(current: View) -> tuple[Happening, ...]:
    """Return the incidents of the case as rules see them: kept ones while nothing changed, else measured now, which may be stopped."""
    if (known := known_happenings(current)) is not None:
        return known
    opened, records = workspace(current), list_incidents(current.case).records
    found = happenings_of(judged_of(current, "incidents"), current.case)
    keep_happenings(opened, kept_key(opened, records), found)
    return as_known(opened, found, records)


def known_happenings(current: View) -> tuple[Happening, ...] | None:
    """Return the incidents of the case as rules see them where they were looked for before; None where they were not."""
    opened, records = workspace(current), list_incidents(current.case).records
    found = kept_happenings(opened, kept_key(opened, records))
    return None if found is None else as_known(opened, found, records)


def _situation(case: Case, found: Sequence[Happening]) -> Situation:
    notices, unreadable = list_notices(case)
    for one in unreadable:
        st.warning(md_escape(one.message), icon=":material/warning:")
    return situation(case, found, notices, list_incidents(case).records, datetime.now(UTC))


def _doubt(current: View) -> str:
    return (
        "Incidents of all rows, as they were last measured. 'driftscope alert run' sends: a schedule calls it; this page sends nothing. "
        f"Times are those of {current.case.timezone}."
    )


def _trust(case: Case, *, presenting: bool) -> None:
    """Say that nothing is sent while the rules are not trusted, and let the receiver decide."""
    why = sends(case)
    if not why:
        return
    st.warning(f"{md_escape(why[0].upper() + why[1:])}. {SENDS}", title="Nothing is sent", icon=":material/gpp_maybe:")
    if not presenting and st.button(
        "I have read the rules and trust them", icon=":material/verified_user:", key="alerts_trust", disabled=locked(Right.OWN)
    ):
        try:
            trust_alerts(case)
        except SettingError as error:
            st.error(md_escape(str(error)), icon=":material/error:")
            return
        st.rerun()


def _rule(current: View, rule: AlertSection, given: Situation, steps: Sequence[Step]) -> None:
    try:
        check_rule(rule, current.case, workspace(current).columns)
        problem = ""
    except SettingError as error:
        problem = str(error)
    tested = backtest(rule, given.happenings, current.case)
    rule_card(rule, given, [one for one in steps if one.rule.name == rule.name], tested, problem)


def _owners(case: Case) -> None:
    """Show who owns what, and whose turn it is to be called."""
    st.markdown("#### Owners and on call")
    turn, owners = turn_of(case, datetime.now(UTC)), owners_of(case)
    rows = {name: md_escape(who) or "nobody is named" for name, who in owners.items()}
    if turn is not None:
        rows["On call now"] = f"{md_escape(turn.who)}, until {local_text(turn.until, case.timezone)}; then {md_escape(turn.then)}"
    else:
        rows["On call now"] = "nobody takes turns"
    rows["Runbook"] = md_escape("" if case.ownership is None else case.ownership.runbook) or "none is named"
    st.table(rows)
    if case.ownership is None:
        st.caption(
            'In case.toml: \\[ownership\\] business = "…", model = "…", data = "…", oncall = \\["…", "…"\\], runbook = "https\\://…".'
        )


def _untaken(told: Sequence[Told]) -> dict[str, Told]:
    """Return the incidents that somebody was told of and nobody took, each with the last that was told."""
    done = [one for one in told if one.telling.done]
    last = {one.incident: one for one in reversed(done)}
    return {name: one for name, one in last.items() if one.workflow is Workflow.OPENED and one.telling.act.value != "over"}


def _log(current: View, told: Sequence[Told]) -> None:
    """Show who was told, when, and who took it; an incident that nobody took can be taken."""
    st.markdown("#### Who was told")
    if not told:
        st.caption("Nobody was told of anything yet.")
        return
    table = pd.DataFrame([_told_row(one, current.case.timezone) for one in told])
    st.dataframe(table.head(SHOWN), hide_index=True, height="content" if len(table) <= LISTED else 320)
    with st.container(horizontal=True):
        st.download_button(
            "Download", data=lambda: to_csv(table), file_name=f"{current.case_id}-alerts.csv", mime="text/csv", on_click="ignore",
            icon=":material/download:", key="alerts_file",
        )  # fmt: skip
        here.link("incidents", label="The incidents")
    untaken = _untaken(told)
    if untaken and not current.presenting:
        _take(current.case, untaken)


def _told_row(one: Told, timezone: str) -> dict[str, str]:
    telling = one.telling
    return {
        "When": local_text(moment_of(telling.at), timezone),
        "Incident": one.title,
        "What": act_text(telling.act),
        "Target": telling.target,
        "Owner": telling.owner,
        "Got there": "yes" if telling.done else f"no: {telling.error or 'cut off'}",
        "Taken": workflow_text(one.workflow, one.taken_by),
        "Rule": telling.rule,
    }


def _take(case: Case, untaken: dict[str, Told]) -> None:
    with st.form("alerts_take"), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Incident", list(untaken), format_func=lambda name: untaken[name].title, key="alerts_take_incident")
        who = st.text_input("Who takes it", value=writer().who, max_chars=200, key="alerts_take_who", disabled=signed_in() is not None)
        if st.form_submit_button("Acknowledge", icon=":material/check:", disabled=locked()):
            try:
                take(case, list_incidents(case).records, str(chosen), writer().who if signed_in() else who)
            except DriftscopeError as error:
                st.error(md_escape(str(error)), icon=":material/error:")
                return
            st.rerun()


def _form(current: View) -> None:
    if current.presenting:
        return
    folded = st.expander("Add a rule", icon=":material/add_alert:", key=_ADD, on_change="rerun")
    if folded.open:
        with folded:
            rule_form(current.case, happenings(current), list(workspace(current).columns))
