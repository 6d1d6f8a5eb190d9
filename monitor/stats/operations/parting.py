"""Where a series falls into two stretches."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def parted(values: ArrayLike) -> int | None:
    """Return the position (>= 1) from which the second of two stretches begins, each as alike in itself as can be: least squares around
    the two means. None of fewer than two values.

    >>> parted([130, 128, 131, 84, 85, 83]), parted([5.0])
    (3, None)
    """
    x = np.asarray(values, dtype=float)
    if len(x) < 2:
        return None
    n, total = np.arange(1, len(x)), np.cumsum(x)
    left, right = total[:-1], total[-1] - total[:-1]
    return int(np.argmax(left**2 / n + right**2 / (len(x) - n))) + 1  # what the means explain is what is not left over
