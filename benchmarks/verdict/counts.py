"""Counts of simulated windows on the product's cells: rows are drawn only where the product would look at them one by one.

The reference's sample (that cells are cut from) and the outermost cells are drawn row by row; everything else is a multinomial over cells,
whole numbers over their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.verdict.changes import SWAPPED, Moves
from benchmarks.verdict.laws import FAR, Continuous, Counted, Floats, Law, Levels
from monitor.engine.cutting import bucket_of, cut_levels, cut_numbers, tolerance
from monitor.profile import ABOVE, BELOW, TOTAL, Cells, ColumnCounts
from monitor.sums import Sums
from monitor.vocabulary import Kind

Ints = NDArray[np.int64]

SAMPLE = 8_000
"""Rows of the reference that cells are cut from."""
TOLD_LEVELS = 100
"""New levels that a window names."""
NEW_LEVEL = "brand new"
BEYOND = 12.0
"""Standard deviations above its rate up to which counts are told apart."""


@dataclass(frozen=True)
class Plan:
    """What one column does: `rows` (w,) of its windows (the first `reference` are the reference's), effects on values and on the log-odds
    of the missing share, (w, c) each, and what is planted."""

    rows: Ints
    reference: int
    values: Floats
    missing: Floats
    moves: Moves


def counted(rng: np.random.Generator, law: Law, plan: Plan) -> tuple[ColumnCounts, ColumnCounts]:
    """Draw the counts of one column: the reference's and production's, on cells cut from the reference."""
    present = plan.rows - rng.binomial(plan.rows, missing_shares(law.missing, plan.missing, plan.moves.of("missing")))
    if isinstance(law, Levels):
        return _levels(rng, law, plan, present)
    return _whole_numbers(rng, law, plan, present) if isinstance(law, Counted) else _numbers(rng, law, plan, present)


def missing_shares(base: float, effects: Floats, moved: Floats) -> Floats:
    """Return the share of rows without a value by window, (w,): effects move its log-odds, `moved` is the share lost of the rest."""
    if base == 0:
        return np.asarray(moved)
    usual = special.expit(special.logit(base) + effects).mean(axis=1)
    return np.asarray(usual + moved * (1 - usual))


# Numbers.


@dataclass(frozen=True)
class _Mix:
    """The law of each window as a mixture: `weights` (w, c) of parts with a `shift` (w, c), all with the window's `scale` (w,)."""

    weights: Floats
    shift: Floats
    scale: Floats

    @classmethod
    def of(cls, plan: Plan, windows: slice) -> _Mix:
        """Return the mixture of clusters, twice as many where a part of the rows is far away."""
        moves = plan.moves.take(windows)
        shift = plan.values[windows] + moves.of("shift")[:, None]
        weights, far = np.full(shift.shape, 1 / shift.shape[1]), moves.of("far")[:, None]
        if far.any():
            shift, weights = np.hstack([shift, shift + FAR]), np.hstack([(1 - far) * weights, far * weights])
        return cls(weights, shift, 1.0 + moves.of("scale"))

    def below(self, law: Continuous, edges: Floats) -> Floats:
        """P(X <= edge), (c, w, k), weighted: it adds up to the window's."""
        parts = zip(self.weights.T, self.shift.T, strict=True)
        return np.array([weight[:, None] * law.below(edges, shift, self.scale) for weight, shift in parts])


@dataclass
class _Totals:
    """By window: counts on regular cells, sums in the order of a profile's (w, 6), and extremes."""

    counts: Ints
    sums: Floats
    low: Floats
    high: Floats

    def add_rows(self, values: Floats, window: Ints, center: float, tail: int = TOTAL) -> None:
        """Add the sums (not the counts) of single rows; `tail` says where else those of a tail belong."""
        away, windows = values - center, len(self.low)
        both = np.stack([np.bincount(window, away, windows), np.bincount(window, away**2, windows)], axis=1)
        for at in {TOTAL, tail}:
            self.sums[:, at : at + 2] += both
        np.fmin.at(self.low, window, values)
        np.fmax.at(self.high, window, values)

    def column(self, cells: Cells, missing: Ints) -> ColumnCounts:
        """Return the counts as a profile has them (no infinite value is ever drawn)."""
        counts = np.column_stack([self.counts, np.zeros_like(missing), missing])
        return ColumnCounts.of_numbers(cells, counts, Sums.of(self.sums, cells.units), self.low, self.high)


def _numbers(rng: np.random.Generator, law: Continuous, plan: Plan, present: Ints) -> tuple[ColumnCounts, ColumnCounts]:
    first, windows = plan.reference, len(present)
    sampled = np.minimum(present[:first], -(-SAMPLE // first))
    window = np.repeat(np.arange(first), sampled)
    part = rng.integers(0, plan.values.shape[1], len(window))
    values = law.draw(rng, plan.values[window, part])
    cells = cut_numbers(law.name, Kind.NUMERIC, values, float(values.min()), float(values.max()))
    reference = _rest(rng, law, _Mix.of(plan, slice(0, first)), present[:first] - sampled, cells)
    place = window * cells.size + np.searchsorted(cells.edges, values)
    reference.counts += np.bincount(place, minlength=first * cells.size).reshape(first, cells.size)
    reference.add_rows(values, window, cells.center)
    cells = _reaching(cells, reference)
    production = _rest(rng, law, _Mix.of(plan, slice(first, windows)), present[first:], cells)
    lost = plan.rows - present
    return reference.column(cells, lost[:first]), production.column(cells, lost[first:])


def _reaching(cells: Cells, reference: _Totals) -> Cells:
    """Return cells cut from a sample that reach as far as all of the reference, of which nothing is outside then."""
    low, high = float(np.nanmin(reference.low)), float(np.nanmax(reference.high))
    bounds, edges = tolerance(np.array([low, high])), cells.edges.copy()
    edges[0], edges[-1] = min(edges[0], bounds.lower[0]), max(edges[-1], bounds.upper[1])
    for outside, inside in ((0, 1), (-1, -2)):
        reference.counts[:, inside] += reference.counts[:, outside]
        reference.counts[:, outside] = 0
    reference.sums[:, BELOW:] = 0.0
    return replace(cells, edges=edges, low=low, high=high)


def _rest(rng: np.random.Generator, law: Continuous, mix: _Mix, rows: Ints, cells: Cells) -> _Totals:
    """Draw `rows` (w,) rows as counts on cells; rows of the outermost ones get values of their own, others the middle and noise."""
    below = mix.below(law, cells.edges)
    shares = np.maximum(np.diff(below.sum(axis=0), axis=1, prepend=0.0, append=1.0), 0.0)
    counts = rng.multinomial(rows, shares / shares.sum(axis=1, keepdims=True))
    outer = np.unique([0, 1, cells.size - 2, cells.size - 1])
    outer = outer[~cells.single[outer]]
    totals = _middles(rng, counts, np.setdiff1d(np.arange(cells.size), outer), cells)
    lower, upper = cells.bounds
    for cell in outer.tolist():
        values, window = _in_cell(rng, law, mix, counts[:, cell], below, cell)
        values = np.clip(values, np.nextafter(lower[cell], np.inf), upper[cell])
        totals.add_rows(values, window, cells.center, {0: BELOW, cells.size - 1: ABOVE}.get(cell, TOTAL))
    return totals


def _middles(rng: np.random.Generator, counts: Ints, inner: Ints, cells: Cells) -> _Totals:
    """Add up rows of the `inner` cells spread evenly over them; rows of a cell with one value have that value."""
    held, lower, upper = counts[:, inner], *(bound[inner] for bound in cells.bounds)
    single = cells.single[inner]
    middle = np.where(single, cells.atoms[inner], (lower + upper) / 2)
    away, variance = middle - cells.center, np.where(single, 0.0, (upper - lower) ** 2 / 12)
    spread = held @ variance
    sums, nothing = np.zeros((len(counts), 6)), np.full(len(counts), np.nan)
    sums[:, TOTAL] = held @ away + np.sqrt(spread) * rng.standard_normal(len(counts))
    sums[:, TOTAL + 1] = held @ away**2 + spread
    some = held.any(axis=1)
    if not some.any():
        return _Totals(counts, sums, nothing, nothing.copy())
    low = np.where(some, middle[(held > 0).argmax(axis=1)], np.nan)
    high = np.where(some, middle[len(middle) - 1 - (held[:, ::-1] > 0).argmax(axis=1)], np.nan)
    return _Totals(counts, sums, low, high)


def _in_cell(rng: np.random.Generator, law: Continuous, mix: _Mix, rows: Ints, below: Floats, cell: int) -> tuple[Floats, Ints]:
    """Draw the values of `rows` (w,) rows within one cell, with the window of each."""
    start = below[:, :, cell - 1] if cell else np.zeros(below.shape[:2])
    end = below[:, :, cell] if cell < below.shape[2] else mix.weights.T
    mass = np.maximum(end - start, 0.0).T + 1e-300
    by_part = rng.multinomial(rows, mass / mass.sum(axis=1, keepdims=True))
    window, part = (np.repeat(place.ravel(), by_part.ravel()) for place in np.indices(by_part.shape))
    weight = np.maximum(mix.weights[window, part], 1e-300)
    share = (start[part, window] + rng.random(len(window)) * (end - start)[part, window]) / weight
    return law.quantile(share, mix.shift[window, part], mix.scale[window]), window


def _whole_numbers(rng: np.random.Generator, law: Counted, plan: Plan, present: Ints) -> tuple[ColumnCounts, ColumnCounts]:
    """Draw rows as counts of each value."""
    first = plan.reference
    rates = law.rates(plan.values + plan.moves.of("shift")[:, None])
    values = np.arange(int(rates.max() + BEYOND * np.sqrt(rates.max())) + 2)
    shares = np.diff(special.pdtr(values, rates[:, :, None]).mean(axis=1), axis=1, prepend=0.0)
    rows = rng.multinomial(present, shares / shares.sum(axis=1, keepdims=True))
    total = rows[:first].sum(axis=0)
    sample = rng.multivariate_hypergeometric(total, min(int(total.sum()), SAMPLE), method="marginals")
    held = np.flatnonzero(total)
    cells = cut_numbers(law.name, Kind.NUMERIC, np.repeat(values, sample).astype(float), float(held[0]), float(held[-1]))
    lost = plan.rows - present
    return _of_values(cells, rows[:first], lost[:first]), _of_values(cells, rows[first:], lost[first:])


def _of_values(cells: Cells, rows: Ints, missing: Ints) -> ColumnCounts:
    """Put the rows (w, v) of the values 0, 1, 2, ... on cells."""
    values = np.arange(rows.shape[1])
    cell, away = np.searchsorted(cells.edges, values), values - cells.center
    counts, sums = np.zeros((len(rows), cells.size), dtype=np.int64), np.zeros((len(rows), 6))
    np.add.at(counts.T, cell, rows.T)
    for at, part in ((TOTAL, rows), (BELOW, rows * (cell == 0)), (ABOVE, rows * (cell == cells.size - 1))):
        sums[:, at], sums[:, at + 1] = part @ away, part @ away**2
    held = rows > 0
    low = np.where(held.any(axis=1), held.argmax(axis=1), np.nan)
    high = np.where(held.any(axis=1), values[-1] - held[:, ::-1].argmax(axis=1), np.nan)
    return _Totals(counts, sums, low, high).column(cells, missing)


# Levels.


def level_shares(law: Levels, effects: Floats, moves: Moves) -> Floats:
    """Shares of the named levels by window, (w, l), with what is planted; what a new level or fresh levels take is left out of them."""
    shares = law.by_window(effects)
    out, into = SWAPPED
    swapped, lost = np.minimum(moves.of("swap"), shares[:, out]), moves.of("lost")
    if lost.any():
        shares[:, out] *= 1 - lost
        shares /= shares.sum(axis=1, keepdims=True)
    shares[:, out] -= swapped
    if swapped.any():
        shares[:, into] += swapped
    return np.asarray(shares)


@dataclass(frozen=True)
class _Held:
    """What windows hold: `rows` of a `level` in a `window`, (t,) each, every pair once; `windows` of them, out of so many `levels`."""

    window: Ints
    level: Ints
    rows: Ints
    windows: int
    levels: int

    def by_level(self) -> Ints:
        """Rows of each level."""
        return np.bincount(self.level, self.rows, self.levels).astype(np.int64)

    def by_window(self, chosen: NDArray[np.bool_]) -> Ints:
        """Rows of the chosen levels by window."""
        return np.bincount(self.window, self.rows * chosen[self.level], self.windows).astype(np.int64)

    def take(self, start: int, end: int) -> _Held:
        """Return some of the windows."""
        inside = (self.window >= start) & (self.window < end)
        return _Held(self.window[inside] - start, self.level[inside], self.rows[inside], end - start, self.levels)


def _levels(rng: np.random.Generator, law: Levels, plan: Plan, present: Ints) -> tuple[ColumnCounts, ColumnCounts]:
    first, windows = plan.reference, len(present)
    new = rng.binomial(present, plan.moves.of("new"))
    fresh = rng.binomial(present - new, law.fresh)
    named = rng.multinomial(present - new - fresh, level_shares(law, plan.values, plan.moves))
    names = _names(len(law.shares), int(fresh.sum()))
    every = _held(np.column_stack([new, named]), fresh)
    reference, production = every.take(0, first), every.take(first, windows)
    seen, lost = reference.by_level(), plan.rows - present
    order = np.lexsort([np.arange(len(seen)), -seen])[: int((seen > 0).sum())]
    cells = cut_levels(law.name, Kind.CATEGORICAL, [(names[i], int(seen[i])) for i in order])
    cell = len(cells.levels) + np.fromiter((_bucket(name, cells.buckets) for name in names), np.int64, len(names))
    cell[order[: len(cells.levels)]] = np.arange(len(cells.levels))
    return (
        _level_column(cells, cell, reference, seen, lost[:first], None),
        _level_column(cells, cell, production, seen, lost[first:], _new_levels(production, names, seen)),
    )


def _names(levels: int, fresh: int) -> list[str]:
    """Return the names of all levels, in their own order: the new one, those of the law, those that one row has."""
    return [NEW_LEVEL, *(f"level {i:04d}" for i in range(levels)), *(f"once {i:06d}" for i in range(fresh))]


_bucket = cache(bucket_of)


def _held(counts: Ints, fresh: Ints) -> _Held:
    """Return what windows hold of levels with `counts` (w, l), and of levels of one row each, `fresh` (w,) of them."""
    window, level = np.nonzero(counts)
    alone = np.arange(int(fresh.sum()))
    return _Held(
        np.concatenate([window, np.repeat(np.arange(len(fresh)), fresh)]),
        np.concatenate([level, counts.shape[1] + alone]),
        np.concatenate([counts[window, level], np.ones_like(alone)]),
        len(fresh),
        counts.shape[1] + len(alone),
    )


def _new_levels(held: _Held, names: Sequence[str], seen: Ints) -> list[dict[str, int]]:
    """Return the rows of the commonest levels that the reference never had, by window."""
    unseen = np.flatnonzero(seen[held.level] == 0)
    unseen = unseen[np.lexsort([held.level[unseen], -held.rows[unseen]])]
    found: list[dict[str, int]] = [{} for _ in range(held.windows)]
    for window, level, rows in zip(*(one[unseen].tolist() for one in (held.window, held.level, held.rows)), strict=True):
        if len(found[window]) < TOLD_LEVELS:
            found[window][names[level]] = rows
    return found


def _level_column(cells: Cells, cell: Ints, held: _Held, seen: Ints, missing: Ints, new: Sequence[dict[str, int]] | None) -> ColumnCounts:
    place = held.window * cells.width + cell[held.level]
    counts = np.bincount(place, held.rows, held.windows * cells.width).astype(np.int64).reshape(held.windows, cells.width)
    counts[:, -1] = missing
    return ColumnCounts.of_levels(
        cells,
        counts,
        new_levels=new,
        unseen=held.by_window(seen == 0),
        seen_once=held.by_window(seen == 1),
        distinct=np.bincount(held.window, minlength=held.windows),
        alone=held.by_window(np.bincount(held.level, minlength=held.levels) == 1),
    )
