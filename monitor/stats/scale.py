"""A unit for numbers of any size in which squares neither overflow nor vanish."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def exponent(values: ArrayLike) -> int:
    """Return e so that `np.ldexp(values, -e)`, exact since it is a power of two, lie within -1/2..1/2: differences and squares are finite.

    >>> exponent([3.0, -5.0, np.nan]), exponent([1e300]), exponent([])
    (4, 998, 1)
    """
    size = np.abs(np.asarray(values, dtype=float))
    return int(np.frexp(size[np.isfinite(size)].max(initial=0.0))[1]) + 1
