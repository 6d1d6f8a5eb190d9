"""The kinds of concerted behaviour on coded rows: each a number by window, and the rows that made it large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.adversary_sides import Candidate, Coded, Track, sequence_max, tables_by
from monitor.engine.windows import NO_TIME
from monitor.stats.adversaries.alike import Cluster, Counted, clusters, count_alike, grow
from monitor.stats.adversaries.pairs import new_pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR = 3_600_000_000
FLOOR_ROWS = 5.0
"""Rows that a window of the reference is taken to have had alike, or in one hour, all the same."""
FLOOR_SHARE = 0.001
TOLD = 5
"""Clusters of a window that are told, the largest."""
STRAY, GAP = 0.05, 0.5
"""A cluster ends in time where no row follows for such a part of the time that it takes, the first and last STRAY of its rows left out."""
MOST = 0.8
"""Part of the rows of a kind in one stretch of time from which that stretch is what is told."""
COMBINATIONS = 5
"""New combinations that are named."""


def alike(coded: Coded) -> tuple[list[Track], list[Candidate]]:
    """Count the rows of the largest cluster of each window."""
    many, windows = len(coded.production.windows), coded.production.window
    if not len(coded.kept):
        return [], []
    own, now = count_alike(coded.cells, (coded.own_window, windows), (coded.own_rows, coded.production.rows))
    numeric = coded.numeric
    before = clusters(own, coded.reference.codes[coded.kept], numeric, len(coded.own))
    after = clusters(now, coded.production.codes[coded.kept], numeric, many)
    base, own_base = coded.bases
    track = Track(
        name="near_duplicates", kind="near_duplicates", value=_largest(after), own=_largest(before), base=base, own_base=own_base,
        floor=FLOOR_ROWS / max(coded.usual_rows, 1.0), rows=coded.production.rows, own_rows=coded.own_rows,
    )  # fmt: skip
    told = [one for w in np.flatnonzero(track.relative > track.largest) for one in after[w][:TOLD] if one.excess / base[w] > track.largest]
    return [track], _merged([_grown(coded, now, one) for one in told])


def _largest(found: Sequence[Sequence[Cluster]]) -> Floats:
    return np.array([one[0].excess if one else 0.0 for one in found], dtype=float)


def _grown(coded: Coded, counted: Counted, cluster: Cluster) -> Candidate:
    """Return all rows that hang together with a cluster, those of the windows beside it among them, without strays in time."""
    many = len(coded.production.windows)
    beside = [w for w in (cluster.window - 1, cluster.window, cluster.window + 1) if 0 <= w < many]
    cells = grow(counted, cluster, coded.production.codes[coded.kept], coded.numeric, beside)
    place = coded.cells[1] * many + coded.production.window
    seed, rows = (np.flatnonzero(np.isin(place, counted.cell[one] * many + counted.window[one])) for one in (cluster.members, cells))
    rows = around(rows, seed, coded.production.moment) if coded.timed else rows[coded.production.window[rows] == cluster.window]
    window = coded.production.window[rows]
    return Candidate(
        track="near_duplicates", kind="near_duplicates", first=int(window.min()), last=int(window.max()), rows=rows,
        excess=cluster.excess, expected=float(counted.expected[cells].sum()), levels=coded.shared(rows),
    )  # fmt: skip


def around(rows: Ints, seed: Ints, moment: Ints) -> Ints:
    """Return those of some rows (k,) that lie in the time of most of the `seed`, or next to it by no more than that is long.

    >>> around(np.array([0, 1, 2, 3]), np.array([1, 2]), np.array([0, 1000, 1010, 1019])).tolist()
    [1, 2, 3]
    """
    time = np.sort(moment[seed])
    parts = np.split(time, np.flatnonzero(np.diff(time) > GAP * max(np.subtract(*np.quantile(time, [1 - STRAY, STRAY])), HOUR / 60)) + 1)
    most = max(parts, key=len)
    span = most[-1] - most[0]
    return np.asarray(rows[(moment[rows] >= most[0] - span) & (moment[rows] <= most[-1] + span)])


def without_strays(rows: Ints, moment: Ints) -> Ints:
    """Leave out rows that lie apart in time from most others; where no stretch of time has most of them, keep all."""
    if not len(rows) or (moment[rows] == NO_TIME).any():
        return rows
    kept = around(rows, rows, moment)
    return kept if len(kept) >= MOST * len(rows) else rows


def _merged(found: Sequence[Candidate]) -> list[Candidate]:
    """Take candidates that share rows for one."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda one: -one.excess):
        same = next((i for i, other in enumerate(kept) if np.isin(one.rows, other.rows).any()), None)
        if same is None:
            kept.append(one)
            continue
        other = kept[same]
        rows = np.union1d(one.rows, other.rows)
        kept[same] = replace(other, first=min(one.first, other.first), last=max(one.last, other.last), rows=rows)
    return kept


def combinations(coded: Coded, labels: Sequence[str]) -> tuple[list[Track], list[Candidate]]:
    """Count rows with a combination of levels that the reference never had; `labels` are the names of the columns."""
    at = [int(i) for i in coded.kept if not coded.cuts[i].numeric]
    if len(at) < 2:
        return [], []
    found = new_pairs(coded.reference.codes[at], coded.production.codes[at], coded.own_window, len(coded.own))
    window, many = coded.production.window, len(coded.production.windows)
    rows = np.bincount(window[found.now], minlength=many)
    own = np.bincount(coded.own_window[found.own], minlength=len(coded.own))
    track = Track(
        name="new_combinations", kind="new_combinations", value=rows / np.maximum(coded.production.rows, 1),
        own=own / np.maximum(coded.own_rows, 1), base=np.ones(many), own_base=np.ones(len(own)), floor=FLOOR_SHARE,
        rows=coded.production.rows, own_rows=coded.own_rows,
    )  # fmt: skip
    told = []
    for w in np.flatnonzero(track.relative > track.largest):
        members = without_strays(np.flatnonzero(found.now & (window == w)), coded.production.moment)
        told.append(
            Candidate(
                track=track.name,
                kind=track.kind,
                first=int(w),
                last=int(w),
                rows=members,
                excess=float(track.value[w]),
                expected=track.usual * float(coded.production.rows[w]),
                levels=coded.shared(members),
                told=_named_pairs(coded, at, labels, members, found.rows),
            )
        )
    return [track], told


def _named_pairs(
    coded: Coded, at: Sequence[int], labels: Sequence[str], rows: Ints, pairs: dict[tuple[int, int, int, int], int]
) -> dict[str, int]:
    """Return the commonest new combinations of some rows, in words, with how many of these have them."""
    told: dict[str, int] = {}
    for a, b, x, y in sorted(pairs, key=lambda one: -pairs[one])[: 40 * COMBINATIONS]:
        i, j = at[a], at[b]
        count = int(((coded.production.codes[i, rows] == x) & (coded.production.codes[j, rows] == y)).sum())
        if count:
            told[f"{labels[a]} {coded.cuts[i].levels[x]} with {labels[b]} {coded.cuts[j].levels[y]}"] = count
    return dict(sorted(told.items(), key=lambda one: -one[1])[:COMBINATIONS])


def busiest(coded: Coded) -> tuple[list[Track], list[Candidate]]:
    """Count the rows of the busiest hour of each window."""
    if not coded.timed:
        return [], []
    (own_at, _, own_rows), (at, hours, rows) = (
        tables_by(window, side.moment // HOUR, len(windows))
        for side, window, windows in (
            (coded.reference, coded.own_window, coded.own),
            (coded.production, coded.production.window, coded.production.windows),
        )
    )
    many = len(coded.production.windows)
    value, own = sequence_max(at, rows, many), sequence_max(own_at, own_rows, len(coded.own))
    track = Track(
        name="concentration", kind="concentration", value=value, own=own, base=np.ones(many), own_base=np.ones(len(own)), floor=FLOOR_ROWS,
        rows=coded.production.rows, own_rows=coded.own_rows,
    )  # fmt: skip
    told, hour = [], coded.production.moment // HOUR
    for w in np.flatnonzero(track.relative > track.largest):
        crowded = hours[(at == w) & (rows > track.largest)]
        members = np.flatnonzero((coded.production.window == w) & np.isin(hour, crowded))
        told.append(
            Candidate(
                track=track.name,
                kind=track.kind,
                first=int(w),
                last=int(w),
                rows=members,
                excess=float(value[w]),
                expected=track.usual * len(crowded),
                levels=coded.shared(members),
            )
        )
    return [track], told
