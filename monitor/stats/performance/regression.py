"""Metrics of predicted numbers, by window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from monitor.stats.inference.intervals import LEVEL, on_log, plain
from monitor.stats.performance.estimates import Estimate, mean, told
from monitor.stats.performance.labelled import Floats, Labelled
from monitor.stats.performance.ranking import ordered

NO_LABELS, ZERO_LABELS, NEGATIVE, CONSTANT = "no_labels", "labels_are_zero", "negative_values", "labels_are_constant"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Labelled rows of a regression, (n,) each."""

    rows: Labelled
    label: Floats
    prediction: Floats


def regression_metrics(found: Numbers) -> Iterator[tuple[str, Estimate]]:
    """Yield every metric by its id. Errors are prediction - label; what cannot be formed of a row (a share of 0, the logarithm of a
    negative number) leaves that row out of the metric."""
    rows, y, p = found.rows, found.label, found.prediction
    error = p - y
    square = mean(rows, error**2, on_log, why=NO_LABELS, low=0.0)
    yield "mae", mean(rows, np.abs(error), on_log, why=NO_LABELS, low=0.0)
    yield "mse", square
    yield "rmse", _root(square)
    with np.errstate(invalid="ignore", divide="ignore"):
        yield "mape", mean(rows, np.where(y != 0, np.abs(error / y), np.nan), on_log, why=ZERO_LABELS, low=0.0)
        size = (np.abs(y) + np.abs(p)) / 2
        yield "smape", mean(rows, np.where(size > 0, np.abs(error) / size, 0.0), on_log, why=NO_LABELS, low=0.0)
        logs = np.where((y > -1) & (p > -1), np.log1p(p) - np.log1p(y), np.nan)
    yield "rmsle", _root(mean(rows, logs**2, on_log, why=NEGATIVE, low=0.0))
    yield "r2", _r2(rows, y, error)
    yield "bias", mean(rows, error, plain, why=NO_LABELS)
    yield "median_ae", _median(rows, np.abs(error))


def _root(square: Estimate) -> Estimate:
    return told(np.sqrt(square.value), (np.sqrt(square.lower), np.sqrt(square.upper)), square.n, why=NO_LABELS, low=0.0)


def _r2(rows: Labelled, y: Floats, error: Floats) -> Estimate:
    n = rows.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = rows.total(y) / n
        away = (y - np.nan_to_num(middle)[rows.window]) ** 2
        total = rows.total(away)
        left = np.where(total > 0, rows.total(error**2) / total, np.nan)
    influence = (error**2 - np.nan_to_num(left)[rows.window] * away) / np.maximum(total, 1e-300)[rows.window]
    value = 1 - left
    return told(value, plain(value, np.sqrt(rows.variance(np.where(total[rows.window] > 0, influence, 0.0)))), n, why=CONSTANT, high=1.0)


def _median(rows: Labelled, size: Floats) -> Estimate:
    """Return the median of each window between the order statistics that hold it in 95 % of samples (Thompson 1936), rows of one block
    counted as the fewer that they are worth."""
    order = ordered(rows.window, size).order
    values, n = size[order], rows.rows
    begin = np.append(0, np.cumsum(n))[:-1].astype(np.int64)
    value, lower, upper = np.full(rows.windows, np.nan), np.full(rows.windows, np.nan), np.full(rows.windows, np.nan)
    some = n > 0
    last = np.maximum(n.astype(np.int64) - 1, 0)
    value[some] = ((values[begin[some] + last[some] // 2] + values[begin[some] + (last[some] + 1) // 2]) / 2) if some.any() else 0.0
    above = (size > np.nan_to_num(value)[rows.window]) - 0.5
    variance = rows.variance(above / np.maximum(n, 1.0)[rows.window])
    worth = np.where(variance > 0, 0.25 / np.maximum(variance, 1e-300), n)
    reach = float(scipy.stats.norm.ppf((1 + LEVEL) / 2)) * np.sqrt(0.25 / np.maximum(worth, 1.0))
    for share, into in ((0.5 - reach, lower), (0.5 + reach, upper)):
        at = np.clip(np.floor(share * n), 0, last).astype(np.int64)
        into[some] = values[begin[some] + at[some]] if some.any() else 0.0
    return told(value, (lower, upper), n, why=NO_LABELS, low=0.0)
