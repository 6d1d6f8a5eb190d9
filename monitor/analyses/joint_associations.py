"""Joint drift pair by pair: how strongly columns go together, and which of two numbers is usually the larger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from monitor.analyses.joint_series import FIT_ROWS, Evidence, Floats, Series, by_baseline, series_of, worth_of_rows
from monitor.analyses.joint_sides import JointSides
from monitor.stats.multivariate.association import (
    AssociationChange,
    Associations,
    association_change,
    association_change_along,
    associations,
)
from monitor.stats.multivariate.orders import usual_orders, wrong_order
from monitor.stats.multivariate.rows import subsample

FARTHEST_Z = 1.5
"""arctanh of an association (.91) beyond which ties decide: a day with one hour of rain has an association of 1 with anything."""


def measure_correlation(sides: JointSides, evidence: Evidence) -> Iterator[Series]:
    """Score the change of the associations of all pairs, and list it pair by pair."""
    used = sides.sampled.counts
    worth = worth_of_rows(sides.line.rows, used, sides.count) / np.maximum(used, 1)
    change = _change_along(sides, worth) if sides.sliding else _change_from_whole(sides, worth)
    w, k = change.after.shape
    names, columns = np.array(change.names, dtype=object), np.array([sides.names[one] for one in change.names], dtype=object)
    evidence.tables["associations"] = pd.DataFrame(
        {
            "window": np.repeat(np.array(sides.windows.ids, dtype=object), k),
            **{f"{side}_column": np.tile(columns[at], w) for side, at in (("first", change.first), ("second", change.second))},
            **{f"{side}_label": np.tile(names[at], w) for side, at in (("first", change.first), ("second", change.second))},
            **{name: getattr(change, name).ravel() for name in ("before", "after", "change", "lower", "upper", "p_value")},
        }
    )
    evidence.pairs.update(_pair_series(change))
    if not sides.sliding:
        evidence.orders.update(_order_series(sides))
    score = np.concatenate([change.overall_reference, change.overall])
    yield series_of(sides, "correlation", score, used)


def _pair_series(change: AssociationChange) -> dict[tuple[str, str], Series]:
    """Return arctanh of each pair as a series; its variance by rows is that of a correlation (Fisher 1915)."""
    found = {}
    for k, (a, b) in enumerate(zip(change.first, change.second, strict=True)):
        found[change.names[a], change.names[b]] = Series(
            method=f"{change.names[a]} with {change.names[b]}",
            score=np.clip(change.z[:, k], -FARTHEST_Z, FARTHEST_Z),
            rows=np.maximum(change.rows[:, k] - 3, 0),
            reference=np.clip(change.z_reference[:, k], -FARTHEST_Z, FARTHEST_Z),
            reference_rows=np.maximum(change.rows_reference[:, k] - 3, 0),
            shape="level",
            two_sided=True,
            row_variance=1.0,
        )
    return found


def _order_series(sides: JointSides) -> dict[tuple[str, str], Series]:
    """Return the share of rows in which two numbers stand in an order that is seldom."""
    found, names, r = {}, sides.sampled.numeric_names, sides.count
    for order in usual_orders(sides.reference_rows):
        share, rows = wrong_order(sides.sampled, order)
        pair = names[order.smaller], names[order.larger]
        found[pair] = Series(
            method=f"{pair[0]} above {pair[1]}",
            score=share[r:],
            rows=rows[r:],
            reference=share[:r],
            reference_rows=rows[:r],
            shape="level",
            two_sided=True,
            row_variance=order.share * (1 - order.share),
        )
    return found


def _change_from_whole(sides: JointSides, worth: Floats) -> AssociationChange:
    reference, production = sides.reference_rows, sides.production_rows
    rows = sides.line.rows.astype(float)
    longer = rows[sides.count :] ** 2 > rows[: sides.count].mean() * rows[: sides.count].sum()
    whole, own = associations(reference.as_window(0, 1)), associations(reference)
    return association_change(own, whole, _worth_of(associations(production), worth[sides.count :]), longer=longer)


def _change_along(sides: JointSides, worth: Floats) -> AssociationChange:
    """Compare every window with the windows it has as a baseline, a sample of their rows where they are many."""
    line = associations(sides.sampled)
    base = Associations(line.names, line.numeric, np.full_like(line.value, np.nan), np.zeros_like(line.rows))
    for baseline, targets in by_baseline(sides):
        rows = sides.sampled.take(np.isin(sides.sampled.window, baseline))
        found = associations(subsample(rows, FIT_ROWS).as_window(0, 1))
        base.value[targets], base.rows[targets] = found.value[0], found.rows[0] * worth[baseline].mean()
    return association_change_along(_worth_of(line, worth), base, sides.count)


def _worth_of(found: Associations, worth: Floats) -> Associations:
    return replace(found, rows=np.ceil(found.rows * worth[:, None, None]).astype(np.int64))
