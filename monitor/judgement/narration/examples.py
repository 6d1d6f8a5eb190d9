"""A finding to show things on: what the examples in docstrings start from."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.case import WindowSize
from monitor.judgement.finding import Finding, FindingKind, State
from monitor.judgement.narration.windows import WindowNames

DAYS = WindowNames(WindowSize(1, "day"), year=False)


def example(kind: FindingKind = FindingKind.VALUE, **changes: Any) -> Finding:
    """Return a finding about "Amount" that goes on since 1 Apr 2013 through 14 days, with some of its fields changed.

    >>> example(label="Fare").label
    'Fare'
    """
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
