"""Values of a column in an area beside those of the reference of the same segment: how far apart, and how far apart is usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from monitor.incidents.within.areas import area_of
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Bools, Floats, Ground, Ints
from monitor.stats.causes.inverses import decimals_of, free_scale, ks, ks_noise

MOST_VALUES = 4000
"""Values of a sample that are compared."""
BLOCKS = 8
"""Stretches of the reference that say how far apart stretches usually are."""
CELLS = 40
ODD, NEVER, FAR = 1.5, 20.0, float("inf")
"""Times its share in the reference from which a cell of values is odd, and from which such values were hardly ever seen; FAR: values that
lie farther outside of the reference than this is wide, which no weather does."""
STEADY = 0.01
"""Logarithm of a factor by which stretches of a reference of steady values differ at most: these tell a unit by its factor (one at random
over four powers of ten lies as near to one of ninety units in a tenth of all cases), and a spell of weather by the rows beside it."""
SPELL = 3.0
"""Times the largest factor between stretches of the reference that rows beside an area may have moved by and be a spell of weather."""
DOUBT = 1e-3
"""Share of rows that may have any value, whatever a cause says of them."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Finite values, (n,) each: `base` of the reference of a segment and `fitted`, `held` of an area, every other row each.

    `usual`: the largest distance of a stretch of the reference as long as the area from all else in it; `slack`: half of the last digit;
    `length`: values of `base` that are as long a stretch; `spell`: the factor by which rows beside the area at the same time differ
    from those of the reference, where values are steady; 1 else.
    """

    base: Floats
    fitted: Floats
    held: Floats
    usual: float
    slack: float
    length: int = 0
    spell: float = 1.0

    @property
    def usual_factor(self) -> float:
        """By which factor, as its logarithm, a stretch of the reference is larger or smaller than all else in it, at most; nan unknown."""
        return usual_factor(self.base, self.length)

    @property
    def apart(self) -> float:
        """How far the held values lie from the reference."""
        return ks(self.held, self.base, self.slack)

    @property
    def noise(self) -> float:
        """How far apart such samples of one distribution may be by chance."""
        return ks_noise(len(self.held), len(self.base))

    def left(self, forward: Callable[[Floats], Floats], *, held: bool = True) -> float:
        """Return how far the values lie from those of the reference, as they were or in the spell of weather of the rows beside the area,
        after these went through `forward`; 1 where that cannot be."""
        values, bases = self.held if held else self.fitted, [self.base]
        if self.spell != 1:
            bases.append(self.base * self.spell)
        with np.errstate(all="ignore"):
            changed = [forward(base) for base in bases]
        return min(ks(values, one, self.slack) if np.isfinite(one).all() else 1.0 for one in changed)

    def explained(self, left: float) -> float:
        """Return the share of what is unusual about the values that is gone when `left` of their distance remains."""
        usual = max(self.usual, self.noise)
        unusual = max(self.apart - usual, 1e-9)
        return float(np.clip(1 - max(left - usual, 0.0) / unusual, 0.0, 1.0)) if self.apart > usual else 0.0


def samples_of(ground: Ground, column: str, area: Area, rows: Bools | None = None) -> Samples | None:
    """Return the values of an area (`rows` of it, if given) and of the reference of its segment; None where these are too few."""
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    base = _finite(before[area.base])
    base = base if len(base) >= FEWEST_ROWS else _finite(before)
    values = _finite(now[area.rows if rows is None else rows])
    if len(base) < FEWEST_ROWS or len(values) < FEWEST_ROWS:
        return None
    slack = 0.6 * 10.0 ** -decimals_of(_thin(values, 500))
    usual = usual_distance(base, len(values))
    thin = _thin(base)
    length = max(round(len(values) * len(thin) / len(base)), FEWEST_ROWS)
    spell = _spell(ground, column, area, thin, length) if area.segment else 1.0
    return Samples(base=thin, fitted=_thin(values[::2]), held=_thin(values[1::2]), usual=usual, slack=slack, length=length, spell=spell)


def _spell(ground: Ground, column: str, area: Area, base: Floats, length: int) -> float:
    """Return the factor by which rows of other segments differ from the reference while an area lasts, where values are steady; 1 else."""
    usual = usual_factor(base, length)
    if not usual <= STEADY:
        return 1.0
    before, now = ground.segment_rows(area.segment)
    beside = ~now
    beside[: area.first] = beside[area.last + 1 :] = False
    old, new = _finite(ground.before[column].to_numpy()[~before]), _finite(ground.now[column].to_numpy()[beside])
    factor = free_scale(_thin(old), _thin(new)) if min(len(old), len(new)) >= FEWEST_ROWS else 1.0
    return factor if factor > 0 and abs(np.log(factor)) <= SPELL * usual else 1.0


def usual_factor(base: Floats, length: int) -> float:
    """Return the logarithm of the largest factor between stretches of `length` neighbours and all else; nan where there is none."""
    factors = [free_scale(rest, stretch) for stretch, rest in _stretches(base, length)]
    return float(np.abs(np.log(factors)).max()) if factors and min(factors) > 0 else float("nan")


def usual_distance(base: Floats, rows: int) -> float:
    """Return the largest distance of stretches of `rows` neighbours from all others, at most a half of them long."""
    return max(ks(_thin(stretch), _thin(rest)) for stretch, rest in _stretches(base, rows))


def _stretches(base: Floats, rows: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield stretches of `rows` neighbours, at most a half of them, and all others."""
    length = min(rows, len(base) // 2)
    for start in np.unique(np.linspace(0, len(base) - length, BLOCKS).astype(int)):
        yield base[start : start + length], np.concatenate((base[:start], base[start + length :]))


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _thin(values: Floats, most: int = MOST_VALUES) -> Floats:
    return values[:: -(-len(values) // most)] if len(values) > most else values


def odd_values(before: Floats, now: Floats, inside: Bools, times: float = ODD) -> tuple[Bools, Bools]:
    """Return which rows before and now have values of which there are too many among those `inside`, (m,) and (n,)."""
    if times == FAR:
        return np.zeros(len(before), dtype=bool), _far_outside(_finite(before), now)
    edges = cell_edges(_finite(before))
    old, new = cells_of(before, edges), cells_of(now, edges)
    width = len(edges) + 1
    share = (np.bincount(old[old >= 0], minlength=width) + 0.1) / max((old >= 0).sum(), 1)
    among = new[inside & (new >= 0)]
    odd = (np.bincount(among, minlength=width) / max(len(among), 1)) > times * share + 0.002
    odd = np.append(odd, False)
    return odd[old], odd[new]


def _far_outside(before: Floats, now: Floats) -> Bools:
    width = before.max() - before.min()
    return np.asarray((now < before.min() - width) | (now > before.max() + width))


def cell_edges(values: Floats, most: int = CELLS) -> Floats:
    """Return edges of cells at quantiles of values, what lies outside all of them in cells of its own."""
    thin = _thin(values, 20_000)
    inner = np.quantile(thin, np.linspace(0, 1, most + 1), method="inverted_cdf")
    return np.unique(np.append(inner, np.nextafter([inner.max(), values.max()], np.inf))) if len(values) else np.array([0.0])


def cells_of(values: Floats, edges: Floats) -> Ints:
    """Return the cell of each value, (n,); -1 (the last) where there is none."""
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="right"), -1)


def area_of_values(ground: Ground, column: str, inside: Bools, times: float = ODD) -> Area | None:
    """Return where and when a column of numbers has values that it had more seldom."""
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    if not np.isfinite(before).any():
        return None
    odd_before, odd_now = odd_values(before, now, inside, times)
    return area_of(ground, odd_before, odd_now, inside=inside, avoid=[column])


def weights_of(values: Floats, base: Floats, changed: Floats) -> Floats:
    """Return how much each value speaks for having gone through a change: log likelihood ratios, (n,); 0 where there is no value.

    `base` are values without the change, `changed` the same with it.
    """
    edges = np.unique(np.concatenate((cell_edges(base), cell_edges(changed))))
    width = len(edges) + 1
    share = [np.bincount(cells_of(one, edges), minlength=width) / len(one) for one in (base, changed)]
    without, within = [(1 - DOUBT) * one + DOUBT / width for one in share]
    return np.asarray(np.append(np.log(within / without), 0.0)[cells_of(values, edges)])
