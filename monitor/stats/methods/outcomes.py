"""What a method answers: a score and, for tests, a p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Answer for one pair of samples; nan means undefined, and the p-value of a method that is no test is nan."""

    score: float
    p_value: float = float("nan")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Answers by window: `score` (w,) and `p_value` (w,), nan where undefined or where the method is no test."""

    score: Floats
    p_value: Floats


def scores_only(score: Floats) -> Outcomes:
    """Return the outcomes of a method that is no test."""
    return Outcomes(score, np.full(score.shape, np.nan))
