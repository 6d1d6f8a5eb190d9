"""Rows at one level or with one id: many of them in one hour, or in one window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.adversary_kinds import FLOOR_ROWS, HOUR
from monitor.analyses.adversary_sides import Candidate, Coded, Track, sequence_max

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VALUE = "concentration~value"
"""The track of rows that have one value of a column of many in common."""


@dataclass(frozen=True, slots=True)
class _Hours:
    """Rows of one level in one hour, (m,) each."""

    window: Ints
    hour: Ints
    level: Ints
    rows: Ints

    @classmethod
    def of(cls, window: Ints, moment: Ints, codes: NDArray[np.int16], size: int) -> _Hours:
        """Count rows whose level is one of the `size` that are known."""
        known = (codes >= 0) & (codes < size)
        hour = moment[known] // HOUR
        low = int(hour.min(initial=0))
        span = int(hour.max(initial=0)) - low + 1
        pair, rows = np.unique((window[known] * span + (hour - low)) * size + codes[known], return_counts=True)
        return cls(pair // size // span, pair // size % span + low, pair % size, rows)

    def most(self, windows: int, size: int) -> Floats:
        """Return the busiest hour of each level in each window, (w, size)."""
        return sequence_max(self.window * size + self.level, self.rows, windows * size).reshape(windows, size)


def busiest_level(coded: Coded, columns: frozenset[str]) -> tuple[list[Track], list[Candidate]]:
    """Count, in times of the most that the rest of the reference had, the rows of the busiest hour of a level of a segment column."""
    at = [
        i for i, cut in enumerate(coded.cuts) if cut.measured.column in columns and not cut.numeric and cut.levels and i not in coded.clock
    ]
    if not coded.timed or not at:
        return [], []
    many, own, found = len(coded.production.windows), np.zeros(len(coded.own)), []
    for i in at:
        size = len(coded.cuts[i].levels)
        usual = _Hours.of(coded.own_window, coded.reference.moment, coded.reference.codes[i], size).most(len(coded.own), size)
        now = _Hours.of(coded.production.window, coded.production.moment, coded.production.codes[i], size)
        ranked = np.sort(usual, axis=0)
        first, second = ranked[-1], ranked[-2] if len(ranked) > 1 else np.zeros(size)
        rest = np.where(usual == first[None, :], second[None, :], first[None, :])
        own = np.maximum(own, (usual / np.maximum(rest, FLOOR_ROWS)).max(axis=1, initial=0.0))
        times = now.rows / np.maximum(first[now.level], FLOOR_ROWS)
        found.append(np.array([now.window, times, np.full(len(times), i), now.level, now.hour]))
    every = np.concatenate(found, axis=1)
    track = Track(
        name="concentration~level", kind="concentration", value=sequence_max(every[0].astype(np.int64), every[1], many), own=own,
        base=np.ones(many), own_base=np.ones(len(own)), floor=1.0, rows=coded.production.rows, own_rows=coded.own_rows,
    )  # fmt: skip
    return [track], [_crowded(coded, track, every[:, every[0] == w]) for w in np.flatnonzero(track.relative > track.largest)]


def _crowded(coded: Coded, track: Track, hours: Floats) -> Candidate:
    """Return the rows of the level and hour that stand out most among `hours` (5, m), and of its other hours beyond the reference."""
    w, times, i, level = (int(x) if n != 1 else float(x) for n, x in enumerate(hours[:4, int(hours[1].argmax())]))
    i, level = int(i), int(level)
    same = hours[4, (hours[2] == i) & (hours[3] == level) & (hours[1] > track.largest)]
    inside = (coded.production.window == w) & (coded.production.codes[i] == level) & np.isin(coded.production.moment // HOUR, same)
    rows, cut = np.flatnonzero(inside), coded.cuts[i]
    return Candidate(
        track=track.name, kind=track.kind, first=int(w), last=int(w), rows=rows, excess=float(times),
        expected=len(rows) / max(float(times), 1.0), levels=((cut.measured.column, cut.levels[level]),),
    )  # fmt: skip


def repeated(coded: Coded, name: str | None) -> tuple[list[Track], list[Candidate]]:
    """Count the rows of the commonest id, the column `name`, of each window."""
    if name not in coded.told:
        return [], []
    own_key, key = (side.identity[coded.told.index(name)] for side in (coded.reference, coded.production))
    if not own_key.any() or not key.any():
        return [], []
    many = len(coded.production.windows)
    value, of = _commonest(coded.production.window, key, many)
    before, _ = _commonest(coded.own_window, own_key, len(coded.own))
    base, own_base = coded.bases
    track = Track(
        name="concentration~id", kind="concentration", value=value, own=before, base=base, own_base=own_base,
        floor=FLOOR_ROWS / max(coded.usual_rows, 1.0), rows=coded.production.rows, own_rows=coded.own_rows,
    )  # fmt: skip
    return [track], [
        _of_value(coded, track, (int(w), key, int(of[w])), float(value[w]), track.usual)
        for w in np.flatnonzero(track.relative > track.largest)
    ]


def busiest_value(coded: Coded, columns: frozenset[str]) -> tuple[list[Track], list[Candidate]]:
    """Count, in times of the most that the rest of the reference had, the rows of the commonest value of a segment column of many levels,
    whatever hours they come in and whether the reference knew it."""
    at = [i for i, name in enumerate(coded.told) if name in columns]
    if not at:
        return [], []
    (base, own_base), floor = coded.bases, FLOOR_ROWS / max(coded.usual_rows, 1.0)
    own, found = np.zeros(len(coded.own)), []
    for i in at:
        before, _ = _commonest(coded.own_window, coded.reference.identity[i], len(coded.own))
        count, of = _commonest(coded.production.window, coded.production.identity[i], len(base))
        usual = before / own_base
        ranked = np.sort(usual)[::-1]
        rest = np.where(usual == ranked[0], ranked[1] if len(ranked) > 1 else 0.0, ranked[0])
        own = np.maximum(own, usual / np.maximum(rest, floor))
        found.append((count / base / max(ranked[0], floor), count, of, float(usual.mean())))
    value = np.max([one[0] for one in found], axis=0)
    track = Track(
        name=VALUE, kind="concentration", value=value, own=own, base=np.ones(len(base)), own_base=np.ones(len(own)),
        floor=1.0, rows=coded.production.rows, own_rows=coded.own_rows,
    )  # fmt: skip
    told = []
    for w in np.flatnonzero(track.relative > track.largest):
        best = int(np.argmax([one[0][w] for one in found]))
        key = coded.production.identity[at[best]]
        one = _of_value(coded, track, (int(w), key, int(found[best][2][w])), float(value[w]), found[best][3] * base[w])
        told.append(replace(one, column=coded.told[at[best]]))
    return [track], told


def _of_value(coded: Coded, track: Track, where: tuple[int, Ints, int], excess: float, expected: float) -> Candidate:
    """Return the rows of a window that have a value, of those that `where` has the keys of (n,)."""
    w, key, value = where
    rows = np.flatnonzero((coded.production.window == w) & (key == value))
    return Candidate(
        track=track.name, kind=track.kind, first=int(w), last=int(w), rows=rows, excess=excess, expected=expected, levels=coded.shared(rows)
    )


def _commonest(window: Ints, identity: Ints, windows: int) -> tuple[Floats, Ints]:
    """Return the rows of the commonest id of each window, and that id."""
    known = identity != 0
    found, place = np.unique(identity[known], return_inverse=True)
    width = max(len(found), 1)
    pair, rows = np.unique(window[known] * width + place, return_counts=True)
    order = np.lexsort((rows, pair // width))
    at = pair[order] // width
    last = np.flatnonzero(np.diff(at, append=-1))
    value, which = np.zeros(windows), np.zeros(windows, dtype=np.int64)
    value[at[last]], which[at[last]] = rows[order][last], found[pair[order][last] % width]
    return value, which
