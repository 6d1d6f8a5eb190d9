"""What the tests of narration change in the example finding."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.case import WindowSize
from monitor.judgement.finding import State
from monitor.judgement.narration.windows import WindowNames

WEEKS = WindowNames(WindowSize(1, "week"), year=False)


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
