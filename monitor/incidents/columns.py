"""Causes within columns: what changed the values of a column, of which rows, since when, and what takes the change away."""

from __future__ import annotations

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.scene import Scene
from monitor.incidents.within.bounds import cut_or_filled, rounded
from monitor.incidents.within.decisions import other_threshold
from monitor.incidents.within.ground import Ground
from monitor.incidents.within.levels import filled_levels, permuted, recoded
from monitor.incidents.within.maps import mapped_numbers
from monitor.incidents.within.missing import missing_values
from monitor.incidents.within.pairs import swapped_columns
from monitor.incidents.within.peaks import other_hours
from monitor.incidents.within.schema import not_only_missing, schema_changes
from monitor.incidents.within.shifts import time_shifts
from monitor.incidents.within.stuck import stuck_values
from monitor.incidents.within.times import moved_times
from monitor.incidents.within.trends import slow_drifts

_KINDS = (
    schema_changes,
    missing_values,
    recoded,
    filled_levels,
    permuted,
    mapped_numbers,
    cut_or_filled,
    rounded,
    stuck_values,
    swapped_columns,
    time_shifts,
    moved_times,
    other_hours,
    slow_drifts,
)


_OF_ANSWERS = (recoded, mapped_numbers, cut_or_filled, rounded, stuck_values, swapped_columns, other_threshold)
"""What is looked for in answers: what is done to them after the model, and not what it makes of other inputs."""


def examine_answers(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return what may have been done to the answers of the model: cut off, in percent, classes that changed places."""
    if not len(scene.reference) or not len(scene.production):
        return ()
    ground = Ground(scene=scene, answers=True)
    found = [one for kind in _OF_ANSWERS for one in kind(ground) if one.cause not in _FREE and not _far_fetched(one)]
    return tuple({(one.cause, one.columns, str(one.segment), one.start): one for one in reversed(found)}.values())


_FREE = frozenset({Cause.SCALE_CHANGE, Cause.OFFSET})
"""What a change of inputs does to answers as well."""


def _far_fetched(one: Hypothesis) -> bool:
    """Say whether answers would be in a unit that answers do not come in: no power of ten, and not turned round."""
    inverse = one.inverse
    return one.cause is Cause.UNIT_CHANGE and inverse is not None and not (inverse.scale == -1 or inverse.is_decimal)


def examine_columns(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return what may have happened to the values of columns, as far as rows prove it; several hypotheses may be of one column."""
    if not len(scene.reference) or not len(scene.production):
        return ()
    ground = Ground(scene=scene)
    found = not_only_missing([found for kind in _KINDS for found in kind(ground)])
    told = {(one.cause, one.columns, str(one.segment), one.start): one for one in reversed(found)}
    return tuple(reversed(told.values()))
