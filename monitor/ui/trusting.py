"""The part of the page Set-up that asks whether code and models of the case may run."""

from __future__ import annotations

from functools import partial

import streamlit as st

from monitor.case import Case, revoke_trust, trust_of
from monitor.case.content import Content
from monitor.case.trust import RISK, Trust, TrustState, brought, trust_content
from monitor.errors import DriftscopeError, ModelError
from monitor.gate import Right
from monitor.models import audit_model
from monitor.models.telling import audit_lines
from monitor.ui.door import locked
from monitor.ui.state import View
from monitor.ui.text import md_escape

_REFUSED = "trust_refused"


def show_trust(view: View) -> None:
    """Say whether what the case brings runs, and let the receiver decide; a case that brings nothing that runs shows nothing."""
    trust = trust_of(view.case)
    if not trust.content.runs:
        _types(view.case)
        return
    st.markdown("##### Code and model of the case")
    if trust.given:
        st.success("You trust the code and model of this case as they are now: they run.", icon=":material/verified_user:")
    else:
        asks = " The case asks to be trusted." if trust.content.asks else ""
        st.warning(
            f"Nothing of it runs: {md_escape(trust.reason or 'a file cannot be read')}.{asks} {RISK}",
            title="This case brings code that you do not trust", icon=":material/gpp_maybe:",
        )  # fmt: skip
    _files(trust.content)
    _types(view.case)
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(md_escape(refused), title="Nothing was changed", icon=":material/error:")
    if not view.presenting:
        _decide(view.case, trust)


def _types(case: Case) -> None:
    """Show, folded, which types the model file holds; it is looked through when somebody asks, and nothing of it is loaded."""
    if case.model is None or not case.model.path.lower().endswith(".skops"):
        return
    folded = st.expander("Which types the model file holds", icon=":material/deployed_code:", key="setup_types", on_change="rerun")
    if not folded.open:
        return
    with folded:
        try:
            found = audit_model(case)
        except ModelError as error:
            st.error(md_escape(str(error)), icon=":material/error:")
            return
        for line in [] if found is None else audit_lines(found):
            st.markdown(md_escape(line))


def _files(content: Content) -> None:
    st.markdown("\n".join(f"- {md_escape(line)}" for line in brought(content)))
    if content.code:
        with st.expander("Read the code", icon=":material/code:"):
            for one in content.code:
                st.caption(md_escape(one.path))
                st.code(one.source.decode("utf-8", errors="replace"), language="python")


def _decide(case: Case, trust: Trust) -> None:
    if trust.given:
        st.button(
            "Trust it no more",
            icon=":material/gpp_bad:",
            on_click=_told,
            args=(partial(revoke_trust, case.root),),
            key="trust_revoke",
            disabled=locked(Right.OWN),
        )
    elif trust.state is not TrustState.UNREADABLE and not trust.content.problems:
        # What is trusted is what this page shows, even if the folder changes before the click.
        act = partial(trust_content, trust.content, name=case.name)
        st.button(
            "I have read it and trust it",
            icon=":material/gpp_maybe:",
            on_click=_told,
            args=(act,),
            key="trust_give",
            disabled=locked(Right.OWN),
        )


def _told(act: partial[object]) -> None:
    """Do it, and keep what went wrong for the page to say."""
    try:
        act()
    except DriftscopeError as error:
        st.session_state[_REFUSED] = str(error)
