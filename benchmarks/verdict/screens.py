"""One simulated screen: twelve columns by window on both sides, with what was planted in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.verdict.changes import STILL, Moves
from benchmarks.verdict.counts import Plan, counted
from benchmarks.verdict.laws import COLUMNS
from benchmarks.verdict.noise import Noise
from monitor.profile import Profile, Windows

MONDAY = np.datetime64("2026-01-05", "us")
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Shape:
    """How large a screen is: reference windows, rows of a window (on average) and production windows; windows are days."""

    reference: int
    rows: int
    production: int = 28

    @property
    def windows(self) -> int:
        """All windows."""
        return self.reference + self.production


@dataclass(frozen=True)
class Screen:
    """Both sides of a simulated screen."""

    reference: Profile
    production: Profile


def simulate(rng: np.random.Generator, noise: Noise, shape: Shape, planted: Mapping[str, Moves] | None = None) -> Screen:
    """Draw a screen; `planted` says what moves in which column, over all windows."""
    effects = noise.screen(rng, len(COLUMNS), shape.windows)
    rows = np.maximum(rng.poisson(shape.rows, shape.windows), 1)
    still = Moves(STILL, np.zeros(shape.windows))
    before, after = {}, {}
    for position, law in enumerate(COLUMNS):
        plan = Plan(rows, shape.reference, effects[0, position], effects[1, position], (planted or {}).get(law.name, still))
        before[law.name], after[law.name] = counted(rng, law, plan)
    first = shape.reference
    return Screen(
        Profile(_days(0, first), rows[:first], before),
        Profile(_days(first, shape.windows), rows[first:], after),
    )


def _days(start: int, end: int) -> Windows:
    starts = MONDAY + np.arange(start, end) * DAY
    return Windows(tuple(str(day)[:10] for day in starts), starts, starts + DAY)
