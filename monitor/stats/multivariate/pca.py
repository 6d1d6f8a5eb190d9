"""Principal components of the reference: what a window has outside them (residual) and along them (Hotelling T2).

Means of both over a window follow from the window's moments, so that no row is read twice; `scores` gives them by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.errors import MethodError
from monitor.stats.multivariate.encoding import Encoder
from monitor.stats.multivariate.moments import Moments
from monitor.stats.multivariate.rows import Floats, Ints


@dataclass(frozen=True, slots=True)
class Pca:
    """Components of the reference covariance.

    `mean` (d,); `components` (k, d) orthonormal rows, the largest variance first, each with its largest loading
    positive; `variance` (k,); `explained` (d,) share of the variance of every component, kept or not; `rows` fitted on.
    """

    mean: Floats
    components: Floats
    variance: Floats
    explained: Floats
    rows: int


@dataclass(frozen=True, slots=True)
class PcaWindows:
    """Statistics by window.

    `rows` (w,); `residual` (w,) mean squared distance from the plane of the components; `contributions` (w, columns)
    to it, which add up to it exactly; `t2` (w,) mean Hotelling T2 of the rows divided by the components kept (about 1
    without drift); `shift` (w,) Hotelling T2 of the window's mean divided by the same (about 1 / rows without drift
    and without clusters); `component_shift` (w, k) the mean along each component in its sd.
    """

    rows: Ints
    residual: Floats
    contributions: Floats
    t2: Floats
    shift: Floats
    component_shift: Floats


@dataclass(frozen=True, slots=True)
class RowScores:
    """By row: `residual` (n,) distance from the plane of the components (not squared), `t2` (n,) along it."""

    residual: Floats
    t2: Floats


def fit_pca(reference: Moments, *, explained: float = 0.65, components: int | None = None) -> Pca:
    """Find the components of all windows together, kept until they explain more than that share of the variance.

    Raises
    ------
    MethodError
        When there are fewer than two rows or no column varies.
    """
    whole = reference.whole()
    rows = int(whole.rows[0])
    if rows < 2:
        raise MethodError(f"Principal components need at least 2 reference rows, got {rows}.")
    values, vectors = np.linalg.eigh(whole.covariance[0])
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1].T
    if values[0] <= 0.0:
        raise MethodError("Principal components need a column that varies in the reference; all are constant.")
    share = values / values.sum()
    rank = int(np.sum(values > values[0] * 1e-12))
    wanted = components or int(np.searchsorted(np.cumsum(share), explained, side="right")) + 1
    kept = min(wanted, rank)
    return Pca(whole.mean[0], _signed(vectors[:kept]), values[:kept], share, rows)


def _signed(vectors: Floats) -> Floats:
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return np.asarray(vectors * np.sign(largest))


def pca_windows(production: Moments, model: Pca, owner: Ints) -> PcaWindows:
    """Score every window by its moments; `owner` (d,) says which column a dimension belongs to."""
    second = production.about(model.mean)
    outside = np.eye(len(model.mean)) - model.components.T @ model.components
    by_dimension = np.sum(outside @ second * outside, axis=2)
    contributions = by_dimension @ (owner[:, None] == np.arange(owner.max() + 1))
    along = np.sum(model.components @ second * model.components, axis=2)
    component_shift = (production.mean - model.mean) @ model.components.T / np.sqrt(model.variance)
    return PcaWindows(
        rows=production.rows,
        residual=by_dimension.sum(axis=1),
        contributions=contributions,
        t2=np.mean(along / model.variance, axis=1),
        shift=np.mean(component_shift**2, axis=1),
        component_shift=component_shift,
    )


def pca_out_of_fold(reference: Moments, model: Pca, owner: Ints, *, folds: int = 20) -> PcaWindows:
    """Score each reference window by components of the other folds (windows in time order, whole windows only).

    The number of components is that of `model`. With one window the rest is empty: its scores are nan.
    """
    fold = np.arange(len(reference)) * min(folds, len(reference)) // len(reference)
    parts: list[PcaWindows] = []
    for part in np.unique(fold):
        held = np.flatnonzero(fold == part).tolist()
        rest = reference.whole(fold != part)
        own = reference.take([[i] for i in held])
        parts.append(
            pca_windows(own, fit_pca(rest, components=len(model.variance)), owner)
            if rest.rows[0] >= 2
            else _unknown(own, model, int(owner.max()) + 1)
        )
    return _stack(parts)


def _unknown(own: Moments, model: Pca, columns: int) -> PcaWindows:
    nan = np.full(len(own), np.nan)
    wide = np.full((len(own), len(model.variance)), np.nan)
    return PcaWindows(own.rows, nan, np.full((len(own), columns), np.nan), nan, nan, wide)


def _stack(parts: Sequence[PcaWindows]) -> PcaWindows:
    width = min(part.component_shift.shape[1] for part in parts)
    return PcaWindows(
        rows=np.concatenate([part.rows for part in parts]),
        residual=np.concatenate([part.residual for part in parts]),
        contributions=np.concatenate([part.contributions for part in parts]),
        t2=np.concatenate([part.t2 for part in parts]),
        shift=np.concatenate([part.shift for part in parts]),
        component_shift=np.concatenate([part.component_shift[:, :width] for part in parts]),
    )


def scores(z: Floats, model: Pca) -> RowScores:
    """Score encoded rows (n, d) one by one."""
    centered = z - model.mean
    along = centered @ model.components.T
    outside = np.einsum("ij,ij->i", centered, centered) - np.einsum("ij,ij->i", along, along)
    t2 = np.einsum("ij,ij->i", along, along / model.variance)
    return RowScores(np.sqrt(np.maximum(outside, 0.0)), t2)


def project(z: Floats, model: Pca, *, components: int = 2) -> Floats:
    """Return the first coordinates of encoded rows for a map, (n, components)."""
    return np.asarray((z - model.mean) @ model.components[:components].T)


def loadings_text(model: Pca, encoder: Encoder, *, top: int = 3) -> tuple[str, ...]:
    """Say of each component what it is made of: ``+0.71 age -0.70 income``."""
    titles = encoder.titles
    order = np.argsort(-np.abs(model.components), axis=1)[:, :top]
    return tuple(" ".join(f"{row[i]:+.2f} {titles[i]}" for i in chosen) for row, chosen in zip(model.components, order, strict=True))
