"""Facts of numbers: values outside of the reference's range, between its few values, and infinite ones; how near the farthest lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.judgement.fact import INFINITE, Fact, largest_share, shares
from monitor.judgement.finding import FindingKind
from monitor.profile import ColumnCounts
from monitor.stats.inference.events import FLOOR, SOFT_FLOOR, record_p, tail_beyond
from monitor.stats.methods.ecdf import quantiles
from monitor.stats.scale import exponent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BETWEEN = 0.02
"""Share of rows that may lie between the few values that a reference has: what is within its range is no surprise."""
SINGLE = 3.0
"""Rows of a window up to which their distance alone may say it: many rows beyond everything are one event (rain of a day), and events are
judged by how many rows they hold."""
WITHIN_SD = np.array([0.1587, 0.8413])
"""Shares of a normal law up to one standard deviation below and above its mean."""
MIDDLE = np.array([0.5])
"""Share of the reference's values up to its middle, from which distances are."""
ORDER = 10.0
"""Times as small as the reference's smallest from which a value is another one by its size: a holiday has a quarter of the flights."""
EQUAL = 1e-9
"""Part of a value (or of the reference's range) by which the mean of rows at one value may differ from it: sums are in fixed point."""
SOFT = 3.0
"""Standard deviations of the reference windows' own extremes up to which a value beyond all of them is the next larger one."""


def facts_of_numbers(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Return the facts of a column of numbers: below, above and between what the reference had, and infinite."""
    infinite = _infinite(reference, production)
    if not reference.cells.bounded:
        return infinite
    of, held = production.finite.astype(float), reference.finite
    known = float(held.sum())
    found = []
    for side, cell in ((-1, 0), (1, reference.cells.size - 1)):
        own = shares(_outside(reference, side) + reference.counts[:, cell], held)
        near = _nearness(reference, production, side)
        near[_one_value_again(production, side) & (near < 1)] = 0.0  # weather does not come back to the same far value
        largest = np.maximum(max(float(own.max(initial=0.0)), SOFT_FLOOR) * near, FLOOR)
        rows = production.counts[:, cell].astype(float)
        alone = (rows > 0) & (rows <= SINGLE)
        distance = np.where(alone, _distance_p(reference, production, side), 1.0)
        found.append(Fact(FindingKind.RANGE, "out_of_range", rows, of, 0.0, known, own, largest, side, by_distance=distance))
    own = shares(_alone(reference), held)
    gaps = _in_gaps(production, reference).astype(float)
    found.append(Fact(FindingKind.RANGE, "out_of_range", gaps, of, _once(reference), known, own, largest_share(own, BETWEEN, len(of))))
    return (*found, *infinite)


def _infinite(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Rows with an infinite value; where the reference had some, they are a share that may change as others do."""
    if reference.infinite.any():
        return ()
    of, held = production.counts[:, :-1].sum(axis=1).astype(float), float(reference.counts[:, :-1].sum())
    none = np.zeros(len(reference.counts))
    rows = production.infinite.astype(float)
    return (Fact(FindingKind.RANGE, "out_of_range", rows, of, 0.0, held, none, largest_share(none, FLOOR, len(of)), INFINITE),)


def _nearness(reference: ColumnCounts, production: ColumnCounts, side: int) -> Floats:
    """Say how near the farthest values of windows lie to the reference's, (w,): SOFT times how much its own windows' extremes differ, in
    parts of the distance, squared, at most 1; a spread of few windows is widened as Student's t is. Where the extremes of its windows have
    a longer tail than that (rain), by that tail.

    Where they all end at one value, every value beyond is far; else the next larger one is no surprise.
    """
    cells = reference.cells
    own, bound = (reference.low, cells.low) if side < 0 else (reference.high, cells.high)
    far = np.nan_to_num(np.abs((production.low if side < 0 else production.high) - bound))
    known = own[np.isfinite(own)]
    if len(known) < 2:  # one window cannot say how far windows differ: as far as its own rows do is taken for near
        near = np.divide(SOFT * _spread(reference), far, out=np.ones(len(far)), where=far > 0)
        return np.asarray(np.square(np.minimum(near, 1.0)))
    widened = float(special.stdtrit(len(known) - 1, special.ndtr(SOFT)))
    unit = exponent(known)
    spread = float(np.ldexp(np.std(np.ldexp(known, -unit), ddof=1), unit))
    near = np.divide(widened * spread, far, out=np.ones(len(far)), where=far > 0)
    near = np.minimum(near, _near_in_size(known, bound, production.low if side < 0 else production.high, widened))
    middle = _middle(reference)
    away = np.maximum(np.nan_to_num(side * ((production.low if side < 0 else production.high) - middle)), 0.0)
    tail = tail_beyond(side * (known - middle), away) if spread > 0 else np.zeros(len(far))
    return np.asarray(np.maximum(np.square(np.minimum(near, 1.0)), tail))


def _one_value_again(production: ColumnCounts, side: int) -> NDArray[np.bool_]:
    """Say in which windows several rows lie beyond the reference on one side, all of them at one value, the same in another such window."""
    tail, far = (production.below, production.low) if side < 0 else (production.above, production.high)
    cells = production.cells
    one = (tail.rows > 1) & np.isclose(tail.mean, far, rtol=EQUAL, atol=EQUAL * (cells.high - cells.low))
    values, windows = np.unique(far[one], return_counts=True)
    return one & np.isin(far, values[windows > 1])


def _near_in_size(known: Floats, bound: float, farthest: Floats, widened: float) -> Floats:
    """Return the same (w,) by how many times as large or small values are: the tail of a column that is never 0 or of another sign has no
    room towards 0, where a hundredth of its smallest value is as near as half of it."""
    sign = np.sign(bound)
    if not sign or (known * sign <= 0).any():
        return np.ones(len(farthest))
    inside = (farthest * sign > 0) & (np.abs(farthest) < abs(bound))
    spread = float(np.std(np.log(known * sign), ddof=1))
    far = np.log(abs(bound) / np.where(inside, np.abs(farthest), abs(bound)))
    return np.divide(widened * spread, far, out=np.ones(len(far)), where=far >= np.log(ORDER))


def _distance_p(reference: ColumnCounts, production: ColumnCounts, side: int) -> Floats:
    """Return the p-value of the farthest value of each window on one side by its distance from the column's middle, (w,)."""
    own, far = (reference.low, production.low) if side < 0 else (reference.high, production.high)
    own, far = (side * (one - _middle(reference)) for one in (own, far))
    return record_p(own[np.isfinite(own)], np.where(np.isfinite(far), far, 0.0))


def _middle(reference: ColumnCounts) -> float:
    """Return the median of the reference, to the width of a cell. (`Cells.center` is a round number as far as half the range from it.)"""
    cells = reference.cells
    return float(quantiles(reference.counts[:, : cells.size].sum(axis=0)[None, :], np.append(cells.edges, cells.high), MIDDLE)[0, 0])


def _spread(reference: ColumnCounts) -> float:
    """Return half the distance between the 16th and the 84th percentile of the reference: the standard deviation where it is normal."""
    cells = reference.cells
    low, high = quantiles(reference.counts[:, : cells.size].sum(axis=0)[None, :], np.append(cells.edges, cells.high), WITHIN_SD)[0]
    return float(high - low) / 2


def _in_gaps(production: ColumnCounts, reference: ColumnCounts) -> Ints:
    """Rows between the few values that the reference has, (w,)."""
    size = production.cells.size
    gaps = production.cells.gaps & (reference.counts[:, :size].sum(axis=0) == 0)
    return np.asarray(production.counts[:, :size][:, gaps].sum(axis=1))


def _once(reference: ColumnCounts) -> float:
    """Rows at values that one row of the reference has, only known where each value has a cell."""
    size = reference.cells.size
    total = reference.counts[:, :size].sum(axis=0)
    return float((total[reference.cells.single[:size]] == 1).sum())


def _alone(reference: ColumnCounts) -> Ints:
    """Rows of each reference window at values that no other one has, (r,); only known where each value has a cell."""
    size = reference.cells.size
    own = reference.counts[:, :size] * reference.cells.single[:size]
    return np.asarray(np.where(own == own.sum(axis=0), own, 0).sum(axis=1))


def _outside(reference: ColumnCounts, side: int) -> Floats:
    """Rows of each reference window beyond the farthest value of all others, (r,): to the width of a cell, none left out."""
    far = (
        np.where(np.isnan(reference.low), np.inf, reference.low)
        if side < 0
        else np.where(np.isnan(reference.high), np.inf, -reference.high)
    )
    rows = np.zeros(len(far))
    order = np.argsort(far, kind="stable")
    if len(far) < 2 or not np.isfinite(far[order[1]]) or far[order[0]] == far[order[1]]:
        return rows
    edge = float(far[order[1]]) * (1 if side < 0 else -1)
    lower, upper = (np.clip(bound, reference.low[order[0]], reference.high[order[0]]) for bound in reference.cells.bounds)
    width = upper - lower
    reach = np.clip(edge - lower if side < 0 else upper - edge, 0.0, width)
    part = np.divide(reach, width, out=np.zeros(len(width)), where=width > 0)
    whole = upper <= edge if side < 0 else lower >= edge
    rows[order[0]] = reference.counts[order[0], : reference.cells.size] @ np.where(whole, 1.0, part)
    return rows
