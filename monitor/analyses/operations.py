"""Is the service up, fast, fresh and complete, and what does it cost? Every metric of operations by window, beside the reference."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.labels import clock_time, moment_of
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.objectives import Kept, kept_objectives
from monitor.analyses.performance_metrics import segments_of
from monitor.analyses.performance_rows import cut_reference
from monitor.analyses.quiet_hours import Quiet, quiet_hours
from monitor.analyses.recording import versions
from monitor.analyses.serving import Serving
from monitor.analyses.serving_roles import ServingRoles
from monitor.analyses.sides import Question, cut_short
from monitor.analyses.spending import Spending, spending
from monitor.case import WindowSize
from monitor.engine import NO_TIME, Cancel, OutcomeRows, Progress, Selection, Workspace, read_outcomes
from monitor.errors import MethodError, nearest
from monitor.profile import Windows
from monitor.stats.operations.catalogue import OPERATIONS, Operation, Part
from monitor.stats.operations.quantiles import BucketCounts
from monitor.stats.performance.estimates import Estimate
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.wording import list_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MEASURED = Contract(
    "operations",
    ("window", "segment", "metric"),
    {
        "window": "id of the production window",
        "segment": "the rows that it is told of, a condition; null: all",
        "metric": "id of the metric, or slo:NAME: the share of good events of an objective",
        "value": "the metric, null where it is not defined or rests on too few rows",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "objective": "of an objective: the share of good events that is asked for, else null",
        "budget_left": "of an objective: share of the budget of bad events of the period up to the window's end that is left, negative: "
        "overspent; else null",
        "n": "rows that the metric rests on",
        "reference_value": "the metric of the whole reference",
        "unit": "unit of the value",
        "reason": "why there is no value, else null",
    },
    dict.fromkeys(("value", "lower", "upper", "reference_value", "limit_lower", "limit_upper"), "that of `unit`"),
)


FRESHNESS = "freshness_lag_s"
WHOLE_WINDOWS = ("requests", "cost_total", FRESHNESS)
"""Metrics that windows cut short cannot be judged by."""
ALIKE = 0.2
"""Part by which lengths of one size differ at most: February is a twelfth shorter than a month."""
WAITED_FOR = ("label_on_time_share", "label_lag_days")
"""Metrics that can be judged when the labels of a window should be there."""
LABELLED = "label_share"
AS_MANY = 0.9
"""Part of the usual share of labels from which a window has as many as usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationTrack:
    """One metric of one segment: in production by window, in the reference's own windows and in the whole reference.

    `usable` (w,) windows that can be judged by it, `own_usable` (r,) those of the reference that tell what is usual; `counted`: of a
    quantile, the values of production's windows and which it is; `least`: a change that is smaller is usual.
    """

    segment: str
    metric: Operation
    production: Estimate
    own: Estimate
    whole: Estimate
    usable: Bools
    own_usable: Bools
    counted: tuple[BucketCounts, float] | None = None
    least: float = 0.0

    @property
    def name(self) -> str:
        """Its name among the others."""
        return "~".join(part for part in (self.metric.id, self.segment) if part)

    @property
    def usual(self) -> float:
        """The metric in the reference: of all its rows, or that of its middle window where some are cut short."""
        cut = not self.own_usable.all() and self.own_usable.any()
        return float(np.quantile(self.own.value[self.own_usable], 0.5, method="lower")) if cut else float(self.whole.value[0])

    def pooled(self, kept: Bools) -> float:
        """Return the metric over the windows `kept` (w,): that of their rows together; of what is a number for each window, the mean."""
        if self.counted is not None:
            counts, q = self.counted
            return float(counts.together(kept).quantile(q)[0])
        if self.metric.is_share or self.metric.is_mean:
            n = np.where(kept, self.production.n, 0.0)
            return float(np.nan_to_num(self.production.value) @ n / max(n.sum(), 1e-9))
        return float(np.mean(self.production.value[kept]))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsResult(Result):
    """Measured operations: `rows` (w,) of each window, `partial` (w,) windows cut short, `own_windows` the reference's, `judged` ids of the
    metrics that are judged, `objectives` what is kept of [[slo]];
    `spending` the newest month; `quiet` hours without a request; `latency` and `status` say whether columns tell of these."""

    tracks: tuple[OperationTrack, ...]
    windows: Windows
    own_windows: Windows
    rows: Ints
    partial: Bools
    judged: frozenset[str]
    objectives: tuple[Kept, ...]
    spending: Spending | None
    quiet: tuple[Quiet, ...]
    latency: bool
    status: bool
    size: WindowSize
    timezone: str
    called: SideNames = PLAIN


def measure_operations(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    by: str | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> OperationsResult:
    """Measure every metric of operations that the case has the roles for, in every window.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids of metrics, or "default" or "all".
    by : also each of the commonest levels of a column.
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    MethodError
        A metric is unknown.
    ColumnMissingError, SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    workspace = workspace if as_of is None else workspace.known_at(clock_time(as_of, workspace.case.timezone))
    question = take_apart(workspace, question or Question())
    wanted = _metrics(methods)
    roles = ServingRoles.of(workspace)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)

    def read(selection: Selection, size_: WindowSize) -> OutcomeRows:
        return read_outcomes(workspace, selection, size_, roles.wanted(by, selection.data), progress=progress, cancel=cancel)

    production = read(question.production, size)
    reference, own_window, own_windows = cut_reference(workspace, read, question.reference, size)
    zone = workspace.case.timezone
    moment = _newest(reference, production) if as_of is None else moment_of(as_of, zone)
    sides = (
        Serving(roles, reference, own_window, own_windows, moment, zone, spans=_spans(own_windows, size)),
        Serving(roles, production, production.window, production.windows, moment, zone),
    )
    patience = sides[0].patience(sides[1])
    partial = cut_short(size, production.rows)
    tracks = tuple(
        track
        for segment in segments_of(by, production)
        for track in _tracks(sides, segment, by, patience, (sides[0].covered, ~partial & sides[1].covered))
        if track.metric.id in wanted
    )
    objectives, unkept = kept_objectives(workspace.case, *sides)
    leading = frozenset(methods) & wanted or frozenset(name for name in wanted if OPERATIONS[name].leads)
    if roles.label and roles.arrived is None and LABELLED in wanted:  # nothing else tells of labels that do not come
        leading |= {LABELLED}
    return OperationsResult(
        analysis="operations",
        case=workspace.case.name,
        table=MEASURED.check(_table(tracks, objectives, production)),
        skipped=(*_skipped(roles, wanted, tracks, sides[0].currencies | sides[1].currencies), *unkept),
        provenance=_provenance(workspace, question, (reference, production), (size, by, moment), (began, time.perf_counter() - clock)),
        tracks=tracks,
        windows=production.windows,
        own_windows=own_windows,
        rows=production.rows,
        partial=partial,
        judged=leading,
        objectives=objectives,
        spending=spending(sides[1], workspace.case.thresholds.operations.monthly_budget),
        quiet=quiet_hours(*sides),
        latency=roles.latency is not None,
        status=roles.status is not None,
        size=size,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def _spans(windows: Windows, size: WindowSize) -> Floats | None:
    """Return how many windows of a size each of the reference's stands for, (w,); None where they are of that size, give or take a leap."""
    if size.hours is None or np.isnat(windows.start).any():
        return None
    spans = np.asarray((windows.end - windows.start) / np.timedelta64(1, "s") / (3600 * size.hours))
    return None if (np.abs(spans - 1) < ALIKE).all() else spans


def _newest(*sides: OutcomeRows) -> int:
    """Return the last moment that the data know of; NO_TIME without times."""
    return max((int(values.max(initial=NO_TIME)) for side in sides for values in side.moments.values()), default=NO_TIME)


def _metrics(methods: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in methods:
        if name in ("default", "all"):
            found.update(OPERATIONS)
        elif name in OPERATIONS:
            found.add(name)
        else:
            raise MethodError(
                f"There is no metric of operations '{name}'.{nearest(name, OPERATIONS)} Use default or {', '.join(OPERATIONS)}."
            )
    return frozenset(found)


def _tracks(
    sides: tuple[Serving, Serving], segment: tuple[str, str], by: str | None, patience: float, whole_windows: tuple[Bools, Bools]
) -> list[OperationTrack]:
    """Return the metrics of a segment; `whole_windows`: which windows of either side hold all of their time."""
    (condition, level), (own_full, full) = segment, whole_windows
    reference, production = (side.of(by, level) for side in sides)
    whole = reference.together()
    found, own, all_of = (side.metrics(patience) for side in (production, reference, whole))
    waited, every = production.old_enough(patience), np.ones(len(full), dtype=bool)
    usable = dict.fromkeys(WHOLE_WINDOWS, full) | dict.fromkeys(WAITED_FOR, waited)
    if LABELLED in found and LABELLED in own:
        usable[LABELLED] = _before_labels_end(found[LABELLED].value, float(all_of[LABELLED].value[0]))
    return [
        OperationTrack(
            segment=condition,
            metric=OPERATIONS[name],
            production=estimate,
            own=own[name],
            whole=all_of[name],
            usable=usable.get(name, every),
            own_usable=own_full if name in WHOLE_WINDOWS else np.ones(len(own_full), dtype=bool),
            counted=production.counted.get(name),
            least=reference.usual_gap if name == FRESHNESS else 0.0,  # how late rows are, no row says: only how long none came
        )
        for name, estimate in found.items()
        if name in own and not (OPERATIONS[name].part is Part.COST and len(reference.currencies | production.currencies) > 1)
    ]


def _before_labels_end(share: Floats, usual: float) -> Bools:
    """Say of each window whether a later one has as many labels as usual, (w,): then its own are late no more."""
    full = np.flatnonzero(share >= AS_MANY * usual)
    return np.arange(len(share)) < (full[-1] if len(full) else 0)


def _table(tracks: Sequence[OperationTrack], objectives: Sequence[Kept], production: OutcomeRows) -> pd.DataFrame:
    parts = [_rows(one.production, production, one.segment or None, one.metric.id) for one in tracks]
    for track, part in zip(tracks, parts, strict=True):
        part["reference_value"], part["unit"] = track.usual, track.metric.unit
    for one in objectives:
        part = _rows(one.good, production, None, one.name)
        parts.append(part.assign(objective=one.objective, budget_left=one.left, reference_value=one.usual, unit="share"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))


def _rows(found: Estimate, production: OutcomeRows, segment: str | None, metric: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "window": production.windows.ids,
            "segment": segment,
            "metric": metric,
            "value": found.value,
            "lower": found.lower,
            "upper": found.upper,
            "objective": np.nan,
            "budget_left": np.nan,
            "n": found.n.round().astype(np.int64),
            "reference_value": np.nan,
            "unit": "",
            "reason": [reason or None for reason in found.reason],
            "window_start": production.windows.start,
            "window_end": production.windows.end,
            "n_production": production.rows,
        }
    )


def _skipped(roles: ServingRoles, wanted: frozenset[str], tracks: Sequence[OperationTrack], money: frozenset[str]) -> tuple[Skipped, ...]:
    """Say which metrics there are none of, and what they need; costs in several currencies, once, what is told of them."""
    measured = {one.metric.id for one in tracks}
    missing = [OPERATIONS[name] for name in OPERATIONS if name in wanted and name not in measured]
    mixed = [one for one in missing if one.part is Part.COST and len(money) > 1]
    told = [Skipped(one.id, "no_role", f"{one.title} needs {roles.lacking(one)}.") for one in missing if one not in mixed]
    several = len(money) > 1 and any(OPERATIONS[name].part is Part.COST for name in wanted)
    return (*told, *([Skipped("cost", "currencies", _currencies(roles, money))] if several else []))


def _currencies(roles: ServingRoles, money: frozenset[str]) -> str:
    names = list_text([name or "none" for name in sorted(money)], 4)
    return (
        f"Costs are in several currencies ({roles.currency}: {names}), which are not added up. "
        f"Take them apart by '{roles.currency}', or choose the rows of one."
    )


def _provenance(
    workspace: Workspace,
    question: Question,
    reads: tuple[OutcomeRows, OutcomeRows],
    asked: tuple[WindowSize, str | None, int],
    timed: tuple[datetime, float],
) -> Provenance:
    size, by, moment = asked
    chosen = {"reference": question.reference, "production": question.production}
    both = dict(zip(chosen, reads, strict=True))
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings={"windows": str(size), "by": by, "as_of": str(np.datetime64(moment, "us")) if moment > np.iinfo(np.int64).min else None},
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", read.sql) for side, read in both.items()),
        rows={
            side: {"used": int(read.rows.sum()), "excluded": {one.reason: one.rows for one in read.excluded}} for side, read in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
