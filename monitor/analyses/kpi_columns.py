"""Columns that goals are set on: the mean of one by window, or the share of rows without it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import MISSING, Wanted, Workspace, read_outcomes
from monitor.errors import KindError
from monitor.vocabulary import Kind

COLUMN, EMPTY = "column:", "missing:"


def measure_columns(workspace: Workspace, metrics: Sequence[str], question: Question | None = None) -> pd.DataFrame:
    """Return `window, metric, value, n, mature` of metrics "column:NAME" (its mean) and "missing:NAME" (share of rows without it).

    Raises
    ------
    ColumnMissingError
        There is no such column.
    KindError
        The mean of a column is asked for that holds no numbers.
    """
    question = question or Question()
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    parts = [_measured(workspace, metric, question, size) for metric in metrics]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["window", "metric", "value", "n", "mature"])


def _measured(workspace: Workspace, metric: str, question: Question, size: WindowSize) -> pd.DataFrame:
    kind, name = (COLUMN, metric.removeprefix(COLUMN)) if metric.startswith(COLUMN) else (EMPTY, metric.removeprefix(EMPTY))
    info = workspace.schema.info(name)
    if kind == COLUMN and info.kind is not Kind.NUMERIC:
        raise KindError(f"A goal is set on the mean of '{name}', which holds no numbers. Write 'missing:{name}', or name another column.")
    wanted = Wanted(numbers=(name,)) if kind == COLUMN else Wanted(filled=(name,))
    read = read_outcomes(workspace, question.production, size, wanted)
    values = read.numbers[name if kind == COLUMN else MISSING]
    known = np.isfinite(values)
    n = np.bincount(read.window[known], minlength=len(read.windows))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(read.window[known], values[known], len(read.windows)) / n
    return pd.DataFrame({"window": read.windows.ids, "metric": metric, "value": mean, "n": n, "mature": ~cut_short(size, read.rows)})
