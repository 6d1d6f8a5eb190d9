"""Whether a reference looks in-sample: the model ranks rows of it better than the first mature windows of production."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.performance_metrics import Outcome, Track
from monitor.analyses.performance_rows import Side
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate, weighted
from monitor.stats.performance.ranking import roc_auc
from monitor.vocabulary import Task
from monitor.wording import number_text

Bools = NDArray[np.bool_]

FIRST = 4
"""Mature windows of production that stand for rows which the model never saw: the nearest to the reference in time."""
RANKS = ("roc_auc", "roc_auc_ovr_macro", "r2")
"""Metrics by which a reference looks in-sample, the first that there is: how well the model tells cases apart."""
NO_BETTER = {"roc_auc": 0.5, "roc_auc_ovr_macro": 0.5}
"""What they are of a model that tells nothing apart: a model that learned rows by heart is no worse than that on others."""


def optimism(track: Track, at: NDArray[np.int64]) -> dict[str, object] | None:
    """Return how a metric differs between the windows `at` of production, by their place, and the whole reference; None where either has
    no value."""
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


def ranking(outcome: Outcome, sides: tuple[Side, Side]) -> tuple[Track, ...]:
    """Return how well a model tells cases apart, of all rows; of yes and no nothing else is measured for it."""
    if outcome.task is not Task.BINARY:
        return tuple(outcome.tracks(("", ""), sides, frozenset(RANKS)))
    if not outcome.answers.scores:
        return ()
    whole = Side(sides[0].known, np.where(sides[0].window >= 0, 0, -1), 1)
    own, production, all_of = (_area(outcome, one) for one in (*sides, whole))
    return (Track(segment="", klass="", metric="roc_auc", production=production, own=own, whole=all_of),)


def _area(outcome: Outcome, side: Side) -> Estimate:
    rows, at = side.of(np.ones(len(side.window), dtype=bool))
    found = outcome.binary_of(rows, at, side.known.read)
    score = np.asarray(found.score)
    known = np.isfinite(score)
    return roc_auc(found.rows.take(known), found.label[known], score[known])


def in_sample_text(tracks: Iterable[Track], mature: Bools, a: str) -> str:
    """Say that the scores of the reference, called `a`, look in-sample; empty where they do not.

    They do where the model tells cases apart worse in each of the first `mature` (w,) windows than in every window of the reference, and
    the gap is beyond chance and matters: a model that loses its touch later does not.
    """
    known = {one.metric: one for one in tracks if one.name == one.metric}
    track = next((known[name] for name in RANKS if name in known), None)
    at = np.flatnonzero(mature)[:FIRST]
    if track is None or len(at) < FIRST:
        return ""
    first, own = track.production.value[at], track.own.value[np.isfinite(track.own.value)]
    row, metric = optimism(track, at), METRICS[track.metric]
    if row is None or len(own) < FIRST or not np.isfinite(first).all() or first.max() >= own.min():
        return ""
    before, after = float(track.whole.value[0]), float(np.asarray(row["first"]))
    if after < NO_BETTER.get(track.metric, -np.inf) or float(np.asarray(row["upper"])) >= 0 or before - after < metric.smallest(before):
        return ""
    return (
        f"Scores of {a} look in-sample: {metric.title} is {number_text(before, 2)} there and {number_text(after, 2)} from the first "
        "window on. Compare with rows that the model never saw."
    )
