"""Is what really happened told? `python -m benchmarks truth FOLDER [FOLDER ...]`.

A folder holds cases with known incidents, NAME/case.toml, and what happened in answers/NAME.json. Each case is copied without its answer
and measured in a process of its own; `benchmarks/truth_answers.py` says what counts as told.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.truth_answers import ANALYSES, NOTHING, Answer, Compared, Measured, compare
from monitor.case import CASE_FILE, load_case
from monitor.cli.measuring import Options, judge_everything
from monitor.engine import open_workspace
from monitor.errors import DriftscopeError
from monitor.export.files import plain, records
from monitor.export.results import as_result
from monitor.registry import REGISTRY, Everything
from monitor.remedies.bench import try_remedies

ANSWERS = "answers"
TRIED = 3
"""Incidents of a case, the most severe first, whose remedies are tried."""
_KEPT_BACK = shutil.ignore_patterns("KEY.md", "README.md", "answer*.json", "key.json", ".driftscope")
PARTS = ("cause", "columns", "segment", "onset", "remedy", "silent", "holds")
HEAD = ("case", "cause first", "columns", "segment", "onset", "remedy", "innocent", "all holds", "seconds", "of a processor", "was", "told")


@dataclass(frozen=True, slots=True)
class Line:
    """One case: what was compared (None: it has no answer, or it failed), `told` in words; `seconds` it took, and of a processor."""

    name: str
    compared: Compared | None
    told: str
    seconds: float
    busy: float

    @property
    def is_control(self) -> bool:
        """Say whether nothing happened in it."""
        return self.compared is not None and self.compared.is_control


def add(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add what this part can be asked."""
    known = parts.add_parser("truth", help="incidents that are told, in cases with answers")
    known.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="holds NAME/case.toml and answers/NAME.json")
    known.add_argument("--windows", default="1 day", help='size of the windows (default: "1 day")')
    known.add_argument("--only", default="", help="part of the name of the cases")
    known.add_argument("--remedies", action="store_true", help="try the remedies of the first incidents too")
    known.add_argument("--jobs", type=int, default=1, help="cases measured at the same time")


def report(folders: Sequence[Path], *, windows: str, only: str, remedies: bool, jobs: int) -> None:
    """Print a table of each folder of cases, and how many were told."""
    for folder in folders:
        lines = sorted(measured(folder, windows=windows, only=only, remedies=remedies, jobs=jobs), key=lambda one: one.name)
        print(f"## {folder.name}\n\n| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
        print("\n".join(_row(one) for one in lines))
        print(f"\n{summary(lines)}\n", flush=True)


def measured(folder: Path, *, windows: str, only: str = "", remedies: bool = False, jobs: int = 1) -> Iterator[Line]:
    """Measure the cases of a folder (`only` those whose name holds a text); a line each as it is done.

    Raises
    ------
    SystemExit
        There is no such case.
    """
    cases = sorted(place.parent for place in folder.glob(f"*/{CASE_FILE}") if only in place.parent.name)
    if not cases:
        raise SystemExit(f"'{folder}' holds no case{f' with {only!r} in its name' if only else ''}: a case is a folder with {CASE_FILE}.")
    told = partial(_line, folder=folder, windows=windows, remedies=remedies)
    with get_context("spawn").Pool(jobs, maxtasksperchild=1) as workers:  # of one worker, ProcessPoolExecutor waits forever in 3.11
        for line in workers.imap_unordered(told, cases, chunksize=1):
            print(f"{line.name}: {line.seconds:.0f} s", flush=True, file=sys.stderr)
            yield line


def _line(case: Path, *, folder: Path, windows: str, remedies: bool) -> Line:
    return line_of(case, folder / ANSWERS / f"{case.name}.json", windows, remedies=remedies)


def line_of(case: Path, answer: Path, windows: str, *, remedies: bool = False) -> Line:
    """Measure a copy of a case and compare what is told with its answer."""
    begun = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / case.name
        shutil.copytree(case, copy, ignore=_KEPT_BACK)
        try:
            found = _everything(copy, windows, remedies=remedies)
        except DriftscopeError as error:
            return Line(case.name, None, f"failed: {error}", *_since(begun))
    took = _since(begun)
    if not answer.exists():
        return Line(case.name, None, "; ".join(str(one["title"]) for one in found.incidents) or "nothing", *took)
    compared = compare(Answer.read(json.loads(answer.read_text(encoding="utf-8"))), found)
    return Line(case.name, compared, compared.told, *took)


def _since(begun: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def _everything(folder: Path, windows: str, *, remedies: bool) -> Measured:
    case = load_case(folder)
    with open_workspace(case) as workspace:
        every = judge_everything(workspace, Options(windows=windows, quiet=True), [name for name in REGISTRY if name in ANALYSES])
        tables = _tables(every)
        if remedies:
            judged: Any = next(one for one in every.judged if one.analysis == "incidents")
            for row, one in zip(tables["incidents"][:TRIED], judged.incidents, strict=False):
                row["remedy"] = try_remedies(workspace, one.hypothesis).preferred.remedy.value
    return Measured.of(tables, ZoneInfo(case.timezone))


def _tables(every: Everything) -> dict[str, list[dict[str, object]]]:
    return {one.analysis: [plain(row) for row in records(as_result(one).table)] for one in every.judged}


def _row(line: Line) -> str:
    one = line.compared
    told = (_mark(getattr(one, name, None)) for name in PARTS)
    was = "?" if one is None else one.was
    return f"| {line.name} | {' | '.join(told)} | {line.seconds:.0f} | {line.busy:.0f} | {was} | {line.told.replace('|', '/')} |"


def _mark(told: bool | None) -> str:
    return "" if told is None else "yes" if told else "**no**"


def summary(lines: Sequence[Line]) -> str:
    """Say how many of how many hold, each part by itself."""
    judged = [one.compared for one in lines if one.compared is not None]
    happened = [one for one in judged if not one.is_control]
    quiet = [one for one in judged if one.is_control]
    parts = {name.replace("cause", "cause first"): _counted(getattr(one, name) for one in happened) for name in PARTS}
    told = [f"{name} {text}" for name, text in parts.items() if text]
    doing = [one for one in happened if one.remedy is not None and one.wanted != NOTHING]
    if doing:
        told.append(f"of remedies that do something {_counted(one.remedy for one in doing)}")
    if quiet:
        told += [f"controls silent {_counted(one.silent for one in quiet)} ({sum(one.incidents for one in quiet)} incidents)"]
    told += [_took("seconds a case", [one.seconds for one in lines]), _took("of a processor", [one.busy for one in lines])]
    failed = [one.name for one in lines if one.told.startswith("failed:")]
    return "; ".join([*told, *([f"failed: {', '.join(failed)}"] if failed else [])]) + "."


def _counted(told: Iterable[bool | None]) -> str:
    asked = [one for one in told if one is not None]
    return f"{sum(asked)} of {len(asked)}" if asked else ""


def _took(what: str, seconds: Sequence[float]) -> str:
    return f"{what} {sum(seconds) / len(seconds):.0f}, at most {max(seconds):.0f}, together {sum(seconds):.0f}"
