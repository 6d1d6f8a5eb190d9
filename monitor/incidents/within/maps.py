"""Numbers in another unit, multiplied, moved, or put through a curve: which map of the reference gives what arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from monitor.incidents.cause import TIMES, Cause, Hypothesis, Inverse, Proof
from monitor.incidents.within.areas import CHANCE, levels_of, same_crowd, stretch_of, when
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Bools, Floats, Ground, Shown
from monitor.incidents.within.joined import joined, one_map
from monitor.incidents.within.lattice import unit_by_values
from monitor.incidents.within.money import is_money
from monitor.incidents.within.samples import FAR, NEVER, ODD, STEADY, Samples, area_of_values, odd_values, samples_of, weights_of
from monitor.judgement.finding import NO_TIME
from monitor.stats.causes.inverses import (
    ANYTHING,
    CURVES,
    UNITS,
    Unit,
    decimals_of,
    free_line,
    free_offset,
    free_scale,
    free_scale_error,
)

ENOUGH = 0.8
"""Share of what is unusual that a map without a free number has to take away."""
NEARLY_ALL = 0.9
"""The same of maps with one."""
REMAINS = 0.4
"""Part of a distance that may remain, however far apart stretches of the reference are: short ones of steady values lie anywhere."""
BY_CHANCE = 0.75
"""Part of the farthest distance by chance that leaves nothing to explain: a known unit needs no better fit then."""
FARTHEST = 30.0
"""Factor up to which a line of two free numbers is believed: one that makes all values nearly equal fits anything."""
SMALL = 2.5
"""Factor below which a known unit has to take a step away, as a free factor has to: a season may multiply degrees or sales by as much."""
BEYOND_WEATHER = 4.0
"""Times the largest factor between stretches of the reference that a small factor has to reach: the largest of eight is some 1.4 standard
deviations, and the stretch that is judged is the farthest of many."""
NO_OTHER = 1e-3
"""Part of a factor by which another one counts as the same."""
WITHIN, BEYOND = 2.0, 3.0
"""Standard errors of a fitted factor within which the known one lies that is told, and within which no other may lie."""
ON_DIGITS = 0.8
"""Share of values that are on the step of the reference once the right unit is undone: ten is near 10.76, and digits tell."""
TOLD_BY_DIGITS = 0.25
"""Part of the step of the reference's values below which half the digit of what arrives has to lie, in the units of before, to be told by
digits: by chance twice as many values are on it, less than ON_DIGITS (pounds with a decimal for kilograms with one: 0.23)."""
AT_ONCE = 0.3
"""Part of the evidence of a mean row of an area that those right after its onset give at least."""
BESIDE = 400
"""Rows right before and after an onset that are compared."""
CERTAIN = 9
"""Rows at an end of production that say nothing against a change which every row shows."""


@dataclass(frozen=True, kw_only=True)
class Map:
    """A map of values that may have happened, and the inverse that undoes it."""

    cause: Cause
    forward: Callable[[Floats], Floats]
    inverse: Inverse
    free: int = 0


def mapped_numbers(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where numbers went through a map; columns that went through the same one in the same rows are one hypothesis."""
    found: list[Hypothesis] = []
    for column in ground.numbers:
        for inside in ground.moved(column):
            found.extend(unit_by_values(ground, column, inside) or _of_stretch(ground, column, inside))
    return joined(found)


def _of_stretch(ground: Ground, column: str, inside: Bools) -> Iterator[Hypothesis]:
    """Yield what may have happened in some windows, values that were hardly ever seen first: the place is surest told by these."""
    told: set[tuple[object, ...]] = set()
    for times in (FAR, NEVER, ODD):
        area = area_of_values(ground, column, inside, times)
        for one in _of_area(ground, column, area) if area is not None else ():
            key = (one.cause, str(one.segment), one.inverse and one.inverse.says)
            if key not in told:
                told.add(key)
                yield one
    if not told:
        yield from _of_levels(ground, column, inside)


def _of_levels(ground: Ground, column: str, inside: Bools) -> Iterator[Hypothesis]:
    """Yield what happened to several levels of one place alike, none of which holds what hardly ever was: two sensors of forty."""
    before = ground.before[column].to_numpy()
    if not np.isfinite(before).any():
        return
    odd = odd_values(before, ground.now[column].to_numpy(), inside, NEVER)
    for place, levels in levels_of(ground, odd[1] & inside, inside):
        areas = [(level, when(ground, {place: level}, *odd, inside=inside)) for level in levels]
        found = [one for _, area in areas if area is not None for one in _of_area(ground, column, area)]
        alike = [one for one in found if one_map(found[0], one)]
        if len(alike) >= 2 and len({one.segment[place] for one in alike}) == len(levels):
            yield _of_several(alike, place)
            return


def _of_several(alike: list[Hypothesis], place: str) -> Hypothesis:
    """Return one hypothesis of what happened to several levels of a place."""
    lead = max(alike, key=lambda one: one.rows)
    others = [one for one in alike if one is not lead]
    return replace(
        min(alike, key=lambda one: one.start) if not np.isnat(lead.start) else lead,
        segment=lead.segment,
        beside=tuple(one.segment[place] for one in others),
        end=NO_TIME if any(one.ongoing for one in alike) else max(one.end for one in alike),
        rows=sum(one.rows for one in alike),
        share_rows=sum(one.share_rows for one in alike),
        explained=min(one.explained for one in alike),
        parameters=lead.parameters + len(others),
        evidence=tuple(dict.fromkeys(key for one in alike for key in one.evidence)),
    )


def _of_area(ground: Ground, column: str, area: Area) -> Iterator[Hypothesis]:
    samples = samples_of(ground, column, area)
    if samples is None or samples.apart <= max(samples.usual, samples.noise):
        return
    for one in _maps(samples, ANYTHING if is_money(column, ground.scene.workspace.case) else UNITS):
        changed = _changed(one, samples)
        exact = None if changed is None else _exact(ground, column, area, (samples.base, changed))
        better = None if exact is None else samples_of(ground, column, exact)
        if changed is None or exact is None or better is None:
            continue
        left = better.left(one.forward)
        explained = better.explained(left) if left <= REMAINS * better.apart else 0.0
        if (
            explained < (NEARLY_ALL if one.free else ENOUGH)
            or _as_weather(one.inverse, better)
            or not _abrupt(ground, column, exact, one, (samples.base, changed))
        ):
            continue
        if not one.free or same_crowd(ground, [column], exact):
            proof = Proof(measure="ks", before=better.apart, after=left, rows=len(better.held))
            yield ground.hypothesis(one.cause, [column], exact, Shown(proof=proof, inverse=one.inverse, explained=explained, free=one.free))


def _changed(one: Map, samples: Samples) -> Floats | None:
    """Return the values of the reference after a map, with as many digits as arrive; None where it cannot be.

    Whole numbers that were multiplied and rounded lie on some whole numbers and not on others, and a fitted factor tells which only nearly:
    where digits are lost, what was rounded to each value of the reference is mapped, and not that value alone.
    """
    step, digits = 10.0 ** -decimals_of(samples.base), decimals_of(samples.fitted)
    between = np.random.default_rng(0).uniform(-step / 2, step / 2, len(samples.base))
    with np.errstate(all="ignore"):
        exact, spread = one.forward(samples.base), one.forward(samples.base + between)
    if not np.isfinite(exact).all():
        return None
    lost = np.abs(np.round(exact, digits) - exact) > 1e-6 * 10.0**-digits
    return np.asarray(np.round(np.where(lost & np.isfinite(spread), spread, exact), digits))


def _maps(samples: Samples, units: Sequence[Unit]) -> Iterator[Map]:
    """Yield the maps that bring the reference to the fitted values: the best without a free number (one of some `units`, or a curve), the
    best with one, with two."""
    known = [(samples.left(one.forward, held=False), at, one) for at, one in enumerate(_known(units))]
    least = min(left for left, _, _ in known)
    fits = [one for left, _, one in known if left <= least + samples.noise / 2 and samples.explained(left) >= ENOUGH / 2]
    free = [(samples.left(one.forward, held=False), at, one) for at, one in enumerate(_free(samples))]
    best = min(free, default=None, key=lambda one: one[:2])
    if fits and (best is None or least <= _as_good(samples, best[0]) or _is_near(fits[0], best[2], samples)):
        yield _named([one for one in fits if _digits(one, samples) >= ON_DIGITS] or fits, samples)
        return
    if best is not None:
        yield best[2]
    line = _line(samples)
    if line is not None and best is not None and samples.left(line.forward, held=False) <= samples.noise < best[0]:
        yield line


def _is_near(known: Map, fitted: Map, samples: Samples) -> bool:
    """Say whether a fitted factor differs from that of a known unit by no more than stretches of the reference differ.

    These as they were, or in the spell of weather of the rows beside.
    """
    ratio = known.inverse.scale / fitted.inverse.scale
    usual = samples.usual_factor if known.inverse.offset == fitted.inverse.offset == 0 < ratio else np.inf
    return bool(usual <= STEADY and min(abs(np.log(ratio)), abs(np.log(ratio / samples.spell))) <= usual)


def _named(fits: list[Map], samples: Samples) -> Map:
    """Return the commonest of the known units that fit, under its name where no other one fits as well: a factor may be that of several.

    Where distances do not tell them apart, the fitted factor may: within its own error of one, and of no other.
    """
    first, factor = fits[0], free_scale(samples.base, samples.fitted)
    lines = [one for one in fits if one.inverse.kind == "affine" and not one.inverse.offset]
    if first not in lines or first.inverse.is_decimal or len(lines) == 1 or not np.isfinite(factor) or not factor:
        return first
    told = _by_factor(lines, samples)
    if told is not None:
        return told
    one_factor = all(abs(one.inverse.scale / first.inverse.scale - 1) < NO_OTHER for one in lines)
    scale = first.inverse.scale if one_factor else 1 / factor
    return Map(cause=first.cause, forward=lambda x: x / scale, inverse=Inverse(kind="affine", scale=scale, value=TIMES))


def _by_factor(lines: list[Map], samples: Samples) -> Map | None:
    """Return the one of some known factors that the factor of all values is within WITHIN standard errors of, and within BEYOND of no other
    one; None where there is none such."""
    every = np.concatenate((samples.fitted, samples.held))
    factor, error = free_scale(samples.base, every), free_scale_error(samples.base, every)
    if not np.isfinite(error) or not factor > 0:
        return None
    apart = [abs(np.log(factor * one.inverse.scale)) / max(error, 1e-9) if one.inverse.scale > 0 else np.inf for one in lines]
    near = [one for one, far in zip(lines, apart, strict=True) if far <= BEYOND]
    best = lines[int(np.argmin(apart))]
    alone = all(abs(one.inverse.scale / best.inverse.scale - 1) < NO_OTHER for one in near)
    return best if min(apart) <= WITHIN and alone and len(near) == 1 else None


def _digits(one: Map, samples: Samples) -> float:
    """Return the share of fitted values on the step of those of the reference once a map is undone; nan where that tells nothing."""
    inverse, step = one.inverse, 10.0 ** -decimals_of(samples.base)
    near = abs(inverse.scale) * 0.5 * 10.0 ** -decimals_of(samples.fitted) + 1e-9 * step
    if inverse.kind != "affine" or near > TOLD_BY_DIGITS * step:
        return float("nan")
    undone = samples.fitted * inverse.scale + inverse.offset
    return float((np.abs(undone - np.round(undone / step) * step) <= near).mean())


def _as_good(samples: Samples, best: float) -> float:
    """Return what a known unit may leave where a free number leaves `best`, which fits itself to the chance and the weather of the rows."""
    return max(best + samples.noise / 4, BY_CHANCE * samples.noise, min(samples.usual, best + samples.usual / 2))


def _known(units: Sequence[Unit]) -> Iterator[Map]:
    for unit in units:
        undone = Inverse(kind="affine", scale=1 / unit.scale, offset=-unit.offset / unit.scale, says=unit.says)
        yield Map(cause=Cause.UNIT_CHANGE, forward=unit.forward, inverse=undone)
    for curve in CURVES:
        undone = Inverse(kind=curve.kind, says=curve.says)
        yield Map(cause=Cause.UNIT_CHANGE, forward=curve.forward, inverse=undone)


def _free(samples: Samples) -> Iterator[Map]:
    scale, offset = free_scale(samples.base, samples.fitted), free_offset(samples.base, samples.fitted)
    if np.isfinite(scale) and scale != 0:
        yield _affine(Cause.SCALE_CHANGE, scale, 0.0, f"the value times {scale:.3g}", 1)
    yield _affine(Cause.OFFSET, 1.0, offset, f"the value {'plus' if offset > 0 else 'minus'} {abs(offset):.3g}", 1)


def _line(samples: Samples) -> Map | None:
    scale, offset = free_line(samples.base, samples.fitted)
    if not np.isfinite(scale) or not 1 / FARTHEST <= abs(scale) <= FARTHEST:
        return None
    sign = "plus" if offset > 0 else "minus"
    return _affine(Cause.SCALE_CHANGE, scale, offset, f"the value times {scale:.3g} {sign} {abs(offset):.3g}", 2)


def _affine(cause: Cause, scale: float, offset: float, says: str, free: int) -> Map:
    undone = Inverse(kind="affine", scale=1 / scale, offset=-offset / scale, says=says)
    return Map(cause=cause, forward=lambda x: x * scale + offset, inverse=undone, free=free)


Sides = tuple[Floats, Floats]
"""Values of the reference of a segment as they are, and after a map."""


def _exact(ground: Ground, column: str, area: Area, sides: Sides) -> Area | None:
    """Return when values most likely went through a map, among the rows of a segment near an area."""
    rows = ground.segment_rows(area.segment)[1] & ground.around(area.rows)
    weights = weights_of(ground.now[column].to_numpy()[rows], *sides)
    return stretch_of(ground, area.segment, rows, weights, quiet=np.log(CHANCE) / CERTAIN)


def _abrupt(ground: Ground, column: str, area: Area, one: Map, sides: Sides) -> bool:
    """Say whether the rows before the onset speak against a map and those after it as clearly for it as later ones do.

    What comes slowly, as a season, does neither; a free number has to take the step itself away as well. True where nothing comes before.
    """
    before = _last(ground, column, area)
    values = ground.now[column].to_numpy()[area.rows]
    values = values[np.isfinite(values)]
    if len(before) < FEWEST_ROWS or len(values) < FEWEST_ROWS:
        return True
    if (one.free or _is_small(one.inverse)) and not _no_step(before, values[:BESIDE], one.inverse):
        return False
    weights = weights_of(values, *sides)
    return bool(weights_of(before, *sides).mean() < 0 and weights[:BESIDE].mean() >= AT_ONCE * weights.mean())


def _is_small(inverse: Inverse) -> bool:
    """Say whether a factor is one that a season may bring about."""
    return inverse.kind == "affine" and 1 / SMALL < abs(inverse.scale) < SMALL


def _as_weather(inverse: Inverse, samples: Samples) -> bool:
    """Say whether a small factor is one by which stretches of the reference come near to differing: some known unit is near to any such."""
    usual = samples.usual_factor if _is_small(inverse) and not inverse.offset and inverse.scale > 0 else 0.0
    return bool(abs(np.log(abs(inverse.scale))) < BEYOND_WEATHER * usual)


def _no_step(before: Floats, after: Floats, inverse: Inverse) -> bool:
    """Say whether a linear inverse takes most of the step between two means away."""
    undone = after * inverse.scale + inverse.offset
    return abs(float(undone.mean() - before.mean())) < abs(float(after.mean() - before.mean())) / 2


def _last(ground: Ground, column: str, area: Area) -> Floats:
    """Return the values of the segment right before an area: of production, else of a reference that came before it."""
    rows: Bools = ground.segment_rows(area.segment)[1]
    values: Floats = ground.now[column].to_numpy()[: area.first][rows[: area.first]]
    values = values[np.isfinite(values)][-BESIDE:]
    if len(values) or not ground.follows:
        return values
    values = ground.before[column].to_numpy()[area.base]
    return values[np.isfinite(values)][-BESIDE:]
