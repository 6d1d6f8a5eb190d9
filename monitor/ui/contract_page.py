"""The page Contract: does production keep what was agreed, and what would have to be agreed anew?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from monitor.analyses.contract_inference import infer_contract
from monitor.case import Case
from monitor.charts import Chart
from monitor.contract.clauses import clauses_of, contract_summary
from monitor.contract.file import CONTRACT_FILE, contract_text, save_contract
from monitor.contract.model import DataContract
from monitor.contract.proposals import Change
from monitor.errors import DriftscopeError
from monitor.export.finding_sections import contract_chart
from monitor.export.results import as_result
from monitor.gate import Right
from monitor.judgement.contract import JudgedContract
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.sentences import sentence
from monitor.registry import find_analysis, screen_answer
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.door import locked
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept, run_cancellable
from monitor.wording import count_text, moment_text

PAGE = "contract"
_REFUSED, _WANTED = "contract_refused", "contract_wanted"


def contract_page() -> None:
    """Show the page."""
    current = view()
    if not (current.case.root / CONTRACT_FILE).is_file():
        _first(current)
        return
    judged: JudgedContract = judged_of(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    show_cautions(current, judged)
    broken = [one for one in judged.findings if one.kind is not FindingKind.DEFECT]
    _figures(judged, broken)
    _refused()
    drawn, found = st.columns([0.6, 0.4], gap="medium")
    with drawn:
        charts = _close_up(current, judged)
    with found:
        if broken:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("Every clause is kept.", "What is asked of each column stands below.")
    _terms(judged.contract)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="contract_files")
        st.download_button(
            CONTRACT_FILE, contract_text(judged.contract), file_name=CONTRACT_FILE, icon=":material/download:", key="contract_toml"
        )
    evidence(judged.provenance, facts=_facts(judged), key="contract_evidence")


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _figures(judged: JudgedContract, broken: list[Finding]) -> None:
    clauses = len({one.what for one in broken})
    columns = len({one.label for one in broken})
    figures = [
        KeyFigure("Clauses broken", str(clauses), f"of {count_text(len(judged.result.asked))} asked"),
        KeyFigure("Going on", str(sum(one.ongoing for one in broken)), f"of {len(broken)} found"),
        KeyFigure("Columns concerned", str(columns), f"of {count_text(len(judged.contract.columns))} in the contract"),
    ]
    key_figures(figures)


def _close_up(current: View, judged: JudgedContract) -> dict[str, Chart]:
    """Ask which broken clause is shown, draw it, say what its rows hold and what would let it be kept."""
    told = {one.id: sentence(one, judged.names, judged.against) for one in judged.findings}
    if not told:
        empty_state("No row breaks a clause.", "Shares of every clause and window stand in the download.")
        return {}
    chosen = ask_one("contract_finding", "Shown", list(told), usual=next(iter(told)), format_func=told.__getitem__)
    finding = next(one for one in judged.findings if one.id == chosen)
    names, notes = chart_names(judged.called), annotation_table(current.case)
    key = ("contract", judged_key(current, PAGE), chosen, current.theme)
    chart = kept(key, lambda: contract_chart(judged, finding, names=names, annotations=notes, theme=current.theme))
    if chart is None:
        st.caption("This is known of the column as a whole: there is no share by window to draw.")
    else:
        show_chart(chart, key="contract_by_window")
    _seen(judged, finding)
    _proposal(current, judged, finding)
    return {} if chart is None else {"by-window": chart}


def _seen(judged: JudgedContract, finding: Finding) -> None:
    seen = judged.seen_of(finding)
    if seen is None or not seen.values:
        return
    first = "" if seen.first is None else f", first on {moment_text(seen.first)}"
    most = "What" if sum(seen.values.values()) >= finding.rows else "Some of what"
    st.caption(f"{most} these rows hold{first}")
    table = pd.DataFrame({"Value": list(seen.values), "Rows": list(seen.values.values())})
    if seen.since:
        table["First"] = [moment_text(seen.since[value]) if value in seen.since else "" for value in seen.values]
    st.dataframe(table, hide_index=True, height=180)


def _proposal(current: View, judged: JudgedContract, finding: Finding) -> None:
    """Say what the contract would have to say, and let it be accepted."""
    change = judged.change_of(finding)
    if change is None:
        return
    st.markdown(f"If this is as it should be: {md_escape(change.text)}.")
    if not current.presenting:
        st.button(
            "Accept this change", icon=":material/check:", on_click=_accept, args=(current.case, change), key="contract_accept",
            disabled=locked(Right.OWN),
            help=f"Writes it into {CONTRACT_FILE} beside the case",
        )  # fmt: skip


def _accept(case: Case, change: Change) -> None:
    _save(case, change.contract)


def _save(case: Case, contract: DataContract) -> None:
    """Write the contract, and keep what went wrong for the page to say."""
    try:
        save_contract(case.root, contract)
    except DriftscopeError as error:
        st.session_state[_REFUSED] = str(error)


def _refused() -> None:
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(md_escape(refused), title="Nothing was changed", icon=":material/error:")


def _first(current: View) -> None:
    """Say that there is no contract, and offer the one that the reference suggests."""
    doubt = f"It would stand in {CONTRACT_FILE} beside case.toml, to be edited and compared like code."
    page_head(PAGE, "This case has no contract yet.", doubt)
    _refused()
    if current.presenting:
        return
    if st.button("Suggest one from the reference", icon=":material/auto_awesome:", key="contract_suggest"):
        st.session_state[_WANTED] = current.case_id
    if st.session_state.get(_WANTED) != current.case_id:
        return
    opened = workspace(current)

    def work(progress: Any, _cancel: Any) -> DataContract:
        return infer_contract(opened, progress=progress)

    suggested = run_cancellable((PAGE, "suggested", opened.fingerprint("reference")), work, text="Trying terms on days held out")
    st.markdown(md_escape(contract_summary(suggested)))
    st.button(
        f"Write {CONTRACT_FILE}",
        icon=":material/save:",
        on_click=_save,
        args=(current.case, suggested),
        key="contract_write",
        disabled=locked(Right.OWN),
    )
    _terms(suggested)
    with st.expander("As it would be written", icon=":material/code:"):
        st.code(contract_text(suggested), language="toml", height=400)


def _terms(contract: DataContract) -> None:
    """Show what is asked, a line a clause."""
    rows = [
        {
            "Clause": one.id,
            "A row breaks it when it is": one.told,
            "Allowed share": one.outside,
        }
        for one in clauses_of(contract)
    ]
    st.markdown("**What is asked**")
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(rows, columns=["Clause", "A row breaks it when it is", "Allowed share"]),
        hide_index=True,
        column_config={"Allowed share": share},
    )


def _facts(judged: JudgedContract) -> dict[str, str]:
    return {
        "Broken": "more rows than may, and not by chance (one-sided 95 %, Clopper and Pearson)",
        "Suggested": "terms that stretches of the reference which were held out break in less than 1 % of windows",
        "Repeated": "rows beyond the first of each value, in order of time",
        "Contract": contract_summary(judged.contract),
    }
