"""The page Adversaries: does somebody play against the model?"""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from monitor.analyses.adversaries import group_rows
from monitor.charts import Chart, drift_heatmap_chart
from monitor.export.charts import to_vega_lite
from monitor.export.files import to_csv
from monitor.export.finding_pins import adversary_pin
from monitor.export.finding_sections import adversary_chart
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.judged_adversaries import JudgedAdversaries
from monitor.judgement.narration.concerted import fragility_text
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.window_texts import with_windows
from monitor.registry import find_analysis, screen_answer
from monitor.stats.adversaries.catalogue import COUNTED, KINDS
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.opened import workspace
from monitor.ui.pinning import keep, pin_drawer, pin_key
from monitor.ui.present import downloads, empty_state, evidence, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import count_text, list_text, number_text, share_text

PAGE = "adversaries"
MOST_ROWS = 200
TURNING = 8
"""Columns that are shown of those that turn decisions."""


def adversaries_page() -> None:
    """Show the page."""
    current = view()
    judged: JudgedAdversaries = judged_of(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    show_cautions(current, judged)
    if not judged.result.tracks:
        empty_state("There is nothing to compare rows in.", "Name features, a timestamp or a score in [roles].", page="setup")
        skipped_note(judged)
        return
    charts = _shown(current, judged)
    if judged.findings:
        _rows(current, judged, charts)
    show_chart(charts["kinds"], key="adversaries_kinds")
    _fragile(judged, current)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="adversaries_files")
    evidence(judged.provenance, facts=_facts(judged), key="adversaries_evidence")


def _shown(current: View, judged: JudgedAdversaries) -> dict[str, Chart]:
    """Show what is chosen by window beside the findings; return it, and all kinds by window."""
    names = {COUNTED[one.name][0]: one.name for one in judged.result.tracks}
    usual = COUNTED[judged.findings[0].what.partition("#")[0]][0] if judged.findings else next(iter(names))
    made, notes = judged_key(current, PAGE), annotation_table(current.case)
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        chosen = names[ask_one("adversaries_sign", "Counted by window", list(names), usual=usual, width=320)]
        key = ("adversaries", made, chosen, current.theme)
        line = kept(key, lambda: adversary_chart(judged, chosen, annotations=notes, theme=current.theme))
        show_chart(line, key="adversaries_line")
    with right:
        if judged.findings:
            findings_list(current, judged, PAGE, _look, pins=False)
        else:
            empty_state("No sign goes beyond what the reference had.", "What each was, and what it had to be, stands in the download.")
    return {"by-window": line, "kinds": kept(("kinds", made, current.theme), lambda: _kinds_chart(current, judged))}


def _kinds_chart(current: View, judged: JudgedAdversaries) -> Chart:
    """Draw kinds by windows."""
    table = with_windows(judged.table, judged).assign(
        column=judged.table["kind"], label=[KINDS[kind].title for kind in judged.table["kind"]]
    )
    return drift_heatmap_chart(table, method="Count", noun="sign", annotations=annotation_table(current.case), theme=current.theme)


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _rows(current: View, judged: JudgedAdversaries, charts: dict[str, Chart]) -> None:
    """Show the rows behind a finding, and offer them all as a file and the finding as a pin."""
    told = {one.id: one for one in judged.findings}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = ask_one(
            "adversaries_rows", "Rows behind", list(told), usual=next(iter(told)), width=620,
            format_func=lambda name: headline(told[name], judged.names, judged.against),
        )  # fmt: skip
        finding, group = told[chosen], judged.behind[chosen]
        if not current.presenting:
            name = f"{PAGE}-{finding.method}-rows.csv"
            everything = lambda: to_csv(group_rows(workspace(current), judged.result, group))  # noqa: E731 - asked for when it is clicked
            st.download_button(
                "All rows", everything, name, "text/csv", key="adversaries_all_rows", icon=":material/download:", on_click="ignore"
            )
            _pin_button(current, judged, finding, charts)
    key = ("adversary rows", judged_key(current, PAGE), chosen)
    rows: pd.DataFrame = kept(key, lambda: group_rows(workspace(current), judged.result, group, most=MOST_ROWS))
    words = f"Rows behind: {headline(finding, judged.names, judged.against)}"
    st.dataframe(rows, hide_index=True, height=240, column_config=dict(current.case.labels_text), alt=words)
    more = f", the first {count_text(MOST_ROWS)} of them" if finding.rows > MOST_ROWS else ""
    shared = f" All share {md_escape(group.segment)}." if group.segment else ""
    st.caption(f"{count_text(finding.rows)} rows in order of time{more}.{shared}")


def _pin_button(current: View, judged: JudgedAdversaries, finding: Finding, charts: dict[str, Chart]) -> None:
    with pin_drawer("Pin this finding", PAGE), st.form("adversaries_pin_form", border=False):
        st.markdown(md_escape(sentence(finding, judged.names, judged.against)))
        comment = st.text_area("Comment", placeholder="What do you make of it?", max_chars=4000)
        if st.form_submit_button("Pin", type="primary"):
            changes = {"win": str(current.windows), **find_analysis(PAGE).look(finding)}
            query = urlencode(current.address.change(changes).of_page(PAGE).query(), doseq=True)
            specs = [to_vega_lite(charts["by-window"])]
            keep(current.case, adversary_pin(finding, judged, view=query, comment=comment, charts=specs), key=pin_key(PAGE))


def _fragile(judged: JudgedAdversaries, current: View) -> None:
    """Show how little must change before decisions do."""
    found = judged.result.fragility
    said = "" if found is None else fragility_text(found, judged.result.labels)
    if found is None or not said:
        return
    st.subheader("How little must change to turn a decision", anchor=False)
    st.caption(md_escape(said))
    if not found.asked:
        return
    left, right = st.columns([0.6, 0.4], gap="medium")
    steps = {change: f"past {share_text(change)}" if isinstance(change, float) else change for change in found.table["change"].unique()}
    wide = found.table.assign(change=found.table["change"].map(steps)).pivot(index=["decision", "n"], columns="change", values="share")
    shown = wide[list(steps.values())].reset_index().rename(columns={"decision": "Decided", "n": "Rows tried"})
    share = st.column_config.NumberColumn(format="percent")
    left.dataframe(
        shown, hide_index=True, column_config=dict.fromkeys(steps.values(), share), alt="Share of decisions that turn, by what changes"
    )
    columns = found.columns.assign(column=[current.case.label(one) for one in found.columns["column"]]).head(TURNING)
    right.dataframe(
        columns.rename(columns={"column": "Column", "share": "Decisions that it alone turns"}), hide_index=True,
        column_config={"Decisions that it alone turns": share}, alt="Columns by the share of decisions that each alone turns",
    )  # fmt: skip
    st.caption(
        "One value of a sampled row of production is changed at a time and the model asked again: numbers move past such a share of the "
        "reference's rows, levels become one of the four commonest others. By column: at most past 10 %, or another level."
    )


def _facts(judged: JudgedAdversaries) -> dict[str, str]:
    counted = {one.title: f"{one.summary}. Cannot see {one.blind}." for one in KINDS.values()}
    left = list_text([*judged.result.left_out], limit=8)
    return {
        **counted,
        "Not compared": f"{left}: the clock tells them, or nearly every row has its own" if left else "every column was compared",
        "Limit": "a count is judged by the largest that the reference's own windows had (at least five rows): beyond it by a power tail; "
        "flips by the reference's own rate of them, as uncertain as that is; shares of scores by how they vary between these windows",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over all that is counted",
        "Thresholds from": "[thresholds] of case.toml (adversaries.q, .alert, .min_rows), else the defaults",
    }
