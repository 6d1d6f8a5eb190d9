"""Which windows a run is made of: the stretch that the likelihood prefers, with the windows at either end that are within its reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WITHIN = 5.99
"""Twice the loss of log-likelihood that a boundary may cost and still be within reach: 95 % of chi-squared with 2 degrees of freedom, for a
boundary is searched for on both of its sides; it held the truth in 96 to 98 % of runs of 1.5 to 3 standard deviations (3.84: 88 to 96)."""
AT_ONCE = 512
"""Starts that are looked at together."""
MOST_RUNS = 12
"""Runs of one question that are told apart; a series that changes more often is not one of runs."""


@dataclass(frozen=True, slots=True)
class Run:
    """Windows [first, last], both included; the first lies in [first_from, first_to], the last in [last_from, last_to]."""

    first: int
    last: int
    first_from: int
    first_to: int
    last_from: int
    last_to: int

    @classmethod
    def known(cls, first: int, last: int) -> Run:
        """Return a run whose ends are not in doubt."""
        return cls(first, last, first, first, last, last)

    @property
    def length(self) -> int:
        """Number of windows."""
        return self.last - self.first + 1


def best_run(away: Floats, weight: Floats) -> Run | None:
    """Return the run of most likelihood: of largest (sum u d)^2 / sum u over windows that lie `away` (w,) from the reference.

    Parameters
    ----------
    weight : (w,) u = 1 / (tau^2 + v), 0 for windows that say nothing.

    Examples
    --------
    >>> found = best_run(np.array([0.0, 3.0, 0.1, 3.0, 3.0, 0.0]), np.ones(6))
    >>> found.first, found.last
    (1, 4)
    """
    if not len(away) or not (weight > 0).any():
        return None
    value, total = np.append(0.0, np.cumsum(weight * away)), np.append(0.0, np.cumsum(weight))
    first, last, best = _most_likely(value, total)
    starts = np.arange(last + 1)
    at_start = _gain(value[last + 1] - value[starts], total[last + 1] - total[starts])
    at_end = _gain(value[first + 1 :] - value[first], total[first + 1 :] - total[first])
    near_start = np.flatnonzero(at_start >= best - WITHIN)
    near_end = first + np.flatnonzero(at_end >= best - WITHIN)
    return Run(first, last, int(near_start[0]), int(near_start[-1]), int(near_end[0]), int(near_end[-1]))


def as_ever(away: Floats, weight: Floats, run: Run) -> tuple[int, int] | None:
    """Return first and last window of the stretch within a run that is as the reference, if there is one: then it is two runs.

    A stretch of two or more windows, together within reach of the reference, is left out where the likelihood of two runs with nothing
    between is larger than that of one by more than where the stretch lies is chosen from, and WITHIN: so fewer than 1 in 100 runs of one
    effect are parted (1 in 20 where windows have a memory of .6), and nine in ten of those with two normal windows between others of 4
    standard deviations. A single window back to normal does not end a run.

    Examples
    --------
    >>> moved = np.array([4.0, 4.0, 4.0, 0.1, -0.2, 0.1, 4.0, 4.0])
    >>> as_ever(moved, np.ones(8), Run.known(0, 7)), as_ever(moved[3:], np.ones(5), Run.known(3, 4))
    ((3, 5), None)
    """
    part = slice(run.first, run.last + 1)
    value, total = np.append(0.0, np.cumsum(weight[part] * away[part])), np.append(0.0, np.cumsum(weight[part]))
    told = np.append(0, np.cumsum(weight[part] > 0))
    windows = run.length
    least = float(_gain(value[-1:], total[-1:])[0]) + WITHIN + 2 * np.log(max(windows * (windows - 1) / 2, 1.0))
    found = None
    for start in range(1, windows - 2, AT_ONCE):
        begin = np.arange(start, min(start + AT_ONCE, windows - 2))[:, None]
        end = np.arange(2, windows)[None, :]  # the first window after the stretch
        gain = _gain(value[begin], total[begin]) + _gain(value[-1] - value[end], total[-1] - total[end])
        normal = _gain(value[end] - value[begin], total[end] - total[begin]) <= WITHIN
        gain[(told[end] - told[begin] < 2) | ~normal] = -1.0
        at = int(np.argmax(gain))
        if gain.flat[at] > least:
            least = float(gain.flat[at])
            found = (run.first + int(begin[at // (windows - 2), 0]), run.first + at % (windows - 2) + 1)
    return found


def trimmed(run: Run, weight: Floats) -> Run:
    """Return a run without windows at its ends that say nothing (`weight` 0), of which no likelihood says whether they belong to it.

    Examples
    --------
    >>> trimmed(Run.known(0, 3), np.array([0.0, 1.0, 1.0, 0.0]))
    Run(first=1, last=2, first_from=1, first_to=1, last_from=2, last_to=2)
    """
    held = np.flatnonzero(weight > 0)
    inside = held[(held >= run.first) & (held <= run.last)]
    first, last = int(inside[0]), int(inside[-1])
    first_from, last_to = int(held[held >= run.first_from][0]), int(held[held <= run.last_to][-1])
    return Run(first, last, first_from, max(run.first_to, first), min(run.last_from, last), last_to)


def _most_likely(value: Floats, total: Floats) -> tuple[int, int, float]:
    """Return first and last window of the run of largest gain, and the gain, from sums before each window (w + 1,)."""
    windows = len(value) - 1
    best, first, last = -1.0, 0, 0
    for start in range(0, windows, AT_ONCE):
        begin = np.arange(start, min(start + AT_ONCE, windows))
        gain = _gain(value[None, 1:] - value[begin, None], total[None, 1:] - total[begin, None])
        gain[np.arange(windows)[None, :] < begin[:, None]] = -1.0
        at = int(np.argmax(gain))
        if gain.flat[at] > best:
            best, first, last = float(gain.flat[at]), int(begin[at // windows]), at % windows
    return first, last, best


def _gain(value: Floats, weight: Floats) -> Floats:
    with np.errstate(over="ignore"):  # where nothing weighs, what is worked out is not taken
        return np.asarray(np.where(weight > 0, value**2 / np.maximum(weight, 1e-300), 0.0))
