"""What drift of the whole table costs and finds: ``python benchmarks/multivariate.py [cost] [power]``.

Cost: principal components of 1M x 50 by 30 windows beside one product X.T @ X of the same rows (set OMP_NUM_THREADS=1 for both),
and seconds per window of the other methods. Power: share of windows of 1,000 rows alarmed at 5 % and 1 % without drift and with
half of the rows' columns permuted independently (every column keeps its distribution), rows independent or sharing their block.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import process_time

import numpy as np
from numpy.typing import NDArray

from monitor.stats.bands import p_two_sided, p_upper
from monitor.stats.multivariate.association import association_change, associations
from monitor.stats.multivariate.classifier import separate, separate_reference
from monitor.stats.multivariate.distances import directions, sliced
from monitor.stats.multivariate.encoding import BatchEncoder, fit_encoder
from monitor.stats.multivariate.joint import gaussian_distance, gaussian_distance_out_of_fold
from monitor.stats.multivariate.moments import moments
from monitor.stats.multivariate.partition import cell_counts, fit_partition
from monitor.stats.multivariate.pca import fit_pca, pca_out_of_fold, pca_windows, scores
from monitor.stats.multivariate.rows import Rows, subsample

Floats = NDArray[np.float64]
PER_BLOCK, BLOCKS, COLUMNS = 25, 40, 10


def table(z: Floats, windows: int, *, first_block: int = 0, per_block: int = PER_BLOCK) -> Rows:
    n, p = z.shape
    position = np.arange(n)
    names = tuple(f"x{i}" for i in range(p))
    empty = np.zeros((n, 0), dtype=np.int64)
    return Rows(z, names, empty, {}, first_block + position // per_block, position * windows // n, windows)


def simulate(rng: np.random.Generator, windows: int, shared: float) -> Floats:
    """Gaussian rows with correlation .65; a share of the variance is common to the rows of a block."""
    mix = np.linalg.cholesky(np.full((COLUMNS, COLUMNS), 0.65) + 0.35 * np.eye(COLUMNS)).T
    blocks = np.repeat(rng.standard_normal((windows * BLOCKS, COLUMNS)) @ mix, PER_BLOCK, axis=0)
    return np.asarray(np.sqrt(shared) * blocks + np.sqrt(1 - shared) * rng.standard_normal(blocks.shape) @ mix)


def permute_half(rng: np.random.Generator, z: Floats, windows: int) -> Floats:
    """Permute each column on its own among a random half of the rows of each window."""
    z = z.copy()
    for part in np.split(np.arange(len(z)), windows):
        chosen = rng.choice(part, len(part) // 2, replace=False)
        for column in range(z.shape[1]):
            z[chosen, column] = z[rng.permutation(chosen), column]
    return z


def best(work: Callable[[], object], times: int = 3) -> float:
    """Return the least processor seconds of several runs (other work on the machine does not count)."""
    seconds = []
    for _ in range(times):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return min(seconds)


def cost() -> None:
    x = np.random.default_rng(0).standard_normal((1_000_000, 50))
    rows = table(x, 30, per_block=1000)

    def by_window() -> None:
        encoder = fit_encoder(subsample(rows, 20_000))
        learned = moments(rows, encoder)
        model = fit_pca(learned)
        pca_out_of_fold(learned, model, encoder.owner)
        pca_windows(learned, model, encoder.owner)

    encoder = fit_encoder(subsample(rows, 20_000))
    model = fit_pca(moments(rows, encoder))

    def by_row() -> None:
        batches = BatchEncoder(encoder, 2048)
        for low in range(0, len(x), 2048):
            scores(batches.encode(x[low : low + 2048], rows.categorical[low : low + 2048]), model)

    floor = best(lambda: x.T @ x)
    print(f"floor X.T @ X, 1M x 50                            {floor:6.2f} s")
    for title, work in (("PCA by window: encode, fit, out of fold, score", by_window), ("PCA scores of every row", by_row)):
        seconds = best(work)
        print(f"{title:<50}{seconds:6.2f} s  {seconds / floor:4.1f} x floor")
    reference, window = subsample(rows, 20_000), rows.only(29)
    others: dict[str, Callable[[], object]] = {
        "domain classifier, 50 columns, default sample": lambda: separate(reference, window),
        "the same with importance": lambda: separate(reference, window, importance=True),
        "associations of 1,225 pairs, 33,333 rows": lambda: associations(window.as_window(0, 1)),
        "sliced distances, 3,000 and 1,000 rows": lambda: slices(subsample(reference, 3000), subsample(window, 1000)),
        "partition in 16 cells, fit on 20,000 rows": lambda: fit_partition(reference, encoder),
    }
    for title, work in others.items():
        print(f"{title:<50}{best(work, 2):6.2f} s a window")


def slices(reference: Rows, window: Rows) -> tuple[float, float]:
    """P-values of sliced Wasserstein and KS, along the components first."""
    encoder = fit_encoder(reference)
    model = fit_pca(moments(reference, encoder))
    views = directions(len(encoder.owner), components=model.components)
    found = sliced(encoder.encode(reference), encoder.encode(window), (reference.block, window.block), views)
    return found.wasserstein.p_value, found.ks.p_value


def moment_p_values(reference: Rows, judged: Rows) -> dict[str, Floats]:
    encoder = fit_encoder(reference)
    learned, seen = moments(reference, encoder), moments(judged, encoder)
    model = fit_pca(learned)
    own, theirs = pca_out_of_fold(learned, model, encoder.owner), pca_windows(seen, model, encoder.owner)
    sizes = reference.counts, judged.counts
    change = association_change(associations(reference), associations(reference.as_window(0, 1)), associations(judged))
    distances = gaussian_distance(seen, learned), gaussian_distance_out_of_fold(learned)
    return {
        "PCA residual": p_two_sided(theirs.residual, sizes[1], own.residual, sizes[0]),
        "PCA T2": p_two_sided(theirs.t2, sizes[1], own.t2, sizes[0]),
        "PCA shift of the mean": p_upper(theirs.shift, sizes[1], own.shift, sizes[0], shape="distance"),
        "distance of means and covariances": p_upper(distances[0], sizes[1], distances[1], sizes[0], shape="distance"),
        "associations, overall": p_upper(change.overall, sizes[1], change.overall_reference, sizes[0], shape="distance"),
        "associations, pair by pair": change.p_value.ravel(),
        "cells of a partition": partition_p_values(reference, judged),
    }


def partition_p_values(reference: Rows, judged: Rows) -> Floats:
    """Pearson distance of the cell shares from the reference's, judged by the reference's own windows."""
    encoder = fit_encoder(reference)
    partition = fit_partition(reference, encoder, cells=16)
    own, theirs = cell_counts(reference, encoder, partition), cell_counts(judged, encoder, partition)
    rest = own.sum(axis=0) - own
    expected = rest / rest.sum(axis=1, keepdims=True)
    shares = own / own.sum(axis=1, keepdims=True), theirs / theirs.sum(axis=1, keepdims=True)
    distance = np.sum((shares[0] - expected) ** 2 / expected, axis=1), np.sum((shares[1] - partition.share) ** 2 / partition.share, axis=1)
    return p_upper(distance[1], judged.counts, distance[0], reference.counts, shape="distance")


def slow_p_values(reference: Rows, judged: Rows, expected: Floats) -> dict[str, Floats]:
    """P-values of the domain classifier, given the reference windows' AUC, and of the sliced distances."""
    parts = [judged.only(position) for position in range(judged.windows)]
    area = np.array([separate(reference, part, sample=1000).auc for part in parts])
    sliced_p = [slices(subsample(reference, 3000), part) for part in parts]
    return {
        "domain classifier": p_upper(area, judged.counts, expected, reference.counts[: len(expected)]),
        "sliced Wasserstein": np.array([p[0] for p in sliced_p]),
        "sliced KS": np.array([p[1] for p in sliced_p]),
    }


def power(repeats: int = 20, slow: int = 2) -> None:
    print("\nshare alarmed: none = no drift, joint = half of the rows permuted; windows of 1,000 rows, reference of 10 windows")
    print(f"{'':<36}{'independent rows':^28}{'rows share blocks (.8)':^28}")
    print(f"{'alarm at':<36}" + 2 * f"{'none 5 %':>7}{'1 %':>5}{'joint 5 %':>10}{'1 %':>5} ")
    columns = [measured(shared, repeats, slow) for shared in (0.0, 0.8)]
    for name in columns[0]:
        print(f"{name:<36}" + "".join(f"{c[name][0]:7.3f}{c[name][1]:7.3f}{c[name][2]:7.3f}{c[name][3]:7.3f}" for c in columns))


def measured(shared: float, repeats: int, slow: int) -> dict[str, list[float]]:
    """By method: alarms at 5 % and 1 % without drift, then with it."""
    rng = np.random.default_rng(7)
    found: dict[str, tuple[list[Floats], list[Floats]]] = {}
    windows = 10
    for repeat in range(repeats):
        reference = table(simulate(rng, windows, shared), windows)
        expected = np.array([found.auc for found in separate_reference(reference, sample=1000)]) if repeat < slow else np.zeros(0)
        plain, broken = simulate(rng, windows, shared), permute_half(rng, simulate(rng, windows, shared), windows)
        for drifted, z in enumerate((plain, broken)):
            judged = table(z, windows, first_block=100_000)
            p_values = moment_p_values(reference, judged) | (slow_p_values(reference, judged, expected) if repeat < slow else {})
            for name, p in p_values.items():
                found.setdefault(name, ([], []))[drifted].append(p)
    return {
        name: [float(np.mean(np.concatenate(part) <= level)) for part in parts for level in (0.05, 0.01)] for name, parts in found.items()
    }


if __name__ == "__main__":
    asked = sys.argv[1:] or ["cost", "power"]
    for name in asked:
        {"cost": cost, "power": power}[name]()
