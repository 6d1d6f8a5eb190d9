"""Rows of one side as a person on call counts them: requests, errors, latency, freshness, completeness, labels, cost; by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.call_statuses import is_error, is_timeout
from monitor.analyses.serving_roles import ServingRoles
from monitor.engine import MISSING, NO_TIME, Levels, OutcomeRows
from monitor.profile import Windows
from monitor.stats.inference.intervals import plain
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.stats.operations.quantiles import BucketCounts
from monitor.stats.performance.estimates import Estimate, mean, ratio, share, told
from monitor.stats.performance.labelled import Labelled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
HOUR_US = 3_600_000_000
NO_ROWS = "no_rows"

UNCOVERED = 0.1
"""Part of the first and the last window without rows from which they count as cut short by the ends of the data."""

PATIENCE = 0.95
"""Part of the labels of the reference that came within what counts as in time."""

GAPS = 0.95
"""Part of the reference's windows whose longest stretch without a row is no longer than what is usual."""

MOST_LATE = 1.0
"""Hours that a label may take at least before it is late: where all of the reference's were there at once, clocks differ a little."""

QUANTILES: Mapping[str, float] = {"latency_p50_ms": 0.5, "latency_p95_ms": 0.95, "latency_p99_ms": 0.99}


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class Serving:
    """Rows of one side: `window` (n,) position in `windows` (-1: none), `moment` the microsecond of the local clock up to which labels are
    known, `kept` (n,) which rows count, `whole`: all windows are one; `spans` (w,) how many windows of the size that is asked
    for each stands for, where that is not one."""

    roles: ServingRoles
    read: OutcomeRows
    window: Ints
    windows: Windows
    moment: int
    timezone: str
    kept: Bools | None = None
    whole: bool = False
    spans: Floats | None = None

    def of(self, by: str | None, level: str) -> Serving:
        """Return the rows at a level of a column; all where none is named."""
        return self if by is None or not level else replace(self, kept=self.read.levels[by].are(level))

    def together(self) -> Serving:
        """Return the same rows as one window."""
        return replace(self, whole=True)

    @cached_property
    def rows(self) -> Labelled:
        """The rows that count, by window."""
        place = np.where(self.window[self.at] >= 0, 0, -1) if self.whole else self.window[self.at]
        return Labelled(place, self.many, self.read.block[self.at])

    @property
    def many(self) -> int:
        """Number of windows."""
        return 1 if self.whole else len(self.windows)

    @cached_property
    def at(self) -> Bools:
        """Which rows count, (n,)."""
        inside = self.window >= 0
        return inside if self.kept is None else inside & self.kept

    def patience(self, other: Serving) -> float:
        """Return after how many hours a label is late: within them PATIENCE of this side's came (else of the other's); nan: unknown."""
        for side in (self, other):
            delay = side.delay
            known = delay[np.isfinite(delay)]
            if len(known):
                return max(float(np.quantile(known, PATIENCE, method="inverted_cdf")), MOST_LATE)
        return float("nan")

    def old_enough(self, patience: float) -> Bools:
        """Say of each window whether all of its labels should be there, (w,)."""
        if not np.isfinite(patience) or self.begun is None:
            return np.zeros(self.many, dtype=bool)
        newest = self._newest
        return np.asarray((newest != NO_TIME) & (newest + patience * HOUR_US <= self.moment))

    @property
    def begun(self) -> Ints | None:
        """When each row that counts was, (n,) microseconds of the local clock; None where nothing says so."""
        found = self.read.moments.get(self.roles.timestamp or "")
        return None if found is None else found[self.at]

    @cached_property
    def _newest(self) -> Ints:
        """Return the last moment of each window, (w,)."""
        newest = np.full(self.many, NO_TIME, dtype=np.int64)
        if self.begun is not None:
            np.maximum.at(newest, self.rows.window, self.begun)
        return newest

    @cached_property
    def delay(self) -> Floats:
        """Hours from a row to its label, (n,) of the rows that count; infinite where none came yet, nan where nothing says when."""
        arrived = self.read.moments.get(self.roles.arrived or "")
        if arrived is None or self.begun is None:
            return np.full(self.rows.size, np.nan)
        arrived = arrived[self.at]
        known = self._labelled & (arrived != NO_TIME) & (arrived <= self.moment)
        timed = np.where(known, np.maximum(arrived - self.begun, 0) / HOUR_US, np.inf)
        untold = self._labelled & (arrived == NO_TIME)  # labels that lie beside the rows, where others come in a file with their time
        return np.where(untold | (self.begun == NO_TIME), np.nan, timed)

    @cached_property
    def _labelled(self) -> Bools:
        label = self.roles.label or ""
        if label in self.read.levels:
            return np.asarray(self.read.levels[label].code[self.at] >= 0)
        return np.isfinite(self.read.numbers[label][self.at]) if label in self.read.numbers else np.zeros(self.rows.size, dtype=bool)

    def metrics(self, patience: float) -> dict[str, Estimate]:
        """Return every metric that there are columns for, by id."""
        found = dict(self._traffic())
        found |= dict(self._statuses())
        found |= dict(self._latencies())
        found |= dict(self._labels(patience))
        found |= dict(self._costs())
        found |= dict(self._load())
        return {name: found[name] for name in OPERATIONS if name in found}

    def _traffic(self) -> Iterator[tuple[str, Estimate]]:
        n = self.rows.rows
        yield "requests", _count(n, self._spans)
        if self.begun is not None and not np.isnat(self.windows.end).any():
            lag = self._lag()
            yield "freshness_lag_s", Estimate(lag, lag**2, lag, lag, n, np.where(np.isfinite(lag), "", NO_ROWS).astype(object), lag)
        many = len(self.roles.inputs)
        if many:
            filled = 1 - self.read.numbers[MISSING][self.at] / many
            yield "completeness", share(self.rows, filled, np.ones(self.rows.size), why=NO_ROWS)
        ids = self.read.levels.get(self.roles.id or "")
        if ids is not None:
            again, known = self._repeated(ids)
            yield "duplicates_share", share(self.rows, again, known, why=NO_ROWS)

    @property
    def _spans(self) -> Floats:
        """Return how many windows each window stands for, (w,)."""
        each = np.ones(len(self.windows)) if self.spans is None else self.spans
        return np.array([max(each.sum(), 1.0)]) if self.whole else each

    @property
    def covered(self) -> Bools:
        """Say which windows the data reach through, (w,): the first and last of them leave out less than a tenth of theirs."""
        found = np.ones(len(self.windows), dtype=bool)
        if self.begun is None or not len(found) or np.isnat(self.windows.end).any():
            return found
        most = (self.windows.end - self.windows.start) / np.timedelta64(1, "s") * UNCOVERED
        oldest = np.min(self.begun, initial=np.iinfo(np.int64).max, where=self.rows.window == 0)
        found[0] = (oldest - self._clock(self.windows.start)[0]) / 1e6 <= most[0]
        found[-1] &= bool(self._lag()[-1] <= most[-1])
        return found

    def _clock(self, moments: NDArray[np.datetime64]) -> Ints:
        """Return moments in UTC as microseconds of the local clock."""
        local = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(self.timezone).tz_localize(None)
        return np.asarray(local.to_numpy("datetime64[us]").astype(np.int64))

    def _lag(self) -> Floats:
        """Return how old the newest row is at the end of its window, in seconds, (w,); of all windows together the median."""
        newest = replace(self, whole=False)._newest if self.whole else self._newest
        lag = np.where(newest == NO_TIME, np.nan, (self._clock(self.windows.end) - newest) / 1e6)
        lag = np.maximum(lag, 1.0)
        return np.array([np.nanmedian(lag)]) if self.whole else lag

    @cached_property
    def usual_gap(self) -> float:
        """Seconds of the longest stretch without a row in a usual window (all but one of twenty); 0 where nothing says so."""
        if self.begun is None or self.whole:
            return 0.0
        order = np.lexsort((self.begun, self.rows.window))
        window, begun = self.rows.window[order], self.begun[order]
        known = (window[1:] == window[:-1]) & (begun[:-1] != NO_TIME)
        longest = np.full(self.many, np.nan)
        np.fmax.at(longest, window[1:][known], np.diff(begun)[known] / 1e6)
        return float(np.nanquantile(longest, GAPS)) if np.isfinite(longest).any() else 0.0

    def _repeated(self, ids: Levels) -> tuple[Bools, Bools]:
        """Say which rows have an id that an earlier row has, and which have one."""
        code = ids.code[self.at]
        order = np.arange(len(code)) if self.begun is None else np.argsort(self.begun, kind="stable")
        first = np.zeros(len(code), dtype=bool)
        first[order[np.unique(code[order], return_index=True)[1]]] = True
        known = code >= 0
        return known & ~first, known

    def _statuses(self) -> Iterator[tuple[str, Estimate]]:
        status = self.read.levels.get(self.roles.status or "")
        if status is None:
            return
        code = status.code[self.at]
        known, ones = code >= 0, np.zeros(len(status.names) + 1, dtype=bool)
        for name, rule in (("error_share", is_error), ("timeout_share", is_timeout)):
            bad = ones.copy()
            bad[: len(status.names)] = [rule(one) for one in status.names]
            yield name, share(self.rows, known & bad[code], known, why=NO_ROWS)
            if name == "error_share":
                yield "availability", share(self.rows, known & ~bad[code], known, why=NO_ROWS)

    def bad(self, threshold_ms: float | None) -> tuple[Bools, Bools] | None:
        """Return which rows are bad events and which are events at all: calls slower than a threshold, else errors; None: nothing says."""
        if threshold_ms is not None:
            latency = self.read.numbers.get(self.roles.latency or "")
            return None if latency is None else (latency[self.at] > threshold_ms, np.isfinite(latency[self.at]))
        status = self.read.levels.get(self.roles.status or "")
        if status is None:
            return None
        wrong = np.array([*(is_error(one) for one in status.names), False])
        code = status.code[self.at]
        return wrong[code] & (code >= 0), code >= 0

    @cached_property
    def counted(self) -> Mapping[str, tuple[BucketCounts, float]]:
        """Values by window and the quantile that is told of them, by metric: windows together have the quantile of their rows together."""
        found = {}
        latency = self.read.numbers.get(self.roles.latency or "")
        if latency is not None:
            counts = BucketCounts.of(latency[self.at], self.rows.window, self.many)
            found = {name: (counts, q) for name, q in QUANTILES.items()}
        if np.isfinite(self.delay).any():
            days = np.where(np.isfinite(self.delay), np.maximum(self.delay, 1 / 3600) / 24, np.nan)
            found["label_lag_days"] = BucketCounts.of(days, self.rows.window, self.many), 0.5
        return found

    def _latencies(self) -> Iterator[tuple[str, Estimate]]:
        latency = self.read.numbers.get(self.roles.latency or "")
        if latency is None:
            return
        values = latency[self.at]
        for name, (counts, q) in self.counted.items():
            rows = counts.rows.astype(float)
            if name in QUANTILES:
                yield name, told(counts.quantile(q), counts.interval(q), rows * min(q, 1 - q) * 2, why=NO_ROWS, low=0.0)
        if self.roles.apdex_ms is not None:
            limit = self.roles.apdex_ms
            points = np.where(values <= limit, 1.0, np.where(values <= 4 * limit, 0.5, 0.0))
            yield "apdex", mean(self.rows, np.where(np.isfinite(values), points, np.nan), plain, why=NO_ROWS, low=0.0)

    def _labels(self, patience: float) -> Iterator[tuple[str, Estimate]]:
        if (self.roles.label or "") not in (*self.read.levels, *self.read.numbers):
            return
        ones = np.ones(self.rows.size)
        yield "label_share", share(self.rows, self._labelled & ~(self.delay == np.inf), ones, why=NO_ROWS)
        timed = np.isfinite(self.delay) | (self.delay == np.inf)
        if not timed.any() or not np.isfinite(patience):
            return
        yield "label_on_time_share", share(self.rows, self.delay <= patience, timed, why=NO_ROWS)
        if "label_lag_days" not in self.counted:
            return  # every label there is became known after the last row
        days, _ = self.counted["label_lag_days"]
        yield "label_lag_days", told(days.quantile(0.5), days.interval(0.5), days.rows.astype(float), why="no_labels", low=0.0)

    def _load(self) -> Iterator[tuple[str, Estimate]]:
        """Yield how full the service was, as a share or in percent: the mean of what its rows say."""
        full = self.read.numbers.get(self.roles.saturation or "")
        if full is not None:
            yield "saturation", mean(self.rows, full[self.at], plain, why=NO_ROWS)

    @cached_property
    def currencies(self) -> frozenset[str]:
        """In which currencies the rows that count cost something, as the case's column says; "" of those of which it says nothing."""
        cost, money = self.read.numbers.get(self.roles.cost or ""), self.read.levels.get(self.roles.currency or "")
        if cost is None or money is None:
            return frozenset()
        names = np.array([*money.names, ""], dtype=object)
        return frozenset(str(names[code]) for code in np.unique(money.code[self.at][np.isfinite(cost[self.at])]))

    def _costs(self) -> Iterator[tuple[str, Estimate]]:
        cost = self.read.numbers.get(self.roles.cost or "")
        if cost is None or len(self.currencies) > 1:
            return
        values = cost[self.at]
        per_row = mean(self.rows, values, plain, why=NO_ROWS)
        yield "cost_per_1000", _times(per_row, np.full(self.many, 1000.0))
        yield "cost_total", _times(per_row, per_row.n / self._spans)
        correct = self._correct()
        if correct is not None:
            yield "cost_per_correct", ratio(self.rows, np.where(correct[1], values, np.nan), correct[0].astype(float), why="no_labels")

    def _correct(self) -> tuple[Bools, Bools] | None:
        """Return which rows were decided as their label says, and which have both."""
        label, said = (self.read.levels.get(name or "") for name in (self.roles.label, self.roles.prediction))
        if label is None or said is None:
            return None
        same = {name: i for i, name in enumerate(label.names)}
        to = np.array([*(same.get(name, -2) for name in said.names), -1])
        answer, truth = to[said.code[self.at]], label.code[self.at]
        both = (truth >= 0) & (answer != -1)
        return both & (answer == truth), both


def _times(found: Estimate, factor: Floats) -> Estimate:
    """Return an estimate in another unit."""
    return Estimate(
        found.value * factor,
        found.variance * factor**2,
        found.lower * factor,
        found.upper * factor,
        found.n,
        found.reason,
        found.raw * factor,
    )


def _count(n: Floats, spans: Floats) -> Estimate:
    """Return counts of rows (w,) per window, known however few they are: windows left out as too small would say that there are more."""
    found = told(n / spans, plain(n / spans, np.sqrt(n) / spans), np.where(n > 0, np.inf, 0.0), why=NO_ROWS, low=0.0)
    return replace(found, n=n)
