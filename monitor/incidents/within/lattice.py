"""Numbers in another unit, told by which values there are: of a column with few different values, all of another unit are new.

A distance of distributions tells nothing where days differ more than the unit; that the values fall on those of the reference again once
the unit is undone tells it all the same.
"""

from __future__ import annotations

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.within.areas import area_of, same_crowd
from monitor.incidents.within.ground import FEWEST_ROWS, Bools, Floats, Ground, Shown
from monitor.incidents.within.money import is_money
from monitor.stats.causes.inverses import ANYTHING, ROUGH, UNITS, Unit, decimals_of

MOST_VALUES = 200
"""Different values that a column may have."""
OFTEN = 2
"""Rows of the reference that a value has to have."""
FULL = 0.95
"""Share of rows on such values in the reference, and of those that come once the unit is undone."""
SPARSE = 0.2
"""Part of the range that the values may cover, each with what rounding leaves of it: beyond it many fall on one by chance."""
KEEPING_ORDER = tuple(one for one in UNITS if one.scale > 0)
"""Units that leave larger what is larger: steps of a tenth are as well on a hundred minus the value as on the value."""
STILL_ON = 0.5
"""Share of the rows within the range of the reference that may be on its values all the same (0 and a few are so in any unit)."""
KINDS = 5
"""Different values that have to fall on one again: of two or three some unit hits any."""


def unit_by_values(ground: Ground, column: str, inside: Bools) -> tuple[Hypothesis, ...]:
    """Return in which other unit the values of a column are, if its values in the windows of some rows `inside` (n,) tell it."""
    before, now = (side[column].to_numpy() for side in (ground.before, ground.now))
    values = _values(before)
    if values is None:
        return ()
    step = _half_a_digit(values)
    new_before, new_now = (np.isfinite(side) & ~_on(values, side, step) for side in (before, now))
    area = area_of(ground, new_before, new_now, inside=inside, avoid=[column])
    seen = np.array([]) if area is None else now[area.rows & np.isfinite(now)]
    if area is None or len(seen) < FEWEST_ROWS or not _between(values, seen, step) or not same_crowd(ground, [column], area):
        return ()
    fitted, held = seen[::2], seen[1::2]
    money = is_money(column, ground.scene.workspace.case)
    unit = max((one for one in KEEPING_ORDER if not money or one in ANYTHING), key=lambda one: _back(values, fitted, one))
    back = min(_back(values, part, unit) for part in (fitted, held))
    if back < FULL:
        return ()
    undone = Inverse(kind="affine", scale=1 / unit.scale, offset=-unit.offset / unit.scale, says=unit.says)
    proof = Proof(measure="values", before=float(1 - _on(values, held, step).mean()), after=1 - back, rows=len(held))
    return (ground.hypothesis(Cause.UNIT_CHANGE, [column], area, Shown(proof=proof, inverse=undone, explained=back)),)


def _between(values: Floats, seen: Floats, step: float) -> bool:
    """Say whether new values lie between those of the reference: a season brings new ones beyond them, on the same digits."""
    inside = seen[(seen >= values[0]) & (seen <= values[-1])]
    return len(inside) >= FEWEST_ROWS and float(_on(values, inside, step).mean()) <= STILL_ON


def _values(numbers: Floats) -> Floats | None:
    """Return the different values of a column, (k,); None where there are many, or rows have others."""
    values, rows = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    often = values[rows >= OFTEN]
    few = KINDS <= len(often) <= MOST_VALUES and rows[rows >= OFTEN].sum() >= FULL * rows.sum()
    return often if few else None


def _half_a_digit(values: Floats) -> float:
    return float(0.5 * 10.0 ** -decimals_of(values))


def _back(values: Floats, seen: Floats, unit: Unit) -> float:
    """Return the share of values that fall on those of the reference once a unit is undone; 0 where as many would by chance.

    They fall as near as their digits let them, or, where whole numbers came about by the unit itself, as near as a factor is known.
    """
    own = _half_a_digit(values)
    return max(
        _falling(values, seen, unit, own + rough) for rough in (_half_a_digit(seen) / abs(unit.scale), ROUGH * np.abs(values).mean())
    )


def _falling(values: Floats, seen: Floats, unit: Unit, reach: float) -> float:
    undone = (seen - unit.offset) / unit.scale
    on = _on(values, undone, reach)
    covered = np.minimum(np.diff(values), 2 * reach).sum() / (values[-1] - values[0])
    different, hit = len(np.unique(seen[on])), len(np.unique(_nearest(values, undone[on])))
    return float(on.mean()) if covered <= SPARSE and hit >= max(KINDS, different / 2) else 0.0


def _nearest(values: Floats, numbers: Floats) -> Floats:
    """Return the one of some values that is nearest to each number, (n,)."""
    at = np.clip(np.searchsorted(values, numbers), 1, len(values) - 1)
    lower, upper = values[at - 1], values[at]
    return np.where(numbers - lower <= upper - numbers, lower, upper)


def _on(values: Floats, numbers: Floats, reach: float) -> Bools:
    """Say which numbers lie on one of some values, with what rounding may leave, (n,)."""
    return np.asarray(np.abs(numbers - _nearest(values, numbers)) <= reach * (1 + 1e-9))
