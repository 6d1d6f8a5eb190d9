"""Numbers of single rows whose mean says how right a model is: what segments, and causes of a change, are told in.

Only such means can be split exactly, over segments or causes; a ranking cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Loss:
    """One of them: `best` is its mean of a perfect model, `floor` the smallest change of its mean that matters (`relative`: in parts of the
    mean of the reference)."""

    id: str
    title: str
    best: float
    floor: float
    relative: bool = False

    def worse(self, before: float, after: float) -> bool:
        """Say whether a change of the mean is for the worse."""
        return abs(after - self.best) > abs(before - self.best)


LOSSES: Mapping[str, Loss] = {
    one.id: one
    for one in (
        Loss("bias", "Mean error (prediction − label)", 0.0, 0.0),
        Loss("brier", "Brier score", 0.0, 0.05, relative=True),
        Loss("mae", "Mean absolute error", 0.0, 0.05, relative=True),
        Loss("accuracy", "Accuracy", 1.0, 0.02),
        Loss("log_loss", "Log loss", 0.0, 0.05, relative=True),
    )
}
"""Every loss, by its id."""
SMALLEST = 1e-15
"""Probabilities are kept this far from 0, as scikit-learn does."""
BIAS_PART = 0.25
"""Smallest mean error that matters, in parts of how common positives are, where that is less than two points."""
POINTS = 0.02


def is_a_class(score: Floats) -> bool:
    """Say whether scores (n,) are 0 and 1 and nothing between: a class and no probability.

    >>> is_a_class(np.array([0.0, 1.0, np.nan])), is_a_class(np.array([0.0, 0.0])), is_a_class(np.array([0.0, 0.5, 1.0]))
    (True, False, False)
    """
    known = score[np.isfinite(score)]
    return bool(((known == 0) | (known == 1)).all() and 0 < known.sum() < len(known))


def binary_losses(label: Bools, score: Floats | None, decision: Bools | None) -> dict[str, Floats]:
    """Return the losses of labels (n,) beside scores, where these are probabilities, else beside decisions."""
    if score is not None and score.size and np.nanmin(score, initial=0.0) >= 0 and np.nanmax(score, initial=1.0) <= 1:
        error = score - label
        return {"bias": error, "brier": error**2}
    return {} if decision is None else {"accuracy": (decision == label).astype(float)}


def regression_losses(label: Floats, prediction: Floats) -> dict[str, Floats]:
    """Return the losses of labels (n,) beside predictions."""
    error = prediction - label
    return {"bias": error, "mae": np.abs(error)}


def class_losses(label: Ints, decision: Ints | None, score: Floats | None) -> dict[str, Floats]:
    """Return the losses of labels (n,), positions of classes, beside decisions and probabilities (n, k) of classes."""
    found = {}
    if decision is not None:
        found["accuracy"] = np.where(decision >= 0, (decision == label).astype(float), np.nan)
    if score is not None:
        chance = np.take_along_axis(score, np.maximum(label, 0)[:, None], axis=1)[:, 0]
        found["log_loss"] = np.where(label >= 0, -np.log(np.clip(chance, SMALLEST, 1.0)), np.nan)
    return found


def floor_of(loss: str, before: float, *, base_rate: float = float("nan"), error: float = float("nan")) -> float:
    """Return the smallest change of a mean loss that matters beside that of the reference.

    Parameters
    ----------
    base_rate : share of positives of a binary task; of rare ones a smaller error matters.
    error : mean absolute error of a regression, of which a bias is told in parts.
    """
    one = LOSSES[loss]
    if loss == "bias":
        return POINTS_OF_ERROR * error if np.isfinite(error) else min(POINTS, BIAS_PART * base_rate)
    return one.floor * abs(before) if one.relative else one.floor


POINTS_OF_ERROR = 0.1
"""Smallest bias of a regression that matters, in parts of its mean absolute error."""
