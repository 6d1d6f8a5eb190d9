"""What the page of fairness shows of all windows together: each group beside all others, and the two farthest apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from monitor.analyses.fairness_groups import GapTrack
from monitor.judgement.fairness import JudgedFairness, gap_of
from monitor.stats.performance.disparity import BETWEEN, BETWEEN_OF, Scale, between


def groups_table(judged: JudgedFairness, attribute: str, metric: str, klass: str = "") -> pd.DataFrame:
    """Return a metric of every group over all mature windows and in the whole reference: `side, group, n, value, others, gap, lower,
    upper`, the gap a ratio (a difference where there is none) with its 95 % interval."""
    rows = []
    for track in judged.result.tracks:
        if (track.attribute, track.metric, track.klass) != (attribute, metric, klass):
            continue
        for side, pair in (("reference", track.whole), ("production", track.pooled)):
            found = gap_of(pair, track.scale)
            name = "difference" if track.scale is Scale.DIFFERENCE else "ratio"
            rows.append(
                {
                    "side": side,
                    "group": track.group,
                    "n": int(pair.one.n[0]),
                    "value": float(pair.one.raw[0]),
                    "others": float(pair.other.raw[0]),
                    "gap": float(getattr(found, name)[0]),
                    "lower": float(getattr(found, f"{name}_lower")[0]),
                    "upper": float(getattr(found, f"{name}_upper")[0]),
                }
            )
    return pd.DataFrame(rows, columns=["side", "group", "n", "value", "others", "gap", "lower", "upper"])


@dataclass(frozen=True, slots=True)
class Parity:
    """A metric of fairness of an attribute (called `label`) and class over all mature windows: the smallest ratio between two groups with
    its 95 % interval, the two `groups`, and what it was in the whole reference."""

    label: str
    klass: str
    metric: str
    now: float
    before: float
    lower: float
    upper: float
    groups: tuple[str, str]


def parities(judged: JudgedFairness) -> list[Parity]:
    """Return each metric of fairness of each attribute and class, those of few rows left out."""
    found = []
    tracks = judged.result.tracks
    for label, klass in dict.fromkeys((one.label, one.klass) for one in tracks):
        for name in BETWEEN:
            mine = [one for one in tracks if (one.label, one.klass, BETWEEN_OF.get(one.metric)) == (label, klass, name)]
            ratios = [_smallest([one for one in mine if one.metric == metric]) for metric in dict.fromkeys(one.metric for one in mine)]
            known = [two for two in ratios if math.isfinite(two[0])]
            if known:
                now, before, lower, upper, low, high = min(known)
                found.append(Parity(label, klass, name, now, before, lower, upper, (low, high)))
    return found


def _smallest(tracks: Sequence[GapTrack]) -> tuple[float, float, float, float, str, str]:
    """Return the smallest ratio between two groups of a metric: over all mature windows, and in the whole reference, the interval of the
    first, and the groups of the lowest and of the highest value."""
    now, before = (between([getattr(one, side).one for one in tracks], tracks[0].scale) for side in ("pooled", "whole"))
    if now.few[0]:
        nan = float("nan")
        return nan, nan, nan, nan, "", ""
    ends = float(now.gap.ratio_lower[0]), float(now.gap.ratio_upper[0])
    return float(now.gap.ratio[0]), float(before.gap.ratio[0]), *ends, tracks[int(now.low[0])].group, tracks[int(now.high[0])].group
