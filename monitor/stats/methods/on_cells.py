"""How each formula meets a comparison: which counts it sees (grouped, ordered, all) and which moments.

Divergences and tests on unordered cells see the coarse groups, `other` and `missing` among them; ordered methods see the fine regular
cells; moments are exact.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitor.stats.counts.comparison import Comparison, Side
from monitor.stats.methods import categories as levels
from monitor.stats.methods import contingency as tests_on_counts
from monitor.stats.methods import ecdf as ordered
from monitor.stats.methods import moments, transport
from monitor.stats.methods.outcomes import Outcomes, scores_only

Floats = NDArray[np.float64]
OnCells = Callable[[Comparison], Outcomes]


def divergence(formula: Callable[[ArrayLike, ArrayLike], Floats]) -> OnCells:
    """Return the method that applies a formula of counts to the groups."""
    return lambda comparison: scores_only(formula(*comparison.grouped))


def grouped_test(formula: Callable[[ArrayLike, ArrayLike], Outcomes]) -> OnCells:
    """Return the method that applies a test on unordered cells to the groups."""
    return lambda comparison: formula(*comparison.grouped)


def ordered_test(formula: Callable[[ArrayLike, ArrayLike], Outcomes]) -> OnCells:
    """Return the method that applies a test on ordered cells to the regular fine cells."""
    return lambda comparison: formula(*comparison.regular)


def unit(c: Comparison) -> Floats:
    """Return the unit of standardised shifts, (w,): the reference sd (see `moments.scale`)."""
    return moments.scale(c.reference.mean, c.reference.sd, c.production.mean, c.production.sd)


def _wasserstein(c: Comparison) -> Floats:
    with np.errstate(invalid="ignore", over="ignore"):  # means of the largest doubles are infinite
        apart = np.abs(c.production.mean - c.reference.mean)
    return np.fmax(transport.wasserstein(c), apart)


def wasserstein(c: Comparison) -> Outcomes:
    """Return the distance of the rows spread over their cells, but never less than the exact shift of the mean, which bounds it."""
    return scores_only(_wasserstein(c))


def wasserstein_sd(c: Comparison) -> Outcomes:
    """Return `wasserstein` in units of the reference sd."""
    return scores_only(_wasserstein(c) / unit(c))


def energy(c: Comparison) -> Outcomes:
    """Return the energy distance of the rows spread over their cells."""
    return scores_only(transport.energy(c))


def quantile_shift(c: Comparison) -> Outcomes:
    """Return the shift of the decile that moved farthest in units of the reference sd, at the cells' positions."""
    return scores_only(ordered.quantile_shift(*c.regular, _positions(c, c.reference), _positions(c, c.production)) / unit(c))


def _positions(c: Comparison, side: Side) -> Floats:
    """Return where the rows of each regular cell of a side lie, (w, size): those outside the reference at their mean."""
    found = np.tile(c.layout.positions, (len(side.counts), 1))
    found[:, 0] -= side.tails[:, 0]
    found[:, -1] += side.tails[:, 2]
    return found


def mean_shift(c: Comparison) -> Outcomes:
    """Return the shift of the mean in units of the reference sd."""
    return scores_only(moments.mean_shift(c.reference.mean, c.reference.sd, c.production.mean, c.production.sd))


def sd_ratio(c: Comparison) -> Outcomes:
    """Return the ratio of the standard deviations."""
    return scores_only(moments.sd_ratio(c.reference.sd, c.production.sd))


def min_change(c: Comparison) -> Outcomes:
    """Return the shift of the smallest finite value in units of the reference sd."""
    return scores_only(moments.extreme_shift(c.reference.low, c.production.low, unit(c)))


def max_change(c: Comparison) -> Outcomes:
    """Return the shift of the largest finite value in units of the reference sd."""
    return scores_only(moments.extreme_shift(c.reference.high, c.production.high, unit(c)))


def welch_t(c: Comparison) -> Outcomes:
    """Return Welch's test, which needs rows, means and standard deviations only."""
    rows, rows_now = (counts.sum(axis=1) for counts in c.regular)
    return moments.welch_t(rows, c.reference.mean, c.reference.sd, rows_now, c.production.mean, c.production.sd)


def fisher(c: Comparison) -> Outcomes:
    """Return Fisher's test of the reference's commonest level against everything else, missing rows included."""
    top = int(np.argmax(c.levels[0].sum(axis=0))) if c.levels[0].size else 0
    return tests_on_counts.fisher(_split(c.reference.counts, top), _split(c.production.counts, top))


def _split(counts: Floats, cell: int) -> Floats:
    return np.stack([counts[:, cell], counts.sum(axis=1) - counts[:, cell]], axis=1)


def missing_share(c: Comparison) -> Outcomes:
    """Return the change of the share of rows without a value."""
    return tests_on_counts.share_change(c.reference.missing, c.reference.rows, c.production.missing, c.production.rows)


def constancy(c: Comparison) -> Outcomes:
    """Return 1 where a column that varied holds one value only (numeric: smallest = largest), missing rows left aside."""
    if not c.layout.ordered:
        return scores_only(levels.became_constant(c.reference.counts[:, :-1], c.production.counts[:, :-1]))
    spread, spread_now = c.reference.high - c.reference.low, c.production.high - c.production.low
    return scores_only(np.where(np.isnan(spread + spread_now), np.nan, ((spread > 0) & (spread_now == 0)).astype(float)))


def entropy_change(c: Comparison) -> Outcomes:
    """Return the change of the entropy over all cells, `other` and `missing` included."""
    return scores_only(levels.entropy_change(c.reference.counts, c.production.counts))


def cardinality_change(c: Comparison) -> Outcomes:
    """Return the change of the number of levels: those with a cell of their own, and new ones."""
    return scores_only(levels.cardinality_change(*c.levels, c.production.new_levels))


def top_share(c: Comparison) -> Outcomes:
    """Return the change of the share, among rows with a value, of the reference's commonest level."""
    return scores_only(levels.top_share(c.reference.counts[:, :-1], c.production.counts[:, :-1], named=c.layout.named))


def out_of_range(comparison: Comparison) -> Outcomes:
    """Share of the rows with a value that are outside everything that the reference had: (w,), in 0..1; infinite ones where it had none."""
    before, after = comparison.reference.counts[:, :-1], comparison.production.counts[:, :-1]
    outside = np.broadcast_to(before, after.shape) == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(outside, after, 0.0).sum(axis=1) / after.sum(axis=1)
    return scores_only(np.where(before.sum(axis=1) > 0, share, np.nan))


def new_levels(c: Comparison) -> Outcomes:
    """Return the share of rows with a value at levels that the reference never had."""
    return scores_only(levels.new_levels(c.production.new_rows, c.production.rows - c.production.missing))


def lost_levels(c: Comparison) -> Outcomes:
    """Return the reference's share, among levels with a cell of their own, of those that production lacks."""
    return scores_only(levels.lost_levels(*c.levels))
