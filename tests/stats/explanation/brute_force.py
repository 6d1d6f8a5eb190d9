"""Shapley values by their definition: every coalition of columns, every background row."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shapley(margin: Callable[[pd.DataFrame], Any], rows: pd.DataFrame, background: pd.DataFrame) -> Floats:
    """Return (n, d, k): columns of a coalition are the row's, the others a background row's."""
    names, n, m = list(rows.columns), len(rows), len(background)
    value = {}
    for size in range(len(names) + 1):
        for held in combinations(range(len(names)), size):
            mixed = background.loc[background.index.repeat(n)].reset_index(drop=True)
            for column in held:
                mixed[names[column]] = pd.concat([rows.iloc[:, column]] * m, ignore_index=True)
            value[frozenset(held)] = np.asarray(margin(mixed), dtype=np.float64).reshape(m, n, -1).mean(axis=0)
    found = np.zeros((n, len(names), value[frozenset()].shape[1]))
    for held, before in value.items():
        for column in set(range(len(names))) - held:
            weight = 1 / (len(names) * comb(len(names) - 1, len(held)))
            found[:, column] += weight * (value[held | {column}] - before)
    return found
