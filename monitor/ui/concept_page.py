"""The page Concept: do the same inputs still lead to the same labels?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.charts import Chart, level_chart, parts_chart, series_chart
from monitor.export.finding_sections import concept_chart, concept_titles
from monitor.export.results import as_result
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.finding import Finding
from monitor.registry import find_analysis, screen_answer
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.losses import LOSSES
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import chart_names, downloads, empty_state, evidence, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.wording import number_text

PAGE = "concept"
PAIRS = {"causes": ("covariate", "concept"), "mix": ("mix", "behaviour")}


def concept_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "Concept drift cannot be looked for here.")
        empty_state(lacking, "Labels may also come as a file of their own: name it as labels in [data] of case.toml.", page="setup")
        return
    judged: JudgedConcept = judged_of(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    show_cautions(current, judged)
    if judged.table.empty:
        empty_state("There is nothing to show.", "Both sides need labelled rows. Choose a longer period.")
        skipped_note(judged)
        return
    charts = {**_chosen(current, judged), **kept(("concept", judged_key(current, PAGE), current.theme), lambda: _charts(current, judged))}
    names = list(charts)
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        for name in names[:2]:
            show_chart(charts[name], key=f"concept_{name}")
    with right:
        if judged.findings:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("Nothing changed beyond chance.", "Intervals of each window stand in the download.")
    for place, name in zip(st.columns(2, gap="medium"), names[2:], strict=False):
        with place:
            show_chart(charts[name], key=f"concept_{name}")
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="concept_files")
    evidence(judged.provenance, facts=_facts(judged), key="concept_evidence")


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _chosen(current: View, judged: JudgedConcept) -> dict[str, Chart]:
    """Ask what is shown by window, first of all what the first finding is about, and draw it."""
    titles = concept_titles(judged)
    if not titles:
        return {}
    usual = judged.leading[0].what if judged.findings else next(iter(titles))
    chosen = ask_one("concept_of", "By window", list(titles), usual=usual, format_func=titles.__getitem__, width=420)
    names, notes = chart_names(judged.called), annotation_table(current.case)
    key = ("concept_of", judged_key(current, PAGE), chosen, current.theme)
    return {"by-window": kept(key, lambda: concept_chart(judged, chosen, names=names, annotations=notes, theme=current.theme))}


def _rows(judged: JudgedConcept, method: str) -> pd.DataFrame:
    usable = dict(zip(judged.windows.ids, judged.result.usable, strict=True))
    rows = judged.table[judged.table["method"].eq(method) & judged.table["column"].eq("")]
    return rows.assign(waiting=~rows["window"].map(usable).astype(bool), part=CONCEPT[method].title)


def _charts(current: View, judged: JudgedConcept) -> dict[str, Chart]:
    """Draw level and ranking apart, then the two ways to split the change; windows that wait for labels are left out."""
    found: dict[str, Chart] = {}
    level, slope = (_rows(judged, name) for name in ("level", "calibration_slope"))
    level, slope = (rows[~rows["waiting"]] for rows in (level, slope))
    notes, theme = annotation_table(current.case), current.theme
    if len(level):
        found["level"] = level_chart(level, theme=theme)
    if len(slope):
        told = slope.assign(value=slope["score"])
        usual = float(slope["reference_value"].iloc[0])
        found["ranking"] = series_chart(
            told,
            label="Calibration slope",
            reference=usual,
            annotations=notes,
            title="Ranking: how well scores separate labels",
            theme=theme,
        )
    for name, pair in PAIRS.items():
        rows = pd.concat([_rows(judged, method) for method in pair])
        rows = rows[~rows["waiting"]]
        if len(rows):
            titles = (CONCEPT[pair[0]].title, CONCEPT[pair[1]].title)
            found[name] = parts_chart(rows, label=LOSSES[judged.result.metric].title, parts=titles, theme=theme)
    return found


def _facts(judged: JudgedConcept) -> dict[str, str]:
    return {
        "Expected": "gradient-boosted trees on inputs and answer, learned on the reference, out of fold over blocks of time there",
        "Parts": "change = what inputs let expect now less then, plus what was realised beyond what was expected; both add up exactly",
        "Population": "leaves of a small tree on the reference's errors; shares and means of leaves split the change exactly (Kitagawa)",
        "By a column": "typical shift of the means of its cells beside the mean of all rows, less what sampling adds",
        "Limit": "how each varies between the reference's own windows, all runs and all numbers of this page allowed for",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over all of them",
    }
