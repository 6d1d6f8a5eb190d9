"""Measured changes of the relation of inputs and labels: series by method, and the rows of their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.naming import PLAIN, SideNames
from monitor.analyses.version_parts import OtherVersions
from monitor.case import WindowSize
from monitor.profile import Windows
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.concept import Dependence
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.tables import Contract, Result
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MEASURED = Contract(
    "concept",
    ("window", "method", "column"),
    {
        "window": "id of the production window",
        "method": f"one of {', '.join(CONCEPT)}",
        "score": "total, covariate, concept, mix, behaviour: change of the metric; level: mean of label - what inputs let expect; prior: "
        "mean label; residual, association: typical shift of the cells of a column beside the reference",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "p_value": "of the window alone, rows of one stretch of time taken together; null: no test",
        "column": "column that it is told of, empty: all",
        "metric": "metric that is split, else null",
        "reference_value": "the same of the whole reference",
        "n": "rows with a label and an answer",
    },
    dict.fromkeys(("score", "lower", "upper", "reference_value"), "that of the metric or the label, by `method`"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptTrack:
    """A method (of a `column`, or of all rows) by window, (w,) each: `value` with its `variance` (nan: none is known), and in the own
    windows of the reference, (r,), whose mean is `usual`; of a column also the `roots` of its shifts, which are judged: value, variance,
    and both in the reference; the conditions of its `cells`, and what was `found` in these."""

    method: str
    column: str
    label: str
    value: Floats
    variance: Floats
    own: Floats
    own_variance: Floats
    usual: float
    roots: tuple[Floats, Floats, Floats, Floats] | None = None
    cells: tuple[str, ...] = ()
    found: Dependence | None = None

    @property
    def name(self) -> str:
        """Its name among the others."""
        return f"{self.method}~{self.column}" if self.column else self.method


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptResult(Result):
    """Measured causes of change: `tracks`; `metric` that is split; `usable` (w,) windows whose labels are in; `labelled` (w,) rows;
    `comparable` whether windows of the reference are as long as the judged ones, so that columns can be judged, `able` whether the
    reference is long enough for anything; `others` the tracks without the rows of each version of the model."""

    tracks: tuple[ConceptTrack, ...]
    metric: str
    usable: Bools
    rows: Ints
    labelled: Ints
    partial: Bools
    windows: Windows
    own_windows: Windows
    size: WindowSize
    task: Task
    timezone: str
    comparable: bool = True
    able: bool = True
    called: SideNames = PLAIN
    others: tuple[OtherVersions, ...] = ()


def table_of(tracks: Sequence[ConceptTrack], windows: Windows, labelled: Ints, metric: str) -> pd.DataFrame:
    """Return one row per method, column and window; `labelled` (w,) rows of each window that have their label."""
    if not tracks:
        return pd.DataFrame(columns=list(MEASURED.columns))
    return pd.concat([_told(one, windows, labelled, metric) for one in tracks], ignore_index=True)


def _told(one: ConceptTrack, windows: Windows, labelled: Ints, metric: str) -> pd.DataFrame:
    sd = np.sqrt(np.where(np.isfinite(one.variance), one.variance, np.nan))
    ends = [one.value - Z * sd, one.value + Z * sd]
    value, usual = one.value, one.usual
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = 2 * special.ndtr(-np.abs((one.value - one.usual) / sd))
    if one.column:
        value, ends = np.sqrt(np.maximum(value, 0.0)), [np.sqrt(np.maximum(end, 0.0)) for end in ends]
        usual = float(np.sqrt(max(usual, 0.0)))
    return pd.DataFrame(
        {
            "window": windows.ids, "method": one.method, "score": value, "lower": ends[0], "upper": ends[1], "p_value": p_value,
            "column": one.column, "metric": metric if one.method in SPLIT else None, "reference_value": usual, "n": labelled,
            "window_start": windows.start, "window_end": windows.end, "n_production": labelled,
        }
    )  # fmt: skip


SPLIT = frozenset({"total", "covariate", "concept", "mix", "behaviour"})
"""Methods that are parts of the change of a metric."""
