"""Labels that exist only where the model decided one way (loans that were granted): bounds instead of numbers that cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Bools, Floats

ONLY_POSITIVE, ONLY_NEGATIVE = "labels_only_where_positive", "labels_only_where_negative"
NEVER, OFTEN = 0.005, 0.2
"""A decision has no labels where fewer than this share of its rows do, and the other one more than that."""
FEWEST = 50
"""Rows of each decision below which nothing is concluded."""
Cells = Floats


def _part(above: Callable[[Cells], Floats], below: Callable[[Cells], Floats]) -> Callable[[Cells], Floats]:
    def share(cells: Cells) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(above(cells) / below(cells))

    return share


# cells (4, w): true positives, false positives, false negatives, true negatives
SHARES: Mapping[str, Callable[[Cells], Floats]] = {
    "accuracy": _part(lambda c: c[0] + c[3], lambda c: c.sum(axis=0)),
    "precision": _part(lambda c: c[0], lambda c: c[0] + c[1]),
    "recall": _part(lambda c: c[0], lambda c: c[0] + c[2]),
    "specificity": _part(lambda c: c[3], lambda c: c[1] + c[3]),
    "false_positive_rate": _part(lambda c: c[1], lambda c: c[1] + c[3]),
    "false_negative_rate": _part(lambda c: c[2], lambda c: c[0] + c[2]),
    "f1": _part(lambda c: 2 * c[0], lambda c: 2 * c[0] + c[1] + c[2]),
    "base_rate": _part(lambda c: c[0] + c[2], lambda c: c.sum(axis=0)),
}
"""Metrics that the four cells bound; each grows or falls steadily with the rows whose label is unknown."""
UNTOUCHED: Mapping[bool, frozenset[str]] = {False: frozenset({"precision"}), True: frozenset()}
"""Metrics that need no label of the hidden decision."""


def hidden_decision(labelled: Bools, decision: Bools) -> bool | None:
    """Return the decision whose rows never get a label while those of the other do; None where labels come of both, or of none.

    >>> hidden_decision(np.arange(200) < 100, np.arange(200) < 100)
    False
    """
    rows = [int((decision == one).sum()) for one in (False, True)]
    if min(rows) < FEWEST:
        return None
    share = [float(labelled[decision == one].mean()) for one in (False, True)]
    if min(share) > NEVER or max(share) < OFTEN:
        return None
    return share[1] < share[0]


def bounded(found: Mapping[str, Estimate], cells: Cells, unknown: Floats, *, hidden: bool) -> dict[str, Estimate]:
    """Return metrics with those that cannot be known replaced by their bounds.

    Parameters
    ----------
    found : metrics of the labelled rows, (w,) each.
    cells : (4, w) labelled rows: true positives, false positives, false negatives, true negatives.
    unknown : (w,) rows of the hidden decision without a label.

    Notes
    -----
    The bounds are what the metric would be if all of these rows were positive, or all negative (Manski 1989).
    """
    ends = []
    for positive in (False, True):
        filled = np.array(cells, dtype=float)
        filled[_place(positive, hidden)] += unknown
        ends.append(filled)
    reason = ONLY_NEGATIVE if hidden else ONLY_POSITIVE
    told = dict(found)
    for name, one in found.items():
        if name in UNTOUCHED[hidden] or name == "selection_rate":
            continue
        formula = SHARES.get(name)
        none = np.full(len(unknown), np.nan)
        two = (none, none) if formula is None else (formula(ends[0]), formula(ends[1]))
        why = np.where(unknown > 0, reason, one.reason).astype(object)
        kept = unknown > 0
        told[name] = Estimate(
            value=np.where(kept, np.nan, one.value),
            variance=np.where(kept, np.nan, one.variance),
            lower=np.where(kept, np.fmin(*two), one.lower),
            upper=np.where(kept, np.fmax(*two), one.upper),
            n=one.n,
            reason=why,
            raw=np.where(kept, np.nan, one.raw),
        )
    return told


def _place(positive: bool, decision: bool) -> int:
    """Return the cell of rows with a label and a decision."""
    if decision:
        return 0 if positive else 1
    return 2 if positive else 3
