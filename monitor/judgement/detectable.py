"""How small a change could have been seen in each column and window: what a verdict "stable" is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift import group_labels
from monitor.judgement.assessment import Assessment
from monitor.judgement.thresholds import DriftThresholds
from monitor.stats.comparison import Layout
from monitor.stats.detectable import Held, Looks, Score, Setting, commonest, detectable_missing, detectable_share, detectable_shift
from monitor.stats.method import Method

Floats = NDArray[np.float64]
UNIT = "detectable_unit"
COLUMNS = ("detectable", UNIT, "detectable_own", "detectable_missing")
BLIND = ("missing_share", "new_levels", "lost_levels")
"""Judging methods that see neither a shift of values nor a change of a level's share."""


def with_detectable(assessment: Assessment, table: pd.DataFrame, thresholds: DriftThresholds) -> pd.DataFrame:
    """Add what an alarm could have seen with a power of 80 %.

    Notes
    -----
    `detectable` is a shift of all values (`detectable_unit` "sd" of the reference; `detectable_own` is the same in the column's unit) or a
    change of the share (0..1) of the commonest level, which `detectable_unit` names; `detectable_missing` a rise of the missing share
    (0..1). They are nan where no change could have been seen, too few rows were there, or a fixed threshold decides.
    """
    every = table.groupby(["column", "window"], sort=False)["q_value"].min()
    looks = Looks(thresholds.q, len(every), int((every <= thresholds.q).sum()))
    window = pd.Index(assessment.result.sides.production.windows.ids).get_indexer(pd.Index(table["window"]))
    values = {name: np.full(len(table), np.nan) for name in COLUMNS if name != UNIT}
    unit = np.full(len(table), "", dtype=object)
    methods = table["method"].to_numpy()
    sizes = table["expected_size"].to_numpy(dtype=float)
    for name, rows in table.groupby("column", sort=False).indices.items():
        if name in assessment.changes:
            upper = _Upper({one: at for one in dict.fromkeys(methods[rows]) if len(at := rows[methods[rows] == one])}, window, sizes)
            seen = _column(assessment, str(name), upper, thresholds, looks)
            unit[rows] = seen.unit
            for column, own in seen.values.items():
                values[column][rows] = own[window[rows]]
    return table.assign(**values, **{UNIT: unit})


@dataclass(frozen=True, slots=True)
class _Upper:
    """Upper ends without change of one column's scores: `rows` of the table by method, `window` and `sizes` of all its rows."""

    rows: Mapping[str, NDArray[np.intp]]
    window: NDArray[np.intp]
    sizes: Floats

    def of(self, method: str, windows: int) -> Floats:
        """Return them by window, (w,); nan where there is none."""
        found = np.full(windows, np.nan)
        rows = self.rows.get(method, np.zeros(0, dtype=np.intp))
        found[self.window[rows]] = self.sizes[rows]
        return found


@dataclass(frozen=True, slots=True)
class _Seen:
    unit: str
    values: Mapping[str, Floats]


def _column(assessment: Assessment, name: str, upper: _Upper, thresholds: DriftThresholds, looks: Looks) -> _Seen:
    sides, change = assessment.result.sides, assessment.changes[name]
    production, history = sides.production.columns[name], sides.history(name)
    layout = Layout.of(production.cells, history.total)
    rows = production.rows.astype(float)
    if history.total[:-1].sum() == 0:  # the reference has no value that could change
        return _Seen("", {one: np.full(len(rows), np.nan) for one in COLUMNS if one != UNIT})
    baseline = np.broadcast_to(sides.reference(name).rows.astype(float), rows.shape)
    some = np.maximum(rows, 1.0), np.maximum(baseline, 1.0)
    phi, df = change.noise.at(some[0], sides.spans)
    setting = Setting(history, layout, change.questions, phi, df, *some, looks)
    held = _held(assessment, sides.part(name).column, thresholds, upper, len(rows))
    group = commonest(setting)
    found = detectable_shift(setting, held) if layout.ordered else detectable_share(setting, held, group)
    missing = detectable_missing(setting, floor=thresholds.floor_of("missing_share"), upper=upper.of("missing_share", len(rows)))
    judged = (rows >= thresholds.min_rows) & (baseline > 0) & bool(held)
    own = found * history.sd if layout.ordered else np.full(len(rows), np.nan)
    values = dict(zip((c for c in COLUMNS if c != UNIT), (found, own, missing), strict=True))
    unit = "sd" if layout.ordered else f"share of {group_labels(production.cells, layout.groups)[group]}"
    return _Seen(unit, {column: np.where(judged, one, np.nan) for column, one in values.items()})


def _held(assessment: Assessment, column: str, thresholds: DriftThresholds, upper: _Upper, windows: int) -> list[Held]:
    """Return what the judging methods ask for that see a change of the distribution and leave the verdict to the expectation."""
    catalogue = assessment.result.catalogue
    asked = [one for one in thresholds.methods_of(column) if one in catalogue.ids and one not in BLIND and one in upper.rows]
    free = [one for one in asked if thresholds.fixed_of(column, one) is None and catalogue.method(one).on_cells is not None]
    return [Held(_distance(catalogue.method(one)), thresholds.floor_of(one), upper.of(one, windows)) for one in free]


def _distance(method: Method) -> Score:
    none = 0.0 if np.isnan(method.none) else method.none
    return lambda comparison: np.abs(method.compare(comparison).score - none)
