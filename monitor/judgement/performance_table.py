"""The table of judged performance: what was measured, with its verdict, and why there is none."""

from __future__ import annotations

import pandas as pd

from monitor.analyses.label_weights import CHOSEN
from monitor.analyses.performance_result import MEASURED
from monitor.tables import Contract

WAITING, UNSEEN, SHORT, NOT_ASKED = "labels_waiting", "could_not_be_seen", "short_reference", "not_asked"
ALONE = "not_seen_alone"
"""Why there is no verdict on a window: its labels are not in; no change of the metric could have alarmed, so much does it vary in the
reference, or (`ALONE`) none of this window alone, while one that lasts could; the reference has too few windows to say how it varies;
another metric says the same, and this one was not asked for by name."""
_TOLD = tuple(MEASURED.columns.items())
_AT = list(MEASURED.columns).index("reason")
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **dict(_TOLD[:_AT]),
        "status": "verdict: that of the strongest run that the window belongs to",
        **dict(_TOLD[_AT:]),
        "reason": "why there is no value or no verdict, else null; of verdicts: "
        + ", ".join((WAITING, CHOSEN, UNSEEN, ALONE, SHORT, NOT_ASKED)),
        "limit_lower": "value below which this window alone alarms, all corrections included",
        "limit_upper": "value above which it does",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "strength": "how many times as far as it had to be from the reference; above 1 alarms",
        "p_value": "probability of the farthest run of the metric, all its runs allowed for",
        "q_value": "Holm-adjusted over the metrics",
    },
)
"""What was measured, with its verdict before the reason."""


def beside(table: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Put verdicts beside what was measured: both have their rows in the order of tracks and windows. A window without a verdict says why,
    as one without a value does."""
    if table.empty:
        return told.reindex(columns=list(JUDGED.columns))
    both = pd.concat([table.reset_index(drop=True), told.reset_index(drop=True)], axis=1)
    return both.assign(reason=both["reason"].where(both["reason"].notna(), both["silent"])).drop(columns="silent")
