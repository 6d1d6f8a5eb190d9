"""Findings as a table: one row per run of windows of one thing, what a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from monitor.cells import place_label
from monitor.judgement.finding import Finding
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.narration.windows import WindowNames
from monitor.tables import Contract
from monitor.vocabulary import Status

ALARMS = (Status.ALERT.value, Status.WARNING.value)
FINDINGS = Contract(
    "findings",
    ("what", "kind", "run"),
    {
        "what": "column, metric, pair or method that the finding is about",
        "kind": "value, missing, unseen, range, constant, revived, level, lost, new, type, metric, estimate, segment, concept, relation, "
        "rule, joint, gap, adversary, outlier, attribution, quality, defect, operation, objective, contract, run, challenger, arm, "
        "incident or fixed",
        "start": "start of the first window, UTC",
        "end": "end of the last window, UTC; null while it lasts",
        "onset_lower": "the onset lies between this, UTC,",
        "onset_upper": "and this",
        "windows": "windows that it holds",
        "direction": "higher, lower, wider, narrower, more, fewer or changed",
        "cell": "interval or level that it is about, null: none",
        "before": "`measure` in the reference; shares are of rows with a value, but of kind missing of all rows",
        "after": "the same of the run's pooled rows",
        "share_rows": "facts: share of all rows of the run that are concerned; else share of production's rows in the run, 0..1",
        "score": "score of the run's pooled rows by `method`",
        "limit": "the pooled score from which the run is one",
        "p_value": "probability of a run as far, all runs of the question allowed for",
        "q_value": "Holm-adjusted p-value of the thing, or that of this finding where that is larger",
        "impact": "effect on the mean prediction or a metric, null: unknown",
        "status": "warning or alert",
        "state": "new, ongoing or over",
        "sentence": "the finding in words",
        "run": "id that rows of the table name",
        "measure": "what before and after are: share, mean, median, sd or score",
        "method": "id of the method that is farthest beyond its floor",
        "strength": "how many times as far as it had to be",
        "label": "name of the thing for people",
        "window": "id of the first window",
        "last_window": "id of the last window",
        "levels": "levels that came, with their rows",
        "levels_lost": "levels that went",
        "segment": "the rows that it is of, empty: all rows",
    },
)


def findings_table(findings: Iterable[Finding], names: WindowNames, against: str) -> pd.DataFrame:
    """Return findings in their order (contract FINDINGS)."""
    rows = [_row(one, names, against) for one in findings]
    return FINDINGS.check(pd.DataFrame(rows, columns=list(FINDINGS.columns)))


def _row(one: Finding, names: WindowNames, against: str) -> Mapping[str, Any]:
    return {
        "what": one.what,
        "kind": one.kind.value,
        "start": one.start,
        "end": one.end,
        "onset_lower": one.onset_lower,
        "onset_upper": one.onset_upper,
        "windows": one.windows,
        "direction": one.direction.value,
        "cell": None if one.place is None else place_label(one.place),
        "before": one.before,
        "after": one.after,
        "share_rows": one.share_rows,
        "score": one.score,
        "limit": one.limit,
        "p_value": one.p_value,
        "q_value": one.q_value,
        "impact": one.impact,
        "status": one.status,
        "state": one.state.value,
        "sentence": sentence(one, names, against),
        "run": one.id,
        "measure": one.measure.value,
        "method": one.method,
        "strength": one.strength,
        "label": one.label,
        "window": one.window,
        "last_window": one.last_window,
        "levels": ", ".join(f"{level} ({rows})" for level, rows in list(one.levels.items())[:100]),
        "levels_lost": ", ".join(one.levels_lost),
        "segment": one.segment,
    }
