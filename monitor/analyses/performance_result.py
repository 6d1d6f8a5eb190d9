"""Measured performance: metrics by window, in finer windows, and against another side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.naming import PLAIN, SideNames
from monitor.analyses.performance_metrics import Pools, Track
from monitor.case import WindowSize
from monitor.profile import Windows
from monitor.stats.performance.catalogue import METRICS, Metric
from monitor.stats.performance.estimates import Estimate, weighted
from monitor.stats.performance.maturity import Arrival
from monitor.tables import Contract, Result
from monitor.vocabulary import Task

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MEASURED = Contract(
    "performance",
    ("window", "segment", "class", "metric"),
    {
        "window": "id of the production window",
        "segment": "the rows that it is told of, a condition; null: all",
        "class": "the class that it is told of; null: all",
        "metric": "id of the metric",
        "value": "the metric, null where it is not defined or rests on too few rows",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "n_labelled": "rows of the window (and segment) that have a label and an answer",
        "label_share": "share of the window's (and segment's) rows that have a label, 0..1",
        "mature": "whether at least 95 % of the labels that will come are there",
        "reference_value": "the metric of the whole reference, or of the windows that this one is compared with (--against)",
        "reason": "why there is no value, else null",
        "n": "rows that the metric rests on: its own denominator",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fine:
    """The judged metrics in shorter windows, of which the reference has more: runs are found in these where windows are long.

    `tracks` by name; `place` (f,) the window that each of these `windows` of a `size` lies in; `labelled` (f,) rows with a label, `mature`
    (f,) whether the labels are in, `pools` their rows.
    """

    tracks: Mapping[str, Track]
    windows: Windows
    size: WindowSize
    place: Ints
    labelled: Ints
    mature: Bools
    pools: Pools


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceResult(Result):
    """Measured performance.

    `pools` puts windows together; `rows` and `labelled` (w,) are rows of each window and those with a label; `mature` (w,) whether the
    labels are in; `partial` (w,) windows cut short; `own_windows` the reference's; `arrival` the curve by which labels come (empty: not
    known); `judged` the metrics that were asked for by name, else those that lead; `fine` the same in shorter windows, where these say
    more; `evidence` tables of what lies behind them (`performance_evidence`), of mature windows; `weighed` whether labelled rows are
    weighted to stand for all, for which have a label depends on the score, and `unknown` (w,) windows in which that cannot be; `catalogue`
    the metrics, the case's own among them; `against` which windows each is compared with, None: the whole reference.
    """

    tracks: tuple[Track, ...]
    pools: Pools
    windows: Windows
    own_windows: Windows
    rows: Ints
    labelled: Ints
    mature: Bools
    partial: Bools
    arrival: Arrival
    judged: frozenset[str]
    fine: Fine | None
    evidence: Mapping[str, pd.DataFrame]
    weighed: bool
    unknown: Bools
    size: WindowSize
    task: Task
    timezone: str
    called: SideNames = PLAIN
    against: Against | None = None
    catalogue: Mapping[str, Metric] = field(default_factory=lambda: METRICS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Which windows of the time line (reference, then production) each window is compared with: of production (w, r + w), of the reference
    among its own (r, r); `described` says it in words."""

    production: Bools
    own: Bools
    described: str

    def base(self, track: Track) -> tuple[Estimate, Estimate]:
        """Return what a metric was in the windows that each is compared with: of production, and of the reference's own windows."""
        own, now = track.own, track.production
        value, variance, n = (np.concatenate(two) for two in ((own.value, now.value), (own.variance, now.variance), (own.n, now.n)))
        return weighted(value, variance, n, self.production), weighted(own.value, own.variance, own.n, self.own)
