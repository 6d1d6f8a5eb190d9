"""Judged outliers: the rows that are flagged, shares by window, findings, and figures of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.outlier_shares import NO_NEIGHBOUR, SUPPORT
from monitor.analyses.outlier_told import ENSEMBLE
from monitor.analyses.outliers import MEASURED, OutliersResult
from monitor.case import OUTLIER_SHARES, OutlierThresholds
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.narration.windows import WindowNames
from monitor.stats.outliers.conformal import reachable_share, rows_to_certify
from monitor.stats.outliers.members import KNN
from monitor.tables import Contract

Ints = NDArray[np.int64]

_TOLD = tuple(MEASURED.columns.items())
_AT = list(MEASURED.columns).index("kind")
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **dict(_TOLD[:_AT]),
        "flagged": "whether p_value is within the stated share (outliers.share); the table holds rows that the ensemble flags",
        "reason": "why, in words: columns, how far, in which way",
        **dict(_TOLD[_AT:]),
    },
    MEASURED.units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedOutliers(Judged):
    """Judged outliers: `table` has the flagged rows, the farthest first, one line per method; `shares` one row per window and thing
    (all rows, rows without a near one, segments); `findings` the runs of windows with more flagged rows than usual."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    shares: pd.DataFrame
    result: OutliersResult
    thresholds: OutlierThresholds

    @property
    def names(self) -> WindowNames:
        """How the windows are called that runs are told in."""
        size = self.result.size if self.result.line is None else self.result.line.size
        return names_of(self.windows, size, self.result.timezone, self.own_windows, called=self.called)

    @property
    def expected(self) -> float:
        """The share of rows without change that is flagged: the stated one, or the next smaller that the held-out rows can say."""
        return reachable_share(self.thresholds.share, self.result.calibration)

    @property
    def flagged(self) -> int:
        """Flagged rows of production."""
        return int(self.result.tracks.whole.flagged[self._at].sum())

    @property
    def unsupported(self) -> float:
        """Share of production's rows that no reference row is near to."""
        return float(self.result.tracks.support.flagged.sum() / max(self.result.rows.sum(), 1))

    @property
    def worst_stretch(self) -> float:
        """The largest share of rows that were flagged when a stretch of the reference's time was held out."""
        return float(self.result.stretches[self._at].max())

    @property
    def _at(self) -> int:
        return OUTLIER_SHARES.index(self.thresholds.share)

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        n, rows = self.result.calibration, int(self.result.rows.sum())
        return {
            "expected_false_alarms": self.thresholds.q,
            "flagged": self.flagged,
            "flagged_share": self.flagged / max(rows, 1),
            "expected_share": self.expected,
            "worst_stretch_share": self.worst_stretch,
            "unsupported_share": self.unsupported,
            "calibration_rows": n,
            "smallest_p_value": 1 / (n + 1),
            "rows_to_certify": rows_to_certify(n, rows, self.thresholds.q),
            "rows_told": int(self.table["method"].eq(ENSEMBLE).sum()),
            "by_window": self.shares[self.shares["column"] == ""].drop(columns=["column", "level"]).to_dict("records"),
        }

    def places_behind(self, finding: Finding) -> Ints:
        """Return file and row of the rows told that are flagged (of support: that lie alone) in the windows of a finding, (n, 2)."""
        table = self.result.table
        method, most = (KNN, NO_NEIGHBOUR) if finding.what == SUPPORT else (ENSEMBLE, self.thresholds.share)
        inside = table["window"].isin(self.windows.ids[finding.first : finding.last + 1])
        told = inside & table["method"].eq(method) & table["p_value"].le(most)
        return table.loc[told, ["file", "row"]].to_numpy(dtype=np.int64)
