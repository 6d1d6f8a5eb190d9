"""Judged adversaries: what acted in concert, findings, and the limit from which shares alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.adversaries import MEASURED, AdversariesResult, Group
from monitor.analyses.adversary_sides import Track
from monitor.case.thresholds import AdversaryThresholds
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found
from monitor.stats.adversaries.catalogue import KINDS
from monitor.tables import Contract

Floats = NDArray[np.float64]

JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **MEASURED.columns,
        "status": "verdict: that of the strongest run that the window belongs to",
        "run": "id of that finding, null: none",
        "limit": "score from which the window alone alarms, all corrections included",
        "strength": "how many times as far as it had to be; above 1 alarms",
        "p_value": "probability of the farthest run of the kind, all windows allowed for",
        "q_value": "Holm-adjusted over all kinds",
        "track": "what of the kind is told: concentration of rows in an hour, of a level, of an id; crowding below or above",
    },
    MEASURED.units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAdversaries(Judged):
    """Judged signs of concerted behaviour: `table` has one row per window and kind, `findings` the groups of rows, alerts first; `behind`
    the group of each finding; `verdicts` on what was counted, by its name; `within` which finding tells a sign that is no news beside it.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: AdversariesResult
    thresholds: AdversaryThresholds
    behind: Mapping[str, Group]
    verdicts: Mapping[str, Found]
    within: tuple[tuple[Finding, str], ...] = ()

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: what chance alone would name."""
        return {"expected_false_alarms": self.thresholds.q, "left_out": list(self.result.left_out)}

    def places_behind(self, finding: Finding) -> NDArray[np.int64]:
        """Return file and row of each row of a group, (n, 2)."""
        return self.behind[finding.id].place


def limit_of(track: Track, found: Found) -> Floats:
    """Return the number from which each window alone alarms, (w,); nan where none could."""
    limit = np.asarray(found.upper * (track.base if track.event else 1.0))
    return np.where(limit > 1.0, np.nan, limit) if KINDS[track.kind].unit == "share" else limit
