"""What it costs to list a fleet: 200 cases with a stored run of 300 numbers and three open incidents each, beside reading the bytes."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from monitor.judgement.finding import State
from monitor.runs.fleet import fleet_of
from monitor.runs.serving import metrics_text, roots_of
from monitor.runs.stored import Incident, Number, Stored, case_hash, keep_run
from monitor.vocabulary import Severity, Status

NUMBERS, INCIDENTS, TIMES = 300, 3, 5


def make(root: Path, at: int) -> None:
    (root / ".driftscope").mkdir(parents=True)
    (root / "case.toml").write_text(f'[case]\nname = "Model {at}"\n')
    numbers = tuple(
        Number(
            family="driftscope_drift_score", labels=(("case", ""), ("column", f"c{one}"), ("method", "psi")), value=repr(one / 7), at=1.0
        )
        for one in range(NUMBERS)
    )
    found = tuple(
        Incident(id=f"{one:016x}", title=f"Column {one} was 100 times too large", severity=Severity.HIGH, state=State.NEW)
        for one in range(INCIDENTS)
    )
    now = "2026-03-04T12:00:00Z"
    run = Stored(
        case=f"Model {at}",
        case_hash=case_hash(root),
        judged=now,
        looked=now,
        status=Status.ALERT,
        fired=1,
        incidents=found,
        numbers=numbers,
    )
    keep_run(root / ".driftscope", run)


def seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    many = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for at in range(many):
            make(home / f"case{at:04}", at)
        floor = seconds(lambda: [path.read_bytes() for path in home.glob("*/.driftscope/run.json")])
        listed = seconds(lambda: fleet_of(home))
        roots = roots_of([home])
        scraped = seconds(lambda: metrics_text(roots))
    print(f"{many} cases, median of {TIMES}: bytes read {floor:.3f} s, fleet {listed:.3f} s, /metrics {scraped:.3f} s")


if __name__ == "__main__":
    main()
