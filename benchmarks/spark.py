"""What Spark needs to count what DuckDB counts, beside DuckDB on the same rows in the same run; the counts have to be the same."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.drift import machine
from benchmarks.generate import CACHE, dataset
from monitor.case import Case, WindowSize, load_case
from monitor.engine import Selection, Workspace, build_cells, open_workspace, profile
from monitor.engine.spark import open_session, open_with_spark
from monitor.profile import Profile

DAY = WindowSize(1, "day")
SIDES = ("reference", "production")
HEAD = "| rows (each side) | DuckDB | Spark, session apart | ratio | session start | first job | same counts |"


@dataclass(frozen=True, slots=True)
class Counted:
    """Profiles of both sides, and the seconds that they took."""

    profiles: tuple[Profile, ...]
    seconds: float


def report(rows: Sequence[int], columns: int, master: str) -> None:
    """Print the table: counts on all cells by day, both sides, with an empty cache; cells are there before the clock starts."""
    print(machine(), f"Spark on {master}, 2 GB for Java.\n", HEAD, "|---:|---:|---:|---:|---:|---:|---|", sep="\n", flush=True)
    began = time.perf_counter()
    session = open_session(master)
    started = time.perf_counter() - began
    first = _spark(load_case(dataset(10_000, columns)), session).seconds
    for count in rows:
        case = load_case(dataset(count, columns))
        ours, theirs = _duckdb(case), _spark(case, session)
        alike = all(_same(one, two) for one, two in zip(ours.profiles, theirs.profiles, strict=True))
        cost = f"{ours.seconds:.1f} s | {theirs.seconds:.1f} s | {theirs.seconds / ours.seconds:.1f}"
        print(f"| {count:,} x {columns} | {cost} | {started:.1f} s | {first:.1f} s | {'yes' if alike else 'NO'} |", flush=True)
        if not alike:
            sys.exit("the counts differ")
    session.stop()


def _duckdb(case: Case) -> Counted:
    with tempfile.TemporaryDirectory(dir=CACHE) as folder, open_workspace(case, cache=Path(folder)) as workspace:
        return _count(workspace)


def _spark(case: Case, session: object) -> Counted:
    with tempfile.TemporaryDirectory(dir=CACHE) as folder, open_with_spark(case, session, cache=Path(folder)) as workspace:
        return _count(workspace)


def _count(workspace: Workspace) -> Counted:
    cells = build_cells(workspace)
    began = time.perf_counter()
    found = tuple(profile(workspace, Selection(data), cells=cells, windows=DAY) for data in SIDES)
    return Counted(found, time.perf_counter() - began)


def _same(one: Profile, two: Profile) -> bool:
    """Say whether two profiles hold the same integers."""
    if one.windows.ids != two.windows.ids or list(one.columns) != list(two.columns):
        return False
    pairs = [(mine, two.columns[name]) for name, mine in one.columns.items()]
    return all(
        np.array_equal(mine.counts, theirs.counts)
        and all(np.array_equal(getattr(mine.sums, part), getattr(theirs.sums, part)) for part in ("top", "high", "low"))
        and mine.new_levels == theirs.new_levels
        for mine, theirs in pairs
    )
