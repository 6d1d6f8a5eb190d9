"""How often verdicts are wrong: false alarms where nothing changed, and planted drift that is found, beside the rules of two peers.

Every screen of ours goes through `measure` and `judge` as files do (see benchmarks/screens.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.screens import Column, Floats, Ints, Times, alarmed, levels, numbers, screen, window_of
from monitor.case import WindowSize, load_case
from monitor.stats.compat import evidently, nannyml
from monitor.vocabulary import Kind

FLIGHTS = Path(__file__).parents[1] / "data" / "flights"
SIZES = ("50 rows", "100 rows", "300 rows", "1000 rows", "3000 rows", "10000 rows", "20000 rows")
MOST_WINDOWS, PEER_WINDOWS, PEER_CHUNKS, PEER_REPEATS = 200, 10, 200, 3
ROWS = 60_000
CUT_ROWS = 50_000
LEVELS = (2, 3, 5, 10, 15, 20)
PLANTED_LEVELS = (2, 5, 20)
WITHOUT_LIKE = np.array(["2013-02-08", "2013-02-09", "2013-11-28", "2013-12-24", "2013-12-25", "2013-12-31"], dtype="datetime64[D]")
"""A blizzard (many planes unknown), Thanksgiving, Christmas and half a day without weather data: the other side has nothing like them."""
NUMBERS = 14
HOUR_ROWS = 20


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows of one screen in time order, coded on the reference; `reference` and `production` are positions of rows."""

    columns: Sequence[Column]
    times: Times
    reference: Ints
    production: Ints


@dataclass(slots=True)
class Count:
    """Alarms of one rule: column-windows and whole screens."""

    alarms: int = 0
    looks: int = 0
    screens: int = 0
    alarmed_screens: int = 0
    columns: dict[str, int] = field(default_factory=dict)

    def add(self, alarm: pd.DataFrame) -> None:
        """Count one screen, columns (rows) by windows (columns)."""
        self.alarms += int(alarm.to_numpy().sum())
        self.looks += alarm.size
        self.screens += 1
        self.alarmed_screens += int(alarm.to_numpy().any())
        for name, count in alarm.sum(axis=1).items():
            self.columns[str(name)] = self.columns.get(str(name), 0) + int(count)

    def text(self) -> str:
        """Say it as cells of a table row: column-windows, then screens with their interval."""
        if not self.screens:
            return "| |"
        low, high = wilson(self.alarmed_screens, self.screens)
        share = f"{100 * self.alarms / self.looks:.2f} %"
        return f"{share} | {self.alarmed_screens} of {self.screens} ({100 * low:.0f}–{100 * high:.0f} %)"


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share k / n (Wilson 1927)."""
    p, half = k / n, z * np.sqrt(k * (n - k) / n**3 + z**2 / (4 * n**2))
    return float(max((p + z**2 / (2 * n) - half) / (1 + z**2 / n), 0.0)), float(min((p + z**2 / (2 * n) + half) / (1 + z**2 / n), 1.0))


def independent(rng: np.random.Generator) -> Drawn:
    """Draw rows that know nothing of each other."""
    return _drawn(*_states(rng, 2 * ROWS))


def clustered(rng: np.random.Generator) -> Drawn:
    """Draw rows that share an hour and with it every value, missing ones too: twenty rows an hour."""
    hour = np.arange(2 * ROWS) // HOUR_ROWS
    numeric, categorical = _states(rng, int(hour[-1]) + 1)
    return _drawn([values[hour] for values in numeric], [values[hour] for values in categorical])


def _states(rng: np.random.Generator, n: int) -> tuple[list[Floats], list[Floats]]:
    """Draw fourteen numeric columns (two with a long tail, two of counts, two missing at times) and six of 2 to 20 levels."""
    numeric = [rng.normal(size=n) for _ in range(NUMBERS - 4)]
    numeric += [rng.lognormal(size=n), rng.lognormal(0, 1.5, size=n), *(rng.poisson(rate, n).astype(float) for rate in (0.5, 3.0))]
    for column, share in zip(numeric, (0.02, 0.001), strict=False):
        column[rng.random(n) < share] = np.nan
    return numeric, [rng.integers(0, k, n).astype(float) for k in LEVELS]


def _drawn(numeric: Sequence[Floats], categorical: Sequence[Floats]) -> Drawn:
    n = len(numeric[0])
    times = np.datetime64("2026-01-01", "us") + (np.arange(n) // HOUR_ROWS) * np.timedelta64(1, "h").astype("timedelta64[us]")
    times = times + (np.arange(n) % HOUR_ROWS) * np.timedelta64(3600 // HOUR_ROWS, "s")
    reference = np.arange(n // 2)
    columns = [numbers(f"number {i}", values, reference[:CUT_ROWS]) for i, values in enumerate(numeric)]
    columns += [levels(f"{k} levels", values, reference) for k, values in zip(LEVELS, categorical, strict=True)]
    return Drawn(columns, times, reference, np.arange(n // 2, n))


class Flights:
    """All flights of data/flights, split into reference and production without any drift between them."""

    def __init__(self) -> None:
        case = load_case(FLIGHTS)
        frames = [pd.read_parquet(path) for path in (FLIGHTS / "reference.parquet", *sorted((FLIGHTS / "production").glob("*.parquet")))]
        table = pd.concat(frames, ignore_index=True).sort_values(str(case.roles.timestamp), kind="stable")
        self.times = table[str(case.roles.timestamp)].to_numpy().astype("datetime64[us]")
        self.days = self.times.astype("datetime64[D]")
        self.numeric: dict[str, Floats] = {}
        self.categorical: dict[str, Floats] = {}
        for name in case.roles.features or ():
            if pd.api.types.is_numeric_dtype(table[name]) and case.kinds.get(name) is not Kind.CATEGORICAL:
                self.numeric[name] = table[name].to_numpy(dtype=float, na_value=np.nan)
            else:
                codes = pd.factorize(table[name])[0].astype(float)
                self.categorical[name] = np.where(codes < 0, np.nan, codes)

    def split_days(self, rng: np.random.Generator) -> Drawn:
        """Give every day, with all its flights, to one side at random."""
        days = np.unique(self.days)
        chosen = rng.permutation(len(days)) < len(days) // 2
        return self._split(chosen[np.searchsorted(days, self.days)], rng)

    def split_usual_days(self, rng: np.random.Generator) -> Drawn:
        """As `split_days`, without the days that have no like in the year."""
        drawn, usual = self.split_days(rng), ~np.isin(self.days, WITHOUT_LIKE)
        return replace(drawn, reference=drawn.reference[usual[drawn.reference]], production=drawn.production[usual[drawn.production]])

    def split_rows(self, rng: np.random.Generator) -> Drawn:
        """Give every flight to one side at random."""
        return self._split(rng.random(len(self.days)) < 0.5, rng)

    def _split(self, mine: np.ndarray, rng: np.random.Generator) -> Drawn:
        reference, production = np.flatnonzero(mine), np.flatnonzero(~mine)
        looked_at = np.sort(rng.choice(reference, CUT_ROWS, replace=False))
        columns = [numbers(name, values, looked_at) for name, values in self.numeric.items()]
        columns += [levels(name, values, reference) for name, values in self.categorical.items()]
        return Drawn(columns, self.times, reference, production)


def no_drift(
    draw: Callable[[np.random.Generator], Drawn], size: str, *, repeats: int, peer_repeats: int = PEER_REPEATS, seed: int = 0
) -> dict[str, Count]:
    """Count alarms of ours and of the peers' rules over screens without drift."""
    counts = {"ours": Count(), "nannyml": Count(), "evidently": Count()}
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        drawn, wanted = draw(rng), WindowSize.parse(size)
        rows = wanted.count * MOST_WINDOWS if wanted.unit == "rows" else len(drawn.production)
        first = int(rng.integers(0, max(len(drawn.production) - rows, 0) + 1))
        production = drawn.production[first : first + rows]
        counts["ours"].add(alarmed(screen(drawn.columns, drawn.times, drawn.reference, production, wanted)))
        if repeat < peer_repeats:
            for name, verdicts in _peers(drawn, production, wanted):
                counts[name].add(verdicts)
    return counts


def _peers(drawn: Drawn, production: Ints, size: WindowSize) -> Iterator[tuple[str, pd.DataFrame]]:
    chunk, window = window_of(drawn.times[drawn.reference], size)[0], window_of(drawn.times[production], size)[0]
    shown = range(min(int(window[-1]) + 1, PEER_WINDOWS))
    ends = [np.searchsorted(window, [w, w + 1]) for w in shown]
    verdicts: dict[str, dict[str, list[bool]]] = {"nannyml": {}, "evidently": {}}
    for column in drawn.columns:
        kind, values = column.cells.kind, column.objects
        whole, parts = values[drawn.reference], [values[production[a:b]] for a, b in ends]
        few = np.random.default_rng(0).choice(whole, min(len(whole), 20_000), replace=False)  # its default sorts the reference every time
        pieces = np.split(whole, np.flatnonzero(np.diff(chunk)) + 1)
        judge = nannyml.fit("nannyml.jensen_shannon", whole, pieces[:: 1 + len(pieces) // PEER_CHUNKS], kind)
        verdicts["nannyml"][column.cells.column] = [judge.judge(part).drifted for part in parts]
        verdicts["evidently"][column.cells.column] = [
            evidently.measure(evidently.choose(few, part, kind), few, part, kind).drifted for part in parts
        ]
    for name, found in verdicts.items():
        yield name, pd.DataFrame(found).T


PLANTS: dict[str, Callable[[np.random.Generator, Floats], Floats]] = {
    "mean +.5 sd": lambda rng, x: x + 0.5,
    "scale x 1.5": lambda rng, x: x * 1.5,
    "10 % of rows +3 sd": lambda rng, x: x + 3.0 * (rng.random(len(x)) < 0.1),
    "tail: largest 5 % doubled": lambda rng, x: np.where(x > 1.645, 2 * x, x),
    "missing +10 points": lambda rng, x: np.where(rng.random(len(x)) < 0.1, np.nan, x),
}
TEN_POINTS = "+10 points of one of {k} levels"
WINDOW, PRODUCTION = 1000, 20


def power(plant: str, windows: int, *, onset: bool, repeats: int, seed: int = 0) -> dict[str, tuple[int, int]]:
    """Return (found, planted) windows of ours and of an exact two-sample test with Benjamini-Hochberg over the screen.

    Twenty independent columns, twenty windows of 1,000 rows; one column drifts in the last window, or with `onset` in the last ten.
    """
    found = {"ours": 0, "exact": 0}
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, windows, repeat])
        drawn, column = _planted(rng, plant, windows, onset)
        size = WindowSize(WINDOW, "rows")
        planted = slice(PRODUCTION // 2 if onset else PRODUCTION - 1, PRODUCTION)
        ours = alarmed(screen(drawn.columns, drawn.times, drawn.reference, drawn.production, size))
        found["ours"] += int(ours.loc[column].to_numpy()[planted].sum())
        q = stats.false_discovery_control(_exact(drawn, missing=plant.startswith("missing")))
        place = [one.cells.column for one in drawn.columns].index(column)
        found["exact"] += int((q.reshape(len(drawn.columns), -1)[place][planted] <= 0.05).sum())
    each = PRODUCTION // 2 if onset else 1
    return {name: (count, repeats * each) for name, count in found.items()}


def _planted(rng: np.random.Generator, plant: str, windows: int, onset: bool) -> tuple[Drawn, str]:
    n, m = windows * WINDOW, PRODUCTION * WINDOW
    moved = np.arange(n + m) >= n + m - WINDOW * (PRODUCTION // 2 if onset else 1)
    numeric = [rng.normal(size=n + m) for _ in range(NUMBERS)]
    categorical = [rng.integers(0, k, n + m).astype(float) for k in LEVELS]
    place, name = 0, "number 0"
    if plant in PLANTS:
        numeric[0][moved] = PLANTS[plant](rng, numeric[0][moved])
    else:
        place = next(i for i, k in enumerate(LEVELS) if TEN_POINTS.format(k=k) == plant)
        name, k = f"{LEVELS[place]} levels", LEVELS[place]
        changed = moved & (rng.random(n + m) < 0.1 / (1 - 1 / k))  # of these 1 - 1/k were something else
        categorical[place][changed] = 0.0
    reference = np.arange(n)
    times = np.datetime64("2026-01-01", "us") + np.arange(n + m) * np.timedelta64(60_000_000, "us")
    columns = [numbers(f"number {i}", values, reference) for i, values in enumerate(numeric)]
    columns += [levels(f"{k} levels", values, reference) for k, values in zip(LEVELS, categorical, strict=True)]
    return Drawn(columns, times, reference, np.arange(n, n + m)), name


def _exact(drawn: Drawn, *, missing: bool) -> Floats:
    """Return p-values of each column and window: Kolmogorov-Smirnov or chi-squared on values, or chi-squared on missing, flattened."""
    found = []
    for column in drawn.columns:
        before, parts = column.values[drawn.reference], column.values[drawn.production].reshape(PRODUCTION, WINDOW)
        if missing:
            found += [_chi2(np.isnan(before).astype(float), np.isnan(part).astype(float)) for part in parts]
        elif column.cells.numeric:
            found += _ks(np.sort(before[~np.isnan(before)]), parts)
        else:
            found += [_chi2(before, part) for part in parts]
    return np.array(found)


def _ks(before: Floats, parts: Floats) -> list[float]:
    answers = []
    for part in parts:
        both = np.sort(part[~np.isnan(part)])
        at = np.concatenate([np.searchsorted(before, both, side) for side in ("left", "right")]) / len(before)
        own = np.concatenate([np.arange(len(both)), np.arange(1, len(both) + 1)]) / len(both)
        rows = len(before) * len(both) / (len(before) + len(both))
        answers.append(float(stats.kstwo.sf(np.abs(at - own).max(), round(rows))))
    return answers


def _chi2(before: Floats, after: Floats) -> float:
    values = np.union1d(before, after)
    if len(values) < 2:
        return 1.0
    table = np.array([[(side == value).sum() for value in values] for side in (before, after)])
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def report_no_drift(repeats: int, peer_repeats: int, only: str) -> None:
    """Print the table of false alarms of the data whose name holds `only`."""
    flights = Flights()
    kinds: dict[str, tuple[Callable[[np.random.Generator], Drawn], tuple[str, ...]]] = {
        "independent rows": (independent, SIZES),
        "rows that share an hour share every value": (clustered, SIZES),
        "flights, rows split at random": (flights.split_rows, (*SIZES, "1 day", "1 week")),
        "flights, days split at random": (flights.split_days, (*SIZES, "1 day", "1 week")),
        "flights, days split, without six days that have no like": (flights.split_usual_days, (*SIZES, "1 day", "1 week")),
    }
    print("| data | window | ours: column-windows | ours: screens | nannyml: column-windows | nannyml: screens", end="")
    print(" | evidently: column-windows | evidently: screens |\n|---|---|---:|---|---:|---|---:|---|")
    for name, (draw, sizes) in kinds.items():
        for size in sizes if only in name else ():
            began = time.perf_counter()
            counts = no_drift(draw, size, repeats=repeats, peer_repeats=peer_repeats)
            which = {column: count for column, count in counts["ours"].columns.items() if count}
            print(f"| {name} | {size} | " + " | ".join(count.text() for count in counts.values()) + " |", flush=True)
            print(f"<!-- {time.perf_counter() - began:.0f} s {which} -->", flush=True)


def report_power(repeats: int) -> None:
    """Print the table of planted drift that is found."""
    print("| planted | reference windows | ours, one window | exact test | ours, ten windows | exact test |\n|---|---:|---|---|---|---|")
    for plant in (*PLANTS, *(TEN_POINTS.format(k=k) for k in PLANTED_LEVELS)):
        for windows in (5, 13, 30, 100):
            cells = []
            for onset in (False, True):
                for count, of in power(plant, windows, onset=onset, repeats=repeats if not onset else max(repeats // 5, 1)).values():
                    low, high = wilson(count, of)
                    cells.append(f"{100 * count / of:.0f} % ({100 * low:.0f}–{100 * high:.0f})")
            print(f"| {plant} | {windows} | " + " | ".join(cells) + " |", flush=True)
