"""From the evidence on one thing to its runs: which windows, which question speaks for them, which facts say it all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.judgement.fact import Fact
from monitor.judgement.finding import FindingKind
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.questions import Ask
from monitor.stats.inference.runs import Run

Floats = NDArray[np.float64]

LOUDEST = 4
"""Questions of a column that are searched for runs: the loudest ones; what others see, these saw."""
LIKEWISE = 0.4
"""Part of the loudest question's distance from which a question of order (higher? wider?) speaks for a run instead of a single cell."""
EXPLAINS = 0.2
"""Share of a run's rows from which a fact says all there is to say of values at that time."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of one thing that survived its looks: `strength` times as far as it had to be; `question` that speaks (-1: a fact does);
    `beyond`: whether it is told with values outside the range that it holds."""

    kind: FindingKind
    run: Run
    strength: float
    p_value: float
    question: int = -1
    up: bool = True
    fact: Fact | None = None
    beyond: bool = False


def candidates(screen: ScreenEvidence, name: str, level: float) -> list[Candidate]:
    """Return the runs of a thing at an error probability of `level`, the strongest first."""
    thing = screen.things[name]
    facts = [one for fact in thing.facts for one in _fact_runs(fact, level * thing.fact_budget)]
    telling = [one for one in facts if one.kind is not FindingKind.MISSING]
    large = [one.run for one in telling if one.fact is not None and _share(one.fact, one.run) >= EXPLAINS]
    values = [one for one in _values(screen, thing, level) if not any(_explains(run, one.run) for run in large)]
    telling, values = _told_with(thing, telling, values)
    missing = _apart([*_missing(screen, thing, level), *(one for one in facts if one.kind is FindingKind.MISSING)])
    return sorted([*telling, *values, *missing], key=lambda one: -one.strength)


def _told_with(thing: ColumnEvidence, facts: Sequence[Candidate], values: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Return facts and runs of values, those facts left to a longer run of values that holds them and moved the same way: one season."""
    held = {id(fact): i for fact in facts for i, value in enumerate(values) if _holds(thing, value, fact)}
    told = [replace(value, beyond=i in held.values()) for i, value in enumerate(values)]
    return [one for one in facts if id(one) not in held], told


def _holds(thing: ColumnEvidence, value: Candidate, fact: Candidate) -> bool:
    """Say whether a run of higher (lower) values holds a fact of values above (below) the range."""
    ordered = thing.questions is not None and thing.questions.asks[value.question] in (Ask.MEAN, Ask.LOCATION)
    side = 0 if fact.fact is None or fact.kind is not FindingKind.RANGE else fact.fact.side
    inside = value.run.first <= fact.run.first and fact.run.last <= value.run.last and fact.run.length < value.run.length
    return ordered and inside and side == (1 if value.up else -1)


def _apart(found: Sequence[Candidate]) -> list[Candidate]:
    """Return disjoint runs: of overlapping ones the strongest."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda one: -one.strength):
        if not any(_overlap(one.run, other.run) for other in kept):
            kept.append(one)
    return kept


def _share(fact: Fact, run: Run) -> float:
    part = slice(run.first, run.last + 1)
    return float(fact.rows[part].sum() / max(fact.of[part].sum(), 1))


def _explains(fact: Run, value: Run) -> bool:
    """Say whether a fact holds in most windows of a run of values."""
    inside = min(fact.last, value.last) - max(fact.first, value.first) + 1
    return 2 * inside > value.length


def _fact_runs(fact: Fact, level: float) -> Iterator[Candidate]:
    """Yield the stretches of windows that have the fact beyond chance."""
    for one in fact.stretches:
        if one.p_value > level:
            continue
        run = Run.known(one.first, one.last)
        yield Candidate(fact.kind, run, fact.strength(one, level), one.p_value, fact=fact)


def _missing(screen: ScreenEvidence, thing: ColumnEvidence, level: float) -> Iterator[Candidate]:
    for position in _asks(thing, Ask.MISSING):
        for one in _runs(screen, thing, position, level):
            yield _candidate(screen, thing, FindingKind.MISSING, position, one, level)


def _values(screen: ScreenEvidence, thing: ColumnEvidence, level: float) -> list[Candidate]:
    """Return disjoint runs of the values: of overlapping ones the strongest, told by a question of order where one agrees."""
    asked = [
        position for position in range(len(thing.budget)) if thing.questions is None or thing.questions.asks[position] is not Ask.MISSING
    ]
    p = screen.evidence.p_value[thing.first + np.array(asked, dtype=np.intp)] / thing.budget[asked] if asked else np.zeros(0)
    loudest = [asked[i] for i in np.argsort(p, kind="stable")[:LOUDEST] if p[i] <= level]
    every = [
        _candidate(screen, thing, FindingKind.VALUE, position, one, level)
        for position in loudest
        for one in _runs(screen, thing, position, level)
    ]
    kept = [replace(one, run=_with_silent(screen, thing, one, every)) for one in _apart(every)]
    return [_spoken(screen, thing, one, level) for one in _apart(kept)]


def _with_silent(screen: ScreenEvidence, thing: ColumnEvidence, loudest: Candidate, every: Sequence[Candidate]) -> Run:
    """Return a run with the windows before and after it of which its question says nothing (too few rows, cut short) and of which the run
    of another question says that they belong to it."""
    run = loudest.run
    silent = screen.evidence.away(thing.first + loudest.question)[1] <= 0
    for other in (one.run for one in every if one.question != loudest.question and _overlap(one.run, loudest.run)):
        if other.first < run.first and silent[other.first : run.first].all():
            run = replace(run, first=other.first, first_from=other.first_from, first_to=other.first_to)
        if other.last > run.last and silent[run.last + 1 : other.last + 1].all():
            run = replace(run, last=other.last, last_from=other.last_from, last_to=other.last_to)
    return run


def _overlap(a: Run, b: Run) -> bool:
    return min(a.last, b.last) >= max(a.first, b.first)


def _asks(thing: ColumnEvidence, wanted: Ask) -> Sequence[int]:
    return [] if thing.questions is None else [i for i, ask in enumerate(thing.questions.asks) if ask is wanted]


def _runs(screen: ScreenEvidence, thing: ColumnEvidence, position: int, level: float) -> list[ScoredRun]:
    budget = float(thing.budget[position])
    if screen.evidence.p_value[thing.first + position] > level * budget:
        return []
    return screen.evidence.runs(thing.first + position, level * budget)


def _candidate(screen: ScreenEvidence, thing: ColumnEvidence, kind: FindingKind, position: int, one: ScoredRun, level: float) -> Candidate:
    return Candidate(kind, one.run, _strength(screen, thing, position, one, level), one.p_value, position, one.mean > 0)


def _strength(screen: ScreenEvidence, thing: ColumnEvidence, position: int, one: ScoredRun, level: float) -> float:
    reference = screen.evidence.reference(thing.first + position)
    return abs(one.t) / reference.reach(level * float(thing.budget[position]), one.run.length)


def _spoken(screen: ScreenEvidence, thing: ColumnEvidence, loudest: Candidate, level: float) -> Candidate:
    """Let a question of order speak for a run where it is about as loud as the loudest one."""
    for ask in (Ask.MEAN, Ask.LOCATION, Ask.SPREAD):
        for position in _asks(thing, ask):
            one = screen.evidence.score(thing.first + position, loudest.run)
            strength = _strength(screen, thing, position, one, level)
            if strength >= max(LIKEWISE * loudest.strength, 1.0):
                run = _agreeing(screen, thing.first + position, loudest.run, up=one.mean > 0)
                return Candidate(FindingKind.VALUE, run, loudest.strength, loudest.p_value, position, one.mean > 0)
    return loudest


def _agreeing(screen: ScreenEvidence, series: int, run: Run, *, up: bool) -> Run:
    """Return a run without windows at its ends that moved the other way, by more than a standard deviation, on the question that speaks."""
    away, weight = screen.evidence.away(series)
    against = np.where(up, -away, away) * np.sqrt(weight) > 1
    held = np.flatnonzero(~against[run.first : run.last + 1])
    if not len(held):
        return run
    first, last = run.first + int(held[0]), run.first + int(held[-1])
    if (first, last) == (run.first, run.last):
        return run
    return Run(first, last, max(run.first_from, first), max(run.first_to, first), min(run.last_from, last), min(run.last_to, last))


def able_facts(thing: ColumnEvidence, level: float) -> dict[FindingKind, NDArray[np.bool_]]:
    """Say by kind of fact whether anything could have alarmed in each window, (w,): all of its rows, alone or in all windows as one run."""
    found: dict[FindingKind, NDArray[np.bool_]] = {}
    for fact in thing.facts:
        found[fact.kind] = found.get(fact.kind, np.zeros(len(fact.rows), dtype=bool)) | fact.possible(level * thing.fact_budget)
    return found


def fact_limits(thing: ColumnEvidence, level: float) -> dict[FindingKind, Floats]:
    """Return by kind of fact the least share of rows from which each window alone alarms, (w,); above 1 where none does."""
    found: dict[FindingKind, Floats] = {}
    for fact in thing.facts:
        found[fact.kind] = np.minimum(found.get(fact.kind, np.inf), fact.limit(level * thing.fact_budget))
    return found


@dataclass(frozen=True, slots=True)
class Alone:
    """What a window alone needs to alarm at an error probability of `level`, for the series of a screen from `first` on: `reach` (s,) in
    standard errors, `error` (s, w); and how far each lies beyond that (`ratio`, (s, w))."""

    level: float
    first: int
    reach: Floats
    error: Floats
    ratio: Floats

    @classmethod
    def of(cls, screen: ScreenEvidence, things: Sequence[ColumnEvidence], level: float) -> Alone:
        """Work it out for things of a screen, which follow each other."""
        budget = np.concatenate([thing.budget for thing in things]) if things else np.zeros(0)
        first = things[0].first if things else 0
        part = slice(first, first + len(budget))
        reach, error = screen.evidence.reaches(part, level * budget), screen.evidence.single_errors(part)
        return cls(level, first, reach, error, np.abs(screen.evidence.singles(part)) / reach[:, None])

    def needed(self, series: int) -> tuple[Floats, Floats]:
        """Return how far each window of a series has to lie from the reference, and its standard error, (w,) each."""
        error = self.error[series - self.first]
        return self.reach[series - self.first] * error, error


def window_strength(thing: ColumnEvidence, alone: Alone) -> dict[FindingKind, Floats]:
    """Return how far each window alone lies beyond what alarms, by kind, (w,): above 1 it alarms alone."""
    ratio = alone.ratio[thing.first - alone.first :][: len(thing.budget)]
    missing = np.zeros(len(ratio), dtype=bool)
    missing[_asks(thing, Ask.MISSING)] = True
    asked = ((FindingKind.MISSING, ratio[missing]), (FindingKind.VALUE, ratio[~missing]))
    found = {kind: far.max(axis=0) for kind, far in asked if len(far)}
    for fact in thing.facts:
        share = alone.level * thing.fact_budget
        ratio = fact.part / fact.limit(share)
        alarms = fact.p_value * len(fact.rows) <= share
        ratio = np.where(alarms, np.maximum(ratio, 1.0), np.minimum(ratio, 1.0))
        found[fact.kind] = np.maximum(found.get(fact.kind, 0.0), ratio)
    return found
