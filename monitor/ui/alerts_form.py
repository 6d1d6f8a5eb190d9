"""The form that adds an alert rule: what it would have done in the past stands beside it before it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st
from pydantic import ValidationError

from monitor.alerts.backtest import backtest
from monitor.alerts.happening import Happening
from monitor.alerts.rules import check_rule
from monitor.alerts.targets import read_targets
from monitor.alerts.words import how_text, when_text
from monitor.case import Case, load_case, save_case
from monitor.case.alerting import CAUSES, STATES, AlertSection
from monitor.case.complaints import complaints
from monitor.case.trust import sends
from monitor.errors import CaseError, DriftscopeError, SettingError
from monitor.gate import Right
from monitor.ui.alert_rules import LISTED, past_table
from monitor.ui.door import locked
from monitor.ui.text import md_escape
from monitor.vocabulary import Severity

ANY = "any"
LONGEST = 200


def rule_form(case: Case, found: Sequence[Happening], columns: Sequence[str]) -> None:
    """Show the fields of a rule, what the rule would have done, and save it when asked to."""
    left, right = st.columns(2, gap="medium")
    with left:
        asked = _fields(found, columns)
    with right:
        try:
            rule = made_rule(asked)
            check_rule(rule, case, columns)
        except SettingError as error:
            st.info(md_escape(str(error)), icon=":material/edit:")
            return
        tested = backtest(rule, found, case)
        st.markdown(f"**{md_escape(tested.sentence)}**  \n{md_escape(when_text(rule))}. {md_escape(how_text(rule))}.")
        if tested.fired:
            st.dataframe(past_table(tested, case.timezone), hide_index=True, height="content" if tested.fired <= LISTED else 260)
        if st.button("Save the rule", type="primary", icon=":material/save:", key="alerts_save", disabled=locked(Right.OWN)):
            _save(case, rule)


def _fields(found: Sequence[Happening], columns: Sequence[str]) -> Mapping[str, Any]:
    name = st.text_input("Name", max_chars=LONGEST, key="alerts_name", placeholder="Severe")
    with st.container(horizontal=True):
        severity = st.selectbox(
            "Severity, at least", [ANY, *(one.value for one in Severity if one is not Severity.LOW)], key="alerts_severity", width=160
        )
        state = st.pills("State", STATES, selection_mode="multi", default=["new", "ongoing"], key="alerts_state")
    causes = st.multiselect("Cause", CAUSES, format_func=lambda one: one.replace("_", " "), placeholder=ANY, key="alerts_cause")
    with st.container(horizontal=True):
        column = st.multiselect("Column", columns, placeholder=ANY, key="alerts_column", width=230)
        segment = st.multiselect("Within parts by", columns, placeholder=ANY, key="alerts_segment", width=230)
    metric = st.multiselect(
        "Metric that moved", sorted({name for one in found for name in one.metrics}), placeholder=ANY, key="alerts_metric"
    )
    with st.container(horizontal=True):
        target = st.selectbox(
            "Target, of your targets.toml", _targets(), index=None, accept_new_options=True, key="alerts_target", width=230
        )
        owner = st.text_input("Owner", max_chars=LONGEST, key="alerts_owner", width=230)
    with st.container(horizontal=True):
        repeat = st.text_input("Again every", key="alerts_repeat", placeholder="never; 1 day", width=150)
        quiet = st.text_input("Quiet hours", key="alerts_quiet", placeholder="22:00-07:00", width=200)
        loud = st.selectbox("Not quiet from", ["never", *(one.value for one in Severity)], key="alerts_loud", width=140)
    with st.container(horizontal=True):
        later = st.text_input("Nobody took it after", key="alerts_escalate_after", placeholder="4 hours", width=190)
        other = st.text_input("then tell the target", max_chars=LONGEST, key="alerts_escalate_to", width=230)
    when = {"cause": causes, "column": column, "segment": segment, "metric": metric}
    if severity and severity != ANY:
        when["severity"] = severity  # type: ignore[assignment]
    if set(state) != {"new", "ongoing"}:
        when["state"] = list(state)
    return {
        "name": name.strip(),
        "when": {key: value for key, value in when.items() if value},
        "target": (target or "").strip(),
        "owner": owner.strip(),
        "repeat": repeat.strip(),
        "quiet": quiet.strip(),
        "loud": "" if loud in (None, "never") else loud,
        "escalate_after": later.strip(),
        "escalate_to": other.strip(),
    }


def _targets() -> list[str]:
    try:
        return sorted(read_targets())
    except SettingError:  # the cards say what is wrong with them
        return []


def made_rule(asked: Mapping[str, Any]) -> AlertSection:
    """Return a rule of the fields of the form; what is left empty is left out.

    Raises
    ------
    SettingError
        A field is missing or wrong.
    """
    if not asked["name"]:
        raise SettingError("Give the rule a name. What it would have done in the past stands here before it is saved.")
    try:
        return AlertSection.model_validate({key: value for key, value in asked.items() if value})
    except ValidationError as error:
        raise SettingError("; ".join(complaints(error, AlertSection))) from error


def with_rule(case: Case, rule: AlertSection) -> Case:
    """Return a case with one rule more.

    Raises
    ------
    CaseError
        It has a rule of that name.
    """
    if any(one.name == rule.name for one in case.alerts):
        raise CaseError(f"There is a rule '{rule.name}' already. Give this one another name.")
    return replace(case, alerts=(*case.alerts, rule))


def _save(case: Case, rule: AlertSection) -> None:
    try:
        trusted = not sends(case)
        save_case(with_rule(load_case(case.root), rule))  # as it is by now: somebody may have written to it
    except DriftscopeError as error:
        st.error(md_escape(str(error)), title="Not saved", icon=":material/error:")
        return
    st.toast("Saved. Trust the rules again, then they send." if trusted else "Saved.", icon=":material/check_circle:")
    st.rerun()
