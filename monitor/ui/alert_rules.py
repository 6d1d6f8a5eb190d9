"""One alert rule on the page: what it is about, whom it tells, how it stands, what it would have done, and its message."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from monitor.alerts.backtest import CAUTION, Backtest
from monitor.alerts.deciding import Situation, Step, Why
from monitor.alerts.delivery import shown
from monitor.alerts.message import message_of
from monitor.alerts.notices import moment_of
from monitor.alerts.oncall import owner_of
from monitor.alerts.rules import about
from monitor.alerts.targets import Target, read_targets, target_of
from monitor.alerts.words import act_text, how_text, step_text, when_text
from monitor.case.alerting import AlertSection
from monitor.errors import SettingError
from monitor.ui.text import md_escape
from monitor.wording import local_text, plural

LISTED = 5


def rule_card(rule: AlertSection, given: Situation, steps: Sequence[Step], tested: Backtest, problem: str) -> None:
    """Show a rule; `problem` is what is wrong with what it names."""
    with st.container(border=True):
        left, right = st.columns([0.58, 0.42], gap="medium")
        with left:
            _head(rule, given, steps, problem)
        with right:
            _past(tested, given.case.timezone)
        _message(rule, given, steps)


def _head(rule: AlertSection, given: Situation, steps: Sequence[Step], problem: str) -> None:
    st.markdown(f"**{md_escape(rule.name)}**  \n{md_escape(when_text(rule))}")
    with st.container(horizontal=True, gap="small"):
        _state(steps)
        owners = dict.fromkeys(filter(None, (owner_of(given.case, rule, data=data) for data in (False, True))))
        st.badge(md_escape(" or ".join(owners)) or "nobody owns it", icon=":material/person:", color="gray")
        st.badge(md_escape(rule.target) or "no target", icon=":material/send:", color="gray")
    st.caption(md_escape(f"{how_text(rule)[0].upper()}{how_text(rule)[1:]}. {_last(rule, given)}"))
    for told in filter(None, (problem, _unknown(rule))):
        st.warning(md_escape(told), icon=":material/warning:")
    for one in steps[:LISTED]:
        st.caption(md_escape(step_text(one, given.case)))
    if len(steps) > LISTED:
        st.caption(f"And {plural(len(steps) - LISTED, 'incident')} more.")


def _state(steps: Sequence[Step]) -> None:
    waiting = [one for one in steps if one.act is not None]
    if waiting:
        st.badge(f"{plural(len(waiting), 'message')} to send", icon=":material/notifications_active:", color="orange")
    elif any(one.why is Why.QUIET for one in steps):
        st.badge("waits for quiet hours to end", icon=":material/bedtime:", color="gray")
    elif steps:
        st.badge("told", icon=":material/mark_email_read:", color="blue")
    else:
        st.badge("nothing to tell", icon=":material/check_circle:", color="green")


def _last(rule: AlertSection, given: Situation) -> str:
    told = [each for one in given.notices for each in one.tellings if each.rule == rule.name]
    if not told:
        return "Never told anybody yet."
    last = max(told, key=lambda one: one.at)
    at = local_text(moment_of(last.at), given.case.timezone)
    missed = "" if last.done else f"; it did not get there: {last.error or 'cut off'}"
    return f"Last: {act_text(last.act)} '{last.target}', {at}{missed}."


def _unknown(rule: AlertSection) -> str:
    """Say what is wrong with the targets of a rule; empty if nothing is."""
    try:
        targets = read_targets()
        for name in filter(None, (rule.target, rule.escalate_to)):
            target_of(name, targets)
    except SettingError as error:
        return str(error)
    return ""


def _past(tested: Backtest, timezone: str) -> None:
    """Show what a rule would have done."""
    st.markdown(f"{md_escape(tested.sentence)}  \n:small[:gray[Over this case's history. {CAUTION}]]")
    if tested.fired:
        st.dataframe(past_table(tested, timezone), hide_index=True, height="content" if tested.fired <= LISTED else 180)


def past_table(tested: Backtest, timezone: str) -> object:
    """Return the incidents that a rule would have told of as people read them."""
    table = tested.table
    told = [local_text(moment_of(str(one)), timezone) if one else "" for one in table["told"].tolist()]
    shown_as = {"title": "Incident", "severity": "Severity", "messages": "Messages", "said": "People said"}
    return table.assign(told=told)[["told", *shown_as]].rename(columns={"told": "Told", **shown_as})


def _message(rule: AlertSection, given: Situation, steps: Sequence[Step]) -> None:
    """Show the message that would be sent now, just as it is; else that of the last incident that the rule is about."""
    now = next((one for one in steps if one.act is not None), None)
    past = [one for one in given.happenings if about(rule.when, one)]
    if now is None and not past:
        return
    name = "The message that would be sent now" if now is not None else "An example: what is said of the last incident that it is about"
    folded = st.expander(name, icon=":material/mail:", key=f"alerts_message_{rule.name}", on_change="rerun")
    if not folded.open:
        return
    step = now or Step(rule=rule, happening=max(past, key=lambda one: one.seen), target=rule.target)
    target = _target(step.target)
    with folded:
        st.caption(md_escape(target.place if target is not None else "As text: there is no such target among yours."))
        st.code(shown(message_of(step, given.case, given.now, app=target.app if target else ""), target), language=None, wrap_lines=True)


def _target(name: str) -> Target | None:
    try:
        return target_of(name, read_targets())
    except SettingError:
        return None
