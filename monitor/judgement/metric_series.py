"""The judge of any number per window: metrics whose sampling variance is known, and scores of joint drift that only rows tell it of.

The reference's own windows say how much such numbers vary beyond their sampling; runs of the judged windows go beyond it or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.joint_series import Series
from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.judgement.fact import Fact
from monitor.judgement.run_times import times
from monitor.judgement.series import Scale, series_scale, series_screen
from monitor.profile import Windows
from monitor.stats.inference.evidence import ScoredRun, gather_evidence
from monitor.stats.inference.multiplicity import holm
from monitor.stats.inference.panel import Panel
from monitor.stats.inference.runs import Run
from monitor.stats.inference.seasonal import remove_profiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST = 1e-6
"""Sampling variance at least, in parts of the usual one: a window of which all rows agree is no certainty."""
ENOUGH = 2
"""Reference windows below which nothing is known of how a number varies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A number by window with its sampling variance: of the reference's windows (r,), of the judged ones (w,); nan where there is none."""

    own: Floats
    own_variance: Floats
    value: Floats
    variance: Floats

    @property
    def own_known(self) -> Bools:
        """Which of the reference's windows say anything, (r,)."""
        return np.isfinite(self.own) & np.isfinite(self.own_variance)

    @property
    def known(self) -> Bools:
        """Which of the judged windows do, (w,)."""
        return np.isfinite(self.value) & np.isfinite(self.variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is found of one number: its `runs` beyond the limit with how many times as far as they had to be (`strength`); where a window
    lies without change (`center`) and from where on it alarms alone (`lower`, `upper`, (w,) each); `alone` (w,) how many times as far as
    that it lies; `judged` whether anything could be said at all; `lasting` the ends beyond which all windows as one run alarm;
    `seasonal` whether weekdays or hours clearly differ in it."""

    runs: tuple[tuple[ScoredRun, float], ...]
    center: Floats
    lower: Floats
    upper: Floats
    alone: Floats
    p_value: float
    q_value: float
    judged: bool
    lasting: tuple[float, float] = (np.nan, np.nan)
    seasonal: bool = False

    def expected(self, usual: float, weight: Floats, *, ratio: bool) -> float:
        """Return what windows of `weight` (w,) let expect: the `usual`, or where weekdays or hours differ the mean of their centers, which
        are logarithms of a `ratio`."""
        return self.beside(weight, ratio=ratio) if self.seasonal else usual

    def beside(self, weight: Floats, *, ratio: bool) -> float:
        """Return the mean of the centers of windows of `weight` (w,), however little weekdays or hours differ."""
        center = self.center[weight > 0]
        return float(np.average(np.exp(center) if ratio else center, weights=weight[weight > 0]))

    def unseen(self, worst: tuple[float, float]) -> Bools:
        """Say in which windows no value from one of the `worst` to the other could alarm alone (nan: that side is of no interest), (w,)."""
        if not self.judged:
            return np.zeros(len(self.lower), dtype=bool)
        return np.asarray(np.isfinite(self.center) & ~((self.lower > worst[0]) | (self.upper < worst[1])))

    def ever(self, ends: tuple[float, float]) -> bool:
        """Say whether it could alarm if it went to one of its ends in all windows together (nan: it has none, infinite: of no interest)."""
        low, high = ends
        down, up = np.isfinite(low) and self.lasting[0] > low, np.isfinite(high) and self.lasting[1] < high
        return bool(np.isnan(ends).any() or down or up)

    def inside(self, reach: tuple[float, float], shift: float | Floats = 0.0) -> tuple[Floats, Floats]:
        """Return the limits of the windows beside what they are compared with (`shift`), no farther than the number can be."""
        return np.clip(self.lower + shift, *reach), np.clip(self.upper + shift, *reach)


def judge_series(things: Mapping[str, Known], *, q: float, spans: Floats, seed: int = 0, season: Ints | None = None) -> dict[str, Found]:
    """Judge numbers that are looked at together: a number is named when its farthest run survives Holm's correction over all of them.

    Parameters
    ----------
    q : share of screens without change on which anything may be named.
    spans : (w,) lengths of the judged windows in reference windows.
    seed : of the simulated null distribution.
    season : (r + w,) weekday or hour of each window (-1: none), whose pattern in the reference is expected of the judged windows too.
    """
    able = {name: one for name, one in things.items() if one.own_known.sum() >= ENOUGH and one.known.any()}
    found = _read(*_screen(able, spans, seed, season), q)
    return {name: found[name] if name in found else _nothing(one) for name, one in things.items()}


def told_of_run(
    found: Found, scored: ScoredRun, strength: float, *, windows: Windows, usable: Bools, value: Floats, change: tuple[float, float]
) -> dict[str, Any]:
    """Return what every finding says of a run of windows: where it stands in time, how far it lies and against which limit.

    Parameters
    ----------
    usable, value : (w,) which windows were judged, and the number in each.
    change : the number in the reference, and over the run.
    """
    run, (before, after) = scored.run, change
    part = slice(run.first, run.last + 1)
    away = np.where(usable[part], np.abs(value[part] - before), -1.0)
    return {
        **times(windows, usable, run),
        "first": run.first,
        "last": run.last,
        "last_window": windows.ids[run.last],
        "judged": int(usable.sum()),
        "before": before,
        "after": after,
        "score": after,
        "limit": float(before + (after - before) / max(strength, 1e-9)),
        "strength": strength,
        "p_value": scored.p_value,
        "q_value": max(found.q_value, scored.p_value),
        "worst": windows.ids[run.first + int(np.argmax(away))],
    }


def judge_scores(things: Mapping[str, Series], *, q: float, seed: int = 0, facts: Mapping[str, Fact] | None = None) -> dict[str, Found]:
    """Judge series that are looked at together, as `judge_series` does; those of `facts` (shares of rows) by single events, as facts are.

    Parameters
    ----------
    q : share of screens without change on which anything may be named.
    seed : of the simulated null distribution.
    """
    screen = series_screen({name: (one,) for name, one in things.items()}, seed=seed)
    return _read(screen, {name: series_scale(one) for name, one in things.items()}, q, facts or {})


def _read(
    screen: ScreenEvidence, scales: Mapping[str, Scale], q: float, facts: Mapping[str, Fact] = MappingProxyType({})
) -> dict[str, Found]:
    """Read off a screen what is found of each thing."""
    p_values = {name: facts[name].least if name in facts else screen.p_value(name) for name in scales}
    selection = holm(p_values, q)
    found = {}
    for name, scale in scales.items():
        level = selection.level if name in selection.named else q / max(len(selection.adjusted) - len(selection.named), 1)
        runs = () if name not in selection.named else _event_runs(facts[name], level) if name in facts else _runs(screen, name, level)
        windows = _event_windows(facts[name], level) if name in facts else _windows(screen, name, scale, level)
        found[name] = replace(windows, runs=runs, p_value=p_values[name], q_value=selection.adjusted[name])
    return found


def _screen(things: Mapping[str, Known], spans: Floats, seed: int, season: Ints | None) -> tuple[ScreenEvidence, dict[str, Scale]]:
    """Put numbers on one scale: the usual sampling standard deviation of a reference window is 1, their mean there 0; what the time of day
    or week lets expect is no change."""
    x, variance, scales = [], [], {}
    for name, one in things.items():
        usual = float(np.sqrt(np.median(one.own_variance[one.own_known]))) or 1.0
        center = float(one.own[one.own_known].mean())
        known = np.concatenate([one.own_known, one.known])
        values, spread = np.concatenate([one.own, one.value]), np.concatenate([one.own_variance, one.variance])
        x.append((np.where(known, values, center) - center) / usual)
        variance.append(np.where(known, np.maximum(np.where(known, spread, 1.0) / usual**2, LEAST), np.inf))
        scales[name] = Scale(center, usual)
    r = len(next(iter(things.values())).own) if things else 0
    told = np.array(x).reshape(len(things), r + len(spans))
    for name, pattern in zip(things, told - remove_profiles(told, season, r).x, strict=True):
        scales[name] = replace(scales[name], shift=pattern[r:] * scales[name].usual)
    panel = Panel(told, np.array(variance).reshape(len(things), r + len(spans)), r, spans, season=season)
    columns = {name: ColumnEvidence(name, i, np.ones(1), np.ones(1)) for i, name in enumerate(things)}
    return ScreenEvidence(gather_evidence(panel, seed=seed), columns), scales


def _runs(screen: ScreenEvidence, name: str, level: float) -> tuple[tuple[ScoredRun, float], ...]:
    at = screen.things[name].first
    reference = screen.evidence.reference(at)
    return tuple((one, abs(one.t) / reference.reach(level, one.run.length)) for one in screen.evidence.runs(at, level))


def _event_runs(fact: Fact, level: float) -> tuple[tuple[ScoredRun, float], ...]:
    """Return the stretches of windows in which a share of rows is beyond all that the reference's own windows had."""
    found = []
    for one in (one for one in fact.stretches if one.p_value <= level):
        part, strength = slice(one.first, one.last + 1), fact.strength(one, level)
        share = float(fact.rows[part].sum() / fact.of[part].sum())
        found.append((ScoredRun(Run.known(one.first, one.last), share, strength, one.p_value), strength))
    return tuple(found)


def _event_windows(fact: Fact, level: float) -> Found:
    """Return from which share of rows on each window alone alarms, and how many times as large it is."""
    needed, none = fact.needed(level), np.full(len(fact.share), np.nan)
    center = np.array([fact.expected(at, at) for at in range(len(fact.share))])
    return Found(runs=(), center=center, lower=none, upper=needed, alone=fact.share / needed, p_value=1.0, q_value=1.0, judged=True)


def _windows(screen: ScreenEvidence, name: str, scale: Scale, level: float) -> Found:
    """Return where the windows of a thing lie without change, and from where on each alarms alone at a level."""
    evidence, at = screen.evidence, screen.things[name].first
    reach, mu = evidence.reference(at).reach(level), float(evidence.noise.mu[at])
    half = evidence.distance(at, reach * evidence.single_error(at), evidence.stretch(at))
    known = np.isfinite(evidence.panel.variance[at, evidence.panel.reference :])
    far = _needed_of_all(screen, at, level)
    lasting = float(scale.number(np.array([mu - far]))[0]), float(scale.number(np.array([mu + far]))[0])
    lower, upper = (np.where(known, scale.number(mu + side * half), np.nan) for side in (-1, 1))
    alone = np.abs(evidence.singles(slice(at, at + 1))[0]) / reach
    return Found(
        runs=(), center=scale.number(np.full(len(half), mu)), lower=lower, upper=upper, alone=alone, p_value=1.0, q_value=1.0, judged=True,
        lasting=lasting, seasonal=bool(evidence.group[at]),
    )  # fmt: skip


def _needed_of_all(screen: ScreenEvidence, at: int, level: float) -> float:
    """Return how far all judged windows as one run have to lie from the reference to alarm, on the scale of the panel."""
    evidence = screen.evidence
    _, weight = evidence.away(at)
    if not (weight > 0).any():
        return np.inf
    windows, variance = len(weight), evidence.panel.variance[at, evidence.panel.reference :]
    error = evidence.error(at, weight, variance, windows * float(evidence.panel.span.mean()))
    return float(evidence.distance(at, np.array([evidence.reference(at).reach(level, windows) * error]))[0])


def _nothing(one: Known) -> Found:
    none = np.full(len(one.value), np.nan)
    return Found(runs=(), center=none, lower=none, upper=none, alone=np.zeros(len(none)), p_value=np.nan, q_value=np.nan, judged=False)
