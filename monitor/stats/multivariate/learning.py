"""Learning the rules of `rules` from the reference: propose on one half of its time, keep what the other half obeys, both ways round.

Rows of one block of time may be copies of one another, so that support is counted in blocks as well as in rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from monitor.stats.multivariate.rows import Bools, Floats, Ints, Rows
from monitor.stats.multivariate.rules import Dependency, Order, Pair, Range, RangeByLevel, Rule, broken


@dataclass(frozen=True, slots=True)
class Settings:
    """What makes a rule: rows per level (`support`) in at least so many blocks (`stretches`), meetings there should have been by
    chance (`meetings`, several in one block count once), the tolerated share of breaks in the other half of the reference's time, the
    margin of ranges as a share of their width, and how much narrower the range of a level must be than that of the column to be worth
    a rule, and the share of rows paired at random that must break an order (`crossing`)."""

    support: int = 100
    stretches: int = 20
    meetings: float = 10.0
    tolerance: float = 0.001
    margin: float = 0.25
    narrower: float = 0.6
    crossing: float = 0.1
    quantiles: tuple[float, float] = (0.001, 0.999)


DEFAULTS = Settings()
COUNTED = 200_000
"""Places up to which counting all of them is quicker than sorting the rows."""
MOSTLY, NEARLY_ALL = 0.95, 0.9
"""Share of the rows of a window that have one level, and of windows that are such, from which a category tells the time."""
FIRST_ROWS = 256
"""Rows that are looked at before all of them: they tell of most pairs of numbers that neither is always the smaller."""


@dataclass(frozen=True, slots=True)
class LearnedRules:
    """`rules` learned on all of the reference; `support` (r,) rows that had the values it speaks of; `held_out` (r,) the
    share of breaks of the rule of one half of the time in the other half (the larger of both ways round)."""

    rules: tuple[Rule, ...]
    support: Ints
    held_out: Floats


def learn_rules(reference: Rows, *, settings: Settings = DEFAULTS) -> LearnedRules:
    """Propose rules from each half of the time, keep those that the other half obeys, and learn these again from all rows.

    The halves are the earlier and the later one: what a season or a change of habits breaks within the reference is no rule.
    """
    later = later_half(reference.block)
    halves = reference.take(~later), reference.take(later)
    tried: dict[tuple[str, tuple[str, ...]], float] = {}
    for learned, other in (halves, halves[::-1]):
        candidates = tuple(_propose(learned, settings))
        share = broken(candidates, other).mean(axis=0) if len(other) else np.ones(len(candidates))
        for rule, part in zip(candidates, share, strict=True):
            key = rule.kind, rule.columns
            tried[key] = max(tried.get(key, 0.0), float(part))
    kept = tuple(rule for rule in _propose(reference, settings) if tried.get((rule.kind, rule.columns), 1.0) <= settings.tolerance)
    support = np.array([_support(reference, rule.columns) for rule in kept], dtype=np.int64)
    return LearnedRules(kept, support, np.array([tried[rule.kind, rule.columns] for rule in kept]))


def later_half(block: Ints) -> Bools:
    """Say which rows lie in the later half of the blocks (numbered in order of time), with about half of the rows, (n,)."""
    names, index, counts = np.unique(block, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return np.asarray((middle > len(block) / 2)[index]) if len(names) > 1 else np.zeros(len(block), dtype=bool)


def _support(rows: Rows, columns: tuple[str, ...]) -> int:
    known = np.ones(len(rows), dtype=bool)
    for name in columns:
        position = rows.names.index(name)
        p = len(rows.numeric_names)
        known &= np.isfinite(rows.numeric[:, position]) if position < p else rows.categorical[:, position - p] >= 0
    return int(known.sum())


def _propose(rows: Rows, settings: Settings) -> Iterator[Rule]:
    numbers = list(enumerate(rows.numeric_names))
    for position, name in numbers:
        yield from _range(name, rows.numeric[:, position], settings)
    yield from _ranges_by_level(rows, settings)
    columns = np.asfortranarray(rows.numeric)
    for i, j in _in_order_at_first(columns).tolist():
        yield from _order((numbers[i][1], numbers[j][1]), columns[:, i], columns[:, j], settings)
    for i, j in combinations(range(len(rows.categorical_names)), 2):
        yield from _of_categories(rows, i, j, settings)


def _in_order_at_first(columns: Floats) -> Ints:
    """Return the pairs (i, j) of columns (n, p) of which the first is above the second in none of the first rows: most pairs go here."""
    first = columns[:FIRST_ROWS]
    above = np.array([(one[:, None] > first).any(axis=0) for one in first.T], dtype=bool).reshape(columns.shape[1], columns.shape[1])
    return np.argwhere(~above & ~np.eye(len(above), dtype=bool))


def _of_categories(rows: Rows, i: int, j: int, settings: Settings) -> Iterator[Rule]:
    a, b = rows.categorical_names[i], rows.categorical_names[j]
    levels = rows.levels[a], rows.levels[b]
    tables = _tables(rows.categorical[:, i], rows.categorical[:, j], rows.block, (rows.sizes[i], rows.sizes[j]))
    turned = tables[0].T, tables[1].T
    found = [*_dependency((a, b), levels, tables, settings), *_dependency((b, a), levels[::-1], turned, settings)]
    yield from found or _pair((a, b), levels, tables, settings)


def _limits(ordered: Floats, settings: Settings) -> tuple[float, float]:
    """Robust quantiles of sorted values with a margin (rare wild values stay outside); a column that is never negative stays so."""
    low, high = (_quantile(ordered, q) for q in settings.quantiles)
    reach = settings.margin * (high - low)
    floor = 0.0 if low >= 0.0 and ordered[0] >= 0.0 else -np.inf
    return max(low - reach, floor), high + reach


def _limits_of_parts(ordered: Floats, start: Ints, size: Ints, settings: Settings) -> tuple[Floats, Floats]:
    """Return what `_limits` says of each sorted part, (k,) each."""
    low, high = (_quantile_of_parts(ordered, start, size, q) for q in settings.quantiles)
    reach = settings.margin * (high - low)
    floor = np.where((low >= 0.0) & (ordered[start] >= 0.0), 0.0, -np.inf)
    return np.maximum(low - reach, floor), high + reach


def _quantile_of_parts(ordered: Floats, start: Ints, size: Ints, q: float) -> Floats:
    place = q * (size - 1)
    below = place.astype(np.int64)
    first, then = ordered[start + below], ordered[start + np.minimum(below + 1, size - 1)]
    return np.asarray(first + (place - below) * (then - first))


def _quantile(ordered: Floats, q: float) -> float:
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def _range(name: str, values: Floats, settings: Settings) -> Iterator[Rule]:
    values = values[np.isfinite(values)]
    if len(values) >= settings.support:
        yield Range(name, *_limits(np.sort(values), settings))


def _ranges_by_level(rows: Rows, settings: Settings) -> Iterator[Rule]:
    """Sort each number once, and its rows by level then: a rule for every category that narrows it."""
    stretches = [
        _blocks_with(codes[codes >= 0], (rows.window if _tells_time(codes, rows.window) else rows.block)[codes >= 0], size)
        for codes, size in zip(rows.categorical.T, rows.sizes, strict=True)
    ]
    short = rows.categorical.astype(np.int16) if max(rows.sizes, default=0) < 2**15 else rows.categorical  # sorts ten times as fast
    for position, name in enumerate(rows.numeric_names):
        order = np.argsort(rows.numeric[:, position])
        order = order[np.isfinite(rows.numeric[order, position])]
        values = rows.numeric[order, position]
        for c, category in enumerate(rows.categorical_names if len(values) >= settings.support else ()):
            codes = short[order, c]
            by_level = values[np.argsort(codes, kind="stable")]
            levels = category, rows.levels[category], np.bincount(codes[codes >= 0], minlength=rows.sizes[c])
            yield from _range_by_level(levels, name, (values, by_level), stretches[c], settings)


def _tells_time(codes: Ints, window: Ints) -> bool:
    """Say whether the levels of a category only tell windows apart, as days of the week do: the hours of a day say nothing of others."""
    known = codes >= 0
    table = np.zeros((int(window.max(initial=0)) + 1, int(codes.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(table, (window[known], codes[known]), 1)
    table = table[table.sum(axis=1) > 0]
    one = table.max(axis=1, initial=0) >= MOSTLY * table.sum(axis=1)
    return bool(len(table) > 1 and one.mean() >= NEARLY_ALL and (table.sum(axis=0) > 0).sum() > 1)


def _range_by_level(
    levels: tuple[str, tuple[str, ...], Ints], column: str, sorted_values: tuple[Floats, Floats], stretches: Ints, settings: Settings
) -> Iterator[Rule]:
    """Find the levels (name, levels, counts) that narrow a number, given its values sorted, and sorted by level (missing first)."""
    (category, names, counts), (values, by_level) = levels, sorted_values
    low, high = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    column_low, column_high = (_quantile(values, q) for q in settings.quantiles)
    ends = np.cumsum(counts) + len(by_level) - counts.sum()
    known_levels = np.flatnonzero((counts >= settings.support) & (stretches >= settings.stretches))
    lower, upper = _limits_of_parts(by_level, (ends - counts)[known_levels], counts[known_levels], settings)
    narrow = upper - lower < settings.narrower * (column_high - column_low)
    low[known_levels[narrow]], high[known_levels[narrow]] = lower[narrow], upper[narrow]
    if np.isfinite(low).any():
        known = by_level[len(by_level) - counts.sum() :]
        yield RangeByLevel(category, column, names, low, high, (float(known.min()), float(known.max())))


def _order(columns: tuple[str, str], smaller: Floats, larger: Floats, settings: Settings) -> Iterator[Rule]:
    """Only where rows paired at random would often break it: otherwise the ranges of the columns already say it, or chance does."""
    if (smaller > larger).any():  # never so where one is missing
        return
    known = np.isfinite(smaller) & np.isfinite(larger)
    a, b = smaller[known], larger[known]
    if len(a) < settings.support or (a == b).all():
        return
    if np.mean(np.searchsorted(np.sort(b), a)) / len(b) >= settings.crossing:
        yield Order(*columns, ((float(a.min()), float(a.max())), (float(b.min()), float(b.max()))))


def _tables(a: Ints, b: Ints, block: Ints, sizes: tuple[int, int]) -> tuple[Ints, Ints]:
    """Count rows, and blocks with such a row, of each pair of levels."""
    known = (a >= 0) & (b >= 0)
    pair = a[known] * sizes[1] + b[known]
    rows, blocks = np.bincount(pair, minlength=sizes[0] * sizes[1]), _blocks_with(pair, block[known], sizes[0] * sizes[1])
    return rows.reshape(sizes), blocks.reshape(sizes)


def _blocks_with(codes: Ints, block: Ints, size: int) -> Ints:
    """Count the blocks that have each code, (size,)."""
    blocks = int(block.max(initial=0)) + 1
    both = codes * blocks + block
    if size * blocks <= COUNTED:
        return np.asarray(np.count_nonzero(np.bincount(both, minlength=size * blocks).reshape(size, blocks), axis=1))
    return np.bincount(np.unique(both) // blocks, minlength=size)


def _dependency(
    columns: tuple[str, str], levels: tuple[tuple[str, ...], tuple[str, ...]], tables: tuple[Ints, Ints], settings: Settings
) -> Iterator[Rule]:
    table, counts = tables[0], tables[0].sum(axis=1)
    enough = (counts >= settings.support) & (tables[1].max(axis=1) >= settings.stretches)
    pure = table.max(axis=1) >= (1 - settings.tolerance) * counts
    image = np.where(enough & pure, table.argmax(axis=1), -1)
    if enough.any() and (pure | ~enough).all() and len(np.unique(image[enough])) > 1:
        yield Dependency(*columns, levels, tuple(int(i) for i in image))


def _pair(
    columns: tuple[str, str], levels: tuple[tuple[str, ...], tuple[str, ...]], tables: tuple[Ints, Ints], settings: Settings
) -> Iterator[Rule]:
    table, blocks = tables
    common = (table.sum(axis=1, keepdims=True) >= settings.support) & (table.sum(axis=0, keepdims=True) >= settings.support)
    expected = blocks.sum(axis=1, keepdims=True) * blocks.sum(axis=0, keepdims=True) / max(int(blocks.sum()), 1)
    forbidden = (table == 0) & common & (expected >= settings.meetings)
    if forbidden.any():
        yield Pair(*columns, levels, forbidden)
