"""Facts of a column: what needs no statistics but a count - values and levels that the reference never had."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.fact import Fact, largest_share, shares
from monitor.judgement.finding import FindingKind
from monitor.judgement.level_facts import facts_of_levels
from monitor.judgement.number_facts import facts_of_numbers
from monitor.profile import ColumnCounts
from monitor.stats.inference.events import FLOOR

MISSING_FLOOR = 0.01
"""Share of rows without a value that a window of the reference is taken to have had all the same: a lost hour of four days."""
ENOUGH = 30
"""Values of the reference (of what is missing, its rows) from which it can say what it never had: the least rows of thresholds."""


def column_facts(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Count the facts of a column: `reference` has a window for each of the reference's own."""
    values, rows = int(reference.counts[:, :-1].sum()), int(reference.counts.sum())
    if not values or rows < ENOUGH:
        return ()
    if values < ENOUGH:  # rows without one are told from few values too
        return (_missing(reference, production),)
    own = facts_of_numbers(reference, production) if reference.cells.numeric else facts_of_levels(reference, production)
    return (*own, *_constant(reference, production), _missing(reference, production))


def _missing(reference: ColumnCounts, production: ColumnCounts) -> Fact:
    """Missing values come and go with single events (hours without weather): what the reference's own windows lost is their record."""
    own = shares(reference.missing, reference.rows)
    rows, of = production.missing.astype(float), production.rows.astype(float)
    lost, known = float(reference.missing.sum()), float(reference.rows.sum())
    return Fact(FindingKind.MISSING, "missing_share", rows, of, lost, known, own, largest_share(own, MISSING_FLOOR, len(of)))


def _constant(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Windows whose rows all have one value, beside how near the reference's own windows came to that."""
    total = reference.counts[:, :-1].sum(axis=0)
    commonest = float(total.max() / total.sum())
    if commonest == 1.0:
        return ()
    present, held = production.counts[:, :-1].sum(axis=1), reference.counts[:, :-1].sum(axis=1)
    rows = np.where(_one_value(production), present, 0)
    own = shares(reference.counts[:, :-1].max(axis=1), held)
    chance = np.where(rows > 0, commonest ** np.maximum(rows, 1), 1.0)
    most = largest_share(own, FLOOR, len(present))
    return (
        Fact(FindingKind.CONSTANT, "constant", rows.astype(float), present.astype(float), 0.0, float(held.sum()), own, most, 0, chance),
    )


def _one_value(counts: ColumnCounts) -> NDArray[np.bool_]:
    if counts.cells.numeric:
        return np.asarray((counts.finite > 1) & (counts.low == counts.high) & (counts.infinite == 0))
    present = counts.counts[:, :-1].sum(axis=1)
    in_levels = counts.counts[:, : len(counts.cells.levels)].max(axis=1, initial=0)
    return np.asarray((present > 1) & (in_levels == present))
