"""Whether probabilities are as large as they should be, by window: the level and the spread of scores beside labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from monitor.stats.inference.intervals import plain
from monitor.stats.performance.estimates import Estimate, told
from monitor.stats.performance.labelled import Bools, Floats, Ints, Labelled
from monitor.stats.performance.ranking import midranks

BINS = 10
ROUNDS = 30
"""Newton steps: seven suffice where there is a solution."""
SETTLED = 1e-9
FARTHEST = 5.0
"""Longest step of an intercept or slope, so that a step too far comes back."""


def bins(rows: Labelled, score: Floats) -> Ints:
    """Return the bin of each row, (n,): ten of equal counts in each window, ties in one bin."""
    rank = midranks(rows.window, score) - 0.5
    count = np.bincount(rows.window, minlength=rows.windows)[rows.window]
    return np.asarray(np.minimum(BINS * rank / np.maximum(count, 1), BINS - 1), dtype=np.int64)


def expected_calibration_error(rows: Labelled, label: Bools, score: Floats, *, why: str) -> Estimate:
    """Return the mean distance between score and share of positives over ten bins of equal counts, weighted by their rows."""
    known = np.isfinite(score)
    rows, label, score = rows.take(known), label[known], score[known]
    place = rows.window * BINS + bins(rows, score)
    away = score - label
    cells = replace(rows, window=place, windows=rows.windows * BINS)
    total, count = cells.total(away), np.maximum(cells.rows, 1e-300)
    n = rows.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.abs(total).reshape(rows.windows, BINS).sum(axis=1) / n
    influence = np.sign(total)[place] * (away - (total / count)[place]) / np.maximum(n, 1.0)[rows.window]
    return told(value, plain(value, np.sqrt(rows.variance(influence))), n, why=why, low=0.0, high=1.0)


def recalibration(rows: Labelled, label: Bools, score: Floats, *, why: str) -> tuple[Estimate, Estimate]:
    """Return intercept and slope of the logistic recalibration of each window (Cox 1958; Van Calster et al. 2016).

    The intercept is that at a slope of 1: how much the log-odds of all rows are too low (above 0) or too high. The slope is 1 where scores
    spread as they should, below 1 where they are too extreme.
    """
    known = np.isfinite(score)
    rows, y, x = rows.take(known), label[known].astype(float), special.logit(score[known])
    smaller = np.minimum(rows.total(y), rows.total(1 - y))
    return _intercept(rows, y, x, smaller, why), _slope(rows, y, x, smaller, why)


def _intercept(rows: Labelled, y: Floats, x: Floats, smaller: Floats, why: str) -> Estimate:
    a = np.zeros(rows.windows)
    for _ in range(ROUNDS):
        p = special.expit(x + a[rows.window])
        step = rows.total(y - p) / np.maximum(rows.total(p * (1 - p)), 1e-12)
        a = np.where(smaller > 0, a + np.clip(step, -FARTHEST, FARTHEST), np.nan)
        if np.nanmax(np.abs(np.append(step[smaller > 0], 0.0))) < SETTLED:
            break
        a = np.nan_to_num(a)
    p = special.expit(x + np.nan_to_num(a)[rows.window])
    influence = (y - p) / np.maximum(rows.total(p * (1 - p)), 1e-12)[rows.window]
    a = np.where(smaller > 0, a, np.nan)
    return told(a, plain(a, np.sqrt(rows.variance(influence))), smaller, why=why)


def _slope(rows: Labelled, y: Floats, x: Floats, smaller: Floats, why: str) -> Estimate:
    a, b, moved = np.zeros(rows.windows), np.ones(rows.windows), np.full(rows.windows, np.inf)
    for _ in range(ROUNDS):
        u, v, h = _derivatives(rows, y, x, a, b)
        step_a, step_b = _solved(h, u, v)
        a, b = a + np.clip(step_a, -FARTHEST, FARTHEST), b + np.clip(step_b, -FARTHEST, FARTHEST)
        moved = np.abs(step_a) + np.abs(step_b)
        if (moved[smaller > 0] < SETTLED).all():
            break
    p = special.expit(a[rows.window] + b[rows.window] * x)
    h = _derivatives(rows, y, x, a, b)[2]
    determinant = h[0] * h[2] - h[1] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        influence = (y - p) * (h[0][rows.window] * x - h[1][rows.window]) / determinant[rows.window]
    found = (smaller > 0) & (moved < SETTLED)
    value = np.where(found, b, np.nan)
    return told(value, plain(value, np.sqrt(rows.variance(np.nan_to_num(influence)))), smaller, why=why)


def _derivatives(rows: Labelled, y: Floats, x: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats, tuple[Floats, Floats, Floats]]:
    p = special.expit(a[rows.window] + b[rows.window] * x)
    weight = p * (1 - p)
    return rows.total(y - p), rows.total((y - p) * x), (rows.total(weight), rows.total(weight * x), rows.total(weight * x**2))


def _solved(h: tuple[Floats, Floats, Floats], u: Floats, v: Floats) -> tuple[Floats, Floats]:
    determinant = h[0] * h[2] - h[1] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (h[2] * u - h[1] * v) / determinant, (h[0] * v - h[1] * u) / determinant
    return np.nan_to_num(a, posinf=0.0, neginf=0.0), np.nan_to_num(b, posinf=0.0, neginf=0.0)
