"""Intervals of shares, and of what is transformed before it is nearly normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

LEVEL = 0.95
Z = float(special.ndtri((1 + LEVEL) / 2))


def wilson(k: ArrayLike, n: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return lower and upper end of the Wilson (1927) interval of shares k / n, (...) each; nan where n is 0.

    `k` and `n` need not be whole: rows that hang together count as fewer.

    Examples
    --------
    >>> [round(float(end), 6) for end in wilson(90, 100)]
    [0.825634, 0.944771]
    """
    z = float(special.ndtri((1 + level) / 2))
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = k / n
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.asarray(middle - half), np.asarray(middle + half)


def on_logit(value: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the interval of values in (0, 1) that is normal on the scale of log-odds; nan at 0 and 1.

    Examples
    --------
    >>> [round(float(end), 6) for end in on_logit(np.array(0.8541666667), np.array(0.1279738833))]
    [0.438827, 0.977714]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, half = special.logit(value), Z * sd / (value * (1 - value))
        return np.asarray(special.expit(middle - half)), np.asarray(special.expit(middle + half))


def on_log(value: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the interval of positive values that is normal on the scale of logarithms; nan at 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.exp(Z * sd / value)
        return np.asarray(value / half), np.asarray(value * half)


def on_arctanh(value: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the interval of values in (-1, 1) that is normal on Fisher's scale; nan at the ends."""
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, half = np.arctanh(value), Z * sd / (1 - value**2)
        return np.asarray(np.tanh(middle - half)), np.asarray(np.tanh(middle + half))


def plain(value: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the normal interval."""
    return np.asarray(value - Z * sd), np.asarray(value + Z * sd)
