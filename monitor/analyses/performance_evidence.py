"""What lies behind the metrics: calibration by score, decisions by threshold, residuals by prediction, of both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.stats.inference.intervals import Z, wilson
from monitor.stats.performance.binary import Binary, worth_of
from monitor.stats.performance.calibration import BINS, bins
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.losses import is_a_class
from monitor.stats.performance.regression import Numbers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

THRESHOLDS = 99
"""Thresholds that decisions are told at: the hundredths of the reference's scores."""
FEWEST = 10
"""Rows of a bin below which nothing is told of it."""


def binary_evidence(sides: Mapping[str, Binary], threshold: float | None = None) -> dict[str, pd.DataFrame]:
    """Return `calibration` (side, bin, n, score, share, lower, upper), `thresholds` (side, threshold, precision, recall, selection_rate,
    false_positive_rate, tp, fp, fn, tn, value), `lift` (side, tenth, n, share, lift, lower, upper) and `confusion` (side, label, decision,
    n, share, value) of the labelled rows of each side; `threshold` is today's."""
    scored = {side: one for side, one in sides.items() if one.score is not None and one.rows.size}
    found = {"confusion": _joined(_confusion(side, one) for side, one in sides.items() if one.decision is not None)}
    if scored and not any(is_a_class(np.asarray(one.score)) for one in scored.values()):
        found["calibration"] = _joined(_calibration(side, one) for side, one in scored.items())
    if scored:
        found["thresholds"] = _joined(_thresholds(side, one, _levels(scored, threshold)) for side, one in scored.items())
        found["lift"] = _joined(_lift(side, one) for side, one in scored.items() if one.label.any())
    return {name: table for name, table in found.items() if len(table)}


def level_evidence(rows: Labelled, label: Bools | Floats, said: Floats, windows: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return `level` (window, n, expected, observed, lower, upper): the mean of what a model says of labelled rows (n,) by window beside
    the mean of their labels, with the interval of that."""
    known = np.isfinite(said)
    error = label[known] - said[known]
    kept = rows.take(known)
    n = kept.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        expected, observed = kept.total(said[known]) / n, kept.total(label[known].astype(float)) / n
    away = (error - np.nan_to_num(observed - expected)[kept.window]) / np.maximum(n, 1.0)[kept.window]
    half = Z * np.sqrt(kept.variance(away))
    told = n >= FEWEST
    columns = {"n": n.astype(np.int64), "expected": expected, "observed": observed, "lower": observed - half, "upper": observed + half}
    table = pd.DataFrame({"window": list(windows), **columns})[told]
    return {"level": table.reset_index(drop=True)} if len(table) else {}


def regression_evidence(sides: Mapping[str, Numbers]) -> dict[str, pd.DataFrame]:
    """Return `residuals` (side, bin, n, prediction, residual, lower, upper) by tenths of the prediction of each side."""
    return {"residuals": _joined(_residuals(side, one) for side, one in sides.items() if one.rows.size)}


def _joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    tables = list(parts)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _alone(size: int) -> Labelled:
    return Labelled(np.zeros(size, dtype=np.int64), 1, np.arange(size))


def _calibration(side: str, one: Binary) -> pd.DataFrame:
    assert one.score is not None  # noqa: S101 - chosen so
    known = np.isfinite(one.score)
    score, label = one.score[known], one.label[known]
    place = bins(_alone(len(score)), score)
    n, positives, total = (np.bincount(place, weights, BINS) for weights in (np.ones(len(score)), label.astype(float), score))
    told = n >= FEWEST
    lower, upper = wilson(positives[told], n[told])
    share = positives[told] / n[told]
    return pd.DataFrame(
        {
            "side": side,
            "bin": np.flatnonzero(told) + 1,
            "n": n[told].astype(np.int64),
            "score": total[told] / n[told],
            "share": share,
            "lower": lower,
            "upper": upper,
        }
    )


def _scored(one: Binary) -> tuple[Binary, Floats]:
    """Return the rows that have a score, and their scores."""
    assert one.score is not None  # noqa: S101 - chosen so
    known = np.isfinite(one.score)
    return one.take(known), one.score[known]


def _levels(scored: Mapping[str, Binary], today: float | None) -> Floats:
    """Return thresholds: hundredths of the first side's scores and of the scores of its positives (of which the upper end may hold nearly
    all), and today's."""
    first = next(iter(scored.values()))
    assert first.score is not None  # noqa: S101 - chosen so
    hundredths = np.arange(1, THRESHOLDS + 1) / (THRESHOLDS + 1)
    parts = [part for part in (first.score, first.score[first.label]) if np.isfinite(part).any()]
    found = [np.nanquantile(part, hundredths) for part in parts]
    return np.unique(np.concatenate([*found, [] if today is None else [today]]))


def _thresholds(side: str, one: Binary, levels: Floats) -> pd.DataFrame:
    one, known = _scored(one)
    order = np.argsort(known)
    score, label = known[order], one.label[order].astype(float)
    at = np.searchsorted(score, levels, side="left")
    before = np.append(0.0, np.cumsum(label))
    positives, n = float(before[-1]), len(score)
    hits, decided = positives - before[at], (n - at).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            {
                "side": side,
                "threshold": levels,
                "precision": hits / decided,
                "recall": hits / positives,
                "selection_rate": decided / max(n, 1),
                "false_positive_rate": (decided - hits) / (n - positives),
                "tp": hits,
                "fp": decided - hits,
                "fn": positives - hits,
                "tn": n - positives - decided + hits,
                "value": _values(one, order, at),
            }
        )


def _values(one: Binary, order: NDArray[np.int64], at: NDArray[np.int64]) -> Floats:
    """Return what all rows are worth together if those from a place of the order on are decided positive; unknown worth adds nothing."""
    if one.worth is None:
        return np.full(len(at), np.nan)
    worth = np.nan_to_num(one.worth[:, order])
    label = one.label[order]
    chosen, left = np.where(label, worth[0], worth[1]), np.where(label, worth[2], worth[3])
    return np.asarray(np.append(0.0, np.cumsum(left))[at] + chosen.sum() - np.append(0.0, np.cumsum(chosen))[at])


def _lift(side: str, one: Binary) -> pd.DataFrame:
    """Return the share of positives in each tenth of the scores, the highest first, in parts of the share in all rows."""
    one, score = _scored(one)
    place = BINS - bins(_alone(len(score)), score)
    n, positives = (np.bincount(place, weights, BINS + 1)[1:] for weights in (np.ones(len(score)), one.label.astype(float)))
    told = n >= FEWEST
    lower, upper = wilson(positives[told], n[told])
    base = max(float(positives.sum() / max(n.sum(), 1)), 1e-300)
    tenth = np.flatnonzero(told) + 1
    ends = {"lift": positives[told] / n[told] / base, "lower": lower / base, "upper": upper / base}
    return pd.DataFrame({"side": side, "tenth": tenth, "n": n[told].astype(np.int64), "share": positives[told] / n[told], **ends})


def _confusion(side: str, one: Binary) -> pd.DataFrame:
    assert one.decision is not None  # noqa: S101 - chosen so
    cells = [(label, decision) for label in (True, False) for decision in (True, False)]
    n = [int(((one.label == label) & (one.decision == decision)).sum()) for label, decision in cells]
    words = {True: "positive", False: "negative"}
    return pd.DataFrame(
        {
            "side": side,
            "label": [words[label] for label, _ in cells],
            "decision": [words[decision] for _, decision in cells],
            "n": n,
            "share": np.array(n) / max(sum(n), 1),
            "value": _cell_values(one, cells),
        }
    )


def _cell_values(one: Binary, cells: list[tuple[bool, bool]]) -> list[float]:
    """Return what the rows of each cell of a confusion matrix are worth together; nan where that is not known."""
    if one.worth is None or one.decision is None:
        return [float("nan")] * len(cells)
    worth = np.nan_to_num(worth_of(one.label, one.decision, one.worth))
    return [float(worth[(one.label == label) & (one.decision == decision)].sum()) for label, decision in cells]


def _residuals(side: str, one: Numbers) -> pd.DataFrame:
    place = bins(_alone(one.rows.size), one.prediction)
    error = one.prediction - one.label
    n = np.bincount(place, minlength=BINS)
    total, square, prediction = (np.bincount(place, values, BINS) for values in (error, error**2, one.prediction))
    told = n >= FEWEST
    mean = total[told] / n[told]
    half = Z * np.sqrt(np.maximum(square[told] / n[told] - mean**2, 0.0) / n[told])
    return pd.DataFrame(
        {
            "side": side,
            "bin": np.flatnonzero(told) + 1,
            "n": n[told],
            "prediction": prediction[told] / n[told],
            "residual": mean,
            "lower": mean - half,
            "upper": mean + half,
        }
    )
