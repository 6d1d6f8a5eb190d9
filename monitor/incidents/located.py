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
FEWEST_EXPECTED = 5.0
"""Bad rows that are usual in the other rows of a day, from which these say what kind of day it was."""
SMOOTHING = 50.0
"""Rows at the usual rate that are added to those of a day."""


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


def time_of(
    place: Localised, reference: pd.DataFrame, production: pd.DataFrame, bad_reference: Floats | Bools, bad_production: Floats | Bools
) -> Onset | None:
    """Return when the rows of a place were bad beyond what the other rows of the same days were; None where they say no more than chance.

    Parameters are those of `localise`, with production of any time.
    """
    before, now = (np.asarray(bad, dtype=np.float64) for bad in (bad_reference, bad_production))
    return _Bad(reference, production, before, now).time(place)


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
            time = self.time(place)
            inside = np.ones(len(self.production), dtype=bool) if time is None else time.holds(self.production[TIME].to_numpy())
            again = localise(self.reference, self.production[inside], self.before, self.now[inside], places, seed=seed, deepest=deepest)
            if (again.segment, again.beside) == (place.segment, place.beside):
                break
            place = again
        return Located(again, time)

    def time(self, place: Localised) -> Onset | None:
        """Return when the rows of a place were bad."""
        concerned, inside = place.are(self.production), place.are(self.reference)
        usual = _mean(self.before[inside] if inside.any() else self.before)
        before = usual * self._shared(concerned, _mean(self.before[~inside]))[concerned]
        return when(self.production[concerned], self.now[concerned], before=before)

    def _shared(self, concerned: Bools, usual: float) -> Floats:
        """Return how much worse than usual the other rows of each row's day are, (n,): what a day does to all is no news of a place."""
        times = self.production[TIME]
        if usual <= 0 or concerned.all():
            return np.ones(len(times))
        day, days = pd.factorize(times.dt.floor("D"))
        known = ~concerned & (day >= 0)
        bad, rows = (np.bincount(day[known], weights=one[known], minlength=len(days)) for one in (self.now, np.ones(len(day))))
        told = rows * usual >= FEWEST_EXPECTED
        shared = np.where(told, (bad + SMOOTHING * usual) / ((rows + SMOOTHING) * usual), 1.0)
        return np.asarray(np.append(shared, 1.0)[day])


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
