"""Where something went wrong: the segment that holds what is bad, all rows, or no place that rows speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.scene import TIME, in_segment
from monitor.stats.causes.change_points import Onset, dispersion, onset
from monitor.stats.causes.scan import Cells, Leaves, Place, all_cells, chance, everything, parts_of, ranked, shorter

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
ALIKE = 0.8
"""Part of the highest rate beyond the usual that each level has which is told together with it."""
SHARED = 0.5
"""Part of the mean rate beyond the usual from which a level shows it as all rows do."""
PER_COLUMN = 5.0
"""Evidence, in nats, that a further column has to add (about the log of the levels that it could have named)."""
ALTERNATIVES = 3
MOST_ROWS = 100_000
"""Rows of a side that are scanned; of more, a sample."""
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
    """One predicate: `bad` of `rows` of production, `expected` were usual; `beside`: further levels of its only column."""

    segment: Mapping[str, str]
    rows: int
    bad: float
    expected: float
    beside: tuple[str, ...] = ()


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
    alternatives : predicates that hold more than usual as well, surest first.
    """

    where: Where
    segment: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    p_value: float = 1.0
    rows: int = 0
    bad: float = 0.0
    expected: float = 0.0
    share: float = 1.0
    chain: tuple[Step, ...] = ()
    alternatives: tuple[Step, ...] = ()

    def are(self, frame: pd.DataFrame) -> Bools:
        """Say which rows lie there, (n,); all, where there is no segment."""
        return in_segment(frame, self.segment, self.beside)


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
    bad_reference, bad_production : whether a row is bad (n,), or how bad (weights of 0 or more, as a loss). Rows that cannot be bad
        (values below a cap that others are cut to) are best left out of both sides: a place without any other rows holds it all.
    places : columns of levels (category or text) that a segment may be made of.
    deepest : columns of a segment at most.
    """
    sides = [_Rows.of(reference, bad_reference, seed), _Rows.of(production, bad_production, seed)]
    unit = _unit(np.concatenate([side.bad for side in sides]))
    names, leaves = _leaves(sides, [name for name in places if not told_by_day(sides[1].frame, name)], unit)
    asked = _Asked(production, np.asarray(bad_production, dtype=np.float64), names, unit)
    cells, whole = all_cells(leaves, deepest=deepest), everything(leaves)
    spread = max(0.0, whole.bad - whole.expected) / max(whole.rows, 1.0)
    candidates = ranked(cells)
    place = _segment(candidates, cells, whole)
    p_value = chance(place, cells, spread, dispersion=asked.dispersion(place, sides[0]), seed=seed) if place else 1.0
    if place is None or p_value > SURE:
        return asked.told(Localised(where=_all_or_some(cells, whole, spread), p_value=p_value), [whole], candidates)
    told = Localised(where=Where.SEGMENT, p_value=p_value, share=_share(place, _others(place, cells, whole)))
    return asked.told(told, [whole, *_chain(place, cells)], [one for one in candidates if one != place])


def when(rows: pd.DataFrame, bad: Floats | Bools, *, before: float | Floats, within: float | None = None) -> Onset | None:
    """Return when rows of production began to be bad and ceased, to the row; None where no stretch of them says more than chance.

    Parameters
    ----------
    rows : of production that can be concerned (those of the segment), of any time. `bad`: whether each is (n,), or how bad.
    before : rate (mean) of bad as is usual, of all rows or of each (n,); `within`: meanwhile, where it is known.
    """
    return onset(rows[TIME].to_numpy(), bad, before, within=within)


def beside_others(bad: Floats, times: pd.Series, inside: Bools) -> Floats:
    """Return how far rows inside (k,) lie from their mean, as far as the other rows of their day do not share it."""
    day, days = pd.factorize(times.dt.floor("D"))
    bad_others, others = (np.bincount(day[~inside], weights=one[~inside], minlength=len(days)) for one in (bad, np.ones(len(bad))))
    usual = bad_others.sum() / max(others.sum(), 1.0)
    shared = np.where((others > 0) & (usual > 0), bad_others / np.maximum(others, 1.0) / max(usual, 1e-300), 1.0)
    return np.asarray(bad[inside] - bad[inside].mean() * shared[day[inside]])


def told_by_day(rows: pd.DataFrame, name: str) -> bool:
    """Say whether the level of a column goes by the day, as a weekday does: it says when, not where, and the rows of a day go together."""
    if TIME not in rows or rows[name].nunique() < 2:
        return False
    known = rows[[name]].assign(day=rows[TIME].dt.floor("D")).dropna()
    days = int(known["day"].nunique())
    return len(known) >= FEWEST * days and len(known.drop_duplicates()) <= (1 + DRIFTS) * days


Names = list[tuple[str, list[str]]]
"""Each column with the texts of its levels."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """All rows of production, of which perhaps only a sample was scanned, and how bad each is; `unit` of what was scanned."""

    production: pd.DataFrame
    bad: Floats
    names: Names
    unit: float

    def told(self, found: Localised, chain: Sequence[Place], others: Sequence[Place]) -> Localised:
        """Add what the rows of each predicate hold."""
        steps = tuple(self._step(place) for place in chain)
        found = replace(found, alternatives=tuple(self._step(place) for place in others[:ALTERNATIVES]))
        last = steps[-1]
        return replace(found, segment=last.segment, beside=last.beside, rows=last.rows, bad=last.bad, expected=last.expected, chain=steps)

    def dispersion(self, place: Place, usual: _Rows) -> float:
        """Return how much more what is bad there varies over the days of the reference, beside all other rows, than independent rows."""
        known = usual.frame[usual.frame[TIME].notna()] if TIME in usual.frame else usual.frame[:0]
        inside = in_segment(known, self._segment(place), self._beside(place))
        if not inside.any():
            return 1.0
        bad = usual.bad[usual.frame[TIME].notna()]
        return dispersion(known[TIME].to_numpy()[inside], beside_others(bad, known[TIME], inside), np.full(inside.sum(), bad[inside].var()))

    def _step(self, place: Place) -> Step:
        segment = self._segment(place)
        inside = in_segment(self.production, segment, self._beside(place))
        rows = int(inside.sum())
        expected = rows * self.unit * place.expected / max(place.rows, 1.0)
        return Step(segment=segment, rows=rows, bad=float(self.bad[inside].sum()), expected=expected, beside=tuple(self._beside(place)))

    def _segment(self, place: Place) -> dict[str, str]:
        levels = [(*self.names[column], level) for column, level in zip(place.columns, place.levels, strict=True)]
        return {name: known[level] for name, known, level in levels}

    def _beside(self, place: Place) -> list[str]:
        return [self.names[place.columns[0]][1][level] for level in place.beside]


@dataclass(frozen=True, slots=True)
class _Rows:
    """A sample of the rows of a side, and how bad each is."""

    frame: pd.DataFrame
    bad: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, bad: Floats | Bools, seed: int) -> _Rows:
        weight = np.asarray(bad, dtype=np.float64)
        if len(frame) <= MOST_ROWS:
            return cls(frame, weight)
        taken = np.sort(np.random.default_rng(seed).choice(len(frame), MOST_ROWS, replace=False))
        return cls(frame.iloc[taken], weight[taken])


def _leaves(sides: Sequence[_Rows], places: Sequence[str], unit: float) -> tuple[Names, Leaves]:
    levels = {name: sorted({str(level) for side in sides for level in side.frame[name].dropna().unique()}) for name in places}
    codes = np.concatenate([_codes(side.frame, levels) for side in sides])
    bad = np.concatenate([side.bad for side in sides])
    now = (np.arange(len(bad)) >= len(sides[0].bad)).astype(np.float64)
    weight = bad / unit
    return list(levels.items()), Leaves(np.asfortranarray(codes), weight * now, now, weight * (1 - now), 1 - now)


def _unit(weights: Floats) -> float:
    """Return the size of a weight in which their sum varies about as a count does: 1 of what is bad or not."""
    total = float(weights.sum())
    return float(weights @ weights) / total if total > 0 else 1.0


def _codes(frame: pd.DataFrame, levels: Mapping[str, list[str]]) -> Ints:
    codes = np.empty((len(frame), len(levels)), dtype=np.int64, order="F")
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
    return not shown and _share(place, rest) >= HELD and _alike(place)


def _alike(place: Place) -> bool:
    """Say whether levels that are told together are as bad as each other: what only happens to be rarer elsewhere is not."""
    rates = np.array([(part.bad - part.expected) / part.rows for part in parts_of(place)])
    errors = np.array([sqrt(part.bad) / part.rows for part in parts_of(place)])
    return bool((rates + ERRORS * errors >= ALIKE * rates.max()).all())


def _segment(candidates: Sequence[Place], cells: Sequence[Cells], whole: Place) -> Place | None:
    """Return the surest predicate that holds what is bad, or a shorter one that says as much."""
    held = [place for place in candidates if _holds(place, _others(place, cells, whole))]
    return max(held, key=lambda place: place.score - PER_COLUMN * (len(place.columns) + len(place.beside)), default=None)


def _chain(place: Place, cells: Sequence[Cells]) -> list[Place]:
    """Return the predicates of one, two ... of the columns of a place, each the surest that holds all of the next, the place last."""
    steps = [place]
    while len(steps[0].columns) > 1:
        steps.insert(0, max(shorter(steps[0], cells), key=lambda one: one.score))
    return steps


def _all_or_some(cells: Sequence[Cells], whole: Place, spread: float) -> Where:
    more = spread * whole.rows > DRIFTS * whole.expected + ERRORS * sqrt(whole.expected)
    even = all(_even(one, spread) for one in cells if len(one.columns) == 1)
    return Where.EVERYWHERE if more and even else Where.NOT_LOCALISED


def _even(cells: Cells, spread: float) -> bool:
    """Say whether nearly all rows lie at levels that show what all rows show."""
    asked = cells.rows >= FEWEST
    usual = cells.expected + SHARED * spread * cells.rows
    without = asked & (cells.bad + ERRORS * np.sqrt(usual) < usual)
    return float(cells.rows[without].sum()) <= (1 - HELD) * float(cells.rows.sum())
