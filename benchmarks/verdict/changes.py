"""What is planted: one thing of one column that moves over a run of windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SWAPPED = (1, 3)
"""Positions of the levels between which rows are swapped; the first is also the level that vanishes."""


@dataclass(frozen=True)
class Moves:
    """By window (w,): how far `kind` has moved ("shift", "scale", "far", "missing", "swap", "lost", "new"); "" for nothing."""

    kind: str
    amounts: Floats

    def of(self, kind: str) -> Floats:
        """Return the amounts of a kind, zero where another is moved."""
        return self.amounts if kind == self.kind else np.zeros_like(self.amounts)

    def take(self, windows: slice) -> Moves:
        """Return some of the windows."""
        return Moves(self.kind, self.amounts[windows])


@dataclass(frozen=True)
class Change:
    """`kind` of move in one of `columns` (screens take turns); `size`: fixed, or None where the oracle chooses it, up to `most`; `ramp`: it
    grows from nothing over the run; `up`: whether the question asked goes up (0: it has no direction)."""

    name: str
    kind: str
    columns: tuple[str, ...]
    size: float | None = None
    most: float = 1.0
    ramp: bool = False
    up: int = 1

    def shape(self, length: int) -> Floats:
        """How much of the size each window of the run has, (length,)."""
        return np.arange(1, length + 1) / length if self.ramp else np.ones(length)

    def moves(self, size: float, windows: int, start: int, length: int) -> Moves:
        """Return what moves over `windows` windows when the run starts at window `start`."""
        amounts = np.zeros(windows)
        amounts[start : start + length] = size * self.shape(length)
        return Moves(self.kind, amounts)


STILL = ""
CONTINUOUS = ("normal", "lognormal", "heavy", "counts", "two_humps")
MEAN = Change("mean", "shift", CONTINUOUS, most=4.0)
SCALE = Change("scale", "scale", ("normal", "heavy", "lognormal"), most=4.0)
SWAP = Change("level swap", "swap", ("five",), most=0.25, up=0)
LOST = Change("vanished level", "lost", ("five",), up=-1)
NEW = tuple(Change(f"new level {share:.0%}", "new", ("five", "zipf"), size=share, up=0) for share in (0.02, 0.2, 1.0))
MISSING = Change("missing", "missing", ("gaps",), most=0.95)
SEGMENT = Change("5 % segment far away", "far", ("normal", "gaps"), size=0.05)
GRADUAL = Change("gradual mean", "shift", ("normal", "lognormal", "heavy"), most=8.0, ramp=True)
NEVER_MISSING = Change("missing, never so before", "missing", (), size=0.3)
BLIP = Change("blip of the mean", "shift", ("normal", "lognormal", "heavy"), most=4.0)
CHANGES: tuple[Change, ...] = (MEAN, SCALE, SWAP, LOST, *NEW, MISSING, SEGMENT, GRADUAL, BLIP)
BY_NAME = {change.name: change for change in CHANGES}
MANY = {
    **dict.fromkeys((*CONTINUOUS, "tied"), MEAN),
    **dict.fromkeys(("gaps", "twenty"), MISSING),
    **dict.fromkeys(("zero_inflated", "rare"), NEVER_MISSING),
    "five": SWAP,
    "zipf": SWAP,
}
"""What is planted in each column where many columns change at once."""
