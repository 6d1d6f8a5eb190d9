"""Causes within columns: what changed the values of a column, of which rows, since when, and what takes the change away."""

from __future__ import annotations

from monitor.incidents.cause import Hypothesis
from monitor.incidents.scene import Scene
from monitor.incidents.within.bounds import cut_or_filled, rounded
from monitor.incidents.within.ground import Ground
from monitor.incidents.within.levels import recoded
from monitor.incidents.within.missing import missing_values
from monitor.incidents.within.numbers import mapped_numbers
from monitor.incidents.within.pairs import swapped_columns
from monitor.incidents.within.stuck import stuck_values

_KINDS = (missing_values, recoded, mapped_numbers, cut_or_filled, rounded, stuck_values, swapped_columns)


def examine_columns(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return what may have happened to the values of columns, as far as rows prove it; several hypotheses may be of one column."""
    ground = Ground(scene=scene)
    return tuple(found for kind in _KINDS for found in kind(ground))
