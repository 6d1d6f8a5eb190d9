"""The page Pipelines: did what fills the data run, and what is hit where it did not?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from monitor.charts.theme import palette
from monitor.export.pipeline_map import dot, map_of
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.narration.figures import number
from monitor.judgement.narration.jobs import LOST, SILENT
from monitor.judgement.pipelines import JudgedPipelines, last_success, medians
from monitor.registry import find_analysis, screen_answer
from monitor.ui import here
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.handover_box import training_runs
from monitor.ui.measuring import judged_of
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, key_figures, page_head
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.vocabulary import Role, Task
from monitor.wording import list_text, number_text, window_text

PAGE = "pipelines"
MODEL = "the model"


def pipelines_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "No runs of pipelines are named.", lacking)
        training_runs(current.case, "#### Training runs")
        return
    judged: JudgedPipelines = judged_of(current, PAGE)
    said = screen_answer(judged)
    page_head(PAGE, said.headline, said.doubt)
    _figures(judged)
    jobs, found = st.columns([0.58, 0.42], gap="medium")
    with jobs:
        _jobs(judged)
    with found:
        if judged.findings:
            findings_list(current, judged, PAGE, _look)
        else:
            empty_state("Every job ran.", "Failures that a second attempt mended are no findings.")
    _map(current, judged)
    training_runs(current.case, "#### Training runs")
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), {}, name=PAGE, key="pipelines_files")
    evidence(judged.provenance, facts=_facts(judged), key="pipelines_evidence")


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _figures(judged: JudgedPipelines) -> None:
    last = judged.windows.ids[-1]
    good = sum(bool(one.ok[-1]) for one in judged.result.jobs)
    lost = sum(int((one.ran & ~one.ok).sum()) for one in judged.result.jobs)
    figures = [
        KeyFigure(f"Jobs that succeeded on {window_text(last)}", str(good), f"of {len(judged.result.jobs)} jobs"),
        KeyFigure("Days lost", str(lost), f"of {len(judged.windows)} days and {len(judged.result.jobs)} jobs"),
        KeyFigure("Going on", str(sum(one.ongoing for one in judged.findings)), f"of {len(judged.findings)} found"),
    ]
    key_figures(figures)


def _jobs(judged: JudgedPipelines) -> None:
    """Show each job in the order of the day: when it last succeeded, how it runs, which columns it was seen to hit."""
    hit = {one.label: one.carried for one in judged.findings if one.method == LOST and one.carried}
    rows = []
    for one in judged.result.jobs:
        good = np.flatnonzero(one.ok)
        usual = medians(one)
        fed = list_text([judged.result.labels.get(name, name) for name in one.fed]) or list_text(list(hit.get(one.name, ())))
        rows.append(
            {
                "Job": one.name,
                "Last success": window_text(day) if (day := last_success(judged, one)) else "never",
                "Days lost": int((one.ran & ~one.ok).sum()),
                "Days not run": sum(found.windows for found in judged.findings if found.label == one.name and found.method == SILENT),
                "Failed, mended": int(((one.attempts > 1) & one.ok).sum()),
                "Usual seconds": number(usual["duration_s"]),
                "Seconds, last success": number(float(one.seconds[good[-1]])) if len(good) else "–",
                "Usual rows": number(usual["rows"]),
                "Rows, last success": number(float(one.written[good[-1]])) if len(good) else "–",
                "Fills": fed or "not known",
            }
        )
    st.markdown("**Jobs, in the order of the day**")
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _map(current: View, judged: JudgedPipelines) -> None:
    """Draw what fills what the model reads, and what is hit downstream of a job that failed."""
    columns = workspace(current).columns
    features = [current.case.label(name) for name, one in columns.items() if one.role is Role.FEATURE]
    drawn = map_of(judged, features, "" if current.case.task is Task.NONE else MODEL)
    st.markdown("**From jobs to features to the model**" if drawn.model else "**From jobs to columns**")
    st.markdown(md_escape(drawn.sentence))
    st.graphviz_chart(dot(drawn, palette(current.theme)), width="stretch")
    st.caption(
        "Whole lines: as the case says (feeds under [pipeline]), between jobs as events say. Dashed: seen to be emptier when it failed. "
        "Dotted: nothing says what the job fills."
    )


def _facts(judged: JudgedPipelines) -> dict[str, str]:
    return {
        "Lost": "a day on which a job ran and no attempt succeeded; a failure that a later attempt mended is none",
        "Did not run": "a day without an attempt, where the job ran on nearly all such weekdays before production",
        "Hit": "columns of which five points more are missing on lost days than on others, among those that the case says it fills",
        "Durations and rows": "of good runs, against the days before production, weekdays allowed for, on the scale of logarithms",
        "Times of day": "start of the first run of a day and end of the good one, told from an hour and a half on, and once",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over all jobs",
    }
