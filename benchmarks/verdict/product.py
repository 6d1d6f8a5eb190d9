"""What the product says of a simulated screen: the only module of this bench that calls it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.verdict.screens import Screen
from monitor.analyses.baselines import Baseline
from monitor.analyses.drift import MEASURED, DriftResult, _measure_columns
from monitor.analyses.sides import Question, Sides
from monitor.case import WindowSize
from monitor.judgement.drift import judge_drift
from monitor.judgement.findings import find_drift
from monitor.judgement.thresholds import FLOORS, DriftThresholds
from monitor.stats.catalogue import CATALOGUE
from monitor.tables import Provenance

EVERY_SIZE = DriftThresholds(floor=0.0, floors=dict.fromkeys(FLOORS, 0.0))
"""Thresholds under which no change is too small to matter."""
DIRECTIONS = {"higher": 1, "wider": 1, "more": 1, "lower": -1, "narrower": -1, "fewer": -1}


@dataclass(frozen=True)
class Named:
    """One thing that the product names: positions of the first and the last production window (None: it goes on); `fact`: it needed no
    test; `direction`: 1 up, -1 down, 0 neither."""

    column: str
    kind: str
    start: int
    end: int | None
    fact: bool
    direction: int


def sides(screen: Screen) -> Sides:
    """Return a screen as the product takes it: every reference window is a block of its own."""
    groups = tuple((window,) for window in range(len(screen.reference.windows)))
    return Sides(
        blocks=screen.reference,
        groups=groups,
        production=screen.production,
        spans=np.ones(len(screen.production.windows)),
        baseline=Baseline(None, "the whole reference"),
        size=WindowSize(1, "day"),
        block_size=WindowSize(1, "day"),
    )


def named(screen: Sides, *, floors: bool = True) -> list[Named]:
    """Return what is named as a warning or an alert; `floors`: only changes large enough to matter by default, else of any size."""
    part = _measure_columns(None, screen, Question(), ("default",), CATALOGUE)  # type: ignore[arg-type]  # nothing is read again
    table = MEASURED.check(pd.concat(part.tables, ignore_index=True))
    origin = Provenance({}, {}, {}, 0, {}, (), {}, "", 0.0)
    result = DriftResult(
        analysis="drift",
        case="in memory",
        table=table,
        skipped=(),
        provenance=origin,
        sides=screen,
        catalogue=CATALOGUE,
        verdicts={},
        labels={},
    )
    place = {window: position for position, window in enumerate(screen.production.windows.ids)}
    return [
        Named(
            column=finding.column,
            kind=finding.direction,
            start=place[finding.onset],
            end=None if finding.ongoing else place[finding.last],
            fact=False,
            direction=DIRECTIONS.get(finding.direction.split(" ")[0], 0),
        )
        for finding in find_drift(judge_drift(result, DriftThresholds() if floors else EVERY_SIZE))
    ]
