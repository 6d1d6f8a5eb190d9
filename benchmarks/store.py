"""A profile store beside its floor: a day added to a year, and many files one after the other.

The day is one file of generated rows; the days before it are that day under other dates, counts, checks, narrow rows and samples moved.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.generate import dataset
from monitor.analyses.drift import measure_drift
from monitor.case import Case, load_case
from monitor.cli.keeping import write_case
from monitor.engine import Selection, build_cells, open_workspace, profile
from monitor.engine.kept.manifest import Manifest, read_manifest, write_manifest
from monitor.engine.kept.writing import Keeping, keep
from monitor.watch import Watch

LAST = date(2026, 2, 28)
"""The day that is added."""


def add(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command line of this benchmark."""
    parser = parts.add_parser("store", help="a day added to a profile store of a year, beside the read of that day")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of a day")
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--days", type=int, default=365, help="that the store has before")
    parser.add_argument("--line", type=int, default=0, help="then so many files one after the other: seconds of each half, memory")


def report(options: argparse.Namespace) -> None:
    """Print what a day costs, and a year opened."""
    with tempfile.TemporaryDirectory() as folder:
        case = _case(Path(folder) / "raw", options.rows, options.columns)
        store = Path(folder) / "store"
        manifest, _ = keep(case, store, Keeping(), Watch())
        write_case(case, store, _year(store, manifest, options.days))
        read, read_cpu = _read(case, Path(folder))
        os.link(case.root / "days" / "new.parquet", case.root / "days" / "one-more.parquet")
        added, added_cpu = _clocked(lambda: keep(case, store, Keeping(), Watch()))
        first, _ = _clocked(lambda: _drift(store))
        again, _ = _clocked(lambda: _drift(store))
        size = sum(path.stat().st_size for path in (store / "counts").iterdir()) / options.days / 1e3
        said = f"{options.rows:,} rows x {options.columns} columns, {options.days} days before"
        sys.stdout.write(
            f"{said}\n  read of the day {read:.2f} s ({read_cpu:.2f} s of processor), added {added:.2f} s ({added_cpu:.2f} s): "
            f"{added / read:.2f} x ({added_cpu / read_cpu:.2f} x)\n"
            f"  opened and drift of all days {first:.2f} s, again {again:.2f} s; counts of a day {size:.0f} kB\n"
        )
        if options.line:
            _line(case, Path(folder), options.line)


def _case(root: Path, rows: int, columns: int) -> Case:
    made = dataset(rows, columns)
    (root / "days").mkdir(parents=True)
    os.symlink((made / "reference.parquet").resolve(), root / "reference.parquet")
    text = (
        (made / "case.toml").read_text(encoding="utf-8").replace('"production.parquet"', '"days/*.parquet"').replace('"binary"', '"none"')
    )
    (root / "case.toml").write_text(text, encoding="utf-8")
    with duckdb.connect() as connection:
        moved = f"TIMESTAMP '{LAST}' + to_microseconds((file_row_number * 86400000000) // {rows})"
        source = made / "production.parquet"
        chosen = f"SELECT * EXCLUDE (file_row_number) REPLACE ({moved} AS timestamp) FROM read_parquet('{source}', file_row_number=true)"
        connection.execute(f"COPY ({chosen}) TO '{root / 'days' / 'new.parquet'}' (FORMAT parquet)")
    return load_case(root)


def _year(store: Path, manifest: Manifest, days: int) -> Manifest:
    """Return the store with the day under as many earlier dates."""
    (only,) = manifest.partitions
    parts = {only.key: only}
    tables = {part: pq.read_table(store / part / only.file) for part in ("counts", "checks", "rows", "sample")}
    for back in range(1, days):
        file, day = f"day-{back:04d}.parquet", (LAST - timedelta(days=back)).isoformat()
        for part, table in tables.items():
            pq.write_table(_moved(table, back), store / part / file, compression="zstd")
        parts[f"day-{back:04d}"] = replace(only, key=f"day-{back:04d}", file=file, first=day, last=day)
    found = manifest.with_partitions(parts)
    write_manifest(store, found)
    return found


def _moved(table: pa.Table, back: int) -> pa.Table:
    """Return counts or rows of so many days before."""
    name = "window" if "window" in table.column_names else "timestamp"
    days = pa.scalar(back, pa.int64()) if name == "window" else pa.scalar(timedelta(days=back))
    return table.set_column(table.schema.get_field_index(name), name, pc.subtract(table[name], days))


def _clocked(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _read(case: Case, folder: Path) -> tuple[float, float]:
    """Open the raw case and count the day with cells that are known; return its seconds, and those of the processor."""
    with open_workspace(case, cache=folder / "cells") as workspace:
        cells = build_cells(workspace)

    def read() -> None:
        with open_workspace(case, cache=folder / "counts") as workspace:
            profile(workspace, Selection("production"), cells=cells, windows=case.windows)

    return _clocked(read)


def _drift(store: Path) -> None:
    with open_workspace(load_case(store)) as workspace:
        measure_drift(workspace)


def _line(case: Case, folder: Path, many: int) -> None:
    """Feed one file under many names, and print the seconds of the first and of the second half."""
    for path in (case.root / "days").iterdir():
        if path.name != "new.parquet":
            path.unlink()
    seconds, out = [], folder / "line"
    for half in (range(many // 2), range(many // 2, many)):
        for i in half:
            os.link(case.root / "days" / "new.parquet", case.root / "days" / f"part-{i:04d}.parquet")
        seconds.append(_clocked(lambda: keep(case, out, Keeping(), Watch())))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = read_manifest(out).rows
    (first, first_cpu), (second, second_cpu) = seconds
    sys.stdout.write(
        f"  {many + 1} files, {rows:,} rows: first half {first:.1f} s ({first_cpu:.1f} s of processor), second {second:.1f} s "
        f"({second_cpu:.1f} s); peak {peak:,.0f} MB\n"
    )
    shutil.rmtree(out)
