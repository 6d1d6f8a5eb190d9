"""When a run began and ended, whether it is new, and whether it goes on."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.judgement.finding import State
from monitor.profile import Windows
from monitor.stats.inference.runs import Run

NEW_WINDOWS = 2
"""An ongoing finding is new while it began within so many judged windows."""


def times(windows: Windows, usable: Any, run: Run) -> dict[str, Any]:
    """Return where a run stands in time: `usable` (w,) says which windows were judged.

    A run of several windows begins no earlier than the first row; one window is named as a whole.
    """
    later = np.flatnonzero(usable[run.last + 1 :])
    none = np.datetime64("NaT")
    state = State.OVER if len(later) else State.NEW if usable[run.first :].sum() <= NEW_WINDOWS < usable.sum() else State.ONGOING
    return {
        "state": state,
        "window": windows.ids[run.first],
        "last_window": windows.ids[run.last],
        "start": _begun(windows, run.first, run),
        "end": windows.end[run.last] if state is State.OVER else none,
        "onset_lower": _begun(windows, run.first_from, run),
        "onset_upper": _begun(windows, run.first_to, run),
        "windows": int(usable[run.first : run.last + 1].sum()),
    }


def _begun(windows: Windows, at: int, run: Run) -> np.datetime64:
    return windows.begun(at) if run.last > run.first else windows.start[at]


LONG, PAUSE = 4, 1
"""Judged windows of a run of a metric that so many windows as before, after it, do not end: what one of them inside a run would not."""


def lasting_times(windows: Windows, usable: Any, run: Run) -> dict[str, Any]:
    """Return where a run of numbers stands in time, as `times` does; one window as before at the end of a long run does not end it, and
    windows that may as well belong to it (its end may be the last of all, as far as the likelihood can tell) do not either.

    >>> windows = Windows(tuple("abcdef"), np.arange(6).astype("datetime64[D]"), np.arange(1, 7).astype("datetime64[D]"))
    >>> [lasting_times(windows, np.ones(6, dtype=bool), Run.known(*ends))["state"].value for ends in ((1, 4), (1, 3), (4, 4))]
    ['ongoing', 'over', 'over']
    >>> lasting_times(windows, np.ones(6, dtype=bool), Run(1, 3, 1, 1, 3, 5))["state"].value
    'ongoing'
    """
    found = times(windows, usable, run)
    rest = int(usable[run.last + 1 :].sum())
    may_last = run.last > run.first and not usable[run.last_to + 1 :].any()
    if found["state"] is State.OVER and (may_last or (rest <= PAUSE and found["windows"] >= LONG)):
        found |= {"state": State.ONGOING, "end": np.datetime64("NaT")}
    return found
