"""What is known of the labels themselves: which rows get one, what that does to metrics, and what windows that wait will come to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.label_weights import UNSCORED, order_of, shares_by_tenth, weights
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.engine import NO_TIME
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.binary import NO_LABELS, NO_NEGATIVES, NO_POSITIVES, NONE_PREDICTED
from monitor.stats.performance.calibration import BINS, bins
from monitor.stats.performance.estimates import Estimate, share
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.maturity import chain_ladder
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_AGES = 60


def label_evidence(outcome: Outcome, side: Side, mature: Bools, moment: int) -> dict[str, pd.DataFrame]:
    """Return `labels` (tenth, n, share, lower, upper: how many rows of each tenth of the scores have one, over mature windows), `labelled`
    (window, tenth, n, share: the same by window), `weighted`
    (metric, plain, weighted, lower, upper, n: metrics of labelled rows as they are, and weighted to stand for all rows) and `vintages`
    (window, age, positives; ultimate, error, maturity of each window) where these can be told."""
    found: dict[str, pd.DataFrame] = {}
    told = order_of(outcome, side)
    if told is not None and side.known.labelled.any():
        ripe = (side.window >= 0) & mature[side.window] & np.isfinite(told)
        if ripe.any():
            place = np.full(len(told), -1, dtype=np.int64)
            place[ripe] = bins(Labelled(np.zeros(int(ripe.sum()), dtype=np.int64), 1, np.arange(int(ripe.sum()))), told[ripe])
            found["labels"] = shares_by_tenth(side, ripe, place)
            found["labelled"] = _shares_by_window(side, ripe, place)
            if outcome.task is Task.BINARY and not side.known.labelled[ripe].all():
                found["weighted"] = _weighted(outcome, side, ripe, (told, place))
    vintages = _vintages(outcome, side, moment)
    return {**found, **({} if vintages is None else {"vintages": vintages})}


def _shares_by_window(side: Side, ripe: Bools, place: Ints) -> pd.DataFrame:
    """Return how many rows have a label by window and tenth."""
    cell, size = side.window[ripe] * BINS + place[ripe], side.windows * BINS
    rows, labelled = (np.bincount(cell[part], minlength=size) for part in (np.ones(len(cell), dtype=bool), side.known.labelled[ripe]))
    told = np.flatnonzero(rows)
    ids = np.array(side.known.read.windows.ids, dtype=object)[told // BINS]
    return pd.DataFrame({"window": ids, "tenth": told % BINS + 1, "n": rows[told], "share": labelled[told] / rows[told]})


def _weighted(outcome: Outcome, side: Side, ripe: Bools, told: tuple[Floats, Ints]) -> pd.DataFrame:
    """Return metrics of labelled rows over all mature windows, plain and weighted."""
    whole = Side(side.known, np.where(ripe, 0, -1), 1)
    found, at = outcome.binary(whole, ripe)
    if found.decision is None:
        return pd.DataFrame()
    weight = weights(side, ripe, told[0], np.where(ripe, told[1], UNSCORED))[at]
    label, decision = found.label, found.decision
    every, hit = np.ones(found.rows.size, dtype=bool), label & decision
    parts: dict[str, tuple[Bools, Bools, str]] = {
        "accuracy": (label == decision, every, NO_LABELS), "precision": (hit, decision, NONE_PREDICTED),
        "recall": (hit, label, NO_POSITIVES),
        "false_positive_rate": (~label & decision, ~label, NO_NEGATIVES), "base_rate": (label, every, NO_LABELS),
    }  # fmt: skip
    rows = []
    for name, (part, of, why) in parts.items():
        plain = share(found.rows, part, of, why=why)
        heavy: Estimate = share(found.rows, part * weight, of * weight, why=why, count=of)
        rows.append(
            {
                "metric": name, "plain": float(plain.value[0]), "weighted": float(heavy.value[0]),
                "lower": float(heavy.lower[0]), "upper": float(heavy.upper[0]), "n": int(plain.n[0]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _vintages(outcome: Outcome, side: Side, moment: int) -> pd.DataFrame | None:
    """Return how many positives (labels, where there are no classes) each window had by age, in windows, and what they will come to."""
    read, answers = side.known.read, outcome.answers
    begun, arrived = read.moments.get(answers.timestamp or ""), read.moments.get(answers.arrived or "")
    start = read.windows.start.astype("datetime64[us]").astype(np.int64)
    length = float(np.median(np.diff(start))) if len(start) > 2 else 0.0
    if begun is None or arrived is None or length <= 0:
        return None
    counted = side.known.labelled & (begun != NO_TIME) & (arrived != NO_TIME) & (side.window >= 0)
    if outcome.task is Task.BINARY:
        counted &= read.levels[answers.label].are(str(outcome.positive[answers.label]))
    end = start + length
    ages = int(min(np.ceil((moment - start[0]) / length), MOST_AGES))
    reached = np.floor((moment - end) / length).astype(np.int64)
    if ages < 2 or not counted.any() or (reached < 0).all():
        return None
    age = np.clip(np.ceil((arrived - end[side.window]) / length), 0, ages - 1).astype(np.int64)
    new = np.bincount(side.window[counted] * ages + age[counted], minlength=side.windows * ages).reshape(side.windows, ages)
    triangle = np.where(np.arange(ages)[None, :] <= reached[:, None], np.cumsum(new, axis=1), np.nan)
    settled = int(np.flatnonzero(np.isfinite(triangle).any(axis=0))[-1]) + 1
    ladder = chain_ladder(triangle[:, :settled])
    window, at = np.nonzero(np.isfinite(triangle[:, :settled]))
    told = {name: getattr(ladder, name)[window] for name in ("ultimate", "error", "maturity")}
    lower = np.maximum(told["ultimate"] - Z * told["error"], triangle[window, at])
    return pd.DataFrame(
        {
            "window": np.array(read.windows.ids, dtype=object)[window], "age": at, "count": triangle[window, at].astype(np.int64), **told,
            "lower": lower, "upper": told["ultimate"] + Z * told["error"],
        }
    )  # fmt: skip
