"""When to retrain: rules, and how often each would have fired in the past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.retraining.backtest import Backtest
from monitor.retraining.rows import History
from monitor.vocabulary import Task

Floats = NDArray[np.float64]

EVERY = 4
"""Windows of production after which the rule of the calendar retrains: a quarter of them, at least these."""
WORSE, RUNNING = 0.05, 2
"""Part by which the loss of windows lies above that of the reference, so many in a row."""
DOUBLED = 1.0
"""Rows with a label, in parts of those of the reference, after which there is much to learn."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule, the windows in which it would have `fired`, and the mean gain of retraining that was tested after it first did (nan: none
    was): the difference of the metric that decides. `own`: of the case's own rules; `by_rows`: windows are those
    of rows, not those in which something was known; `why` it cannot be told ("": it can)."""

    name: str
    fired: tuple[str, ...]
    tested: int
    gain: float
    own: bool = False
    by_rows: bool = True
    why: str = ""


def triggers(history: History, tested: Backtest | None) -> Iterator[Trigger]:
    """Yield each rule with what it would have done."""
    windows = sorted(set(history.window[history.production & history.used]))
    every = max(len(windows) // 4, EVERY)
    yield replayed(f"every {every} windows", tuple(windows[every - 1 :: every]), tested)
    loss = _losses(history)
    if loss is not None:
        high = [name for name in windows if loss[0].get(name, 0.0) > loss[1] * (1 + WORSE)]
        fired = tuple(name for at, name in enumerate(windows) if at + 1 >= RUNNING and set(windows[at + 1 - RUNNING : at + 1]) <= set(high))
        yield replayed(f"loss {WORSE:.0%} above the reference's in {RUNNING} windows running", fired, tested)
    labelled = pd.Series(history.window[history.production & history.used]).value_counts().reindex(windows).cumsum()
    reference = int((history.used & ~history.production).sum())
    steps = (
        (labelled // max(DOUBLED * reference, 1)).diff().fillna(labelled // max(DOUBLED * reference, 1)) > 0 if reference else labelled < 0
    )
    yield replayed("as many new labels as the reference has", tuple(str(name) for name in steps.index[steps]), tested)


def replayed(name: str, fired: tuple[str, ...], tested: Backtest | None) -> Trigger:
    """Return a rule that fired in some windows, with what retraining that was tested gained after the first."""
    if tested is None or not tested.lead or not fired:
        return Trigger(name, fired, 0, float("nan"))
    found = tested.found[tested.lead]
    after = [k + 1 for k, trial in enumerate(tested.trials) if trial.windows[0] > fired[0] and found.reason[k + 1] == ""]
    gain = float(np.average(found.difference[after], weights=found.n[after])) if after else float("nan")
    return Trigger(name, fired, len(after), gain)


def _losses(history: History) -> tuple[dict[str, float], float] | None:
    """Return the mean loss of the model in charge by window of production, and in the reference; None where its score is not known."""
    error = history.score - history.label
    loss = np.abs(error) if history.case.task is Task.REGRESSION else error**2
    known = history.used & np.isfinite(loss)
    if not (known & history.production).any() or not (known & ~history.production).any():
        return None
    by_window = pd.Series(loss[known & history.production]).groupby(history.window[known & history.production]).mean()
    return {str(name): float(one) for name, one in by_window.items()}, float(loss[known & ~history.production].mean())
