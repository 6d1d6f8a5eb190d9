"""Sides from plain values by window, counted as the engine counts them, and judged without a workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from monitor.analyses.baselines import Baseline
from monitor.analyses.drift import measure_counted
from monitor.analyses.sides import Sides
from monitor.case import DriftThresholds, WindowSize
from monitor.engine.cutting import bucket_of, cut_levels, cut_numbers
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.finding import Finding
from monitor.profile import Cells, ColumnCounts, Profile, Windows
from monitor.sums import Sums
from monitor.vocabulary import Kind

DAY = np.timedelta64(1, "D")
FIRST = np.datetime64("2026-01-05", "us")
"""A Monday."""
Column = Sequence[Sequence[Any]]
"""The values of one column by window; None and nan are missing."""


def windows(start: int, count: int, each: np.timedelta64 = DAY) -> Windows:
    starts = FIRST + (start + np.arange(count)) * each
    return Windows(tuple(str(one)[: 10 if each >= DAY else 13] for one in starts), starts, starts + each)


def sides(columns: Mapping[str, tuple[Column, Column]], *, size: str = "1 day") -> Sides:
    """Count (reference, production) of each column; windows follow one after the other."""
    parsed = WindowSize.parse(size)
    each = np.timedelta64(int(parsed.hours or 24), "h")
    counted = {name: _counted(name, *both) for name, both in columns.items()}
    before, after = ({name: one[side] for name, one in counted.items()} for side in (0, 1))
    r, w = (len(next(iter(part.values())).counts) for part in (before, after))
    blocks, production = (
        Profile(windows(first, count, each), next(iter(part.values())).rows, part) for first, count, part in ((0, r, before), (r, w, after))
    )
    return Sides(
        blocks=blocks,
        groups=tuple((i,) for i in range(r)),
        production=production,
        spans=np.ones(w),
        baseline=Baseline(None, "the whole reference"),
        size=parsed,
        block_size=parsed,
    )


def judge(columns: Mapping[str, tuple[Column, Column]], *, size: str = "1 day", **thresholds: Any) -> JudgedDrift:
    return judge_drift(measure_counted(sides(columns, size=size)), DriftThresholds(**thresholds))


def of(judged: JudgedDrift, column: str) -> list[Finding]:
    return [one for one in judged.findings if one.what == column]


def normal(rng: np.random.Generator, windows: int, rows: int = 300, *, mean: float = 0.0, sd: float = 1.0) -> list[Any]:
    return [rng.normal(mean, sd, rows) for _ in range(windows)]


def levels(rng: np.random.Generator, windows: int, shares: Mapping[str, float], rows: int = 300) -> list[Any]:
    return [rng.choice(list(shares), rows, p=list(shares.values())).tolist() for _ in range(windows)]


def quiet(seed: int, reference: int, production: int, rows: int = 300) -> dict[str, tuple[Column, Column]]:
    """Return four columns that do not change."""
    rng = np.random.default_rng([99, seed])
    return {f"quiet {i}": (normal(rng, reference, rows), normal(rng, production, rows)) for i in range(4)}


def _counted(name: str, reference: Column, production: Column) -> tuple[ColumnCounts, ColumnCounts]:
    words = any(isinstance(value, str) for part in (*reference, *production) for value in part)
    return _levels(name, reference, production) if words else _numbers(name, reference, production)


def _numbers(name: str, reference: Column, production: Column) -> tuple[ColumnCounts, ColumnCounts]:
    values = np.concatenate([np.asarray(part, dtype=float) for part in reference])
    finite = values[np.isfinite(values)]
    cells = cut_numbers(name, Kind.NUMERIC, finite, float(finite.min()), float(finite.max()))
    before, after = (_number_counts(cells, [np.asarray(part, dtype=float) for part in side]) for side in (reference, production))
    return before, after


def _number_counts(cells: Cells, parts: Sequence[Any]) -> ColumnCounts:
    counts, sums, ends = [], [], []
    for values in parts:
        there = values[np.isfinite(values)]
        cell = np.searchsorted(cells.edges, there, side="left")
        own = np.bincount(cell, minlength=cells.size)
        counts.append([*own, int(np.isinf(values).sum()), int(np.isnan(values).sum())])
        away = there - cells.center
        held = [np.ones(len(there), dtype=bool), cell == 0, cell == cells.size - 1]
        sums.append([part for one in held for part in (away[one].sum(), np.square(away[one]).sum())])
        ends.append([there.min(), there.max()] if len(there) else [np.nan, np.nan])
    low, high = np.array(ends).T
    return ColumnCounts.of_numbers(cells, np.array(counts, dtype=np.int64), Sums.of(np.array(sums), cells.units), low, high)


def _levels(name: str, reference: Column, production: Column) -> tuple[ColumnCounts, ColumnCounts]:
    total = Counter(value for part in reference for value in part if value is not None)
    cells = cut_levels(name, Kind.CATEGORICAL, total.most_common())
    return _level_counts(cells, reference), _level_counts(cells, production)


def _level_counts(cells: Cells, parts: Column) -> ColumnCounts:
    tallies = [Counter(value for value in part if value is not None) for part in parts]
    in_windows = Counter(level for tally in tallies for level in tally)

    def rows(tally: Counter[str], wanted: Callable[[str], bool]) -> int:
        return sum(count for level, count in tally.items() if wanted(level))

    half = len(tallies) // 2
    earlier = {level for tally in tallies[:half] for level in tally}
    place = {level: i for i, level in enumerate(cells.levels)}
    counts = np.zeros((len(parts), cells.width), dtype=np.int64)
    for window, (tally, part) in enumerate(zip(tallies, parts, strict=True)):
        for level, count in tally.items():
            counts[window, place.get(level, len(place) + bucket_of(level, cells.buckets))] += count
        counts[window, -1] = len(part) - sum(tally.values())
    new = [{level: count for level, count in tally.most_common() if level not in cells.known} for tally in tallies]
    return ColumnCounts.of_levels(
        cells,
        counts,
        new_levels=[dict(list(one.items())[:100]) for one in new],
        unseen=np.array([sum(one.values()) for one in new]),
        seen_once=np.array([rows(tally, cells.once.__contains__) for tally in tallies]),
        distinct=np.array([len(tally) for tally in tallies]),
        alone=np.array([rows(tally, lambda level: in_windows[level] == 1) for tally in tallies]),
        fresh=np.array([rows(tally, lambda level: level not in earlier) if i >= half else 0 for i, tally in enumerate(tallies)]),
    )
