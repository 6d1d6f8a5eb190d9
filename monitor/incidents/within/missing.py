"""Values that do not arrive, and values that arrive where none did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.lost import most_lost
from monitor.incidents.scene import WINDOW
from monitor.incidents.within.areas import area_of
from monitor.incidents.within.ground import Area, Bools, Ground, Shown, Stretch
from monitor.judgement.finding import Direction, FindingKind

GONE = 0.9
"""Share of the values of an area that are gone in a column that fails with another."""
ALIKE = 0.98
"""Share of the rows without a value that two columns share where they fail together."""


def missing_values(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where values are missing more often than they were; columns that fail in the same rows are one hypothesis."""
    taken: list[tuple[str, Area]] = []
    found: list[Hypothesis] = []
    for column, stretch in _stretches(ground):
        if any(column == other and _meet(ground, stretch, done) for other, done in taken):
            continue
        gone_before, gone_now = nulls(ground, column)
        for other, done in taken:
            gone_now = gone_now & ~done.rows if other == column else gone_now
        area = area_of(ground, gone_before, gone_now, inside=ground.inside(stretch), avoid=[column])
        if area is None:
            continue
        columns = _together(ground, column, area)
        taken += [(one, area) for one in columns]
        found.append(_hypothesis(ground, columns, area, gone_before, gone_now))
    return (*found, *_at_levels(ground, taken))


def _at_levels(ground: Ground, taken: list[tuple[str, Area]]) -> Iterator[Hypothesis]:
    """Yield where a level lost (nearly) all values of a column for whole windows, and never half of them in the reference; columns that
    fail in the same rows are one hypothesis.

    The rows alone prove it: of all rows no more may lack a value than on some days, where many do or the level is small.
    """
    for column in (*ground.numbers, *ground.levels):
        gone = nulls(ground, column)
        inside = _most_lost(ground, column, gone)
        area = None if inside is None else area_of(ground, *gone, inside=inside, avoid=[column])
        if area is None or not area.segment or gone[1][area.rows].mean() < GONE:
            continue
        if not any(column == other and max(area.first, done.first) <= min(area.last, done.last) for other, done in taken):
            columns = _together(ground, column, area)
            taken += [(one, area) for one in columns]
            yield _hypothesis(ground, columns, area, *gone)


def _most_lost(ground: Ground, column: str, gone: tuple[Bools, Bools]) -> Bools | None:
    """Return the rows of the windows in which the level that lost most of a column's values did so, (n,); None where none did."""
    codes = (one for name, one in ground.codes.items() if name != column)
    return most_lost(codes, (ground.before[WINDOW].to_numpy(), ground.windows), gone)


def nulls(ground: Ground, column: str) -> tuple[Bools, Bools]:
    """Return which rows before and now have no value, (m,) and (n,)."""
    return ground.before[column].isna().to_numpy(), ground.now[column].isna().to_numpy()


def _stretches(ground: Ground) -> Iterator[tuple[str, Stretch]]:
    """Yield columns with the stretches in which values are missing more often, as `drift` and `quality` found them."""
    for column, stretches in ground.found.items():
        if ground.is_watched(column):
            yield from ((column, narrowed) for stretch in stretches for narrowed in _of_missing(stretch))


def _of_missing(stretch: Stretch) -> Iterator[Stretch]:
    seen: set[tuple[int, int]] = set()
    for finding in stretch.findings:
        place = (finding.first, finding.last)
        if finding.kind is FindingKind.MISSING and finding.direction is not Direction.FEWER and place not in seen:
            seen.add(place)
            yield replace(stretch, first=finding.first, last=finding.last)


def _meet(ground: Ground, stretch: Stretch, area: Area) -> bool:
    return bool(ground.windows[area.first] <= stretch.last and ground.windows[area.last] >= stretch.first)


def _together(ground: Ground, column: str, area: Area) -> list[str]:
    """Return the columns that lack values in the rows in which one column does, and do not where it does not, that one first."""
    rows = _gone(ground, column) & area.rows
    others = (*ground.numbers, *ground.levels)
    return [column, *(other for other in others if other != column and _fails_too(ground, other, rows, area))]


def _gone(ground: Ground, column: str) -> Bools:
    return ground.now[column].isna().to_numpy()


def _fails_too(ground: Ground, other: str, rows: Bools, area: Area) -> bool:
    """Say whether a column with values elsewhere lost nearly all of them in some rows."""
    gone_before, gone_now = nulls(ground, other)
    had = 1 - float(gone_before[area.base].mean()) if area.base.any() else 1 - float(gone_before.mean())
    beside = area.rows & ~rows
    elsewhere = 1 - float(gone_now[beside].mean()) if beside.sum() > rows.sum() / 10 else had
    expected = min(had, max(elsewhere, 0.0)) * rows.sum()
    return bool(expected >= 5 and (~gone_now[rows]).sum() <= (1 - GONE) * expected and had - (1 - gone_now[rows].mean()) > 0)


def _hypothesis(ground: Ground, columns: Sequence[str], area: Area, gone_before: Bools, gone_now: Bools) -> Hypothesis:
    usual = float(gone_before[area.base].mean()) if area.base.any() else float(gone_before.mean())
    share = float(gone_now[area.rows].mean())
    held = _held(area, gone_before, gone_now, usual)
    proof = Proof(measure="share", before=share, after=usual, rows=int(area.rows.sum()))
    inverse = Inverse(kind="missing", says="no value")
    ordered = [one for one in ground.scene.workspace.columns if one in columns]
    concerned = area.rows & gone_now
    return ground.hypothesis(
        Cause.MISSING_VALUES, ordered, area, Shown(proof=proof, inverse=inverse, explained=held, rows=concerned, usual=usual)
    )


def _held(area: Area, gone_before: Bools, gone_now: Bools, usual: float) -> float:
    """Return the share of the excess of missing values of its time that an area holds, each beside what was usual of such rows."""
    between = np.zeros(len(gone_now), dtype=bool)
    between[area.first : area.last + 1] = True
    rest, base = between & ~area.rows, gone_before[~area.base]
    mine = gone_now[area.rows].sum() - usual * area.rows.sum()
    others = gone_now[rest].sum() - rest.sum() * (base.mean() if len(base) else usual)
    return float(np.clip(mine / (mine + max(others, 0.0)), 0, 1)) if mine > 0 else 1.0
