"""The pattern of weekdays or hours that windows shorter than a week have: known from the reference, it is no noise.

The pattern of each series is the mean of the reference's windows of each weekday (or hour), shrunk by how clearly there is one (James and
Stein 1961): B = max(0, 1 - 1 / F), F the ratio of the variance between the means and within them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENOUGH = 3
"""Reference windows of a weekday (hour) from which its mean is worth more than nothing."""
CLEAR = 0.5
"""B from which a series counts as one that has a pattern."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Series `x` (s, t) without their patterns; `known` (s,) says which had one."""

    x: Floats
    known: NDArray[np.bool_]


def remove_profiles(x: Floats, season: Ints | None, reference: int, *, shrink: Floats | None = None) -> Profiles:
    """Take the pattern of the first `reference` windows out of series (s, t).

    Parameters
    ----------
    season : (t,) the weekday or hour of each window, -1 for none; None or too few windows of some: nothing is taken out.
    shrink : (s,) B where it is given, not estimated.
    """
    none = np.zeros(len(x), dtype=bool)
    if season is None or not len(x) or not _enough(season, reference):
        return Profiles(x, none)
    names = np.unique(season[season >= 0])
    member = (season[None, :] == names[:, None]).astype(float)
    own = member[:, :reference]
    count = own.sum(axis=1)
    means = x[:, :reference] @ own.T / count
    center = x[:, :reference].mean(axis=1, keepdims=True)
    within = np.square(x[:, :reference] - means @ own).sum(axis=1) / max(reference - len(names), 1)
    between = (count * np.square(means - center)).sum(axis=1) / max(len(names) - 1, 1)
    b = np.maximum(1 - within / np.maximum(between, 1e-300), 0.0) if shrink is None else shrink
    pattern = (means - center) @ member
    return Profiles(x - b[:, None] * pattern, b >= CLEAR)


def _enough(season: Ints, reference: int) -> bool:
    own, asked = season[:reference], np.unique(season[season >= 0])
    return len(asked) > 1 and all((own == one).sum() >= ENOUGH for one in asked)
