"""One process of the benchmark of drift: measures on one data set and prints the seconds as JSON (`python -m benchmarks.job FOLDER`)."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.floor import floor
from benchmarks.generate import CACHE, PLANTED
from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.case import Case, load_case
from monitor.engine import open_workspace
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.findings import ALARMS


@dataclass(slots=True)
class Clock:
    """Wall and processor seconds of every step, by name."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one run of a step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall.setdefault(name, []).append(time.perf_counter() - wall)
        self.cpu.setdefault(name, []).append(time.process_time() - cpu)


def drift(case: Case, cache: Path, windows: str, memory_limit: str | None) -> JudgedDrift:
    """Go from files to the judged table."""
    with open_workspace(case, cache=cache, memory_limit=memory_limit) as workspace:
        return judge_drift(measure_drift(workspace, Question(windows=windows)))


def timed(root: Path, repeats: int, memory_limit: str | None) -> Clock:
    """Time the floor, drift by day and as a whole with an empty cache, and by day from a filled one, taking turns."""
    case, clock = load_case(root), Clock()
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            with clock.step("floor"):
                floor(root, memory_limit)
            with clock.step("day"):
                found = drift(case, Path(folder), "1 day", memory_limit)
            with clock.step("reopened"):
                drift(case, Path(folder), "1 day", memory_limit)
            check(found)
            shutil.rmtree(folder)
            Path(folder).mkdir()
            with clock.step("whole"):
                drift(case, Path(folder), "whole", memory_limit)
    return clock


def check(judged: JudgedDrift) -> None:
    """Refuse to time a wrong answer: the planted columns alarm, and at most one in a hundred looks at the others does."""
    primary = judged.primary.assign(alarm=judged.primary["status"].isin(ALARMS))
    planted = primary["column"].isin(PLANTED)
    lost = set(PLANTED) - set(primary.loc[planted & primary["alarm"], "column"])
    if judged.provenance.rows["production"]["used"] >= 100_000:
        assert not lost, f"planted drift was not found in {sorted(lost)}"
    assert primary.loc[~planted, "alarm"].mean() <= 0.01, "columns without drift alarm"


def peak_mb() -> float:
    """Return the largest resident memory of this process so far, in MB (its own, not that of who started it)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Time a data set, or (`--peak`) run it once and say how much memory that took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.job")
    parser.add_argument("root", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--memory-limit")
    parser.add_argument("--warm", type=Path, help="a small data set to run first, so that everything is imported")
    parser.add_argument("--peak", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        if options.peak:
            drift(load_case(options.root), Path(folder), "1 day", options.memory_limit)
            print(json.dumps({"peak_mb": peak_mb()}))
            return
        drift(load_case(options.warm), Path(folder), "1 day", None)
    clock = timed(options.root, options.repeats, options.memory_limit)
    print(json.dumps({"wall": clock.wall, "cpu": clock.cpu}))


if __name__ == "__main__":
    main()
