"""Findings that the tests of narration start from."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.case import WindowSize
from monitor.judgement.finding import Finding, FindingKind, State
from monitor.judgement.narration.windows import WindowNames

DAYS = WindowNames(WindowSize(1, "day"), year=False)
WEEKS = WindowNames(WindowSize(1, "week"), year=False)


def found(kind: FindingKind = FindingKind.VALUE, **changes: Any) -> Finding:
    """Return a finding that goes on since 1 Apr 2013 through 14 windows, with some of it changed."""
    usual: dict[str, Any] = {
        "what": "amount",
        "label": "Amount",
        "status": "alert",
        "state": State.ONGOING,
        "first": 3,
        "last": 16,
        "window": "2013-04-01",
        "last_window": "2013-04-14",
        "start": np.datetime64("2013-04-01"),
        "windows": 14,
        "judged": 20,
    }
    return Finding(kind=kind, **{**usual, **changes})


OVER: dict[str, Any] = {
    "state": State.OVER,
    "window": "2013-06-15",
    "last_window": "2013-06-28",
    "start": np.datetime64("2013-06-15"),
    "end": np.datetime64("2013-06-29"),
}
ONE: dict[str, Any] = {
    "state": State.OVER,
    "first": 4,
    "last": 4,
    "windows": 1,
    "window": "2013-07-05",
    "last_window": "2013-07-05",
    "start": np.datetime64("2013-07-05"),
    "end": np.datetime64("2013-07-06"),
}
