"""How many rows are flagged, by window and by segment: of production as they are read, of the reference as they were when held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.outlier_rows import Cut, Learned
from monitor.case import OUTLIER_SHARES, WindowSize
from monitor.engine import Matrix, MatrixRows, Workspace
from monitor.profile import Windows
from monitor.stats.outliers.ensemble import Scored
from monitor.stats.outliers.members import KNN, MEMBERS

Ints = NDArray[np.int64]

ALL, SUPPORT = "rows", "support"
"""Names of the numbers of all rows: those that are flagged, and those without a near reference row."""
MOST_LEVELS = 10
LEAST_ROWS = 100
"""Reference rows that a segment needs."""
NO_NEIGHBOUR = 0.001
"""p-value of the distance to neighbours from which on a row is without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Flagged rows of some: `own_n` (r,) sampled rows of the reference's windows, `own` (shares, r) those flagged when held out; `n` (w,)
    rows of production's windows, `flagged` (shares, w). Without a segment `column` and `level` are empty."""

    name: str
    label: str
    column: str
    level: str
    own_n: Ints
    own: Ints
    n: Ints
    flagged: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """All rows, rows without a near one (one line of counts), and segments."""

    whole: Track
    support: Track
    segments: tuple[Track, ...]

    @property
    def every(self) -> tuple[Track, ...]:
        """All of them."""
        return (self.whole, self.support, *self.segments)


@dataclass(frozen=True, slots=True)
class Segment:
    """A level of a categorical column: `at` its place among the categorical columns of the matrix, `code` that of the level there."""

    column: str
    label: str
    level: str
    at: int
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Flagged rows along a line of windows: `windows` of production, `own` of the reference; `place` (w,) is the window of the judged
    length that each lies in."""

    tracks: Tracks
    windows: Windows
    own: Windows
    place: Ints
    size: WindowSize


@dataclass(slots=True)
class Counted:
    """Counts of production by window: `rows` (w,), `whole` (shares, w), `alone` (w,), and of each segment `n` and `flagged` likewise."""

    rows: Ints
    whole: Ints
    alone: Ints
    segments: tuple[Segment, ...]
    n: Ints
    flagged: Ints

    @classmethod
    def empty(cls, workspace: Workspace, learned: Learned, production: Matrix) -> Counted:
        """Return counts without a row."""
        found, w, levels = tuple(_segments(workspace, learned)), len(production.windows), len(OUTLIER_SHARES)
        zero = np.zeros((levels, w), dtype=np.int64)
        many = len(found)
        return cls(production.rows, zero, zero[0].copy(), found, np.zeros((many, w), np.int64), np.zeros((many, levels, w), np.int64))

    def add(self, batch: MatrixRows, scored: Scored) -> None:
        """Count rows of a batch."""
        many = len(self.rows)
        out = [scored.p_values <= one for one in OUTLIER_SHARES]
        self.whole += np.array([np.bincount(batch.window[one], minlength=many) for one in out])
        self.alone += np.bincount(batch.window[_alone(scored)], minlength=many)
        for i, one in enumerate(self.segments):
            mine = batch.categorical[:, one.at] == one.code
            self.n[i] += np.bincount(batch.window[mine], minlength=many)
            self.flagged[i] += np.array([np.bincount(batch.window[mine & flagged], minlength=many) for flagged in out])

    def together(self, place: Ints) -> Counted:
        """Return the counts of longer windows: `place` (w,) says in which of them each lies."""
        into = np.eye(int(place.max()) + 1, dtype=np.int64)[place]
        return Counted(self.rows @ into, self.whole @ into, self.alone @ into, self.segments, self.n @ into, self.flagged @ into)


def _alone(scored: Scored) -> NDArray[np.bool_]:
    return np.asarray(scored.member_p_values[:, MEMBERS.index(KNN)] <= NO_NEIGHBOUR)


def _segments(workspace: Workspace, learned: Learned) -> Iterator[Segment]:
    """Yield the commonest levels of the case's segment columns."""
    names = list(learned.names.values())[len(learned.rows.numeric_names) :]
    wanted = {*workspace.case.roles.segments, *workspace.case.roles.protected}
    for at, (name, codes) in enumerate(zip(names, learned.rows.categorical.T, strict=True)):
        if name not in wanted:
            continue
        levels = learned.matrix.levels[name]
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))[: len(levels)]
        for code in np.argsort(-counts, kind="stable")[:MOST_LEVELS]:
            if LEAST_ROWS <= counts[code] < len(codes):
                yield Segment(name, learned.rows.categorical_names[at], levels[code], at, int(code))


def tracks_of(learned: Learned, cut: Cut, counted: Counted) -> Tracks:
    """Return flagged rows of both sides, by window: those of the reference as it is cut."""
    scored = learned.ensemble.held_out
    every, lonely = np.ones(len(learned.rows), dtype=bool), _alone(scored)
    own_n, own = _own(cut, every, scored)
    parts = []
    for i, one in enumerate(counted.segments):
        mine_n, mine = _own(cut, learned.rows.categorical[:, one.at] == one.code, scored)
        called = {"name": f"{one.column} = {one.level}", "label": f"{one.label} {one.level}", "column": one.column, "level": one.level}
        parts.append(Track(**called, own_n=mine_n, own=mine, n=counted.n[i], flagged=counted.flagged[i]))
    whole = Track(name=ALL, label="All rows", column="", level="", own_n=own_n, own=own, n=counted.rows, flagged=counted.whole)
    alone = np.bincount(cut.window[lonely], minlength=len(cut.windows))[None]
    support = Track(
        name=SUPPORT,
        label="Rows without a near one",
        column="",
        level="",
        own_n=own_n,
        own=alone,
        n=counted.rows,
        flagged=counted.alone[None],
    )
    return Tracks(whole=whole, support=support, segments=tuple(parts))


def _own(cut: Cut, kept: NDArray[np.bool_], scored: Scored) -> tuple[Ints, Ints]:
    """Return how many of the kept reference rows each of its windows has, (r,), and how many are flagged, (shares, r)."""
    many = len(cut.windows)
    out = [np.bincount(cut.window[kept & (scored.p_values <= one)], minlength=many) for one in OUTLIER_SHARES]
    return np.bincount(cut.window[kept], minlength=many), np.array(out)
