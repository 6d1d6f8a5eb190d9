"""Stretches of time in which a model says too much, or too little: the level of its answers beside that of the labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z_TOLD = 2.0
"""Standard errors that a stretch lies from 0 at least: what a 95 % interval leaves out."""
MEDIAN_CHI2 = 0.4549
"""Median of a chi-squared variable of one degree."""
OWN = 5
"""Windows of a stretch from which their own spread says how sure its mean is; of fewer all windows do."""
CHANGE = 3.0
"""What a further stretch costs, in parts of the logarithm of the number of windows (as BIC, with a place and a mean a stretch)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Windows [first, last] whose mean `error` (labels less answers) is one level, with its standard error."""

    first: int
    last: int
    error: float
    sd: float

    @property
    def told(self) -> bool:
        """Whether the model is wrong on average there, beyond chance."""
        return abs(self.error) > Z_TOLD * self.sd


def stretches(error: Floats, variance: Floats) -> list[Stretch]:
    """Cut windows (w,) into stretches of one level each, by exact optimal partitioning of the Gaussian deviance (Jackson et al. 2005).

    What neighbours differ by beyond their sampling is the noise of a window, which a stretch is told beside.

    Examples
    --------
    >>> [(one.first, one.last, round(one.error, 1)) for one in stretches(np.repeat([0.0, 1.0], 8), np.full(16, 0.01))]
    [(0, 7, 0.0), (8, 15, 1.0)]
    """
    known = np.flatnonzero(np.isfinite(error) & np.isfinite(variance) & (variance > 0))
    if not len(known):
        return []
    y, v = error[known], variance[known]
    weight = 1 / (v + _between(y, v))
    sums = [np.append(0.0, np.cumsum(one)) for one in (weight, weight * y, weight * y**2)]
    return [_stretch(sums, known, first, last) for first, last in _cut(sums, len(known))]


def _between(y: Floats, v: Floats) -> float:
    """Return the variance between windows beyond their sampling: of the steps from one to the next, which levels hardly move."""
    if len(y) < 3:
        return 0.0
    return max(float(np.median(np.diff(y) ** 2)) / MEDIAN_CHI2 / 2 - float(np.median(v)), 0.0)


def _cut(sums: list[Floats], many: int) -> list[tuple[int, int]]:
    price = CHANGE * np.log(many) if many > 1 else 0.0
    best, start = np.append(-price, np.full(many, np.inf)), np.zeros(many + 1, dtype=np.int64)
    for end in range(1, many + 1):
        total, first, second = (one[end] - one[:end] for one in sums)
        cost = best[:end] + second - first**2 / total + price
        start[end] = int(np.argmin(cost))
        best[end] = float(cost[start[end]])
    found, end = [], many
    while end > 0:
        found.append((int(start[end]), end - 1))
        end = int(start[end])
    return found[::-1]


def _stretch(sums: list[Floats], known: NDArray[np.int64], first: int, last: int) -> Stretch:
    total, weighted, square = (float(one[last + 1] - one[first]) for one in sums)
    many, mean = last + 1 - first, weighted / total
    own = max(square / total - mean**2, 0.0) / (many - 1) if many >= OWN else 1 / total
    return Stretch(int(known[first]), int(known[last]), mean, own**0.5)
