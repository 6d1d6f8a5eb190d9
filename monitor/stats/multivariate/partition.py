"""Cells of the whole table: a k-means partition of the reference, so that the share of each cell can be followed by window.

The counts are ordinary cell counts: every divergence and test on counts applies to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from monitor.errors import MethodError
from monitor.stats.multivariate.encoding import Encoder
from monitor.stats.multivariate.rows import Floats, Ints, Rows


@dataclass(frozen=True, slots=True)
class Partition:
    """`centers` (k, d) of encoded rows, the largest cell first; `share` (k,) of the reference rows; `names` (k,) readable."""

    centers: Floats
    share: Floats
    names: tuple[str, ...]


def fit_partition(reference: Rows, encoder: Encoder, *, cells: int = 16, top: int = 3, seed: int = 0) -> Partition:
    """Cut the reference into at most `cells` cells, named by the `top` columns furthest from the average.

    Raises
    ------
    MethodError
        When there are fewer rows than cells.
    """
    from sklearn.cluster import MiniBatchKMeans

    if len(reference) < cells:
        raise MethodError(f"A partition into {cells} cells needs at least as many reference rows, got {len(reference)}.")
    z = encoder.encode(reference)
    distinct = len(np.unique(z[:5000].round(9), axis=0))
    with threadpool_limits(limits=1):
        model = MiniBatchKMeans(n_clusters=min(cells, distinct), random_state=seed, n_init=3, batch_size=1024).fit(z)
    counts = np.bincount(_nearest(z, model.cluster_centers_), minlength=len(model.cluster_centers_))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    centers = model.cluster_centers_[order].astype(np.float64)
    assigned = _nearest(z, centers)
    return Partition(centers, np.bincount(assigned, minlength=len(centers)) / len(z), _names(reference, encoder, assigned, top))


def assign(rows: Rows, encoder: Encoder, partition: Partition) -> Ints:
    """Return the position of the nearest cell of each row, (n,)."""
    return _nearest(encoder.encode(rows), partition.centers)


def cell_counts(rows: Rows, encoder: Encoder, partition: Partition) -> Ints:
    """Count the rows of each cell by window, (w, k)."""
    k = len(partition.centers)
    flat = rows.window * k + assign(rows, encoder, partition)
    return np.bincount(flat, minlength=rows.windows * k).reshape(rows.windows, k)


def _nearest(z: Floats, centers: Floats) -> Ints:
    return np.asarray(np.argmin(np.einsum("ij,ij->i", centers, centers) - 2 * z @ centers.T, axis=1))


def _names(rows: Rows, encoder: Encoder, assigned: Ints, top: int) -> tuple[str, ...]:
    """Say of each cell what sets it apart: ``income high (+1.8 sd), region = EU (82 % against 20 %)``."""
    z = encoder.encode(rows)
    names = []
    for cell in range(assigned.max() + 1):
        inside = assigned == cell
        distance = z[inside].mean(axis=0)
        size = np.sqrt(np.bincount(encoder.owner, distance**2))
        texts = [_say(rows, inside, int(column), float(distance[column])) for column in np.argsort(-size, kind="stable")[:top]]
        names.append(", ".join(texts))
    return tuple(names)


def _say(rows: Rows, inside: np.ndarray[tuple[int], np.dtype[np.bool_]], column: int, distance: float) -> str:
    name = rows.names[column]
    if column < len(rows.numeric_names):
        return f"{name} {'high' if distance > 0 else 'low'} ({distance:+.1f} sd)"
    codes = rows.categorical[:, column - len(rows.numeric_names)]
    levels = (*rows.levels[name], "missing")
    within, overall = (np.bincount(part % len(levels), minlength=len(levels)) / len(part) for part in (codes[inside], codes))
    level = int(np.argmax(within - overall))
    return f"{name} = {levels[level]} ({within[level]:.0%} against {overall[level]:.0%})"
