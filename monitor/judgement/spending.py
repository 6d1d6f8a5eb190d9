"""What the newest month will cost, by what is found of its days, and that it will cost more than its budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.operations import OperationsResult
from monitor.analyses.spending import Spending
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.narration.operations import OVERSPENT
from monitor.judgement.run_times import times
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status

COSTING = ("cost_total", "cost_per_1000", "requests")
"""Metrics that say that the days cost otherwise."""


def since_change(result: OperationsResult, findings: Iterable[Finding]) -> Spending | None:
    """Return the newest month; where what it costs, or how many requests there are, began or ceased to be otherwise within it, by the days
    since."""
    found = result.spending
    if found is None:
        return None
    moments = [one.start if np.isnat(one.end) else one.end for one in findings if one.what in COSTING]
    days = [pd.Timestamp(one).tz_localize("UTC").tz_convert(result.timezone).date() for one in moments if not np.isnat(one)]
    return found.since(max(days)) if days else found


def told_month(found: Spending | None) -> Mapping[str, Any] | None:
    """Return the cost of the newest month as figures."""
    if found is None:
        return None
    changed = None if found.changed is None else found.changed.isoformat()
    return {"month": f"{found.month:%Y-%m}", **asdict(found.forecast), "budget": found.budget, "changed": changed}


def overspent(result: OperationsResult, found: Spending | None) -> list[Finding]:
    """Return that the newest month will cost more than its budget, where even the lower end of the forecast says so."""
    if found is None or not found.beyond:
        return []
    last = len(result.windows) - 1
    month = np.datetime64(found.month, "us")
    began = np.flatnonzero(~np.isnat(result.windows.end) & (result.windows.end > month))
    first = int(began[0]) if len(began) else last
    usable = np.ones(last + 1, dtype=bool)
    return [
        Finding(
            what=OVERSPENT,
            label="Cost of the month",
            kind=FindingKind.OPERATION,
            status=Status.ALERT.value,
            first=first,
            last=last,
            direction=Direction.HIGHER,
            measure=Measure.SCORE,
            before=float(found.budget or 0.0),
            after=found.forecast.value,
            rows=int(result.rows[first:].sum()),
            share_rows=float(result.rows[first:].sum() / max(result.rows.sum(), 1)),
            method=OVERSPENT,
            score=found.forecast.value,
            limit=float(found.budget or 0.0),
            pair=(found.forecast.lower, found.forecast.upper),
            strength=2.0,
            worst=result.windows.ids[last],
            note="worse",
            judged=last + 1,
            **times(result.windows, usable, Run.known(first, last)),
        )
    ]
