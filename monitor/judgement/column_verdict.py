"""The verdicts on the rows of one column, method by method: limits, runs, strengths and statuses, as arrays over windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.moved_cells import group_labels
from monitor.case import DriftThresholds
from monitor.judgement.assessment import EXTREMES, Assessment
from monitor.judgement.column_findings import Counted
from monitor.judgement.column_runs import Alone, able_facts, fact_limits, window_strength
from monitor.judgement.finding import EXACT, Finding, FindingKind
from monitor.judgement.pooled import NOT_OF_VALUES, OWN_METHOD, farthest
from monitor.judgement.silence import Plan, Silence, edge_scores, plan, planted_scores, silence
from monitor.stats.inference.multiplicity import Selection
from monitor.vocabulary import Status

T = TypeVar("T")
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Objects = NDArray[np.object_]

QUIET = (Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value)
"""What says neither that something changed nor that nothing did."""
ALARMS = (Status.ALERT.value, Status.WARNING.value)
ROUNDING = 1e-9
"""What a limit may lie beyond the largest score for no reason but rounding."""
_FACTS = (FindingKind.UNSEEN, FindingKind.RANGE)
"""What is nothing but a fact: its score is a share of rows."""
_OWN_KIND = {"missing_share": FindingKind.MISSING, "new_levels": FindingKind.UNSEEN, "out_of_range": FindingKind.RANGE}


@dataclass(frozen=True, slots=True)
class Measured:
    """The rows of one column and method: `at` (n,) the window of each, and (n,) each what was measured: `size` (distance of the score from
    "nothing changed"), `expected` size without change, `score`, rows of the window and of the reference, `fixed` threshold (nan: none),
    `peer` verdict (-1: none), `profile` threshold of another tool (nan: none)."""

    method: str
    at: Ints
    size: Floats
    expected: Floats
    score: Floats
    production: Floats
    reference: Floats
    fixed: Floats
    peer: Floats
    profile: Floats


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of the rows of one column and method, (n,) each."""

    limit: Floats
    run: Objects
    run_limit: Floats
    strength: Floats
    status: Objects
    direction: Objects
    quiet: NDArray[np.bool_]
    """Rows that say neither that something changed nor that nothing did."""


@dataclass(frozen=True, slots=True)
class Context:
    """What all methods of one column share: its findings, how far each window `alone` lies beyond what alarms by kind, what its `silence`
    is worth, which kinds of fact are `able` to alarm in each window, (w,), and whether anything but facts can change it (`asked`)."""

    name: str
    windows: int
    thresholds: DriftThresholds
    findings: Sequence[Finding]
    alone: Mapping[FindingKind, Floats]
    counted: Counted | None
    silence: Silence | None
    able: Mapping[FindingKind, NDArray[np.bool_]]
    limits: Mapping[FindingKind, Floats]
    """Share of rows from which each window alone alarms, by kind of fact, (w,)."""
    asked: bool
    telling: NDArray[np.bool_]
    """Windows in which any question of the column says anything, (w,)."""
    p_value: float
    q_value: float
    level: float
    """Error probability by which windows alone alarm."""
    fixed: bool
    """Whether the analyst's thresholds judge the column, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What all columns of a screen share: by what they are judged, and what windows `alone` need by set of evidence and level."""

    assessment: Assessment
    thresholds: DriftThresholds
    selection: Selection

    def needed(self, name: str) -> Alone:
        """Return what windows alone need to alarm, at the level of a column."""
        selection, evidence = self.selection, self.assessment.evidence_on(name)
        named = name in selection.named
        level = selection.level if named else self.thresholds.q / max(len(selection.adjusted) - len(selection.named), 1)
        texts = evidence is self.assessment.texts
        return self.assessment.remember(("alone", texts, level), lambda: Alone.of(evidence, tuple(evidence.things.values()), level))


def context(whole: Screen, name: str, findings: Sequence[Finding]) -> Context:
    """Gather what is known of a column."""
    assessment, thresholds, selection = whole.assessment, whole.thresholds, whole.selection
    screen, counted = assessment.evidence_on(name), assessment.columns.get(name)
    unsaid = None if counted is None else _plan(assessment, name, counted)
    thing, alone, windows = screen.things.get(name), whole.needed(name), len(assessment.result.sides.production.windows)

    def kept(part: str, build: Callable[[], T]) -> T:
        return assessment.remember((part, name, alone.level), build)

    return Context(
        name=name,
        windows=windows,
        thresholds=thresholds,
        findings=findings,
        alone={} if thing is None else kept("strength", lambda: window_strength(thing, alone)),
        counted=counted,
        silence=None if counted is None or unsaid is None else kept("silence", lambda: silence(screen, name, counted, alone, unsaid)),
        able={} if thing is None else kept("able", lambda: able_facts(thing, alone.level)),
        limits={} if thing is None else kept("limits", lambda: fact_limits(thing, alone.level)),
        asked=thing is not None and len(thing.budget) > 1,
        telling=np.ones(windows, dtype=bool) if thing is None else screen.telling(name),
        p_value=np.nan if thing is None else screen.p_value(name),
        q_value=selection.adjusted.get(name, np.nan),
        level=alone.level,
        fixed=thresholds.is_fixed(assessment.result.sides.part(name).column),
    )


def judge_rows(known: Context, rows: Measured, assessment: Assessment) -> Verdict:
    """Judge the rows of one method."""
    run, run_limit, run_strength, direction = _runs(known, rows)
    status = _status(known, rows)
    own = np.where((status == Status.NOT_JUDGED.value) & ~np.isfinite(rows.profile), np.nan, _limit(known, rows, assessment))
    limit, any_limit = np.where(np.isfinite(rows.fixed), rows.fixed, own)
    if known.counted is not None and known.counted.baseline is not None:  # facts are of the whole reference, and what lasts is no run here
        status[(status == Status.STABLE.value) & ~np.isfinite(limit) & (rows.peer < 0)] = Status.NOT_JUDGED.value
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = np.nan_to_num(rows.size / (limit if rows.method in NOT_OF_VALUES else any_limit), posinf=0.0)
    quiet = _any_of(status, QUIET)
    return Verdict(limit, run, run_limit, np.where(quiet, 0.0, np.maximum(alone, run_strength)), status, direction, quiet)


def _any_of(status: Objects, wanted: Sequence[str]) -> NDArray[np.bool_]:
    return np.asarray(np.logical_or.reduce([status == one for one in wanted]))


def _limit(known: Context, rows: Measured, assessment: Assessment) -> tuple[Floats, Floats]:
    """Return the score from which each window alone alarms (that of a planted change, unless the window says otherwise), nan where no score
    is that large, and the same however large: it says how far a window came."""
    if np.isfinite(rows.profile).all():
        return rows.profile, rows.profile
    limit = _any_limit(known, rows, assessment)
    return np.where(limit > _reachable(known, rows.method, assessment) + ROUNDING, np.nan, limit), limit


def _reachable(known: Context, method: str, assessment: Assessment) -> float:
    """Return how far from "nothing changed" a score can lie."""
    if method == "missing_share" and known.counted is not None:
        before = _missing_before(known.counted)
        return max(before, 1.0 - before)
    catalogue = assessment.result.catalogue
    return farthest(catalogue.method(method)) if method in catalogue.ids else np.inf


def _any_limit(known: Context, rows: Measured, assessment: Assessment) -> Floats:
    kind = _OWN_KIND.get(rows.method, FindingKind.VALUE)
    alone = known.alone.get(kind)
    if alone is None or rows.method in EXTREMES:
        return np.full(len(rows.at), np.nan)
    floor, ratio = known.thresholds.floor_of(rows.method), alone[rows.at]
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(ratio > 0, rows.size / ratio, np.inf)
    if kind in _FACTS and kind in known.limits:  # the least by which any fact of the kind alarms, unless the window has one
        return np.fmax(np.where(ratio > 0, own, known.limits[kind][rows.at]), floor)
    usual = np.fmax(rows.expected, floor)
    if kind is FindingKind.MISSING and known.silence is not None and known.counted is not None:
        fact = known.limits.get(kind, np.full(known.windows, np.inf))
        usual = np.maximum(_missing_edge(known.silence, known.counted, fact), floor)[rows.at]
    elif known.silence is not None and rows.method in assessment.result.catalogue.ids:
        edge = _edge(known.silence, known, rows.method, assessment)[rows.at]
        usual = np.where(np.isfinite(edge), np.fmax(edge, usual), np.nan)  # what no planted change reaches, none alarms at
    loud = np.fmax(np.fmin(usual, own), floor)
    quiet = np.where(np.isfinite(usual) & (rows.size < usual), usual, np.fmax(own, floor))
    return np.where(ratio > 1, loud, quiet)


def _missing_edge(found: Silence, counted: Counted, fact: Floats) -> Floats:
    """Return the rise of the missing share from which a window alone alarms, (w,), by the question or as a fact."""
    rise = np.fmin(found.missing_edge, fact - _missing_before(counted))
    return np.where(rise > 0, rise, np.nan)


def _missing_before(counted: Counted) -> float:
    return float(counted.reference.missing[0] / max(int(counted.reference.rows[0]), 1))


def _edge(found: Silence, known: Context, method: str, assessment: Assessment) -> Floats:
    """Return the score of a method from which a planted change alarms alone, (w,); what it says of them is asked once."""

    def scores() -> Floats | None:
        counted = assessment.columns[known.name]
        return planted_scores(_plan(assessment, known.name, counted), assessment.result.catalogue.method(method))

    planted = assessment.remember(("planted", known.name, method), scores)
    return assessment.remember(("edge", known.name, known.level, method), lambda: edge_scores(found, planted))


def _plan(assessment: Assessment, name: str, counted: Counted) -> Plan:
    return assessment.remember(("plan", name), lambda: plan(assessment.evidence_on(name).things[name], counted))


def _runs(known: Context, rows: Measured) -> tuple[Objects, Floats, Floats, Objects]:
    run, direction = np.full(known.windows, None, dtype=object), np.full(known.windows, "", dtype=object)
    limit, strength = np.full(known.windows, np.nan), np.zeros(known.windows)
    for one in known.findings:
        part = _windows_of(known, one, rows.method)
        part = part[strength[part] < one.strength]
        run[part], direction[part], strength[part] = one.id, one.direction.value, one.strength
        limit[part] = one.limit if one.method == rows.method else np.nan  # another method's limit is in another unit
    return run[rows.at], limit[rows.at], strength[rows.at], direction[rows.at]


def _status(known: Context, rows: Measured) -> Objects:
    status = np.full(known.windows, Status.STABLE.value, dtype=object)
    if known.silence is not None and known.asked and rows.method not in NOT_OF_VALUES and not known.fixed:
        status[~(known.silence.possible & known.telling)] = Status.NOT_JUDGED.value
    if not known.fixed:
        status[~_able(known, rows.method)] = Status.NOT_JUDGED.value
    fact = np.zeros(known.windows, dtype=bool)
    for one in sorted(known.findings, key=lambda one: one.strength):
        status[_windows_of(known, one, rows.method)] = one.status
        fact[_windows_of(known, one, rows.method)] |= one.kind in EXACT
    rules = [  # the last that holds speaks
        (np.isfinite(rows.fixed), Status.STABLE),
        (np.isfinite(rows.fixed) & (rows.size >= rows.fixed), Status.ALERT),
        (np.full(len(rows.at), rows.method in EXTREMES), Status.NOT_JUDGED),
        (~np.isfinite(rows.score), Status.NOT_APPLICABLE),
        ((np.minimum(rows.production, rows.reference) < known.thresholds.min_rows) & ~fact[rows.at], Status.TOO_FEW_ROWS),
        (rows.peer == 0, Status.STABLE),
        (rows.peer == 1, Status.ALERT),
    ]
    found = status[rows.at]
    for rule, said in rules:
        found[rule] = said.value
    return found


def _windows_of(known: Context, finding: Finding, method: str) -> Ints:
    """Return the windows whose rows of a method a finding speaks for: all of its own; where values beyond the range are told with a longer
    run of higher or lower ones, those that alarm by them alone."""
    windows = np.arange(finding.first, finding.last + 1)
    if speaks(finding, method):
        return windows
    beyond = known.alone.get(FindingKind.RANGE)
    if method != "out_of_range" or finding.kind is not FindingKind.VALUE or not np.isfinite(finding.extreme) or beyond is None:
        return windows[:0]
    return windows[beyond[windows] > 1]


def _able(known: Context, method: str) -> NDArray[np.bool_]:
    """Say where a method that has its own kind of fact could have alarmed by it, (w,)."""
    kind = _OWN_KIND.get(method)
    if kind is None or kind not in known.able:
        return np.ones(known.windows, dtype=bool)
    if kind is FindingKind.MISSING and known.silence is not None:
        return np.asarray(known.able[kind] | np.isfinite(known.silence.missing))
    return known.able[kind]


def speaks(finding: Finding, method: str) -> bool:
    """Say whether a finding is about what a method measures."""
    if finding.kind is FindingKind.FIXED or finding.method == method:
        return finding.method == method
    if finding.kind is FindingKind.MISSING:
        return method == "missing_share"
    if method == "new_levels":
        return finding.kind in (FindingKind.UNSEEN, FindingKind.REVIVED)
    if method == "lost_levels":
        return (finding.kind is FindingKind.LEVEL and not finding.levels) or (
            finding.kind is FindingKind.UNSEEN and bool(finding.levels_lost)
        )
    if method == "out_of_range":
        return finding.kind in (FindingKind.RANGE, FindingKind.REVIVED)
    return method not in NOT_OF_VALUES


@dataclass(frozen=True, slots=True)
class Seen:
    """What could have been seen in each window, (w,): a shift or change of share, the same in units of the column, a rise of the
    missing share; a shift or change that lasts over all windows, and that in units of the column; the unit."""

    size: Floats
    own: Floats
    missing: Floats
    lasting: Floats
    lasting_own: Floats
    unit: str


def seen(known: Context) -> Seen:
    """Return what could have been seen of a column; nan where nothing is known."""
    nothing = np.full(known.windows, np.nan)
    if known.silence is None or known.counted is None:
        return Seen(nothing, nothing, nothing, nothing, nothing, "")
    found, cells = known.silence, known.counted.production.cells
    if found.group < 0:
        sd = float(known.counted.reference.sd[0])
        return Seen(found.size, found.size * sd, found.missing, found.lasting, found.lasting * sd, "sd")
    unit = f"share of {group_labels(cells, known.counted.layout.groups)[found.group]}"
    return Seen(found.size, nothing, found.missing, found.lasting, nothing, unit)


def primary(
    known: Context, rows: Mapping[str, Measured], verdicts: Mapping[str, Verdict], asked: Sequence[str]
) -> dict[str, NDArray[np.bool_]]:
    """Choose the row that speaks for each window: that of the strongest finding, else the first asked method that has a score.

    Where no row has a value it is the missing share: a divergence of no values says nothing.
    """
    methods = list(rows)
    rank = {method: place for place, method in enumerate(asked)}
    own = np.full(known.windows, "", dtype=object)
    for one in sorted(known.findings, key=lambda one: one.strength):
        own[one.first : one.last + 1] = one.method
    counted = known.counted
    empty = np.zeros(known.windows, dtype=bool)
    if counted is not None:
        empty = (counted.production.rows > 0) & (counted.production.missing >= counted.production.rows)
    key = np.full((len(methods), known.windows), np.inf)
    for place, method in enumerate(methods):
        part, verdict = rows[method], verdicts[method]
        alarms = _any_of(verdict.status, ALARMS) & (method in rank)
        silent = empty[part.at] & (method != OWN_METHOD[FindingKind.MISSING])
        order = 16.0 * silent + 8.0 * (own[part.at] != method) + 4.0 * ~alarms + 2.0 * ~np.isfinite(part.score)
        key[place, part.at] = order * 1000 + rank.get(method, len(rank))
    first = key.argmin(axis=0)
    return {method: first[rows[method].at] == place for place, method in enumerate(methods)}
