"""Where a column is cut: edges of numbers from a sample of the reference, levels by name from their counts. Pure functions."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.cells import UNIT_BITS, Cells
from monitor.profile import Floats, Ints
from monitor.vocabulary import Kind

MOST_CELLS = 254
FEW_VALUES = 64
ONCE, MOST_ALONE = 0.05, 20
"""Share of rows alone with their value, and number of them, above which few values are few rows of many values: about as large a share of
the next rows will have values that nobody has seen yet (Good 1953), and cells of single values would call each of them a change."""
FEW_LEVELS = 64
"""Up to so many levels are all kept by name."""
NAMED_SHARE, NAMED_ROWS = 0.005, 10
"""Of more levels those with such a share of the reference's rows, and at least so many rows."""
BUCKETS, FEW_BUCKETS = 32, 4
"""Cells of the levels without a name; where every level of the reference has one, only new levels come here."""
_TINY = float(np.finfo(np.float32).tiny)


def cut_numbers(name: str, kind: Kind, sample: Floats, low: float, high: float) -> Cells:
    """Return the cells of a numeric column: a finite sample (n,) of the reference and its exact range.

    Few values get one cell each, with cells for what lies between them; where too many of the rows are alone with theirs (`ONCE`), only
    those that repeat. Otherwise the edges are quantiles, and a value that 1 in 254 rows repeats has a cell of its own. What differs from
    such a value by less than float32 can tell belongs to it.
    """
    center, unit = center_of(sample), unit_of(sample)
    if math.isnan(low):
        return Cells(name, kind, np.array([]), (), center=center, unit=unit)
    distinct, counts = np.unique(np.concatenate([sample + 0.0, [low, high]]), return_counts=True)
    repeated = np.ones(len(distinct), dtype=bool)
    if len(distinct) > FEW_VALUES:
        repeated = (counts * MOST_CELLS >= len(sample)) & (counts > 1)
    elif _alone(sample) > max(ONCE * len(sample), MOST_ALONE):
        repeated = counts > 1
    own = _atom_edges(distinct, counts, repeated)
    bounds = tolerance(np.array([low, high]))
    edges = np.union1d(own, [bounds.lower[0], bounds.upper[1]])
    rest = np.repeat(distinct[~repeated], counts[~repeated])
    room = MOST_CELLS - 1 - len(edges)
    if room > 0 and len(rest):
        shares = np.linspace(0.0, 1.0, room + 2)[1:-1]
        quantiles = np.quantile(rest, shares, method="inverted_cdf")
        edges = np.union1d(edges, quantiles[quantiles < high])
    atoms = np.full(len(edges) + 1, np.nan)
    atoms[np.searchsorted(edges, distinct[repeated])] = distinct[repeated]
    return Cells(name, kind, edges, (), center=center, low=low, high=high, atoms=atoms, unit=unit)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The cell of each value: what is above `lower` and at most `upper`."""

    lower: Floats
    upper: Floats


def tolerance(values: Floats) -> Tolerance:
    """Return the cell (lower, upper] of the numbers that float32 rounds as it does each value; whole numbers reach half-way to the next.

    >>> found = tolerance(np.array([9.99, 20240116.0]))
    >>> bool(found.lower[0] < np.float32(9.99) <= found.upper[0]), found.lower[1:].tolist(), found.upper[1:].tolist()
    (True, [20240115.5], [20240116.5])
    """
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
        ends = [np.nextafter(short, np.float32(side)).astype(np.float64) for side in (-np.inf, np.inf)]
        own = short.astype(np.float64)
        usable = np.isfinite(ends[0]) & np.isfinite(ends[1]) & (np.abs(values) >= _TINY)
        lower, upper = (np.where(usable, own / 2 + end / 2, values) for end in ends)
        # A number half-way between two short ones goes to the even one.
        lower = np.where(lower.astype(np.float32) == short, np.nextafter(lower, -np.inf), lower)
        upper = np.where(upper.astype(np.float32) == short, upper, np.nextafter(upper, -np.inf))
    whole = values == np.trunc(values)
    lower, upper = np.where(whole, np.maximum(lower, values - 0.5), lower), np.where(whole, np.minimum(upper, values + 0.5), upper)
    lower, upper = np.where(usable, lower, values), np.where(usable, upper, values)
    return Tolerance(np.minimum(lower, np.nextafter(values, -np.inf)), np.maximum(upper, values))


def _alone(sample: Floats) -> int:
    """Return how many rows have a value that no other row has."""
    return int((np.unique(sample, return_counts=True)[1] == 1).sum())


def _atom_edges(distinct: Floats, counts: Ints, repeated: NDArray[np.bool_]) -> Floats:
    """Return both edges of each repeated value. When room is short, neighbours share one; then the rarest are dropped (in `repeated`)."""
    between = distinct[:-1] / 2 + distinct[1:] / 2
    left = np.where(between < distinct[1:], between, distinct[:-1])
    right = np.where(between < distinct[1:], between, distinct[:-1])
    cell = tolerance(distinct)
    lower = np.maximum(cell.lower, np.concatenate([[-np.inf], left]))
    upper = np.minimum(cell.upper, np.concatenate([right, [np.inf]]))
    edges = np.union1d(lower[repeated], upper[repeated])
    while len(edges) > MOST_CELLS - 3:
        shared = repeated[:-1] & repeated[1:]
        own_lower = repeated & ~np.concatenate([[False], shared])
        own_upper = repeated & ~np.concatenate([shared, [False]])
        edges = np.unique(np.concatenate([lower[own_lower], upper[own_upper], left[shared]]))
        if len(edges) > MOST_CELLS - 3:
            places = np.flatnonzero(repeated)
            repeated[places[np.argmin(counts[places])]] = False
    return np.asarray(edges, dtype=np.float64)


def center_of(values: Floats) -> float:
    """Return a typical value with few significant bits, so that sums around it stay exact where the values allow it.

    >>> center_of(np.array([99.9, 100.1, 100.3])), center_of(np.array([]))
    (100.0, 0.0)
    """
    if not len(values):
        return 0.0
    middle = float(np.quantile(values, 0.5, method="inverted_cdf"))
    spread = float(values.max()) - float(values.min()) or abs(middle) or 1.0
    if not math.isfinite(spread) or spread < 1e-300:
        return 0.0
    step = math.ldexp(0.5, math.frexp(spread)[1])
    center = float(round(middle / step) * step)
    return center if math.isfinite(center) else 0.0


def unit_of(values: Floats) -> float:
    """Return the unit of fixed-point sums: the power of two that is 2^-42 of how far most values lie apart.

    >>> unit_of(np.array([0.0, 1.0])) == 2.0**-42
    True
    """
    spread = 0.0
    if len(values):
        ends = np.quantile(values, [0.1, 0.9, 0.01, 0.99, 0.0, 1.0], method="inverted_cdf")
        with np.errstate(over="ignore"):
            wide = [*(ends[1::2] - ends[::2]).tolist(), abs(float(ends[1]))]
        spread = next((one for one in wide if one > 0), 0.0)
    spread = min(spread, 2.0**400) or 1.0
    return float(2.0 ** (max(math.ceil(math.log2(spread)), -400) - UNIT_BITS))


def cut_levels(name: str, kind: Kind, levels: Sequence[tuple[str, int]]) -> Cells:
    """Return the cells of a categorical column from the reference's rows of every level, the commonest first.

    Which levels have a name must not depend on luck in the rows that they are compared with: all of few, else only common ones.
    """
    rows = sum(count for _, count in levels)
    least = 0.0 if len(levels) <= FEW_LEVELS else max(NAMED_SHARE * rows, NAMED_ROWS)
    named = tuple(level for level, count in levels if count >= least)
    known = frozenset(level for level, _ in levels)
    buckets = FEW_BUCKETS if len(named) == len(levels) else BUCKETS
    once = frozenset(level for level, count in levels if count == 1)
    return Cells(name, kind, np.array([]), named, known, buckets=buckets, once=once)


def bucket_of(level: str, buckets: int) -> int:
    """Return the bucket of a level without a cell of its own: the last eight bytes of the md5 of its text, little-endian, modulo.

    >>> bucket_of("a", 32)
    17
    """
    return int.from_bytes(hashlib.md5(level.encode(), usedforsecurity=False).digest()[8:], "little") % buckets


def bucket_sql(level: str, buckets: str | int) -> str:
    """Return the same as SQL."""
    return f"CAST(md5_number_lower({level}) % {buckets} AS BIGINT)"
