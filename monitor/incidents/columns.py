"""Causes within columns: what changed the values of a column, of which rows, since when, and what takes the change away."""

from __future__ import annotations

from monitor.incidents.cause import Hypothesis
from monitor.incidents.scene import Scene
from monitor.incidents.within.bounds import cut_or_filled, rounded
from monitor.incidents.within.ground import Ground
from monitor.incidents.within.levels import recoded
from monitor.incidents.within.maps import mapped_numbers
from monitor.incidents.within.missing import missing_values
from monitor.incidents.within.pairs import swapped_columns
from monitor.incidents.within.schema import not_only_missing, schema_changes
from monitor.incidents.within.shifts import time_shifts
from monitor.incidents.within.stuck import stuck_values
from monitor.incidents.within.trends import slow_drifts

_KINDS = (
    schema_changes,
    missing_values,
    recoded,
    mapped_numbers,
    cut_or_filled,
    rounded,
    stuck_values,
    swapped_columns,
    time_shifts,
    slow_drifts,
)


def examine_columns(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return what may have happened to the values of columns, as far as rows prove it; several hypotheses may be of one column."""
    if not len(scene.reference) or not len(scene.production):
        return ()
    ground = Ground(scene=scene)
    found = not_only_missing([found for kind in _KINDS for found in kind(ground)])
    told = {(one.cause, one.columns, str(one.segment), one.start): one for one in reversed(found)}
    return tuple(reversed(told.values()))
