"""The page Overview: is the model still right, and if not, since when?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.attributions import STAND_IN
from monitor.analyses.explanation_result import ExplanationResult
from monitor.analyses.output import QUANTILES, summarise_output
from monitor.case.model import OUTPUTS
from monitor.charts import Chart, range_chart, volume_chart
from monitor.export.pins import list_pins
from monitor.export.results import as_result
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.scene import key_of
from monitor.judgement.answers import served_findings
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import JudgedEstimate
from monitor.judgement.finding import Finding, State
from monitor.judgement.impact import impact_sentence, impact_together, spread
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.narration.together import together, together_sentence
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.reference import ReferenceCheck, check_reference
from monitor.judgement.window_texts import last_whole, with_windows
from monitor.registry import REGISTRY as ANALYSES
from monitor.registry import find_analysis, report_of
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import changed_figure, runs_figure, skipped_note
from monitor.ui.incidents_box import incidents_at_hand, incidents_box, look_for_incidents, severe
from monitor.ui.looking import look_link
from monitor.ui.measuring import Screen, judged_for, judged_of, screen
from monitor.ui.metric_figures import metric_figures
from monitor.ui.opened import workspace
from monitor.ui.overview_answer import NO_OUTPUT, estimated, overall, with_incidents
from monitor.ui.present import KeyFigure, downloads, empty_state, evidence, key_figures, page_head, report_downloads, show_chart
from monitor.ui.state import View, view
from monitor.ui.status import status_badge
from monitor.ui.text import md_escape
from monitor.ui.weighing import weigh_later, weighed, weights_of
from monitor.ui.work import kept
from monitor.vocabulary import Status, Task
from monitor.wording import count_text, number_text, plural, share_text

STATES = {State.NEW: ("New", 6), State.ONGOING: ("Going on", 6), State.OVER: ("Over", 4)}
"""What findings are called by where they stand in time, and how many of each are shown."""


def overview_page() -> None:
    """Show the page."""
    current = view()
    top = st.container()
    drift = screen(current)
    has_output = bool(workspace(current).measured(roles=OUTPUTS))
    output = screen(current, "predictions") if has_output else None
    right = _right(current)
    expected = judged_of(current, "estimate") if right is None and not find_analysis("estimate").lacks(current.case) else None
    made = ("overview", drift.key, output.key if output else None, current.theme)
    series = kept((*made, "series"), lambda: _series(current, output) if output else pd.DataFrame())
    weights = weights_of(current)
    if weights is not None:
        drift, output = weighed(drift, weights), None if output is None else weighed(output, weights)
    data_only = current.case.task is Task.NONE
    told = overall(drift, output, right, "No model is watched, only data." if data_only else NO_OUTPUT)
    said = told if expected is None else estimated(told, expected)
    charts = kept((*made, "charts"), lambda: _charts(current, drift.judged, series))
    incidents = incidents_at_hand(current)
    with top:
        whole = with_incidents(said, incidents, worse=right is not None and _worse(right), of=standing_analysis(current))
        page_head("overview", whole.headline, whole.doubt)
        show_cautions(current, drift.judged)
        _figures(drift, output, right, expected, series)
    happened = st.container()
    _findings(_judged(drift, output, right, expected), incidents, weights)
    _elsewhere(current, {one.analysis for one in _judged(drift, output, right, expected)})
    _chart_row(charts)
    _cautions(kept((*made, "reference"), lambda: check_reference(drift.judged)), drift.judged)
    _foot(current, _judged(drift, output, right, expected), drift.judged, charts)
    if weights is None:
        weigh_later(current)
    with happened:
        if incidents is None and look_for_incidents(current):  # last, for it takes longest
            st.rerun()
        incidents_box(incidents)


def leading_analysis(current: View) -> str:
    """Return the analysis whose answer is the headline of this page, once incidents were looked for."""
    right = _right(current)
    found = None if find_analysis("incidents").lacks(current.case) else judged_for(current, "incidents")
    worse = right is not None and _worse(right)
    return "incidents" if isinstance(found, JudgedIncidents) and severe(found) and not worse else standing_analysis(current)


def standing_analysis(current: View) -> str:
    """Return the analysis whose answer is the headline of this page while no severe incident is open."""
    if _right(current) is not None:
        return "performance"
    if not find_analysis("estimate").lacks(current.case):
        return "estimate"
    answers = judged_for(current, "predictions") if workspace(current).measured(roles=OUTPUTS) else None
    return "predictions" if isinstance(answers, JudgedDrift) and served_findings(answers) else "drift"


def _foot(current: View, screens: Sequence[Judged], inputs: JudgedDrift, charts: dict[str, Chart]) -> None:
    skipped_note(inputs)
    with st.container(horizontal=True):
        downloads(as_result(inputs), charts, name="overview", key="overview_files")
        pins, app = list_pins(current.case).pins, here.app()
        report_downloads(lambda: report_of(screens, current.case, pins, app=app), name=current.case_id, key="overview_report")
    facts = {
        "State": "whether the model is right where labels say so, else what is estimated of it, else what changed in answers and inputs",
        "Compared with": str(inputs.provenance.settings.get("against")),
        "Intervals": "95 %, of independent rows (Wilson for shares)",
    }
    evidence(inputs.provenance, facts=facts, key="overview_evidence")


def _right(current: View) -> JudgedPerformance | None:
    """Return how right the model is by its labels; None where it cannot be measured for want of them."""
    label = current.case.roles.label
    if find_analysis("performance").lacks(current.case) or current.production.data not in workspace(current).schema.info(str(label)).types:
        return None
    found: JudgedPerformance = judged_of(current, "performance")
    return found if found.result.labelled.any() else None


def _worse(right: JudgedPerformance) -> bool:
    """Say whether a metric of all rows is worse today."""
    return any(one.note == "worse" and one.state is not State.OVER for one in right.findings)


def _judged(drift: Screen, output: Screen | None, right: JudgedPerformance | None, expected: JudgedEstimate | None) -> list[Judged]:
    """Return what was judged, the model's performance first."""
    answers = None if output is None else output.judged
    return [one for one in (right, expected, answers, drift.judged) if one is not None]


def _series(current: View, output: Screen) -> pd.DataFrame:
    series = summarise_output(output.judged.result, current.case)
    return with_windows(series[~series["measure"].isin(QUANTILES)], output.judged)


def _figures(
    drift: Screen, output: Screen | None, right: JudgedPerformance | None, expected: JudgedEstimate | None, series: pd.DataFrame
) -> None:
    inputs = drift.judged
    sides, a = inputs.result.sides, inputs.result.called.a.removeprefix("the ")
    reference = f"{a}: {count_text(int(sides.blocks.rows.sum()))}"
    figures = [] if right is None else metric_figures(right, 1)
    figures += [KeyFigure("Rows looked at", count_text(int(sides.production.rows.sum())), reference)]
    if output is not None and len(series):
        figures += [_last(rows, output.judged, a) for _, rows in series.groupby(["column", "measure"], sort=False)][: 2 - len(figures[1:])]
    key_figures([*figures, changed_figure(inputs, "Inputs"), runs_figure(*_judged(drift, output, right, expected))])


def _last(rows: pd.DataFrame, output: JudgedDrift, a: str) -> KeyFigure:
    """Return a measure in its last complete window."""
    whole = rows[rows["window"] == last_whole(output)]
    last = (whole if len(whole) else rows).iloc[-1]
    share = str(last["measure"]).startswith("share")
    write = share_text if share else number_text
    name = str(output.result.labels.get(str(last["column"]), last["column"]))
    before = f"{a}: {write(float(last['reference_value']))}"
    return KeyFigure(f"{name}, {last['when']}", write(float(last["value"])), before, help=str(last["measure"]).capitalize())


def _charts(current: View, inputs: JudgedDrift, series: pd.DataFrame) -> dict[str, Chart]:
    production = inputs.result.sides.production
    volume = with_windows(pd.DataFrame({"window": production.windows.ids, "rows": production.rows}), inputs)
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
    width = 3 if len(shown) in (3, 5) else 2
    for first in range(0, len(shown), width):
        columns = st.columns(width, gap="medium") if len(shown) > 1 else [st.container()]
        for place, (name, chart) in zip(columns, shown[first : first + width], strict=False):
            with place:
                show_chart(chart, key=f"overview_{name}")


def _findings(screens: Sequence[Judged], incidents: JudgedIncidents | None, weights: ExplanationResult | None) -> None:
    """Show what was found and belongs to no incident by where it stands in time: new, going on, over; of the model's performance first,
    then by impact."""
    taken = {one.key for incident in ([] if incidents is None else incidents.incidents) for one in incident.evidence}
    alone = [tuple(one for one in judged.findings if key_of(judged.analysis, one) not in taken) for judged in screens]
    if not any(one.findings for one in screens):
        empty_state(*_nothing(screens[-1]))
    if belong := sum(len(one.findings) for one in screens) - sum(map(len, alone)):
        st.caption(f"{plural(belong, 'finding')} {'belongs' if belong == 1 else 'belong'} to the incidents above.")
    if weights is not None and any(alone):
        st.caption("What changed is ranked by what it does to the mean prediction.")
    for state, (title, shown) in STATES.items():
        mine = [(one, tuple(finding for finding in own if finding.state is state)) for one, own in zip(screens, alone, strict=True)]
        count = sum(len(findings) for _, findings in mine)
        if count:
            st.markdown(f"#### {title} ({count_text(count)})")
            _of_state(mine, shown, weights)


def _elsewhere(current: View, looked: set[str]) -> None:
    """Say which analyses were not looked at here, with the way to each, and what the others would need."""
    rows = [row for row in ANALYSES.values() if row.name not in looked and not row.of_others]  # incidents have a box of their own
    asked = [row for row in rows if not row.lacks(current.case)]
    if asked:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="overview_elsewhere"):
            st.markdown(":small[:gray[Not counted here, each on its own page:]]", width="content")
            for row in asked:
                here.link(row.name)
    lacking = dict.fromkeys(row.lacks(current.case) for row in rows if row not in asked)
    if lacking:
        st.caption(md_escape(f"Not looked at. {' '.join(lacking)}"))


def _nothing(inputs: Judged) -> tuple[str, str]:
    if isinstance(inputs, JudgedDrift) and len(inputs.primary) > 0 and bool(inputs.primary["status"].eq(Status.TOO_FEW_ROWS).all()):
        return "Too few rows to say whether anything changed.", "Choose larger windows in the bar above."
    return (
        "Nothing changed beyond what chance and the reference's own variation explain.",
        "Look at smaller windows or at a segment in the bar above.",
    )


@dataclass(frozen=True, slots=True)
class _Card:
    """One thing that happened: its link looks at `finding`; `impact` is what all of it does to the mean prediction, nan: not known, as that
    of so many `columns` (0: of an output)."""

    result: Judged
    finding: Finding
    text: str
    impact: float
    columns: int

    @property
    def place(self) -> tuple[bool, float]:
        """Where it stands among others of its state: how right the model is first, then the largest impact."""
        return find_analysis(self.result.analysis).weighed, -abs(float(np.nan_to_num(self.impact)))


def _of_state(mine: Sequence[tuple[Judged, Sequence[Finding]]], shown: int, weights: ExplanationResult | None) -> None:
    """Show what happened together once, then the others one by one: the most severe first, or by impact where that is known."""
    cards = [card for result, findings in mine for card in _cards(result, findings)]
    ranked = cards if weights is None else sorted(cards, key=lambda card: card.place)
    for card in ranked[:shown]:
        _show(card, "" if weights is None else _does(card, weights))
    if len(cards) > shown:
        st.caption(f"{count_text(len(cards) - shown)} more on the pages of each.")


def _does(card: _Card, weights: ExplanationResult) -> str:
    stand_in = weights.attributions.source == STAND_IN
    return impact_sentence(card.impact, weights.told_unit, spread(weights), columns=card.columns, stand_in=stand_in)


def _cards(result: Judged, findings: Sequence[Finding]) -> list[_Card]:
    parted, row = together(findings), find_analysis(result.analysis)

    def card(group: Sequence[Finding], text: str) -> _Card:
        impact = impact_together(group) if row.weighed else float("nan")
        return _Card(result, group[0], text, impact, len({one.what for one in group}) if row.noun == "column" else 0)

    groups = [card(group, together_sentence(group, result.names, row.noun)) for group in parted.groups]
    return [*groups, *(card([one], sentence(one, result.names, result.against)) for one in parted.alone)]


def _show(card: _Card, impact: str) -> None:
    with st.container(border=True):
        mark, said, link = st.columns([0.1, 0.8, 0.1], vertical_alignment="center")
        with mark:
            status_badge(card.finding.status)
        said.markdown(md_escape(card.text))
        if impact:
            said.caption(md_escape(impact))
        with link:
            look_link(card.result.analysis, card.finding)


def _cautions(reference: ReferenceCheck, inputs: JudgedDrift) -> None:
    if moving := reference.moving_sentence():
        st.info(md_escape(moving), icon=":material/info:")
    few = int((inputs.primary["status"] == "too_few_rows").sum())
    if few:
        st.info(f"{plural(few, 'column-window')} had too few rows to be judged.", icon=":material/info:")
