"""Where rows are bad more often than they used to be: everywhere, or in the rows of one segment only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PRICE = 4.0
"""Log likelihood that each level of a segment must add, beside the log of the choices there were."""
BETTER = 0.05
"""Share of what was explained that another column must add: rates differ a little by anything."""
ALIKE = 0.5
"""Rate of a level, beside that of the worst, from which both are one segment."""
_MOST_UNITED = 4
_MOST_CELLS = 20_000
_LEAST, _MOST = 1e-4, 1.0 - 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Rows of a segment (empty: everywhere), `beside` further levels of its only column: `gain`, how much likelier its rate of bad rows
    makes what is seen; `share` of all bad rows beyond the usual that it holds, `rate` of its rows that are bad."""

    segment: Mapping[str, str]
    beside: tuple[str, ...] = ()
    gain: float
    share: float
    rate: float


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows `n`, `bad` ones and how many were `usual`, by cell of some columns; `levels` name each cell."""

    columns: tuple[str, ...]
    levels: list[tuple[str, ...]]
    n: Floats
    bad: Floats
    usual: Floats

    @property
    def gain(self) -> Floats:
        """Likelihood that an own rate of each cell adds; none where it is not above the usual."""
        return gain_of(self.n, self.bad, self.usual)


def gain_of(n: Floats, bad: Floats, usual: Floats) -> Floats:
    """Return the log likelihood that bad rows gain by an own rate beside the usual one, where it is higher; 0 elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        before = np.clip(usual / n, _LEAST, _MOST)
        now = np.clip(bad / n, _LEAST, _MOST)
        gain = bad * np.log(now / before) + (n - bad) * np.log((1 - now) / (1 - before))
    return np.where((n > 0) & (now > before), gain, 0.0)


def place_of(frame: pd.DataFrame, bad: Bools, usual: Floats, places: Sequence[str], *, deepest: int = 2, uneven: float = 1.0) -> Place:
    """Return where rows of `frame` are bad more often than `usual` (n,), their usual chance to be bad: the shortest segment that says it.

    A segment counts only what it holds: rows outside it are judged by their usual chance, so that what is everywhere is never told of one.
    Its gain is what is left when rows of a cell vary `uneven` times as much as independent ones, and the choices there were are paid for.
    """
    weight = bad.astype(np.float64)
    excess = float(weight.sum() - usual.sum())
    everywhere = Place(
        segment={},
        gain=float(gain_of(*(np.array([part]) for part in (float(len(frame)), weight.sum(), usual.sum())))[0]) / uneven,
        share=1.0,
        rate=float(weight.mean()) if len(frame) else 0.0,
    )
    best, worth = everywhere, everywhere.gain
    for depth in range(1, deepest + 1):
        found = max(
            (one for columns in combinations(places, depth) for one in _of(_cells(frame, columns, weight, usual), excess, uneven)),
            key=lambda pair: pair[1],
            default=(everywhere, -np.inf),
        )
        if found[1] > worth + BETTER * max(best.gain, 0.0):
            best, worth = found
    return best


def _of(cells: _Cells | None, excess: float, uneven: float) -> Iterator[tuple[Place, float]]:
    if cells is None:
        return
    gain = cells.gain / uneven
    price = len(cells.columns) * PRICE + float(np.log(max(len(cells.levels), 1)))
    order = np.argsort(-gain)
    first = int(order[0])
    yield _place(cells, [first], excess, (uneven, price))
    if len(cells.columns) == 1:
        rate = (cells.bad - cells.usual) / np.maximum(cells.n, 1.0)
        alike = [int(i) for i in order if gain[i] > price and rate[i] >= ALIKE * rate[first]]
        for size in range(2, min(len(alike), _MOST_UNITED) + 1):
            yield _place(cells, alike[:size], excess, (uneven, price * size))


def _place(cells: _Cells, chosen: list[int], excess: float, paid: tuple[float, float]) -> tuple[Place, float]:
    n, bad, usual = (part[chosen].sum(keepdims=True) for part in (cells.n, cells.bad, cells.usual))
    uneven, price = paid
    gain = float(gain_of(n, bad, usual)[0]) / uneven - price
    segment = dict(zip(cells.columns, cells.levels[chosen[0]], strict=True))
    beside = tuple(cells.levels[i][0] for i in chosen[1:])
    share = float((bad - usual)[0] / excess) if excess > 0 else 0.0
    return Place(segment=segment, beside=beside, gain=gain, share=min(share, 1.0), rate=float(bad[0] / max(n[0], 1.0))), gain


def _cells(frame: pd.DataFrame, columns: tuple[str, ...], weight: Floats, usual: Floats) -> _Cells | None:
    parts = [frame[name].cat for name in columns]
    sizes = [len(part.categories) for part in parts]
    if int(np.prod(sizes)) > _MOST_CELLS:
        return None
    code, known = np.zeros(len(frame), dtype=np.int64), np.ones(len(frame), dtype=bool)
    for part, size in zip(parts, sizes, strict=True):
        mine = part.codes.to_numpy().astype(np.int64)
        known &= mine >= 0
        code = code * size + mine
    place = code[known]
    seen = np.flatnonzero(np.bincount(place))
    if not len(seen):
        return None
    levels = [tuple(str(part.categories[i]) for part, i in zip(parts, _digits(int(one), sizes), strict=True)) for one in seen]
    rows, bad, told = (
        np.bincount(place, weights=values[known])[seen].astype(np.float64) for values in (np.ones(len(frame)), weight, usual)
    )
    return _Cells(columns, levels, rows, bad, told)


def _digits(code: int, sizes: Sequence[int]) -> tuple[int, ...]:
    digits = []
    for size in reversed(sizes):
        digits.append(code % size)
        code //= size
    return tuple(reversed(digits))
