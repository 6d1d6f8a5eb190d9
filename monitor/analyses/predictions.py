"""Does the model answer differently? Drift of its predictions and scores, and what it answers by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from monitor.analyses.apart import take_apart
from monitor.analyses.drift import DriftResult, measure_drift, measure_sides
from monitor.analyses.sides import Question
from monitor.analyses.splits import gather_by
from monitor.case import Case
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import ColumnMissingError
from monitor.profile import ColumnCounts
from monitor.tables import Contract
from monitor.vocabulary import WHOLE, Role, Task

OUTPUTS = (Role.PREDICTION, Role.SCORE, Role.CHALLENGER_PREDICTION, Role.CHALLENGER_SCORE)

OUTPUT = Contract(
    "model output",
    ("column", "measure", "window"),
    {
        "column": "prediction or score",
        "measure": "what is measured of it, such as 'mean' or 'share of 1'",
        "window": "id of the window, or 'whole' for the reference",
        "n": "rows with a value",
        "value": "share in 0..1 or mean in the unit of the column",
        "lower": "95 % interval of independent rows",
        "upper": "95 % interval of independent rows",
        "reference_value": "the same in the reference",
    },
)


def measure_predictions(
    workspace: Workspace,
    question: Question | None = None,
    *,
    by: str | None = None,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DriftResult:
    """Measure the drift of predictions and scores, as `measure_drift` does for features.

    With `by` also of each level of that column (see `gather_by`): the table then has the columns `output` and `segment`, and all of it is
    judged together. By the predicted class, scores are compared.

    Raises
    ------
    ColumnMissingError
        The case names neither a prediction nor a score, or there is no column `by`.
    SettingError
        `by` has no levels.
    """
    began, asked = datetime.now(UTC), question or Question()
    names = asked.columns or tuple(m.name for m in workspace.measured(roles=OUTPUTS))
    if not names:
        raise ColumnMissingError("The case names neither a prediction nor a score. Name the column in [roles] of case.toml.")
    asked = replace(asked, columns=names)
    if by is None:
        return measure_drift(workspace, asked, methods=methods, analysis="predictions", progress=progress, cancel=cancel)
    asked = take_apart(workspace, asked)
    sides = gather_by(workspace, asked, by, progress=progress, cancel=cancel)
    return measure_sides(workspace, sides, asked, methods=methods, analysis="predictions", began=began)


@dataclass(frozen=True, slots=True)
class _Series:
    measure: str
    value: NDArray[Any]
    n: NDArray[Any]
    lower: NDArray[Any]
    upper: NDArray[Any]


def summarise_output(result: DriftResult, case: Case) -> pd.DataFrame:
    """Return what the model answers by window: shares of predicted classes, means of scores and values (contract OUTPUT)."""
    rows: list[pd.DataFrame] = []
    for name, production in result.sides.production.columns.items():
        blocks = result.sides.blocks.columns[name]
        reference = blocks.take([range(len(blocks.counts))])
        for series, before in zip(_series(production, case), _series(reference, case), strict=True):
            rows.append(_rows(name, series, result.sides.production.windows.ids, float(before.value[0])))
    return OUTPUT.check(pd.concat(rows, ignore_index=True)) if rows else pd.DataFrame(columns=list(OUTPUT.columns))


def _rows(name: str, series: _Series, windows: Sequence[str], before: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": name,
            "measure": series.measure,
            "window": list(windows) if len(windows) == len(series.n) else [WHOLE],
            "n": series.n,
            "value": series.value,
            "lower": series.lower,
            "upper": series.upper,
            "reference_value": before,
        }
    )


def _series(counts: ColumnCounts, case: Case) -> list[_Series]:
    if counts.cells.numeric:
        return [_mean(counts)]
    return [_share(counts, level) for level in classes_shown(counts.cells.levels, case)]


def _mean(counts: ColumnCounts) -> _Series:
    n = counts.finite
    with np.errstate(invalid="ignore", divide="ignore"):
        half = float(stats.norm.ppf(0.975)) * counts.sd / np.sqrt(n)
    return _Series("mean", counts.mean, n, counts.mean - half, counts.mean + half)


def _share(counts: ColumnCounts, level: str) -> _Series:
    n = counts.counts[:, :-1].sum(axis=1)
    k = counts.counts[:, counts.cells.levels.index(level)]
    lower, upper = _wilson(k, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Series(f"share of {level}", k / n, n, lower, upper)


def _wilson(k: NDArray[Any], n: NDArray[Any], *, level: float = 0.95) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return lower and upper end of the Wilson (1927) interval of shares k / n, nan where n is 0."""
    z = float(stats.norm.ppf((1 + level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = k / n
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.asarray(middle - half), np.asarray(middle + half)


def classes_shown(levels: Sequence[str], case: Case) -> list[str]:
    """Return the classes whose share is followed: the positive one of a binary task, all (at most ten) of a multiclass one."""
    if case.task is not Task.BINARY:
        return list(levels[:10])
    positive = positive_level(levels, case)
    return [positive] if positive is not None else []


def positive_level(levels: Sequence[str], case: Case) -> str | None:
    """Return the level that means positive: the one that was named, else the larger or true one; None if it was never predicted."""
    named = case.roles.positive_class
    if named is None:
        return max(levels, default=None)
    texts = {str(named), str(named).lower()}
    if isinstance(named, float) and named.is_integer():
        texts.add(str(int(named)))
    return next((level for level in levels if level in texts), None)
