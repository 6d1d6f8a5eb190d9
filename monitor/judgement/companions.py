"""Columns that lose values together with another: whether they did so in that very run, without the search for a run.

An outage takes all columns of its source at once. Where one of them lost values before (a gauge that is often off), its own record cannot
tell the outage among all windows that were searched; told where to look, it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from monitor.judgement.column_runs import Candidate
from monitor.judgement.fact import Fact
from monitor.judgement.finding import FindingKind
from monitor.stats.inference.runs import Run


def companions(facts: Mapping[str, Fact], runs: Iterable[Run], q: float) -> dict[str, list[Candidate]]:
    """Return, by column, the runs of others in which its missing values lie beyond its own record.

    Parameters
    ----------
    facts : missing values of the columns that are not told to lose any.
    runs : in which others lost values.
    q : probability that any column is named by chance: shared by the columns and runs that could be (Bonferroni; what would not be named
        if it lost all its values there takes no share, Tarone 1990).
    """
    places = {(one.first, one.last): one for one in runs}
    able = [(name, fact, run) for run in places.values() for name, fact in facts.items() if _could_be(fact, run, q)]
    found: dict[str, list[Candidate]] = {}
    for name, fact, run in able:
        p, strength = fact.within(run.first, run.last, q / len(able))
        if p * len(able) <= q:
            told = _losing(fact, run)
            found.setdefault(name, []).append(Candidate(FindingKind.MISSING, told, strength, p * len(able), fact=fact))
    return {name: _apart(every) for name, every in found.items()}


def _losing(fact: Fact, run: Run) -> Run:
    """Return the part of a run, which as a whole is beyond its record, from the first window to the last that a column lost more in than
    usual."""
    moved = run.first + np.flatnonzero(fact.share[run.first : run.last + 1] > fact.once / max(fact.known, 1.0))
    return Run.known(int(moved[0]), int(moved[-1]))


def _apart(found: Iterable[Candidate]) -> list[Candidate]:
    """Return of runs that overlap the most surprising, in time order: a column is told once to lose its values."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda one: one.p_value):
        if all(one.run.last < other.run.first or other.run.last < one.run.first for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.run.first)


def _could_be(fact: Fact, run: Run, q: float) -> bool:
    """Say whether a column has ever lost a value, and losing all of them in a run would be beyond its record."""
    return bool(fact.rows.any() or fact.own.any()) and replace(fact, rows=fact.of).within(run.first, run.last, q)[0] <= q
