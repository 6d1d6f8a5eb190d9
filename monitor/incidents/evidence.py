"""Findings as evidence: in which windows, of which columns, and how much each weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from monitor.analyses.predictions import SHADOWS
from monitor.contract.clauses import Check
from monitor.engine.contract import named_by
from monitor.engine.selection import check_predicate
from monitor.errors import ColumnMissingError, SelectionError
from monitor.incidents.cause import Hypothesis
from monitor.incidents.scene import Scene, key_of
from monitor.judgement.contract import JudgedContract
from monitor.judgement.finding import NO_TIME, Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.performance import JudgedPerformance
from monitor.profile import Windows
from monitor.vocabulary import Status

ALARMS = frozenset({Status.WARNING.value, Status.ALERT.value})
INPUTS = frozenset({"drift", "quality", "contract"})
"""Analyses that look at one input at a time: what they find is where a change is, all others may be what follows."""
HARMFUL = frozenset({"performance", "segments", "fairness"})
"""Analyses that see whether the model became worse."""
NO_ALARMS = frozenset({"shadow"})
"""Analyses that find what would be better, and not what went wrong."""
SEGMENTS = "segments"
"""The analysis whose findings are about conditions."""
SERVING = frozenset({"operations", "pipelines"})
OF_DATA = frozenset({"completeness", "duplicates_share", "label_share", "label_lag_days"})
"""Metrics of operations that follow from what happens to columns, rows and labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One alarmed finding: `first` and `last`, positions of production windows; `columns` of the data that it is about (none: of rows or
    outputs); `weight`, the more the farther it lies beyond its limit."""

    key: str
    analysis: str
    finding: Finding
    first: int
    last: int
    columns: frozenset[str]
    weight: float
    unserved: bool = False
    """Whether it is about a challenger, whose answers nobody is served."""

    @property
    def length(self) -> int:
        """Windows from the first to the last."""
        return self.last - self.first + 1

    @property
    def serving(self) -> bool:
        """Whether it is about the service or its jobs, which nothing in the columns moves."""
        return self.analysis in SERVING and self.finding.what not in OF_DATA

    @property
    def alert(self) -> bool:
        """Whether it is an alert."""
        return self.finding.status == Status.ALERT.value


def of_segments(evidence: Sequence[Evidence]) -> bool:
    """Say whether all that speaks for something is of segments, whose rows are known and are not all of its windows."""
    return bool(evidence) and all(one.analysis == SEGMENTS for one in evidence)


def without_labels(analysis: str, finding: Finding) -> bool:
    """Say whether a finding is of an error that was estimated without labels: it tells of inputs and answers, and not of labels."""
    return analysis == "estimate" and finding.kind is not FindingKind.ESTIMATE


def evidence_of(scene: Scene) -> tuple[Evidence, ...]:
    """Return what all analyses alarm about, strongest first."""
    named, unserved = _columns(scene), frozenset(one.name for one in scene.workspace.measured(roles=SHADOWS))
    found = [
        Evidence(
            key=key_of(judged.analysis, one),
            analysis=judged.analysis,
            finding=one,
            first=ends[0],
            last=ends[1],
            columns=_about(one, named)
            | _in_condition(judged.analysis, one, scene)
            | _fed(judged.analysis, one, scene)
            | _in_clause(judged, one, scene),
            weight=float(np.log1p(max(0.0, one.strength))) if np.isfinite(one.strength) else 1.0,
            unserved=one.what in unserved,
        )
        for judged in scene.judged.values()
        if judged.analysis not in NO_ALARMS
        for one in judged.findings
        if one.status in ALARMS
        and not _labels_tell(one, judged, scene)
        and (ends := positions_of(one, judged, scene.production.windows)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -one.weight))


def _labels_tell(finding: Finding, judged: Judged, scene: Scene) -> bool:
    """Say whether an error was estimated without labels where all windows have theirs: performance says how large it was."""
    known = scene.judged.get("performance")
    if judged.analysis != "estimate" or finding.kind is not FindingKind.METRIC or not isinstance(known, JudgedPerformance):
        return False
    ends = positions_of(finding, judged, known.result.windows)
    return ends is not None and bool((known.result.mature & (known.result.labelled > 0))[ends[0] : ends[1] + 1].all())


def _columns(scene: Scene) -> Mapping[str, str]:
    """Return the column of the data by each name that a finding may call it by: itself, what is derived of it, its label."""
    case = scene.workspace.case
    named = {case.label(name): name for name in scene.workspace.columns}
    derived = {one.name: one.column for one in scene.workspace.measured()}
    return {**named, **derived, **{name: name for name in scene.workspace.columns}}


def _about(finding: Finding, named: Mapping[str, str]) -> frozenset[str]:
    check, _, column = finding.what.partition("~")
    told = (finding.what, column, check, *finding.carried)
    return frozenset(named[one] for one in told if one in named)


def _in_condition(analysis: str, finding: Finding, scene: Scene) -> frozenset[str]:
    """Return the columns that the condition of a segment names."""
    if analysis != SEGMENTS:
        return frozenset()
    with scene.workspace.cursor() as cursor:
        try:
            return check_predicate(cursor, finding.what, list(scene.workspace.columns))
        except (SelectionError, ColumnMissingError):  # one that the case saved under a name
            return frozenset()


def _in_clause(judged: Judged, finding: Finding, scene: Scene) -> frozenset[str]:
    """Return the columns that a clause of the contract asks something of."""
    if not isinstance(judged, JudgedContract):
        return frozenset()
    clause = judged.asked_of(finding).clause
    if clause.check is Check.NEW_COLUMN:  # what came may be what another column became
        return frozenset()
    return frozenset({clause.column}) if clause.column else named_by(scene.workspace, "production", clause)


def _fed(analysis: str, finding: Finding, scene: Scene) -> frozenset[str]:
    """Return the columns that the case says a job fills."""
    section = scene.workspace.case.pipeline
    return frozenset(section.feeds.get(finding.label, ())) if section is not None and analysis == "pipelines" else frozenset()


class Timing(StrEnum):
    """How the time of a finding lies to that of a cause, as it is told behind it."""

    WITHIN = ""
    LONGER = "lasts longer"
    BEFORE = "began before it"


def timing(one: Evidence, cause: Hypothesis, windows: Windows) -> Timing:
    """Say whether a finding lies within the time of a cause, the doubt of both onsets allowed for: what began before does not come from it
    alone, and neither does what lasts longer."""
    ends = between(windows, cause.start if np.isnat(cause.onset_lower) else min(cause.onset_lower, cause.start), cause.end)
    if ends is None:
        return Timing.WITHIN
    latest = between(windows, one.finding.onset_upper, NO_TIME) if one.first < ends[0] and not np.isnat(one.finding.onset_upper) else None
    if max(one.first, -1 if latest is None else latest[0]) < ends[0]:
        return Timing.BEFORE
    return Timing.LONGER if one.last > ends[1] and not cause.ongoing else Timing.WITHIN


def positions_of(finding: Finding, judged: Judged, windows: Windows) -> tuple[int, int] | None:
    """Return the first and last production window of a finding; None where it has none of them."""
    if finding.window in windows.ids and finding.last_window in windows.ids:
        return windows.ids.index(finding.window), windows.ids.index(finding.last_window)
    own = judged.windows
    if not len(own) or np.isnat(own.start).any() or np.isnat(windows.start).any():
        return None
    return between(windows, own.start[min(finding.first, len(own) - 1)], own.end[min(finding.last, len(own) - 1)])


def between(windows: Windows, start: np.datetime64, end: np.datetime64) -> tuple[int, int] | None:
    """Return the first and last window that meet [start, end); NaT is an open end. None where no window does."""
    if not len(windows) or np.isnat(windows.start).any():
        return (0, len(windows) - 1) if len(windows) else None
    after = windows.end > start if not np.isnat(start) else np.ones(len(windows), dtype=bool)
    before = windows.start < end if not np.isnat(end) else np.ones(len(windows), dtype=bool)
    met = np.flatnonzero(after & before)
    return (int(met[0]), int(met[-1])) if len(met) else None
