"""Run the benchmarks: `python -m benchmarks PART`, drift if none is named; `--help` lists the parts (see README.md)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import (
    adversaries,
    arms,
    blend,
    calibration,
    cold,
    drift,
    explain,
    intervals,
    localise,
    outliers,
    planted_places,
    soak,
    store,
    truth,
)
from benchmarks.verdict import command as verdict


def _picture(options: argparse.Namespace) -> None:
    from benchmarks import picture  # needs a browser

    picture.take(options.url)


def _spark(options: argparse.Namespace) -> None:
    from benchmarks import spark  # needs pyspark and Java

    spark.report(options.rows, options.columns, options.master)


def _page(options: argparse.Namespace) -> None:
    from benchmarks import page  # needs a browser

    page.report(options.url, options.repeats)


RUN: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "drift": lambda one: drift.report(one.columns, large=one.large, repeats=one.repeats),
    "cold": lambda one: cold.report(one.columns, one.repeats),
    "verdict": verdict.main,
    "calibration": lambda one: calibration.report_no_drift(one.repeats, one.peer_repeats, one.only),
    "power": lambda one: calibration.report_power(one.repeats),
    "intervals": lambda one: intervals.report(one.draws),
    "blend": lambda one: blend.report(one.cases, one.draws, one.windows),
    "adversaries": lambda one: adversaries.report(one.repeats),
    "arms": lambda one: arms.main(one.draws, one.seed),
    "explain": lambda one: explain.report(one.repeats),
    "localise": lambda one: localise.report(),
    "places": lambda one: planted_places.report(one.case, one.draws, one.seed),
    "outliers": lambda one: outliers.report(one.splits),
    "truth": lambda one: truth.report(one.folders, windows=one.windows, only=one.only, remedies=one.remedies, jobs=one.jobs),
    "store": store.report,
    "soak": lambda one: soak.report(one.sessions, one.reruns, one.kills),
    "spark": _spark,
    "picture": _picture,
    "page": _page,
}
"""What each part runs."""


def main() -> None:
    """Read the command line and run one benchmark."""
    options = _parser().parse_args(sys.argv[1:] or ["drift"])
    RUN[options.part](options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    cost = parts.add_parser("drift", help="seconds and memory beside the floor")
    cost.add_argument("--columns", type=int, default=50)
    cost.add_argument("--large", action="store_true", help=f"also {drift.LARGE:,} rows with memory_limit {drift.LARGE_LIMIT}")
    cost.add_argument("--repeats", type=int, help="runs of each size (default: by size)")
    start = parts.add_parser("cold", help="processor seconds of the command from a cold start, beside what it cannot do without")
    start.add_argument("--columns", type=int, default=50)
    start.add_argument("--repeats", type=int, default=5)
    verdict.add(parts)
    alarms = parts.add_parser("calibration", help="false alarms where nothing changed")
    alarms.add_argument("--repeats", type=int, default=60, help="screens per row of the table")
    alarms.add_argument("--peer-repeats", type=int, default=calibration.PEER_REPEATS, help="screens for the peers' rules")
    alarms.add_argument("--only", default="", help="part of the name of the data, such as 'flights'")
    parts.add_parser("power", help="planted drift that is found").add_argument("--repeats", type=int, default=40)
    parts.add_parser("intervals", help="how often intervals of metrics hold the truth").add_argument("--draws", type=int, default=10)
    experiments = parts.add_parser("arms", help="how often an experiment that is looked at every day is decided falsely")
    experiments.add_argument("--draws", type=int, default=400)
    experiments.add_argument("--seed", type=int, default=arms.SEED)
    parts.add_parser("explain", help="seconds of explaining flights, beside shap").add_argument("--repeats", type=int, default=3)
    blends = parts.add_parser("blend", help="labels and estimate as one beside labels alone")
    blends.add_argument("cases", nargs="*", type=Path, default=[Path("data/flights"), Path("data/payments")], help="folders of cases")
    blends.add_argument("--windows", help="size of windows; default each case's own")
    blends.add_argument("--draws", type=int, default=200)
    bursts = parts.add_parser("adversaries", help="bursts of near-duplicates that are found, and what is named without one")
    bursts.add_argument("--repeats", type=int, default=200, help="runs per row of the table")
    parts.add_parser("localise", help="where something went wrong, on real cases with a known cause")
    planted = parts.add_parser("places", help="where and when something began that was planted into rows of a case")
    planted.add_argument("case", nargs="?", type=Path, default=Path("data/payments"))
    planted.add_argument("--draws", type=int, default=50, help="of each kind")
    planted.add_argument("--seed", type=int, default=0)
    parts.add_parser("outliers", help="planted outliers, and fresh rows that are flagged").add_argument("--splits", type=int, default=24)
    truth.add(parts)
    store.add(parts)
    _add_soak(parts)
    _add_spark(parts)
    parts.add_parser("picture", help="the picture of README.md").add_argument("url", help="the Overview of a server that runs")
    pages = parts.add_parser("page", help="milliseconds of a rerun in a real browser")
    pages.add_argument("url", help="the Drift page of a server that runs")
    pages.add_argument("--repeats", type=int, default=30)
    return parser


def _add_spark(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    cluster = parts.add_parser("spark", help="seconds of counting on Spark beside DuckDB, and whether the counts are the same")
    cluster.add_argument("rows", nargs="*", type=int, default=[1_000_000], help="rows of each side")
    cluster.add_argument("--columns", type=int, default=50)
    cluster.add_argument("--master", default="local[2]")


def _add_soak(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    long = parts.add_parser("soak", help="sessions, reruns, kills and changing files: what is lost or wrong")
    long.add_argument("--sessions", type=int, default=4)
    long.add_argument("--reruns", type=int, default=20)
    long.add_argument("--kills", type=int, default=3)


if __name__ == "__main__":
    main()
