"""What a report says and draws of a finding, by the analysis that found it; pages draw the same charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.concept_result import ConceptTrack
from monitor.analyses.estimate_tables import BLEND
from monitor.analyses.operations import OperationTrack
from monitor.charts import (
    Chart,
    Names,
    Theme,
    beside_chart,
    estimated_chart,
    gap_chart,
    objective_chart,
    range_chart,
    series_title,
    statistic_timeline_chart,
)
from monitor.export.challengers import arms_chart_of, shadow_chart_of
from monitor.export.charts import to_vega_lite
from monitor.export.explained import column_picture
from monitor.export.incident_timeline import stretches_of
from monitor.export.report import WORDS, Section
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.adversary_rows import counted_rows
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.contract import JudgedContract
from monitor.judgement.estimate import GAP, JudgedEstimate
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.judged_adversaries import JudgedAdversaries
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.judgement.narration.figures import share
from monitor.judgement.narration.operations import GAP as GAP_IN_ROWS
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.operations import JudgedOperations, seasons
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.pipelines import JudgedPipelines
from monitor.judgement.quality import JudgedQuality, place_of
from monitor.judgement.segments import JudgedSegments
from monitor.judgement.window_texts import with_windows
from monitor.stats.adversaries.catalogue import COUNTED
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.disparity import Scale
from monitor.stats.performance.losses import LOSSES
from monitor.vocabulary import Status

SEEN = (Status.STABLE.value, Status.WARNING.value, Status.ALERT.value)
OUTLIER_METHOD = "flagged rows in 100"


def metric_chart(
    judged: JudgedPerformance, name: str, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart:
    """Draw a metric by window with its interval beside the reference's own windows; hollow where labels are not in yet."""
    track = next(one for one in judged.result.tracks if one.name == name)
    table = judged.table
    same = table["segment"].fillna("").eq(track.segment) & table["class"].fillna("").eq(track.klass) & table["metric"].eq(track.metric)
    rows = with_windows(table[same], judged)
    known = track.own.value[track.own.reason == ""]
    low, high = (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
    waiting = ~rows["mature"].to_numpy(dtype=bool)
    told = rows.assign(reference_low=low, reference_high=high, partial=rows["partial"] | waiting, waiting=waiting)
    few = waiting & (rows["n_labelled"].to_numpy(dtype=float) < judged.thresholds.min_rows)  # no sample, and would stretch the axis
    told.loc[few, ["value", "lower", "upper"]] = np.nan
    metric = judged.result.catalogue[track.metric]
    called = series_title(told, metric.title, float(rows["reference_value"].iloc[0]), metric.is_share)
    return range_chart(
        told, label=metric.title, share=metric.is_share, names=names, annotations=annotations,
        title=f"{track.segment}: {called}" if track.segment else None, theme=theme,
    )  # fmt: skip


def metric_section(finding: Finding, judged: JudgedPerformance) -> Section:
    """Return the section of a finding on performance."""
    return _plain(finding, judged, (metric_chart(judged, finding.what),))


def operation_titles(judged: JudgedOperations) -> dict[str, str]:
    """Return what people read for each metric and objective that was measured, by its name among the others."""
    metrics = {one.name: one.metric.title + (f" of {one.segment}" if one.segment else "") for one in judged.result.tracks}
    return metrics | {one.name: f"Objective: {one.title}" for one in judged.result.objectives}


def operation_chart(
    judged: JudgedOperations, name: str, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart:
    """Draw a metric of operations by window beside the reference's own windows, or the good events of an objective beside what is asked."""
    rows = with_windows(judged.rows_of(name), judged)
    track = next((one for one in judged.result.tracks if one.name == ("requests" if name == GAP_IN_ROWS else name)), None)
    cut = dict(zip(judged.windows.ids, judged.partial, strict=True))
    told = rows.assign(partial=rows["window"].map(cut).astype(bool))
    if track is None:
        label, asked = operation_titles(judged)[name], float(rows["objective"].iloc[0])
        return objective_chart(told, label=label, objective=asked, names=names, annotations=annotations, theme=theme)
    low, high = _own_range(track, seasons(judged.result) if name in judged.seasonal else None)
    unit = "" if track.metric.is_share or track.metric.unit in ("rows", "cost", "index") else f", {track.metric.unit}"
    label = f"{operation_titles(judged)[track.name]}{unit}"
    told = told.assign(reference_low=low, reference_high=high)
    return range_chart(told, label=label, share=track.metric.is_share, names=names, annotations=annotations, theme=theme)


def _own_range(track: OperationTrack, season: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Return the least and the most of the reference's own windows beside each judged one, (2, w), nan: none. Where weekdays or hours
    differ each lies as far from the mean of its own as the farthest of all windows do."""
    own = np.where((track.own.reason == "") & track.own_usable, track.own.value, np.nan)
    season = np.zeros(len(own) + len(track.production.value), dtype=np.int64) if season is None else season
    mean = pd.Series(own).groupby(season[: len(own)]).mean()
    before, now = (mean.reindex(part).to_numpy() for part in (season[: len(own)], season[len(own) :]))
    away = pd.Series(own) / before if track.metric.relative else pd.Series(own) - before  # none of 0: pandas divides without a word
    ends = np.array([[away.min()], [away.max()]])
    return np.asarray(now * ends if track.metric.relative else now + ends)


def operation_section(finding: Finding, judged: JudgedOperations) -> Section:
    """Return the section of a finding on operations."""
    return _plain(finding, judged, (operation_chart(judged, finding.what),))


def quality_chart(
    judged: JudgedQuality, finding: Finding, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart | None:
    """Draw the share of rows that fail a check by window; None for facts that have no share by window."""
    rows = judged.rows_of(finding).dropna(subset=["value"])
    if rows.empty or place_of(finding)[0] == "lost_levels":
        return None
    told = _shares(rows, judged)
    label = f"{finding.label}: {place_of(finding)[0].replace('_', ' ')}"
    return range_chart(told, label=label, share=True, names=names, annotations=annotations, theme=theme)


def _shares(rows: pd.DataFrame, judged: JudgedQuality | JudgedContract) -> pd.DataFrame:
    """Return shares by window as a chart of ranges draws them: one share is expected, not a range of them."""
    cut = dict(zip(judged.windows.ids, judged.partial, strict=True))
    return with_windows(rows, judged).assign(
        reference_value=rows["expected"].fillna(0.0), reference_low=np.nan, reference_high=np.nan, lower=rows["value"], upper=rows["value"],
        partial=rows["window"].map(cut).astype(bool),
    )  # fmt: skip


def quality_section(finding: Finding, judged: JudgedQuality) -> Section:
    """Return the section of a finding on data quality."""
    drawn = quality_chart(judged, finding)
    return _plain(finding, judged, () if drawn is None else (drawn,))


def contract_chart(
    judged: JudgedContract, finding: Finding, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart | None:
    """Draw the share that breaks a clause by window beside that of the reference; None for clauses of whole columns."""
    rows = judged.rows_of(finding).dropna(subset=["value"])
    if rows.empty or finding.method in ("required", "new_column"):
        return None
    told = _shares(rows, judged)
    label = f"{finding.label}: {finding.note}, {share(finding.bound)} allowed"
    return range_chart(told, label=label, share=True, names=names, annotations=annotations, theme=theme)


def contract_section(finding: Finding, judged: JudgedContract) -> Section:
    """Return the section of a broken clause of the contract."""
    drawn = contract_chart(judged, finding)
    return _plain(finding, judged, () if drawn is None else (drawn,))


def pipeline_section(finding: Finding, judged: JudgedPipelines) -> Section:
    """Return the section of a finding on pipelines: its sentence says it all."""
    return _plain(finding, judged, ())


def incident_section(finding: Finding, judged: JudgedIncidents) -> Section:
    """Return the section of an incident: what it is called, what it did, when each finding lasted that belongs to it."""
    one = judged.incident(finding.what)
    drawn = None if one is None else stretches_of(one, judged)
    return _plain(finding, judged, () if drawn is None else (drawn,))


def gap_chart_of(judged: JudgedFairness, name: str, *, annotations: pd.DataFrame | None = None, theme: Theme = "light") -> Chart:
    """Draw how far a metric of a group lies from that of all others by window; hollow where labels are not in yet."""
    track, table = judged.track(name), judged.table
    same = table["attribute"].eq(track.attribute) & table["group"].eq(track.group) & table["metric"].eq(track.metric)
    rows = with_windows(table[same & table["class"].fillna("").eq(track.klass)], judged)
    ratio = track.scale is not Scale.DIFFERENCE
    kind = "ratio" if ratio else "difference"
    told = rows.assign(
        gap=rows[kind],
        lower=rows[f"{kind}_lower"],
        upper=rows[f"{kind}_upper"],
        partial=rows["partial"] | ~rows["mature"].to_numpy(dtype=bool),
    )
    told = told.assign(reference=told["reference_ratio"] if ratio else np.nan)
    label = f"{METRICS[track.metric].title} of {track.label} {track.group}"
    band = (judged.thresholds.band, 1 / judged.thresholds.band) if ratio else None
    return gap_chart(told, label=label, band=band, annotations=annotations, theme=theme)


def gap_section(finding: Finding, judged: JudgedFairness) -> Section:
    """Return the section of a finding on fairness."""
    return _plain(finding, judged, (gap_chart_of(judged, finding.what),))


def shadow_section(finding: Finding, judged: JudgedShadow) -> Section:
    """Return the section of a finding on a challenger or an experiment."""
    arms = judged.result.arms
    if finding.where and arms is not None:
        found = [(t, p) for p in arms.pairs for t in p.tracks if (p.treatment, t.metric) == (finding.where, finding.method)]
        return _plain(finding, judged, tuple(arms_chart_of(*one) for one in found))
    chart = shadow_chart_of(judged, finding.method) if finding.kind is FindingKind.CHALLENGER else None
    return _plain(finding, judged, () if chart is None else (chart,))


def estimate_chart(
    judged: JudgedEstimate, metric: str, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart:
    """Draw the default estimate of a metric by window beside what labels say, and both as one where labels are coming in."""
    told = METRICS[metric]
    rows = estimate_rows(judged, metric)
    return estimated_chart(rows, label=told.title, share=told.is_share, names=names, annotations=annotations, theme=theme)


def estimate_rows(judged: JudgedEstimate, metric: str) -> pd.DataFrame:
    """Return one row per window: the default estimate with the interval of the number of record, and the blend (`blended`)."""
    table = judged.table[judged.table["metric"] == metric]
    usual = table[table["method"] == judged.result.method]
    mixed = table[(table["method"] == BLEND) & table["estimated"].notna()].set_index("window")
    found = with_windows(usual, judged).assign(blended=usual["window"].map(mixed["estimated"]).to_numpy(dtype=float))
    for end in ("lower", "upper"):
        found[end] = (
            usual["window"].map(mixed[end]).fillna(usual.set_index("window", drop=False)[end].set_axis(usual.index)).to_numpy(dtype=float)
        )
    return found


def estimate_section(finding: Finding, judged: JudgedEstimate) -> Section:
    """Return the section of a finding on estimates."""
    return _plain(finding, judged, (estimate_chart(judged, finding.what.removesuffix(GAP)),))


def concept_titles(judged: JudgedConcept) -> dict[str, str]:
    """Return what people read for each method, and each column of one, that is judged, by its name."""
    held = [one for one in judged.result.tracks if CONCEPT[one.method].judged]
    return {one.name: _concept_title(one) for one in held}


def _concept_title(track: ConceptTrack) -> str:
    title = CONCEPT[track.method].title
    return f"{title.removesuffix(' by a column')} by {track.label}" if track.column else title


def concept_chart(
    judged: JudgedConcept, name: str, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart:
    """Draw a method, or a column of one, by window beside the reference's own windows, hollow where it is not judged; windows that
    wait for labels are left out: the few that come first are no sample."""
    track = next(one for one in judged.result.tracks if one.name == name)
    table = judged.table
    rows = with_windows(table[table["method"].eq(track.method) & table["column"].eq(track.column)], judged)
    own = np.sqrt(np.maximum(track.own, 0.0)) if track.column else track.own
    known = own[np.isfinite(own)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
    rows = rows[rows["window"].isin({one for one, seen in zip(judged.windows.ids, judged.result.usable, strict=True) if seen})]
    usual = 0.0 if CONCEPT[track.method].centred else rows["reference_value"]
    told = rows.assign(
        value=rows["score"],
        reference_low=low,
        reference_high=high,
        reference_value=usual,
        partial=rows["partial"] | ~rows["status"].isin(SEEN),
    )
    return range_chart(told, label=_concept_title(track), names=names, annotations=annotations, theme=theme)


def concept_section(finding: Finding, judged: JudgedConcept) -> Section:
    """Return the section of a finding on concept drift: of several columns the strongest is drawn."""
    return _plain(finding, judged, (concept_chart(judged, finding.what),))


def segment_chart(
    judged: JudgedSegments, name: str, *, names: Names | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart:
    """Draw a metric of a segment by window, with other rows beside it; hollow where labels are not in yet."""
    rows = with_windows(judged.table[judged.table["label"] == name], judged)
    usable = dict(zip(judged.windows.ids, judged.result.usable, strict=True))
    title = LOSSES[str(rows["metric"].iloc[0])].title
    told = rows.assign(waiting=~rows["window"].map(usable).astype(bool))
    return beside_chart(told, label=title, segment=str(rows["called"].iloc[0]), names=names, annotations=annotations, theme=theme)


def segment_section(finding: Finding, judged: JudgedSegments) -> Section:
    """Return the section of a finding on a segment."""
    return _plain(finding, judged, (segment_chart(judged, finding.what),))


def adversary_chart(judged: JudgedAdversaries, name: str, *, annotations: pd.DataFrame | None = None, theme: Theme = "light") -> Chart:
    """Draw what was counted under a name by window, with what is usual and the limit."""
    title, axis = COUNTED[name]
    rows = with_windows(counted_rows(judged, name), judged)
    return statistic_timeline_chart(rows, label=title, method=axis, annotations=annotations, theme=theme)


def adversary_section(finding: Finding, judged: JudgedAdversaries) -> Section:
    """Return the section of a sign of concerted behaviour."""
    return _plain(finding, judged, (adversary_chart(judged, finding.what.partition("#")[0]),))


def outlier_chart(
    judged: JudgedOutliers, name: str, *, annotations: pd.DataFrame | None = None, theme: Theme = "light", title: str | None = None
) -> Chart:
    """Draw the share of flagged rows by window, in percent, with the share from which on it alarms."""
    rows = with_windows(judged.shares[judged.shares["what"] == name], judged)
    told = rows.assign(score=100 * rows["share"], limit=100 * rows["limit"])
    label = str(rows["label"].iloc[0])
    return statistic_timeline_chart(told, label=label, method=OUTLIER_METHOD, annotations=annotations, title=title, theme=theme)


def outlier_section(finding: Finding, judged: JudgedOutliers) -> Section:
    """Return the section of a finding on outliers."""
    return _plain(finding, judged, (outlier_chart(judged, finding.what),))


def explanation_section(finding: Finding, judged: JudgedExplanations) -> Section:
    """Return the section of a finding on attributions: what the column adds by window."""
    column = finding.what.removesuffix(f" [{finding.note}]") if finding.note else finding.what
    return _plain(finding, judged, (column_picture(judged, finding.note, column),))


def joint_section(finding: Finding, judged: Judged) -> Section:
    """Return the section of a finding on joint drift."""
    return _plain(finding, judged, ())


def _plain(finding: Finding, judged: Judged, charts: Sequence[Chart]) -> Section:
    return Section(
        title=headline(finding, judged.names, judged.against),
        sentence=sentence(finding, judged.names, judged.against),
        status=WORDS[Status(finding.status)],
        charts=tuple(to_vega_lite(chart) for chart in charts),
    )
