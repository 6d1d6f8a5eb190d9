"""What the product says of a simulated screen: the only module of this bench that calls it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdict.screens import Screen
from monitor.analyses.baselines import Baseline
from monitor.analyses.drift import measure_counted
from monitor.analyses.sides import Sides
from monitor.case import DriftThresholds, WindowSize
from monitor.case.thresholds import FLOORS
from monitor.judgement.column_evidence import ScreenEvidence
from monitor.judgement.drift import judge_drift
from monitor.judgement.finding import Direction, FindingKind
from monitor.stats.inference.questions import FACTS

EVERY_SIZE = DriftThresholds(floor=0.0, floors=dict.fromkeys(FLOORS, 0.0))
"""Thresholds under which no change is too small to matter."""
DIRECTIONS = {
    Direction.HIGHER: 1, Direction.WIDER: 1, Direction.MORE: 1, Direction.LOWER: -1, Direction.NARROWER: -1, Direction.FEWER: -1,
}  # fmt: skip
TESTED = frozenset({FindingKind.VALUE, FindingKind.MISSING, FindingKind.LEVEL})
"""Kinds of findings that rest on a test of windows; the others are facts."""


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


@dataclass(frozen=True)
class Loudest:
    """What the p-value of a column rests on: its loudest question, or fact."""

    p_value: float
    question: str


@dataclass(frozen=True)
class Said:
    """Of one screen: what is `named`, the strongest first, and the evidence on all columns, named or not."""

    named: list[Named]
    columns: dict[str, Loudest]


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


def said(screen: Sides, *, floors: bool = True) -> Said:
    """Return what is named as a warning or an alert; `floors`: only changes large enough to matter by default, else of any size.

    Findings need no scores by window, so none are measured.
    """
    judged = judge_drift(measure_counted(screen, methods=()), DriftThresholds() if floors else EVERY_SIZE)
    named = [
        Named(
            column=finding.what,
            kind=finding.kind.value,
            start=finding.first,
            end=None if finding.ongoing else finding.last,
            fact=finding.kind not in TESTED,
            direction=DIRECTIONS.get(finding.direction, 0),
        )
        for finding in sorted(judged.findings, key=lambda one: -one.strength)
    ]
    evidence = judged.assessment.screen
    return Said(named, {name: loudest(evidence, name) for name in evidence.things})


def loudest(evidence: ScreenEvidence, name: str) -> Loudest:
    """Return what speaks most for a change of a column."""
    thing = evidence.things[name]
    asks = () if thing.questions is None else thing.questions.asks
    asked = evidence.evidence.p_value[list(thing.series)] / thing.budget
    found = [Loudest(float(p), ask.value) for p, ask in zip(asked, asks, strict=True)]
    found += [Loudest(float(fact.p_value.min()) / FACTS, f"fact: {fact.kind.value}") for fact in thing.facts if len(fact.p_value)]
    best = min(found, key=lambda one: one.p_value, default=Loudest(1.0, ""))
    return Loudest(float(f"{min(best.p_value, 1.0):.3g}"), best.question)
