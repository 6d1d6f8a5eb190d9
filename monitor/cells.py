"""Cells: where a column is cut, so that both sides are always counted on the same cells, and what each cell is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.vocabulary import INFINITE, MISSING, OTHER, Kind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

RARE_LEVELS = "rare or new levels"
UNIT_BITS = 42


class PlaceKind(StrEnum):
    """What a cell, or a group of cells, is."""

    BELOW = "below"
    ABOVE = "above"
    BETWEEN = "between"
    VALUE = "value"
    GAP = "gap"
    LEVEL = "level"
    REST = "rest"
    BUCKET = "bucket"
    INFINITE = "infinite"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class CellPlace:
    """What a cell is: facts and sentences are made from it, never from its label.

    `below`: less than `upper`, the reference's smallest value; `above`: more than `lower`, its largest; `between`: from `lower` to `upper`;
    `value`: the one number `lower` = `upper`; `gap`: between the few values that the reference has, in `lower` to `upper`; `level`: one
    `level` by name; `rest`: several seldom levels together; `bucket`: levels without a cell of their own, new ones among them;
    `infinite`: of one sign where `lower` = `upper` are that value.
    """

    kind: PlaceKind
    lower: float = float("nan")
    upper: float = float("nan")
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """The shared cells of one column: `size` regular ones, then `other`, then `missing`.

    Numeric: `edges` (size - 1,) are ascending, finite, distinct upper edges; cell i holds edges[i-1] < x <= edges[i]. The first cell
    holds what lies below the smallest value of the reference, the last what lies above its largest: both are empty in the reference.
    Plus and minus infinity are counted in `other`, where the reference has infinite values in a cell each, minus infinity first (`signed`).
    (A reference without a finite value has one cell for every value.)
    Categorical and boolean: a cell for each of `levels`, in order of falling reference count, then `buckets` cells over which all other
    levels, known and new, are spread by `bucket_of`; `other` stays empty (it takes the others where there are no buckets).
    """

    column: str
    kind: Kind
    edges: Floats
    levels: tuple[str, ...]
    known: frozenset[str] = frozenset()
    """Categorical: every level the reference had."""
    center: float = 0.0
    """Numeric: the value that sums and squares are taken around (a typical reference value)."""
    low: float = float("nan")
    high: float = float("nan")
    """Numeric: smallest and largest finite reference value, in units of the column (nan if none)."""
    atoms: Floats = field(default_factory=lambda: np.array([]))
    """Numeric: (size,) the one value that a cell stands for (what differs from it by less than float32 can tell included), nan where the
    cell is an interval; empty where no cell is one value."""
    unit: float = 2.0**-UNIT_BITS
    """Numeric: unit of fixed-point sums, a power of two far below what matters."""
    buckets: int = 0
    once: frozenset[str] = frozenset()
    """Categorical: the levels that the reference had in exactly one row."""
    signed: bool = False
    """Numeric: whether minus infinity has a cell of its own before that of plus infinity."""

    @property
    def numeric(self) -> bool:
        """Whether cells are intervals of numbers."""
        return self.kind in (Kind.NUMERIC, Kind.DATETIME)

    @property
    def bounded(self) -> bool:
        """Whether the first and last regular cell lie outside everything that the reference had."""
        return self.numeric and len(self.edges) >= 2

    @property
    def size(self) -> int:
        """Number of regular cells."""
        return len(self.edges) + 1 if self.numeric else len(self.levels) + self.buckets

    @property
    def width(self) -> int:
        """Number of all cells: regular ones, `other` (of each sign, where `signed`) and `missing`."""
        return self.size + 2 + self.signed

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lower (exclusive) and upper (inclusive) bound of each regular cell, (size,) each."""
        infinite = np.array([np.inf])
        return np.concatenate([-infinite, self.edges]), np.concatenate([self.edges, infinite])

    @property
    def single(self) -> NDArray[np.bool_]:
        """Which regular numeric cells stand for one value, (size,)."""
        return np.isfinite(self.atoms) if len(self.atoms) else np.zeros(self.size, dtype=bool)

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Which regular cells are intervals between two values with cells of their own, (size,)."""
        single = self.single
        found = np.zeros(self.size, dtype=bool)
        if self.size >= 3:
            found[1:-1] = single[:-2] & ~single[1:-1] & single[2:]
        return found

    @property
    def units(self) -> Floats:
        """Units of the sums of values, squares, and the same of the below and the above cell, (6,)."""
        return np.tile([self.unit, self.unit * self.unit * 2.0**UNIT_BITS], 3)

    @property
    def labels(self) -> tuple[str, ...]:
        """A readable name of every cell, (width,): for people only, two cells may be called alike."""
        return tuple(self._label(i) for i in range(self.width))

    def _label(self, cell: int) -> str:
        if not self.numeric and len(self.levels) <= cell < self.size:
            return f"{RARE_LEVELS}, part {cell - len(self.levels) + 1} of {self.buckets}"
        if not self.numeric and cell == self.size:
            return OTHER
        return place_label(self.place(cell))

    def place(self, cell: int) -> CellPlace:
        """Return what a cell, 0 to width - 1, is."""
        if cell == self.width - 1:
            return CellPlace(PlaceKind.MISSING)
        if self.numeric:
            return self._infinity(cell) if cell >= self.size else self._interval(cell, cell)
        return CellPlace(PlaceKind.LEVEL, level=self.levels[cell]) if cell < len(self.levels) else CellPlace(PlaceKind.BUCKET)

    def _infinity(self, cell: int) -> CellPlace:
        """Return what a cell of infinite values is; of those of one sign with that value as both of its ends."""
        if not self.signed:
            return CellPlace(PlaceKind.INFINITE)
        value = float("-inf") if cell == self.size else float("inf")
        return CellPlace(PlaceKind.INFINITE, value, value)

    def _interval(self, first: int, last: int) -> CellPlace:
        """Return the interval of neighbouring numeric cells; it ends at values where its ends are values."""
        lower, upper = self.bounds
        if self.bounded and last == 0:
            return CellPlace(PlaceKind.BELOW, float("-inf"), self.low)
        if self.bounded and first == self.size - 1:
            return CellPlace(PlaceKind.ABOVE, self.high, float("inf"))
        start, end = float(lower[first]), float(upper[last])
        if self.bounded:
            start, end = (self.low if first == 1 else start), (self.high if last == self.size - 2 else end)
        if len(self.atoms):
            start = _known(start, self.atoms[first], self.atoms[first - 1] if first > 0 else np.nan)
            end = _known(end, self.atoms[last], self.atoms[last + 1] if last + 1 < self.size else np.nan)
        return CellPlace(PlaceKind.VALUE if first == last and self.single[first] else PlaceKind.BETWEEN, start, end)

    def matches(self, other: Cells) -> bool:
        """Say whether counts on both can be compared and added up."""
        mine, theirs = ((*_plain(one), one.edges.tobytes(), one.known) for one in (self, other))
        return self is other or mine == theirs


def _plain(cells: Cells) -> tuple[object, ...]:
    return cells.kind, cells.levels, cells.buckets, cells.center, cells.unit, cells.signed


def _known(bound: float, own: float, neighbour: float) -> float:
    """Return a cell's bound: its own value, else its neighbour's, else the edge."""
    return float(own) if np.isfinite(own) else float(neighbour) if np.isfinite(neighbour) else bound


def place_label(place: CellPlace) -> str:
    """Return a readable name of what a cell is."""
    texts = {
        PlaceKind.BELOW: f"< {_number(place.upper)}",
        PlaceKind.ABOVE: f"> {_number(place.lower)}",
        PlaceKind.VALUE: f"= {_number(place.lower)}",
        PlaceKind.BETWEEN: _interval_label(place.lower, place.upper),
        PlaceKind.GAP: "between its values",
        PlaceKind.LEVEL: str(place.level),
        PlaceKind.REST: "rare levels",
        PlaceKind.BUCKET: RARE_LEVELS,
        PlaceKind.INFINITE: INFINITE if np.isnan(place.lower) else f"{'minus' if place.lower < 0 else 'plus'} infinity",
        PlaceKind.MISSING: MISSING,
    }
    return texts[place.kind]


def _interval_label(lower: float, upper: float) -> str:
    if np.isinf(lower) and np.isinf(upper):
        return "any value"
    if np.isinf(lower) or np.isinf(upper):
        return f"≤ {_number(upper)}" if np.isinf(lower) else f"> {_number(lower)}"
    return f"{_number(lower)} to {_number(upper)}"


def _number(value: float) -> str:
    """Write a bound with six digits, or so that it names one number where whole ones are longer (20240130, an id)."""
    return f"{value:.6g}" if not 1e6 <= abs(value) < 1e15 else f"{value:.16g}"


def group_places(cells: Cells, groups: Ints) -> tuple[CellPlace, ...]:
    """Return what each group of cells is; `groups` (width,) is the group of every cell."""
    order = np.argsort(groups, kind="stable")
    ends = [*np.flatnonzero(np.diff(groups[order], prepend=-1)).tolist(), len(order)]
    return tuple(_group_place(cells, order[start:end].tolist()) for start, end in pairwise(ends))


def _group_place(cells: Cells, members: Sequence[int]) -> CellPlace:
    first, last = members[0], members[-1]
    if len(members) == 1 or first >= cells.size:
        one = cells.place(first)
        return CellPlace(PlaceKind.GAP, one.lower, one.upper) if cells.numeric and first < cells.size and cells.gaps[first] else one
    if cells.numeric:
        if cells.gaps[list(members)].all():
            return CellPlace(PlaceKind.GAP, cells.low, cells.high)
        return cells._interval(first, last)
    return CellPlace(PlaceKind.REST if first < len(cells.levels) else PlaceKind.BUCKET)
