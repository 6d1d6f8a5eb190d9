"""Segments of one and two columns, as sets of cells, and what a loss does in one of them by window.

The number that is looked at is, window by window, the mean loss of a segment minus that of all other rows. What all rows share cancels
out of it; what the segment always was is its mean in the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from monitor.stats.performance.cube import Axis, Cells

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WORTH = 100.0
"""Rows with the spread of all rows that are added to those of a segment: that its few rows agree is no certainty."""
MOST = 1e300
"""Variance of the mean of no rows."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A set of cells of a column: positions of the column, and of the part among those of its axis."""

    column: int
    part: int


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One or two parts that a row has to lie in."""

    parts: tuple[Part, ...]

    @property
    def paired(self) -> bool:
        """Whether it is of two columns."""
        return len(self.parts) > 1


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of one side: `inside` (3, ..., w) rows, loss and squared loss of segments, `whole` (3, w) those of all rows."""

    inside: Floats
    whole: Floats

    @property
    def outside(self) -> Floats:
        """Those of all rows that are not in the segment, (3, ..., w)."""
        whole = self.whole.reshape(3, *(1,) * (self.inside.ndim - 2), -1)
        return np.asarray(whole - self.inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A loss of segments by window, (..., w): `n` rows of the segment of all `rows`, its `mean` and that of other rows (`elsewhere`), what
    of that is no sampling noise (`level`), and the `variance` of mean minus level, and of mean minus elsewhere (`apart`); nan, and an
    infinite variance, where there are no rows."""

    n: Floats
    rows: Floats
    mean: Floats
    elsewhere: Floats
    level: Floats
    variance: Floats
    apart: Floats

    @property
    def value(self) -> Floats:
        """The mean loss of the segment minus the level of other rows."""
        return self.mean - self.level

    @property
    def plain(self) -> Contrast:
        """The same with other rows as they are, and all their noise: what tells a segment from a change that all rows share."""
        return replace(self, level=self.elsewhere, variance=self.apart)

    def among(self, windows: Bools) -> Contrast:
        """Return some windows of one segment, as of segments of which there is one, (1, k)."""
        return Contrast(**{one.name: getattr(self, one.name)[None, windows] for one in fields(self)})

    def pooled(self, windows: Bools) -> float:
        """Return the mean loss of one segment over some of the windows."""
        inside = self.n[windows]
        return _over(float(np.nan_to_num(self.mean[windows]) @ inside), inside)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """All rows that are not in a segment, and its loss in them: `rows` of everything by window (w,), their `mean` in production by window
    (w,), and over the whole reference (`before`)."""

    rows: Floats
    mean: Floats
    before: float


def _over(total: float, rows: Floats) -> float:
    return total / float(rows.sum()) if rows.sum() > 0 else float("nan")


def contrasts(reference: Sums, production: Sums, usable: Bools) -> tuple[Contrast, Contrast]:
    """Return a loss of segments by window on both sides, with the spread of rows that the reference shows: what chance does where nothing
    changed.

    Other rows are a level that windows share. As far as they vary no more than sampling does, over the reference and the `usable` (w,)
    windows of production, they say nothing of a window, and to subtract them would only add their noise: they are shrunk towards their
    mean by how much they do vary (DerSimonian and Kacker 2007).
    """
    n, total, square = reference.whole.sum(axis=-1)
    usual = float(max(square / max(n, 1.0) - (total / max(n, 1.0)) ** 2, 0.0))
    inside, outside = (_spread(one.sum(axis=-1), usual) for one in (reference.inside, reference.outside))
    rest = [one.outside for one in (reference, production)]
    known = [rest[0][0] > 0, (rest[1][0] > 0) & usable]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = [np.where(one[0] > 0, one[1] / one[0], np.nan) for one in rest]
        noise = [outside[..., None] / one[0] for one in rest]
    told = [np.where(kept, v, np.inf) for kept, v in zip(known, noise, strict=True)]
    center, between = spread_of_windows(np.concatenate(mean, axis=-1), np.concatenate(told, axis=-1))
    made = []
    for sums, at, v in zip((reference, production), mean, noise, strict=True):
        held = between[..., None] / (between[..., None] + np.minimum(v, MOST))  # no rows: nothing is known of them
        level = center[..., None] + held * (at - center[..., None])
        made.append(_contrast(sums, inside, (at, level, held, np.minimum(v, MOST))))
    return made[0], made[1]


def spread_of_windows(value: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Return the mean of windows and their variance beyond sampling, (...), from their values and sampling variances (..., w), infinite
    where nothing is known; by moments in two steps, the first of which gives every window the same weight: windows of many rows that agree
    do not hide that those of few lie elsewhere.

    >>> mean, between = spread_of_windows(np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), np.array([1e-6] * 3 + [0.1] * 3))
    >>> round(float(mean), 2), round(float(between), 2)
    (0.42, 0.25)
    """
    known = np.isfinite(noise)
    between = _moments(value, noise, known.astype(float))[1]
    with np.errstate(divide="ignore"):
        weight = np.where(known, 1 / np.maximum(noise + between[..., None], 1e-300), 0.0)
    return _moments(value, noise, weight)


def _moments(value: Floats, noise: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the weighted mean and the variance beyond sampling that the weighted squares tell of."""
    total = np.maximum(weight.sum(axis=-1), 1e-300)
    mean = (weight * np.nan_to_num(value)).sum(axis=-1) / total
    squares = (weight * np.nan_to_num(value - mean[..., None]) ** 2).sum(axis=-1)
    by_chance = (weight * (1 - weight / total[..., None]) * np.where(weight > 0, noise, 0.0)).sum(axis=-1)
    return mean, np.asarray(np.maximum(squares - by_chance, 0.0) / np.maximum(total - (weight**2).sum(axis=-1) / total, 1e-300))


def _spread(sums: Floats, usual: float) -> Floats:
    """Return the variance of the loss of a row, (...), from sums (3, ...); `usual` is that of all rows."""
    n, total, square = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(n > 0, square / n - (total / n) ** 2, 0.0)
    return np.asarray((n * np.maximum(own, 0.0) + WORTH * usual) / (n + WORTH))


def _contrast(sums: Sums, inside: Floats, other: tuple[Floats, Floats, Floats, Floats]) -> Contrast:
    (n, total, _), (elsewhere, level, held, noise) = sums.inside, other
    rest = sums.outside[0]
    known = (n > 0) & (rest > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, total / n, np.nan)
        variance, apart = (np.where(known, inside[..., None] / n + one, np.inf) for one in (held * noise, noise))
    return Contrast(n=n, rows=n + rest, mean=mean, elsewhere=elsewhere, level=level, variance=variance, apart=apart)


@dataclass(frozen=True, slots=True)
class Sides:
    """Rows of both sides in the same cells. Their values are 1, then each loss and its square; `usable` (w,) are the judged windows whose
    labels are in."""

    axes: tuple[Axis, ...]
    reference: Cells
    production: Cells
    usable: Bools

    @property
    def losses(self) -> int:
        """How many losses there are."""
        return (len(self.production.values) - 1) // 2

    @property
    def rows(self) -> tuple[int, int]:
        """How many rows the reference has, and the judged windows."""
        return self.reference.codes.shape[1], int(self.usable[self.production.window].sum())

    @property
    def both(self) -> tuple[Cells, Cells]:
        """The rows of the reference and of production."""
        return self.reference, self.production

    def inside(self, segment: Segment, cells: Cells) -> Bools:
        """Say which rows of a side lie in a segment, (n,)."""
        held = np.ones(cells.codes.shape[1], dtype=bool)
        for one in segment.parts:
            held &= self.cells_of(segment, one)[cells.codes[one.column]]
        return held

    def cells_of(self, segment: Segment, one: Part) -> Bools:
        """Say which cells a part of a segment holds, (size,)."""
        axis = self.axes[one.column]
        return np.asarray((axis.paired if segment.paired else axis.single)[one.part] > 0)

    def alone(self, one: Part) -> Segment:
        """Return the segment of a single column that holds the cells of a part of a pair."""
        axis = self.axes[one.column]
        return Segment((Part(one.column, int(np.flatnonzero((axis.single == axis.paired[one.part]).all(axis=1))[0])),))

    def contrast(self, segment: Segment, loss: int, *, without: Sequence[Segment] = ()) -> tuple[Contrast, Contrast]:
        """Return a loss of a segment by window in the reference and in production, of rows that are in none of some other segments."""
        sums, rows = [], []
        for cells in self.both:
            taken = [self.inside(one, cells) for one in without]
            left = cells.take(~np.any(taken, axis=0)) if taken else cells
            rows.append(left.take(self.inside(segment, left)))
            sums.append(Sums(of_loss(by_window(rows[-1]), loss), of_loss(by_window(left), loss)))
        alike = _alike(rows[0], loss)
        made = contrasts(sums[0], sums[1], self.usable)
        wider = [_together(kept, alike) for kept in rows]
        first, second = (replace(one, variance=one.variance * k, apart=one.apart * k) for one, k in zip(made, wider, strict=True))
        return first, second

    def elsewhere(self, segment: Segment, loss: int, *, without: Sequence[Segment] = ()) -> Elsewhere:
        """Return a loss of all rows but those of a segment that are in none of some other segments."""
        rest = []
        for cells in self.both:
            told = self.inside(segment, cells) & ~np.any([self.inside(one, cells) for one in without], axis=0)
            rest.append(of_loss(by_window(cells.take(~told)), loss))
        n, total, _ = rest[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(n > 0, total / n, np.nan)
        return Elsewhere(by_window(self.production)[0], mean, _over(float(rest[0][1].sum()), rest[0][0]))


def _alike(rows: Cells, loss: int) -> float:
    """Return how alike the losses of rows of one stretch of time are, 0..1 (the correlation within classes, of the reference's rows)."""
    values = rows.values[1 + 2 * loss]
    n = np.bincount(rows.window, minlength=rows.windows)
    away = values - (np.bincount(rows.window, values, rows.windows) / np.maximum(n, 1))[rows.window]
    place = np.unique(rows.block, return_inverse=True)[1]
    sums, squares, many = (np.bincount(place, one) for one in (away, away**2, np.ones(len(away))))
    pairs, spread = float((many * (many - 1)).sum()), float(squares.sum()) / max(len(away), 1)
    return float(np.clip((sums**2 - squares).sum() / max(pairs * spread, 1e-300), 0.0, 1.0)) if pairs and spread else 0.0


def _together(rows: Cells, alike: float) -> Floats:
    """Return by how much the variance of a window's mean grows because its rows hang together, (w,) (Kish 1965)."""
    known, place = np.unique(rows.block, return_inverse=True)
    window = np.zeros(len(known), dtype=np.int64)
    window[place] = rows.window
    many = np.bincount(place, minlength=len(known)).astype(float)
    n, squares = (np.bincount(window, one, rows.windows) for one in (many, many**2))
    return np.asarray(1 + alike * np.maximum(squares / np.maximum(n, 1.0) - 1, 0.0))


def by_window(cells: Cells) -> Floats:
    """Add up the values of rows by window, (m, w)."""
    return np.array([np.bincount(cells.window, values, cells.windows) for values in cells.values])


def of_loss(sums: Floats, loss: int) -> Floats:
    """Return rows, loss and squared loss of sums (m, ...) of all losses."""
    return sums[[0, 1 + 2 * loss, 2 + 2 * loss]]
