"""What is left out of a binary task for a value that cannot be: scores beyond 0 to 1 among many that are not, labels that are no class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.analyses.labels import Answers, Known
from monitor.vocabulary import Task

STRAY = 0.01
"""Part of the scores of a side up to which those beyond 0 to 1 are faults of single rows; of more the score is no probability."""


def without_stray(answers: Answers, sides: tuple[Known, Known]) -> tuple[Known, Known]:
    """Return what is known of both sides without stray scores, and without labels of production that the reference has not: nobody says
    that these are negative. A reference of one class does not say which there are."""
    if answers.task is not Task.BINARY:
        return sides
    first, second = (_without_scores(answers, one) for one in sides)
    return first, _without_labels(answers, first, second)


def _without_scores(answers: Answers, known: Known) -> Known:
    column = answers.scores.get("")
    if column is None:
        return known
    score = known.read.numbers[column]
    stray = np.isfinite(score) & ((score < 0) | (score > 1))
    if not 0 < stray.sum() <= STRAY * np.isfinite(score).sum():
        return known
    numbers = {**known.read.numbers, column: np.where(stray, np.nan, score)}
    return replace(known, read=replace(known.read, numbers=numbers), stray=int(stray.sum()))


def _without_labels(answers: Answers, reference: Known, production: Known) -> Known:
    if not answers.label:
        return production
    before, levels = (one.read.levels[answers.label] for one in (reference, production))
    classes = {before.names[code] for code in np.unique(before.code[reference.labelled]).tolist()}
    if len(classes) < 2:
        return production
    rows = np.bincount(levels.code[production.labelled], minlength=len(levels.names))
    new = {name: int(n) for name, n in zip(levels.names, rows, strict=True) if n and name not in classes and name != answers.positive}
    none = np.isin(levels.code, [levels.names.index(name) for name in new])
    return replace(production, labelled=production.labelled & ~none, unlike=new) if new else production
