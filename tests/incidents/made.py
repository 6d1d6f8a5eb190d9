"""Findings and causes made by hand, over the days of a month."""

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.evidence import Evidence
from monitor.judgement.finding import Finding, FindingKind, State
from monitor.profile import Windows

DAYS = np.arange("2026-03-01", "2026-03-31", dtype="datetime64[D]").astype("datetime64[us]")
WINDOWS = Windows(tuple(str(day)[:10] for day in DAYS), DAYS, DAYS + np.timedelta64(1, "D"))


def found(what, first, last, *, analysis="drift", columns=None, status="alert", weight=1.0):
    finding = Finding(
        what=what, label=what, kind=FindingKind.VALUE, status=status, state=State.OVER, first=first, last=last,
        window=WINDOWS.ids[first], last_window=WINDOWS.ids[last], windows=last - first + 1, judged=len(WINDOWS),
    )  # fmt: skip
    named = frozenset({what} if columns is None else columns)
    return Evidence(key=f"{analysis}:{what}", analysis=analysis, finding=finding, first=first, last=last, columns=named, weight=weight)


def cause(kind=Cause.UNIT_CHANGE, columns=("fare",), first=5, last=12, explained=0.9, **more):
    return Hypothesis(cause=kind, columns=columns, start=DAYS[first], end=WINDOWS.end[last], explained=explained, **more)


FARE = found("fare", 5, 12)
SCORE = found("score", 5, 12, analysis="predictions")
