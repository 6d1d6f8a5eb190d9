"""Findings on the hour of the day at which columns peak: a clock is set otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from monitor.analyses.daily import Daily
from monitor.analyses.drift_result import DriftResult
from monitor.case import DriftThresholds
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.metric_series import Found, Known, judge_series, told_of_run
from monitor.stats.inference.daily import DAY, later, middle, moved
from monitor.stats.inference.evidence import ScoredRun
from monitor.vocabulary import Status

PART = 0.1
"""Part of q that these questions may spend beside those on columns: a clock is set otherwise seldom, and then by far."""
SMALLEST = 1.5
"""Hours from which it matters: summer time moves the sun by one hour, and long days its peaks by less than another half."""
ALONE = 2.0
"""Times as far from the usual hour as any window of the reference a single window has to peak: days are heavy-tailed (weather fronts), and
of 40 screens without change whose days followed a t with four degrees of freedom 4 to 8 named one day."""


def daily_findings(result: DriftResult, thresholds: DriftThresholds) -> list[Finding]:
    """Return the runs of windows in which columns peak at another hour than in the reference."""
    usable = (result.sides.production.rows >= thresholds.min_rows) & ~result.sides.partial
    usual = {name: _usual(one) for name, one in result.daily.items()}
    known: Mapping[str, Known] = {
        name: Known(
            own=later(one.own.hour, usual[name]),
            own_variance=one.own.variance,
            value=np.where(usable, later(one.production.hour, usual[name]), np.nan),
            variance=one.production.variance,
        )
        for name, one in result.daily.items()
    }
    spans = result.sides.spans * float(np.mean([len(group) for group in result.sides.groups] or [1]))
    found = judge_series(known, q=PART * thresholds.q, spans=spans, seed=result.provenance.seed)
    told = (_finding(result, name, usual[name], (found[name], *run)) for name in known for run in found[name].runs)
    return [one for one in told if one is not None]


def hours_table(result: DriftResult, finding: Finding) -> pd.DataFrame:
    """Return the mean of a column by hour of the day, in the reference and over the windows of a finding: hour, reference, production."""
    one = result.daily[finding.what]
    after = one.production.means(slice(finding.first, finding.last + 1))
    return pd.DataFrame({"hour": np.arange(DAY), "reference": one.own.means(), "production": after})


def peaks_by_window(result: DriftResult, column: str) -> tuple[float, Mapping[str, float]]:
    """Return the hour of the day at which a column peaks in the reference, and in each window; nan where that is not clear."""
    one = result.daily[column]
    return _usual(one), dict(zip(result.sides.production.windows.ids, one.production.hour.tolist(), strict=True))


def _usual(one: Daily) -> float:
    return middle(one.own.hour[np.isfinite(one.own.hour)], _weights(one))


def _weights(one: Daily) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    clear = np.isfinite(one.own.hour)
    return np.asarray(1.0 / np.maximum(one.own.variance[clear], 1e-9))


def _finding(result: DriftResult, name: str, usual: float, told: tuple[Found, ScoredRun, float]) -> Finding | None:
    found, scored, strength = told
    part = slice(scored.run.first, scored.run.last + 1)
    now = result.daily[name].production
    clear = np.isfinite(now.hour[part])
    if not clear.any():
        return None
    peak = middle(now.hour[part][clear], 1.0 / np.maximum(now.variance[part][clear], 1e-9))
    before, after = result.daily[name].own.means(), now.means(part)
    by = float(later(np.array([peak]), usual)[0])
    own = np.abs(later(result.daily[name].own.hour, usual))
    if abs(by) < SMALLEST or (scored.run.length == 1 and abs(by) < ALONE * np.nanmax(own)):
        return None
    shift = moved(before, after)
    rows, usable = result.sides.production.rows, np.isfinite(now.hour)
    said = told_of_run(
        found, scored, strength, windows=result.sides.production.windows, usable=usable, value=later(now.hour, usual), change=(0.0, by)
    )
    return Finding(
        what=name,
        label=result.labels.get(name, name),
        kind=FindingKind.CLOCK,
        status=Status.ALERT.value,
        direction=Direction.HIGHER if by > 0 else Direction.LOWER,
        measure=Measure.SCORE,
        rows=int(rows[part].sum()),
        share_rows=float(rows[part].sum() / max(rows.sum(), 1)),
        method="daily_peak",
        pair=(float(np.nanargmax(before)), float(np.nanargmax(after))),
        **{**said, "before": 0.0, "after": np.nan if shift is None else float(shift)},
    )
