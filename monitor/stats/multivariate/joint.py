"""How far the means and the covariance of a window are from the reference's: one number that sees every linear change.

Sensitive to columns that keep their own distributions but lose their relation, which the residual of the principal components
sees only in part. It needs the moments only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.stats.multivariate.moments import Moments
from monitor.stats.multivariate.rows import Floats

RIDGE = 0.01
"""Added to every variance (columns have about 1): keeps dimensions that are sums of others from deciding alone."""


def gaussian_distance(production: Moments, reference: Moments) -> Floats:
    """Kullback-Leibler divergence, in nats, of the normal law of each window from that of the whole reference, (w,).

    .5 (trace(S^-1 S_w) + (m_w - m)' S^-1 (m_w - m) - d - ln(|S_w| / |S|)), S with a ridge of .01. Without drift and for
    independent rows it is about d (d + 3) / (4 n): judge it as a `distance` with `bands`. Nan for windows without rows.
    """
    whole = reference.whole()
    center = whole.mean[0]
    ridge = RIDGE * np.eye(len(center))
    inverse = np.linalg.inv(whole.covariance[0] + ridge)
    covariance = production.covariance + ridge
    shift = production.mean - center
    trace = np.einsum("ij,wji->w", inverse, covariance)
    mahalanobis = np.einsum("wi,ij,wj->w", shift, inverse, shift)
    logdet = np.full(len(production), np.nan)
    filled = production.rows > 0
    logdet[filled] = np.linalg.slogdet(inverse @ covariance[filled])[1]
    return np.asarray((trace + mahalanobis - len(center) - logdet) / 2)


def conditional_distances(production: Moments, reference: Moments, owner: NDArray[np.int64]) -> Floats:
    """Return what each column adds to `gaussian_distance` when all others are known, in nats, (w, columns).

    The divergence of the law of a column given all others, on average over the window's rows (chain rule): large for a column that moved
    alone and for the columns whose relation changed, about nothing for one that only goes with others that moved. Dimensions with one
    `owner` (d,), such as the levels of a column, are one column. Nan for windows without rows.
    """
    whole = reference.whole()
    ridge = RIDGE * np.eye(len(owner))
    precision = np.linalg.inv(whole.covariance[0] + ridge)
    covariance, shift = production.covariance + ridge, production.mean - whole.mean[0]
    filled = np.flatnonzero(production.rows > 0)
    own = np.linalg.inv(covariance[filled])
    second = covariance[filled] + shift[filled, :, None] * shift[filled, None, :]
    found = np.full((len(production), int(owner.max()) + 1), np.nan)
    for column in range(found.shape[1]):
        at = np.flatnonzero(owner == column)
        block = precision[np.ix_(at, at)]
        apart = np.einsum("ai,wij,bj->wab", precision[at], second, precision[at])
        spread = np.linalg.slogdet(block)[1] - np.linalg.slogdet(own[:, at[:, None], at[None, :]])[1]
        found[filled, column] = (np.einsum("ab,wba->w", np.linalg.inv(block), apart) - len(at) - spread) / 2
    return found


def distance_parts(production: Moments, reference: Moments, owner: NDArray[np.int64]) -> Floats:
    """Return the part of each column in `gaussian_distance`, in nats, (w, columns): the mean of what it adds alone and given all others.

    These are the first and the last of the orders of a Shapley value; their sum is not exactly the distance. Alone, columns that move
    together each count in full and a changed relation not at all; given all others, the other way round.
    """
    alone = []
    for column in range(int(owner.max()) + 1):
        at = np.flatnonzero(owner == column)
        parts = [Moments(one.rows, one.total[:, at], one.products[:, at][:, :, at]) for one in (production, reference)]
        alone.append(gaussian_distance(*parts))
    return np.asarray((np.column_stack(alone) + conditional_distances(production, reference, owner)) / 2)


def gaussian_distance_out_of_fold(reference: Moments) -> Floats:
    """Distance of each reference window from all the others together, (r,); nan where there are no others."""
    position = np.arange(len(reference))
    distances = [
        gaussian_distance(reference.take([[int(i)]]), reference.whole(position != i))[0]
        if reference.rows[i] and reference.rows[position != i].sum() > 1
        else np.nan
        for i in position
    ]
    return np.array(distances)
