"""What every method of joint drift yields: a series of scores with those of the reference's own windows, and the evidence behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.joint_sides import JointSides
from monitor.stats.inference.bands import Shape

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIT_ROWS = 20_000
"""Rows at most that a model of the reference learns from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Scores of one method: `score` (w,) of production windows on `rows` (w,) rows each, `reference` (r,) of the reference's own windows.

    `rows` are those that the score rests on; where they are a sample of a window that is shorter than others, as few as its length says.
    `shape` says how the score depends on the number of rows (`stats.inference.bands`), `two_sided` whether low scores tell of drift
    too, `row_variance` the variance of one row's part where it is known, `p_value` (w,) that of a test of the method's own, which has to
    agree with the band, `limits` (w, 2) and `verdict` (w,) those of another tool's profile.
    """

    method: str
    score: Floats
    rows: Ints
    reference: Floats
    reference_rows: Ints
    shape: Shape = "distance"
    two_sided: bool = False
    row_variance: float | None = None
    p_value: Floats | None = None
    limits: Floats | None = None
    verdict: NDArray[np.bool_] | None = None


@dataclass(slots=True)
class Evidence:
    """Tables behind the scores, by name; a method adds its own. `pairs` are series of pairs of columns, by their labels, `orders` those of
    pairs of numbers of which the first seldom exceeds the second."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Series] = field(default_factory=dict)
    orders: dict[tuple[str, str], Series] = field(default_factory=dict)


def by_baseline(sides: JointSides) -> list[tuple[list[int], list[int]]]:
    """Return windows of the line that have the same baseline: (positions of the baseline, positions of the windows)."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for target, baseline in enumerate(sides.baselines):
        groups.setdefault(baseline, []).append(target)
    return [(list(baseline), targets) for baseline, targets in groups.items() if baseline]


def series_of(sides: JointSides, method: str, score: Floats, rows: Ints, **more: Any) -> Series:
    """Return scores (r + w,) of the whole line on `rows` (r + w,) as a series."""
    r = sides.count
    worth = worth_of_rows(sides.line.rows, rows, r)
    return Series(method=method, score=score[r:], rows=worth[r:], reference=score[:r], reference_rows=worth[:r], **more)


def worth_of_rows(whole: Ints, used: Ints, count: int) -> Ints:
    """Return what sampled rows are worth, (r + w,): a day sampled to as many rows as a week still holds one day's weather only."""
    typical = [max(float(np.mean(rows[:count])), 1.0) for rows in (whole, used)]
    return np.minimum(used, np.ceil(whole / typical[0] * typical[1]).astype(np.int64))


def by_window(sides: JointSides, values: Floats, key: str, names: list[Any]) -> pd.DataFrame:
    """Return values (w, k) of production windows as one row per window and name."""
    ids = sides.windows.ids
    return pd.DataFrame({"window": np.repeat(np.array(ids, dtype=object), len(names)), key: names * len(ids), "value": values.ravel()})
