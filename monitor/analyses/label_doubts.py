"""What has to be known of labels before anything that rests on them is believed: notes of every analysis that compares with labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.in_sample import FIRST, in_sample_text, ranking
from monitor.analyses.label_notes import STRAY_SCORE, UNKNOWN_LABEL, score_notes
from monitor.analyses.label_weights import CHOSEN, stand_for_all
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.stats.performance.binary import HARD_CLASS
from monitor.stats.performance.selective import ONLY_NEGATIVE, ONLY_POSITIVE
from monitor.tables import Result, Skipped

Bools = NDArray[np.bool_]

IN_SAMPLE = "reference_in_sample"
"""The reference shows the model at its best: it was fitted on these rows, as it seems."""
DOUBTS = frozenset({ONLY_POSITIVE, ONLY_NEGATIVE, IN_SAMPLE, HARD_CLASS, CHOSEN, STRAY_SCORE, UNKNOWN_LABEL})
"""Reasons of the notes that an answer tells beside its headline."""
NAMES = ("reference", "production")
SELECTED = frozenset({"total", "covariate", "mix", "behaviour", "prior", "association"})
"""Causes of change that which rows have labels makes too: not told where that differs between the sides."""


def label_doubts(outcome: Outcome, sides: tuple[Side, Side], mature: Bools, a: str) -> Iterator[Skipped]:
    """Yield what makes a comparison of labels doubtful; `mature` (w,) are windows whose labels are in, `a` the reference's name."""
    if not outcome.answers.label:
        return
    yield from score_notes(outcome, sides)
    selective = tuple(_selective(outcome, sides))
    yield from selective
    if stand_for_all(outcome, sides, mature)[0] is not sides:
        text = "Labels are not missing at random: which rows of production have one depends on the score, otherwise than in the reference."
        yield Skipped(outcome.answers.label, CHOSEN, text)
    if not selective and mature.sum() >= FIRST and (text := in_sample_text(ranking(outcome, sides), mature, a)):
        yield Skipped("reference", IN_SAMPLE, text)


def looks_in_sample(result: Result) -> bool:
    """Say whether a result notes that scores of its reference look in-sample."""
    return any(one.reason == IN_SAMPLE for one in result.skipped)


def labels_apart(outcome: Outcome, sides: tuple[Side, Side], mature: Bools) -> bool:
    """Say whether labels of the two sides are of other rows: all here, only those of one decision or mostly those of some scores there."""
    first, second = (outcome.hidden(side) for side in sides)
    return first is not second or stand_for_all(outcome, sides, mature)[0] is not sides


def _selective(outcome: Outcome, sides: tuple[Side, Side]) -> Iterator[Skipped]:
    """Yield that labels exist of one decision only."""
    hidden = [outcome.hidden(side) for side in sides]
    for one in (False, True):
        where = [name for name, found in zip(NAMES, hidden, strict=True) if found is one]
        if where:
            of = "" if len(where) == len(NAMES) else f" of the {where[0]}" if where == ["reference"] else f" of {where[0]}"
            decided, reason = ("negative", ONLY_NEGATIVE) if one else ("positive", ONLY_POSITIVE)
            text = f"Labels{of} exist only where the model decided {decided}: nothing is known of the other rows."
            yield Skipped(outcome.answers.label, reason, text)
