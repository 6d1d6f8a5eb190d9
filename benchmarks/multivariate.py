"""What drift of the whole table costs, how often it is wrong and what it finds: ``python -m benchmarks.multivariate [cost|alarms|power]``.

Cost: principal components of 1M x 50 in 30 windows, from rows in memory to the judged statistic, beside one matrix product X.T @ X of
the same float64 rows (numpy hands it to BLAS as a symmetric update, half the multiplications of any other product: the cheapest pass
there is), both on one thread and in processor time, since other work on the machine must not count.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks import joint_alarms
from benchmarks.generate import dataset
from monitor.analyses.joint_sides import ENCODER_ROWS
from monitor.stats.multivariate.association import associations
from monitor.stats.multivariate.classifier import separate
from monitor.stats.multivariate.distances import directions, sliced
from monitor.stats.multivariate.encoding import fit_encoder
from monitor.stats.multivariate.learning import learn_rules
from monitor.stats.multivariate.moments import moments
from monitor.stats.multivariate.partition import fit_partition
from monitor.stats.multivariate.pca import fit_pca, pca_out_of_fold, pca_windows
from monitor.stats.multivariate.rows import Rows, subsample

Floats = NDArray[np.float64]
ROWS, WINDOWS, BLOCK_ROWS = 1_000_000, 30, 1000
Work = Callable[[], object]


def numbers() -> Rows:
    """Return a million rows of fifty normal numbers, none missing."""
    return _in_windows(np.random.default_rng(0).standard_normal((ROWS, 50)), np.zeros((ROWS, 0), dtype=np.int64), {})


def mixed() -> Rows:
    """Return the generated rows: forty numbers of eight shapes and ten categories of 5 to 1,000 levels, 5 % missing."""
    table = pq.read_table(dataset(ROWS) / "production.parquet").drop_columns(["timestamp"])
    numeric = [name for name in table.column_names if not name.startswith("level")]
    coded = [table[name].dictionary_encode().combine_chunks() for name in table.column_names if name.startswith("level")]
    codes = np.column_stack([column.indices.fill_null(-1).to_numpy().astype(np.int64) for column in coded])
    levels = {f"level {i}": tuple(column.dictionary.to_pylist()) for i, column in enumerate(coded)}
    values = [table[name].cast(pa.float64()).to_numpy() for name in numeric]
    return _in_windows(np.column_stack(values), codes, levels)


def _in_windows(numeric: Floats, codes: NDArray[np.int64], levels: dict[str, tuple[str, ...]]) -> Rows:
    place = np.arange(len(numeric))
    names = tuple(f"x{i}" for i in range(numeric.shape[1]))
    return Rows(np.ascontiguousarray(numeric), names, codes, levels, place // BLOCK_ROWS, place * WINDOWS // len(numeric), WINDOWS)


def components_by_window(rows: Rows) -> None:
    """Fit the encoding and the components, score every window out of fold and against the whole."""
    encoder = fit_encoder(subsample(rows, ENCODER_ROWS))
    learned = moments(rows, encoder)
    model = fit_pca(learned)
    pca_out_of_fold(learned, model, encoder.owner)
    pca_windows(learned, model, encoder.owner)


def ratios(work: Work, floor: Work, times: int = 7) -> tuple[Floats, Floats]:
    """Return processor seconds of both, run in turns, (times,) each."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for part, run in zip(seconds, (work, floor), strict=True):
            start = process_time()
            run()
            part.append(process_time() - start)
    return np.array(seconds[0]), np.array(seconds[1])


def cost() -> None:
    """Print seconds of the components beside the floor, then of the other methods."""
    print("| data | components by window | X.T @ X | least / least | median of ratios | X @ W |\n|---|---:|---:|---:|---:|---:|")
    with threadpool_limits(limits=1):
        for name, rows in (("50 numbers, none missing", numbers()), ("40 numbers, 10 categories, 5 % missing", mixed())):
            encoder = fit_encoder(subsample(rows, ENCODER_ROWS))
            x = encoder.encode(rows)
            ours, floor = ratios(lambda rows=rows: components_by_window(rows), lambda x=x: x.T @ x)  # type: ignore[misc]
            square = ratios(lambda x=x: x @ np.eye(x.shape[1]), lambda: None, 3)[0].min()  # type: ignore[misc]
            figures = f"{ours.min():.2f} s | {floor.min():.2f} s | {ours.min() / floor.min():.2f} | {np.median(ours / floor):.2f}"
            print(f"| {name}: {ROWS:,} x {x.shape[1]} as encoded | {figures} | {square:.2f} s |", flush=True)
            del x
    window_cost(rows)


def window_cost(rows: Rows) -> None:
    """Print wall and processor seconds of the methods that look at rows, for one window of the mixed data."""
    encoder, reference, window = fit_encoder(subsample(rows, 20_000)), subsample(rows.take(rows.window < 15), 20_000), rows.only(29)
    sampled = subsample(window, 4000)
    works: dict[str, Work] = {
        "domain classifier with importances, its default sample": lambda: separate(reference, sampled, importance=True),
        "associations of 1,225 pairs, 4,000 rows": lambda: associations(sampled.as_window(0, 1)),
        "sliced distances, 3,000 and 1,000 rows, 99 permutations": lambda: _slices(subsample(reference, 3000), subsample(window, 1000)),
        "partition in 16 cells, fit on 20,000 rows (once)": lambda: fit_partition(reference, encoder),
        "rules learned from 20,000 rows (five times)": lambda: learn_rules(reference),
    }
    print("\n| method | wall, one thread | processor | wall, two threads |\n|---|---:|---:|---:|")
    for title, work in works.items():
        with threadpool_limits(limits=1):
            one = [_clocked(work) for _ in range(3)]
        with threadpool_limits(limits=2):
            two = min(_clocked(work)[0] for _ in range(2))
        print(f"| {title} | {min(wall for wall, _ in one):.2f} s | {min(used for _, used in one):.2f} s | {two:.2f} s |", flush=True)


def _clocked(work: Work) -> tuple[float, float]:
    wall, used = perf_counter(), process_time()
    work()
    return perf_counter() - wall, process_time() - used


def _slices(reference: Rows, window: Rows) -> None:
    encoder = fit_encoder(reference)
    views = directions(len(encoder.owner), components=fit_pca(moments(reference, encoder)).components)
    sliced(encoder.encode(reference), encoder.encode(window), (reference.block, window.block), views, permutations=99)


def main() -> None:
    """Read the command line and print one part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multivariate", description=__doc__)
    parser.add_argument("part", choices=["cost", "alarms", "power"])
    parser.add_argument("--repeats", type=int, default=40, help="screens of the quick methods")
    parser.add_argument("--slow-repeats", type=int, default=6, help="screens of the domain classifier and the sliced distance")
    options = parser.parse_args(sys.argv[1:] or ["cost"])
    if options.part == "cost":
        cost()
    elif options.part == "alarms":
        joint_alarms.report_no_drift(options.repeats, options.slow_repeats)
    else:
        joint_alarms.report_power(options.repeats, options.slow_repeats)


if __name__ == "__main__":
    main()
