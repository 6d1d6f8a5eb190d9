"""Rows that come at some rate, a few together: how many are more than the rate of the reference, which is not known exactly, lets come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.adversary_kinds import FLOOR_ROWS
from monitor.analyses.adversary_sides import Track
from monitor.judgement.metric_series import Found
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.rare import Counts, dispersion_of, farthest_count, overdispersion

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST = 2.0**24
"""More rows than a limit is looked for among."""


def judge_counted(track: Track, usable: Bools, *, level: float, looked: int, seed: int = 0) -> Found:
    """Judge rows that are counted by window: the farthest run of windows whose rows are more than the reference's rate explains.

    Parameters
    ----------
    level : p-value up to which the run is named, of `looked` numbers that are looked at together.

    Notes
    -----
    The rate of the reference is as uncertain as its count is small: of a run and all other rows together, the part of the run is binomial
    whatever the rate (`stats.inference.rare`). Rows that come together count as one: counts vary that many times as much as Poisson's law
    says, and as much as the reference's own windows do. Twice the rows of a window are four times the pairs: of windows longer than usual
    more is expected. A window of a run has FLOOR_ROWS rows at least, and the run a larger share of them than any window of the reference.
    """
    counts, many = _counts(track, usable), len(track.value)
    center = np.asarray(_rate(counts) * counts.expected / np.maximum(track.base, 1e-300))
    found = Found(
        runs=(), center=center, lower=np.full(many, np.nan), upper=np.full(many, np.nan), alone=np.zeros(many), p_value=1.0, q_value=1.0,
        judged=True,
    )  # fmt: skip
    spread = max(dispersion_of(counts, overdispersion([counts])), track.clump)
    if not counts.known:
        return _with_limits(found, counts, track, float(special.ndtri(1 - level / max(many, 1)) * np.sqrt(spread)))
    told = farthest_count(counts, dispersion=spread, seed=seed)
    reach = told.needed(level)
    found = replace(found, p_value=told.p_value, q_value=min(told.p_value * looked, 1.0))
    if told.p_value <= level and told.z > 0 and _large(track, counts, slice(told.run.first, told.run.last + 1)):
        found = replace(found, runs=((ScoredRun(told.run, 0.0, told.z, told.p_value), max(told.z / reach, 1.0)),))
    return _with_limits(found, counts, track, reach * np.sqrt(spread))


def _counts(track: Track, usable: Bools) -> Counts:
    """Return the rows with what is expected of each window but for a rate."""
    usual = max(float(np.median(track.own_base)) if len(track.own_base) else 1.0, 1.0)
    own, now = track.exposed or tuple(one * np.maximum(one / usual, 1.0) for one in (track.own_base, track.base))
    return Counts(own=track.own, own_expected=own, events=np.where(usable, track.value, 0.0), expected=np.where(usable, now, 0.0))


def _rate(counts: Counts) -> float:
    return float(counts.own.sum() / max(counts.own_expected.sum(), 1e-300))


def _large(track: Track, counts: Counts, part: slice) -> bool:
    """Say whether a run has a window with rows enough, and more of them than any window of the reference for as many rows."""
    own = float((track.own / np.maximum(counts.own_expected, 1e-300)).max(initial=0.0))
    rows, expected = float(counts.events[part].sum()), float(counts.expected[part].sum())
    return float(counts.events[part].max()) >= FLOOR_ROWS and rows > own * expected


def _with_limits(found: Found, counts: Counts, track: Track, reach: float) -> Found:
    """Add from how many rows on, relative to the base, each window would be named beside the reference alone."""
    part = counts.expected / np.maximum(counts.expected + counts.own_expected.sum(), 1e-300)
    needed = _needed(np.full(len(part), float(counts.own.sum())), part, reach)
    needed = np.where(counts.expected > 0, np.maximum(needed, FLOOR_ROWS), np.nan)
    return replace(found, upper=needed / np.maximum(track.base, 1e-300), alone=np.nan_to_num(counts.events / needed))


def _needed(rest: Floats, part: Floats, reach: float) -> Floats:
    """Return the fewest rows of windows with such parts of all that is expected that lie `reach` from it, `rest` being those of all others.

    >>> _needed(np.array([0.0, 40.0]), np.array([0.1, 0.1]), 4.0).tolist()
    [4.0, 17.0]
    """
    low, high = np.zeros(len(rest)), np.full(len(rest), MOST)
    for _ in range(int(np.log2(MOST)) + 1):
        rows = np.ceil((low + high) / 2)
        total = rows + rest
        with np.errstate(invalid="ignore", divide="ignore"):
            deviance = 2 * (special.xlogy(rows, rows / (total * part)) + special.xlogy(rest, rest / (total * (1 - part))))
        far = (rows > total * part) & (deviance >= reach**2)
        low, high = np.where(far, low, rows), np.where(far, rows, high)
    return np.asarray(high)
