"""How much better the reference looks than rows that the model never saw: the gap to the first mature windows of production.

A reference that the model was fitted on shows it at its best. Whatever is compared with it looks like a fall from the first window on.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.performance import PerformanceResult
from monitor.analyses.performance_metrics import Track
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.estimates import Estimate, weighted
from monitor.wording import number_text

FIRST = 4
"""Mature windows of production that stand for rows which the model never saw: the nearest to the reference in time."""
RANKS = ("roc_auc", "roc_auc_ovr_macro", "r2")
"""Metrics by which a reference looks in-sample, the first that there is: how well the model tells cases apart."""
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
    rows = [one for track in result.tracks if (one := _row(track, at)) is not None]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(track: Track, at: NDArray[np.int64]) -> dict[str, object] | None:
    first, whole = _pooled(track.production, at), float(track.whole.value[0])
    value, variance = float(first.value[0]), float(first.variance[0])
    if not (np.isfinite(value) and np.isfinite(whole)):
        return None
    many = int(np.isfinite(track.production.value[at]).sum())
    reach = Z * float(np.sqrt(variance + float(track.whole.variance[0]) + _between(track.own) / many))
    gap = value - whole
    return {
        "segment": track.segment or None, "class": track.klass or None, "metric": track.metric, "reference": whole, "first": value,
        "gap": gap, "lower": gap - reach, "upper": gap + reach, "n": int(first.n[0]), "windows": many,
    }  # fmt: skip


def _pooled(one: Estimate, at: NDArray[np.int64]) -> Estimate:
    chosen = np.zeros((1, len(one.value)), dtype=bool)
    chosen[0, at] = True
    return weighted(one.value, one.variance, one.n, chosen)


def _between(own: Estimate) -> float:
    """Return how much the reference's own windows vary beyond their sampling."""
    known = np.isfinite(own.value) & np.isfinite(own.variance)
    if known.sum() < 2:
        return 0.0
    return max(float(own.value[known].var(ddof=1) - own.variance[known].mean()), 0.0)


def in_sample_sentence(result: PerformanceResult) -> str:
    """Say that the scores of the reference look in-sample; empty where they do not.

    They do where the model tells cases apart worse in each of the first mature windows than in every window of the reference, and the gap
    is beyond chance and matters: a model that loses its touch later does not.
    """
    track = next((one for name in RANKS for one in result.tracks if (one.metric, one.segment, one.klass) == (name, "", "")), None)
    at = np.flatnonzero(result.mature)[:FIRST]
    if track is None or len(at) < FIRST or result.against is not None:
        return ""
    first, own = track.production.value[at], track.own.value[np.isfinite(track.own.value)]
    row, metric = _row(track, at), result.catalogue[track.metric]
    if row is None or len(own) < FIRST or not np.isfinite(first).all() or first.max() >= own.min():
        return ""
    before, after = float(track.whole.value[0]), float(np.asarray(row["first"]))
    if float(np.asarray(row["upper"])) >= 0 or before - after < metric.smallest(before):
        return ""
    a = result.called.a
    return (
        f"Scores of {a} look in-sample: {metric.title} is {number_text(before, 2)} there and {number_text(after, 2)} from the first "
        "window on. Compare with rows that the model never saw."
    )
