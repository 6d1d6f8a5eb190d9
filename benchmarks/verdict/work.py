"""Run settings in a pool of processes; each screen is one line of a file, so that a run can be stopped and resumed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.verdict import changes, product
from benchmarks.verdict.design import Cell
from benchmarks.verdict.laws import COLUMNS
from benchmarks.verdict.noise import BY_NAME
from benchmarks.verdict.oracle import Found, sized
from benchmarks.verdict.screens import simulate

MANY_TIMES = 1.5
"""Where many columns change, each changes by so many times what the oracle finds in 90 %."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
Record = dict[str, Any]


@dataclass(frozen=True)
class Budget:
    """Up to `screens` of every setting, `at_once` of one before the next has its turn, for so many `minutes`."""

    screens: int
    at_once: int
    minutes: float


def run(cells: Sequence[Cell], seeds: str, budget: Budget, out: Path, *, workers: int = 2) -> Path:
    """Run all settings in turns until the time is up; return the file with a line for each screen."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{seeds}.jsonl"
    wanted, ends = batches(cells, budget, done(path, seeds)), time.monotonic() + 60 * budget.minutes
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool, path.open("a", encoding="utf-8") as file:
        running: set[Future[list[Record]]] = set()
        while True:
            while len(running) < 2 * workers and time.monotonic() < ends and (task := next(wanted, None)):
                running.add(pool.submit(batch, task[0], seeds, task[1], ends))
            if not running:
                return path
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                file.writelines(json.dumps(record) + "\n" for record in future.result())
            file.flush()


def done(path: Path, seeds: str) -> set[tuple[str, int]]:
    """Return the screens that the file has, by setting and number."""
    records = read(path) if path.exists() else []
    return {(Cell(**record["cell"]).key, record["screen"]) for record in records if record["seeds"] == seeds}


def read(path: Path) -> list[Record]:
    """Read the records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def batches(cells: Sequence[Cell], budget: Budget, known: Container[tuple[str, int]]) -> Iterator[tuple[Cell, list[int]]]:
    """Yield the screens that are still to be run, a few of each setting at a time."""
    for start in range(0, budget.screens, budget.at_once):
        for cell in cells:
            screens = range(start, min(start + budget.at_once, budget.screens))
            if left := [screen for screen in screens if (cell.key, screen) not in known]:
                yield cell, left


def batch(cell: Cell, seeds: str, screens: Sequence[int], ends: float = float("inf")) -> list[Record]:
    """Run some screens of one setting, as long as there is time."""
    return [one(cell, seeds, screen) for screen in screens if time.monotonic() < ends]


def one(cell: Cell, seeds: str, screen: int) -> Record:
    """Simulate one screen, ask the product, and write down what it names beside what was planted."""
    rng, oracle = cell.generator(seeds, screen), _oracle(cell)
    start = int(rng.integers(0, cell.production - cell.length + 1)) if cell.change else 0
    moves = _planted(cell, oracle, rng, start)
    began = time.perf_counter()
    sides = product.sides(simulate(rng, BY_NAME[cell.noise], cell.shape, moves))
    drawn = time.perf_counter()
    said = product.said(sides, floors=cell.floors)
    return {
        "seeds": seeds,
        "cell": asdict(cell),
        "screen": screen,
        "start": start,
        "planted": sorted(moves),
        "oracle": None if oracle is None else asdict(oracle),
        "named": [asdict(name) for name in said.named],
        "columns": {name: asdict(one) for name, one in said.columns.items()},
        "simulating": round(drawn - began, 4),
        "judging": round(time.perf_counter() - drawn, 4),
    }


def _oracle(cell: Cell) -> Found | None:
    if cell.change not in changes.BY_NAME:
        return None
    return sized(changes.BY_NAME[cell.change], cell.column, BY_NAME[cell.noise], cell.shape, cell.length)


def _planted(cell: Cell, oracle: Found | None, rng: np.random.Generator, start: int) -> Mapping[str, changes.Moves]:
    """Return what moves in which column."""
    if not cell.change:
        return {}
    if not cell.planted:
        change = changes.BY_NAME[cell.change]
        size = change.size if oracle is None else oracle.size
        return {cell.column: _moves(cell, change, size or 0.0, start)}
    chosen = rng.permutation(len(COLUMNS))[: cell.planted]
    return {COLUMNS[i].name: _one_of_many(cell, COLUMNS[i].name, start) for i in chosen}


def _one_of_many(cell: Cell, column: str, start: int) -> changes.Moves:
    change = changes.MANY[column]
    found = sized(change, column, BY_NAME[cell.noise], cell.shape, cell.length)
    return _moves(cell, change, min(MANY_TIMES * found.size, change.most) if found else change.size or 0.0, start)


def _moves(cell: Cell, change: changes.Change, size: float, start: int) -> changes.Moves:
    return change.moves(size, cell.shape.windows, cell.reference + start, cell.length)
