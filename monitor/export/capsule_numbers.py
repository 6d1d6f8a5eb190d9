"""The numbers of a capsule: which analysis gives each, in which cell, and how far another run may lie off."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from monitor.analyses.drift import measure_drift
from monitor.analyses.performance import measure_performance
from monitor.analyses.sides import Question
from monitor.engine import Selection, Workspace, count_rows, sample
from monitor.errors import DriftscopeError, SelectionError
from monitor.incidents.cause import Inverse
from monitor.incidents.picture import undone
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Kind, Task

MOST_ROWS = 1_000_000
"""Rows of a side that a capsule holds; of more a sample, the same one each time."""
EXACT, CLOSE = 0.0, 1e-9
"""How far a count, and how far any other number, may lie off (relative to it, at least to 1): sums of floats depend on their order."""
TOLD: Mapping[Task, tuple[str, ...]] = {
    Task.BINARY: ("precision", "recall", "roc_auc", "brier", "base_rate"),
    Task.REGRESSION: ("mae", "bias"),
    Task.MULTICLASS: ("accuracy",),
}
Analysis = Literal["rows", "values", "drift", "performance"]
UNDOABLE = frozenset({"affine", "map"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number: `value` as told, by which `analysis` and in which `cell` of it, and how far another run may lie off."""

    name: str
    analysis: Analysis
    cell: Mapping[str, str]
    value: float
    tolerance: float = CLOSE

    def holds(self, again: float | None) -> bool:
        """Say whether a number that was computed again is this one: within the tolerance that we would have given, whatever a file says."""
        allowed = min(self.tolerance, EXACT if self.analysis == "rows" else CLOSE)
        return again is not None and math.isfinite(again) and abs(again - self.value) <= allowed * max(1.0, abs(self.value))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What all numbers of a capsule are made of: the rows concerned, all rows of that time, the rows of the same segment before (SQL
    conditions; None: all rows), and what takes the cause away."""

    concerned: str | None = None
    meanwhile: str | None = None
    before: str | None = None
    columns: tuple[str, ...] = ()
    inverse: Inverse | None = None


@dataclass(frozen=True)
class Kitchen:
    """Computes numbers of a capsule from its data, each table once."""

    workspace: Workspace
    recipe: Recipe
    _tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def again(self, number: Number) -> float:
        """Compute a number.

        Raises
        ------
        DriftscopeError
            The data do not have what it is made of, or there is no such cell.
        """
        return _ANALYSES[number.analysis](self, number.cell)

    def numbers(self) -> Iterator[Number]:
        """Yield all numbers that the data of the capsule give."""
        for name, analysis, cell in self._asked():
            number = Number(name=name, analysis=analysis, cell=cell, value=0.0, tolerance=EXACT if analysis == "rows" else CLOSE)
            try:
                value = self.again(number)
            except DriftscopeError:
                continue
            if math.isfinite(value):
                yield replace(number, value=value)

    def _asked(self) -> Iterator[tuple[str, Analysis, Mapping[str, str]]]:
        for which, told in (
            ("concerned", "Rows concerned"),
            ("meanwhile", "All rows of that time"),
            ("before", "Rows of the segment before"),
        ):
            yield told, "rows", {"rows": which}
        roles = self.workspace.case.roles
        score = roles.score if isinstance(roles.score, str) else None
        for column in dict.fromkeys((*self.recipe.columns, *([score] if score else []))):
            if column in self.workspace.columns:
                yield from self._of_column(column, is_cause=column in self.recipe.columns)
        for metric in TOLD.get(self.workspace.case.task, ()):
            for rows, side in (("value", "in the rows concerned"), ("reference_value", "before")):
                yield f"{METRICS[metric].title} {side}", "performance", {"metric": metric, "field": rows}

    def _of_column(self, column: str, *, is_cause: bool) -> Iterator[tuple[str, Analysis, Mapping[str, str]]]:
        numeric = self.workspace.columns[column].kind is Kind.NUMERIC
        for rows, told in (("before", "before"), ("concerned", "now")):
            yield f"Share of {column} that is missing, {told}", "values", {"column": column, "number": "missing", "rows": rows}
            if numeric:
                yield f"Mean of {column}, {told}", "values", {"column": column, "number": "mean", "rows": rows}
        apart = "ks" if numeric else "tv"
        yield f"Distance of {column} to before ({apart})", "values", {"column": column, "number": apart, "rows": "concerned"}
        if is_cause and self.recipe.inverse is not None and self.recipe.inverse.kind in UNDOABLE:
            yield f"The same with the cause taken away ({apart})", "values", {"column": column, "number": apart, "rows": "undone"}
        yield f"Drift of {column} (psi)", "drift", {"column": column, "method": "psi", "field": "score"}

    def selection(self, rows: str) -> Selection:
        """Return a set of rows by its name in the recipe.

        Raises
        ------
        SelectionError
            There is none of that name.
        """
        if rows not in _ROWS:
            raise SelectionError(f"There are no rows '{rows[:40]}' in a capsule. Rows are: {', '.join(_ROWS)}.")
        return Selection(_ROWS[rows], where=getattr(self.recipe, rows))

    @cached_property
    def question(self) -> Question:
        """Return the rows concerned beside those of the same segment before, as one window."""
        columns = tuple(name for name in self.recipe.columns if name in self.workspace.columns)
        return Question(
            reference=self.selection("before"), production=self.selection("concerned"), windows="whole", columns=columns or None
        )

    def frame(self, rows: str) -> pd.DataFrame:
        """Return the columns of some rows that numbers are made of."""
        if rows not in self._tables:
            names = [*self.recipe.columns, *(one for one in [self.workspace.case.roles.score] if isinstance(one, str))]
            selection = self.selection(rows)
            known = [name for name in dict.fromkeys(names) if selection.data in _types(self.workspace, name)]
            self._tables[rows] = sample(self.workspace, selection, known, rows=MOST_ROWS).to_pandas()
        return self._tables[rows]

    def table(self, analysis: Literal["drift", "performance"]) -> pd.DataFrame:
        """Return the measured table of an analysis."""
        if analysis not in self._tables:
            if analysis == "drift":
                self._tables[analysis] = measure_drift(self.workspace, self.question, methods=("psi",)).table
            else:
                self._tables[analysis] = measure_performance(self.workspace, replace(self.question, columns=None)).table
        return self._tables[analysis]


_ROWS = {"concerned": "production", "meanwhile": "production", "before": "reference"}


def _types(workspace: Workspace, name: str) -> Mapping[str, Any]:
    return workspace.columns[name].types if name in workspace.columns else {}


def _rows(kitchen: Kitchen, cell: Mapping[str, str]) -> float:
    return float(count_rows(kitchen.workspace, kitchen.selection(cell.get("rows", ""))))


def _values(kitchen: Kitchen, cell: Mapping[str, str]) -> float:
    column, number, rows = (cell.get(name, "") for name in ("column", "number", "rows"))
    taken = kitchen.frame("concerned" if rows == "undone" else rows)
    if column not in taken:
        raise SelectionError(f"The capsule has no column '{column[:80]}' in these rows.")
    values = taken[column]
    if rows == "undone":
        back = undone(taken, column, kitchen.recipe.inverse) if kitchen.recipe.inverse is not None else None
        if back is None:
            raise SelectionError(f"Nothing takes the change of '{column[:80]}' away.")
        values = back
    if number == "missing":
        return float(values.isna().mean())
    if number == "mean":
        return float(pd.to_numeric(values, errors="coerce").astype(float).mean())
    if number not in _APART:
        raise SelectionError(f"There is no number '{number[:40]}' of values.")
    return _APART[number](kitchen.frame("before")[column].dropna(), values.dropna())


def _ks(before: pd.Series[Any], now: pd.Series[Any]) -> float:
    """Return the largest distance between the two distribution functions."""
    from scipy.stats import ks_2samp

    if not len(before) or not len(now):
        return math.nan
    return float(ks_2samp(before.astype(float), now.astype(float), method="asymp").statistic)


def _tv(before: pd.Series[Any], now: pd.Series[Any]) -> float:
    """Return half the sum of differences of the shares of levels."""
    if not len(before) or not len(now):
        return math.nan
    shares = pd.concat([one.astype(str).value_counts(normalize=True) for one in (before, now)], axis=1).fillna(0.0)
    return float(np.abs(shares.iloc[:, 0] - shares.iloc[:, 1]).sum() / 2)


_APART: Mapping[str, Callable[[pd.Series[Any], pd.Series[Any]], float]] = {"ks": _ks, "tv": _tv}


def _cell_of(kitchen: Kitchen, analysis: Literal["drift", "performance"], cell: Mapping[str, str], keys: tuple[str, ...]) -> float:
    table, wanted = kitchen.table(analysis), cell.get("field", "")
    rows = table[np.logical_and.reduce([table[key].astype(str) == cell.get(key, "") for key in keys])]
    rows = rows[rows["segment"].isna() & rows["class"].isna()] if analysis == "performance" else rows
    if len(rows) != 1 or wanted not in ("score", "value", "reference_value") or wanted not in rows:
        raise SelectionError(f"'{analysis}' has no cell {dict(cell)}.")
    return float(rows.iloc[0][wanted])


_ANALYSES: Mapping[str, Callable[[Kitchen, Mapping[str, str]], float]] = {
    "rows": _rows,
    "values": _values,
    "drift": lambda kitchen, cell: _cell_of(kitchen, "drift", cell, ("column", "method")),
    "performance": lambda kitchen, cell: _cell_of(kitchen, "performance", cell, ("metric",)),
}
