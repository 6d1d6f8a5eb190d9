"""Parts of a run: where several ordinary windows lie between two events, they are not one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.metric_series import Known
from monitor.stats.inference.runs import Run

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

SEVERAL = 3
"""Windows one after the other with no more flagged rows than windows of the reference had, that may part two events."""
APART = 5.0
"""Standard errors that they lie below the rest as one, so that no search for the quietest days of a long run finds them by chance."""


def parts_of_run(run: Run, known: Known, ordinary: Bools) -> list[tuple[int, int]]:
    """Return the first and last window of each part of a run: between two of them lie SEVERAL ordinary windows one after the other, which
    are as one APART standard errors from the rest of the run: few rows a day may be ordinary by chance.

    >>> from dataclasses import replace
    >>> number = np.array([0.1, 0.9, 0.1, 0.1, 0.1, 0.9, 0.1, 0.9, 0.9])
    >>> known = Known(own=np.zeros(2), own_variance=np.ones(2), value=number, variance=np.full(9, 0.01))
    >>> parts_of_run(Run.known(1, 7), known, number < 0.5)
    [(1, 1), (5, 7)]
    >>> parts_of_run(Run.known(1, 7), replace(known, variance=np.full(9, 0.9)), number < 0.5)
    [(1, 7)]
    """
    beyond = np.flatnonzero((known.known & ~ordinary)[run.first : run.last + 1]) + run.first
    parts = [(int(beyond[0]), int(beyond[0]))] if len(beyond) else []
    inside = windows_between(run.first, run.last, len(ordinary)) & known.known
    for at in beyond[1:].tolist():
        gap = windows_between(parts[-1][1] + 1, at - 1, len(ordinary)) & inside
        if gap.sum() >= SEVERAL and _lower(known, gap, inside & ~ordinary):
            parts.append((at, at))
        else:
            parts[-1] = (parts[-1][0], at)
    return parts if len(parts) > 1 else [(run.first, run.last)]


def _lower(known: Known, gap: Bools, rest: Bools) -> bool:
    """Say whether the windows of a gap lie APART standard errors below the rest."""
    means, errors = zip(*(_mean(known, one) for one in (gap, rest)), strict=True)
    return bool(means[1] - means[0] >= APART * np.hypot(*errors))


def _mean(known: Known, part: Bools) -> tuple[float, float]:
    weight = 1.0 / np.maximum(known.variance[part], 1e-300)
    return float(np.average(known.value[part], weights=weight)), float(1.0 / np.sqrt(weight.sum()))


@dataclass(frozen=True, slots=True)
class Shown:
    """A number by judged window, (w,), as people see it: how far it lies from what the run is compared with (`away`), the rows `n` that it
    rests on, and from what distance on that matters (`floor`); `place` (f,) is the judged window of each window that runs are found in."""

    away: Floats
    n: Floats
    floor: float
    place: NDArray[np.int64]


def narrowed(run: Run, shown: Shown, *, rises: bool) -> Run:
    """Return a run without the windows at its ends that together show nothing of it, as far as its ends are in doubt: shorter windows may
    say of days that rank rows worse what the weeks that people look at do not.

    >>> shown = Shown(np.array([0.0, -0.01, -0.2, 0.1, -0.2]), np.ones(5), 0.02, np.repeat(np.arange(5), 2))
    >>> narrowed(Run(0, 9, 0, 5, 8, 9), shown, rises=False)
    Run(first=4, last=9, first_from=0, first_to=5, last_from=8, last_to=9)
    >>> narrowed(Run.known(0, 9), shown, rises=False).first
    0
    """
    place = shown.place
    whole, sign = (int(place[run.first]), int(place[run.last])), 1.0 if rises else -1.0
    starts = [at for at in range(whole[0] + 1, int(place[run.first_to]) + 1) if not _shows(shown, whole[0], at - 1, sign)]
    ends = [at for at in range(int(place[run.last_from]), whole[1]) if not _shows(shown, at + 1, whole[1], sign)]
    first = run.first if not starts else int(np.flatnonzero(place >= starts[-1])[0])
    last = run.last if not ends else int(np.flatnonzero(place <= ends[0])[-1])
    return replace(run, first=first, last=last) if first <= last else run


def _shows(shown: Shown, first: int, last: int, sign: float) -> bool:
    part = slice(first, last + 1)
    n = np.where(np.isfinite(shown.away[part]), shown.n[part], 0.0)
    return bool(sign * float(np.nan_to_num(shown.away[part]) @ n) >= shown.floor * n.sum() and n.sum() > 0)


def windows_between(first: int, last: int, many: int) -> Bools:
    """Say which of many windows lie between two, (many,)."""
    at = np.arange(many)
    return np.asarray((at >= first) & (at <= last))


def over_both(one: Run, other: Run) -> Run:
    """Return a run from the earlier first to the later last window of two.

    >>> over_both(Run.known(3, 4), Run.known(1, 2))
    Run(first=1, last=4, first_from=1, first_to=1, last_from=4, last_to=4)
    """
    first, last = min(one, other, key=lambda run: run.first), max(one, other, key=lambda run: run.last)
    return Run(first.first, last.last, first.first_from, first.first_to, last.last_from, last.last_to)
