"""What p-values are worth where many were looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which things of a screen are named: `adjusted` p-values, the `named` ones, and the `level` that their runs have to meet."""

    adjusted: Mapping[str, float]
    named: frozenset[str]
    level: float


def holm(p_values: Mapping[str, float], q: float) -> Selection:
    """Select by Holm (1979), Scand. J. Stat. 6: an innocent thing is named on at most a share q of screens, however many others change.

    Within a named thing runs are read at the level that its selection was made at, q / (things not named + 1): what a further thing
    would have to meet (Benjamini and Bogomolov 2014 in the family-wise sense).

    Examples
    --------
    >>> found = holm({"a": 0.001, "b": 0.02, "c": 0.4}, 0.05)
    >>> sorted(found.named), found.level, {k: round(v, 3) for k, v in found.adjusted.items()}
    (['a', 'b'], 0.025, {'a': 0.003, 'b': 0.04, 'c': 0.4})
    """
    names = sorted(p_values, key=lambda name: p_values[name])
    count, running = len(names), 0.0
    adjusted: dict[str, float] = {}
    for position, name in enumerate(names):
        running = max(running, min((count - position) * p_values[name], 1.0))
        adjusted[name] = running
    named = frozenset(name for name in names if adjusted[name] <= q)
    return Selection({name: adjusted[name] for name in p_values}, named, q / max(count - len(named) + (len(named) > 0), 1))


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Return the q-value of each of (m,) p-values: the share of false ones among all that are named at it, (m,) within 0..1.

    Source: Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57. As scipy.stats.false_discovery_control, which takes a quarter of a second
    to import.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.8])).round(3).tolist()
    [0.04, 0.053, 0.053, 0.8]
    """
    order, count = np.argsort(p_values), len(p_values)
    raised = p_values[order] * count / np.arange(1, count + 1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return adjusted
