"""What one command costs from a cold start with an empty cache, beside the interpreter, the packages it needs and one read of the files."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.generate import CACHE, dataset

ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one process and its children: by the clock, and of the processor."""

    wall: float
    cpu: float


def report(columns: int, repeats: int) -> None:
    """Print the table: processor seconds hold on a busy machine too, where those of the clock do not."""
    root = dataset(ROWS, columns)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = ["-m", "monitor", "measure", "drift", str(root), "--windows", "1 day", "--out", f"{folder}/drift.parquet"]
        runs = [(_spent(["-m", "benchmarks.floor", str(root)], folder), _spent(command, folder)) for _ in range(repeats + 1)][1:]
    print("| | processor time: least | median | ratio of medians | clock: median |", "|---|---:|---:|---:|---:|", sep="\n")
    least = median(one.cpu for one, _ in runs)
    for name, seen in (("interpreter, packages, floor A", [one for one, _ in runs]), ("command", [one for _, one in runs])):
        cpu, wall = [one.cpu for one in seen], [one.wall for one in seen]
        print(f"| {name} | {min(cpu):.2f} s | {median(cpu):.2f} s | {median(cpu) / least:.2f} | {median(wall):.2f} s |")


def _spent(arguments: list[str], folder: str) -> Spent:
    """Run Python from start to end, with an empty cache and compiled modules."""
    cache, compiled = Path(folder) / "cache", Path(folder) / "compiled"
    shutil.rmtree(cache, ignore_errors=True)
    own = {"DRIFTSCOPE_CACHE": str(cache), "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
    began, before = time.perf_counter(), _processor_seconds()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=os.environ | own)
    return Spent(time.perf_counter() - began, _processor_seconds() - before)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
