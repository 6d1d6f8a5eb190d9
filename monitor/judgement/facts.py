"""Facts of a column: what needs no statistics but a count - values and levels that the reference never had."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.finding import FindingKind
from monitor.profile import UNKNOWN, ColumnCounts
from monitor.stats.inference.events import fact_p

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BETWEEN = 0.02
"""Share of rows that may lie between the few values that a reference has: what is within its range is no surprise."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the reference never had, by judged window: `rows` (w,) that have it, of how many; `expected` share by chance alone,
    `own` (r,) shares in the reference's windows, each beside the rest of it; `p_value` (w,). `side`: -1 below, 1 above, 0 neither."""

    kind: FindingKind
    method: str
    rows: Floats
    of: Floats
    expected: float
    own: Floats
    p_value: Floats
    side: int = 0

    @property
    def share(self) -> Floats:
        """Share of the rows with a value, (w,)."""
        return np.asarray(np.divide(self.rows, self.of, out=np.zeros(len(self.rows)), where=self.of > 0))

    def pooled(self, first: int, last: int) -> float:
        """Return the p-value of windows first to last together."""
        rows, of = self.rows[first : last + 1].sum(), self.of[first : last + 1].sum()
        return float(fact_p(np.array([rows]), np.array([of]), expected=self.expected, reference=self.own)[0])


def column_facts(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Count the facts of a column: `reference` has a window for each of the reference's own."""
    if not reference.counts[:, :-1].sum():
        return ()
    own = _of_numbers(reference, production) if reference.cells.numeric else _of_levels(reference, production)
    return (*own, *_constant(reference, production))


def _constant(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Windows whose rows all have one value, beside how near the reference's own windows came to that."""
    total = reference.counts[:, :-1].sum(axis=0)
    commonest = float(total.max() / total.sum())
    if commonest == 1.0:
        return ()
    present, held = production.counts[:, :-1].sum(axis=1), reference.counts[:, :-1].sum(axis=1)
    rows = np.where(_one_value(production), present, 0)
    most = reference.counts[:, :-1].max(axis=1)
    share = np.divide(most, held, out=np.zeros(len(held)), where=held > 0)
    found = _fact(FindingKind.CONSTANT, "constant", rows, present, expected=0.0, own=share)
    by_chance = np.where(rows > 0, commonest ** np.maximum(rows, 1), 1.0)
    return (replace(found, p_value=np.maximum(found.p_value, by_chance)),)


def _one_value(counts: ColumnCounts) -> NDArray[np.bool_]:
    if counts.cells.numeric:
        return np.asarray((counts.finite > 1) & (counts.low == counts.high) & (counts.counts[:, -2] == 0))
    present = counts.counts[:, :-1].sum(axis=1)
    in_levels = counts.counts[:, : len(counts.cells.levels)].max(axis=1, initial=0)
    return np.asarray((present > 1) & (in_levels == present))


def _fact(kind: FindingKind, method: str, rows: Ints, of: Ints, *, expected: float, own: Floats, side: int = 0) -> Fact:
    p = fact_p(rows.astype(float), of.astype(float), expected=expected, reference=own)
    return Fact(kind, method, rows.astype(float), of.astype(float), expected, own, p, side)


def _of_levels(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    present = production.counts[:, :-1].sum(axis=1)
    held = reference.counts[:, :-1].sum(axis=1)
    alone = np.where(reference.alone == UNKNOWN, 0, reference.alone)
    expected = float(reference.seen_once.sum() / max(held.sum(), 1))
    own = np.divide(alone, held, out=np.zeros(len(held)), where=held > 0)
    return (_fact(FindingKind.UNSEEN, "new_levels", production.unseen, present, expected=expected, own=own),)


def _of_numbers(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    if not reference.cells.bounded:
        return ()
    present, held = production.finite, reference.finite
    by_chance = 1.0 / (float(held.sum()) + 1.0)
    found = []
    for side, rows, own in (
        (-1, production.counts[:, 0], _outside(reference, -1)),
        (1, production.counts[:, reference.cells.size - 1], _outside(reference, 1)),
        (0, _in_gaps(production, reference), BETWEEN * held),
    ):
        share = np.divide(own, held, out=np.zeros(len(held)), where=held > 0)
        found.append(_fact(FindingKind.RANGE, "out_of_range", rows, present, expected=by_chance, own=share, side=side))
    return tuple(found)


def _in_gaps(production: ColumnCounts, reference: ColumnCounts) -> Ints:
    """Rows between the few values that the reference has, (w,)."""
    size = production.cells.size
    gaps = production.cells.gaps & (reference.counts[:, :size].sum(axis=0) == 0)
    return np.asarray(production.counts[:, :size][:, gaps].sum(axis=1))


def _outside(reference: ColumnCounts, side: int) -> Floats:
    """Rows of each reference window beyond the farthest value of all others, (r,): to the width of a cell, none left out."""
    far = np.where(np.isnan(reference.low), np.inf, reference.low) if side < 0 else np.where(np.isnan(reference.high), np.inf, -reference.high)
    rows = np.zeros(len(far))
    order = np.argsort(far, kind="stable")
    if len(far) < 2 or not np.isfinite(far[order[1]]) or far[order[0]] == far[order[1]]:
        return rows
    edge = float(far[order[1]]) * (1 if side < 0 else -1)
    lower, upper = reference.cells.bounds
    beyond = lower < edge if side < 0 else upper > edge
    rows[order[0]] = reference.counts[order[0], : reference.cells.size][beyond].sum()
    return rows
