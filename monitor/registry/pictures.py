"""Charts and numbers of a page by their names, so that a board can ask for one of them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from monitor.charts import Chart
from monitor.errors import SelectionError, nearest
from monitor.export.charts import to_vega_lite
from monitor.export.finding_sections import (
    concept_chart,
    concept_titles,
    estimate_chart,
    gap_chart_of,
    metric_chart,
    operation_chart,
    operation_titles,
    segment_chart,
)
from monitor.export.incident_timeline import incidents_chart
from monitor.export.report import drift_overview
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import JudgedEstimate
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.findings import ALARMS
from monitor.judgement.judged import Judged
from monitor.judgement.kpis import Tree
from monitor.judgement.narration.sentences import headline
from monitor.judgement.operations import JudgedOperations
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.segments import JudgedSegments
from monitor.judgement.window_texts import text_of
from monitor.registry.catalogue import find_analysis
from monitor.registry.live import goal_chart
from monitor.stats.performance.catalogue import METRICS
from monitor.wording import count_text, number_text, share_text

LEADING, ALL_FINDINGS = "leading finding", "findings"
"""The picture that every analysis with a finding has, and the number that every analysis has."""
Picture = Mapping[str, Any]
Draw = Callable[[], Chart | Picture | None]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as people read it: what it is of, how much, beside what."""

    label: str
    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a board can show: what it is called, and what makes it when it is asked for."""

    title: str
    make: Callable[[], Any]


def pictures_of(judged: Judged) -> dict[str, Named]:
    """Return the charts of an analysis by their names; each is drawn, as complete Vega-Lite, when it is asked for."""
    found = {name: Named(title, _complete(draw)) for name, (title, draw) in _own(judged).items()}
    for one in judged.leading[:1]:
        charts = find_analysis(judged.analysis).report(one, judged).charts
        if charts:
            title = f"What leads: {headline(one, judged.names, judged.against)}"
            found[LEADING] = Named(title, partial(_itself, charts[0]))
    return found


def numbers_of(judged: Judged) -> dict[str, Named]:
    """Return the numbers of an analysis by their names."""
    found = {ALL_FINDINGS: Named("How many findings", lambda: _counted(judged))}
    if isinstance(judged, (JudgedPerformance, JudgedOperations)):
        titles = operation_titles(judged) if isinstance(judged, JudgedOperations) else _metric_titles(judged)
        return {**{name: Named(title, _last(judged, name, title)) for name, title in titles.items()}, **found}
    return found


def _itself(picture: Picture) -> Picture:
    return picture


def pictures_of_goals(tree: Tree) -> dict[str, Named]:
    """Return the course of each goal by its name."""
    return {one.section.name: Named(one.section.name, _complete(partial(goal_chart, tree, one))) for one in tree.goals}


def numbers_of_goals(tree: Tree) -> dict[str, Named]:
    """Return how each goal stands by its name."""

    def number(name: str) -> Number:
        goal = tree.goal(name)
        value = "–" if goal.latest is None else goal.write(goal.values[goal.latest])
        return Number(name, value, f"{goal.state.value}: {tree.asked(goal)}")

    return {one.section.name: Named(one.section.name, partial(number, one.section.name)) for one in tree.goals}


def named(found: Mapping[str, Named], name: str) -> Named:
    """Return one of several by its name.

    Raises
    ------
    SelectionError
        There is none: the data or the case are others than when it was put on the board.
    """
    if name not in found:
        raise SelectionError(f"There is no '{name}' on that page now.{nearest(name, found)} Take the tile away, or put another there.")
    return found[name]


def _complete(draw: Draw) -> Callable[[], Picture | None]:
    def complete() -> Picture | None:
        drawn = draw()
        return to_vega_lite(drawn) if isinstance(drawn, Chart) else drawn

    return complete


def _own(judged: Judged) -> dict[str, tuple[str, Draw]]:
    """Return the charts that an analysis has of everything it measured, found or not."""
    if isinstance(judged, JudgedPerformance):
        return {name: (title, partial(metric_chart, judged, name)) for name, title in _metric_titles(judged).items()}
    if isinstance(judged, JudgedOperations):
        return {name: (title, partial(operation_chart, judged, name)) for name, title in operation_titles(judged).items()}
    if isinstance(judged, JudgedConcept):
        return {name: (title, partial(concept_chart, judged, name)) for name, title in concept_titles(judged).items()}
    if isinstance(judged, JudgedEstimate):
        metrics = dict.fromkeys(judged.table["metric"].astype(str))
        return {name: (f"{_title(name)}, estimated", partial(estimate_chart, judged, name)) for name in metrics}
    return _more(judged)


def _more(judged: Judged) -> dict[str, tuple[str, Draw]]:
    if isinstance(judged, JudgedFairness):
        tracks = {one.what: f"{_title(one.method)}: {one.label}" for one in judged.findings}
        return {name: (title, partial(gap_chart_of, judged, name)) for name, title in tracks.items()}
    if isinstance(judged, JudgedSegments):
        return {one.what: (one.label, partial(segment_chart, judged, one.what)) for one in judged.findings}
    if isinstance(judged, JudgedIncidents) and judged.incidents:
        return {"timeline": ("When each incident happened", lambda: incidents_chart(judged))}
    if isinstance(judged, JudgedDrift) and judged.primary["window"].nunique() > 1:
        return {"map": ("Map of columns and windows", lambda: drift_overview(judged))}
    return {}


def _metric_titles(judged: JudgedPerformance) -> dict[str, str]:
    tracks = [one for one in judged.result.tracks if not one.segment]
    return {one.name: f"{judged.result.catalogue[one.metric].title}{f' of {one.klass}' if one.klass else ''}" for one in tracks}


def _title(metric: str) -> str:
    return METRICS[metric].title if metric in METRICS else metric


def _counted(judged: Judged) -> Number:
    alarms = sum(one.status in ALARMS for one in judged.findings)
    lasting = sum(one.ongoing for one in judged.findings)
    return Number(f"{find_analysis(judged.analysis).title}: findings", count_text(alarms), f"{count_text(lasting)} of them go on")


def _last(judged: JudgedPerformance | JudgedOperations, name: str, title: str) -> Callable[[], Number]:
    """Return what makes the number of the last whole window that is known."""

    def number() -> Number:
        rows = _rows(judged, name)
        short = rows["window"].map(dict(zip(judged.windows.ids, judged.partial.tolist(), strict=True))).astype(bool)
        mature = rows["mature"].astype(bool) if "mature" in rows else True
        known = rows[~short & mature & rows["value"].notna()]
        if known.empty:
            return Number(title, "–", "no whole window is known yet")
        last = known.iloc[-1]
        write = _writer(judged, name)
        beside = f"{judged.called.a}: {write(float(last['reference_value']))}" if _finite(last.get("reference_value")) else ""
        return Number(f"{title}, {text_of(judged, str(last['window']))}", write(float(last["value"])), beside)

    return number


def _rows(judged: JudgedPerformance | JudgedOperations, name: str) -> pd.DataFrame:
    if isinstance(judged, JudgedOperations):
        return judged.rows_of(name)
    track = next(one for one in judged.result.tracks if one.name == name)
    table = judged.table
    return table[table["segment"].isna() & table["class"].fillna("").eq(track.klass) & table["metric"].eq(track.metric)]


def _writer(judged: JudgedPerformance | JudgedOperations, name: str) -> Callable[[float], str]:
    if isinstance(judged, JudgedPerformance):
        track = next(one for one in judged.result.tracks if one.name == name)
        return share_text if judged.result.catalogue[track.metric].is_share else number_text
    found = next((one for one in judged.result.tracks if one.name == name), None)
    return share_text if found is None or found.metric.is_share else number_text  # an objective is a share of good events


def _finite(value: object) -> bool:
    return isinstance(value, (int, float)) and bool(np.isfinite(value))
