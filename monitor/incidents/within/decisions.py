"""Decisions that follow the score by another threshold than they did: the score is as it was, and what is done because of it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from monitor.incidents.cause import THRESHOLD, Cause, Hypothesis, Inverse, Proof
from monitor.incidents.expected_labels import class_text, classes_of
from monitor.incidents.within.areas import area_of
from monitor.incidents.within.ground import FEWEST_ROWS, Bools, Floats, Ground, Shown
from monitor.vocabulary import Task

FOLLOW = 0.98
"""Share of decisions that a threshold has to explain to be the one that they follow."""
ODD = 4.0
"""Standard deviations by which a window holds more decisions against the threshold than the reference."""


def other_threshold(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where and since when decisions follow another threshold."""
    case = ground.scene.workspace.case
    score, decided = case.roles.score, case.roles.prediction
    if case.task is not Task.BINARY or not isinstance(score, str) or decided is None or score == decided:
        return ()
    frames = ground.before, ground.now
    if not all(score in frame and decided in frame and pd.api.types.is_numeric_dtype(frame[score]) for frame in frames):
        return ()
    return tuple(_of(ground, score, decided))


def _of(ground: Ground, score: str, decided: str) -> Iterator[Hypothesis]:
    (old, was), (new, now) = (_sides(ground, side, score, decided) for side in (0, 1))
    known = [np.isfinite(one) for one in (old, new)]
    if min(one.sum() for one in known) < FEWEST_ROWS:
        return
    usual, followed = _threshold(old[known[0]], was[known[0]])
    if followed < FOLLOW or np.isinf(usual):  # where nothing was decided positive, no score was a threshold
        return
    odd_before, odd_now = known[0] & (was != (old >= usual)), known[1] & (now != (new >= usual))
    inside = _odd_windows(ground, odd_now, float(odd_before.mean()))
    area = area_of(ground, odd_before, odd_now, inside=inside, avoid=[score, decided]) if inside.any() else None
    if area is None:
        return
    rows = np.flatnonzero(area.rows & known[1])
    fit, held = rows[::2], rows[1::2]
    if len(held) < FEWEST_ROWS:
        return
    other, _ = _threshold(new[fit], now[fit])
    share = float((now[held] == (new[held] >= other)).mean())
    before = float((now[held] == (new[held] >= usual)).mean())
    if share < FOLLOW or share <= before or np.isinf(other):
        return
    inverse = Inverse(kind=THRESHOLD, scale=usual, offset=other, says="decided from another score on")
    proof = Proof(measure="share", before=1 - before, after=1 - share, rows=len(held))
    explained = 1 - (1 - share) / (1 - before)
    between = known[1] & (new >= min(usual, other)) & (new < max(usual, other))  # whose decisions tell the thresholds apart
    area = replace(area, before=int(np.flatnonzero(between[: area.first])[-1]) if between[: area.first].any() else -1)
    shown = Shown(proof=proof, inverse=inverse, explained=explained, free=1, rows=area.rows & odd_now)
    yield ground.hypothesis(Cause.THRESHOLD_CHANGE, [decided], area, shown)


def _sides(ground: Ground, side: int, score: str, decided: str) -> tuple[Floats, Bools]:
    """Return the scores of one side and which of its rows were decided positive, (n,) each; nan where either is missing."""
    frame = ground.now if side else ground.before
    positive = ground.scene.workspace.case.roles.positive_class
    told = classes_of(frame[decided]) == class_text(1 if positive is None else positive)
    values = frame[score].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(frame[decided].isna(), np.nan, values), told


def _threshold(scores: Floats, positive: Bools) -> tuple[float, float]:
    """Return the smallest score from which on most decisions are positive, as few as can be otherwise, and the share that follows it.

    The score is infinite where none is decided positive.
    """
    order = np.argsort(scores, kind="stable")
    values, hits = scores[order], positive[order]
    missed, none = np.concatenate(([0], np.cumsum(hits))), np.concatenate((np.cumsum(~hits[::-1])[::-1], [0]))
    wrong = missed + none  # positives below each place, and negatives from it on
    first = np.concatenate(([True], values[1:] != values[:-1], [True]))  # equal scores are decided alike
    best = int(np.flatnonzero(first)[np.argmin(wrong[first])])
    return (float(values[best]) if best < len(values) else np.inf), float(1 - wrong[best] / max(len(values), 1))


def _odd_windows(ground: Ground, odd: Bools, usual: float) -> Bools:
    """Return the rows from the first window in which more decisions are odd than usual to the last, (n,)."""
    rows = np.bincount(ground.windows)
    share = np.bincount(ground.windows, odd) / np.maximum(rows, 1)
    found = np.flatnonzero(share > usual + ODD * np.sqrt((usual + 1 / np.maximum(rows, 1)) / np.maximum(rows, 1)))
    if not len(found):
        return np.zeros(len(odd), dtype=bool)
    return np.asarray((ground.windows >= found[0]) & (ground.windows <= found[-1]))
