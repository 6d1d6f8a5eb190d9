"""Measured segments: what is told of each, and the rows of their table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.naming import PLAIN, SideNames
from monitor.case import WindowSize
from monitor.profile import Windows
from monitor.stats.inference.intervals import Z
from monitor.stats.inference.rare import Counts
from monitor.stats.performance.estimates import FEWEST
from monitor.stats.performance.segment_search import Pick
from monitor.stats.performance.segments import Contrast, Elsewhere
from monitor.tables import Contract, Result
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MEASURED = Contract(
    "segments",
    ("window", "segment", "metric"),
    {
        "rank": "place among the segments, 1 contributes most; what alarms comes first",
        "window": "id of the production window",
        "segment": "the rows that it is told of, a condition",
        "columns": "JSON list of its columns; of a saved segment its name",
        "metric": "bias (mean of prediction or score - label), brier, mae, accuracy or log_loss: the one that moved most there",
        "value": "the metric in the segment",
        "elsewhere": "the metric of all other rows of the window",
        "reference_value": "the metric in the segment over the whole reference",
        "n": "rows of the segment in the window with a label and an answer",
        "share_rows": "share of the window's labelled rows that lie in the segment, 0..1",
        "contribution": "what it adds to the metric of all rows: share times how much farther from other rows (without those of segments "
        f"named before it) it lies than in the reference, shrunk by what chance explains; null below {FEWEST} rows",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "q_value": "Benjamini-Hochberg over all segments of one and two columns and all metrics that were looked at",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A segment that is told of: its `condition` and `name` (that of a saved one, else the condition), `columns`, the metric, what was
    picked, whether the case names it or its column (`asked`), its `label` for people, and the contrast with other rows (without those of
    segments named before) in the reference's own windows and in production; what all other rows do (`elsewhere`); `counts` of positive
    labels where these are few."""

    condition: str
    name: str
    columns: tuple[str, ...]
    metric: str
    pick: Pick
    asked: bool
    label: str
    own: Contrast
    production: Contrast
    elsewhere: Elsewhere
    counts: Counts | None = None

    @property
    def shrunk(self) -> float:
        """The part of its moves that chance does not explain, 0..1 (James and Stein 1961, of one number)."""
        return max(1 - 1 / max(self.pick.z**2, 1e-9), 0.0)

    @property
    def center(self) -> float:
        """What the segment lies beside other rows over the whole reference."""
        known = np.isfinite(self.own.variance)
        weight = np.where(known, self.own.n, 0.0)
        return float(np.nan_to_num(np.where(known, self.own.value, 0.0)) @ weight / max(weight.sum(), 1e-300))

    @property
    def usual(self) -> float:
        """The metric in the segment over the whole reference."""
        return self.own.pooled(np.ones(self.own.n.shape[-1], dtype=bool))


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsResult(Result):
    """Measured segments.

    `found` those that are told of; `singles`, `pairs` how many were looked at, on so many `metrics`; `usable` (w,) windows whose labels
    are in; `rows` and
    `labelled` (w,) of each window; `partial` (w,) windows cut short; `own_windows` the reference's; `base_rate` of labels and mean absolute
    error of the reference (nan where there is none).
    """

    found: tuple[Found, ...]
    singles: int
    pairs: int
    metrics: int
    usable: Bools
    rows: Ints
    labelled: Ints
    partial: Bools
    windows: Windows
    own_windows: Windows
    base_rate: float
    error: float
    size: WindowSize
    task: Task
    timezone: str
    called: SideNames = PLAIN


def table_of(found: Sequence[Found], windows: Windows, rows: Ints) -> pd.DataFrame:
    """Return one row per segment and window; `rows` (w,) of each window."""
    parts = [_rows(one, windows, rows) for one in found]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))


def contribution_of(one: Found) -> tuple[Floats, Floats, Floats]:
    """Return what a segment adds to the metric of all rows by window, with its interval, (w,) each."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = one.production.n / one.elsewhere.rows
        moved = one.production.value - one.center
        half = Z * np.sqrt(np.where(np.isfinite(one.production.variance), one.production.variance, np.nan))
    return tuple(share * one.shrunk * end for end in (moved, moved - half, moved + half))  # type: ignore[return-value]


def _rows(one: Found, windows: Windows, rows: Ints) -> pd.DataFrame:
    after = one.production
    added, lower, upper = (np.where(after.n < FEWEST, np.nan, end) for end in contribution_of(one))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(one.elsewhere.rows > 0, after.n / one.elsewhere.rows, np.nan)
    return pd.DataFrame(
        {
            "rank": 0,
            "window": windows.ids,
            "segment": one.condition,
            "columns": json.dumps(list(one.columns), ensure_ascii=False),
            "metric": one.metric,
            "value": after.mean,
            "elsewhere": one.elsewhere.mean,
            "reference_value": one.usual,
            "n": after.n.astype(np.int64),
            "share_rows": share,
            "contribution": added,
            "lower": lower,
            "upper": upper,
            "q_value": one.pick.q_value,
            "reference_elsewhere": one.elsewhere.before,
            "label": one.name,
            "called": one.label,
            "window_start": windows.start,
            "window_end": windows.end,
            "n_production": rows,
        }
    )
