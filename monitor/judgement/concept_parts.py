"""How a change of the metric is told by its causes: how much inputs explain, how much groups of rows, and whether it is one at all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.concept_result import ConceptResult, ConceptTrack
from monitor.stats.inference.intervals import Z
from monitor.stats.performance.losses import LOSSES
from monitor.wording import number_text

Floats = NDArray[np.float64]


def parts_text(result: ConceptResult) -> str:
    """Say how much of the change of the metric inputs explain, over all windows whose labels are in."""
    n = np.where(result.usable, result.labelled, 0).astype(float)
    parts = {one.method: float(np.nan_to_num(one.value) @ n / max(n.sum(), 1.0)) for one in result.tracks if not one.column}
    if not {"total", "covariate", "concept"} <= set(parts):
        return ""
    title = LOSSES[result.metric].title
    told = [number_text(parts[name], 2) for name in ("total", "covariate", "concept")]
    first = f"{title} changed by {told[0]}: {told[1]} because inputs changed, {told[2]} because the relation did."
    if _by_chance(next(one for one in result.tracks if one.name == "total"), n):
        return f"{first} Together that is within chance."
    return f"{first} {_mix_text(parts)}".rstrip()


def _by_chance(total: ConceptTrack, n: Floats) -> bool:
    """Say whether the change of a metric over windows, (w,) by their rows `n`, is one that as many windows of the reference show."""
    known, own = (n > 0) & np.isfinite(total.value), total.own[np.isfinite(total.own)]
    if len(own) < 2 or not known.any():
        return False
    weight = n[known] / n[known].sum()
    sampling = np.nan_to_num(total.variance[known])
    error = float(np.sqrt(weight**2 @ np.maximum(sampling, own.var(ddof=1)) + own.var(ddof=1) / len(own)))
    return abs(float(weight @ total.value[known])) < Z * error


def _mix_text(parts: Mapping[str, float]) -> str:
    """Say how much of the same change lies in the shares of groups, and how much in how these behave (leaves of a tree, exact)."""
    if not {"mix", "behaviour"} <= set(parts):
        return ""
    mix, behaviour = parts["mix"], parts["behaviour"]
    if mix * behaviour < 0 or not mix + behaviour:  # parts that cancel are no shares
        told = [number_text(one, 2) for one in (mix, behaviour)]
        return f"By coarser groups (of a tree): {told[0]} because their shares changed, {told[1]} because they behave otherwise."
    share_of = mix / (mix + behaviour)
    return f"By coarser groups (of a tree): {share_of:.0%} because their shares changed, {1 - share_of:.0%} because they behave otherwise."
