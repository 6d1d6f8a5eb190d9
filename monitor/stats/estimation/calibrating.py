"""Scores as probabilities: isotonic calibration on the reference, done only where it helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitor.stats.performance.labelled import Bools, Floats, Ints

if TYPE_CHECKING:
    from sklearn.isotonic import IsotonicRegression

SPLITS, TEST_SHARE, SEED = 10, 0.1, 42
"""How it is found out whether calibration helps, as NannyML does."""
ECE_BINS = 10


def calibrator(score: Floats, label: Bools | Floats) -> IsotonicRegression:
    """Return the isotonic regression of labels (n,) on scores (n,), clipped beyond them."""
    from sklearn.isotonic import IsotonicRegression

    return IsotonicRegression(out_of_bounds="clip").fit(score, np.asarray(label, dtype=float))


def needs_calibration(score: Floats, label: Bools) -> bool:
    """Say whether calibrated scores have a smaller expected calibration error than the scores, out of sample.

    Ten stratified splits, one tenth held out in each; the error is taken over all that was held out. One class, or scores that are no
    probabilities, always need it.
    """
    from sklearn.model_selection import StratifiedShuffleSplit

    if score.min(initial=0.0) < 0 or score.max(initial=1.0) > 1 or min(label.sum(), (~label).sum()) < 2:
        return True
    splits = StratifiedShuffleSplit(n_splits=SPLITS, test_size=TEST_SHARE, random_state=SEED)
    truth, plain, calibrated = [], [], []
    for train, test in splits.split(score, label):
        truth.append(label[test])
        plain.append(score[test])
        calibrated.append(calibrator(score[train], label[train]).predict(score[test]))
    kept = np.concatenate(truth)
    return calibration_error(kept, np.concatenate(calibrated)) < calibration_error(kept, np.concatenate(plain))


def calibration_error(label: Bools, score: Floats) -> float:
    """Return the expected calibration error over ten bins of equal counts.

    >>> calibration_error(np.array([True, False]), np.array([0.5, 0.5]))
    0.5
    """
    bins: list[Ints] = np.array_split(np.argsort(score, kind="stable"), ECE_BINS)
    away = [abs(float(np.sum(label[one]) - np.sum(score[one]))) for one in bins if len(one)]
    return sum(away) / max(len(score), 1)
