"""The judge of counts of rare events: exact where no normal law holds, read off as any other number by window."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from monitor.judgement.metric_series import Found
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.multiplicity import holm
from monitor.stats.inference.rare import Counts, dispersion_of, farthest_count, overdispersion


def judge_counts(things: Mapping[str, Counts], *, q: float, seed: int = 0) -> dict[str, Found]:
    """Judge counts that are looked at together: one is named when its farthest run survives Holm's correction over all of them.

    Parameters
    ----------
    q : share of screens without change on which anything may be named.
    seed : of the simulated null distributions.
    """
    able = {name: one for name, one in things.items() if one.known}
    usual = overdispersion(list(able.values()))
    farthest = {name: farthest_count(one, dispersion=dispersion_of(one, usual), seed=seed) for name, one in able.items()}
    selection = holm({name: one.p_value for name, one in farthest.items()}, q)
    found = {}
    for name, one in things.items():
        none = np.full(len(one.events), np.nan)
        runs: tuple[tuple[ScoredRun, float], ...] = ()
        if name in selection.named:
            told = farthest[name]
            strength = abs(told.z) / told.tail.reach(selection.level)
            runs = ((ScoredRun(told.run, 0.0, told.z, told.p_value), strength),)
        found[name] = Found(
            runs=runs,
            center=none,
            lower=none,
            upper=none,
            alone=np.zeros(len(none)),
            p_value=farthest[name].p_value if name in able else np.nan,
            q_value=selection.adjusted.get(name, np.nan),
            judged=name in able,
        )
    return found
