"""Which rows of the reference are most like one row?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def nearest_rows(
    row: tuple[Floats, Ints], numbers: Floats, codes: Ints, weight: tuple[Floats, Floats] | None = None, *, most: int = 5
) -> tuple[Ints, Floats]:
    """Return the positions of the nearest reference rows, the nearest first, with their distances.

    Parameters
    ----------
    row : its numbers (p,), nan missing, and the codes of its levels (c,).
    numbers, codes : the same of the reference, (n, p) and (n, c).
    weight : what each number (p,) and each level (c,) counts for; None: all the same.

    Notes
    -----
    Mean over columns of Gower's distance (1971): numbers in parts of the reference's range between its 5th and 95th percentile, at most 1;
    another level, or a value missing on one side only, is 1.
    """
    low, high = _ends(numbers)
    width = np.where(high > low, high - low, 1.0)
    gap = np.minimum(np.abs(numbers - row[0]) / width, 1.0)
    gap = np.where(np.isnan(numbers) & np.isnan(row[0]), 0.0, np.where(np.isnan(gap), 1.0, gap))
    other = (codes != row[1]).astype(float)
    by = weight or (np.ones(numbers.shape[1]), np.ones(codes.shape[1]))
    distance = (gap @ by[0] + other @ by[1]) / max(float(by[0].sum() + by[1].sum()), 1e-300)
    order = np.argsort(distance, kind="stable")[:most]
    return order, distance[order]


def _ends(numbers: Floats) -> tuple[Floats, Floats]:
    known = [column[np.isfinite(column)] for column in numbers.T]
    ends = [np.quantile(column, (0.05, 0.95)) if len(column) else np.zeros(2) for column in known]
    return np.array([one[0] for one in ends]), np.array([one[1] for one in ends])
