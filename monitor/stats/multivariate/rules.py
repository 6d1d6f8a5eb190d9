"""Rules of one and two columns that the reference obeys, and the rows that break them: legal values, illegal pair.

Every rule is learned on the reference and keeps only if rows of other time blocks obey it too; a row with a missing value in
a rule's column does not break it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from monitor.stats.multivariate.rows import Bools, Floats, Ints, Rows

SHOWN = 3
"""Forbidden pairs named in the text of a rule."""


class Rule(Protocol):
    """Something that the reference obeys."""

    @property
    def columns(self) -> tuple[str, ...]:
        """One or two column names."""

    @property
    def kind(self) -> str:
        """One of `range`, `range_by_level`, `order`, `pair`, `dependency`."""

    @property
    def text(self) -> str:
        """The rule as a sentence part: ``dep_delay is between -30 and 600``."""

    def broken(self, rows: Rows) -> Bools:
        """Say which rows break the rule, (n,)."""

    def everywhere(self) -> Rule:
        """Return the rule for values that the reference had not at all as well."""

    def breach(self, rows: Rows) -> tuple[str, int]:
        """Say in words how most of some rows break it, all of which do, and how many: ``seats above 105 where carrier = EV``."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number lies between `low` and `high`."""

    column: str
    low: float
    high: float
    kind: str = field(default="range", init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def text(self) -> str:
        """Readable form."""
        return f"{self.column} is between {self.low:.4g} and {self.high:.4g}"

    def broken(self, rows: Rows) -> Bools:
        """Rows with a value outside."""
        values = _numbers(rows, self.column)
        return (values < self.low) | (values > self.high)

    def everywhere(self) -> Rule:
        """Return the rule itself: it knows no other values."""
        return self

    def breach(self, rows: Rows) -> tuple[str, int]:
        """Above or below, whichever is commoner."""
        over = int((_numbers(rows, self.column) > self.high).sum())
        above, count = (True, over) if 2 * over >= len(rows) else (False, len(rows) - over)
        return f"{self.column} {'above' if above else 'below'} {self.high if above else self.low:.4g}", count


@dataclass(frozen=True, slots=True)
class RangeByLevel:
    """Where the category is level i, the number lies between `low[i]` and `high[i]` (infinite: no limit learned), (levels,).

    Numbers outside `legal`, the smallest and largest that the reference had at all, say nothing about the pair and do not break it.
    """

    category: str
    column: str
    levels: tuple[str, ...]
    low: Floats
    high: Floats
    legal: tuple[float, float] = (-np.inf, np.inf)
    kind: str = field(default="range_by_level", init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Category, number."""
        return (self.category, self.column)

    @property
    def text(self) -> str:
        """Readable form."""
        known = np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))
        parts = [f"{self.low[i]:.4g} to {self.high[i]:.4g} where {self.category} = {self.levels[i]}" for i in known[:SHOWN]]
        return f"{self.column} is {', '.join(parts)}{_more(len(known))}"

    def broken(self, rows: Rows) -> Bools:
        """Rows with a value outside the range of their level, though not outside all that was seen."""
        values, codes = _numbers(rows, self.column), _codes(rows, self.category)
        legal = (values >= self.legal[0]) & (values <= self.legal[1])
        return (codes >= 0) & legal & ((values < self.low[codes]) | (values > self.high[codes]))

    def everywhere(self) -> Rule:
        """Return the rule for values that the reference had not at all as well."""
        return replace(self, legal=(-np.inf, np.inf))

    def breach(self, rows: Rows) -> tuple[str, int]:
        """Name the commonest level and side."""
        values, codes = _numbers(rows, self.column), _codes(rows, self.category)
        most, count = _commonest(codes * 2 + (values > self.high[codes]))
        level, above = divmod(most, 2)
        limit = self.high[level] if above else self.low[level]
        return f"{self.column} {'above' if above else 'below'} {limit:.4g} where {self.category} = {self.levels[level]}", count


@dataclass(frozen=True, slots=True)
class Order:
    """One number never exceeds another; numbers outside `legal`, what the reference had of each at all, do not break it."""

    smaller: str
    larger: str
    legal: tuple[tuple[float, float], tuple[float, float]] = ((-np.inf, np.inf), (-np.inf, np.inf))
    kind: str = field(default="order", init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Smaller, larger."""
        return (self.smaller, self.larger)

    @property
    def text(self) -> str:
        """Readable form."""
        return f"{self.smaller} ≤ {self.larger}"

    def broken(self, rows: Rows) -> Bools:
        """Rows in the wrong order."""
        a, b = _numbers(rows, self.smaller), _numbers(rows, self.larger)
        (low_a, high_a), (low_b, high_b) = self.legal
        return np.asarray((a > b) & (a >= low_a) & (a <= high_a) & (b >= low_b) & (b <= high_b))

    def everywhere(self) -> Rule:
        """Return the rule for values that the reference had not at all as well."""
        return replace(self, legal=((-np.inf, np.inf), (-np.inf, np.inf)))

    def breach(self, rows: Rows) -> tuple[str, int]:
        """Say the wrong order."""
        return f"{self.smaller} above {self.larger}", len(rows)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two levels that are both common never meet; `forbidden` (first levels, second levels)."""

    first: str
    second: str
    levels: tuple[tuple[str, ...], tuple[str, ...]]
    forbidden: Bools
    kind: str = field(default="pair", init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The two categories."""
        return (self.first, self.second)

    @property
    def text(self) -> str:
        """Readable form."""
        pairs = np.argwhere(self.forbidden)
        parts = [f"{self.first} = {self.levels[0][a]} with {self.second} = {self.levels[1][b]}" for a, b in pairs[:SHOWN]]
        return f"never {', '.join(parts)}{_more(len(pairs))}"

    def broken(self, rows: Rows) -> Bools:
        """Rows with a pair that never met."""
        a, b = _codes(rows, self.first), _codes(rows, self.second)
        return np.asarray((a >= 0) & (b >= 0) & self.forbidden[a, b])

    def everywhere(self) -> Rule:
        """Return the rule itself: it knows no other values."""
        return self

    def breach(self, rows: Rows) -> tuple[str, int]:
        """Name the commonest pair."""
        return _pair_text(self, rows)


@dataclass(frozen=True, slots=True)
class Dependency:
    """The first category determines the second: level a always comes with level `image[a]` (-1: not learned)."""

    first: str
    second: str
    levels: tuple[tuple[str, ...], tuple[str, ...]]
    image: tuple[int, ...]
    kind: str = field(default="dependency", init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Determining, determined."""
        return (self.first, self.second)

    @property
    def text(self) -> str:
        """Readable form."""
        known = [i for i, target in enumerate(self.image) if target >= 0]
        parts = [f"{self.levels[0][i]} → {self.levels[1][self.image[i]]}" for i in known[:SHOWN]]
        return f"{self.first} determines {self.second}: {', '.join(parts)}{_more(len(known))}"

    def broken(self, rows: Rows) -> Bools:
        """Rows whose second level is not the one that the first determines."""
        a, b = _codes(rows, self.first), _codes(rows, self.second)
        target = np.array([*self.image, -1])[a]
        return np.asarray((target >= 0) & (b >= 0) & (b != target))

    def everywhere(self) -> Rule:
        """Return the rule itself: it knows no other values."""
        return self

    def breach(self, rows: Rows) -> tuple[str, int]:
        """Name the commonest pair, and what should have stood there."""
        a, _ = _commonest(_codes(rows, self.first))
        pair, count = _pair_text(self, rows.take(_codes(rows, self.first) == a))
        return f"{pair}, not {self.levels[1][self.image[a]]}", count


def _pair_text(rule: Pair | Dependency, rows: Rows) -> tuple[str, int]:
    size = len(rule.levels[1])
    most, count = _commonest(_codes(rows, rule.first) * size + _codes(rows, rule.second))
    a, b = divmod(most, size)
    return f"{rule.first} = {rule.levels[0][a]} with {rule.second} = {rule.levels[1][b]}", count


def _commonest(codes: Ints) -> tuple[int, int]:
    counts = np.bincount(codes)
    return int(counts.argmax()), int(counts.max())


def _more(count: int) -> str:
    return f" and {count - SHOWN} more" if count > SHOWN else ""


def _numbers(rows: Rows, column: str) -> Floats:
    return rows.numeric[:, rows.numeric_names.index(column)]


def _codes(rows: Rows, column: str) -> Ints:
    return rows.categorical[:, rows.categorical_names.index(column)]


def broken(rules: Sequence[Rule], rows: Rows) -> Bools:
    """Say which rows break which rule, (n, rules)."""
    return np.column_stack([np.zeros((len(rows), 0), dtype=bool), *(rule.broken(rows) for rule in rules)])


def broken_share(rules: Sequence[Rule], rows: Rows) -> Floats:
    """Share of rows that break each rule by window, nan for windows without rows, (w, rules)."""
    mask = broken(rules, rows)
    counts = np.zeros((rows.windows, mask.shape[1]))
    np.add.at(counts, rows.window, mask)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(counts / rows.counts[:, None])
