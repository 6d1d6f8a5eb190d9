"""Where and when at once: the time by the rows of a place, the place by the rows of that time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.incidents.places import Bools, Floats, Localised, Where, localise, when
from monitor.incidents.scene import TIME
from monitor.stats.causes.change_points import Onset

TURNS = 3
"""Turns of time and place: both stand after two, nearly always."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where and when: `time` is None where rows have no time or nothing changed with it, and `place` is then of all rows."""

    place: Localised
    time: Onset | None


def locate(
    reference: pd.DataFrame,
    production: pd.DataFrame,
    bad_reference: Floats | Bools,
    bad_production: Floats | Bools,
    places: Sequence[str],
    *,
    seed: int = 0,
    deepest: int = 2,
) -> Located:
    """Return where and when rows of production are bad: the time by all rows, the place in that time, and both again by each other.

    Parameters are those of `localise`, with production of any time.
    """
    bad = _Bad(reference, production, np.asarray(bad_reference, dtype=np.float64), np.asarray(bad_production, dtype=np.float64))
    found = bad.located(Localised(where=Where.EVERYWHERE), places, seed=seed, deepest=deepest)
    if found.place.where is Where.SEGMENT:
        return found
    first = localise(reference, production, bad.before, bad.now, places, seed=seed, deepest=deepest)
    again = bad.located(first, places, seed=seed, deepest=deepest) if first.where is Where.SEGMENT else found
    return again if again.place.where is Where.SEGMENT and again.time else found


@dataclass(frozen=True, slots=True)
class _Bad:
    """Rows of both sides, and how bad each is."""

    reference: pd.DataFrame
    production: pd.DataFrame
    before: Floats
    now: Floats

    def located(self, place: Localised, places: Sequence[str], *, seed: int, deepest: int) -> Located:
        """Return the time by the rows of a place, the place by that time, until neither moves."""
        for _ in range(TURNS):
            time = self._time(place)
            inside = np.ones(len(self.production), dtype=bool) if time is None else time.holds(self.production[TIME].to_numpy())
            again = localise(self.reference, self.production[inside], self.before, self.now[inside], places, seed=seed, deepest=deepest)
            if (again.segment, again.beside) == (place.segment, place.beside):
                break
            place = again
        return Located(again, time)

    def _time(self, place: Localised) -> Onset | None:
        concerned, usual = place.are(self.production), self.before[place.are(self.reference)]
        return when(self.production[concerned], self.now[concerned], before=_mean(usual if len(usual) else self.before))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
