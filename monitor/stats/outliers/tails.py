"""How far out each value of a row lies in its own column: additive over columns, so that it says which column made the score.

After Li et al. (2022), ECOD, IEEE TKDE: minus the logarithm of the tail that a value leaves beyond it. Two changes: only what lies in the
outer twentieth counts, so that fifty ordinary columns do not drown one that is odd; and a value beyond all that was seen counts the more,
the farther out it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.stats.multivariate.rows import Floats, Ints, Rows

USUAL = 0.05
"""Tail share from which on a value is ordinary and adds nothing."""
MOST_BEYOND = 20.0
"""What a value adds at most for lying beyond the range."""


@dataclass(frozen=True, slots=True)
class NumericTail:
    """A numeric column of the rows learned from: `known` (k,) its different finite values in order, `before` (k + 1,) the rows below each,
    `scale` its spread, `present` and `missing` how likely a row is with a value, or without: of the two the commoner one counts as 1;
    `gaps` the share of rows without a value, as counted."""

    known: Floats
    before: Floats
    scale: float
    present: float
    missing: float
    gaps: float

    def share(self, values: Floats) -> Floats:
        """Return the share of rows that lie as far out as each value, both tails together, (n,); a missing value is as rare as it is."""
        k, m = len(self.known), self.before[-1]
        place = np.searchsorted(self.known, values)
        there = self.known[np.minimum(place, k - 1)] == values if k else np.zeros(len(values), dtype=bool)
        beyond = np.minimum(self.before[np.minimum(place + there, k)], m - self.before[place])
        tail = np.minimum(2.0 * (beyond + 1.0) / (m + 1.0), 1.0) * self.present
        found: Floats = np.where(np.isnan(values), self.missing, tail)
        return found

    def one_sided(self, values: Floats, rows: int) -> Floats:
        """Return the share of the `rows` learned from that lie at each value or beyond it on its side of the median, as counted, (n,); of
        a missing value the share of rows without one."""
        if not len(self.known):
            return np.where(np.isnan(values), self.gaps, 0.0)
        below = self.before[np.searchsorted(self.known, values, side="right")]
        above = self.before[-1] - self.before[np.searchsorted(self.known, values)]
        return np.where(np.isnan(values), self.gaps, np.where(values > self.middle, above, below) / rows)

    @property
    def middle(self) -> float:
        """The median of the values learned from."""
        return float(self.known[np.searchsorted(self.before[1:], self.before[-1] / 2)])

    def beyond(self, values: Floats) -> Floats:
        """Return the logarithm of how many spreads beyond the range each value lies, (n,); 0 within."""
        if not len(self.known):
            return np.zeros(len(values))
        far = np.zeros(len(values))
        low, high = self.known[0], self.known[-1]
        out = np.flatnonzero((values < low) | (values > high))
        far[out] = np.minimum(np.log1p(np.maximum(low - values[out], values[out] - high) / self.scale), MOST_BEYOND)
        return far


@dataclass(frozen=True, slots=True)
class Tails:
    """Columns as they were learned from `rows`: `numeric`, and for each categorical column `rare` (levels + 1,) the share of rows at a
    level no commoner than each one, the last for missing, a row more than counted, and `gaps` the share of rows without a level."""

    numeric: tuple[NumericTail, ...]
    rare: tuple[Floats, ...]
    gaps: tuple[float, ...]
    rows: int

    def shares(self, numeric: Floats, categorical: Ints) -> Floats:
        """Return by row and column the share of learned rows that are as far out, (n, columns): numbers first, then levels."""
        parts = [tail.share(values) for tail, values in zip(self.numeric, np.ascontiguousarray(numeric.T), strict=True)]
        parts += [rare[codes] for rare, codes in zip(self.rare, categorical.T, strict=True)]
        return np.array(parts, dtype=np.float64).reshape(len(parts), len(numeric)).T

    def counted(self, numeric: Floats, categorical: Ints) -> Floats:
        """Return by row and column the share of learned rows to be told: as far out on the same side, missing, or at a level no
        commoner; 0 where none is, (n, columns)."""
        parts = [tail.one_sided(values, self.rows) for tail, values in zip(self.numeric, numeric.T, strict=True)]
        for rare, gaps, codes in zip(self.rare, self.gaps, categorical.T, strict=True):
            rows_at = np.rint(rare[codes] * (self.rows + 1)) - 1
            parts.append(np.where(codes < 0, gaps, rows_at / self.rows))
        return np.array(parts, dtype=np.float64).reshape(len(parts), len(numeric)).T

    def by_column(self, numeric: Floats, categorical: Ints) -> Floats:
        """Return what each column adds to the score of each row, (n, columns)."""
        added = np.maximum(np.log(USUAL / self.shares(numeric, categorical)), 0.0)
        for i, (tail, values) in enumerate(zip(self.numeric, np.ascontiguousarray(numeric.T), strict=True)):
            added[:, i] += tail.beyond(values)
        return added

    def score(self, numeric: Floats, categorical: Ints) -> Floats:
        """Return the score of each row, (n,)."""
        return np.asarray(self.by_column(numeric, categorical).sum(axis=1))


def fit_tails(rows: Rows) -> Tails:
    """Learn what is usual in each column.

    >>> rows = Rows(np.array([[1.0], [2.0], [3.0], [4.0]]), ("x",), np.zeros((4, 0), int), {}, np.arange(4), np.zeros(4, int), 1)
    >>> fit_tails(rows).shares(np.array([[2.0], [9.0]]), np.zeros((2, 0), int)).ravel().tolist()
    [1.0, 0.4]
    """
    numeric = tuple(_numeric(values) for values in rows.numeric.T)
    rare = tuple(_rare(codes, len(levels)) for codes, levels in zip(rows.categorical.T, rows.levels.values(), strict=True))
    return Tails(numeric, rare, tuple((rows.categorical < 0).mean(axis=0).tolist()), len(rows))


def _numeric(values: Floats) -> NumericTail:
    ordered = np.sort(values[np.isfinite(values)])
    gaps = int(np.isnan(values).sum())
    share = (gaps + 1.0) / (len(values) + 2.0)
    known, rows = np.unique(ordered, return_counts=True)
    before = np.concatenate([[0.0], np.cumsum(rows)])
    return NumericTail(known, before, robust_scale(ordered), min(1.0, 2.0 * (1.0 - share)), min(1.0, 2.0 * share), gaps / len(values))


def _rare(codes: Ints, levels: int) -> Floats:
    """Return the share of rows at a level no commoner than each, (levels + 1,); a level that was never seen shares it with all such."""
    counts = np.bincount(np.where(codes < 0, levels, codes), minlength=levels + 1)
    known, place = np.unique(counts, return_inverse=True)
    rows_at = np.bincount(place, weights=counts.astype(float))
    return np.asarray((np.cumsum(rows_at)[place] + 1.0) / (len(codes) + 1.0)) if len(known) else np.ones(levels + 1)


def robust_scale(ordered: Floats) -> float:
    """Return the spread of ordered numbers as the middle half shows it, in standard deviations of a normal law; where half of them are one
    number the standard deviation itself; 1 where all are.

    >>> robust_scale(np.zeros(9)), round(robust_scale(np.arange(1001.0)), 1)
    (1.0, 370.6)
    """
    if not len(ordered):
        return 1.0
    low, high = np.quantile(ordered, [0.25, 0.75])
    spread = float(high - low) / 1.349
    spread = spread if spread > 0 else float(np.std(np.clip(ordered, *np.quantile(ordered, [0.001, 0.999]))))
    return spread if spread > 1e-12 * max(abs(float(ordered[0])), abs(float(ordered[-1]))) else 1.0
