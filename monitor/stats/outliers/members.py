"""Four scores of how unlike the learned rows a row is, one of each family that no benchmark can do without (Han et al. 2022, ADBench;
Bouman et al. 2024, Int. J. Data Sci. Anal.): isolation, distance, tails, residual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.stats.multivariate.encoding import Encoder, fit_encoder
from monitor.stats.multivariate.rows import Floats, Ints, Rows, subsample
from monitor.stats.outliers.relations import Relations, fit_relations
from monitor.stats.outliers.tails import Tails, fit_tails, robust_scale

FOREST, KNN, TAILS, RESIDUAL = "isolation_forest", "knn", "tails", "pca_residual"
MEMBERS = (FOREST, KNN, TAILS, RESIDUAL)
TITLES: Mapping[str, str] = {
    FOREST: "Isolation forest",
    KNN: "Distance to neighbours",
    TAILS: "Tails of columns",
    RESIDUAL: "Residual beside other columns",
}
TREES, TREE_ROWS = 100, 256
"""As Liu et al. (2008) chose them."""
NEIGHBOURS = 5
NEIGHBOUR_ROWS = 1_000
"""Rows among which neighbours are looked for."""
PART = 2_048
"""Rows that are compared with all of these at a time."""
EXACT = 1e-5
"""Part of a row's squared length below which a squared distance is rounding."""
TAIL_ROWS = 4_000
"""Rows that say where the tails of columns begin."""
MOST_LEVELS, MOST_DIMENSIONS = 8, 256


@dataclass(frozen=True, slots=True)
class NearRows:
    """Rows (m, d) among which neighbours are looked for, with half their squared lengths (m,)."""

    rows: NDArray[np.float32]
    half: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> NearRows:
        """Take rows as neighbours."""
        return cls(rows, np.einsum("ij,ij->i", rows, rows) / np.float32(2.0))

    def distance(self, z: NDArray[np.float32]) -> Floats:
        """Return the mean distance to the NEIGHBOURS nearest rows, (n,).

        Squares are worked out as |x|^2 + |y|^2 - 2xy, one matrix product; what that cannot tell from nothing is nothing.

        >>> NearRows.of(np.array([[0.0, 0.0], [6.0, 8.0]], dtype=np.float32)).distance(np.zeros((1, 2), dtype=np.float32)).tolist()
        [5.0]
        """
        k, found = min(NEIGHBOURS, len(self.rows)), np.empty(len(z))
        for low, part, length in self._parts(z):
            part.partition(k - 1, axis=1)
            square = 2.0 * (part[:, :k] + length)
            square[square < EXACT * length] = 0.0
            found[low : low + len(part)] = np.sqrt(square, dtype=np.float64).mean(axis=1)
        return found

    def nearest(self, z: NDArray[np.float32]) -> Ints:
        """Return the positions of the NEIGHBOURS nearest rows, (n, k)."""
        k = min(NEIGHBOURS, len(self.rows))
        return np.concatenate([np.argpartition(part, k - 1, axis=1)[:, :k] for _, part, _ in self._parts(z)])

    def _parts(self, z: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
        """Yield rows by PART: where each part begins, half the squared distances but for the rows' own lengths (n, m), and these (n, 1)."""
        for low in range(0, max(len(z), 1), PART):
            rows = z[low : low + PART]
            yield low, self.half - rows @ self.rows.T, np.einsum("ij,ij->i", rows, rows)[:, None] / np.float32(2.0)


@dataclass(frozen=True, slots=True)
class Members:
    """The members, learned from rows: `encoder` puts columns of any kind on one robust scale, `near` are the rows whose neighbours are
    looked for, at the positions `near_at` (m,) of those learned from."""

    encoder: Encoder
    tails: Tails
    relations: Relations
    forest: Any
    near: NearRows
    near_at: Ints

    def score(self, numeric: Floats, categorical: Ints) -> Floats:
        """Score rows given as numbers (n, p) and level codes (n, c): (n, 4) in the order of MEMBERS, larger is more unlike."""
        z = self.encoded(numeric, categorical)
        narrow = z.astype(np.float32)
        return np.column_stack(
            [
                -self.forest.score_samples(narrow),
                self.near.distance(narrow),
                self.tails.score(numeric, categorical),
                self.relations.residual(z),
            ]
        )

    def encoded(self, numeric: Floats, categorical: Ints) -> Floats:
        """Return rows on the common scale, (n, d)."""
        return self.encoder.encode(_plain(numeric, categorical, self.encoder))


def fit_members(rows: Rows, *, seed: int = 0) -> Members:
    """Learn what is usual from rows; all that is drawn is drawn by the seed."""
    from sklearn.ensemble import IsolationForest

    encoder = robust_encoder(rows)
    z = encoder.encode(rows)
    at = np.sort(np.random.default_rng(seed).permutation(len(rows))[:NEIGHBOUR_ROWS]).astype(np.int64)
    near = z[at].astype(np.float32)
    forest = IsolationForest(n_estimators=TREES, max_samples=min(TREE_ROWS, len(rows)), random_state=seed).fit(z.astype(np.float32))
    return Members(encoder, fit_tails(subsample(rows, TAIL_ROWS, seed=seed)), fit_relations(z, encoder), forest, NearRows.of(near), at)


def robust_encoder(rows: Rows) -> Encoder:
    """Return the encoding whose numbers are measured from the median, in spreads of the middle half."""
    p, c = len(rows.numeric_names), len(rows.levels)
    levels = max(min(MOST_LEVELS, (MOST_DIMENSIONS - p) // c - 2), 1) if c else MOST_LEVELS
    usual = fit_encoder(rows, max_levels=levels)
    finite = [np.sort(values[np.isfinite(values)]) for values in rows.numeric.T]
    center = np.array([float(np.median(values)) if len(values) else 0.0 for values in finite])
    return replace(usual, center=center, scale=np.array([robust_scale(values) for values in finite]))


def _plain(numeric: Floats, categorical: Ints, encoder: Encoder) -> Rows:
    n = len(numeric)
    p = len(encoder.center)
    levels = {name: ("",) * (len(part.dimension) - 1) for name, part in zip(encoder.names[p:], encoder.categorical, strict=True)}
    nothing = np.zeros(n, dtype=np.int64)
    return Rows(numeric, encoder.names[:p], categorical, levels, nothing, nothing, 1)
