"""The report of a whole case: first what people who decide need, then every finding of every analysis, then how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.concept import ConceptTrack
from monitor.analyses.estimate_tables import BLEND
from monitor.case import Case
from monitor.charts import Chart, Names, Theme, beside_chart, estimated_chart, gap_chart, range_chart
from monitor.export.charts import to_vega_lite
from monitor.export.explained import column_picture
from monitor.export.files import provenance_record
from monitor.export.pins import Pin
from monitor.export.report import WORDS, Report, Section, drift_facts, drift_overview, drift_section, pinned_section, written
from monitor.export.results import as_result
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import GAP, JudgedEstimate
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.segments import JudgedSegments
from monitor.judgement.window_texts import with_windows
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.disparity import Scale
from monitor.stats.performance.losses import LOSSES
from monitor.tables import Skipped
from monitor.vocabulary import Status
from monitor.wording import plural

SEEN = (Status.STABLE.value, Status.WARNING.value, Status.ALERT.value)
INPUTS = "drift"
"""The analysis that says what was compared with what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one analysis adds: its `title`, what was judged with its `answer`, and how one of its findings becomes a `section`."""

    title: str
    judged: Judged
    answer: Answer
    section: Callable[[Finding, Any], Section]


def case_report(parts: Sequence[Part], case: Case, pins: Sequence[Pin] = (), skipped: Sequence[Skipped] = ()) -> Report:
    """Return the report of a case: `parts` in the order of what matters most, the first one's answer leads; pins with their comments;
    `skipped` are analyses that could not be asked."""
    lead, judged = parts[0], [part.judged for part in parts]
    inputs = next((one for one in judged if isinstance(one, JudgedDrift) and one.analysis == INPUTS), None)
    answers = {one.title: _told(one) for one in parts}
    asked = {} if inputs is None else drift_facts(inputs)
    return _without_place(
        Report(
            title=case.name,
            answer=lead.answer.headline,
            doubt=lead.answer.doubt,
            facts={**answers, **asked, "Owner": case.owner or "nobody is named", "Written": written()},
            sections=(
                *(pinned_section(one) for one in pins),
                *(one.section(finding, one.judged) for one in parts for finding in one.judged.findings),
            ),
            charts=_pictures(parts),
            skipped=tuple(dict.fromkeys(f"{one.what}: {one.message}" for one in [*skipped, *_skips(parts)])),
            computed={one.title: provenance_record(as_result(one.judged).provenance) for one in parts},
        ),
        str(case.root),
    )


def _skips(parts: Sequence[Part]) -> list[Skipped]:
    return [one for part in parts for one in part.judged.skipped]


def _told(part: Part) -> str:
    many = len(part.judged.findings)
    return f"{part.answer.headline} {plural(many, 'finding')} below." if many else part.answer.headline


def _pictures(parts: Sequence[Part]) -> tuple[Mapping[str, Any], ...]:
    """Return what the first page shows: the metric that changed most, and the map of what changed in the inputs."""
    found: list[Chart] = []
    for one in parts:
        if isinstance(one.judged, JudgedPerformance) and one.judged.findings:
            found.append(metric_chart(one.judged, one.judged.findings[0].what))
        elif isinstance(one.judged, JudgedDrift) and one.judged.analysis == INPUTS and one.judged.primary["window"].nunique() > 1:
            found.append(drift_overview(one.judged))
    return tuple(to_vega_lite(chart) for chart in found)


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
    told = rows.assign(reference_low=low, reference_high=high, partial=waiting, waiting=waiting)
    metric = judged.result.catalogue[track.metric]
    return range_chart(told, label=metric.title, share=metric.is_share, names=names, annotations=annotations, theme=theme)


def metric_section(finding: Finding, judged: JudgedPerformance) -> Section:
    """Return the section of a finding on performance."""
    return _plain(finding, judged, (metric_chart(judged, finding.what),))


def gap_chart_of(judged: JudgedFairness, name: str, *, annotations: pd.DataFrame | None = None, theme: Theme = "light") -> Chart:
    """Draw how far a metric of a group lies from that of all others by window; hollow where labels are not in yet."""
    track, table = judged.track(name), judged.table
    same = table["attribute"].eq(track.attribute) & table["group"].eq(track.group) & table["metric"].eq(track.metric)
    rows = with_windows(table[same & table["class"].fillna("").eq(track.klass)], judged)
    ratio = track.scale is not Scale.DIFFERENCE
    kind = "ratio" if ratio else "difference"
    told = rows.assign(
        gap=rows[kind], lower=rows[f"{kind}_lower"], upper=rows[f"{kind}_upper"], partial=~rows["mature"].to_numpy(dtype=bool)
    )
    told = told.assign(reference=told["reference_ratio"] if ratio else np.nan)
    label = f"{METRICS[track.metric].title} of {track.label} {track.group}"
    band = (judged.thresholds.band, 1 / judged.thresholds.band) if ratio else None
    return gap_chart(told, label=label, band=band, annotations=annotations, theme=theme)


def gap_section(finding: Finding, judged: JudgedFairness) -> Section:
    """Return the section of a finding on fairness."""
    return _plain(finding, judged, (gap_chart_of(judged, finding.what),))


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
        value=rows["score"], reference_low=low, reference_high=high, reference_value=usual, partial=~rows["status"].isin(SEEN)
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
    return beside_chart(told, label=title, segment=name, names=names, annotations=annotations, theme=theme)


def segment_section(finding: Finding, judged: JudgedSegments) -> Section:
    """Return the section of a finding on a segment."""
    return _plain(finding, judged, (segment_chart(judged, finding.what),))


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


def _without_place(report: Report, root: str) -> Report:
    """Leave the folder of the author's machine out of how things were computed."""

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(root, ".")
        if isinstance(value, Mapping):
            return {key: cleaned(part) for key, part in value.items()}
        return [cleaned(part) for part in value] if isinstance(value, (list, tuple)) else value

    return report.with_computed(cleaned(report.computed))


__all__ = [
    "Part",
    "case_report",
    "concept_chart",
    "concept_section",
    "concept_titles",
    "drift_section",
    "estimate_chart",
    "estimate_rows",
    "estimate_section",
    "explanation_section",
    "gap_chart_of",
    "gap_section",
    "joint_section",
    "metric_chart",
    "metric_section",
    "segment_chart",
    "segment_section",
]
