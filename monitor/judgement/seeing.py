"""What silence is worth, in words: a verdict "stable" is worth as much as the smallest change that would have alarmed."""

from __future__ import annotations

import math

import pandas as pd

from monitor.judgement.drift_table import CUT_SHORT
from monitor.judgement.narration.clauses import REFERENCE
from monitor.judgement.narration.unjudged import cut_short_sentence, lasting_sentence, points, seen_sentence, unseeable_sentence
from monitor.vocabulary import Status
from monitor.wording import NOTHING, number_text

FARTHEST = 6
"""Standard deviations beyond which no shift is worth a figure."""
SHIFT = "sd"
"""Unit of a change that moves all values; other units name the level whose share changes."""


def could_see(row: pd.Series) -> str:
    """Write the smallest change that would have alarmed, for a table: "0.12 sd", "2.1 points", or "0.4 sd in all windows" where none of a
    window alone would have; a dash where there is none."""
    size, lasting = float(row["detectable"]), float(row["detectable_lasting"])
    if math.isfinite(size):
        return _size(size, row)
    return f"{_size(lasting, row)} in all windows" if math.isfinite(lasting) else NOTHING


def _size(size: float, row: pd.Series) -> str:
    if row["detectable_unit"] != SHIFT:
        return points(size)
    return f"{number_text(size, 2)} sd" if size <= FARTHEST else f"> {FARTHEST} sd"


def seen_text(row: pd.Series, against: str = REFERENCE) -> str:
    """Say which change would have been seen in a column and window, or that none could have been; empty where it is not known."""
    label = str(row["label"])
    if row["status"] == Status.NOT_JUDGED:
        return cut_short_sentence(label) if row.get("reason") == CUT_SHORT else unseeable_sentence(label, against)
    size, missing = float(row["detectable"]), float(row["detectable_missing"])
    if row["detectable_unit"] and not math.isfinite(size):
        shift, share = _shift(row, "detectable_lasting")
        return lasting_sentence(label, shift=shift, share=share, missing=missing)
    shift, share = _shift(row, "detectable")
    return seen_sentence(label, shift=shift, share=share, missing=missing)


def _shift(row: pd.Series, name: str) -> tuple[float, float]:
    """Return the shift of all values that would have been seen, and the change of a share, of which one is nan; a shift is infinite where
    only an absurd one would."""
    size = float(row[name])
    if row["detectable_unit"] != SHIFT:
        return math.nan, size
    return math.inf if math.isfinite(size) and size > FARTHEST else float(row[f"{name}_own"]), math.nan
