"""`python -m benchmarks verdict`: run the bench, or print the tables of what was run."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.verdict.design import SEEDS, design
from benchmarks.verdict.table import tables
from benchmarks.verdict.work import Budget, read, run

OUT = Path(__file__).parents[1] / ".cache" / "verdict"
FULL, QUICK = Budget(500, 10, 58.0), Budget(100, 2, 2.6)


def add(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser of the benchmarks."""
    parser = parts.add_parser("verdict", help="how often verdicts are wrong, and what is found beside an oracle")
    parser.add_argument("--quick", action="store_true", help="a few settings, three minutes")
    parser.add_argument("--seeds", choices=tuple(SEEDS), default="tuning", help="'reporting' for published figures only")
    parser.add_argument("--only", choices=("no_change", "change"), default="")
    parser.add_argument("--noise", default="", help="part of the name of a noise law")
    parser.add_argument("--reference", type=int, help="only this number of reference windows")
    parser.add_argument("--screens", type=int, help="screens of a setting at most")
    parser.add_argument("--at-once", type=int, help="screens of a setting before the next has its turn")
    parser.add_argument("--minutes", type=float, help="stop after so long")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the results; what it has is not run again")
    parser.add_argument("--table", type=Path, help="print the tables of this file and run nothing")


def main(options: argparse.Namespace) -> None:
    """Run, then print."""
    path = options.table
    if path is None:
        cells = [
            cell
            for cell in design(quick=options.quick, only=options.only)
            if options.noise in cell.noise and options.reference in (None, cell.reference)
        ]
        usual = QUICK if options.quick else FULL
        each, minutes = options.at_once or usual.at_once, options.minutes or usual.minutes
        budget = replace(usual, screens=options.screens or usual.screens, at_once=each, minutes=minutes)
        path = run(cells, options.seeds, budget, options.out, workers=options.workers)
    print(tables(read(path)))
