"""Joint drift by cells of a partition, by trees that tell a window from its baseline, and by distances along random directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from monitor.analyses.joint_moments import EXPLAINED
from monitor.analyses.joint_series import FIT_ROWS, Evidence, Series, by_baseline, by_window, series_of
from monitor.analyses.joint_sides import JointSides
from monitor.stats.multivariate.classifier import separate, separate_reference
from monitor.stats.multivariate.distances import directions, sliced
from monitor.stats.multivariate.partition import cell_counts, fit_partition
from monitor.stats.multivariate.pca import fit_pca
from monitor.stats.multivariate.rows import subsample

CELLS = 16
CLASSIFIER_ROWS = 1_500
SLICED_ROWS = (3_000, 1_000)
PERMUTATIONS = 99


def measure_cells(sides: JointSides, evidence: Evidence, seed: int) -> Iterator[Series]:
    """Score how different the shares of the cells of a k-means partition are."""
    reference = subsample(sides.reference_rows, FIT_ROWS, seed=seed)
    partition = fit_partition(reference, sides.encoder, cells=min(CELLS, max(2, len(reference) // 50)), seed=seed)
    counts = cell_counts(sides.sampled, sides.encoder, partition).astype(float)
    score, usual = np.full(len(counts), np.nan), np.full(counts.shape, np.nan)
    for baseline, targets in by_baseline(sides):
        expected = counts[baseline].sum(axis=0) + 0.5
        expected /= expected.sum()
        with np.errstate(invalid="ignore", divide="ignore"):
            share = counts[targets] / counts[targets].sum(axis=1, keepdims=True)
        score[targets], usual[targets] = 1.0 - np.sqrt(share * expected).sum(axis=1), expected
    rows = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / rows[:, None]
    table = by_window(sides, shares[sides.count :], "cell", list(range(1, len(partition.names) + 1)))
    named = dict(enumerate(partition.names, start=1))
    evidence.tables["cells"] = table.assign(
        name=table["cell"].map(named), before=usual[sides.count :].ravel(), n=counts[sides.count :].ravel().astype(np.int64)
    )
    yield series_of(sides, "cell_shares", score, rows.astype(np.int64))


def measure_classifier(sides: JointSides, evidence: Evidence, seed: int, told: Callable[[float], None]) -> Iterator[Series]:
    """Score how well trees tell a window from its baseline, and which columns they use."""
    r, w = sides.count, len(sides.windows)
    spread = np.unique(np.linspace(0, r - 1, min(10, r)).round().astype(int)).tolist()
    own = separate_reference(sides.reference_rows, windows=spread, sample=CLASSIFIER_ROWS, seed=seed) if r > 1 else ()
    score, rows = np.full(w, np.nan), np.zeros(w, dtype=np.int64)
    importance = np.full((w, len(sides.names)), np.nan)
    for position in range(w):
        told(position / w)
        base = np.isin(sides.sampled.window, sides.baselines[r + position])
        window = sides.sampled.take(sides.sampled.window == r + position)
        if base.any() and len(window):
            found = separate(sides.sampled.take(base), window, sample=CLASSIFIER_ROWS, importance=True, seed=seed + position)
            score[position], rows[position], importance[position] = found.auc, found.window_rows, found.importance
    table = by_window(sides, importance, "label", list(sides.names))
    evidence.tables["importances"] = table.assign(column=table["label"].map(dict(sides.names)))
    yield Series(
        method="domain_classifier",
        score=score,
        rows=rows,
        reference=np.array([one.auc for one in own]),
        reference_rows=np.array([one.window_rows for one in own], dtype=np.int64),
        shape="level",
    )


def measure_sliced(sides: JointSides, evidence: Evidence, seed: int, told: Callable[[float], None]) -> Iterator[Series]:
    """Score the average distance over random directions; the permutation p-value (whole blocks change sides) is kept as evidence."""
    r, total = sides.count, len(sides.line)
    model = fit_pca(sides.line.take([range(r)]), explained=EXPLAINED)
    views = directions(len(sides.encoder.owner), components=model.components, seed=seed)
    score, rows, p_value = np.full(total, np.nan), np.zeros(total, dtype=np.int64), np.full(total, np.nan)
    for position in range(total):
        told(position / total)
        base = subsample(sides.sampled.take(np.isin(sides.sampled.window, sides.baselines[position])), SLICED_ROWS[0], seed=seed)
        window = subsample(sides.sampled.take(sides.sampled.window == position), SLICED_ROWS[1], seed=seed)
        if len(base) and len(window):
            z, blocks = (sides.encoder.encode(base), sides.encoder.encode(window)), (base.block, window.block)
            found = sliced(*z, blocks, views, permutations=PERMUTATIONS if position >= r else 0, seed=seed).wasserstein
            score[position], rows[position], p_value[position] = found.value, len(window), found.p_value
    evidence.tables["permutations"] = pd.DataFrame({"window": sides.windows.ids, "p_permutation": p_value[r:]})
    yield series_of(sides, "sliced_wasserstein", score, rows)
