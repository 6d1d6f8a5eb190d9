"""Where a column lacks values: at few levels of another, or where another number is low or high."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.engine import Selection, Workspace, sample
from monitor.vocabulary import Kind, Role

Bools = NDArray[np.bool_]

OFTEN = 0.01
"""Share of rows without a value from which it is asked where they are."""
SAMPLE = 20_000
LEAST_ROWS = 50
HELD, MOSTLY = 0.8, 0.5
"""Part of the missing values that lie at the named levels, and part of the rows there that lack one, at least."""
MOST_LEVELS = 3
APART = 0.75
"""Probability that a row without a value lies below (or above) one with, from which the other number is named."""
_INPUTS = (Role.FEATURE, Role.SEGMENT, Role.PROTECTED)


@dataclass(frozen=True, slots=True)
class Gap:
    """Values of a column are missing where `by` has one of `levels` (`part` of what is missing), or more often where it is `side`: low or
    high."""

    by: str
    levels: tuple[str, ...] = ()
    side: str = ""
    part: float = float("nan")


def find_gaps(workspace: Workspace, selection: Selection, columns: Sequence[str]) -> Mapping[str, Gap]:
    """Return where columns lack values, of those of which one other column tells; levels before numbers.

    A column that lacks values in the same rows tells nothing of why.
    """
    if not columns:
        return {}
    workspace = workspace.sampled()
    infos = {name: one for name, one in workspace.columns.items() if one.role in _INPUTS and selection.data in one.types}
    table = sample(workspace, selection, list(infos), rows=SAMPLE).to_pandas()
    texts = [name for name, one in infos.items() if one.kind in (Kind.CATEGORICAL, Kind.BOOLEAN)]
    numbers = [name for name, one in infos.items() if one.kind is Kind.NUMERIC and pd.api.types.is_numeric_dtype(table[name])]
    found = {}
    for name in columns:
        if name not in table or not LEAST_ROWS <= (missing := table[name].isna().to_numpy(dtype=bool)).sum() <= len(table) - LEAST_ROWS:
            continue
        others = [one for one in texts if one != name]
        gap = next(_at_levels(table, missing, others), None) or _beside(table, missing, [one for one in numbers if one != name])
        if gap is not None:
            found[name] = gap
    return found


def _at_levels(table: pd.DataFrame, missing: Bools, names: Sequence[str]) -> Iterator[Gap]:
    """Yield columns of which few levels hold most of what is missing, and lack a value in most of their rows."""
    for name in names:
        level = table[name].astype(str).where(table[name].notna())
        counted = pd.DataFrame({"level": level, "missing": missing}).groupby("level")["missing"].agg(["sum", "mean"])
        held = counted[counted["mean"] >= MOSTLY].sort_values("sum", ascending=False)
        if 0 < len(held) <= MOST_LEVELS and len(held) < len(counted) and held["sum"].sum() >= HELD * missing.sum():
            part = float(held["sum"].sum() / missing.sum())
            yield Gap(by=name, levels=tuple(str(one) for one in held.index), part=part)


def _beside(table: pd.DataFrame, missing: Bools, names: Sequence[str]) -> Gap | None:
    """Return the number that differs most between rows with and without a value, None where none differs by much."""
    from scipy import stats  # slow to import, and most commands need none of it

    best, found = APART, None
    for name in names:
        value = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.isfinite(value)
        without, beside = value[missing & known], value[~missing & known]
        if len(without) < LEAST_ROWS or len(beside) < LEAST_ROWS:
            continue
        above = float(stats.mannwhitneyu(without, beside).statistic) / (len(without) * len(beside))
        if max(above, 1 - above) >= best:
            best, found = max(above, 1 - above), Gap(by=name, side="high" if above > 0.5 else "low")
    return found
