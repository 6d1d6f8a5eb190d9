"""Where something went wrong: the predicate of few columns that holds more of what is bad than it ever did, by a scan of all of them.

Each cell of at most three columns is asked how surely it holds more than before: LLR = x ln(x / mu) - (x - mu) for x > mu, with x what is
bad in it now, mu = rows now * (bad before + a r) / (rows before + a), and r a rate that is known better. Levels of one column that
each hold more are tried together; the greatest LLR answers. How often the greatest would be as great if what is bad were spread over
all rows is drawn (Kulldorff, A spatial scan statistic, 1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMOOTHING = 100.0
"""Rows that are added to the rows of a cell before, as a cell of few rows knows little of its own rate: at the rate of everything, or, of
several columns, at the rate that they would have if each acted for itself."""
FURTHER = 0.9
"""What remains of the LLR of several levels taken together for each after the first: they were chosen because they are high."""
MOST_TOGETHER = 3
MOST_CROSSED = 6
"""Columns of which predicates of several are made: where one alone says nothing, two together seldom do."""
WIDER = 0.75
"""Part of the evidence of a predicate that one of a column less needs to be told instead, where what it holds beyond is bad as well."""
BEYOND = 5.0
"""Evidence, in nats, that what lies beyond is bad as well."""
DRAWS = 99
EVIDENT = 100.0
"""Evidence, in nats, that chance never reaches: the greatest of a million cells without any change stays below 20."""
DENSE = 1 << 21
"""Cells up to which all of them are counted, be they empty or not."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """What is counted, by the finest cells that are known: one per row of a table, or of the rows themselves.

    Parameters
    ----------
    codes : (m, d) level of each column from 0; -1: not known, in no predicate of that column.
    bad, rows : (m,) now; `bad` may be weights, in units of about one event. `bad_before`, `rows_before`: (m,).
    """

    codes: Ints
    bad: Floats
    rows: Floats
    bad_before: Floats
    rows_before: Floats

    @property
    def rate_before(self) -> float:
        """Return the rate of everything before; never 0."""
        return float((self.bad_before.sum() + 0.5) / (self.rows_before.sum() + 1.0))

    @property
    def least_rate(self) -> float:
        """Return the smallest rate that so many rows before can tell from none."""
        return 0.5 / (float(self.rows_before.sum()) + 1.0)

    def merged(self, columns: tuple[int, ...]) -> Leaves:
        """Return the same with one leaf for all that agree in some columns; the others are not known in it."""
        flat, levels = _keys(self.codes, columns)
        seen, key = np.unique(flat, return_inverse=True)
        codes = np.full((len(seen), self.codes.shape[1]), -1, dtype=np.int64, order="F")
        codes[:, columns] = levels[seen]
        counts = (np.bincount(key, weights=one) for one in (self.bad, self.rows, self.bad_before, self.rows_before))
        return Leaves(codes, *(np.asarray(one, dtype=np.float64) for one in counts))


@dataclass(frozen=True, slots=True)
class Place:
    """A predicate: each of `columns` at its of `levels`, or, of one column, at one of `beside` as well, and what it holds.

    `bad` of `rows` now, where `expected` were usual; `llr` how surely that is more; `score` the same less a price of choosing. `parts`: the
    levels apart, of several.
    """

    columns: tuple[int, ...]
    levels: tuple[int, ...]
    bad: float
    rows: float
    expected: float
    llr: float
    score: float
    parts: tuple[Place, ...] = ()

    @property
    def beside(self) -> tuple[int, ...]:
        """Return the further levels of its column."""
        return tuple(part.levels[0] for part in self.parts[1:])

    def within(self, other: Place) -> bool:
        """Say whether all its rows lie in another place, as the predicates say."""
        mine = dict(zip(self.columns, self.levels, strict=True))
        return not self.parts and all(
            mine.get(column) in (level, *other.beside) for column, level in zip(other.columns, other.levels, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """All cells of some `columns` that have rows now: `levels` (c, k), and what they hold, (c,) each."""

    columns: tuple[int, ...]
    levels: Ints
    bad: Floats
    rows: Floats
    rows_before: Floats
    expected: Floats

    @property
    def rate(self) -> Floats:
        """Return the usual rate of each, (c,)."""
        return self.expected / self.rows

    @property
    def llr(self) -> Floats:
        """Return how surely each holds more than expected, (c,)."""
        return excess_llr(self.bad, self.expected)

    def position(self, levels: tuple[int, ...]) -> int:
        """Return where the cell of some levels stands."""
        return int(np.flatnonzero((self.levels == np.array(levels)).all(axis=1))[0])

    def place(self, position: int) -> Place:
        """Return one of them."""
        x, mu = float(self.bad[position]), float(self.expected[position])
        llr = float(excess_llr(np.array([x]), np.array([mu]))[0])
        return Place(self.columns, tuple(self.levels[position].tolist()), x, float(self.rows[position]), mu, llr, llr)


def excess_llr(bad: Floats, expected: Floats) -> Floats:
    """Return x ln(x / mu) - (x - mu) where x > mu, else 0.

    Examples
    --------
    >>> excess_llr(np.array([40.0, 5.0]), np.array([10.0, 10.0])).round(6).tolist()
    [25.451774, 0.0]
    """
    x, mu = np.maximum(bad, 1e-300), np.maximum(expected, 1e-300)
    return np.where(bad > expected, bad * np.log(x / mu) - (bad - expected), 0.0)


def cells_of(leaves: Leaves, columns: tuple[int, ...], usual: Sequence[Floats] = ()) -> Cells:
    """Count the cells of some columns; `usual`: rate before of each level of each of them, where they are known."""
    key, levels = _keys(leaves.codes, columns)

    def over(values: Floats) -> Floats:
        return np.asarray(np.bincount(key, weights=values, minlength=len(levels)), dtype=np.float64)

    bad, rows, bad_before, rows_before = (over(one) for one in (leaves.bad, leaves.rows, leaves.bad_before, leaves.rows_before))
    some = (rows > 0) & (levels >= 0).all(axis=1)
    levels, bad, rows, bad_before, rows_before = levels[some], bad[some], rows[some], bad_before[some], rows_before[some]
    prior = (
        _as_apart([rate[level] for rate, level in zip(usual, levels.T, strict=True)], leaves.rate_before) if usual else leaves.rate_before
    )
    rate = np.maximum((bad_before + SMOOTHING * prior) / (rows_before + SMOOTHING), leaves.least_rate)
    return Cells(columns, levels, bad, rows, rows_before, rows * rate)


def _as_apart(rates: Sequence[Floats], rate: float) -> Floats:
    """Return the rate of cells (c,) of which the columns (c,) act apart, as far as the highest of theirs."""
    product = np.asarray(rate * np.prod(np.array(rates) / rate, axis=0))
    return np.asarray(np.minimum(product, np.max(rates, axis=0)))


def _keys(codes: Ints, columns: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Return the cell of each row (m,) and the levels of each cell (c, k), -1 where one is not known."""
    sizes = tuple(int(codes[:, column].max(initial=-1)) + 2 for column in columns)
    key = np.zeros(len(codes), dtype=np.int64)
    for column, size in zip(columns, sizes, strict=True):
        key = key * size + (codes[:, column] + 1)
    cells: Ints = np.arange(prod(sizes), dtype=np.int64) if prod(sizes) <= DENSE else np.empty(0, dtype=np.int64)
    if not len(cells):
        cells, key = np.unique(key, return_inverse=True)
    return key, np.stack(np.unravel_index(cells, sizes), axis=1) - 1


def everything(leaves: Leaves) -> Place:
    """Return the predicate of all rows."""
    x, mu = float(leaves.bad.sum()), float(leaves.rows.sum()) * leaves.rate_before
    llr = float(excess_llr(np.array([x]), np.array([mu]))[0])
    return Place((), (), x, float(leaves.rows.sum()), mu, llr, llr)


def all_cells(leaves: Leaves, *, deepest: int = 3, crossed: int = MOST_CROSSED) -> list[Cells]:
    """Return the cells of each column, and of every set of at most `deepest` of the `crossed` columns whose own levels hold most."""
    alone = [cells_of(leaves, (column,)) for column in range(leaves.codes.shape[1])]
    strongest = sorted(alone, key=lambda one: -float(one.llr.max(initial=0.0)))[:crossed]
    columns = tuple(sorted(one.columns[0] for one in strongest))
    merged = leaves.merged(columns) if deepest > 1 and len(columns) > 1 else leaves
    sets = (taken for size in range(2, deepest + 1) for taken in combinations(columns, size))
    usual = {column: _by_level(alone[column], leaves) for column in columns}
    return [*alone, *(cells_of(merged, taken, [usual[column] for column in taken]) for taken in sets)]


def _by_level(cells: Cells, leaves: Leaves) -> Floats:
    """Return the usual rate of each level of a column, that of everything where it has no rows now."""
    rates = np.full(int(leaves.codes[:, cells.columns[0]].max(initial=-1)) + 1, leaves.rate_before)
    rates[cells.levels[:, 0]] = cells.rate
    return rates


def best_places(cells: Sequence[Cells], most: int) -> list[Place]:
    """Return the `most` cells of the greatest LLR, greatest first; of equal ones the shorter predicate."""
    found: list[Place] = []
    for one in cells:
        llr = one.llr
        order = np.argsort(-llr, kind="stable")[:most]
        found += [one.place(position) for position in order.tolist() if llr[position] > 0]
    return sorted(found, key=lambda place: (-place.score, len(place.columns)))[:most]


def together(cells: Sequence[Cells]) -> Iterator[Place]:
    """Yield two and three levels of one column that each hold more than expected, at the price of having been chosen."""
    for one in cells:
        if len(one.columns) == 1:
            llr = one.llr
            order = [position for position in np.argsort(-llr, kind="stable").tolist() if llr[position] > 0]
            for size in range(2, min(MOST_TOGETHER, len(order), len(llr) - 2) + 1):
                yield _joined([one.place(position) for position in order[:size]])


def _joined(parts: list[Place]) -> Place:
    first, *further = parts
    return replace(
        first,
        parts=tuple(parts),
        bad=sum(place.bad for place in parts),
        rows=sum(place.rows for place in parts),
        expected=sum(place.expected for place in parts),
        llr=sum(place.llr for place in parts),
        score=sum(place.llr for place in parts) * FURTHER ** len(further),
    )


def parts_of(place: Place) -> list[Place]:
    """Return the levels of a place apart: itself, where it is one."""
    return list(place.parts) or [place]


def ranked(cells: Sequence[Cells], *, most: int = 50) -> list[Place]:
    """Return the predicates that hold more than expected, surest first, the first as wide as what is bad.

    What lies within another alternative to the first says nothing new, and is left out.
    """
    found = sorted([*best_places(cells, most), *together(cells)], key=lambda place: (-place.score, len(place.columns)))
    kept = [widest(found[0], cells)] if found else []
    for place in found:
        if place not in kept and not any(place.within(other) for other in kept[1:]):
            kept.append(place)
    return kept


def widest(place: Place, cells: Sequence[Cells]) -> Place:
    """Return a predicate without those of its columns beyond which there is more than expected too: it goes on there."""
    least = WIDER * place.score
    while len(place.columns) > 1:
        beyond = [one for one in shorter(place, cells) if one.score >= least and _remainder(one, place) > BEYOND]
        if not beyond:
            break
        place = max(beyond, key=lambda one: one.score)
    return place


def _remainder(wide: Place, narrow: Place) -> float:
    """Return the evidence of what a predicate holds beyond another that lies within it."""
    bad, expected = np.array([wide.bad - narrow.bad]), np.array([max(wide.expected - narrow.expected, 0.0)])
    return float(excess_llr(bad, expected)[0])


def shorter(place: Place, cells: Sequence[Cells]) -> list[Place]:
    """Return the predicates without one of the columns of a place."""
    at = dict(zip(place.columns, place.levels, strict=True))
    sets = [one for one in cells if len(one.columns) == len(at) - 1 and set(one.columns) <= set(at)]
    return [one.place(one.position(tuple(at[column] for column in one.columns))) for one in sets]


def chance(place: Place, cells: Sequence[Cells], spread: float, *, dispersion: float = 1.0, seed: int = 0) -> float:
    """Return how often some cell would hold as much as a place does if what is new and bad were spread over all rows.

    Cells are drawn on their own, before and now, though they share rows: the greatest of independent draws is no smaller, so this errs
    towards "not localised". Where the evidence is far beyond what chance does, nothing is drawn.

    Parameters
    ----------
    spread : new events per row, as of all rows together, 0 or more.
    dispersion : how much more what is bad varies than counts of independent rows.
    """
    wanted = _evidence(place, spread) / dispersion
    exceeded = 0 if wanted > EVIDENT else sum(bool(drawn >= wanted) for drawn in _greatest(cells, spread, np.random.default_rng(seed)))
    return (1 + exceeded) / (1 + DRAWS)


def _evidence(place: Place, spread: float) -> float:
    """Return the evidence of the surest level of a place."""
    bad, expected, rows = (np.array([getattr(part, name) for part in parts_of(place)]) for name in ("bad", "expected", "rows"))
    return float(_beyond(bad, expected, rows, spread).max())


def _greatest(cells: Sequence[Cells], spread: float, rng: np.random.Generator) -> Iterator[float]:
    """Yield the greatest evidence of draws in which what is new is spread over all rows."""
    rows, before, rate = (np.concatenate(parts) for parts in zip(*((one.rows, one.rows_before, one.rate) for one in cells), strict=True))
    whole = float(rate @ rows / rows.sum())
    for _ in range(DRAWS):
        expected = rows * (rng.poisson(before * rate) + SMOOTHING * whole) / (before + SMOOTHING)
        yield float(_beyond(rng.poisson(rows * (rate + spread)).astype(np.float64), expected, rows, spread).max())


def _beyond(bad: Floats, expected: Floats, rows: Floats, spread: float) -> Floats:
    return excess_llr(bad, expected + rows * spread)
