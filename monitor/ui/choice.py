"""What a drift screen is asked: method and smallest effect, and the rows that the choice shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from monitor.analyses.own import own_methods_of
from monitor.case import Case, DriftThresholds
from monitor.judgement.drawn import with_strength_of_runs
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.thresholds import drift_thresholds, with_own_floors
from monitor.judgement.window_texts import with_windows
from monitor.stats.methods.method import Method
from monitor.tables import Skipped
from monitor.ui.asking import ask_number, ask_one
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.wording import number_text

VERDICT = "Verdict"
METHODS_OF_VERDICT = "Jensen–Shannon distance, Wasserstein distance, missing share, new and lost levels"
PROFILES: Mapping[str, str] = {"As evidently": "evidently", "As NannyML": "nannyml"}


FACTS: Mapping[str, str] = {
    "constant": "Share of rows at one value",
    "revived": "Share of rows at other values",
    "lost_column": "Column gone",
    "new_column": "Column new",
    "type_change": "Type of the column",
}
"""Names of what is counted and not measured by a method."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Method and smallest effect chosen on the page: what is measured, what is shown, how it is judged."""

    title: str
    method: str
    methods: tuple[str, ...]
    thresholds: DriftThresholds


def titles_of(case: Case) -> dict[str, str]:
    """Return title -> id of every method, those of the case's own included; a title that is taken has the id behind it."""
    found: dict[str, str] = {}
    for method in own_methods_of(case).catalogue:
        taken = method.title in (*found, VERDICT, *PROFILES)
        found[f"{method.title} ({method.id})" if taken else method.title] = method.id
    return found


def is_offered(title: str, case: Case) -> bool:
    """Say whether a case has a method of that title."""
    return title in (VERDICT, *PROFILES) or title in titles_of(case)


def choose_method(view: View, *, page: str) -> Choice:
    """Show the method picker with its explanation and the slider of the smallest effect that matters."""
    own = own_methods_of(view.case)
    titles, base = titles_of(view.case), with_own_floors(drift_thresholds(view.case), own.catalogue)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = ask_one(f"{page}_method", "Method", [VERDICT, *titles, *PROFILES], usual=VERDICT, width=300)
        method = titles.get(title, "js")
        thresholds = base if title == VERDICT else replace(base, method={"*": method})
        if title not in PROFILES:
            thresholds = _floor(base, thresholds, own.catalogue.method(method), page)
        if not view.presenting:
            _about(title, own.catalogue.method(method), own.refused)
    return Choice(title, method, ("default",) if title == VERDICT else ("default", PROFILES.get(title, method)), thresholds)


def _floor(base: DriftThresholds, thresholds: DriftThresholds, method: Method, page: str) -> DriftThresholds:
    usual = base.floor_of(method.id)
    top = max(0.5, 4 * usual) if method.high <= 1 else max(2.0, 4 * usual)
    chosen = ask_number(
        f"{page}_floor", "Smallest effect that matters", top=float(top), usual=float(usual), width=320,
        help="Smaller changes raise no alarm, however sure they are. 2.5 times this makes an alert of a warning.",
    )  # fmt: skip
    return replace(thresholds, floors={**thresholds.floors, method.id: chosen}) if chosen != usual else thresholds


def _about(title: str, method: Method, refused: Sequence[Skipped]) -> None:
    with st.popover("About the method", icon=":material/help:"):
        _explain(title, method)
        for one in refused:
            st.warning(md_escape(one.message), icon=":material/block:")


def _explain(title: str, method: Method) -> None:
    if title == VERDICT:
        st.markdown(
            "What is judged are **runs**: consecutive windows in which one thing moved one way - values, their spread, single categories, "
            "the missing share, values or categories that the reference never had; of texts, their words. The colour says how many times "
            "as far a run went as it had to; the mark stands where it begins.\n\nA run raises an alarm only if it is **large enough to "
            "matter**, **beyond what the reference's own windows show**, and its column **survives a correction** for all the columns and "
            "all the runs that were looked at (Holm)."
        )
        return
    if title in PROFILES:
        st.markdown(
            f"Scores, thresholds and verdicts exactly as {md_escape(title[3:])} would give them by default, for teams that move here."
        )
        return
    st.markdown(f"**{md_escape(method.title)}**\n\n{md_escape(method.summary)}")
    unit = method.unit or "no unit"
    st.caption(md_escape(f"Unit: {unit}. Range: {number_text(method.low)} to {number_text(method.high)}. Source: {method.citation}."))


def shown_rows(result: JudgedDrift, choice: Choice) -> pd.DataFrame:
    """Return one row per column and window, with the names of windows: of the chosen method, else the row that speaks for each."""
    rows = with_strength_of_runs(_chosen_rows(result, choice), result.findings)
    return with_windows(rows, result).assign(measured=[title_of(result, str(method)) for method in rows["method"]])


def _chosen_rows(result: JudgedDrift, choice: Choice) -> pd.DataFrame:
    if choice.title == VERDICT:
        return result.primary
    if choice.title in PROFILES:
        return result.table[result.table["method"].str.startswith(f"{PROFILES[choice.title]}.")]
    return result.table[result.table["method"] == choice.method]


def title_of(result: JudgedDrift, method: str) -> str:
    """Return the name of a method for people; facts have their own."""
    catalogue = result.result.catalogue
    return catalogue.method(method).title if method in catalogue.ids else FACTS.get(method, method)
