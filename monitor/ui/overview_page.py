"""The page Overview: is the model still right, and if not, since when?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from monitor.analyses.output import QUANTILES, summarise_output
from monitor.analyses.predictions import OUTPUTS
from monitor.charts import Chart, range_chart, volume_chart
from monitor.export.results import as_result
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import Finding
from monitor.judgement.predictions import outside_words
from monitor.judgement.reference import ReferenceCheck, check_reference
from monitor.judgement.sentences import answer, baseline_words, headline, lost_words, sentence
from monitor.ui import navigation
from monitor.ui.annotations import annotation_table
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.measuring import Screen, screen
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.status import status_badge
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import count_text, number_text, plural, share_text, window_text

SHOWN_FINDINGS = 6


def overview_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    drift = screen(current)
    has_output = bool(workspace(current).measured(roles=OUTPUTS))
    output = screen(current, "predictions") if has_output else None
    made = ("overview", drift.key, output.key if output else None, current.theme)
    series = kept((*made, "series"), lambda: _series(current, output) if output else pd.DataFrame())
    with head:
        page_head("overview", overall(drift, output))
        show_cautions(current, drift.judged)
        _figures(drift, output, series)
    charts = kept((*made, "charts"), lambda: _charts(current, drift.judged, series))
    _chart_row(charts)
    _findings(drift, output)
    _cautions(kept((*made, "reference"), lambda: check_reference(drift.judged)), drift.judged)
    inputs = drift.judged
    skipped_note(inputs)
    with st.container(horizontal=True):
        downloads(as_result(inputs), charts, name="overview", key="overview_files")
    facts = {
        "State": "the most severe verdict on the model's answers, then on its inputs; see the pages Predictions and Drift for each",
        "Compared with": str(inputs.provenance.settings.get("against")),
        "Intervals": "95 %, of independent rows (Wilson for shares)",
    }
    evidence(inputs.provenance, facts=facts, key="overview_evidence")


def _series(current: View, output: Screen) -> pd.DataFrame:
    series = summarise_output(output.judged.result, current.case)
    return series[~series["measure"].isin(QUANTILES)]


def overall(drift: Screen, output: Screen | None) -> str:
    """Say the state of the model in one sentence: its answers first, then its inputs."""
    inputs, found = drift.judged, drift.found
    if _unjudged(inputs):
        return answer(inputs)
    changed = f"{len(found)} of {plural(inputs.primary['column'].nunique(), 'input')} changed beyond what chance explains"
    inputs_said = (
        f"{changed}, first of all {headline(found[0])}"
        if found
        else f"none of {plural(inputs.primary['column'].nunique(), 'input')} changed"
    )
    gone = lost_words(inputs)
    if output is None:
        return f"{gone}The case names no predictions; {inputs_said}."
    answers = output.found
    if not answers:
        outside = outside_words(output.judged)
        as_before = f"The model answers as it did in {inputs.result.called.a}"
        return f"{gone}{f'No change of the answers is beyond chance, yet {outside}' if outside else as_before}; {inputs_said}."
    return f"{gone}The model answers differently: {headline(answers[0])}; {inputs_said}."


def _unjudged(inputs: JudgedDrift) -> bool:
    return len(inputs.primary) > 0 and bool(inputs.primary["status"].eq(Status.TOO_FEW_ROWS).all())


def _figures(drift: Screen, output: Screen | None, series: pd.DataFrame) -> None:
    inputs, found = drift.judged, drift.found
    sides, a = inputs.result.sides, inputs.result.called.a.removeprefix("the ")
    reference = f"{a}: {count_text(int(sides.blocks.rows.sum()))}"
    figures = [KeyFigure("Rows looked at", count_text(int(sides.production.rows.sum())), reference)]
    if output is not None and len(series):
        figures += [_last(rows, output.judged.result.labels, a) for _, rows in series.groupby(["column", "measure"], sort=False)]
    chance = f"≤ {number_text(inputs.expected_false_alarms, 2)} alarms by chance"
    figures.append(KeyFigure("Inputs changed", f"{len(found)} of {inputs.primary['column'].nunique()}", chance))
    key_figures(figures[:5])


def _last(rows: pd.DataFrame, labels: Mapping[str, str], a: str) -> KeyFigure:
    last = rows.iloc[-1]
    share = str(last["measure"]).startswith("share")
    write = share_text if share else number_text
    what = f"{last['measure']}, {window_text(str(last['window']))}".capitalize()
    name = str(labels.get(str(last["column"]), last["column"]))
    return KeyFigure(name, write(float(last["value"])), f"{a}: {write(float(last['reference_value']))}", help=what)


def _charts(current: View, inputs: JudgedDrift, series: pd.DataFrame) -> dict[str, Chart]:
    production = inputs.result.sides.production
    volume = pd.DataFrame({"window": production.windows.ids, "rows": production.rows})
    notes = annotation_table(current.case)
    return {
        "volume": volume_chart(volume, annotations=notes, theme=current.theme),
        **output_charts(current, series),
    }


def output_charts(current: View, series: pd.DataFrame) -> dict[str, Chart]:
    """Return a chart of each measure of the model's output by window, by a short name."""
    charts: dict[str, Chart] = {}
    if series.empty:
        return charts
    notes = annotation_table(current.case)
    for (column, measure), rows in series.groupby(["column", "measure"], sort=False):
        charts[f"{column}-{measure}".replace(" ", "-")] = range_chart(
            rows,
            label=f"{current.case.label(str(column))}: {measure}",
            share=str(measure).startswith("share"),
            annotations=notes,
            theme=current.theme,
        )
    return charts


def _chart_row(charts: dict[str, Chart]) -> None:
    shown = list(charts.items())[:5]
    for first in range(0, len(shown), 2):
        columns = st.columns(2, gap="medium") if len(shown) > 1 else [st.container()]
        for place, (name, chart) in zip(columns, shown[first : first + 2], strict=False):
            with place:
                show_chart(chart, key=f"overview_{name}")


def _findings(drift: Screen, output: Screen | None) -> None:
    st.markdown("#### What changed, the most severe first")
    pairs = [(screen_of, one) for screen_of in (output, drift) if screen_of is not None for one in screen_of.found]
    if _unjudged(drift.judged):
        empty_state("Too few rows to say whether anything changed.", "Choose larger windows in the bar above.")
    elif not pairs:
        empty_state(
            "Nothing changed beyond what chance and the reference's own variation explain.",
            "Look at smaller windows or at a segment in the bar above.",
        )
    for screen_of, finding in pairs[:SHOWN_FINDINGS]:
        _finding(screen_of.judged, finding)
    if len(pairs) > SHOWN_FINDINGS:
        st.caption(f"{plural(len(pairs) - SHOWN_FINDINGS, 'more finding')} on the pages Drift and Predictions.")


def _finding(result: JudgedDrift, finding: Finding) -> None:
    entry = navigation.entry(result.result.analysis)
    query = {**{str(k): str(v) for k, v in st.query_params.items()}, "cell": f"{finding.column}~{finding.worst}"}
    with st.container(border=True):
        mark, said, link = st.columns([0.1, 0.8, 0.1], vertical_alignment="center")
        with mark:
            status_badge(finding.status)
        said.markdown(md_escape(sentence(finding, against=baseline_words(result))))
        link.page_link(entry.path, label="See it", icon=":material/arrow_forward:", query_params=query)


def _cautions(reference: ReferenceCheck, inputs: JudgedDrift) -> None:
    if moving := reference.moving_sentence():
        st.info(md_escape(moving), icon=":material/info:")
    few = int((inputs.primary["status"] == "too_few_rows").sum())
    if few:
        st.info(f"{plural(few, 'column-window')} had too few rows to be judged.", icon=":material/info:")
