"""Levels that lost for whole windows (nearly) all of what their rows had: values of a column, labels in time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Codes = tuple[Ints, Ints, tuple[str, ...]]
"""Positions of the levels of rows before and now (-1: none), and the levels of both sides."""

GONE = 0.9
"""Share of the rows of a level in a window from which what they had is gone."""
SELDOM = 0.5
"""Share of the rows of a level without it in any window of the reference, up to which it is a wonder that (nearly) all have none."""
FEWEST, KNOWN_ROWS = 50, 200
"""Rows of a level that lost it, and rows of it in the reference, from which these alone prove it."""


def coded(before: pd.Series, now: pd.Series) -> Codes:
    """Return the levels of two columns of categories as positions among those of both."""
    levels = tuple(dict.fromkeys((*before.cat.categories, *now.cat.categories)))
    both = [one.cat.set_categories(list(levels)).cat.codes.to_numpy().astype(np.int64) for one in (before, now)]
    return both[0], both[1], levels


def most_lost(codes: Iterable[Codes], windows: tuple[Ints, Ints], gone: tuple[Bools, Bools]) -> Bools | None:
    """Return the rows now of the windows in which the level that lost most did so, (n,); None where none did.

    Parameters
    ----------
    windows, gone : of rows before and now: the position of each row's window (-1: left out), and whether it lacks what others have.
    """
    best, most = None, FEWEST - 1
    for old, new, levels in codes:
        (had, had_none), (rows, none) = (
            _by_window(code, at, missing, len(levels)) for code, at, missing in zip((old, new), windows, gone, strict=True)
        )
        known = (had.sum(axis=1) >= KNOWN_ROWS) & ((had_none <= SELDOM * had) | (had == 0)).all(axis=1)
        lost = known[:, None] & (rows > 0) & (none >= GONE * rows)
        each = (none * lost).sum(axis=1)
        at = int(np.argmax(each)) if len(each) else 0
        if len(each) and each[at] > most:
            best, most = np.isin(windows[1], np.flatnonzero(lost[at])), int(each[at])
    return best


def _by_window(code: Ints, window: Ints, missing: Bools, levels: int) -> tuple[Ints, Ints]:
    """Return the rows of each level in each window, and those that lack it, (levels, w) each."""
    wide = int(window.max(initial=0)) + 1
    known = (code >= 0) & (window >= 0)
    cell = code[known] * wide + window[known]
    counted = (np.bincount(cell, weights, levels * wide) for weights in (None, missing[known]))
    rows, none = (np.asarray(one, dtype=np.int64).reshape(levels, wide) for one in counted)
    return rows, none
