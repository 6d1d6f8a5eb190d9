"""What has to be known before an answer is believed, in a line or two near it."""

from __future__ import annotations

import streamlit as st

from monitor.engine import NEVER, SHARED, chosen_by
from monitor.judgement.judged import Judged
from monitor.judgement.reference import check_seasons
from monitor.tables import Provenance
from monitor.ui.opened import workspace
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.wording import list_text, plural

LEFT_OUT = "without the rows of:"
"""How the description of a selection says that rows of the other side are left out."""


def show_cautions(view: View, judged: Judged) -> None:
    """Say which rows are on both sides or in no window, which columns differ by choice, and that a season would look like drift."""
    chosen = chosen_sentence(view)
    if chosen:
        st.caption(f":material/info: {md_escape(chosen)}")
    shared = shared_sentence(judged.provenance)
    if shared:
        st.caption(f":orange[:material/warning:] {md_escape(shared)}")
    for never in never_sentences(judged.provenance):
        st.caption(f":orange[:material/warning:] {md_escape(never)}")
    season = check_seasons(judged).season_sentence()
    if season:
        st.caption(f":material/info: {md_escape(season)}")


def chosen_sentence(view: View) -> str:
    """Say which columns differ because the sides were chosen by them; empty if none was."""
    names = chosen_by(workspace(view), view.reference, view.production)
    if not names:
        return ""
    differ, left, it = ("differs", "is", "it") if len(names) == 1 else ("differ", "are", "them")
    told = list_text([view.case.label(name) for name in names])
    return f"{told} {differ} by choice and {left} left out of the verdict: a condition of one side names {it}."


def never_sentences(provenance: Provenance) -> list[str]:
    """Say of each side how many rows have a time that is none."""
    counted = {side: int(told.get("excluded", {}).get(NEVER, 0)) for side, told in provenance.rows.items()}
    return [
        f"{plural(many, 'row')} of {side} {'has' if many == 1 else 'have'} a {NEVER}, and {'lies' if many == 1 else 'lie'} in no window."
        for side, many in counted.items()
        if many
    ]


def shared_sentence(provenance: Provenance) -> str:
    """Say that both sides share rows and from which they were left out; empty if they share none."""
    for side, letter, other in (("reference", "A", "B"), ("production", "B", "A")):
        if LEFT_OUT not in provenance.selections.get(side, ""):
            continue
        many = int(provenance.rows.get(side, {}).get("excluded", {}).get(SHARED, 0))
        rows = (
            f"{plural(many, 'row')} of {letter} {'is' if many == 1 else 'are'} in {other} too" if many else f"{letter} and {other} overlap"
        )
        return f"{rows}: left out of {letter}, for rows compared with themselves would hide a change."
    return ""
