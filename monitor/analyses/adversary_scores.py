"""Concerted behaviour that scores tell: crowds just across the threshold, probes of it, and rows alike that were decided otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.adversary_kinds import FLOOR_ROWS, without_strays
from monitor.analyses.adversary_sides import Candidate, Coded, Track
from monitor.engine import Probes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BAND_SHARE, MOST_OF_SIDE, WIDE = 0.02, 0.25, 3.0
"""The band beside the threshold holds that share of the reference's scores, of those on its side at most that part; what surrounds it holds
so many times BAND_SHARE on either side. Counted in scores and not in their unit, so that a change of the whole level is no crowd."""
FEW_IN_BAND = 50
"""Rows of the reference about the threshold with fewer of which nothing is said."""
SIDES = ("below", "above")
ALONE = 0.01
"""Part of a window's rows that is taken to have one alike all the same."""


def crowding(coded: Coded, threshold: float) -> tuple[list[Track], list[Candidate]]:
    """Count rows with scores just across the threshold, on either side, as a share of those about it."""
    tracks, told, many = [], [], len(coded.production.windows)
    for side in SIDES:
        band = band_of(coded.reference.score, threshold, side)
        (own_in, own_about), (inside, about) = (band.rows(one.score) for one in (coded.reference, coded.production))
        if own_about.sum() < FEW_IN_BAND or own_in.sum() == own_about.sum():
            continue
        rows, own_rows = _counts(coded.production.window[about], many), _counts(coded.own_window[own_about], len(coded.own))
        value = _counts(coded.production.window[inside], many) / np.maximum(rows, 1)
        own = _counts(coded.own_window[own_in], len(coded.own)) / np.maximum(own_rows, 1)
        name = f"threshold_crowding~{side}"
        tracks.append(
            Track(
                name=name,
                kind="threshold_crowding",
                value=np.where(rows > 0, value, np.nan),
                own=np.where(own_rows > 0, own, np.nan),
                base=np.ones(many),
                own_base=np.ones(len(own)),
                floor=0.0,
                rows=rows,
                own_rows=own_rows,
                event=False,
                side=side,
            )
        )
        usual = float(own_in.sum() / (own_about.sum() - own_in.sum()))  # beside a row outside the band: a crowd in it expects no more
        for w in np.flatnonzero(rows > 0):
            members = np.flatnonzero(inside & (coded.production.window == w))
            told.append(
                Candidate(
                    track=name,
                    kind="threshold_crowding",
                    first=int(w),
                    last=int(w),
                    rows=members,
                    excess=float(value[w]),
                    expected=usual * float(rows[w] - len(members)),
                )
            )
    return tracks, told


@dataclass(frozen=True, slots=True)
class Band:
    """Scores just across the threshold, from `low` to `high`, and those about it, from `about_low` to `about_high`, all included."""

    low: float
    high: float
    about_low: float
    about_high: float

    def rows(self, score: Floats) -> tuple[Bools, Bools]:
        """Return which rows (n,) lie in the band, and which in it or about it."""
        with np.errstate(invalid="ignore"):
            inside = (score >= self.low) & (score <= self.high)
            return inside, (score >= self.about_low) & (score <= self.about_high)


def band_of(score: Floats, threshold: float, side: str) -> Band:
    """Return the band on a side of the threshold, by scores of the reference; empty where none lies on that side.

    >>> band_of(np.arange(100) / 100, 0.5, "below")
    Band(low=0.48, high=0.49999999999999994, about_low=0.42, about_high=0.55)
    """
    known = np.sort(score[np.isfinite(score)])
    at, many, step = int(np.searchsorted(known, threshold)), len(known), int(np.ceil(BAND_SHARE * len(known)))
    on_side = at if side == "below" else many - at
    inner = min(step, int(np.ceil(MOST_OF_SIDE * on_side)))
    if not inner:
        return Band(np.inf, -np.inf, np.inf, -np.inf)
    first, last = (at - inner, at - 1) if side == "below" else (at, at + inner - 1)
    room = int(WIDE * step)
    low, high, about_low, about_high = (float(known[min(max(i, 0), many - 1)]) for i in (first, last, first - room, last + room))
    # What lies between the last score of the reference and the threshold is just below it too.
    return (
        Band(low, float(np.nextafter(threshold, -np.inf)), about_low, max(about_high, threshold))
        if side == "below"
        else Band(threshold, high, about_low, about_high)
    )


def _counts(at: Ints, many: int) -> Ints:
    return np.bincount(at, minlength=many)


def near_side(score: Floats, reference: Floats, threshold: float) -> tuple[str, float]:
    """Return on which side of the threshold most of some rows lie in the band, and which share of them does."""
    found = {side: float(band_of(reference, threshold, side).rows(score)[0].mean()) if len(score) else 0.0 for side in SIDES}
    best = max(found, key=lambda side: found[side])
    return best, found[best]


def flips(coded: Coded, threshold: float) -> tuple[list[Track], list[Candidate]]:
    """Count rows that share all cells with rows of the same window that were decided otherwise."""
    if not len(coded.kept):
        return [], []
    own, before = _flipped(coded.cells[0], coded.own_window, coded.reference.score, threshold)
    now, after = _flipped(coded.cells[1], coded.production.window, coded.production.score, threshold)
    sizes = np.concatenate([before, after]).astype(float)
    clump = float((sizes**2).sum() / sizes.sum()) if len(sizes) else 1.0
    tracks, told = _by_rows(coded, "score_flips", own, now, np.full(len(now), "", dtype=object), clump=clump)
    exposed = (
        _alike(coded.cells[0], coded.own_window, len(coded.own)),
        _alike(coded.cells[1], coded.production.window, len(coded.production.windows)),
    )
    return [replace(one, exposed=exposed) for one in tracks], told


def _alike(cell: Ints, window: Ints, many: int) -> Floats:
    """Return how many rows of each window have one alike before them, and ALONE of all of them, (many,): where more are alike, more are
    decided otherwise by chance."""
    pairs, rows = np.unique(np.column_stack([window, cell]), axis=0, return_counts=True)
    return np.asarray(np.bincount(pairs[:, 0], rows - 1.0 + ALONE * rows, minlength=many))


def _flipped(cell: Ints, window: Ints, score: Floats, threshold: float) -> tuple[Bools, Ints]:
    """Say which rows (n,) are the fewer of a cell and window in which both decisions were made, and how many they are in each such."""
    known = np.isfinite(score)
    place = np.unique(np.column_stack([window, cell]), axis=0, return_inverse=True)[1].reshape(-1)
    positive = np.bincount(place, known & (score >= threshold))
    rows = np.bincount(place, known)
    fewer = np.minimum(positive, rows - positive)
    minority = np.where(positive * 2 <= rows, 1, 0)
    flipped = np.asarray(known & (fewer[place] > 0) & ((score >= threshold) == (minority[place] == 1)))
    return flipped, np.asarray(fewer[fewer > 0], dtype=np.int64)


def probing(coded: Coded, own: Bools, probes: Probes, names: Sequence[str]) -> tuple[list[Track], list[Candidate]]:
    """Count rows of probes: `own` (n,) says which rows of the reference belong to one, `names` are the columns that may vary."""
    at = places_of(coded.production.place, probes.place)
    now = np.zeros(len(coded.production.window), dtype=bool)
    now[at] = True
    column = np.full(len(now), "", dtype=object)
    column[at] = np.array([*names, ""], dtype=object)[probes.column]
    return _by_rows(coded, "probing", own, now, column)


def places_of(places: Ints, wanted: Ints) -> Ints:
    """Return the positions of `wanted` (k, 2) files and rows among `places` (n, 2).

    >>> places_of(np.array([[0, 5], [1, 2], [0, 4]]), np.array([[0, 4], [1, 2]])).tolist()
    [2, 1]
    """
    step = int(max(places[:, 1].max(initial=0), wanted[:, 1].max(initial=0))) + 1
    key = places[:, 0] * step + places[:, 1]
    order = np.argsort(key, kind="stable")
    return np.asarray(order[np.searchsorted(key[order], wanted[:, 0] * step + wanted[:, 1])])


def _by_rows(
    coded: Coded, kind: str, own: Bools, now: Bools, column: NDArray[np.object_], *, clump: float = 0.0
) -> tuple[list[Track], list[Candidate]]:
    """Return a kind that is a number of rows of each window, and the rows; where they come at some rate, of every window."""
    base, own_base = coded.bases
    window, many = coded.production.window, len(coded.production.windows)
    track = Track(
        name=kind, kind=kind, value=_counts(window[now], many).astype(float),
        own=_counts(coded.own_window[own], len(coded.own)).astype(float), base=base, own_base=own_base,
        floor=FLOOR_ROWS / max(coded.usual_rows, 1.0), rows=coded.production.rows, own_rows=coded.own_rows, clump=clump,
    )  # fmt: skip
    told = []
    for w in np.flatnonzero(track.value > 0 if clump else track.relative > track.largest):
        rows = without_strays(np.flatnonzero(now & (window == w)), coded.production.moment)
        varied, count = np.unique(column[rows].astype(str), return_counts=True)
        told.append(
            Candidate(
                track=kind,
                kind=kind,
                first=int(w),
                last=int(w),
                rows=rows,
                excess=float(track.value[w]),
                expected=track.usual * float(base[w] / max(np.median(own_base), 1.0)) if len(own_base) else float("nan"),
                levels=coded.shared(rows),
                column=str(varied[int(np.argmax(count))]),
            )
        )
    return [track], told
