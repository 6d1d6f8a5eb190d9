"""A model that decides all rows alike for longer than the reference ever saw: a fact, told however much decisions vary there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.inference.runs import Run
from monitor.stats.performance.estimates import Estimate

Bools = NDArray[np.bool_]

TIMES = 2
"""Of the reference's longest stretch of windows, how many times as long one is at most that may be more of the same: where a stretch ends
with the same chance in every window, a year has one twice as long as its longest about once in as many years as it had stretches."""
EXPECTED = 20.0
"""Rows at least that would have been decided the other way: at the mean rate of the reference where it has such stretches, else at the
lowest that one of so many further windows may have. Independent rows lack 20 expected ones once in 500 million times."""
ODD = 0.05
"""How likely a rate of one of the windows lies below the lowest that is allowed for, where rates vary as those of the reference do."""


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """A stretch of windows whose rows were all decided alike: `positive` says how; `longest` of the reference's windows were in a row."""

    run: Run
    positive: bool
    longest: int


def stretches(alike: Bools, usable: Bools) -> list[tuple[int, int]]:
    """Return first and last window of each stretch of usable windows that are alike; windows that cannot be used end none.

    >>> stretches(np.array([True, True, False, True]), np.array([True, True, False, True]))
    [(0, 3)]
    """
    found: list[tuple[int, int]] = []
    going = False
    for at in np.flatnonzero(usable).tolist():
        if alike[at]:
            found = [*found[:-1], (found[-1][0], at)] if going else [*found, (at, at)]
        going = bool(alike[at])
    return found


def one_answer(selected: Estimate, own: Estimate, usable: Bools) -> list[OneAnswer]:
    """Return the stretches of windows in which a model decided all rows alike, and windows of the reference never did for nearly as long.

    Parameters
    ----------
    selected, own : the share decided positive by window, of production (w,) and of the reference's own windows (r,).
    usable : (w,) windows that count.
    """
    found = []
    told = np.isfinite(own.value)
    if told.sum() < 2:
        return []
    for positive in (False, True):
        end = float(positive)
        longest = max((_many(told, one) for one in stretches(own.value == end, told)), default=0)
        seen = usable & np.isfinite(selected.value)
        for first, last in stretches(selected.value == end, seen):
            many = _many(seen, (first, last))
            rows = float(selected.n[first : last + 1][seen[first : last + 1]].sum())
            if many > TIMES * longest and rows * _rate(own, end, longest, int(seen.sum())) >= EXPECTED:
                found.append(OneAnswer(Run.known(first, last), positive, longest))
    return found


def _many(seen: Bools, ends: tuple[int, int]) -> int:
    return int(seen[ends[0] : ends[1] + 1].sum())


def _rate(own: Estimate, end: float, longest: int, windows: int) -> float:
    """Return how often rows are decided the other way: on average where the reference has windows without any; else at the lowest rate that
    one of so many further windows has by chance, a prediction limit of the logarithms of the rates of the reference's windows, and at most
    at their lowest.
    """
    told = np.isfinite(own.value)
    other = np.abs(own.value[told] - end)
    if longest:
        return float(np.average(other, weights=own.n[told]))
    logs, many = np.log(other), len(other)
    reach = -float(special.stdtrit(many - 1, ODD / max(windows, 1))) * float(logs.std(ddof=1)) * np.sqrt(1 + 1 / many)
    return float(min(np.exp(logs.mean() - reach), other.min()))
