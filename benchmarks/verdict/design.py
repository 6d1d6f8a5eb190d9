"""Which settings are simulated: a fractional design of noise laws, reference lengths, rows of a window and changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from zlib import crc32

import numpy as np

from benchmarks.verdict import changes
from benchmarks.verdict.noise import NOISES
from benchmarks.verdict.screens import Shape

SEEDS = {"tuning": 20_260_105, "reporting": 77_003_311}
"""Draws that may be looked at while the product changes, and draws that are touched for published figures only."""
REFERENCES, ROWS, PRODUCTION, LENGTHS = (3, 5, 8, 14, 30, 60), (50, 500, 5_000), 28, (1, 3, 10, 28)
QUICK_NOISES = ("independent rows", "day effects 0.15, AR(1) 0.6", "a third of columns .5, AR(1) .9")
CHANGE_NOISES = ("independent rows", "day effects 0.15, AR(1) 0.6", "hour clusters .5", "weekdays .3, day effects .15, AR(1) .6")
CHANGE_REFERENCES = (8, 14, 30, 60)
MANY_LENGTH = 10


@dataclass(frozen=True)
class Cell:
    """One setting: a noise law, a shape, and what is planted, if anything: a `change` in one `column`, or in `planted` of them."""

    noise: str
    reference: int
    rows: int
    production: int = PRODUCTION
    change: str = ""
    column: str = ""
    length: int = 0
    planted: int = 0

    @property
    def key(self) -> str:
        """All of it in one line: the name of the setting in files."""
        return "|".join(str(value) for value in asdict(self).values())

    @property
    def shape(self) -> Shape:
        """How large its screens are."""
        return Shape(self.reference, self.rows, self.production)

    @property
    def floors(self) -> bool:
        """Whether changes too small to matter are left unnamed: not where the oracle chose the size, for it has no such floor."""
        return self.change not in changes.BY_NAME or changes.BY_NAME[self.change].size is not None

    def generator(self, seeds: str, screen: int) -> np.random.Generator:
        """Return the generator of one of its screens."""
        return np.random.default_rng([SEEDS[seeds], crc32(self.key.encode()), screen])


def design(*, quick: bool = False, only: str = "") -> list[Cell]:
    """Return the settings; `only`: "no_change" or "change"."""
    still = list(_no_change(quick=quick)) if only != "change" else []
    moved = [*_one(quick=quick), *_many(quick=quick)] if only != "no_change" else []
    return still + moved


def _no_change(*, quick: bool) -> Iterator[Cell]:
    """Every noise law at every reference length with two of the three numbers of rows, in turns; a few with other production lengths."""
    for i, noise in enumerate(NOISES):
        for j, reference in enumerate(REFERENCES):
            if quick and (noise.name not in QUICK_NOISES or reference not in (8, 14, 60)):
                continue
            for rows in (ROWS[(i + j) % 3],) if quick else (ROWS[(i + j) % 3], ROWS[(i + j + 1) % 3]):
                yield Cell(noise.name, reference, rows)
    for noise, length in product(() if quick else QUICK_NOISES[:2], (10, 90)):
        yield Cell(noise, 14, 500, length)
        yield Cell(noise, 60, 500, length)


def _one(*, quick: bool) -> Iterator[Cell]:
    """Every change under every noise law and reference length; columns, rows and (but for the mean, which has all) run lengths in turns."""
    noises, references = (CHANGE_NOISES[:2], (14, 60)) if quick else (CHANGE_NOISES, CHANGE_REFERENCES)
    for i, change in enumerate(changes.CHANGES):
        for j, (noise, reference) in enumerate(product(noises, references)):
            turn = i + j + j // len(references)
            lengths = LENGTHS if change is changes.MEAN and not quick else (_length(change, turn),)
            for k, length in enumerate(lengths):
                column = change.columns[(turn + k) % len(change.columns)]
                yield Cell(noise, reference, ROWS[1 + (turn + k) % 2], change=change.name, column=column, length=length)


def _length(change: changes.Change, turn: int) -> int:
    if change.ramp:
        return LENGTHS[-1]
    return 1 if change is changes.BLIP else LENGTHS[turn % len(LENGTHS)]


def _many(*, quick: bool) -> Iterator[Cell]:
    """Six and eleven columns that change at once, each in its own way."""
    for noise, reference, planted in product(CHANGE_NOISES[:2], (60,) if quick else (14, 60), (6, 11)):
        yield Cell(noise, reference, 500, change="many", length=MANY_LENGTH, planted=planted)
