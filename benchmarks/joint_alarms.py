"""How often joint drift is wrong: false alarms where nothing changed, by method, size of window and kind of data, and drift that is found.

Every screen goes through the same measuring and judging as files do (see benchmarks/joint_screens.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.calibration import Flights, wilson
from benchmarks.joint_screens import Floats, Table, alarms, screen
from monitor.analyses.joint_profile import METHOD as PROFILE
from monitor.stats.multivariate.catalogue import DEFAULT

SIZES = (50, 100, 300, 1000, 3000, 10_000, 20_000)
PRODUCTION = 20
REFERENCE = 13
SLOW = ("domain_classifier", "sliced_wasserstein")
SLOW_PRODUCTION = 10
HOUR_ROWS = 20
CHEAP: tuple[str, ...] = (*DEFAULT, PROFILE)
Draw = Callable[[np.random.Generator, int], Table]


def independent(rng: np.random.Generator, n: int) -> Table:
    """Draw rows that know nothing of each other, in eight numbers and four categories that hang together; some values are missing."""
    return _timed(*_mixed(rng, n))


def clustered(rng: np.random.Generator, n: int) -> Table:
    """Draw rows of which the twenty of an hour share every value."""
    numeric, categorical = _mixed(rng, -(-n // HOUR_ROWS))
    return _timed(np.repeat(numeric, HOUR_ROWS, axis=0)[:n], np.repeat(categorical, HOUR_ROWS, axis=0)[:n])


def _mixed(rng: np.random.Generator, n: int) -> tuple[Floats, np.ndarray]:
    """Return normal, heavy-tailed, skewed, counted and mostly-zero numbers and categories of 2 to 60 levels, with what is missing."""
    common = rng.normal(size=n)
    heavy = rng.standard_t(2.0, n)
    numeric = np.column_stack(
        [
            50 + 10 * (0.8 * common + 0.6 * rng.normal(size=n)),
            0.7 * common + 0.7 * rng.normal(size=n),
            heavy,
            0.5 * heavy + rng.standard_t(3.0, n),
            np.exp(common + 0.5 * rng.normal(size=n)),
            np.where(rng.random(n) < 0.7, 0.0, rng.gamma(2.0, 5.0, n)),
            rng.poisson(3.0, n).astype(float),
            rng.exponential(20.0, n),
        ]
    )
    region = _zipf(rng, n, 5)
    shop = np.where(rng.random(n) < 0.8, region * 12 + _zipf(rng, n, 12), _zipf(rng, n, 60))
    categorical = np.column_stack([(common + 0.5 * rng.normal(size=n) > 0).astype(np.int64), region, _zipf(rng, n, 20), shop])
    for column, share in ((1, 0.05), (3, 0.2), (4, 0.05), (5, 0.02)):
        numeric[rng.random(n) < share, column] = np.nan
    categorical[rng.random(n) < 0.05, 1] = -1
    return numeric, categorical


def _zipf(rng: np.random.Generator, n: int, levels: int) -> np.ndarray:
    weights = np.cumsum(1.0 / np.arange(1, levels + 1))
    return np.minimum(np.searchsorted(weights / weights[-1], rng.random(n)), levels - 1)


def _timed(numeric: Floats, categorical: np.ndarray) -> Table:
    """Date rows, twenty to the hour."""
    step = np.timedelta64(3_600_000_000 // HOUR_ROWS, "us")
    return Table(numeric, categorical, np.datetime64("2026-01-01", "us") + np.arange(len(numeric)) * step)


@dataclass(frozen=True, slots=True)
class FlightDays:
    """Flights of data/flights with every day given to one side at random; `draw` returns both sides."""

    flights: Flights

    def draw(self, rng: np.random.Generator) -> tuple[Table, Table]:
        """Return reference and production."""
        drawn = self.flights.split_days(rng)
        numeric = np.column_stack([column.values for column in drawn.columns if column.cells.numeric])
        codes = np.column_stack([np.nan_to_num(column.values, nan=-1.0) for column in drawn.columns if not column.cells.numeric])
        whole = Table(numeric, codes.astype(np.int64), drawn.times)
        reference, production = (_take(whole, rows) for rows in (drawn.reference, drawn.production))
        return reference, production


def _take(table: Table, rows: np.ndarray | slice) -> Table:
    return Table(table.numeric[rows], table.categorical[rows], table.times[rows])


@dataclass(slots=True)
class Count:
    """Alarms of one method."""

    alarms: int = 0
    looks: int = 0
    screens: int = 0
    alarmed_screens: int = 0

    def add(self, alarm: np.ndarray) -> None:
        """Count the windows of one screen."""
        self.alarms += int(alarm.sum())
        self.looks += len(alarm)
        self.screens += 1
        self.alarmed_screens += bool(alarm.any())

    def text(self) -> str:
        """Say windows alarmed and screens with any, as cells of a table."""
        if not self.looks:
            return "not judged | |"
        low, high = wilson(self.alarmed_screens, self.screens)
        windows = f"{self.alarms} of {self.looks:,} ({100 * self.alarms / self.looks:.1f} %)"
        return f"{windows} | {self.alarmed_screens} of {self.screens} ({100 * low:.0f}–{100 * high:.0f} %)"


def no_drift(draw: Draw, rows: int, methods: Sequence[str], *, repeats: int, reference: int = REFERENCE, seed: int = 0) -> dict[str, Count]:
    """Count alarms over screens of windows of so many rows."""
    found = {method: Count() for method in methods}
    production = SLOW_PRODUCTION if set(methods) & set(SLOW) else PRODUCTION
    for repeat in range(repeats):
        whole = draw(np.random.default_rng([seed, rows, repeat]), rows * (reference + production))
        sides = _take(whole, slice(rows * reference)), _take(whole, slice(rows * reference, None))
        for method, alarm in alarms(screen(*sides, f"{rows} rows", methods)).items():
            found[method].add(alarm)
    return found


def flights_without_drift(days: FlightDays, size: str, methods: Sequence[str], *, repeats: int, seed: int = 0) -> dict[str, Count]:
    """Count alarms over screens of flights whose days are split at random."""
    found = {method: Count() for method in methods}
    for repeat in range(repeats):
        for method, alarm in alarms(screen(*days.draw(np.random.default_rng([seed, repeat])), size, methods)).items():
            found[method].add(alarm)
    return found


def found_share(
    draw: Draw, rows: int, methods: Sequence[str], *, repeats: int, reference: int = REFERENCE, seed: int = 1
) -> dict[str, Count]:
    """Count windows found in which half of the rows had every column permuted on its own, so that each keeps its distribution."""
    found = {method: Count() for method in methods}
    production = SLOW_PRODUCTION
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, rows, repeat])
        whole = draw(rng, rows * (reference + production))
        sides = _take(whole, slice(rows * reference)), _permuted(rng, _take(whole, slice(rows * reference, None)), rows)
        for method, alarm in alarms(screen(*sides, f"{rows} rows", methods)).items():
            found[method].add(alarm)
    return found


def _permuted(rng: np.random.Generator, table: Table, rows: int) -> Table:
    numeric, categorical = table.numeric.copy(), table.categorical.copy()
    for start in range(0, len(table), rows):
        chosen = start + rng.choice(rows, rows // 2, replace=False)
        for part in (numeric, categorical):
            for column in range(part.shape[1]):
                part[chosen, column] = part[rng.permutation(chosen), column]
    return Table(numeric, categorical, table.times)


KINDS: dict[str, Draw] = {"independent rows": independent, "rows that share an hour share every value": clustered}
HEAD = "| data | window | reference windows | method | windows alarmed | screens with any (95 %) |\n|---|---:|---:|---|---:|---|"


def report_no_drift(repeats: int, slow_repeats: int) -> None:
    """Print the table of false alarms."""
    print(HEAD)
    for name, draw in KINDS.items():
        for rows in SIZES:
            for methods, times in ((CHEAP, repeats), (SLOW, slow_repeats)):
                _print(name, f"{rows:,} rows", REFERENCE, no_drift(draw, rows, methods, repeats=times))
        for reference in (5, 30):
            _print(name, "1,000 rows", reference, no_drift(draw, 1000, CHEAP, repeats=repeats, reference=reference))
    days = FlightDays(Flights())
    for size in ("1000 rows", "1 week"):
        _print("flights, days split at random", size, 0, flights_without_drift(days, size, CHEAP, repeats=repeats))


def report_power(repeats: int, slow_repeats: int) -> None:
    """Print how many windows are found in which half of the rows lost their relations."""
    print(HEAD)
    for name, draw in KINDS.items():
        for methods, times in ((CHEAP, repeats), (SLOW, slow_repeats)):
            _print(name, "1,000 rows", REFERENCE, found_share(draw, 1000, methods, repeats=times))


def _print(name: str, size: str, reference: int, counts: dict[str, Count]) -> None:
    windows = str(reference) if reference else "as many as there are"
    for method, count in counts.items():
        print(f"| {name} | {size} | {windows} | {method} | {count.text()} |", flush=True)
