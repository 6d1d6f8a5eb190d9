"""Where a column lacks values: at few levels of another, or where another number is low or high."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.engine import Selection, Workspace, sample
from monitor.stats.performance.ranking import midranks
from monitor.vocabulary import Kind, Role

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

OFTEN = 0.01
"""Share of rows without a value from which it is asked where they are."""
SAMPLE = 20_000
LEAST_ROWS = 50
HELD, ALIKE, TIMES = 0.8, 0.5, 4.0
"""Of the named levels at least: part of the missing values that lie there, part of the largest share of rows without a value at one of them
that each has, and how many times as large that is as at all other levels."""
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
    lacking = {name: table[name].isna().to_numpy(dtype=bool) for name in columns if name in table}
    lacking = {name: one for name, one in lacking.items() if LEAST_ROWS <= one.sum() <= len(table) - LEAST_ROWS}
    levels, beside = _levels(table, texts), _beside(table, lacking, numbers)
    found = {name: next(_at_levels(levels, name, missing), None) or beside.get(name) for name, missing in lacking.items()}
    return {name: gap for name, gap in found.items() if gap is not None}


def _levels(table: pd.DataFrame, names: Sequence[str]) -> dict[str, tuple[Ints, list[str]]]:
    """Return the code of the level of each row (n,), -1 where it is missing, and the levels in the order of their names, by column."""
    found = {}
    for name in names:
        codes, levels = pd.factorize(table[name].astype(str).where(table[name].notna()), sort=True)
        found[name] = np.asarray(codes, dtype=np.int64), [str(one) for one in levels]
    return found


def _at_levels(levels: Mapping[str, tuple[Ints, list[str]]], column: str, missing: Bools) -> Iterator[Gap]:
    """Yield columns of which few levels hold most of what is missing, and lack a value far more often than all others."""
    total = int(missing.sum())
    for name, (codes, called) in levels.items():
        rows, lacking = (np.bincount(codes[chosen], minlength=len(called)) for chosen in (codes >= 0, (codes >= 0) & missing))
        most = _held(rows, lacking) if name != column else np.array([], dtype=np.int64)
        part = float(lacking[most].sum() / total)
        if part >= HELD:
            yield Gap(by=name, levels=tuple(called[one] for one in most), part=part)


def _held(rows: Ints, lacking: Ints) -> Ints:
    """Return the levels, as many as may be named, that lack a value far more often than all that are left; those that hold most first."""
    order = np.argsort(-lacking, kind="stable")
    for many in range(min(MOST_LEVELS, len(order) - 1), 0, -1):
        held, left = order[:many], order[many:]
        shares, others = lacking[held] / np.maximum(rows[held], 1), lacking[left].sum() / max(rows[left].sum(), 1)
        if shares.min() > 0 and shares.min() >= max(ALIKE * shares.max(), TIMES * others):
            return held
    return order[:0]


def _beside(table: pd.DataFrame, lacking: Mapping[str, Bools], names: Sequence[str]) -> dict[str, Gap]:
    """Return the number that differs most between rows with and without a value, by column where one differs by much.

    How likely one lies above the other is Mann and Whitney's U, a sum of ranks, which are the same whichever column lacks values.
    """
    if not lacking or not names:
        return {}
    known, ranks = np.zeros((len(names), len(table))), np.zeros((len(names), len(table)))
    for i, name in enumerate(names):
        value = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        rows = np.flatnonzero(np.isfinite(value))
        known[i, rows], ranks[i, rows] = 1.0, midranks(np.zeros(len(rows), dtype=np.int64), value[rows])
    missing = np.array(list(lacking.values()), dtype=np.float64)
    without = missing @ known.T
    beside = known.sum(axis=1) - without
    with np.errstate(invalid="ignore", divide="ignore"):
        above = (missing @ ranks.T - without * (without + 1) / 2) / (without * beside)
    told = (without >= LEAST_ROWS) & (beside >= LEAST_ROWS) & (np.array(names) != np.array(list(lacking))[:, None])
    apart = np.where(told, np.maximum(above, 1 - above), 0.0)
    best = apart.argmax(axis=1)
    return {
        name: Gap(by=names[at], side="high" if above[i, at] > 0.5 else "low")
        for i, (name, at) in enumerate(zip(lacking, best.tolist(), strict=True))
        if apart[i, at] >= APART
    }
