"""Shapley values by their definition: every coalition of columns, every background row."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shapley(margin: Callable[[pd.DataFrame], Any], rows: pd.DataFrame, background: pd.DataFrame) -> Floats:
    """Return (n, d, k): columns of a coalition are the row's, the others a background row's. The margin is asked once, for all of them."""
    d, n, m = rows.shape[1], len(rows), len(background)
    coalition, other, row = (one.ravel() for one in np.indices((1 << d, m, n)))
    mixed = {
        name: pd.concat([background.iloc[:, j], rows.iloc[:, j]]).take(np.where(coalition >> j & 1, m + row, other)).reset_index(drop=True)
        for j, name in enumerate(rows.columns)
    }
    value = np.asarray(margin(pd.DataFrame(mixed)), dtype=np.float64).reshape(1 << d, m, n, -1).mean(axis=1)
    held, found = np.arange(1 << d), np.zeros((n, d, value.shape[-1]))
    for j in range(d):
        before = held[held >> j & 1 == 0]
        weight = np.array([1 / (d * comb(d - 1, int(one).bit_count())) for one in before])
        found[:, j] = np.tensordot(weight, value[before | 1 << j] - value[before], axes=1)
    return found
