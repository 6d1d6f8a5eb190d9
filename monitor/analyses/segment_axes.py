"""How columns are cut into cells that may be segments: levels as they are, numbers at quantiles of the reference; and the predicates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.engine import Levels, OutcomeRows
from monitor.engine.identifiers import literal, quote
from monitor.stats.performance.cube import Axis
from monitor.stats.performance.segments import Segment

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int32]

NUMBER_CELLS = 8
"""Cells of a number: eighths of the reference."""
PAIRED_CELLS = 4
"""Ranges of cells of a number that meet those of other columns: quarters."""
MOST_LEVELS = 20
"""Levels of a column that may be segments: the commonest of the reference."""
FEWEST_ROWS = 100
"""Rows of the reference from which a level may be one."""
DIGITS = 3
"""Digits of the cut points of numbers: what people would have written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutColumn:
    """A column cut into cells: its `axis`, the `codes` of both sides, the predicate of each part, of segments of this column alone and of
    two; `named`: the case says that it cuts rows into segments; `sql`, the column as predicates write it; `cells` the
    predicate of each cell, empty of those that have none."""

    name: str
    axis: Axis
    codes: tuple[Codes, Codes]
    single: tuple[str, ...]
    paired: tuple[str, ...]
    named: bool = False
    sql: str = ""
    cells: tuple[str, ...] = ()

    def spoken(self, part: str, label: str) -> str:
        """Return the predicate of a part with the column called by its label; a level may hold the column's name as well."""
        if not self.sql:
            return part
        levels = part.startswith((f"{self.sql} = ", f"{self.sql} is "))
        return label + part[len(self.sql) :] if levels else part.replace(self.sql, label)


def predicate(segment: Segment, columns: Sequence[CutColumn]) -> str:
    """Return the SQL condition of a segment."""
    parts = []
    for one in segment.parts:
        column = columns[one.column]
        parts.append((column.paired if segment.paired else column.single)[one.part])
    return " and ".join(parts)


def spoken(segment: Segment, columns: Sequence[CutColumn], labels: Mapping[str, str]) -> str:
    """Return the condition of a segment with its columns called as the case calls them."""
    parts = []
    for one in segment.parts:
        column = columns[one.column]
        text = (column.paired if segment.paired else column.single)[one.part]
        parts.append(column.spoken(text, labels.get(column.name, column.name)))
    return " and ".join(parts)


def named(name: str, reserved: frozenset[str]) -> str:
    """Return a column as SQL writes it, in quotes only where it has to be.

    >>> named("country", frozenset()), named("order", frozenset({"order"})), named("a b", frozenset())
    ('country', '"order"', '"a b"')
    """
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in reserved else quote(name)


def cut_levels(name: str, sides: tuple[OutcomeRows, OutcomeRows], sql: str) -> CutColumn | None:
    """Cut a column of levels; None where no level is common enough."""
    reference, production = (side.levels[name] for side in sides)
    count = np.bincount(reference.code[reference.code >= 0], minlength=len(reference.names))
    shown = [int(i) for i in np.argsort(-count, kind="stable")[:MOST_LEVELS] if count[i] >= FEWEST_ROWS]
    if not shown or (len(count) < 2 and not (reference.code < 0).any()):
        return None
    levels = [reference.names[i] for i in shown]
    size = len(levels) + 2
    missing = [size - 1] if any((side.code < 0).any() for side in (reference, production)) else []
    single = np.eye(size)[[*range(len(levels)), *missing]]
    said = [*(f"{sql} = {literal(level)}" for level in levels), *(f"{sql} is null" for _ in missing)]
    codes = tuple(_coded(side, levels) for side in (reference, production))
    cells = (*said[: len(levels)], "", f"{sql} is null")
    return CutColumn(
        name=name, axis=Axis(size, single, single), codes=(codes[0], codes[1]), single=tuple(said), paired=tuple(said), sql=sql, cells=cells
    )


def _coded(column: Levels, levels: Sequence[str]) -> Codes:
    """Return positions of rows in the levels; all others one further, missing ones after that."""
    place = {level: i for i, level in enumerate(levels)}
    lookup = np.array([*(place.get(name, len(levels)) for name in column.names), len(levels) + 1], dtype=np.int32)
    return np.asarray(lookup[column.code])


def cut_numbers(name: str, sides: tuple[OutcomeRows, OutcomeRows], sql: str) -> CutColumn | None:
    """Cut a column of numbers at quantiles of the reference, or at each value where there are few; None where it does not vary."""
    reference, production = (side.numbers[name] for side in sides)
    cuts = _cuts(reference)
    if not len(cuts):
        return None
    cells = len(cuts) + 1
    ranges = list(_ranges(list(range(cells + 1))))
    coarse = _coarse(cells)
    codes = tuple(_numbered(values, cuts) for values in (reference, production))
    missing = [(cells, cells + 1)] if any(not np.isfinite(values).all() for values in (reference, production)) else []
    said = [[*(_range_sql(sql, one, cuts) for one in part), *(f"{sql} is null" for _ in missing)] for part in (ranges, coarse)]
    told = (*(_range_sql(sql, (i, i + 1), cuts) for i in range(cells)), f"{sql} is null")
    axis = Axis(cells + 1, _members([*ranges, *missing], cells), _members([*coarse, *missing], cells))
    return CutColumn(name=name, axis=axis, codes=(codes[0], codes[1]), single=tuple(said[0]), paired=tuple(said[1]), sql=sql, cells=told)


def _cuts(values: Floats) -> Floats:
    """Return where a number is cut: a cell holds what is at least its lower cut and below the next."""
    known = values[np.isfinite(values)]
    if not len(known):
        return known
    kept = np.quantile(known, np.arange(1, NUMBER_CELLS) / NUMBER_CELLS)
    rounded = np.unique([float(f"{one:.{DIGITS}g}") for one in kept])
    return np.asarray(rounded[(rounded > known.min()) & (rounded <= known.max())])


def _numbered(values: Floats, cuts: Floats) -> Codes:
    code = np.searchsorted(cuts, values, side="right").astype(np.int32)
    return np.where(np.isfinite(values), code, np.int32(len(cuts) + 1)).astype(np.int32)


def _ranges(bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges [low, high) between bounds, all but the whole."""
    for i, low in enumerate(bounds):
        for high in bounds[i + 1 :]:
            if (low, high) != (bounds[0], bounds[-1]):
                yield low, high


def _coarse(cells: int) -> list[tuple[int, int]]:
    """Return the ranges of cells that meet other columns: quarters, and halves."""
    bounds = [sorted({round(cells * i / parts) for i in range(parts + 1)}) for parts in (PAIRED_CELLS, 2)]
    return list(dict.fromkeys(one for ends in bounds for one in pairwise(ends)))


def _members(ranges: Sequence[tuple[int, int]], cells: int) -> Floats:
    """Return which cells each range holds, (p, cells + 1); the last cell is that of missing values."""
    at = np.arange(cells + 1)
    return np.array([(at >= low) & (at < high) for low, high in ranges], dtype=float)


def _range_sql(sql: str, cells: tuple[int, int], cuts: Floats) -> str:
    low, high = cells
    ends = [f"{sql} >= {cuts[low - 1]:.12g}"] if low > 0 else []
    ends += [f"{sql} < {cuts[high - 1]:.12g}"] if high <= len(cuts) else []
    return " and ".join(ends)


def cut_conditions(conditions: Mapping[str, str], sides: tuple[OutcomeRows, OutcomeRows]) -> list[CutColumn]:
    """Return the named conditions of a case as columns of two cells that meet no other."""
    found = []
    for name, condition in conditions.items():
        codes = tuple((side.numbers[f"({condition})"] == 1).astype(np.int32) for side in sides)
        axis = Axis(2, np.array([[0.0, 1.0]]), np.zeros((0, 2)))
        found.append(CutColumn(name=name, axis=axis, codes=(codes[0], codes[1]), single=(f"({condition})",), paired=(), named=True))
    return found
