"""The tables of estimates: one row per window, metric and method."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.estimate_blend import Blended
from monitor.analyses.estimate_choice import Chosen
from monitor.analyses.estimate_methods import Believed
from monitor.analyses.estimate_rows import Estimated
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import FEWEST, TOO_FEW

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLEND = "blend"
TOO_DIFFERENT, NOT_DEFINED = "too_different", "not_defined"


def tables(chosen: Chosen, mixed: Mapping[str, Blended]) -> list[pd.DataFrame]:
    """Return the rows of every method, then those of the blend."""
    parts = []
    for method, one in chosen.believed.items():
        usual = method == chosen.method
        for metric in one.production:
            own_choice = np.full(len(chosen.mature), usual)
            if metric in mixed:
                own_choice &= ~np.isfinite(mixed[metric].value)
            parts.append(_table(chosen, metric, one, (own_choice, mixed)))
    parts += [_blend_table(chosen, metric, mixed) for metric in mixed]
    return parts


def _table(chosen: Chosen, metric: str, one: Believed, beside: tuple[Bools, Mapping[str, Blended]]) -> pd.DataFrame:
    default, mixed = beside
    method, now, trusted = one.method, one.production[metric], one.trusted
    told = METRICS.get(metric)
    half = chosen.half(method, metric) if metric in one.own else Z * np.sqrt(now.noise)
    reason = np.select([now.n < FEWEST, ~np.isfinite(now.value), ~trusted], [TOO_FEW, NOT_DEFINED, TOO_DIFFERENT], "")
    known = reason == ""
    low, high = bounds(metric)
    return pd.DataFrame(
        {
            "metric": metric,
            "method": method,
            "estimated": np.where(known, now.value, np.nan),
            "lower": np.where(known, np.maximum(now.value - half, low), np.nan),
            "upper": np.where(known, np.minimum(now.value + half, high), np.nan),
            "realised": np.where(chosen.complete, chosen.realised(metric, "production"), np.nan),
            "n": one.looked,
            "weight": np.nan,
            "trusted": trusted,
            "default": default,
            "reason": [text or None for text in reason],
            "labels_only": _labels_only(chosen, metric, mixed),
            "told_apart": one.auc,
            "effective_share": one.share,
            "reference_value": np.nan if told is None or metric not in chosen.found.tracks else chosen.found.tracks[metric].whole.value[0],
        }
    )


def _labels_only(chosen: Chosen, metric: str, mixed: Mapping[str, Blended]) -> Floats:
    """Return what the labels so far that count say; nothing where only some kinds of them have had time to come."""
    track = chosen.found.tracks.get(metric)
    if metric in mixed:
        return np.where(chosen.complete | (mixed[metric].reason != ""), np.nan, mixed[metric].alone)
    return np.full(len(chosen.mature), np.nan) if track is None else np.where(chosen.complete, np.nan, track.production.value)


def _blend_table(chosen: Chosen, metric: str, mixed: Mapping[str, Blended]) -> pd.DataFrame:
    one = mixed[metric]
    told = np.isfinite(one.value)
    low, high = bounds(metric)
    half = Z * np.sqrt(one.variance)
    table = pd.DataFrame(
        {
            "metric": metric,
            "method": BLEND,
            "estimated": one.value,
            "lower": np.maximum(one.value - half, low),
            "upper": np.minimum(one.value + half, high),
            "realised": np.nan,
            "n": one.labels,
            "weight": one.weight,
            "trusted": chosen.believed[chosen.method].trusted,
            "default": told,
            "reason": [text or None for text in one.reason],
            "labels_only": _labels_only(chosen, metric, mixed),
            "reference_value": chosen.found.tracks[metric].whole.value[0],
        }
    )
    kept: pd.DataFrame = table.assign(place=np.arange(len(told))).loc[told | (one.reason != "")]
    return kept


def bounds(metric: str) -> tuple[float, float]:
    """Return the smallest and largest value that a metric can have."""
    told = METRICS.get(metric)
    if told is None:
        return 0.0, np.inf
    ranked = metric in ("roc_auc", "average_precision", "roc_auc_ovr_macro")
    return (-np.inf if metric == "bias" else 0.0), 1.0 if told.is_share or ranked or metric in ("brier", "ece") else np.inf


def with_moments(table: pd.DataFrame, found: Estimated) -> pd.DataFrame:
    """Put windows beside the rows of each table, which are one for each window unless they say their `place`."""
    windows = found.reads.production.windows
    counted = table.groupby(["metric", "method"], sort=False).cumcount().to_numpy(dtype=float)
    place = table["place"].to_numpy(dtype=float) if "place" in table else np.full(len(table), np.nan)
    at = np.where(np.isfinite(place), place, counted).astype(np.int64)
    return table.drop(columns=["place"], errors="ignore").assign(
        window=np.array(windows.ids, dtype=object)[at],
        window_start=windows.start[at],
        window_end=windows.end[at],
        n_production=found.reads.production.rows[at],
    )
