"""How well scores put positives before negatives, by window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monitor.stats.inference.intervals import on_log, on_logit, plain, wilson
from monitor.stats.performance.estimates import Estimate, told
from monitor.stats.performance.labelled import Bools, Floats, Ints, Labelled

ONE_CLASS = "one_class"
NO_POSITIVES = "no_positives"
TOP = 0.1
"""Part of the rows with the highest scores that lift is taken of."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows in the order of window and value: `order` (n,) positions, and of each ordered row (n,) `start` and `stop`, the places where its
    ties begin and end (excluded) within its window."""

    order: Ints
    start: Ints
    stop: Ints


def ordered(window: Ints, value: Floats) -> Ordered:
    """Put rows (n,) in the order of window and value, lowest first, and find ties."""
    order = np.lexsort((value, window))
    w, v = window[order], value[order]
    n = len(order)
    new_window = np.append(True, w[1:] != w[:-1])[:n]
    new = new_window | np.append(True, v[1:] != v[:-1])[:n]
    first = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    ends = np.append(first[1:], n)
    begin = np.maximum.accumulate(np.where(new_window, np.arange(n), 0)) if n else first
    return Ordered(order, first[group] - begin if n else first, ends[group] - begin if n else first)


def midranks(window: Ints, value: Floats) -> Floats:
    """Return the rank of each row (n,) within its window, ties sharing the mean of theirs; the lowest has rank 1.

    >>> midranks(np.array([0, 0, 0, 1]), np.array([5.0, 3.0, 3.0, 9.0])).tolist()
    [3.0, 1.5, 1.5, 1.0]
    """
    found = ordered(window, value)
    rank = np.empty(len(value))
    rank[found.order] = (found.start + 1 + found.stop) / 2
    return rank


def _below(rows: Labelled, found: Ordered, part: Bools) -> Floats:
    """Return what of a part of the rows lies below each row in its window by weight, ties by half, (n,)."""
    below = np.empty(rows.size)
    below[found.order] = (_cumulated(rows, replace(found, stop=found.start), part) + _cumulated(rows, found, part)) / 2
    return below


def placements(rows: Labelled, label: Bools, score: Floats) -> tuple[Floats, Floats]:
    """Return the placement of each row, (n,), and the area under the ROC curve of each window, (w,) (nan: one class only).

    The placement of a positive is the share of negatives below it (ties half), of a negative that of positives above it.
    """
    positives, negatives = rows.total(label), rows.total(~label)
    found = ordered(rows.window, score)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = 1 - _below(rows, found, label) / positives[rows.window]
        place = np.where(label, _below(rows, found, ~label) / negatives[rows.window], above)
        area = rows.total(np.where(label, np.nan_to_num(place), 0.0)) / positives
    return place, np.where((positives > 0) & (negatives > 0), area, np.nan)


def roc_auc(rows: Labelled, label: Bools, score: Floats) -> Estimate:
    """Return the area under the ROC curve with DeLong's (1988) variance, its interval on the scale of log-odds.

    Where every positive lies above every negative (or below) the variance is 0 and says nothing: the interval is that of a share of the
    smaller class.
    """
    place, area = placements(rows, label, score)
    counts = rows.total(label), rows.total(~label)
    own = np.where(label, counts[0][rows.window], counts[1][rows.window])
    with np.errstate(invalid="ignore", divide="ignore"):
        influence = (place - area[rows.window]) / own * np.sqrt(own / (own - 1))
    variance = rows.variance(np.where(np.isfinite(influence), influence, 0.0))
    smaller = np.minimum(*counts)
    sure = (area <= 0) | (area >= 1)
    ends = tuple(np.where(sure, *both) for both in zip(wilson(area * smaller, smaller), on_logit(area, np.sqrt(variance)), strict=True))
    return told(area, (ends[0], ends[1]), smaller, why=ONE_CLASS, low=0.0, high=1.0)


def average_precision(rows: Labelled, label: Bools, score: Floats) -> Estimate:
    """Return the mean over positives of the precision at their score, as scikit-learn computes it.

    The interval is that of Boyd, Eng and Page (2013): a share of the positives on the scale of log-odds.
    """
    found = ordered(rows.window, -score)
    hits = _cumulated(rows, found, label)
    precision = np.empty(rows.size)
    precision[found.order] = hits / np.maximum(_cumulated(rows, found, np.ones(rows.size)), 1e-300)
    positives = rows.total(label)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = rows.total(precision * label) / positives
        influence = np.where(label, (precision - np.nan_to_num(value)[rows.window]) / np.maximum(positives, 1.0)[rows.window], 0.0)
        alone = rows.total(influence**2)
        factor = np.where(alone > 0, rows.variance(influence) / alone, 1.0)
        sd = np.sqrt(value * (1 - value) / positives * factor)
    sure = (value <= 0) | (value >= 1)
    ends = tuple(np.where(sure, *both) for both in zip(wilson(value * positives, positives), on_logit(value, sd), strict=True))
    return told(value, (ends[0], ends[1]), positives, why=NO_POSITIVES, low=0.0, high=1.0)


def _cumulated(rows: Labelled, found: Ordered, values: Bools | Floats) -> Floats:
    """Return, for each ordered row, the sum of values from the beginning of its window to the end of its ties, (n,)."""
    if not rows.size:
        return np.zeros(0)
    window = rows.window[found.order]
    weighted = np.asarray(values, dtype=float) * (1.0 if rows.weight is None else rows.weight)
    total = np.append(0.0, np.cumsum(weighted[found.order]))
    begin = np.append(0, np.cumsum(np.bincount(window, minlength=rows.windows)))[window]
    return np.asarray(total[begin + found.stop] - total[begin])


def ks_score(rows: Labelled, label: Bools, score: Floats) -> Estimate:
    """Return the largest distance between the distributions of the scores of positives and negatives (Kolmogorov-Smirnov)."""
    found = ordered(rows.window, score)
    counts = rows.total(label), rows.total(~label)
    window = rows.window[found.order]
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = (_cumulated(rows, found, part) / count[window] for part, count in zip((label, ~label), counts, strict=True))
    apart = np.nan_to_num(np.abs(high - low))
    farthest = np.zeros(rows.windows)
    np.maximum.at(farthest, window, apart)
    edge = np.full(rows.windows, np.nan)
    best = apart == farthest[window]
    edge[window[best]] = score[found.order][best]
    below = score <= edge[rows.window]
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [rows.total(below & part) / count for part, count in zip((label, ~label), counts, strict=True)]
        own = np.where(label, counts[0][rows.window], counts[1][rows.window])
        usual = np.where(label, parts[0][rows.window], parts[1][rows.window])
    sd = np.sqrt(rows.variance(np.nan_to_num((below - usual) / np.maximum(own, 1.0))))
    smaller = np.minimum(*counts)
    return told(np.where(smaller > 0, farthest, np.nan), plain(farthest, sd), smaller, why=ONE_CLASS, low=0.0, high=1.0)


def lift(rows: Labelled, label: Bools, score: Floats) -> Estimate:
    """Return how many times as common positives are among the tenth of rows with the highest scores; ties count by parts."""
    found = ordered(rows.window, -score)
    room = TOP * rows.rows[rows.window[found.order]]
    start, stop = (_cumulated(rows, one, np.ones(rows.size)) for one in (replace(found, stop=found.start), found))
    part = np.empty(rows.size)
    part[found.order] = np.clip((room - start) / np.maximum(stop - start, 1e-300), 0.0, 1.0)
    positives, above = rows.total(label), rows.total(part * label)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = above / (TOP * positives)
        relative = part * label / np.maximum(above, 1e-300)[rows.window] - label / np.maximum(positives, 1e-300)[rows.window]
    sd = np.sqrt(rows.variance(np.nan_to_num(relative * np.nan_to_num(value)[rows.window])))
    return told(value, on_log(value, sd), positives, why=NO_POSITIVES, low=0.0, high=1 / TOP)
