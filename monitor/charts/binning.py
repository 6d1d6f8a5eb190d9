"""Long axes of windows: as many cells as a screen has room for, each the strongest of the windows that share it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from monitor.vocabulary import SEVERITY, Status

MOST_CELLS = 240
"""Cells beside each other that are still told apart and hit: about two pixels each."""


def binned(table: pd.DataFrame, most: int = MOST_CELLS) -> pd.DataFrame:
    """Return one row per column and cell: the most severe window, the strongest of those, with `slot` (the first window of its cell).

    Parameters
    ----------
    table : one row per column and window: `column, window, status, strength`; windows are text in order of time
    most : cells at most; where there are no more windows every row is kept
    """
    windows = sorted(table["window"].astype(str).unique())
    size = math.ceil(len(windows) / most)
    if size <= 1:
        return table.assign(slot=table["window"].astype(str))
    slots = {name: windows[place - place % size] for place, name in enumerate(windows)}
    placed = table.assign(slot=table["window"].astype(str).map(slots))
    severe = placed["status"].map({status: rank for rank, status in enumerate(_ORDER)}).to_numpy(int)
    strength = -np.nan_to_num(placed["strength"].to_numpy(float))
    strongest = placed.iloc[np.lexsort((strength, severe))].drop_duplicates(["column", "slot"])
    return strongest.sort_index()


def binned_series(table: pd.DataFrame, most: int = MOST_CELLS) -> pd.DataFrame:
    """Return one row per cell of a line of windows: the most severe window, the highest score of those.

    Parameters
    ----------
    table : one row per window: `window, status, score`; windows are text in order of time
    most : cells at most; where there are no more windows every row is kept
    """
    placed = binned(table.assign(column="", strength=table["score"].abs()), most)
    return table.loc[placed.index]


def shared_note(table: pd.DataFrame, what: str) -> str:
    """Say how many windows share a cell (`what` it is called); empty where each has its own."""
    size = windows_per_cell(table["window"].nunique())
    return f"Each {what} is the strongest of {size} windows" if size > 1 else ""


def windows_per_cell(windows: int, most: int = MOST_CELLS) -> int:
    """Return how many windows share a cell."""
    return max(math.ceil(windows / most), 1)


_ORDER = [*(one for one in SEVERITY if one in (Status.ALERT, Status.WARNING, Status.STABLE)),
          *(one for one in SEVERITY if one not in (Status.ALERT, Status.WARNING, Status.STABLE))]  # fmt: skip
"""Statuses, those of judged windows first."""
