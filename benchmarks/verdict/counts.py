"""Counts of simulated windows on the product's cells: rows are drawn only where the product would look at them one by one.

The reference's sample (that cells are cut from) and the outermost cells are drawn row by row; everything else is a multinomial over cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.verdict.changes import SWAPPED, Moves
from benchmarks.verdict.laws import FAR, Floats, Levels, Numeric
from monitor.engine.cells import MOST_CELLS, center_of, cut
from monitor.profile import Cells, ColumnCounts, is_atom
from monitor.vocabulary import Kind

Ints = NDArray[np.int64]

SAMPLE = 8_000
"""Rows of the reference that cells are cut from."""
TOLD_LEVELS = 100
"""New levels that a window names."""
NEW_LEVEL = "brand new"


@dataclass(frozen=True)
class Plan:
    """What one column does: `rows` (w,) of its windows (the first `reference` are the reference's), effects on values and on the log-odds
    of the missing share, (w, c) each, and what is planted."""

    rows: Ints
    reference: int
    values: Floats
    missing: Floats
    moves: Moves


def counted(rng: np.random.Generator, law: Numeric | Levels, plan: Plan) -> tuple[ColumnCounts, ColumnCounts]:
    """Draw the counts of one column: the reference's and production's, on cells cut from the reference."""
    present = plan.rows - rng.binomial(plan.rows, missing_shares(law.missing, plan.missing, plan.moves.of("missing")))
    if isinstance(law, Levels):
        return _levels(rng, law, plan, present)
    return _numbers(rng, law, plan, present)


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

    def below(self, law: Numeric, edges: Floats) -> Floats:
        """P(X <= edge), (c, w, k), weighted: it adds up to the window's."""
        parts = zip(self.weights.T, self.shift.T, strict=True)
        return np.array([weight[:, None] * law.below(edges, shift, self.scale) for weight, shift in parts])


@dataclass
class _Sums:
    """Counts by window on regular cells with the sums and extremes of values around `center`."""

    counts: Ints
    total: Floats
    squares: Floats
    low: Floats
    high: Floats

    def add_rows(self, values: Floats, window: Ints, center: float) -> None:
        """Add the sums (not the counts) of single rows."""
        away, windows = values - center, len(self.total)
        self.total += np.bincount(window, away, windows)
        self.squares += np.bincount(window, away**2, windows)
        np.fmin.at(self.low, window, values)
        np.fmax.at(self.high, window, values)


def _numbers(rng: np.random.Generator, law: Numeric, plan: Plan, present: Ints) -> tuple[ColumnCounts, ColumnCounts]:
    first, windows = plan.reference, len(present)
    sampled = np.minimum(present[:first], -(-SAMPLE // first))
    window = np.repeat(np.arange(first), sampled)
    part = rng.integers(0, plan.values.shape[1], len(window))
    values = law.draw(rng, plan.values[window, part])
    edges, center = cut(values), center_of(values)
    reference = _rest(rng, law, _Mix.of(plan, slice(0, first)), present[:first] - sampled, edges, center)
    size = len(edges) + 1
    reference.counts += np.bincount(window * size + np.searchsorted(edges, values), minlength=first * size).reshape(first, size)
    reference.add_rows(values, window, center)
    low, high = float(np.nanmin(reference.low)), float(np.nanmax(reference.high))
    production = _rest(rng, law, _Mix.of(plan, slice(first, windows)), present[first:], edges, center)
    cells = Cells(law.name, Kind.NUMERIC, edges, (), center=center, low=low, high=high)
    lost = plan.rows - present
    return _column(cells, reference, lost[:first]), _column(cells, production, lost[first:])


def _column(cells: Cells, sums: _Sums, missing: Ints) -> ColumnCounts:
    """Put regular cells, `other` (no infinite value is ever drawn) and `missing` together."""
    counts = np.column_stack([sums.counts, np.zeros_like(missing), missing])
    return ColumnCounts(cells, counts, sums.total, sums.squares, sums.low, sums.high, ({},) * len(missing))


def _rest(rng: np.random.Generator, law: Numeric, mix: _Mix, rows: Ints, edges: Floats, center: float) -> _Sums:
    """Draw `rows` (w,) rows as counts on cells; rows of wide outermost cells get values of their own, others the middle and noise."""
    below = mix.below(law, edges)
    shares = np.diff(below.sum(axis=0), axis=1, prepend=0.0, append=1.0)
    shares = np.maximum(shares, 0.0)
    counts = rng.multinomial(rows, shares / shares.sum(axis=1, keepdims=True))
    lower, upper = np.append(-np.inf, edges), np.append(edges, np.inf)
    single = is_atom(lower, upper) | (law.discrete & (np.arange(len(upper)) < len(edges)))
    outer = np.unique([0, 1, len(edges) - 1, len(edges)])
    outer = outer[(outer >= 0) & ~single[outer]]
    inner = np.setdiff1d(np.arange(len(upper)), outer)
    sums = _middles(rng, counts[:, inner], lower[inner], upper[inner], single[inner], center)
    sums.counts = counts
    for cell in outer.tolist():
        values, window = _in_cell(rng, law, mix, counts[:, cell], below, cell)
        sums.add_rows(np.clip(values, np.nextafter(lower[cell], np.inf), upper[cell]), window, center)
    return sums


def _middles(rng: np.random.Generator, counts: Ints, lower: Floats, upper: Floats, single: NDArray[np.bool_], center: float) -> _Sums:
    """Add up rows spread evenly over their cells; rows of a cell with one value have that value."""
    one = np.where(np.isinf(lower), upper, (lower + upper) / 2)
    middle = np.where(single, upper, one) - center
    variance = np.where(single | np.isinf(lower), 0.0, (upper - lower) ** 2 / 12)
    spread = counts @ variance
    total = counts @ middle + np.sqrt(spread) * rng.standard_normal(len(counts))
    held = counts > 0
    some = held.any(axis=1)
    low = np.where(some, middle[held.argmax(axis=1)] + center, np.nan) if len(middle) else np.full(len(counts), np.nan)
    high = np.where(some, middle[len(middle) - 1 - held[:, ::-1].argmax(axis=1)] + center, np.nan) if len(middle) else low
    return _Sums(counts, total, counts @ middle**2 + spread, np.array(low), np.array(high))


def _in_cell(rng: np.random.Generator, law: Numeric, mix: _Mix, rows: Ints, below: Floats, cell: int) -> tuple[Floats, Ints]:
    """Draw the values of `rows` (w,) rows within one cell, with the window of each."""
    start = below[:, :, cell - 1] if cell else np.zeros(below.shape[:2])
    end = below[:, :, cell] if cell < below.shape[2] else mix.weights.T
    mass = np.maximum(end - start, 0.0).T + 1e-300
    by_part = rng.multinomial(rows, mass / mass.sum(axis=1, keepdims=True))
    window, part = (np.repeat(place.ravel(), by_part.ravel()) for place in np.indices(by_part.shape))
    weight = np.maximum(mix.weights[window, part], 1e-300)
    share = (start[part, window] + rng.random(len(window)) * (end - start)[part, window]) / weight
    return law.quantile(share, mix.shift[window, part], mix.scale[window]), window


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


def _levels(rng: np.random.Generator, law: Levels, plan: Plan, present: Ints) -> tuple[ColumnCounts, ColumnCounts]:
    first = plan.reference
    new = rng.binomial(present, plan.moves.of("new"))
    fresh = rng.binomial(present - new, law.fresh)
    named = rng.multinomial(present - new - fresh, level_shares(law, plan.values, plan.moves))
    names = np.array([f"level {i:04d}" for i in range(len(law.shares))] + [f"once {i:06d}" for i in range(int(fresh[:first].sum()))])
    once = np.zeros((first, int(fresh[:first].sum())), dtype=np.int64)
    once[np.repeat(np.arange(first), fresh[:first]), np.arange(once.shape[1])] = 1
    reference = np.hstack([named[:first], once])
    seen = reference.sum(axis=0)
    order = np.lexsort([np.arange(len(names)), -seen])
    order = order[: int((seen > 0).sum())]
    kept = order[:MOST_CELLS]
    cells = Cells(law.name, Kind.CATEGORICAL, np.array([]), tuple(names[kept].tolist()), frozenset(names[order].tolist()))
    production = np.hstack([named[first:], np.zeros((len(present) - first, once.shape[1]), dtype=np.int64)])
    extra = [_new_levels(names, seen, *window) for window in zip(production, fresh[first:], new[first:], strict=True)]
    lost = plan.rows - present
    return (
        _level_column(cells, reference[:, kept], plan.rows[:first], lost[:first], ({},) * first),
        _level_column(cells, production[:, kept], plan.rows[first:], lost[first:], tuple(extra)),
    )


def _new_levels(names: NDArray[np.str_], seen: Ints, counts: Ints, fresh: int, new: int) -> dict[str, int]:
    """Return the rows of each level that the reference never had, the commonest."""
    unseen = np.flatnonzero((seen == 0) & (counts > 0))
    found = {str(names[i]): int(counts[i]) for i in unseen[np.argsort(-counts[unseen], kind="stable")][:TOLD_LEVELS]}
    found |= {f"fresh {i}": 1 for i in range(min(fresh, TOLD_LEVELS - len(found)))}
    return {NEW_LEVEL: new, **found} if new else found


def _level_column(cells: Cells, kept: Ints, rows: Ints, missing: Ints, new: tuple[dict[str, int], ...]) -> ColumnCounts:
    other = rows - missing - kept.sum(axis=1)
    nothing, unknown = np.zeros(len(rows)), np.full(len(rows), np.nan)
    return ColumnCounts(cells, np.column_stack([kept, other, missing]), nothing, nothing, unknown, unknown, new)
