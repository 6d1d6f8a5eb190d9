"""Shares as the angle whose sine squared they are: of that the sampling variance hangs on the number of rows only.

Freeman and Tukey 1950, Transformations related to the angular and the square root, Ann. Math. Stat. 21; with the steadier 3/8 of
Anscombe 1948, The transformation of Poisson, binomial and negative-binomial data, Biometrika 35.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def angle(count: Ints, n: Ints) -> Floats:
    """Return the angle, (w,) radians, whose sine squared is about count / n, steady also where the count is small.

    >>> angle(np.array([0, 50]), np.array([100, 100])).round(3).tolist()
    [0.061, 0.785]
    """
    return np.asarray(np.arcsin(np.sqrt((count + 0.375) / (n + 0.75))))


def angle_variance(n: Ints) -> Floats:
    """Return the sampling variance of the angle of shares of `n` rows, (w,)."""
    return np.asarray(1.0 / (4.0 * n + 2.0))


def angle_of(share: float) -> float:
    """Return the angle of a share that is known, in radians."""
    return float(np.arcsin(np.sqrt(share)))


def share_between(before: float, after: float, strength: float) -> float:
    """Return the share that lies one `strength`-th of the way, as angles, from one share to another."""
    first = angle_of(before)
    return float(np.sin(first + (angle_of(after) - first) / max(strength, 1.0)) ** 2)
