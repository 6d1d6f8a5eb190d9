"""Where something went wrong: the segment that holds what is bad, all rows, or no place that rows speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.stats.causes.scan import Cells, Leaves, Place, all_cells, best_places, chance, everything, together

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SURE = 0.05
"""Chance up to which what is bad is not spread as the rows are."""
HELD = 0.9
"""Part of what is bad beyond the usual that a segment holds at least."""
ELSEWHERE = 0.2
"""Rate beyond the usual of all other rows, as part of the segment's, from which these show it too."""
DRIFTS = 0.1
"""Part of its usual rate by which other rows may be worse without showing it: rates of rows go up and down with the days."""
ERRORS = 2.0
"""Standard errors by which they may be worse without showing it."""
SHARED = 0.5
"""Part of the mean rate beyond the usual from which a level shows it as all rows do."""
AS_MUCH = 0.95
"""Part of the evidence of a predicate that a shorter one needs to be told instead."""
MOST_LOOKED_AT = 50
FEWEST = 20.0
"""Rows of a level below which it is not asked whether it shows what all rows show."""


class Where(StrEnum):
    """How what is bad lies in the rows."""

    SEGMENT = "segment"
    EVERYWHERE = "everywhere"
    """Spread as the rows are."""
    NOT_LOCALISED = "not_localised"
    """No more than usual, or more in some places and not in others without a predicate that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One predicate on the way from all rows to the segment: `bad` of `rows`, `expected` were usual."""

    segment: Mapping[str, str]
    rows: float
    bad: float
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Localised:
    """Where what is bad lies.

    Parameters
    ----------
    segment : level (as text) by column; empty unless `where` says so. `beside`: further levels of its only column.
    p_value : how often a segment would hold as much if what is bad were spread over all rows.
    rows, bad, expected : of production in the segment (all rows where there is none); `expected` were the rate as in the reference.
    share : of what is bad beyond the usual that the segment holds.
    chain : predicates from all rows to the segment, each of one column more.
    """

    where: Where
    segment: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    p_value: float = 1.0
    rows: float = 0.0
    bad: float = 0.0
    expected: float = 0.0
    share: float = 1.0
    chain: tuple[Step, ...] = ()

    def are(self, frame: pd.DataFrame) -> Bools:
        """Say which rows lie there, (n,); all, where there is no segment."""
        found = np.ones(len(frame), dtype=bool)
        for name, level in self.segment.items():
            found &= frame[name].isin([level, *self.beside]).to_numpy(dtype=bool)
        return found


def localise(
    reference: pd.DataFrame,
    production: pd.DataFrame,
    bad_reference: Floats | Bools,
    bad_production: Floats | Bools,
    places: Sequence[str],
    *,
    seed: int = 0,
    deepest: int = 2,
) -> Localised:
    """Return where what is bad in production lies, beside how bad the same rows were in the reference.

    Parameters
    ----------
    reference, production : frames of rows; of production only those of the time in question. A column in question should not be among
        `places`: what its levels hold of themselves is no news.
    bad_reference, bad_production : whether a row is bad (n,), or how bad (weights of 0 or more, as a loss).
    places : columns of levels (category or text) that a segment may be made of.
    deepest : columns of a segment at most.
    """
    names, leaves = _leaves(reference, production, (bad_reference, bad_production), places)
    cells, whole = all_cells(leaves, deepest=deepest), everything(leaves)
    spread = max(0.0, whole.bad - whole.expected) / max(whole.rows, 1.0)
    place = _segment(cells, whole)
    p_value = chance(place, cells, spread, seed=seed) if place else 1.0
    if place is None or p_value > SURE:
        return _no_segment(cells, whole, spread, p_value)
    chain = tuple(_step(one, names) for one in (whole, *_chain(place, cells)))
    return Localised(
        where=Where.SEGMENT,
        segment=chain[-1].segment,
        beside=tuple(names[place.columns[0]][1][level] for level in place.beside),
        p_value=p_value,
        rows=place.rows,
        bad=place.bad,
        expected=place.expected,
        share=_share(place, _others(place, cells, whole)),
        chain=chain,
    )


Names = list[tuple[str, list[str]]]
"""Each column with the texts of its levels."""


def _leaves(
    reference: pd.DataFrame, production: pd.DataFrame, bad: tuple[Floats | Bools, Floats | Bools], places: Sequence[str]
) -> tuple[Names, Leaves]:
    levels = {name: _levels(reference[name], production[name]) for name in places}
    sides = [_codes(frame, levels) for frame in (reference, production)]
    before, now = np.zeros(sum(map(len, sides))), np.zeros(sum(map(len, sides)))
    first = len(sides[0])
    before[:first], now[first:] = bad
    unit = _unit(before + now)
    rows_before = (np.arange(len(now)) < first).astype(np.float64)
    leaves = Leaves(np.concatenate(sides), now / unit, 1 - rows_before, before / unit, rows_before)
    return list(levels.items()), leaves


def _unit(weights: Floats) -> float:
    """Return the size of a weight in which their sum varies about as a count does: 1 of what is bad or not."""
    total = float(weights.sum())
    return float(weights @ weights) / total if total > 0 else 1.0


def _levels(reference: pd.Series, production: pd.Series) -> list[str]:
    return sorted({str(level) for side in (reference, production) for level in side.dropna().unique()})


def _codes(frame: pd.DataFrame, levels: Mapping[str, list[str]]) -> Ints:
    codes = np.empty((len(frame), len(levels)), dtype=np.int64)
    for position, (name, known) in enumerate(levels.items()):
        code, own = pd.factorize(frame[name])
        where = np.array([*(known.index(str(level)) for level in own), -1], dtype=np.int64)
        codes[:, position] = where[code]
    return codes


@dataclass(frozen=True, slots=True)
class _Rest:
    """What all other rows hold."""

    bad: float
    rows: float
    expected: float


def _others(place: Place, cells: Sequence[Cells], whole: Place) -> _Rest:
    """Return what lies outside a place, each row with the usual rate of its own cell."""
    own = next(one for one in cells if one.columns == place.columns)
    unknown = whole.rows - float(own.rows.sum())
    expected = float(own.expected.sum()) - place.expected + unknown * whole.expected / whole.rows
    return _Rest(whole.bad - place.bad, whole.rows - place.rows, expected)


def _share(place: Place, rest: _Rest) -> float:
    """Return how much of what is bad beyond the usual a place holds, where other rows may be a little worse by chance."""
    allowed = DRIFTS * rest.expected + ERRORS * sqrt(rest.expected)
    within, beyond = place.bad - place.expected, max(0.0, rest.bad - rest.expected - allowed)
    return within / (within + beyond) if within > 0 else 0.0


def _holds(place: Place, rest: _Rest) -> bool:
    """Say whether a place holds nearly all that is bad beyond the usual, and the other rows show none."""
    least = rest.bad - rest.expected - ERRORS * sqrt(rest.bad)
    shown = least * place.rows > ELSEWHERE * (place.bad - place.expected) * rest.rows
    return not shown and _share(place, rest) >= HELD


def _segment(cells: Sequence[Cells], whole: Place) -> Place | None:
    """Return the surest predicate that holds what is bad, or a shorter one that says as much."""
    candidates = sorted([*best_places(cells, MOST_LOOKED_AT), *together(cells)], key=lambda place: -place.score)
    held = [place for place in candidates if _holds(place, _others(place, cells, whole))]
    as_much = [place for place in held if place.score >= AS_MUCH * held[0].score]
    return min(as_much, key=lambda place: (len(place.columns) + len(place.beside), -place.score), default=None)


def _chain(place: Place, cells: Sequence[Cells]) -> list[Place]:
    """Return the predicates of one, two ... of the columns of a place, each the surest that holds all of the next, the place last."""
    steps = [place]
    while len(steps[0].columns) > 1:
        steps.insert(0, max(_shorter(steps[0], cells), key=lambda one: one.score))
    return steps


def _shorter(place: Place, cells: Sequence[Cells]) -> list[Place]:
    at = dict(zip(place.columns, place.levels, strict=True))
    sets = [one for one in cells if len(one.columns) == len(at) - 1 and set(one.columns) <= set(at)]
    return [one.place(one.position(tuple(at[column] for column in one.columns))) for one in sets]


def _step(place: Place, names: Names) -> Step:
    segment = {names[column][0]: names[column][1][level] for column, level in zip(place.columns, place.levels, strict=True)}
    return Step(segment=segment, rows=place.rows, bad=place.bad, expected=place.expected)


def _no_segment(cells: Sequence[Cells], whole: Place, spread: float, p_value: float) -> Localised:
    more = spread * whole.rows > DRIFTS * whole.expected + ERRORS * sqrt(whole.expected)
    even = all(_even(one, spread) for one in cells if len(one.columns) == 1)
    where = Where.EVERYWHERE if more and even else Where.NOT_LOCALISED
    return Localised(where=where, p_value=p_value, rows=whole.rows, bad=whole.bad, expected=whole.expected, chain=(_step(whole, []),))


def _even(cells: Cells, spread: float) -> bool:
    """Say whether nearly all rows lie at levels that show what all rows show."""
    asked = cells.rows >= FEWEST
    usual = cells.expected + SHARED * spread * cells.rows
    without = asked & (cells.bad + ERRORS * np.sqrt(usual) < usual)
    return float(cells.rows[without].sum()) <= (1 - HELD) * float(cells.rows.sum())
