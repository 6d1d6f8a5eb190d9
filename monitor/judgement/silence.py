"""What silence is worth in each column and window: the smallest change that would have alarmed, and the score from which one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.errors import MethodError
from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.judgement.column_findings import Counted
from monitor.judgement.column_runs import Alone
from monitor.stats.counts.comparison import Comparison
from monitor.stats.inference.power import LUCK, Planted, plant_level, plant_shifts, reached
from monitor.stats.inference.questions import Ask, Questions
from monitor.stats.methods.method import Method

Floats = NDArray[np.float64]
ORDER = (Ask.LOCATION, Ask.MEAN)
"""Questions that a shift of all values answers."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Of one column: `size` (w,) of the smallest planted change that alarms in four of five cases (nan: none), `edge` (w,) of one that
    reaches the limit exactly, `lasting` (w,) of one that alarms in four of five cases where it lasts over all windows; `missing` and
    `missing_edge` (w,) the first two of a rise of the missing share; `group` of the level that was changed, `planted` the changes;
    `possible` (w,) whether any could have alarmed, in a window alone or in all windows that say something as one run."""

    size: Floats
    edge: Floats
    lasting: Floats
    missing: Floats
    missing_edge: Floats
    group: int
    planted: Planted
    possible: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """What does not depend on the level at which windows alarm: the `planted` changes of a column, the reference `beside` them, and how far
    each moves the questions that answer to it, by position (g,)."""

    planted: Planted
    beside: Comparison
    moved: Mapping[int, Floats]


def plan(thing: ColumnEvidence, counted: Counted) -> Plan:
    """Plant changes in a column."""
    total, sd = counted.reference.counts[0].astype(float), float(counted.reference.sd[0])
    ordered = counted.layout.ordered and np.isfinite(sd) and sd > 0
    planted = plant_shifts(total, counted.layout, sd) if ordered else plant_level(total, counted.layout)
    answering = () if thing.questions is None else _answering(thing.questions, planted, ordered=ordered)
    moved = {position: planted.moved(thing.questions, position, total) for position in answering if thing.questions is not None}
    return Plan(planted, Comparison.of_counts(total, planted.shares * total.sum(), counted.layout), moved)


def silence(screen: ScreenEvidence, name: str, counted: Counted, alone: Alone, plan: Plan) -> Silence:
    """Work out what could have been seen of a column."""
    thing, planted = screen.things[name], plan.planted
    size = edge = lasting = np.full(len(counted.production.rows), np.nan)
    together = np.zeros(len(size), dtype=bool)
    for position, moved in plan.moved.items():
        needed, often = _needed(screen, thing, position, alone)
        rows = max(float(thing.usual[position]), 1.0)  # what the scale of the series rests on
        size = np.fmin(size, reached(planted, moved, often / np.sqrt(rows)))
        edge = np.fmin(edge, reached(planted, moved, needed / np.sqrt(rows)))
        of_all, told = _needed_of_all(screen, thing, position, alone.level)
        least, likely = reached(planted, moved, of_all / np.sqrt(rows))
        together |= told & np.isfinite(least)
        lasting = np.fmin(lasting, np.where(told, likely, np.nan))
    if counted.baseline is not None:  # what lasts differs from the windows before it in its first one alone
        together[:], lasting = False, np.full(len(size), np.nan)
    missing_edge, missing = _missing(screen, thing, counted, alone)
    return Silence(size, edge, lasting, missing, missing_edge, planted.group, planted, np.isfinite(edge) | together)


def _answering(questions: Questions, planted: Planted, *, ordered: bool) -> list[int]:
    asks, groups = questions.asks, questions.groups
    if ordered:
        return [i for i, ask in enumerate(asks) if ask in ORDER]
    own = [i for i, ask in enumerate(asks) if ask is Ask.CELL and groups[i] == planted.group]
    return own or [i for i, ask in enumerate(asks) if ask is Ask.CELL]


def _needed(screen: ScreenEvidence, thing: ColumnEvidence, position: int, alone: Alone) -> tuple[Floats, Floats]:
    """Return how far a window alone has to lie, and from where on it alarms in four of five cases, in sampling standard deviations of a
    usual window, (w,); infinite where it says nothing."""
    scored, error = alone.needed(thing.first + position)
    scored = np.where(screen.telling(thing.name, position), scored, np.inf)
    needed = screen.evidence.distance(thing.first + position, scored, screen.evidence.stretch(thing.first + position))
    return needed, needed + LUCK * error


def _needed_of_all(screen: ScreenEvidence, thing: ColumnEvidence, position: int, level: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Return how far the run of all windows has to lie, and from where on it alarms in four of five cases, in the same unit, (2,), and
    which windows say anything, (w,)."""
    evidence, series = screen.evidence, thing.first + position
    _, weight = evidence.away(series)
    told = weight > 0
    if not told.any():
        return np.full(2, np.inf), told
    windows, variance = len(weight), evidence.panel.variance[series, evidence.panel.reference :]
    error = evidence.error(series, weight, variance, windows * float(evidence.panel.span.mean()))
    scored = np.array([evidence.reference(series).reach(level * float(thing.budget[position]), windows) * error])
    needed = float(evidence.distance(series, scored)[0])
    return np.array([needed, needed + LUCK * error]), told


def _missing(screen: ScreenEvidence, thing: ColumnEvidence, counted: Counted, alone: Alone) -> tuple[Floats, Floats]:
    """Return the rise of the missing share that reaches the limit exactly, and the smallest that alarms in four of five cases: the normal
    approximation with the variance of the reference's share."""
    position = 0  # the missing share is always asked first
    before = float(counted.reference.missing[0] / max(int(counted.reference.rows[0]), 1))
    rows = max(float(thing.usual[position]), 1.0)
    least = -np.log(max(alone.level * float(thing.budget[position]), 1e-300)) / np.maximum(counted.production.rows, 1)
    edge, often = (_rise(needed / np.sqrt(rows), before, least) for needed in _needed(screen, thing, position, alone))
    return edge, often


def _rise(far: Floats, before: float, least: Floats) -> Floats:
    if before <= 0:
        rise = np.where(np.isfinite(far), least, np.inf)
    else:
        rise = far * np.sqrt(before * (1 - before)) if before < 1 else np.zeros(len(far))
    return np.where(rise <= 1.0 - before, rise, np.nan)


def planted_scores(plan: Plan, method: Method) -> Floats | None:
    """Return how far the score of each planted change lies from "nothing changed", (g,); None where the method cannot say."""
    if method.on_cells is None:
        return None
    none = 0.0 if np.isnan(method.none) else method.none
    try:
        scores = method.compare(plan.beside).score
    except MethodError:  # an analyst's own method may refuse counts that it never saw: its limit is told by its windows alone
        return None
    return np.asarray(np.maximum.accumulate(np.nan_to_num(np.abs(scores - none))))


def edge_scores(found: Silence, score: Floats | None) -> Floats:
    """Return the score of the smallest planted change that alarms alone, (w,), of the scores of all (g,)."""
    if score is None or not np.isfinite(found.edge).any():
        return np.full(len(found.edge), np.nan)
    return np.asarray(np.where(np.isfinite(found.edge), np.interp(np.nan_to_num(found.edge), found.planted.size, score), np.nan))
