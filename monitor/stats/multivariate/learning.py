"""Learning the rules of `rules` from the reference: propose on one half of its time blocks, keep what the other half obeys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from monitor.stats.multivariate.classifier import block_folds
from monitor.stats.multivariate.rows import Floats, Ints, Rows
from monitor.stats.multivariate.rules import Dependency, Order, Pair, Range, RangeByLevel, Rule, broken


@dataclass(frozen=True, slots=True)
class Settings:
    """What makes a rule: rows per level (`support`), rows that should have met by chance (`meetings`), the tolerated share of
    breaks in held-out reference blocks, the margin of ranges as a share of their width, and how much narrower the range of a
    level must be than that of the column to be worth a rule."""

    support: int = 100
    meetings: float = 20.0
    tolerance: float = 0.001
    margin: float = 0.25
    narrower: float = 0.6
    quantiles: tuple[float, float] = (0.001, 0.999)


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class LearnedRules:
    """`rules` learned on all of the reference; `support` (r,) rows that had the values it speaks of; `held_out` (r,) the
    share of breaks of the rule of one half of the time blocks in the other half."""

    rules: tuple[Rule, ...]
    support: Ints
    held_out: Floats


def learn_rules(reference: Rows, *, settings: Settings = DEFAULTS, seed: int = 0) -> LearnedRules:
    """Propose rules from half of the time blocks, keep those that the other half obeys, and learn these again from all rows."""
    half = block_folds(reference.block, 2, seed=seed)
    learned, other = reference.take(half == 0), reference.take(half == 1)
    candidates = tuple(_propose(learned, settings))
    share = broken(candidates, other).mean(axis=0) if len(other) else np.ones(len(candidates))
    tried = {(rule.kind, rule.columns): float(s) for rule, s in zip(candidates, share, strict=True)}
    passed = {key for key, s in tried.items() if s <= settings.tolerance}
    kept = tuple(rule for rule in _propose(reference, settings) if (rule.kind, rule.columns) in passed)
    support = np.array([_support(reference, rule.columns) for rule in kept], dtype=np.int64)
    return LearnedRules(kept, support, np.array([tried[rule.kind, rule.columns] for rule in kept]))


def _support(rows: Rows, columns: tuple[str, ...]) -> int:
    known = np.ones(len(rows), dtype=bool)
    for name in columns:
        position = rows.names.index(name)
        p = len(rows.numeric_names)
        known &= np.isfinite(rows.numeric[:, position]) if position < p else rows.categorical[:, position - p] >= 0
    return int(known.sum())


def _propose(rows: Rows, settings: Settings) -> Iterator[Rule]:
    numbers, categories = list(enumerate(rows.numeric_names)), list(enumerate(rows.categorical_names))
    for position, name in numbers:
        yield from _range(name, rows.numeric[:, position], settings)
    for c, category in categories:
        codes = rows.categorical[:, c]
        for position, name in numbers:
            yield from _range_by_level((category, name), rows.levels[category], codes, rows.numeric[:, position], settings)
    for (i, a), (j, b) in permutations(numbers, 2):
        yield from _order((a, b), rows.numeric[:, i], rows.numeric[:, j], settings)
    for (i, a), (j, b) in combinations(categories, 2):
        table = _table(rows.categorical[:, i], rows.categorical[:, j], rows.sizes[i], rows.sizes[j])
        levels = rows.levels[a], rows.levels[b]
        found = [*_dependency((a, b), levels, table, settings), *_dependency((b, a), levels[::-1], table.T, settings)]
        yield from found or _pair((a, b), levels, table, settings)


def _limits(values: Floats, settings: Settings) -> tuple[float, float]:
    """Robust quantiles with a margin (rare wild values stay outside); a column that is never negative stays so."""
    low, high = (float(q) for q in np.quantile(values, settings.quantiles))
    reach = settings.margin * (high - low)
    floor = 0.0 if low >= 0.0 and values.min() >= 0.0 else -np.inf
    return max(low - reach, floor), high + reach


def _range(name: str, values: Floats, settings: Settings) -> Iterator[Rule]:
    values = values[np.isfinite(values)]
    if len(values) >= settings.support:
        yield Range(name, *_limits(values, settings))


def _range_by_level(columns: tuple[str, str], levels: tuple[str, ...], codes: Ints, values: Floats, settings: Settings) -> Iterator[Rule]:
    known = np.isfinite(values) & (codes >= 0)
    codes, values = codes[known], values[known]
    low, high = np.full(len(levels), -np.inf), np.full(len(levels), np.inf)
    if len(values) < settings.support:
        return
    column_low, column_high = np.quantile(values, settings.quantiles)
    for level in np.flatnonzero(np.bincount(codes, minlength=len(levels)) >= settings.support):
        limits = _limits(values[codes == level], settings)
        if limits[1] - limits[0] < settings.narrower * (column_high - column_low):
            low[level], high[level] = limits
    if np.isfinite(low).any():
        yield RangeByLevel(*columns, levels, low, high)


def _order(columns: tuple[str, str], smaller: Floats, larger: Floats, settings: Settings) -> Iterator[Rule]:
    """Only where the two columns overlap: otherwise their ranges already say it."""
    known = np.isfinite(smaller) & np.isfinite(larger)
    a, b = smaller[known], larger[known]
    if len(a) < settings.support or (a > b).any() or (a == b).all():
        return
    if np.mean(a > np.median(b)) >= 0.01 or np.mean(b < np.median(a)) >= 0.01:
        yield Order(*columns)


def _table(a: Ints, b: Ints, size_a: int, size_b: int) -> Ints:
    known = (a >= 0) & (b >= 0)
    return np.bincount(a[known] * size_b + b[known], minlength=size_a * size_b).reshape(size_a, size_b)


def _dependency(
    columns: tuple[str, str], levels: tuple[tuple[str, ...], tuple[str, ...]], table: Ints, settings: Settings
) -> Iterator[Rule]:
    counts = table.sum(axis=1)
    enough = counts >= settings.support
    pure = table.max(axis=1) >= (1 - settings.tolerance) * counts
    image = np.where(enough & pure, table.argmax(axis=1), -1)
    if enough.any() and (pure | ~enough).all() and len(np.unique(image[enough])) > 1:
        yield Dependency(*columns, levels, tuple(int(i) for i in image))


def _pair(columns: tuple[str, str], levels: tuple[tuple[str, ...], tuple[str, ...]], table: Ints, settings: Settings) -> Iterator[Rule]:
    first, second = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    common = (first >= settings.support) & (second >= settings.support)
    forbidden = (table == 0) & common & (first * second / max(int(table.sum()), 1) >= settings.meetings)
    if forbidden.any():
        yield Pair(*columns, levels, forbidden)
