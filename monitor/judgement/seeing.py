"""What could have been seen, in words: a verdict "stable" is worth as much as the smallest change that would have alarmed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from monitor.vocabulary import Status
from monitor.wording import NOTHING, number_text, plural

FARTHEST = 6
"""Standard deviations beyond which no shift is worth a figure."""
LITTLE = 0.05
"""Looks expected by chance below which a score is not explained by how many looks there were."""
OFTEN = "in at least 4 of 5 cases"
_UNIT = re.compile(r"\((?P<unit>[^\d,=()]{1,12})\)$")


def could_see(row: pd.Series) -> str:
    """Write the smallest change that would have alarmed, for a table: "0.12 sd", "2.1 points"; a dash where there is none."""
    size = float(row["detectable"])
    if not np.isfinite(size):
        return NOTHING
    if row["detectable_unit"] != "sd":
        return _points(size)
    return f"{number_text(size, 2)} sd" if size <= FARTHEST else f"> {FARTHEST} sd"


def chance_sentence(row: pd.Series, looks: int) -> str:
    """Say why a score beyond its expectation is no alarm: among so many looks, some go as far by chance; empty where that is not so."""
    beyond = float(row["size"]) > float(row["expected_size"]) and row["status"] == Status.STABLE
    by_chance = float(row["p_change"]) * looks
    if not beyond or not np.isfinite(by_chance) or by_chance < LITTLE:
        return ""
    far = f"of {plural(looks, 'look')} about {number_text(by_chance, 2)} go this far by chance"
    return f"Beyond what one window shows without change; but {far}."


def seen_sentence(row: pd.Series) -> str:
    """Say which change would have been seen in a column and window; empty where nothing is known of it."""
    told = [text for text in (_change(row), _missing(row)) if text]
    said = " or ".join(told)
    seen = f"{said[:1].upper()}{said[1:]} would have been seen here {OFTEN}." if told else ""
    if row["detectable_unit"] == "sd" and float(row["detectable"]) > FARTHEST:
        blind = f"A shift of less than {FARTHEST} sd could have passed unseen: windows vary too much even without change."
        return f"{blind} {seen}".rstrip()
    return seen


def _change(row: pd.Series) -> str:
    size, unit = float(row["detectable"]), str(row["detectable_unit"])
    if not np.isfinite(size) or (unit == "sd" and size > FARTHEST):
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
