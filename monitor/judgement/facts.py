"""Facts of a column: what needs no statistics but a count - values and levels that the reference never had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.turning import coming
from monitor.judgement.finding import FindingKind
from monitor.judgement.level_runs import absent
from monitor.profile import UNKNOWN, ColumnCounts
from monitor.stats.inference.events import (
    FLOOR,
    SOFT_FLOOR,
    chance_p,
    event_p,
    record_p,
    share_needed,
    tail_beyond,
    times_needed,
    windows_together,
)
from monitor.stats.inference.turnover import Turnover, turnover_of
from monitor.stats.methods.ecdf import quantiles
from monitor.stats.scale import exponent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BETWEEN = 0.02
"""Share of rows that may lie between the few values that a reference has: what is within its range is no surprise."""
MISSING_FLOOR = 0.01
"""Share of rows without a value that a window of the reference is taken to have had all the same: a lost hour of four days."""
LOST_FLOOR = 0.005
"""Share of the rows whose levels a window of the reference is taken to have lacked all the same: less has no name."""
SINGLE = 3.0
"""Rows of a window up to which their distance alone may say it: many rows beyond everything are one event (rain of a day), and events are
judged by how many rows they hold."""
WITHIN_SD = np.array([0.1587, 0.8413])
"""Shares of a normal law up to one standard deviation below and above its mean."""
MIDDLE = np.array([0.5])
"""Share of the reference's values up to its middle, from which distances are."""
WILD = 0.05
"""p-value from which a window's farthest value is worth a stretch of its own; whether it alarms is decided by the column."""
INFINITE = 2
"""Side of infinite values: they are farther out than all, up and down, and one cell holds both."""
ORDER = 10.0
"""Times as small as the reference's smallest from which a value is another one by its size: a holiday has a quarter of the flights."""
SOFT = 3.0
"""Standard deviations of the reference windows' own extremes up to which a value beyond all of them is the next larger one."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Windows [first, last] that show a fact more than any window of the reference did, with their p-value, all windows allowed for."""

    first: int
    last: int
    p_value: float


ENOUGH = 30
"""Values of the reference (of what is missing, its rows) from which it can say what it never had: the least rows of thresholds."""


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class Fact:
    """One thing that the reference never had, by judged window: `rows` (w,) that have it, `of` (w,) how many; `once` rows of the `known`
    ones of the reference that were alone of their kind; `own` (r,) shares in the reference's windows, each beside the rest of it; `largest`
    (w,) share that a window has to exceed to be more than those; `by_chance` (w,) p-value of independent rows where the former do not tell
    it. `side`: -1 below, 1 above, INFINITE, else 0. `by_distance` (w,): p-value of the farthest value, however few rows have it. `usual`
    (w,): share of rows that has it anyway by then; only what is beyond that is judged."""

    kind: FindingKind
    method: str
    rows: Floats
    of: Floats
    once: float
    known: float
    own: Floats
    largest: Floats
    side: int = 0
    by_chance: Floats | None = None
    by_distance: Floats | None = None
    usual: Floats | None = None

    @cached_property
    def share(self) -> Floats:
        """Share of the rows with a value that has it beyond what is usual, (w,)."""
        return np.asarray(np.divide(self.more, self.of, out=np.zeros(len(self.rows)), where=self.of > 0))

    @cached_property
    def more(self) -> Floats:
        """Rows beyond what is usual, (w,)."""
        return self.rows if self.usual is None else np.maximum(self.rows - self.usual * self.of, 0.0)

    def expected(self, first: int, last: int) -> float:
        """Share of the rows of windows [first, last] that has it by chance alone, or anyway by then."""
        chance = self.once / max(self.known, 1.0)
        if self.usual is None:
            return chance
        part = slice(first, last + 1)
        return max(chance, float((self.usual[part] * self.of[part]).sum() / max(self.of[part].sum(), 1.0)))

    def _chance(self, rows: Floats, of: Floats) -> Floats:
        return chance_p(rows, of, once=self.once, known=self.known)

    @cached_property
    def p_value(self) -> Floats:
        """p-value of each window alone, (w,)."""
        count = np.where(self.share > self.largest, 0, (self.own[None, :] >= self.share[:, None]).sum(axis=1))
        event = event_p(self.share, self.largest, len(self.own), as_large=count.astype(float))
        chance = self._chance(np.ceil(self.more), self.of) if self.by_chance is None else self.by_chance
        found = np.maximum(chance, event)
        return found if self.by_distance is None else np.minimum(found, self.by_distance)

    @cached_property
    def wild(self) -> NDArray[np.bool_]:
        """Windows whose farthest value alone is surprising, all windows allowed for, (w,)."""
        if self.by_distance is None:
            return np.zeros(len(self.rows), dtype=bool)
        return np.asarray(self.by_distance * len(self.rows) <= WILD)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """Stretches of windows beyond all of the reference's own; one window without does not end one."""
        shown = np.flatnonzero((self.share > np.maximum(self.largest, self.once / max(self.known, 1.0))) | self.wild)
        parts = np.split(shown, np.flatnonzero(np.diff(shown) > 2) + 1) if len(shown) else []
        return tuple(self._stretch(int(part[0]), int(part[-1]), len(part)) for part in parts)

    def _stretch(self, first: int, last: int, shown: int) -> Stretch:
        part = slice(first, last + 1)
        looks = len(self.rows), max(len(self.rows) / shown, 1.0)  # windows, and stretches as long, that might have shown it
        alone, together = looks[0] * float(self.p_value[part].min()), looks[1] * self._pooled(part, shown)
        return Stretch(first, last, float(min(alone, together, 1.0)))

    def _pooled(self, part: slice, shown: int) -> float:
        """Return the p-value of windows as one, of which so many show the fact, not searched for."""
        rows, of = np.ceil(self.more[part].sum()), max(self.of[part].sum(), 1.0)
        share, largest = np.array([rows / of]), np.array([float(np.mean(self.largest[part]))])
        as_large = (self.own[None, :] >= share[:, None]).sum(axis=1).astype(float)
        event = event_p(share, largest, len(self.own), as_large=as_large, together=windows_together(shown, len(self.own)))
        chance = self._chance(np.array([rows]), np.array([of])) if self.by_chance is None else self.by_chance[part].min()
        return float(np.maximum(chance, event).item())

    def strength(self, one: Stretch, p: float) -> float:
        """Return how many times as large the share of a stretch is as it had to be for a p-value of at most `p`, at least 1."""
        part, shown = slice(one.first, one.last + 1), int((self.share[one.first : one.last + 1] > 0).sum())
        looks, together = max(len(self.rows) / shown, 1.0), windows_together(shown, len(self.own))
        needed = share_needed(p / looks, float(np.mean(self.largest[part])), len(self.own), together=together)
        pooled = float(self.more[part].sum() / max(self.of[part].sum(), 1.0)) / needed
        return max(float((self.share[part] / self.needed(p)[part]).max()), pooled, 1.0)

    def within(self, first: int, last: int, p: float) -> tuple[float, float]:
        """Return the p-value of windows [first, last], which were not searched for, and how many times as large their share is as it had to
        be for a p-value of at most `p`: all as one, or the farthest of them, half of `p` each (one day without any values is not hidden by
        the day that the outage began on)."""
        part, length = slice(first, last + 1), last - first + 1
        pooled = self._pooled(part, length), self._times(part, p / min(length, 2))
        if length == 1:
            return pooled
        alone = [(self._pooled(slice(i, i + 1), 1), self._times(slice(i, i + 1), p / (2 * length))) for i in range(first, last + 1)]
        least, farthest = min(one for one, _ in alone), max(times for _, times in alone)
        return min(2 * pooled[0], 2 * length * least, 1.0), max(pooled[1], farthest)

    def _times(self, part: slice, p: float) -> float:
        """Return how many times as large the share of windows as one is as it had to be for a p-value of at most `p`."""
        together = windows_together(part.stop - part.start, len(self.own))
        needed = share_needed(p, float(np.mean(self.largest[part])), len(self.own), together=together)
        return float(self.more[part].sum() / max(self.of[part].sum(), 1.0)) / needed

    @cached_property
    def least(self) -> float:
        """p-value of the farthest stretch."""
        return min((one.p_value for one in self.stretches), default=1.0)

    def needed(self, p: float) -> Floats:
        """Return the share of rows from which each window alone would have a p-value of at most `p`, (w,)."""
        return np.asarray(self.largest * times_needed(p / max(len(self.rows), 1), len(self.own)))

    def possible(self, p: float) -> NDArray[np.bool_]:
        """Say where a window all of whose rows had the fact could have a p-value of at most `p`, alone or with all others as one run, (w,).

        What lies beyond the range may lie so far beyond that it is no chance at all.
        """
        least = FLOOR if self.side else float(self.largest.min(initial=1.0))
        together = share_needed(p, least, len(self.own), together=windows_together(len(self.rows), len(self.own)))
        return np.asarray((self.of > 0) & ((self.needed(p) <= 1.0) | (together <= 1.0)))


def column_facts(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Count the facts of a column: `reference` has a window for each of the reference's own."""
    values, rows = int(reference.counts[:, :-1].sum()), int(reference.counts.sum())
    if not values or rows < ENOUGH:
        return ()
    if values < ENOUGH:  # rows without one are told from few values too
        return (_missing(reference, production),)
    own = _of_numbers(reference, production) if reference.cells.numeric else _of_levels(reference, production)
    return (*own, *_constant(reference, production), _missing(reference, production))


def _of_levels(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    present = production.counts[:, :-1].sum(axis=1)
    held = reference.counts[:, :-1].sum(axis=1)
    own = _share(np.where(reference.alone == UNKNOWN, 0, reference.alone) + reference.unseen, held)
    once = float(reference.seen_once.sum() + reference.unseen.sum())
    rows, of = production.unseen.astype(float), present.astype(float)
    unseen = Fact(FindingKind.UNSEEN, "new_levels", rows, of, once, float(held.sum()), own, _beyond(own, FLOOR, len(of)))
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
    largest = np.maximum(_beyond(own, LOST_FLOOR, len(of)), np.where(chance < 1, drop, 0.0).sum(axis=1))
    return Fact(FindingKind.LEVEL, "lost_levels", rows, of, 0.0, float(held.sum()), own, largest, 0, least)


def _beyond(own: Floats, floor: float, windows: int) -> Floats:
    return np.full(windows, max(float(own.max(initial=0.0)), floor))


def _share(rows: Ints | Floats, of: Ints | Floats) -> Floats:
    return np.divide(rows, of, out=np.zeros(len(of)), where=of > 0)


def _missing(reference: ColumnCounts, production: ColumnCounts) -> Fact:
    """Missing values come and go with single events (hours without weather): what the reference's own windows lost is their record."""
    own = _share(reference.missing, reference.rows)
    rows, of = production.missing.astype(float), production.rows.astype(float)
    lost, known = float(reference.missing.sum()), float(reference.rows.sum())
    return Fact(FindingKind.MISSING, "missing_share", rows, of, lost, known, own, _beyond(own, MISSING_FLOOR, len(of)))


def _of_numbers(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    infinite = _infinite(reference, production)
    if not reference.cells.bounded:
        return infinite
    of, held = production.finite.astype(float), reference.finite
    known = float(held.sum())
    found = []
    for side, cell in ((-1, 0), (1, reference.cells.size - 1)):
        own = _share(_outside(reference, side) + reference.counts[:, cell], held)
        largest = np.maximum(max(float(own.max(initial=0.0)), SOFT_FLOOR) * _nearness(reference, production, side), FLOOR)
        rows = production.counts[:, cell].astype(float)
        alone = (rows > 0) & (rows <= SINGLE)
        distance = np.where(alone, _distance_p(reference, production, side), 1.0)
        found.append(Fact(FindingKind.RANGE, "out_of_range", rows, of, 0.0, known, own, largest, side, by_distance=distance))
    own = _share(_alone(reference), held)
    gaps = _in_gaps(production, reference).astype(float)
    found.append(Fact(FindingKind.RANGE, "out_of_range", gaps, of, _once(reference), known, own, _beyond(own, BETWEEN, len(of))))
    return (*found, *infinite)


def _infinite(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Rows with an infinite value; where the reference had some, they are a share that may change as others do."""
    if reference.counts[:, -2].any():
        return ()
    of, held = production.counts[:, :-1].sum(axis=1).astype(float), float(reference.counts[:, :-1].sum())
    none = np.zeros(len(reference.counts))
    rows = production.counts[:, -2].astype(float)
    return (Fact(FindingKind.RANGE, "out_of_range", rows, of, 0.0, held, none, _beyond(none, FLOOR, len(of)), INFINITE),)


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


def _constant(reference: ColumnCounts, production: ColumnCounts) -> tuple[Fact, ...]:
    """Windows whose rows all have one value, beside how near the reference's own windows came to that."""
    total = reference.counts[:, :-1].sum(axis=0)
    commonest = float(total.max() / total.sum())
    if commonest == 1.0:
        return ()
    present, held = production.counts[:, :-1].sum(axis=1), reference.counts[:, :-1].sum(axis=1)
    rows = np.where(_one_value(production), present, 0)
    own = _share(reference.counts[:, :-1].max(axis=1), held)
    chance = np.where(rows > 0, commonest ** np.maximum(rows, 1), 1.0)
    most = _beyond(own, FLOOR, len(present))
    return (
        Fact(FindingKind.CONSTANT, "constant", rows.astype(float), present.astype(float), 0.0, float(held.sum()), own, most, 0, chance),
    )


def _one_value(counts: ColumnCounts) -> NDArray[np.bool_]:
    if counts.cells.numeric:
        return np.asarray((counts.finite > 1) & (counts.low == counts.high) & (counts.counts[:, -2] == 0))
    present = counts.counts[:, :-1].sum(axis=1)
    in_levels = counts.counts[:, : len(counts.cells.levels)].max(axis=1, initial=0)
    return np.asarray((present > 1) & (in_levels == present))
