"""The judge of any number per window whose sampling variance is known: metrics, gaps, quantiles.

The reference's own windows say how much such numbers vary beyond their sampling; runs of the judged windows go beyond it or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.stats.inference.evidence import Panel, ScoredRun, gather_evidence
from monitor.stats.inference.multiplicity import Selection, holm

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ENOUGH = 2
"""Reference windows below which nothing is known of how a number varies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A number by window with its sampling variance: of the reference's windows (r,), of the judged ones (w,); nan where there is none."""

    own: Floats
    own_variance: Floats
    value: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is found of one number: its `runs` beyond the limit with how many times as far as they had to be (`strength`); where a window
    lies without change (`center`) and from where on it alarms alone (`lower`, `upper`, (w,) each); `alone` (w,) how many times as far as
    that it lies; `judged` whether anything could be said at all."""

    runs: tuple[tuple[ScoredRun, float], ...]
    center: float
    lower: Floats
    upper: Floats
    alone: Floats
    p_value: float
    q_value: float
    judged: bool


def judge_series(things: Mapping[str, Known], *, q: float, spans: Floats, seed: int = 0) -> dict[str, Found]:
    """Judge numbers that are looked at together: a number is named when its farthest run survives Holm's correction over all of them.

    Parameters
    ----------
    q : share of screens without change on which anything may be named.
    spans : (w,) lengths of the judged windows in reference windows.
    seed : of the simulated null distribution.
    """
    able = {name: one for name, one in things.items() if np.isfinite(one.own).sum() >= ENOUGH and np.isfinite(one.value).any()}
    screen, scales = _screen(able, spans, seed)
    selection = holm({name: screen.p_value(name) for name in able}, q)
    found = {name: _found(screen, name, scales[name], selection, q) for name in able}
    return {name: found[name] if name in found else _nothing(one) for name, one in things.items()}


def _screen(things: Mapping[str, Known], spans: Floats, seed: int) -> tuple[ScreenEvidence, dict[str, tuple[float, float]]]:
    """Put numbers on one scale: the usual sampling standard deviation of a reference window is 1, their mean there 0."""
    x, variance, scales = [], [], {}
    for name, one in things.items():
        usual = float(np.sqrt(np.nanmedian(one.own_variance)))
        usual = usual if usual > 0 else 1.0
        center = float(np.nanmean(one.own))
        values, spread = np.concatenate([one.own, one.value]), np.concatenate([one.own_variance, one.variance])
        known = np.isfinite(values) & np.isfinite(spread)
        x.append(np.where(known, (values - center) / usual, 0.0))
        variance.append(np.where(known, np.maximum(spread / usual**2, 1e-6), np.inf))
        scales[name] = center, usual
    r = len(next(iter(things.values())).own) if things else 0
    panel = Panel(np.array(x).reshape(len(things), r + len(spans)), np.array(variance).reshape(len(things), r + len(spans)), r, spans)
    columns = {name: ColumnEvidence(name, i, np.ones(1), np.ones(1)) for i, name in enumerate(things)}
    return ScreenEvidence(gather_evidence(panel, seed=seed), columns), scales


def _found(screen: ScreenEvidence, name: str, scale: tuple[float, float], selection: Selection, q: float) -> Found:
    evidence, at = screen.evidence, screen.things[name].first
    center, usual = scale
    named = name in selection.named
    level = selection.level if named else q / max(len(selection.adjusted) - len(selection.named), 1)
    reference = evidence.reference(at)
    runs = tuple((one, abs(one.t) / reference.reach(level, one.run.length)) for one in evidence.runs(at, level)) if named else ()
    reach = reference.reach(level)
    middle, half = center + usual * float(evidence.noise.mu[at]), usual * evidence.distance(at, reach * evidence.single_error(at))
    known = np.isfinite(evidence.panel.variance[at, evidence.panel.reference :])
    lower, upper = (np.where(known, end, np.nan) for end in (middle - half, middle + half))
    return Found(
        runs=runs,
        center=middle,
        lower=lower,
        upper=upper,
        alone=np.abs(evidence.singles(slice(at, at + 1))[0]) / reach,
        p_value=screen.p_value(name),
        q_value=selection.adjusted[name],
        judged=True,
    )


def _nothing(one: Known) -> Found:
    none = np.full(len(one.value), np.nan)
    return Found(runs=(), center=np.nan, lower=none, upper=none, alone=np.zeros(len(none)), p_value=np.nan, q_value=np.nan, judged=False)
