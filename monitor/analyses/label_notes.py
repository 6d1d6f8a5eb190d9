"""What is odd about labels and scores, in sentences: one class only, a class never seen, scores that are no probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.stats.performance.binary import HARD_CLASS
from monitor.tables import Skipped
from monitor.vocabulary import Task
from monitor.wording import list_text, number_text, plural, share_text, window_text

PLAIN = frozenset({("0", "1"), ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("negative", "positive"), ("-1", "1")})
"""Pairs of labels of which nobody doubts which is positive."""

STRAY_SCORE, UNKNOWN_LABEL = "stray_scores", "unknown_label"
"""Why rows are left out: their score cannot be, their label is none of the reference."""


OFF_THRESHOLD, OFF = "decisions_off_threshold", 0.01
"""Reason of the note that decisions do not follow the threshold, and the part of the rows of a window from which that is said."""


def label_notes(outcome: Outcome, sides: tuple[Side, Side]) -> Iterator[Skipped]:
    """Yield what is odd about labels and scores of the reference and of production."""
    answers = outcome.answers
    if not answers.label or outcome.task is Task.REGRESSION:
        return
    seen = [_classes(side, answers.label) for side in sides]
    for name, classes in zip(("reference", "production"), seen, strict=True):
        if len(classes) == 1:
            only = next(iter(classes))
            text = f"Every label of the {name} is '{only}': what needs both classes is not defined there."
            yield Skipped(answers.label, "one_class", text)
    if outcome.task is Task.MULTICLASS:
        yield from _unseen(answers.label, *seen)
        yield from _unscored(outcome, {**seen[0], **seen[1]})
        yield from _never_decided(outcome, sides, seen[0])
        return
    yield from _positive(outcome, {**seen[0], **seen[1]})
    yield from _off_threshold(outcome, sides)
    yield from _several(outcome, seen[0])
    yield from score_notes(outcome, sides)


def _classes(side: Side, label: str) -> dict[str, int]:
    """Return rows by class."""
    levels = side.known.read.levels[label]
    rows = np.bincount(levels.code[side.known.labelled & (levels.code >= 0)], minlength=len(levels.names)).tolist()
    return {name: n for name, n in zip(levels.names, rows, strict=True) if n}


def _unseen(label: str, reference: dict[str, int], production: dict[str, int]) -> Iterator[Skipped]:
    new = {name: n for name, n in production.items() if name not in reference}
    if new and reference:
        told = list_text([f"'{name}' ({plural(n, 'row')})" for name, n in new.items()])
        text = f"The reference has no label {told}: such classes have no value to be compared with, and means over classes leave them out."
        yield Skipped(label, "unseen_class", text)


def _unscored(outcome: Outcome, classes: dict[str, int]) -> Iterator[Skipped]:
    lost = {name: n for name, n in classes.items() if name not in outcome.answers.scores}
    if lost and outcome.answers.scores:
        told = list_text([f"'{name}' ({plural(n, 'row')})" for name, n in lost.items()])
        text = f"No score is of class {told}: metrics of scores leave these rows out."
        yield Skipped(outcome.answers.label, "unscored_class", text)


def _never_decided(outcome: Outcome, sides: tuple[Side, Side], classes: dict[str, int]) -> Iterator[Skipped]:
    column = outcome.answers.prediction
    if column is None:
        return
    said = {name for side in sides for name in _classes(side, column)}
    never = [repr(name) for name in classes if name not in said]
    if never and said:
        text = f"Never predicted: {list_text(never)}. The precision of such a class counts as 0 in the mean of classes, as in scikit-learn."
        yield Skipped(column, "never_predicted", text)


def _off_threshold(outcome: Outcome, sides: tuple[Side, Side]) -> Iterator[Skipped]:
    """Yield in how many rows the decision is another than score and threshold say, where the case names all three."""
    answers = outcome.answers
    if answers.today is None or answers.prediction is None or not answers.scores:
        return
    off = [outcome.off_threshold(side) for side in sides]
    shares = [odd.sum() / max(rows.sum(), 1) for odd, rows in off]
    odd, rows = off[1]
    windows = np.flatnonzero(odd > OFF * np.maximum(rows, 1))
    if len(windows):
        first, before = window_text(sides[1].known.read.windows.ids[windows[0]]), share_text(float(shares[0]), 2)
        text = (
            f"Decisions do not follow the threshold {answers.threshold:g} of the case in {share_text(float(shares[1]), 2)} of rows "
            f"({before} in the reference); first: {first}."
        )
        yield Skipped(answers.prediction, OFF_THRESHOLD, text)


def _positive(outcome: Outcome, classes: dict[str, int]) -> Iterator[Skipped]:
    label = outcome.answers.label
    positive, names = outcome.positive[label], tuple(sorted(classes))
    if classes and positive not in classes:
        text = f"No label is '{positive}', the positive class; there are {list_text([repr(name) for name in names])}. Check positive_class."
        yield Skipped(label, "no_positive_class", text)
    elif len(names) == 2 and not outcome.positive_named and tuple(name.lower() for name in names) not in PLAIN:
        text = f"'{positive}' is taken as the positive class, the larger of {names[0]!r} and {names[1]!r}. Name positive_class in [roles]."
        yield Skipped(label, "positive_class_guessed", text)


def _several(outcome: Outcome, classes: dict[str, int]) -> Iterator[Skipped]:
    """Yield that several classes count as negative."""
    rest = sorted(set(classes) - {outcome.positive[outcome.answers.label]})
    if len(rest) > 1:
        text = f"{list_text([repr(name) for name in rest])} count as negative, as labels that are not the positive class."
        yield Skipped(outcome.answers.label, "several_negative_classes", text)


def score_notes(outcome: Outcome, sides: tuple[Side, Side]) -> Iterator[Skipped]:
    """Yield that the scores of a binary task are no probabilities, and which rows are left out."""
    yield from _left_out(outcome, sides)
    column = outcome.answers.scores.get("")
    if outcome.task is not Task.BINARY or column is None:
        return
    found = [one for name, side in zip(("reference", "production"), sides, strict=True) for one in _scores(column, name, side)]
    if [one.reason for one in found] == [HARD_CLASS] * len(sides):
        yield Skipped(column, HARD_CLASS, _hard(""))
    else:
        yield from found


def _left_out(outcome: Outcome, sides: tuple[Side, Side]) -> Iterator[Skipped]:
    """Yield which scores and labels are left out, for they cannot be."""
    for name, side in zip(("reference", "production"), sides, strict=True):
        if many := side.known.stray:
            text = f"Left out: {plural(many, 'score')} of the {name} beyond 0 to 1."
            yield Skipped(outcome.answers.scores[""], STRAY_SCORE, text)
    if unlike := sides[1].known.unlike:
        told = list_text([f"{label!r} ({plural(n, 'row')})" for label, n in unlike.items()])
        text = f"Left out: labels that the reference has not, {told}. They are neither positive nor negative."
        yield Skipped(outcome.answers.label, UNKNOWN_LABEL, text)


def _hard(of: str) -> str:
    return f"Scores{of} are only 0 and 1: a class and no probability. Calibration is not measured, and ranking says little."


def _scores(column: str, name: str, side: Side) -> Iterator[Skipped]:
    score = side.known.read.numbers[column]
    known = score[np.isfinite(score)]
    if not known.size:
        return
    low, high = float(known.min()), float(known.max())
    if low < 0 or high > 1:
        span = f"{number_text(low)} to {number_text(high)}"
        text = f"Scores of the {name} go from {span}, beyond 0 to 1: ranking is measured, calibration is not."
        yield Skipped(column, "score_is_no_probability", text)
    elif bool(((known == 0) | (known == 1)).all()):
        yield Skipped(column, HARD_CLASS, _hard(f" of the {name}"))
