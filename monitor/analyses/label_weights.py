"""Labels that rows of some scores get more often than others: labelled rows are weighted to stand for all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.binary import NO_LABELS
from monitor.stats.performance.calibration import BINS
from monitor.stats.performance.estimates import share
from monitor.stats.performance.labelled import Labelled
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CHOSEN = "labels_not_at_random"
"""Why something is not told or not judged: which rows have a label depends on the score, and otherwise than in the reference."""
FEWEST = 5
"""Labelled rows of a cell (window, tenth of the score) below which its window and its tenth speak for it."""
IN_PART, MOST_PARTS = 20, 50
"""Labelled rows of about one score at least, and parts of the scores at most, that say how seldom such rows get a label."""
APART, CHANCE = 0.05, 0.001
"""Labels are not missing at random where the shares of two tenths lie farther apart, and chance explains that more seldom."""
MOVED = 0.05
"""Standard deviations of the score by which labelled rows lie farther from all rows than in the reference, from which it matters which have
a label: nine in ten of the late and nearly all of the punctual flights have one, and no metric is another for it."""

UNSCORED = BINS
"""Place of the rows that have no score, after the tenths."""


def order_of(outcome: Outcome, side: Side) -> Floats | None:
    """Return what a row is ordered by: its score, or its predicted number."""
    answers, read = outcome.answers, side.known.read
    if outcome.task is Task.BINARY and answers.scores:
        return read.numbers[answers.scores[""]]
    if outcome.task is Task.REGRESSION and answers.prediction is not None:
        return read.numbers[answers.prediction]
    return None


def at_random(labels: pd.DataFrame) -> bool:
    """Say whether rows of all tenths get labels alike: no two lie farther apart than 5 points, or all of them no farther than by chance."""
    error = (labels["upper"] - labels["lower"]).to_numpy() / (2 * Z)
    return _alike(labels["share"].to_numpy(), error)


def _alike(values: Floats, error: Floats) -> bool:
    if len(values) < 2 or float(values.max() - values.min()) <= APART:
        return True
    weight = 1 / error**2
    away = float((weight * (values - weight @ values / weight.sum()) ** 2).sum())
    return float(special.chdtrc(len(values) - 1, away)) > CHANCE


def stand_for_all(outcome: Outcome, sides: tuple[Side, Side], mature: Bools) -> tuple[tuple[Side, Side], Bools]:
    """Return both sides with weights where labels depend on the score, on one side otherwise than on the other; and windows of production
    that no weights mend, (w,): they hold rows of a score of which no row ever gets a label.

    Sides that hide the labels of one decision have bounds instead, and the weights of a case (`label_weight`) are its own.
    """
    none = np.zeros(sides[1].windows, dtype=bool)
    told = [order_of(outcome, side) for side in sides]
    if any(one is None for one in told) or any(side.known.weight is not None or outcome.hidden(side) is not None for side in sides):
        return sides, none
    first, second = (np.asarray(one) for one in told)
    ripe = [(side.window >= 0) & np.isfinite(one) for side, one in zip(sides, (first, second), strict=True)]
    ripe[1] &= mature[sides[1].window]
    if not all((one & side.known.labelled).any() for side, one in zip(sides, ripe, strict=True)):
        return sides, none
    off = [_off(value, one, side.known.labelled) for value, one, side in zip((first, second), ripe, sides, strict=True)]
    if abs(off[1] - off[0]) < MOVED:
        return sides, none
    edges = np.unique(np.quantile(np.concatenate([first[ripe[0]], second[ripe[1]]]), np.arange(1, BINS) / BINS))
    places = [np.where(np.isfinite(one), np.searchsorted(edges, one, side="right"), UNSCORED) for one in (first, second)]
    if _chosen_alike(*(shares_by_tenth(*one) for one in zip(sides, ripe, places, strict=True))):
        return sides, none
    weighed = [_weighed(*one) for one in zip(sides, ripe, (first, second), places, strict=True)]
    return (weighed[0][0], weighed[1][0]), weighed[1][1]


def _off(value: Floats, ripe: Bools, labelled: Bools) -> float:
    """Return how far labelled rows lie from all ripe ones on average, in standard deviations of these."""
    spread = float(value[ripe].std())
    return float(value[ripe & labelled].mean() - value[ripe].mean()) / spread if spread > 0 else 0.0


def shares_by_tenth(side: Side, ripe: Bools, place: Ints) -> pd.DataFrame:
    """Return how many of the ripe rows of each tenth have a label: tenth, n, share, lower, upper."""
    rows = Labelled(place[ripe], BINS, side.known.read.block[ripe] * BINS + place[ripe])
    one = share(rows, side.known.labelled[ripe], np.ones(rows.size), why=NO_LABELS)
    kept = one.reason == ""
    columns = {"tenth": np.arange(1, BINS + 1), "n": one.n.astype(np.int64), "share": one.value, "lower": one.lower, "upper": one.upper}
    return pd.DataFrame({name: values[kept] for name, values in columns.items()})


def _chosen_alike(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Say whether the tenths of both sides get labels alike, each in parts of its side's usual share."""
    if at_random(first) and at_random(second):
        return True
    both = first.merge(second, on="tenth")
    parts, errors = [], []
    for end in ("_x", "_y"):
        usual = float(np.average(both[f"share{end}"], weights=both[f"n{end}"])) if len(both) else 0.0
        parts.append(both[f"share{end}"].to_numpy() / max(usual, 1e-9))
        errors.append((both[f"upper{end}"] - both[f"lower{end}"]).to_numpy() / (2 * Z * max(usual, 1e-9)))
    return _alike(parts[1] - parts[0], np.hypot(*errors))


def _weighed(side: Side, ripe: Bools, value: Floats, place: Ints) -> tuple[Side, Bools]:
    """Return a side with weights, and its windows of which more than APART of the rows have a score that no label stands for."""
    scored = (place < UNSCORED) & (side.window >= 0)
    labelled = np.bincount(place[ripe & side.known.labelled], minlength=UNSCORED + 1)
    rows, silent = (np.bincount(side.window[part], minlength=side.windows) for part in (scored, scored & (labelled[place] < FEWEST)))
    known = replace(side.known, weight=weights(side, ripe, value, place))
    return replace(side, known=known), np.asarray(silent > APART * np.maximum(rows, 1))


def weights(side: Side, ripe: Bools, value: Floats, place: Ints) -> Floats:
    """Return how many rows each labelled row stands for, (n,): as many as rows of about its score do in all windows (inverse probability
    weights), made to add up to the rows of its window and tenth, or of its window where few of these have a label.

    Parameters
    ----------
    ripe, value, place : (n,) rows whose labels are in, what they are ordered by, and the tenth of that.
    """
    told = ripe & side.known.labelled
    parts = int(np.clip(told.sum() // IN_PART, 1, MOST_PARTS))
    edges = np.unique(np.quantile(value[told], np.arange(1, parts) / parts))
    part = np.searchsorted(edges, np.where(np.isfinite(value), value, np.inf), side="right")
    rows, known = (np.bincount(part[one], minlength=len(edges) + 1) for one in (ripe, told))
    usual = (rows / np.maximum(known, 1))[part]
    group, inside = _groups(side, place), side.window >= 0
    many, stands = int(group.max(initial=0)) + 1, inside & side.known.labelled
    of, stood = np.bincount(group[inside], minlength=many), np.bincount(group[stands], usual[stands], many)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(inside, np.nan_to_num(usual * (of / stood)[group], posinf=0.0), 0.0)


def _groups(side: Side, place: Ints) -> Ints:
    """Return to which group each row belongs whose weights add up to its rows, (n,): its window and tenth; together those tenths of a
    window of which few have a label; all of a window where that leaves few in them."""
    kinds, window = UNSCORED + 1, np.maximum(side.window, 0)
    cell, labelled = window * kinds + place, side.known.labelled & (side.window >= 0)
    held = np.bincount(cell[labelled], minlength=side.windows * kinds).reshape(-1, kinds)
    rows = np.bincount(cell[side.window >= 0], minlength=side.windows * kinds).reshape(-1, kinds)
    few = (held < FEWEST) & (rows > 0)
    lonely = few.any(axis=1) & ((held * few).sum(axis=1) < FEWEST)
    together = few | lonely[:, None]
    return np.where(together[window, place], side.windows * kinds + window, cell)
