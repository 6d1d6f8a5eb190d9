"""Distances that weigh how far rows lie apart: Wasserstein and energy, from counts on ordered cells.

The distribution function of a side rises evenly over the width of a cell, at once where a cell is one value. Rows outside everything that
the reference had are known by their number, mean and standard deviation: their distances from the edge are taken as gamma distributed.
Both distances are sums of pieces on which F - G is linear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.counts.comparison import Comparison
from monitor.stats.methods.divergences import shares

Floats = NDArray[np.float64]

POINTS = 32
"""Points that stand for the rows of a tail."""
SHARP = 1e6
"""Mean over standard deviation, squared, from which a tail is one value."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of the number line: `length` of each, F - G at its `start` and at its `end`, (w, p) each."""

    length: Floats
    start: Floats
    end: Floats


def wasserstein(c: Comparison) -> Floats:
    """Return the integral of |F - G|, the earth mover's distance, in units of the column, (w,); nan where a side has no row."""
    return np.asarray(sum(_area(pieces) for pieces in _pieces(c)))


def energy(c: Comparison) -> Floats:
    """Return the energy distance sqrt(2 integral (F - G)^2), in square roots of the column's unit, (w,).

    Source: Szekely and Rizzo (2013), J. Statistical Planning and Inference 143.
    """
    return np.asarray(np.sqrt(2 * sum(_square(pieces) for pieces in _pieces(c))))


def _area(pieces: _Pieces) -> Floats:
    a, b = np.abs(pieces.start), np.abs(pieces.end)
    crossing = (pieces.start * pieces.end < 0) & (a + b > 0)
    mean = np.where(crossing, (a * a + b * b) / np.where(a + b > 0, 2 * (a + b), 1.0), (a + b) / 2)
    return np.asarray((mean * pieces.length).sum(axis=1))


def _square(pieces: _Pieces) -> Floats:
    a, b = pieces.start, pieces.end
    return np.asarray(((a * a + a * b + b * b) / 3 * pieces.length).sum(axis=1))


def _pieces(c: Comparison) -> list[_Pieces]:
    before, after = (shares(counts) for counts in c.regular)
    before = np.broadcast_to(before, after.shape)
    gaps = np.cumsum(before, axis=1) - np.cumsum(after, axis=1)
    widths = np.zeros(c.layout.size) if c.layout.widths is None else c.layout.widths
    starts, ends = c.layout.positions - widths / 2, c.layout.positions + widths / 2
    within = _Pieces(widths[None, :], np.concatenate([np.zeros((len(gaps), 1)), gaps[:, :-1]], axis=1), gaps)
    between = _Pieces(np.maximum(starts[1:] - ends[:-1], 0.0)[None, :], gaps[:, :-1], gaps[:, :-1])
    tails = [
        _tail(before[:, cell], after[:, cell], c.reference.tails[:, at : at + 2], c.production.tails[:, at : at + 2])
        for cell, at in ((0, 0), (-1, 2))
    ]
    return [within, between, *tails]


def _tail(before: Floats, after: Floats, own: Floats, new: Floats) -> _Pieces:
    """Return the pieces beyond an edge, from the shares (w,) of rows there and their mean distance and standard deviation (1 or w, 2)."""
    if not (own.any() or new.any()):
        return _Pieces(np.zeros((1, 1)), np.zeros((len(before), 1)), np.zeros((len(before), 1)))
    points = np.concatenate([np.broadcast_to(_points(own), (len(before), POINTS)), _points(new)], axis=1)
    weights = np.concatenate([np.tile(before[:, None], POINTS), np.tile(-after[:, None], POINTS)], axis=1) / POINTS
    order = np.argsort(points, axis=1)
    points, weights = np.take_along_axis(points, order, axis=1), np.take_along_axis(weights, order, axis=1)
    beyond = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    return _Pieces(np.diff(points, axis=1, prepend=0.0), beyond, beyond)


def _points(moments: Floats) -> Floats:
    """Return distances, (w, POINTS), that have the mean given and about the standard deviation."""
    mean, sd = moments[:, :1], moments[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shape = np.where(sd > 0, (mean / sd) ** 2, np.inf)
        sharp = ~(shape < SHARP)
        own = np.where(sharp, 1.0, np.maximum(shape, 1e-2))
        spread = special.gammaincinv(own, (np.arange(POINTS) + 0.5) / POINTS)
        return np.where(sharp, mean, mean * spread / spread.mean(axis=1, keepdims=True))
