"""The metrics of a case's own: a numerator and a denominator per row, in SQL or by a trusted function of Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.case_code import CaseCode
from monitor.analyses.own import function_of
from monitor.case import Case, MetricSection, trust_of
from monitor.engine import OutcomeRows
from monitor.errors import MethodError
from monitor.stats.performance.catalogue import METRICS, Aspect, Metric
from monitor.stats.performance.estimates import Estimate, ratio
from monitor.stats.performance.labelled import Labelled
from monitor.tables import Skipped
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NO_ROWS = "denominator_is_zero"
WORSE: Mapping[str, float | None] = {"more": math.inf, "less": -math.inf, "": None}
RELATIVE = 0.05
"""Smallest change that matters where the case names none: a twentieth of the reference's value."""


@dataclass(frozen=True, slots=True)
class OwnMetric:
    """One metric: what is read for it (`expressions`, or `numbers` and `levels` for its `function`)."""

    section: MetricSection
    function: Callable[..., object] | None = None

    @property
    def row(self) -> Metric:
        """Its row in the catalogue."""
        one = self.section
        floor, title = RELATIVE if one.floor is None else float(one.floor), one.title or one.id.replace("_", " ").capitalize()
        every = frozenset({Task.BINARY, Task.MULTICLASS, Task.REGRESSION})
        of = one.denominator or "labelled rows"
        return Metric(one.id, title, every, Aspect.OWN, WORSE[one.better], floor, of, relative=one.floor is None, leads=True)

    @property
    def expressions(self) -> Mapping[str, str]:
        """SQL by the names under which it is kept."""
        one = self.section
        return {} if one.function else {self._key("above"): one.numerator, self._key("below"): one.denominator or "1"}

    def _key(self, part: str) -> str:
        return f"own metric {self.section.id}: {part}"

    def measured(self, rows: Labelled, at: Bools, read: OutcomeRows) -> Estimate:
        """Return the metric of some rows by window.

        Raises
        ------
        MethodError
            Its function fails, or returns something else than it should.
        """
        if self.function is None:
            above, below = (read.numbers[self._key(part)][at] for part in ("above", "below"))
        else:
            above, below = self._called(at, read)
        return ratio(rows, above, below, why=NO_ROWS)

    def _called(self, at: Bools, read: OutcomeRows) -> tuple[Floats, Floats]:
        assert self.function is not None  # noqa: S101 - asked only where there is one
        table = pd.DataFrame({name: _values(name, at, read) for name in self.section.columns})
        try:
            answer = self.function(table)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an analyst's own code may raise anything; it is told, not hidden
            raise MethodError(f"Metric '{self.section.id}' failed with {type(error).__name__}: {str(error)[:300]}") from error
        return _two(self.section.id, answer, len(table))


def _values(name: str, at: Bools, read: OutcomeRows) -> object:
    if name in read.numbers:
        return read.numbers[name][at]
    levels = read.levels[name]
    return np.array([*levels.names, None], dtype=object)[levels.code[at]]


def _two(name: str, answer: object, n: int) -> tuple[Floats, Floats]:
    """Return what a function answered as two arrays with an entry per row."""
    parts = answer if isinstance(answer, tuple) else (answer, np.ones(n))
    try:
        above, below = (np.asarray(part, dtype=np.float64) for part in parts)
    except (TypeError, ValueError, OverflowError) as error:
        raise MethodError(f"Metric '{name}' must return a numerator, or a numerator and a denominator, as arrays of numbers.") from error
    if above.shape != (n,) or below.shape != (n,):
        raise MethodError(
            f"Metric '{name}' returned arrays of shape {above.shape} and {below.shape} for {n} rows; it must be one number a row."
        )
    return above, below


@dataclass(frozen=True, slots=True)
class OwnMetrics:
    """The metrics of a case's own that can be measured, and those that were `refused`, each with why."""

    metrics: tuple[OwnMetric, ...] = ()
    refused: tuple[Skipped, ...] = ()
    catalogue: Mapping[str, Metric] = field(default_factory=lambda: METRICS)

    def columns(self) -> tuple[str, ...]:
        """Return the columns that functions are given."""
        return tuple(dict.fromkeys(name for one in self.metrics if one.function for name in one.section.columns))


NO_METRICS = OwnMetrics()


def own_metrics_of(case: Case) -> OwnMetrics:
    """Return the metrics of a case; code that the receiver does not trust never runs.

    Raises
    ------
    MethodError
        One has the id of a metric of ours.
    """
    twice = next((one.id for one in case.metrics if one.id in METRICS), None)
    if twice is not None:
        raise MethodError(f"'{twice}' is a metric of ours; give yours in [[metrics]] another id.")
    found, refused = _loaded(case)
    return OwnMetrics(found, refused, {**METRICS, **{one.section.id: one.row for one in found}})


def _loaded(case: Case) -> tuple[tuple[OwnMetric, ...], tuple[Skipped, ...]]:
    found: list[OwnMetric] = []
    refused: list[Skipped] = []
    folders: dict[str, CaseCode] = {}
    trust = trust_of(case) if any(one.function for one in case.metrics) else None
    for section in case.metrics:
        if trust is None or not section.function:
            found.append(OwnMetric(section))
            continue
        try:
            found.append(OwnMetric(section, function_of(section, trust, folders)))
        except MethodError as error:
            refused.append(Skipped(section.id, "not_loaded" if trust.given else "not_trusted", str(error)))
    return tuple(found), tuple(refused)
