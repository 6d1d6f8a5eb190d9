"""One cause of several columns: what happened to each in the same rows by the same map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.incidents.cause import TIMES, Hypothesis

EACH_ITS_OWN = frozenset({"stuck", "fill"})
"""Changes in which each column has a value of its own."""
AS_LARGE = 1.1
"""Times as large that one of two fitted factors may be of what is one."""


def joined(found: list[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Return hypotheses of several columns as one where the cause, the inverse, the segment and the onset are the same; factors that were
    fitted are where they differ by no more than a fit may be off."""
    groups: list[list[Hypothesis]] = []
    for one in found:
        home = next((group for group in groups if _alike(group[0], one)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return tuple(_one(group) for group in groups)


def _alike(one: Hypothesis, other: Hypothesis) -> bool:
    same = (one.cause, dict(one.segment), one.start) == (other.cause, dict(other.segment), other.start)
    return same and one_map(one, other)


def one_map(one: Hypothesis, other: Hypothesis) -> bool:
    """Say whether two hypotheses are of one map, whose factors differ by no more than a fit may be off."""
    first, second = one.inverse, other.inverse
    if first is None or second is None:
        return first is second
    if first.kind == second.kind and first.kind in EACH_ITS_OWN:
        return True
    if (first.kind, first.offset, first.value) != (second.kind, second.offset, second.value):
        return False
    fitted = first.value == TIMES and first.scale * second.scale > 0
    return first.scale == second.scale or (fitted and abs(np.log(first.scale / second.scale)) <= np.log(AS_LARGE))


def _one(group: list[Hypothesis]) -> Hypothesis:
    strongest = max(group, key=lambda one: one.explained)
    columns = dict.fromkeys(column for one in group for column in one.columns)
    inverse = strongest.inverse
    if inverse is not None and len({one.inverse.value for one in group if one.inverse is not None}) > 1:
        inverse = replace(inverse, value="", says="one value each")
    evidence = tuple(dict.fromkeys(key for one in group for key in one.evidence))
    return replace(strongest, columns=tuple(columns), inverse=inverse, evidence=evidence)
