"""Facts of levels: those never seen, and those that are gone, beside what comes and goes anyway."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.turning import coming
from monitor.judgement.fact import Fact, largest_share, shares
from monitor.judgement.finding import FindingKind
from monitor.judgement.level_runs import absent
from monitor.profile import UNKNOWN, ColumnCounts
from monitor.stats.inference.events import FLOOR
from monitor.stats.inference.turnover import Turnover, turnover_of

Floats = NDArray[np.float64]

LOST_FLOOR = 0.005
"""Share of the rows whose levels a window of the reference is taken to have lacked all the same: less has no name."""


def facts_of_levels(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Return the facts of a column of levels: levels never seen before, and levels that are gone."""
    present = production.counts[:, :-1].sum(axis=1)
    held = reference.counts[:, :-1].sum(axis=1)
    own = shares(np.where(reference.alone == UNKNOWN, 0, reference.alone) + reference.unseen, held)
    once = float(reference.seen_once.sum() + reference.unseen.sum())
    rows, of = production.unseen.astype(float), present.astype(float)
    unseen = Fact(FindingKind.UNSEEN, "new_levels", rows, of, once, float(held.sum()), own, largest_share(own, FLOOR, len(of)))
    return _with_turnover(unseen, reference), _with_leaving(_lost_levels(reference, production), reference)


def _with_turnover(unseen: Fact, reference: ColumnCounts) -> Fact:
    """Return the fact of new levels, of which only what is beyond the levels that come anyway is judged."""
    found = coming(reference)
    return unseen if found is None else _beside(unseen, found.after(np.cumsum(unseen.of)), found)


def _beside(fact: Fact, usual: Floats, found: Turnover) -> Fact:
    return replace(fact, usual=usual, largest=np.maximum(fact.largest, found.noise))


def _with_leaving(lost: Fact, reference: ColumnCounts) -> Fact:
    """Return the fact of levels that are gone, of which only what is beyond the levels that go anyway is judged.

    What windows of the later half lack of the earlier half says how much is gone after so many rows; the reference as a whole is two such
    halves, of which the earlier one had its own length more time to go.
    """
    named, half = len(reference.cells.levels), len(reference.counts) // 2
    held = reference.counts[:, :-1].sum(axis=1).astype(float)
    if not held[:half].sum():
        return lost
    before = reference.counts[:half, :named].sum(axis=0) / held[:half].sum()
    found = turnover_of(np.where(absent(reference.counts, before) < 1, before, 0.0).sum(axis=1) * held, held)
    if found is None:
        return lost
    now = np.cumsum(lost.of)
    return _beside(lost, (found.after(now) + found.after(now + held[half:].sum())) / 2, found)


def _lost_levels(reference: ColumnCounts, production: ColumnCounts) -> Fact:
    """Windows without any row of levels that chance hardly lets them lack, by the share that those had before."""
    named = len(reference.cells.levels)
    total, held = reference.counts.sum(axis=0), reference.counts[:, :-1].sum(axis=1)
    others = (total[None, :named] - reference.counts[:, :named]) / np.maximum(held.sum() - held, 1)[:, None]
    before = total[:named] / max(int(held.sum()), 1)
    own = np.where(absent(reference.counts, others) < 1, others, 0.0).sum(axis=1)
    chance = absent(production.counts, before)
    of = production.counts[:, :-1].sum(axis=1).astype(float)
    rows = np.where(chance < 1, before, 0.0).sum(axis=1) * of
    least = chance.min(axis=1, initial=1.0)
    part = reference.counts[:, :named] / np.maximum(held, 1)[:, None]
    drop = np.where(held[:, None] > 0, others - part, 0.0).max(axis=0, initial=0.0)  # how near each level came to that: calm days have few
    largest = np.maximum(largest_share(own, LOST_FLOOR, len(of)), np.where(chance < 1, drop, 0.0).sum(axis=1))
    return Fact(FindingKind.LEVEL, "lost_levels", rows, of, 0.0, float(held.sum()), own, largest, 0, least)
