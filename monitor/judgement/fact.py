"""A fact: one thing that the reference never had, by judged window, and how surprising each stretch of windows with it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.finding import FindingKind
from monitor.stats.inference.events import (
    FLOOR,
    all_rows_p,
    chance_p,
    event_p,
    rows_needed,
    share_needed,
    times_needed,
    windows_together,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WILD = 0.05
"""p-value from which a window's farthest value is worth a stretch of its own; whether it alarms is decided by the column."""
INFINITE = 2
"""Side of infinite values: they are farther out than all, up and down."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Windows [first, last] that show a fact more than any window of the reference did, with their p-value, all windows allowed for."""

    first: int
    last: int
    p_value: float


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
    def part(self) -> Floats:
        """Share of the rows with a value that has it, what is usual included, (w,)."""
        return shares(self.rows, self.of)

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

    def limit(self, p: float) -> Floats:
        """Return the share of rows, the usual included, from which each window alone alarms at an error probability of `p`, by events and
        by chance, (w,); above 1 where no share does.

        Values beyond the range lie as far beyond as they do, and where there are none as they like.
        """
        each, floor = p / max(len(self.rows), 1), FLOOR if self.side else np.inf
        needed = np.where(self.rows > 0, self.largest, np.minimum(self.largest, floor)) * times_needed(each, len(self.own))
        if self.by_chance is None:
            rows = rows_needed(each, self.of, once=self.once, known=self.known)
            needed = np.maximum(needed, rows / np.maximum(self.of, 1.0))
        return needed if self.usual is None else needed + self.usual

    def needed(self, p: float) -> Floats:
        """Return the share of rows, beyond the usual, from which each window alone is by events as rare as alarms are, (w,)."""
        return np.asarray(self.largest * times_needed(p / max(len(self.rows), 1), len(self.own)))

    def possible(self, p: float) -> NDArray[np.bool_]:
        """Say where a window all of whose rows had the fact could have a p-value of at most `p`, alone or with all others as one run, (w,).

        What lies beyond the range may lie so far beyond that it is no chance at all.
        """
        least = FLOOR if self.side else float(self.largest.min(initial=1.0))
        together = share_needed(p, least, len(self.own), together=windows_together(len(self.rows), len(self.own)))
        as_one = together <= 1.0 and float(all_rows_p(self.of.sum(), once=self.once, known=self.known)) <= p
        return np.asarray((self.of > 0) & ((self.limit(p) <= 1.0) | as_one))


def largest_share(own: Floats, floor: float, windows: int) -> Floats:
    """Return the share that a window has to exceed, (w,): the largest of the reference's `own` (r,), at least a floor."""
    return np.full(windows, max(float(own.max(initial=0.0)), floor))


def shares(rows: Ints | Floats, of: Ints | Floats) -> Floats:
    """Return parts of rows, (w,); 0 where there are none."""
    return np.divide(rows, of, out=np.zeros(len(of)), where=of > 0)
