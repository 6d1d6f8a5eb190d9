"""The page Quality: is the data what it was, and what was wrong with it all along?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.charts import Chart
from monitor.export.finding_sections import quality_chart
from monitor.export.quality_map import MOST_ROWS, finding_at, quality_cells, quality_map
from monitor.export.results import as_result
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.figures import share
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.quality import JudgedQuality
from monitor.registry import find_analysis, screen_answer
from monitor.stats.counts.checks import SINGLE
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, selected, show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import number_text, plural

PAGE = "quality"


def quality_page() -> None:
    """Show the page."""
    current = view()
    judged: JudgedQuality = judged_of(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    show_cautions(current, judged)
    changed = [one for one in judged.findings if one.kind is not FindingKind.DEFECT]
    _figures(judged, changed)
    charts: dict[str, Chart] = {}
    drawn, found = st.columns([0.64, 0.36], gap="medium")
    with drawn:
        charts = _chart(current, judged) | _map(current, judged)
    with found:
        if changed:
            findings_list(current, judged, PAGE, _look, findings=changed)
        else:
            empty_state("Nothing is worse than it was.", "Defects that were there before stand below.")
    _defects(judged)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="quality_files")
    evidence(judged.provenance, facts=_facts(judged), key="quality_evidence")


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _chart(current: View, judged: JudgedQuality) -> dict[str, Chart]:
    """Ask which finding is drawn, the first that can be where none is chosen, and draw it."""
    told = {one.id: sentence(one, judged.names, judged.against) for one in judged.findings}
    if not told:
        empty_state("No row fails a check.", "Facts and checks of every column and window stand in the download.")
        return {}
    chosen = ask_one("quality_finding", "Shown", list(told), usual=next(iter(told)), format_func=told.__getitem__)
    finding = next(one for one in judged.findings if one.id == chosen)
    names, notes = chart_names(judged.called), annotation_table(current.case)
    key = ("quality", judged_key(current, PAGE), chosen, current.theme)
    chart = kept(key, lambda: quality_chart(judged, finding, names=names, annotations=notes, theme=current.theme))
    if chart is None:
        st.caption("This is known of the column as a whole: there is no share by window to draw.")
        return {}
    show_chart(chart, key="quality_by_window")
    return {"by-window": chart}


def _map(current: View, judged: JudgedQuality) -> dict[str, Chart]:
    """Show columns by windows; a click shows what was found there."""
    notes = annotation_table(current.case)
    key = ("quality map", judged_key(current, PAGE), current.theme)
    chart = kept(key, lambda: quality_map(judged, annotations=notes, theme=current.theme))
    if chart is None:
        return {}
    show_chart(chart, key="quality_heat", on_select=lambda: _from_map(judged))
    columns = quality_cells(judged)["column"].nunique()
    if columns > MOST_ROWS:
        st.caption(f"{MOST_ROWS} of {columns} columns in which anything was found; all stand in the download.")
    return {"map": chart}


def _from_map(judged: JudgedQuality) -> None:
    cells = selected("quality_heat")
    if isinstance(cells, list) and cells:
        here.choose({"quality_finding": finding_at(judged, str(cells[0]["column"]), str(cells[0]["window"]))})


def _figures(judged: JudgedQuality, changed: list[Finding]) -> None:
    table = judged.table
    alarmed = table[table["status"].isin([Status.ALERT, Status.WARNING])]
    stable = sum(one.kind is FindingKind.DEFECT and one.method not in SINGLE for one in judged.findings)
    figures = [
        KeyFigure("Columns that changed", str(alarmed["column"].nunique()), f"of {table['column'].nunique()} columns"),
        KeyFigure("Runs going on", str(sum(one.ongoing for one in changed)), f"of {plural(len(changed), 'run')} found"),
        KeyFigure("Stable defects", str(stable), "no drift", help="Rows fail a check on both sides alike"),
    ]
    key_figures(figures)


def _defects(judged: JudgedQuality) -> None:
    """Show what was wrong before and still is, and what single hours and rows lack."""
    told = [(one, sentence(one, judged.names, judged.against)) for one in judged.findings if one.kind is FindingKind.DEFECT]
    rows = [
        {"Defect": text, "Reference": share(one.before), "Production": share(one.after), "Rows": one.rows}
        for one, text in told
        if one.method not in SINGLE
    ]
    if rows:
        st.markdown("**Defects that were there before: stable, no drift**")
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    if single := [text for one, text in told if one.method in SINGLE]:
        st.markdown("**Seen of single hours, rows and columns**")
        st.markdown("\n".join(f"- {md_escape(text)}" for text in single))


def _facts(judged: JudgedQuality) -> dict[str, str]:
    return {
        "Facts": "missing values, levels, ranges and types are told as the page Drift tells them: there is one truth about a column",
        "Checks": "stand-ins for missing values, zeros, infinite values, decimals, values that repeat, blanks, damaged text, numbers among "
        "texts, impossible dates, repeated rows and ids",
        "Decimals": "are counted of values, each once an hour, for rows that share a measurement are no rows of their own",
        "Limit": "how shares vary between the reference's own windows, all runs and checks allowed for",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over {len(judged.result.checks)} checks that any row fails",
        "Stable": f"what at least {share(judged.thresholds.defect)} of rows fail on both sides alike is a defect and no drift",
    }
