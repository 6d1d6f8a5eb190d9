"""What could have been seen, in words: a verdict "stable" is worth as much as the smallest change that would have alarmed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from monitor.wording import NOTHING, number_text

OFTEN = "in at least 4 of 5 cases"
_UNIT = re.compile(r"\((?P<unit>[^\d,=()]{1,12})\)$")


def could_see(row: pd.Series) -> str:
    """Write the smallest change that would have alarmed, for a table: "0.12 sd", "2.1 points"; a dash where there is none."""
    size = float(row["detectable"])
    if not np.isfinite(size):
        return NOTHING
    return f"{number_text(size, 2)} sd" if row["detectable_unit"] == "sd" else f"{_points(size)}"


def seen_sentence(row: pd.Series) -> str:
    """Say which change would have been seen in a column and window; empty where nothing is known of it."""
    told = [text for text in (_change(row), _missing(row)) if text]
    if not told:
        return ""
    said = " or ".join(told)
    return f"{said[:1].upper()}{said[1:]} would have been seen here {OFTEN}."


def _change(row: pd.Series) -> str:
    size, unit = float(row["detectable"]), str(row["detectable_unit"])
    if not np.isfinite(size):
        return ""
    if unit != "sd":
        return f"a change of the share of “{unit.removeprefix('share of ')}” by {_points(size)}"
    found = _UNIT.search(str(row["label"]))
    own = f" ({number_text(float(row['detectable_own']), 2)}{' ' + found['unit'] if found else ''})"
    return f"a shift of {number_text(size, 2)} sd{own}"


def _missing(row: pd.Series) -> str:
    size = float(row["detectable_missing"])
    return f"{_points(size)} more missing values" if np.isfinite(size) else ""


def _points(share: float) -> str:
    points = number_text(100 * share, 2)
    return f"{points} point{'' if points == '1' else 's'}"
