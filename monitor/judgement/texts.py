"""What the reference's own windows explain of a text column's drift, and which words moved, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.drift import DriftResult
from monitor.analyses.joint_methods import Series
from monitor.analyses.text_drift import CLASSIFIER, NEW_WORDS, TextDrift
from monitor.profile import Floats
from monitor.stats.bands import band, p_upper
from monitor.stats.expectation import UPPER

NAMED = 3
"""Words that a direction names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAssessment:
    """Of one text column, (w,) each: p-values that the words changed and that new ones appeared, the upper end of each method's score
    without change, and the words that moved."""

    p_change: Floats
    p_new_words: Floats
    expected: Mapping[str, Floats]
    directions: Any


def assess_texts(result: DriftResult) -> dict[str, TextAssessment]:
    """Judge each window by the reference's own windows, each compared with the rest.

    Where the reference has fewer than two windows with texts, the p-value of change is the classifier's own, with stretches of time as the
    units, and nothing is known of new words.
    """
    return {name: _assess(text, list(result.sides.production.windows.ids)) for name, text in result.texts.items()}


def _assess(text: TextDrift, windows: list[str]) -> TextAssessment:
    p = {name: _p_value(one) for name, one in text.series.items()}
    return TextAssessment(
        p_change=np.where(np.isfinite(p[CLASSIFIER]), p[CLASSIFIER], text.alone),
        p_new_words=p[NEW_WORDS],
        expected={name: np.minimum(_upper(one), 1.0) for name, one in text.series.items()},
        directions=_directions(text.words, windows),
    )


def _p_value(series: Series) -> Floats:
    usual = (series.reference, series.reference_rows)
    return p_upper(series.score, series.rows, *usual, shape=series.shape, row_variance=series.row_variance)


def _upper(series: Series) -> Floats:
    """Return the upper end (99 %) of the score of a window without change, (w,)."""
    usual, coverage = (series.reference, series.reference_rows), 1 - 2 * (1 - UPPER)
    return band(*usual, series.rows, coverage=coverage, shape=series.shape, row_variance=series.row_variance).upper


def _directions(words: pd.DataFrame, windows: list[str]) -> Any:
    """Return such as "more 'refund', 'charged twice'" of each window, (w,); empty where no word moved beyond chance."""
    said = {str(window): _direction(mine) for window, mine in words.groupby("window", sort=False)}
    return np.array([said.get(window, "") for window in windows], dtype=object)


def _direction(words: pd.DataFrame) -> str:
    more = words["share_production"] > words["share_reference"]
    alike = words[more == more.iloc[0]].head(NAMED)
    return f"{'more' if more.iloc[0] else 'fewer'} " + ", ".join(f"'{word}'" for word in alike["word"])
