"""How much better the reference looks than rows that the model never saw: the gap to the first mature windows of production.

A reference that the model was fitted on shows it at its best. Whatever is compared with it looks like a fall from the first window on.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.analyses.in_sample import FIRST, in_sample_text, optimism
from monitor.analyses.performance_result import PerformanceResult

COLUMNS = ("segment", "class", "metric", "reference", "first", "gap", "lower", "upper", "n", "windows")


def optimism_table(result: PerformanceResult) -> pd.DataFrame:
    """Return how each metric of each segment differs between the first mature windows of production and the whole reference.

    Returns
    -------
    DataFrame
        One row per segment, class and metric: `reference`, `first`, their `gap` (first - reference) with its 95 % interval, which knows how
        much the reference's own windows vary, `n` rows that `first` rests on, over so many `windows`.
    """
    at = np.flatnonzero(result.mature)[:FIRST]
    rows = [one for track in result.tracks if (one := optimism(track, at)) is not None]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def in_sample_sentence(result: PerformanceResult) -> str:
    """Say that the scores of the reference look in-sample; empty where they do not, or where windows are compared with others."""
    return "" if result.against is not None else in_sample_text(result.tracks, result.mature, result.called.a)
