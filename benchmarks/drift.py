"""What drift of every column costs, beside a floor measured in the same run: DuckDB reading the same files once."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.generate import CACHE, dataset

ROWS, LARGE = (10_000, 100_000, 1_000_000), 10_000_000
LARGE_LIMIT = "2GB"
REPEATS = {10_000: 7, 100_000: 7, 1_000_000: 5, LARGE: 1}
HEAD = (
    "| rows (each side) | floor A | drift by day | as a whole | command, from cold | reopened | peak memory "
    "| processor time, by day / floor |"
)


def report(columns: int, *, large: bool, repeats: int | None) -> None:
    """Print the table."""
    print(machine(), HEAD, "|---:|---:|---:|---:|---:|---:|---:|---:|", sep="\n", flush=True)
    for rows in (*ROWS, LARGE) if large else ROWS:
        limit = LARGE_LIMIT if rows == LARGE else None
        print(line(rows, columns, repeats or REPEATS[rows], limit), flush=True)


def line(rows: int, columns: int, repeats: int, memory_limit: str | None) -> str:
    """Return one row of the table, medians of `repeats` runs."""
    root, warm = dataset(rows, columns), dataset(ROWS[0], columns)
    limit = ["--memory-limit", memory_limit] if memory_limit else []
    times = _job(str(root), "--warm", str(warm), "--repeats", str(repeats), *limit)
    peak = _job(str(root), "--peak", *limit)["peak_mb"]
    commands = [_command(root) for _ in range(min(repeats, 3))] if memory_limit is None else []
    wall, cpu = times["wall"], times["cpu"]
    floor = median(wall["floor"])
    cold = _ratio(commands, floor) if commands else "–"
    label = f"{rows:,} x {columns}" + (f", memory_limit {memory_limit}" if memory_limit else "")
    ours = f"{_ratio(wall['day'], floor)} | {_ratio(wall['whole'], floor)} | {cold} | {median(wall['reopened']):.2f} s"
    share = median(day / one for day, one in zip(cpu["day"], cpu["floor"], strict=True))
    return f"| {label} | {floor:.2f} s | {ours} | {peak:,.0f} MB | {share:.1f} |"


def _ratio(seconds: list[float], floor: float) -> str:
    return f"{median(seconds):.2f} s ({median(seconds) / floor:.1f} x)"


def _job(*arguments: str) -> dict[str, dict[str, list[float]]]:
    done = subprocess.run([sys.executable, "-m", "benchmarks.job", *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _command(root: Path) -> float:
    """Return the seconds of the whole command, from starting Python to the written file, with an empty cache."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = [sys.executable, "-m", "monitor", "measure", "drift", str(root), "--windows", "1 day", "--out", f"{folder}/drift.parquet"]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=os.environ | {"DRIFTSCOPE_CACHE": f"{folder}/cache"})
        return time.perf_counter() - began


def machine() -> str:
    """Return a sentence on the machine and the versions."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "numpy", "pandas", "pyarrow"))
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({cpu}), Python {platform.python_version()}, {packages}; load average at the start {load:.1f}.\n"
