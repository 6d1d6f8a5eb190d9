"""Where a model said too much and where too little, in words: no change of the model, but what its answers were worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.judgement.judged import names_of
from monitor.judgement.narration.figures import SAME, pair, share, value
from monitor.judgement.performance import JudgedPerformance
from monitor.stats.performance.levels import stretches
from monitor.vocabulary import Task
from monitor.wording import list_text

MOST = 4
"""Stretches that are told: those in which most is wrong; they stand in the order of time."""
LEAST_POINTS, LEAST_PART, LEAST_ERROR = 0.02, 0.25, 0.1
"""Smallest error of a level that is told: two points of a share, or this part of it where it is small; of a number in parts of the mean
absolute error of the reference."""


@dataclass(frozen=True, slots=True)
class Told:
    """A stretch of windows in which answers were too low (`low`) or too high: when, what labels say and what the model says."""

    when: str
    low: bool
    observed: float
    expected: float
    weight: float


def levels_told(judged: JudgedPerformance) -> tuple[Told, ...]:
    """Return the stretches of mature windows in which the model is wrong on average beyond chance, in the order of time."""
    table = judged.result.evidence.get("level")
    if table is None or table.empty:
        return ()
    sd = (table["upper"] - table["lower"]).to_numpy() / (2 * 1.96)
    wrong = (table["observed"] - table["expected"]).to_numpy()
    found = [_told(judged, table.iloc[one.first : one.last + 1]) for one in stretches(wrong, sd**2) if one.told]
    large = [one for one in found if abs(one.observed - one.expected) >= _least(judged, one)]
    kept = sorted(large, key=lambda one: -one.weight)[:MOST]
    return tuple(one for one in large if one in kept)


def _told(judged: JudgedPerformance, rows: pd.DataFrame) -> Told:
    n = rows["n"].to_numpy(dtype=float)
    observed, expected = (float(np.average(rows[name], weights=n)) for name in ("observed", "expected"))
    names = names_of(judged.windows, judged.result.size, judged.result.timezone, judged.own_windows, called=judged.called)
    ids = judged.windows.ids
    first, last = ids.index(str(rows["window"].iloc[0])), ids.index(str(rows["window"].iloc[-1]))
    ends = judged.windows.start[first], judged.windows.end[last]
    when = names.within(*ends, ids[first]) if first == last else names.period(*ends, ids[first], ids[last])
    return Told(when, observed > expected, observed, expected, float(n.sum()) * abs(observed - expected))


def _least(judged: JudgedPerformance, one: Told) -> float:
    if judged.result.task is Task.BINARY:
        return min(LEAST_POINTS, LEAST_PART * max(one.observed, one.expected))
    error = next((float(track.whole.value[0]) for track in judged.result.tracks if track.name == "mae"), float("nan"))
    return LEAST_ERROR * error if np.isfinite(error) else 0.0


def level_text(judged: JudgedPerformance) -> str:
    """Say when a model said too little and when too much, with what labels say beside it; empty where its level holds.

    A level that the whole reference has wrong alike is told too: it is wrong all the same.
    """
    told = levels_told(judged)
    parts = [_part(judged, [one for one in told if one.low is low], low) for low in (True, False)]
    return " ".join(part for part in parts if part)


def _part(judged: JudgedPerformance, told: Sequence[Told], low: bool) -> str:
    if not told:
        return ""
    binary = judged.result.task is Task.BINARY
    figures = [_figures(one, binary) for one in told]
    what = "Scores" if binary else "Predictions"
    return f"{what} were too {'low' if low else 'high'} {list_text(figures)}."


def _figures(one: Told, binary: bool) -> str:
    written = pair(one.expected, one.observed, share) if binary else pair(one.expected, one.observed, value, honest=SAME)
    if written is None:
        return one.when
    observed = f"{written[1]} positive" if binary else f"{written[1]} on average"
    return f"{one.when} ({observed}, {written[0]} said)"
