"""Soak: many sessions, many reruns, processes that are killed, files that change, a disk that is full. Nothing may be lost or wrong."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.case import Case, load_case, save_case
from monitor.engine import Selection, open_workspace, value_counts
from monitor.errors import DriftscopeError
from monitor.export.pins import list_pins
from monitor.judgement.drift import judge_drift

ROWS = 5_000
QUESTIONS = (
    Question(),
    Question(columns=("x0", "x1")),
    Question(production=Selection("production", where="x2 > 0")),
    Question(columns=("x3",), production=Selection("production", where="level = 'b'")),
    Question(windows="1 day"),
    Question(columns=("level",), against="previous"),
)
DRAW = random.Random(0)  # noqa: S311 - when a process is killed is no secret
LOAD = """
import sys
from monitor.case import load_case
from monitor.engine import open_workspace, value_counts
print("begun", flush=True)
with open_workspace(load_case(sys.argv[1])) as workspace:
    print(sorted(value_counts(workspace, "production", "level").items()), flush=True)
"""
PIN = """
import sys
from monitor.case import load_case
from monitor.export.pins import new_pin, pin
case = load_case(sys.argv[1])
print("begun", flush=True)
for number in range(10_000):
    more = {"finding": {}, "rows": [], "charts": [], "provenance": {}}
    kept = pin(case, new_pin(case="soak", title=f"pin {number}", sentence="x" * 2000, analysis="drift", **more))
    print(kept.id, flush=True)
"""
SAVE = """
import sys
from dataclasses import replace
from monitor.case import load_case, save_case
case = load_case(sys.argv[1])
print("begun", flush=True)
for number in range(10_000):
    save_case(replace(case, owner=f"owner {number % 7}" * 50))
    print(number, flush=True)
"""
FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
from monitor.cli import main
sys.argv = ["driftscope", "measure", "drift", sys.argv[1], "--out", "-", "--quiet"]
main()
"""


def report(sessions: int, reruns: int, kills: int) -> None:
    """Run every part and print a row for each."""
    print("| what | times | held | what else was seen |\n|---|---:|---:|---|")
    with _case() as case:
        parts: dict[str, Callable[[], tuple[int, int | str, str]]] = {
            f"answers of {sessions} sessions at once equal to those alone": lambda: _sessions(case, sessions),
            "memory after reruns": lambda: _reruns(case, reruns),
            "kill -9 while loading, the next answer is right": lambda: _killed_loading(case, kills),
            "kill -9 while pinning, every pin that was told is there": lambda: _killed_pinning(case, kills),
            "kill -9 while saving, case.toml can be read": lambda: _killed_saving(case, kills),
            "a file is replaced while it is read: right or refused": lambda: _replaced(case, kills),
            "no room on the disk: said in one line": lambda: _full(case),
            "two processes begin one case": lambda: _together(case, kills),
        }
        for name, part in parts.items():
            times, held, seen = part()
            print(f"| {name} | {times} | {held} | {seen} |", flush=True)


@contextmanager
def _case() -> Iterator[Case]:
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        root = Path(folder)
        for seed, name in enumerate(("reference", "production")):
            _write(root / f"{name}.csv", seed)
        (root / "case.toml").write_text(
            '[case]\nname = "soak"\ntask = "none"\n[data]\nreference = "reference.csv"\nproduction = "production.csv"\n'
            '[roles]\ntimestamp = "at"\n[windows]\nsize = "1 week"\n'
        )
        yield load_case(root)


def _write(path: Path, seed: int, *, shift: float = 0.0) -> None:
    rng = np.random.default_rng(seed)
    times = pd.date_range("2024-01-01", periods=ROWS, freq="2min") + pd.Timedelta(days=28 * seed)
    table = pd.DataFrame({"at": times, **{f"x{i}": rng.normal(shift, 1, ROWS).round(3) for i in range(6)}})
    table["level"] = rng.choice(["a", "b", "c"], ROWS)
    beside = path.with_suffix(".new")
    table.to_csv(beside, index=False)
    beside.replace(path)


def _answer(case: Case, question: Question) -> str:
    with open_workspace(case, threads=1) as workspace:
        judged = judge_drift(measure_drift(workspace, question))
    return judged.table.to_json(orient="records", date_format="iso", double_precision=12)


def _sessions(case: Case, sessions: int) -> tuple[int, int, str]:
    alone = {question: _answer(case, question) for question in QUESTIONS}
    asked = [QUESTIONS[i % len(QUESTIONS)] for i in range(2 * sessions)]
    with ThreadPoolExecutor(sessions) as pool:
        answers = list(pool.map(lambda question: _answer(case, question), asked))
    return len(asked), sum(alone[question] == answer for question, answer in zip(asked, answers, strict=True)), ""


def _reruns(case: Case, reruns: int) -> tuple[int, str, str]:
    process, used = psutil.Process(), []
    for number in range(reruns + 10):
        _answer(case, QUESTIONS[number % len(QUESTIONS)])
        used.append(process.memory_info().rss)
    warm, last = np.median(used[5:10]), np.median(used[-5:])
    return reruns, f"{last / warm - 1:+.1%}", f"{warm / 2**20:.0f} MB after 10, {last / 2**20:.0f} MB at the end"


def _kill(code: str, case: Case, after: float) -> list[str]:
    """Run code, kill it some seconds after it has begun, and return the whole lines that it told since."""
    process = subprocess.Popen([sys.executable, "-c", code, str(case.root)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    threading.Timer(after, process.kill).start()
    return [line.strip() for line in process.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]


def _forget(case: Case) -> None:
    for path in (case.root / ".driftscope").glob("*-*"):
        path.unlink(missing_ok=True)


def _killed_loading(case: Case, kills: int) -> tuple[int, int, str]:
    right, held, ended = _counts(case), 0, 0
    for _ in range(kills):
        _forget(case)
        ended += bool(_kill(LOAD, case, DRAW.uniform(0, 2)))
        held += _counts(case) == right
    return kills, held, f"{ended} ended before they were killed"


def _counts(case: Case) -> dict[str, int]:
    with open_workspace(case) as workspace:
        return dict(value_counts(workspace, "production", "level"))


def _killed_pinning(case: Case, kills: int) -> tuple[int, int, str]:
    held, told = 0, set()
    for _ in range(kills):
        told |= set(_kill(PIN, case, DRAW.uniform(0, 2)))
        pins = list_pins(case)
        held += told <= {one.id for one in pins.pins} and not pins.unreadable
    return kills, held, f"{len(told):,} pins"


def _killed_saving(case: Case, kills: int) -> tuple[int, int, str]:
    held, saved = 0, 0
    for _ in range(kills):
        saved += len(_kill(SAVE, case, DRAW.uniform(0, 2)))
        held += load_case(case.root).name == "soak"
    left = [path.name for path in case.root.glob(".case.toml.*")]
    save_case(case)
    return kills, held, f"{saved:,} times saved, {len(left)} temporary files left"


def _replaced(case: Case, times: int) -> tuple[int, int, str]:
    """Replace the production file again and again while it is read; what is read at last is the last file."""
    stop, found = threading.Event(), Counter[str]()

    def replace() -> None:
        for number in range(10**6):
            if stop.is_set():
                break
            _write(case.root / "production.csv", 2 + number % 3, shift=number % 3)
            time.sleep(DRAW.uniform(0, 0.3))

    writer = threading.Thread(target=replace)
    writer.start()
    for _ in range(times):
        try:
            found["read"] += sum(_counts(case).values()) == ROWS
        except DriftscopeError as error:
            found["refused" if "change while they are read" in str(error) else f"other: {error}"] += 1
    stop.set()
    writer.join()
    expected = pd.read_csv(case.root / "production.csv")["level"].value_counts().to_dict()
    last = _counts(case) == expected
    return times, found["read"] + found["refused"], f"{dict(found)}, the last file {'is' if last else 'IS NOT'} what is read"


def _full(case: Case) -> tuple[int, int, str]:
    sizes, held, seen = (1_000, 50_000, 300_000), 0, []
    for size in sizes:
        _forget(case)
        run = subprocess.run([sys.executable, "-c", FULL, str(case.root), str(size)], capture_output=True, text=True, check=False)
        lines = run.stderr.strip().splitlines()
        held += run.returncode in (0, 2) and "Traceback" not in run.stderr and "defect" not in run.stderr
        seen.append(f"{run.returncode}: {lines[-1][:160] if lines else 'works'}")
    return len(sizes), held, "; ".join(dict.fromkeys(seen))


def _together(case: Case, times: int) -> tuple[int, int, str]:
    held = 0
    for _ in range(times):
        _forget(case)
        both: Sequence[subprocess.Popen[str]] = [
            subprocess.Popen([sys.executable, "-c", LOAD, str(case.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        told = [process.communicate()[0] for process in both]
        held += told[0] == told[1] == f"begun\n{sorted(_counts(case).items())}\n"
    shutil.rmtree(case.root / ".driftscope", ignore_errors=True)
    return times, held, json.dumps(sorted({len(one) for one in told}))
