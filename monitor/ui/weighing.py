"""What findings do to the mean prediction, worked out after the page stands: nobody waits for it to read what happened."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from monitor.analyses.baselines import KNOWN
from monitor.analyses.explanation_result import ExplanationResult
from monitor.errors import ColumnMissingError, ExtensionMissingError, KindError, MethodError, ModelError, SelectionError
from monitor.judgement.impact import weigh
from monitor.ui.measuring import Screen, at_hand, judged_of
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import kept


def weights_of(current: View) -> ExplanationResult | None:
    """Return explanations of the same sides where they are at hand; None where they are not, or would compare other things."""
    if not _can_be_weighed(current):
        return None
    found: ExplanationResult | None = at_hand(current, "explanations")
    return found


def weighed(shown: Screen, weights: ExplanationResult) -> Screen:
    """Return a screen whose findings carry what they do to the mean prediction."""
    return kept((*shown.key, "weighed"), lambda: replace(shown, judged=weigh(shown.judged, weights)))


def weigh_later(current: View) -> None:
    """Explain predictions below a page that stands already, then show it anew; say why where it cannot be done."""
    if not _can_be_weighed(current):
        return
    try:
        judged_of(current, "explanations")
    except (ModelError, ExtensionMissingError, ColumnMissingError, SelectionError, MethodError, KindError) as error:
        st.caption(md_escape(f"What changes do to predictions is not known: {error}"))
        return
    st.rerun()


def _can_be_weighed(current: View) -> bool:
    """Say whether the case names a model, and both sides are the same as those that it is explained for."""
    return current.case.model is not None and current.against.partition(":")[0] not in KNOWN[1:]
