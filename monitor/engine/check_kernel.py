"""The kernel of checks: Arrow record batches in the order of time in, rows that fail by window out. It knows no database.

Rows of one hour follow one another, so that different values of an hour are told apart among its rows alone: no table of all values
is ever made, and every count is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.profile import Floats, Ints

Bools = NDArray[np.bool_]
Values = NDArray[np.float64] | NDArray[np.uint64]

SENTINELS = (-9.0, -99.0, -999.0, -9999.0, 9999.0, 99999.0, 999999.0, 9999999.0)
"""Numbers that stand for "not known" in many files."""
SHORT, NEAR = 6e-8, 0.001
"""A value that float32 has in place of one with one decimal is that value: it lies within half of its last bit, and so near at most."""
ABOUT = 1e-6
"""Part of a value that it may lie off one with one decimal to be looked at closely: far more than SHORT and all errors of rounding."""
ROWS_TO_SORT = 16
"""Rows of an hour from which hours are sorted one by one: below it the calls cost more than sorting all of them by two keys."""
KEYS = 5
"""Columns that a batch begins with: window, hour, time, file and row in the file."""
NO_TIME = np.iinfo(np.int64).max
"""The time of rows without one: they come last."""


class UnorderedError(Exception):
    """Rows did not come in the order of time."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows that fail a check: `hits` (w,) of the `known` (w,) rows that it is asked of. Of checks of different values these are values of
    an hour, and `rows` how many rows fail of how many; None where these were not counted."""

    hits: Ints
    known: Ints
    rows: tuple[Ints, Ints] | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """The value of the first and of the last row of each window, (w,) each; nan where it is missing."""

    first: Floats
    last: Floats


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the rows of a batch lie: runs of one window begin at `starts` (u,), of positions `windows` (u,), `fresh` (u,) where no row of
    it came before; rows of one hour and window begin at `hours` (s,), of windows `hour_windows` (s,). The first hour may be the
    last one of the batch before, which `goes_on`."""

    starts: Ints
    windows: Ints
    fresh: Bools
    hours: Ints
    hour_windows: Ints
    goes_on: bool


class _Places:
    """Reads the keys of batches; each row has to come after the one before it."""

    def __init__(self, keys: Ints) -> None:
        self.keys = keys
        self.last: Ints = np.array([-1, 0, -NO_TIME, 0, 0], dtype=np.int64)

    def read(self, batch: pa.RecordBatch) -> _Rows:
        """Return where its rows lie, or raise UnorderedError."""
        table = np.empty((KEYS, batch.num_rows + 1), dtype=np.int64)
        table[:, 0] = self.last
        for i in range(KEYS):
            table[i, 1:] = batch.column(i).cast(pa.int64()).fill_null(NO_TIME).to_numpy()
        table[0, 1:] = np.searchsorted(self.keys, table[0, 1:])
        changes = table[:, 1:] != table[:, :-1]
        self._check(table[2:])
        other_window = changes[0].copy()
        other_hour = changes[0] | changes[1]
        goes_on = not other_hour[0]
        other_window[0] = other_hour[0] = True
        starts, hours = np.flatnonzero(other_window), np.flatnonzero(other_hour)
        window, before = table[0, 1:], self.last[0]
        self.last = table[:, -1].copy()
        return _Rows(starts, window[starts], window[starts] != before, hours, window[hours], goes_on)

    @staticmethod
    def _check(order: Ints) -> None:
        """Check that (time, file, row) (3, n + 1) never goes back."""
        later, tied = np.zeros(order.shape[1] - 1, dtype=bool), np.ones(order.shape[1] - 1, dtype=bool)
        for one in order:
            later |= tied & (one[1:] > one[:-1])
            tied &= one[1:] == one[:-1]
        if not (later | tied).all():
            raise UnorderedError


def distinct_within(values: Values, starts: Ints) -> tuple[Values, Ints, Ints]:
    """Return the different values (k,) of each part, in order, how many rows have each (k,), and how many values they are (s,); parts of
    `values` begin at `starts` (s,)."""
    bounds = np.append(starts, len(values))
    if len(starts) * ROWS_TO_SORT <= len(values):
        ordered = values.copy()
        for begin, end in pairwise(bounds.tolist()):
            ordered[begin:end].sort()
    else:
        ordered = values[np.lexsort((values, np.repeat(np.arange(len(starts)), np.diff(bounds))))]
    new = np.ones(len(values), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    new[starts[starts < len(values)]] = True
    at = np.flatnonzero(new)
    return ordered[at], np.diff(np.append(at, len(values))), np.diff(np.searchsorted(at, bounds))


class _Distinct:
    """Different values of each hour that fail `tests`, added up by window, and the rows that have them. An hour is counted when it is
    over."""

    def __init__(self, windows: int, tests: Sequence[Callable[[Values], Bools]] = ()) -> None:
        self.known = np.zeros(windows, dtype=np.int64)
        self.hits = [np.zeros(windows, dtype=np.int64) for _ in tests]
        self.rows = [np.zeros(windows, dtype=np.int64) for _ in tests]
        self.tests = tests
        self.open: list[tuple[Values, Ints]] = []
        self.window = 0

    def add(self, values: Values, hours: Ints, rows: _Rows) -> None:
        """Add values (m,) of a batch, of which those of each hour begin at `hours` (s,)."""
        different, times, counts = distinct_within(values, hours)
        ends = np.cumsum(counts)
        if not rows.goes_on:
            self.close()
        self._open(different[: ends[0]], times[: ends[0]], int(rows.hour_windows[0]))
        if len(hours) > 1:
            self.close()
            between = slice(ends[0], ends[-2])
            self._count(different[between], times[between], counts[1:-1], rows.hour_windows[1:-1])
            self._open(different[ends[-2] :], times[ends[-2] :], int(rows.hour_windows[-1]))

    def _open(self, values: Values, times: Ints, window: int) -> None:
        self.open.append((values, times))
        self.window = window

    def close(self) -> None:
        """Count the hour that is over."""
        if self.open:
            values, times = self.open[0] if len(self.open) == 1 else _together(self.open)
            self._count(values, times, np.array([len(values)]), np.array([self.window]))
            self.open = []

    def _count(self, values: Values, times: Ints, counts: Ints, windows: Ints) -> None:
        np.add.at(self.known, windows, counts)
        bounds = np.append(0, np.cumsum(counts))
        for hits, rows, test in zip(self.hits, self.rows, self.tests, strict=True):
            fails = np.flatnonzero(test(values))
            parts = np.searchsorted(fails, bounds)
            np.add.at(hits, windows, np.diff(parts))
            np.add.at(rows, windows, np.diff(np.append(0, np.cumsum(times[fails]))[parts]))


def _together(parts: Sequence[tuple[Values, Ints]]) -> tuple[Values, Ints]:
    """Return the different values of all parts, in order, and how many rows have each."""
    values, times = (np.concatenate(one) for one in zip(*parts, strict=True))
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(values)])
    return ordered[new], np.diff(np.append(np.cumsum(times[order])[new] - times[order][new], times.sum()))


def _is_whole(values: Values) -> Bools:
    return np.asarray(values == np.trunc(values))


def has_one_decimal(values: Values) -> Bools:
    """Say which values (n,) are written with one decimal at most, as 64 or as 32 bits."""
    with np.errstate(over="ignore", invalid="ignore"):
        tenths = values * 10.0
        off = np.abs(tenths - np.rint(tenths))
        near = np.flatnonzero(~(off > np.abs(tenths) * ABOUT))  # few of most columns; infinities are among them
    found = np.zeros(len(values), dtype=bool)
    found[near] = _rounds_to_itself(values[near])
    return found


def _rounds_to_itself(values: Values) -> Bools:
    with np.errstate(over="ignore", invalid="ignore"):
        tenths = values * 10.0
        whole = np.trunc(tenths)
        whole += np.where(np.abs(tenths - whole) >= 0.5, np.copysign(1.0, tenths), 0.0)  # half away from zero, as SQL rounds
        rounded = whole / 10.0
        off = np.abs(rounded - values)
        return np.asarray(~np.isfinite(rounded) | (off <= np.minimum(np.abs(values) * SHORT, NEAR)))


class _Numbers:
    """Checks of a column of numbers; those of decimals are not asked of whole numbers."""

    def __init__(self, windows: int, *, whole: bool) -> None:
        names = ("default_value", "zeros", "stuck", *(() if whole else ("impossible",)))
        self.hits = {name: np.zeros(windows, dtype=np.int64) for name in names}
        self.known = np.zeros(windows, dtype=np.int64)
        self.different = None if whole else _Distinct(windows, (_is_whole, has_one_decimal))
        self.ends = Ends(np.full(windows, np.nan), np.full(windows, np.nan))
        self.before = np.nan

    def add(self, column: pa.Array, rows: _Rows) -> None:
        """Add the values of a batch."""
        values: Floats = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
        missing, zero = np.isnan(values), values == 0
        bounds = np.append(rows.starts, len(values))
        np.add.at(self.known, rows.windows, np.diff(bounds) - _by_part(missing, bounds))
        for name, fails in self._failing(values, zero):
            np.add.at(self.hits[name], rows.windows, _by_part(fails, bounds))
        if self.different is not None:
            asked = np.flatnonzero(~(missing | zero))  # 0 has no decimals to lose
            self.different.add(values[asked], np.searchsorted(asked, rows.hours), rows)
        self.ends.first[rows.windows[rows.fresh]] = values[rows.starts[rows.fresh]]
        self.ends.last[rows.windows] = values[bounds[1:] - 1]
        self.before = values[-1]

    def _failing(self, values: Floats, zero: Bools) -> Iterable[tuple[str, Bools]]:
        yield "default_value", np.isin(values, SENTINELS)
        yield "zeros", zero
        yield "stuck", np.append(values[0] == self.before, values[1:] == values[:-1])
        if "impossible" in self.hits:
            yield "impossible", np.isinf(values)

    def result(self) -> dict[str, Counted]:
        """Return what was counted by check."""
        found = {name: Counted(hits, self.known) for name, hits in self.hits.items()}
        if self.different is not None:
            self.different.close()
            zeros, told = self.hits["zeros"], zip(("precision", "precision_tenths"), self.different.hits, self.different.rows, strict=True)
            found |= {name: Counted(hits, self.different.known, (rows + zeros, self.known)) for name, hits, rows in told}
        return found


def _by_part(fails: Bools, bounds: Ints) -> Ints:
    """Return how many rows fail in each part, (u,); parts lie between `bounds` (u + 1,)."""
    return np.diff(np.searchsorted(np.flatnonzero(fails), bounds))


class _Repeated:
    """Rows that repeat another one, told by hashes of whole rows and their time."""

    def __init__(self, windows: int) -> None:
        self.rows = np.zeros(windows, dtype=np.int64)
        self.different = _Distinct(windows)

    def add(self, column: pa.Array, rows: _Rows) -> None:
        """Add the hashes of a batch."""
        np.add.at(self.rows, rows.windows, np.diff(np.append(rows.starts, len(column))))
        self.different.add(column.to_numpy(), rows.hours, rows)

    def result(self) -> Counted:
        """Return what was counted."""
        self.different.close()
        return Counted(self.rows - self.different.known, self.rows)


@dataclass(frozen=True, slots=True)
class Failing:
    """Failing rows of columns of numbers, in their order, each by check, with the `ends` of windows; and rows that repeat others."""

    numbers: list[dict[str, Counted]]
    ends: list[Ends]
    repeated: Counted


def check_rows(batches: Iterable[pa.RecordBatch], keys: Ints, whole: Sequence[bool], *, threads: int) -> Failing:
    """Count the rows that fail checks by window.

    Parameters
    ----------
    batches : window key, hour, time, file and row in the file of each row, in the order of the last three (null: after all others);
        then columns of numbers, where null and nan are missing; then a hash of the row.
    keys : (w,) ascending keys of the windows.
    whole : which columns of numbers hold whole numbers only, by their type.
    threads : how many columns are counted at a time; two batches are held in memory.

    Raises
    ------
    UnorderedError
        Rows come in another order.
    """
    places, numbers, repeated = _Places(keys), [_Numbers(len(keys), whole=one) for one in whole], _Repeated(len(keys))
    adding = [*(one.add for one in numbers), repeated.add]
    waiting: list[Future[None]] = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for batch in batches:
            if batch.num_rows:
                rows = places.read(batch)
                _finish(waiting)
                columns = batch.columns[KEYS:]
                waiting = [pool.submit(add, column, rows) for add, column in zip(adding, columns, strict=True)]
        _finish(waiting)
    return Failing([one.result() for one in numbers], [one.ends for one in numbers], repeated.result())


def _finish(waiting: Sequence[Future[None]]) -> None:
    for one in waiting:
        one.result()
